"""A condition as text and as rows is one condition."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.console.conditions import BARE, PATTERNS, Group, Refusal, Row, pruned, quoted, row_text, text_of, tree_of
from service.console.editing.builder import Builder, GroupView, changed
from service.console.editing.names import Name
from service.language.diff.conditions import same
from service.language.rewrite import in_expressions, read

ROOT = Path(__file__).parents[2]
SUBJECTS = st.sampled_from(
    ["visits", "tag.vip", "score.activity", "latest(seen_at, joined_at)", "2 * visits + 1", "stage"]
)
NUMBERS = st.integers(-99, 99).map(str)
TEXTS = st.text("ab'\\\" é", max_size=5).map(quoted)
VALUES = st.one_of(
    NUMBERS, TEXTS, st.sampled_from(["true", "d'2027-02-06'", "visits - 1", "['a', 'b']", "[1, 2]", "(a ?? 1)"])
)
FALLBACKS = st.sampled_from(["", "", "0", "false", "other ?? 1"])


@st.composite
def rows(draw):
    """Complete rows of every operator."""
    operator = draw(st.sampled_from(sorted(PATTERNS)))
    value = "" if operator in BARE else "P7D" if "within" in operator else draw(VALUES)
    return Row(draw(SUBJECTS), operator, value, draw(FALLBACKS))


GROUPS = st.recursive(
    rows(),
    lambda inner: st.builds(
        Group, st.sampled_from(["all", "any", "none"]), st.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=6,
).map(lambda one: one if isinstance(one, Group) else Group("all", (one,)))


@settings(deadline=None, max_examples=150)
@given(GROUPS)
def test_rows_say_what_their_text_says(tree):
    """Whatever is built of rows and shown again from its text still means the same, or is shown as text only."""
    text = text_of(tree)
    again = tree_of(text)

    assert read(text) is not None, text
    if not isinstance(again, Refusal):
        assert same(read(text_of(again)), read(text))


PARTS = st.one_of(
    rows().map(row_text),
    st.sampled_from(
        [
            "15 <= visits",
            "visits",
            "visits > (other ?? 3)",
            "(a ? b : c)",
            "not not vip",
            "xs.length > 2",
            "(a or b) == c",
        ]
    ),
)
TREES = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda one: f"({one[0]}) {one[1]} ({one[2]})"),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=150)
@given(TREES)
def test_a_text_is_shown_as_it_means_or_not_at_all(text):
    """Rows made of a text mean what the text means; a text that rows can't say is refused, never changed."""
    tree = tree_of(text)

    if isinstance(tree, Refusal):
        assert tree.reason in {"unreadable", "unusual"}
    else:
        assert same(read(text_of(tree)), read(text))


@pytest.mark.parametrize("file", sorted((ROOT / "rulesets").glob("*.json")), ids=lambda file: file.stem)
def test_every_condition_that_ships_can_be_built_of_rows(file):
    """No condition of a shipped ruleset needs its text."""
    refused = []

    def look(text):
        tree = tree_of(text)
        is_condition = any(word in text for word in (" and ", " or ", "not ", "==", ">=", "<=", "within("))
        if isinstance(tree, Refusal) and is_condition and "?" not in text:
            refused.append(text)
        return text

    in_expressions(json.loads(file.read_text()), look)
    assert refused == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("visits >", "unreadable"),
        ("visits > 1 ? vip : stale", "unusual"),
        ("scale(visits, 0, 10)", "unusual"),
        ("true", "unusual"),
    ],
)
def test_what_rows_can_not_show_says_why(text, reason):
    """A text without rows is refused with a reason."""
    assert tree_of(text).reason == reason


def test_an_unfinished_row_says_nothing():
    """Rows that are still being filled in, and groups of nothing else, leave the condition as it is."""
    begun = Group("all", (Row("visits", ">=", "3"), Row("plan", "=="), Group("any", (Row(), Row()))))

    assert text_of(begun) == "visits >= 3"
    assert pruned(Group("any", (Row(),))) is None
    assert text_of(Group("all")) == ""


NAMES = [
    Name("visits", "Visits", "attribute", "number"),
    Name("seen_at", "Seen", "attribute", "datetime"),
    Name("plan", "Plan", "attribute", "string", (("free", "Free"), ("paid", "Paid"))),
    Name("topics", "Topics", "attribute", "strings"),
    Name("tag.vip", "VIP", "tag", "boolean"),
]


def fields_of(view, path):
    """The fields that a form of a group sends."""
    sent = {f"{path}:{view.place}:kind": view.kind}
    for one in view.items:
        if isinstance(one, GroupView):
            sent |= fields_of(one, path)
        else:
            facts = {
                name: getattr(one, name)
                for name in ("subject", "was", "operator", "widget", "value", "unit", "fallback")
            }
            sent |= {f"{path}:{one.place}:{name}": value for name, value in facts.items()}
            sent |= {f"{path}:{one.place}:formula": "yes"} if one.has_formula else {}
    return sent


def sent_back(text, **changes):
    """What a form of a condition says, some of its fields changed (by the end of their names)."""
    builder = Builder(NAMES)
    sent = fields_of(builder.view(tree_of(text)), "when")
    sent |= {name: value for end, value in changes.items() for name in list(sent) if name.endswith(f":{end}")}
    first = {name: value[0] if isinstance(value, list) and value else value or "" for name, value in sent.items()}
    lists = {name: value if isinstance(value, list) else [value] for name, value in sent.items()}
    return text_of(builder.posted("when", first.get, lambda name: lists.get(name, [])))


@pytest.mark.parametrize(
    "text",
    [
        "visits >= 3 and not tag.vip",
        "days_since(seen_at) >= 15",
        "not (plan == 'paid' or plan in ['free', 'paid'])",
        "within(seen_at, 'P7D') or not within(seen_at, 'P1M') or within(seen_at, 'P1DT2H')",
        "'a' in topics and any_of(topics, ['a', 'b'])",
        "(visits ?? 0) > 2 and visits < 2 * 3 and visits in [1, 2]",
        "seen_at >= d'2026-01-01' and seen_at != null",
    ],
)
def test_a_form_that_nobody_touched_changes_nothing(text):
    """What a condition's form sends back as it was means what the condition meant."""
    assert same(read(sent_back(text)), read(text))


def test_another_number_is_another_condition():
    """A business user changes 15 days to 10 by typing 10."""
    assert sent_back("days_since(seen_at) >= 15", value="10") == "days_since(seen_at) >= 10"
    assert sent_back("within(seen_at, 'P15D')", value="10", unit="TH") == "within(seen_at, 'PT10H')"
    assert sent_back("plan == 'paid'", value="free") == "plan == 'free'"
    assert sent_back("plan == 'paid'", operator="in") == "plan in ['paid']"


def test_a_value_that_does_not_fit_another_subject_is_left_out():
    """Who chooses another subject fills in its value anew; nothing is written that has the wrong type."""
    assert sent_back("plan == 'paid'", subject="seen_at") == ""
    assert sent_back("days_since(seen_at) >= 15", subject="visits") == "visits == 15"
    assert sent_back("days_since(seen_at) >= 15", subject="tag.vip") == "tag.vip"


def test_rows_and_groups_come_and_go():
    """A row or a group is added to the group where it was asked for, and dropped again."""
    tree = tree_of("visits > 1 and (tag.vip or plan == 'paid')")

    more = changed(tree, "r.1", "row")
    assert len(more.items[1].items) == 3
    assert changed(more, "r.1.2", "drop") == tree
    assert changed(tree, "r", "group").items[2].kind == "any"
