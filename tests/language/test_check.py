"""A whole ruleset checked: the order in which it can be run, and what one mistake does to the rest.

The mistakes themselves are in tests/cases.
"""

from decimal import Decimal

import pytest

from service.language.check import Check, check_ruleset
from service.language.expressions import engine_context
from service.language.model import Ruleset
from service.language.program import ComponentRule
from service.language.shape import shape_ruleset
from service.language.types import Type

NUMBER = {"key": "n", "type": "number"}


def ruleset(**members):
    """The model of a ruleset with one number."""
    found, diagnostics = shape_ruleset({"format": 1, "key": "r", "attributes": [NUMBER], **members})
    assert found is not None, diagnostics
    return found


def checked(**members):
    """The rules of a ruleset without mistakes."""
    rules, found = check_ruleset(ruleset(**members))
    assert rules is not None, found
    return rules


def codes(**members):
    """(code, pointer) of everything found in a ruleset with mistakes, which gets no rules."""
    rules, found = check_ruleset(ruleset(**members))
    assert rules is None
    return [(one.code, one.pointer) for one in found]


def tag(key, when, **members):
    """A tag with a condition."""
    return {"key": key, "when": when, **members}


def test_an_empty_ruleset_has_nothing_wrong():
    """A ruleset of attributes alone can be run: it decides nothing."""
    rules = checked()
    assert rules.order == ()


def test_each_construct_stands_behind_what_it_reads():
    """The order follows what is read, whatever the order in the document, and the document's where nothing is read."""
    rules = checked(
        values=[{"key": "last", "expression": "tag.a ? first : 0"}, {"key": "first", "expression": "score.s + 1"}],
        scores=[{"key": "s", "components": [{"key": "c", "weight": 1, "value": "n"}]}],
        tiers=[{"key": "t", "input": "last", "bands": [{"key": "low"}]}],
        tags=[tag("b", "days_since(since.stage) > 3"), tag("a", "n > 1"), tag("c", "since.tier.t != null")],
        lifecycle={
            "initial": "new",
            "stages": [{"key": "new"}, {"key": "old"}],
            "transitions": [{"key": "age", "from": ["*"], "to": "old", "movement": "churn", "when": "tag.c"}],
        },
    )
    assert rules.order == (
        ("score", "s"),
        ("value", "first"),
        ("tag", "a"),
        ("value", "last"),
        ("tier", "t"),
        ("tag", "c"),
        ("stage", ""),
        ("tag", "b"),
    )


def test_a_group_is_decided_in_its_order_and_its_default_last():
    """Each tag of an exclusive group waits for those listed before it, the default for all; other groups don't care."""
    members = [
        {"key": "rest", "group": "g"},
        tag("late", "n > 3", group="free"),
        tag("early", "n > 2 and not tag.late", group="free"),
    ]
    rules = checked(
        tag_groups=[{"key": "g", "exclusive": True, "default": "rest"}, {"key": "free"}],
        tags=[tag("first", "n > 5 and tag.early", group="g"), tag("second", "n > 1", group="g"), *members],
    )
    assert [key for _, key in rules.order] == ["late", "early", "first", "second", "rest"]


def test_scores_know_their_parts():
    """A component has its exact weight, its points by start, and the score it is, if it is one."""
    rules = checked(
        scores=[
            {
                "key": "s",
                "components": [
                    {
                        "key": "a",
                        "weight": Decimal("0.5"),
                        "input": "n",
                        "points": [{"points": 100}, {"from": 7, "points": 0}],
                    },
                    {"key": "b", "weight": 2, "value": "score.other"},
                    {"key": "c", "weight": 1, "input": "score.other", "points": [{"points": 1}]},
                ],
            },
            {"key": "other", "components": [{"key": "a", "weight": 1, "value": "n"}]},
        ]
    )
    first, second, third = rules.scores["s"]
    assert first == ComponentRule(Decimal("0.5"), first.tree, ((None, Decimal(100)), (Decimal(7), Decimal(0))))
    assert (second.of_score, second.points, third.of_score) == ("other", None, None)


def test_every_mistake_is_told_at_once():
    """Mistakes in different places don't hide each other, and a wrong value does not make its readers wrong."""
    assert codes(
        values=[{"key": "v", "expression": "n +"}, {"key": "w", "expression": "v + m"}],
        scores=[
            {
                "key": "s",
                "components": [{"key": "a", "weight": 1, "value": "v * 2"}, {"key": "b", "weight": 1, "value": "x"}],
            }
        ],
        tags=[tag("a", "v > 3 and score.s > 3 and n"), tag("b", "w > 3", group="none")],
    ) == [
        ("unknown-group", "/tags/1/group"),
        ("syntax", "/values/0/expression"),
        ("unknown-name", "/values/1/expression"),
        ("unknown-name", "/scores/0/components/1/value"),
        ("not-a-condition", "/tags/0/when"),
    ]


def test_a_wrong_case_leaves_the_value_without_a_type():
    """A decision list with one wrong condition is told once, and its readers are not."""
    assert codes(
        values=[{"key": "v", "cases": [{"when": "m > 1", "then": 1}, {"when": "n > 1", "then": 2}], "otherwise": 3}],
        tags=[tag("a", "v > 2 or v.weekday == 'Monday'")],
    ) == [("unknown-name", "/values/0/cases/0/when")]


def test_a_cycle_is_told_once():
    """Constructs that depend on each other are told with the circle; those that only read them are not."""
    assert codes(
        tags=[tag("a", "tag.b"), tag("b", "not tag.a or n > 3"), tag("c", "tag.d or tag.a"), tag("d", "tag.c")]
    ) == [("cycle", "/tags/0")]
    lifecycle = {
        "initial": "new",
        "stages": [{"key": "new"}, {"key": "old"}],
        "transitions": [{"key": "age", "from": ["new"], "to": "old", "movement": "churn", "when": "tag.b"}],
    }
    assert codes(tags=[tag("a", "stage == 'new'"), tag("b", "stage == 'old'")], lifecycle=lifecycle) == [
        ("cycle", "/lifecycle")
    ]


@pytest.mark.parametrize(
    "text", ["-" * 150 + "n > 3", "-" * 400 + "n > 3", " or ".join(["n > 3"] * 90), "(" * 400 + "n > 3" + ")" * 400]
)
def test_a_hostile_expression_is_answered(text):
    """However deep or wide an expression is, it gets an answer and never exhausts the reader."""
    rules, found = check_ruleset(ruleset(tags=[tag("a", text)]))
    assert (rules is None) is ([one.code for one in found] == ["limit-exceeded"])


def test_a_chain_counts_as_one_level():
    """Forty conditions joined by `and` are no deeper than two."""
    assert checked(tags=[tag("a", " and ".join(f"n > {index}" for index in range(40)))])


def test_what_the_rule_engine_refuses_is_refused():
    """The rule engine has the last word on types: its complaint is an error at the expression."""
    check = Check(Ruleset(key="r", timezone="UTC", attributes=ruleset().attributes))
    check.engine = ({}, engine_context({"n": Type.STRING}, {}))
    assert check.expression("/here", "n + 1") is None
    assert [(one.code, one.pointer, one.span) for one in check.found] == [("type-mismatch", "/here", (0, 5))]


@pytest.mark.parametrize(
    "text", ["n + 1 / 0", "n // (3 - 3)", "n + 5 % 0", "days_since(d'9999-12-31' + t'P9D')", "n + 9e27 * 9e27"]
)
def test_a_constant_without_a_result_is_unknown_and_no_mistake(text):
    """Arithmetic that has no result is unknown wherever it stands, also between constants."""
    rules = checked(values=[{"key": "v", "expression": text}])
    assert rules.values["v"].nullable
