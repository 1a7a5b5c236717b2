"""Types of expressions: what each part is, whether it may be unknown, and where it stands.

Mistakes are in tests/cases.
"""

from decimal import Decimal

import pytest

from service.language.check import Check
from service.language.literals import fits_number
from service.language.model import Duration
from service.language.scope import nearest
from service.language.shape import shape_ruleset
from service.language.tree import (
    Binary,
    Call,
    Choice,
    Listing,
    Literal,
    Logic,
    Member,
    Reference,
    Unary,
    references,
    walk,
)
from service.language.types import Type

RULESET = {
    "format": 1,
    "key": "types",
    "timezone": "Asia/Shanghai",
    "attributes": [
        {"key": "n", "type": "number"},
        {"key": "i", "type": "integer", "default": 0},
        {"key": "s", "type": "string", "enum": ["x", "y"]},
        {"key": "name", "type": "string", "default": "x"},
        {"key": "t", "type": "datetime"},
        {"key": "day", "type": "date", "default": "2026-01-01"},
        {"key": "b", "type": "boolean", "default": True},
        {"key": "xs", "type": "strings"},
    ],
    "values": [
        {"key": "half", "expression": "i / 2"},
        {
            "key": "ladder",
            "cases": [{"when": "b", "then": "up"}, {"when": "i > 3", "then": "down"}],
            "otherwise": "flat",
        },
        {"key": "shaky", "cases": [{"when": "n > 3", "then": 1}], "otherwise": 0},
        {"key": "flags", "cases": [{"when": "b", "then": True}], "otherwise": False},
        {"key": "lists", "cases": [{"when": "b", "then": ["a"]}], "otherwise": []},
        {"key": "plain", "expression": "name.as_lower"},
        {"key": "moving", "expression": "b ? $now : t"},
    ],
    "scores": [{"key": "heat", "components": [{"key": "a", "weight": 1, "value": "i"}]}],
    "tiers": [{"key": "band", "input": "i", "bands": [{"key": "low"}, {"key": "high", "from": 5}]}],
    "tags": [{"key": "vip", "when": "i > 3"}],
    "lifecycle": {"initial": "new", "stages": [{"key": "new"}]},
}


@pytest.fixture(scope="module")
def check():
    """A check whose names are those of the ruleset above."""
    ruleset, _ = shape_ruleset(RULESET)
    return Check(ruleset)


def typed(check, text):
    """The tree of an expression without mistakes."""
    found = check.expression("/here", text)
    assert found is not None, [one.message["en"] for one in check.found]
    return found


@pytest.mark.parametrize(
    ("text", "kind", "nullable"),
    [
        ("n", Type.NUMBER, True),
        ("i", Type.NUMBER, False),
        ("name", Type.STRING, False),
        ("day", Type.DATETIME, False),
        ("xs", Type.STRINGS, True),
        ("half", Type.NUMBER, True),
        ("ladder", Type.STRING, False),
        ("shaky", Type.NUMBER, True),
        ("flags", Type.BOOLEAN, False),
        ("lists", Type.STRINGS, False),
        ("score.heat", Type.NUMBER, True),
        ("tier.band", Type.STRING, True),
        ("tag.vip", Type.BOOLEAN, False),
        ("stage", Type.STRING, False),
        ("since.stage", Type.DATETIME, False),
        ("since.tag.vip", Type.DATETIME, True),
        ("since.tier.band", Type.DATETIME, True),
        ("since.stage.year", Type.NUMBER, False),
        ("tier.band.as_upper.length", Type.NUMBER, True),
        ("$now", Type.DATETIME, False),
        ("$today", Type.DATETIME, False),
        ("n == 3", Type.BOOLEAN, True),
        ("i == 3", Type.BOOLEAN, False),
        ("n == null", Type.BOOLEAN, False),
        ("null != n", Type.BOOLEAN, False),
        ("i + 1", Type.NUMBER, True),
        ("-i", Type.NUMBER, False),
        ("-n", Type.NUMBER, True),
        ("not b", Type.BOOLEAN, False),
        ("b and n > 3", Type.BOOLEAN, True),
        ("b or tag.vip or i > 3", Type.BOOLEAN, False),
        ("b ? i : 2", Type.NUMBER, False),
        ("b ? n : 2", Type.NUMBER, True),
        ("n > 3 ? 1 : 2", Type.NUMBER, True),
        ("n ?? i", Type.NUMBER, False),
        ("n ?? score.heat", Type.NUMBER, True),
        ("i in [1, 2]", Type.BOOLEAN, False),
        ("i in [1, n]", Type.BOOLEAN, True),
        ("n not in [1, 2]", Type.BOOLEAN, True),
        ("s in xs", Type.BOOLEAN, True),
        ("'a' in name", Type.BOOLEAN, False),
        ("[1, 2]", Type.NUMBERS, False),
        ("[name, s]", Type.STRINGS, True),
        ("[]", Type.STRINGS, False),
        ("[b, true]", Type.BOOLEANS, False),
        ("[day, t]", Type.DATETIMES, True),
        ("day + t'P1D'", Type.DATETIME, True),
        ("days_since(day)", Type.NUMBER, False),
        ("days_since(t)", Type.NUMBER, True),
        ("within(day, 'P1M')", Type.BOOLEAN, False),
        ("latest(t, day)", Type.DATETIME, False),
        ("latest(t, since.tag.vip)", Type.DATETIME, True),
        ("scale(i, 0, 5)", Type.NUMBER, True),
        ("share(i, 5)", Type.NUMBER, True),
        ("clamp(i, 0, 5)", Type.NUMBER, False),
        ("bucket('x')", Type.NUMBER, False),
        ("day.date", Type.DATETIME, False),
        ("t.weekday", Type.STRING, True),
        ("name.starts_with('a')", Type.BOOLEAN, False),
        ("name.starts_with(s)", Type.BOOLEAN, True),
        ("any_of(xs, ['a'])", Type.BOOLEAN, True),
    ],
)
def test_every_part_has_a_type_and_may_or_may_not_be_unknown(check, text, kind, nullable):
    """An expression has one type, and is only said never to be unknown where it never is."""
    found = typed(check, text)
    assert (found.type, found.nullable) == (kind, nullable)


def test_the_tree_says_what_was_written(check):
    """Operators, names, constants and calls come out as nodes, an `and` of many parts as one."""
    tree = typed(
        check, "b and not tag.vip and (n ?? 0) > -1.50 and s in ['x', name] and latest(t, day) < d'2026-02-06'"
    )
    kinds = [type(node) for node in tree.parts]
    assert (type(tree), tree.operator) == (Logic, "and")
    assert kinds == [Reference, Unary, Binary, Member, Binary]
    assert tree.parts[2].right == Literal(type=Type.NUMBER, span=tree.parts[2].right.span, value=Decimal("-1.50"))
    assert isinstance(tree.parts[3].container, Listing)
    assert tree.parts[4].right.value == 1_770_307_200_000
    assert [(one.root, one.key) for one in references(tree)] == [
        ("attribute", "b"),
        ("tag", "vip"),
        ("attribute", "n"),
        ("attribute", "s"),
        ("attribute", "name"),
        ("attribute", "t"),
        ("attribute", "day"),
    ]


def test_parentheses_keep_a_chain_apart(check):
    """`(a and b) and c` is grouped as its author grouped it, `a and b or c` by precedence."""
    assert [type(one) for one in typed(check, "(b and tag.vip) and flags").parts] == [Logic, Reference]
    assert [type(one) for one in typed(check, "b and tag.vip or flags").parts] == [Logic, Reference]
    assert len(typed(check, "b or tag.vip or flags").parts) == 3


def test_every_part_knows_its_place(check):
    """A part's span is the text it was written in, blanks and line breaks around it left out."""
    text = "name.as_lower == 'x'\n  and days_since( latest(t, day) ) >= 7"
    spans = {type(node): text[slice(*node.span)] for node in walk(typed(check, text))}
    assert spans[Logic] == text
    assert spans[Binary] == "days_since( latest(t, day) ) >= 7"
    assert spans[Call] == "latest(t, day)"
    assert spans[Literal] == "7"


def test_periods_and_spans_are_read_once(check):
    """The period of `within` is a duration, a span added to a date is milliseconds, one taken away is negative."""
    period = typed(check, "within(t, 'P1M')").parts[1]
    assert (period.type, period.value) == (Type.SPAN, Duration("P1M", months=1))
    assert typed(check, "t'PT1S' + t").right.value == 1000
    assert typed(check, "t - t'PT1S'").right.value == -1000


def test_a_decision_list_is_its_nested_choice(check):
    """`cases` read as `a ? x : b ? y : z`, in their order."""
    tree = check.value("ladder")
    assert isinstance(tree, Choice)
    assert (tree.then.value, tree.otherwise.then.value, tree.otherwise.otherwise.value) == ("up", "down", "flat")
    assert tree.otherwise.condition == typed(check, "i > 3")


def test_what_moves_with_the_clock_is_known_by_any_name(check):
    """`$now` hidden in a value, a choice or a sum is still refused beside `==`."""
    for text in ("moving == t", "t != moving", "moving in [t]", "(moving + t'P1D').hour == 3"):
        before = len(check.found)
        assert check.expression("/here", text) is None
        assert [one.code for one in check.found[before:]] == ["forbidden-construct"]
    assert typed(check, "$now.date == t.date or days_since(moving) == 3 or $today == t").type is Type.BOOLEAN


def test_words_are_checked_where_their_choice_is_known(check):
    """A text from anywhere is not held against a list of words."""
    assert typed(check, "plain == 'anything' or name == 'anything' or s == 'x' or 'x' == s").type is Type.BOOLEAN
    assert typed(check, "ladder == 'flat' or tier.band in ['low', name]").type is Type.BOOLEAN


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("1234567890123456789012345678", True),
        ("12345678901234567890123456789", False),
        ("0.0000000000000000000000000001", True),
        ("0.00000000000000000000000000001", False),
        ("1e27", True),
        ("1e28", False),
        ("1e99999", False),
        ("1e-99999", False),
        ("0e9999", True),
        ("0e10000", False),
        ("0", True),
        ("-7.50", True),
    ],
)
def test_a_number_has_at_most_28_digits_written_out(number, fits):
    """Zeros before and behind count, so that no short text stands for a huge number."""
    assert fits_number(Decimal(number)) is fits


def test_the_nearest_name_is_one_that_looks_alike():
    """A misspelled name leads to the one meant, a strange one to none."""
    assert nearest("articels", ["articles", "clicks"]) == "articles"
    assert nearest("weather", ["articles", "clicks"]) is None
