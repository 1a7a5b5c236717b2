"""Warnings and hints: what is valid and probably not meant, and above all what is left in peace.

The words are in tests/cases.
"""

import json

import pytest

from service.language.pipeline import read_ruleset

FIELDS = [
    {"key": "n", "type": "number"},
    {"key": "m", "type": "number"},
    {"key": "given", "type": "number", "required": True},
    {"key": "t", "type": "datetime"},
]


def advice(*wanted, **members):
    """(code, pointer, span) of the advice about a ruleset, of the wanted codes."""
    reading = read_ruleset(json.dumps({"format": 1, "key": "advised", "attributes": FIELDS, **members}))
    assert reading.program is not None, reading.diagnostics
    return [(one.code, one.pointer, one.span) for one in reading.diagnostics if one.code in wanted]


def tags(*conditions, **members):
    """Tags `a`, `b`, ... with those conditions."""
    return [
        {"key": key, "purpose": "x", "when": one, **members} for key, one in zip("abcdef", conditions, strict=False)
    ]


def lifecycle(*transitions, stages=("new", "old", "gone")):
    """A lifecycle from `new`; a transition is (from, to, when) with other members."""
    return {
        "initial": "new",
        "stages": [{"key": one} for one in stages],
        "transitions": [
            {
                "key": f"t{index}",
                "from": source.split(),
                "to": target,
                "movement": "churn",
                "when": when,
                **(rest[0] if rest else {}),
            }
            for index, (source, target, when, *rest) in enumerate(transitions)
        ],
    }


@pytest.mark.parametrize(
    "member",
    [
        {"values": [{"key": "v", "expression": "m + 1"}]},
        {
            "values": [
                {"key": "v", "cases": [{"when": "n > 1", "then": 1}, {"when": "m > 1", "then": 2}], "otherwise": 3}
            ]
        },
        {"scores": [{"key": "s", "components": [{"key": "a", "weight": 1, "value": "m"}]}]},
        {"scores": [{"key": "s", "components": [{"key": "a", "weight": 1, "input": "m", "points": [{"points": 0}]}]}]},
        {"tiers": [{"key": "s", "input": "m", "bands": [{"key": "low"}]}]},
        {"tags": tags("m > 3")},
        {"tags": tags("n > 3", sticky=True, until="m > 3")},
        {"lifecycle": lifecycle(("new", "old", "m > 3"))},
        {"tags": tags("n > 3"), "actions": [{"key": "x", "on": [{"tag": "a"}], "when": "m > 3"}]},
    ],
)
def test_an_attribute_is_used_wherever_an_expression_reads_it(member):
    """An attribute is unused only if no value, score, tier, tag, transition or action reads it."""
    assert ("unused-attribute", "/attributes/1", None) not in advice("unused-attribute", **member)
    assert ("unused-attribute", "/attributes/3", None) in advice("unused-attribute", **member)


def test_a_stage_counts_as_reached_by_way_of_others():
    """From the initial stage any chain of transitions will do; `*` leads from anywhere but its own target."""
    wanted = ("unreachable-stage", "stage-without-exit")
    assert (
        advice(
            *wanted, lifecycle=lifecycle(("new", "old", "n > 3"), ("old", "gone", "n > 5"), ("gone", "new", "n < 3"))
        )
        == []
    )
    assert advice(*wanted, lifecycle=lifecycle(("*", "gone", "n > 3"), ("gone", "new", "n < 3"))) == [
        ("unreachable-stage", "/lifecycle/stages/1", None)
    ]
    assert advice(*wanted, lifecycle=lifecycle(("*", "gone", "n > 3"), ("new", "old", "n < 3"))) == [
        ("stage-without-exit", "/lifecycle/stages/2", None)
    ]
    assert advice(*wanted, lifecycle=lifecycle(stages=("new",))) == []


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        (("new old", "gone", "n > 3"), ("new", "old", "n > 3"), True),
        (("*", "gone", "n > 3"), ("new old", "gone", "n > 3"), True),
        (("*", "old", "n > 3"), ("new gone", "old", "n > 3"), True),
        (("new", "gone", "n > 3"), ("new old", "gone", "n > 3"), False),
        (("*", "gone", "n > 3"), ("*", "old", "n > 3"), False),
        (("new", "gone", "n > 3"), ("new", "old", "n > 2"), False),
        (("new", "gone", "n > 3", {"held_for": "P7D"}), ("new", "old", "n > 3"), False),
        (("new", "gone", "n > 3", {"after_stay": "P7D"}), ("new", "old", "n > 3"), False),
        (("new", "gone", "n > 3", {"on": ["go"]}), ("new", "old", "n > 3"), False),
        (("new", "gone", "n > 3", {"on": ["go", "stop"]}), ("new", "old", "n > 3", {"on": ["stop", "go"]}), True),
        (("new", "gone", "n > 3"), ("new", "old", "n > 3", {"held_for": "P7D"}), True),
    ],
)
def test_a_transition_is_shadowed_only_where_it_can_never_come_first(first, second, shadowed):
    """An earlier transition shadows a later one if it leaves all its stages, on the same condition, without waiting."""
    found = advice("shadowed-transition", events=[{"key": "go"}, {"key": "stop"}], lifecycle=lifecycle(first, second))
    assert found == ([("shadowed-transition", "/lifecycle/transitions/1", None)] if shadowed else [])


@pytest.mark.parametrize(
    ("condition", "guarded"),
    [
        ("days_since(since.tag.a) > 3", False),
        ("n > 3 or within(since.tag.a, 'P7D')", False),
        ("tag.a and days_since(since.tag.a) > 3", True),
        ("(tag.a ? days_since(since.tag.a) : 0) > 3", True),
        ("(days_since(since.tag.a) ?? 0) > 3", True),
        ("since.tag.a != null", True),
        ("since.tag.a == null or days_since(since.tag.a) > 3", False),
        ("latest(since.tag.a, since.stage) < t", True),
        ("since.tag.a < latest(since.tag.a, since.stage)", False),
        ("days_since(since.tier.level) > 3", True),
    ],
)
def test_since_is_guarded_where_the_tag_is_asked_for(condition, guarded):
    """`since.tag.K` needs `tag.K` beside it, unless something else says what its absence means."""
    found = advice(
        "since-without-guard",
        tags=tags("n > 3", condition),
        tiers=[{"key": "level", "input": "n", "bands": [{"key": "low"}]}],
        lifecycle={"initial": "new", "stages": [{"key": "new"}]},
    )
    assert [(code, pointer) for code, pointer, _ in found] == (
        [] if guarded else [("since-without-guard", "/tags/1/when")]
    )


def test_an_earlier_case_can_be_the_guard():
    """In a decision list the tag may be asked for in another case."""
    cases = [{"when": "not tag.a", "then": 0}, {"when": "days_since(since.tag.a) > 3", "then": 1}]
    value = {"key": "v", "output": True, "cases": cases, "otherwise": 2}
    assert advice("since-without-guard", tags=tags("n > 3"), values=[value]) == []


@pytest.mark.parametrize(
    ("condition", "span"),
    [
        ("days_since(t) <= 7", (0, 18)),
        ("n > 3 and days_since(t) > 7.0", (10, 29)),
        ("7 >= days_since(t)", (0, 18)),
        ("7 < hours_since(t)", (0, 18)),
        ("not (idle <= 7)", (5, 14)),
        ("days_since(t) < 7", None),
        ("days_since(t) >= 7", None),
        ("days_since(t) == 7", None),
        ("7 <= days_since(t)", None),
        ("7 > days_since(t)", None),
        ("days_since(t) > 7.5", None),
        ("days_since(t) > 0", None),
        ("days_since(t) > n", None),
        ("days_since(t) > days_since(since.stage)", None),
        ("calendar_days_since(t) <= 7", None),
        ("months_since(t) > 3", None),
        ("n > 7", None),
        ("t > d'2026-01-01'", None),
        ("(n ?? 0) <= 7", None),
    ],
)
def test_whole_days_are_pointed_out_where_they_mislead(condition, span):
    """`<= n` and `> n` beside a count of whole days or hours are pointed out, `<`, `>=` and counts of dates are not."""
    found = advice(
        "whole-days",
        values=[{"key": "idle", "expression": "since_t"}, {"key": "since_t", "expression": "days_since(t)"}],
        tags=tags(condition),
        lifecycle={"initial": "new", "stages": [{"key": "new"}]},
    )
    assert found == ([] if span is None else [("whole-days", "/tags/0/when", span)])


def test_order_decides_only_behind_another_tag_of_the_group():
    """Event-fed tags are pointed out behind others of an exclusive group, not first in it and not elsewhere."""
    on = {"on": ["go"], "expires_after": "P1D"}
    members = [
        {"key": "first", "group": "one", "purpose": "x", **on},
        {"key": "plain", "group": "one", "purpose": "x", "when": "n > 3"},
        {"key": "second", "group": "one", "purpose": "x", **on},
        {"key": "free", "group": "any", "purpose": "x", **on},
        {"key": "free_too", "group": "any", "purpose": "x", **on},
        {"key": "alone", "purpose": "x", **on},
    ]
    groups = [{"key": "one", "exclusive": True}, {"key": "any"}]
    found = advice("order-decides", events=[{"key": "go"}], tag_groups=groups, tags=members)
    assert found == [("order-decides", "/tags/2", None)]


@pytest.mark.parametrize(
    ("condition", "members", "span"),
    [
        ("n > m", {}, (0, 5)),
        ("given > 3 and n * 2 == score.s", {}, (14, 30)),
        ("n > m", {"held_for": "P1D"}, (0, 5)),
        ("n > m", {"sticky": True, "until": "n < 1"}, None),
        ("n > m", {"on": ["go"]}, None),
        ("n > 3", {}, None),
        ("n > given", {}, None),
        ("n > given / 2", {}, None),
        ("(n ?? 0) > m", {}, None),
        ("n in [m, 1]", {}, None),
    ],
)
def test_a_comparison_of_two_unknowns_keeps_a_tag(condition, members, span):
    """A plain tag that compares two things, either of which may be unknown, is pointed out."""
    found = advice(
        "stays-when-unknown",
        events=[{"key": "go"}],
        scores=[{"key": "s", "components": [{"key": "a", "weight": 1, "value": "n"}]}],
        tags=[*tags(condition, **members), {"key": "only", "purpose": "x", "manual": "only"}],
    )
    assert found == ([] if span is None else [("stays-when-unknown", "/tags/0/when", span)])


def titled(title):
    """Members with one construct of every kind, all with that title."""
    words = {} if title is None else {"title": title}
    return {
        **words,
        "attributes": [{**one, **words} for one in FIELDS],
        "events": [{"key": "go", **words}],
        "values": [{"key": "v", "expression": "n + m + given + days_since(t)", **words}],
        "scores": [{"key": "s", "components": [{"key": "a", "weight": 1, "value": "v", **words}], **words}],
        "tiers": [{"key": "l", "input": "v", "bands": [{"key": "low", **words}], **words}],
        "tag_groups": [{"key": "g", **words}],
        "tags": [{"key": "a", "purpose": "x", "when": "n > 3", **words}],
        "lifecycle": {"initial": "new", "stages": [{"key": "new", **words}]},
        "actions": [{"key": "x", "on": [{"tag": "a"}], **words}],
        "examples": [{"steps": [{"at": "2026-01-01T00:00:00Z", "attributes": {"given": 1}}]}],
    }


def test_titles_are_asked_for_in_the_languages_of_the_ruleset():
    """Where several languages are used, each construct with a key has a title in all; examples may go without."""
    both, english, plain = {"en": "Name", "zh": "名称"}, {"en": "Name"}, "Name"
    assert advice("missing-title", **titled(both)) == []
    assert advice("missing-title", **titled(english)) == []
    assert advice("missing-title", **titled(plain)) == []
    assert advice("missing-title", **titled(None)) == []
    places = 15
    for title in (english, plain, None):
        members = titled(title) | {"description": {"zh": "说明", "en": "About"}}
        assert len(advice("missing-title", **members)) == places


@pytest.mark.parametrize(
    "member",
    [
        {"tag_groups": [{"key": "g", "prefix": {"en": "source-", "zh": "来源-"}}]},
        {"lifecycle": {"initial": "new", "stages": [{"key": "new", "goal": {"en": "buys", "zh": "购买"}}]}},
        {"lifecycle": {"title": {"en": "Life", "zh": "生命周期"}, "initial": "new", "stages": [{"key": "new"}]}},
        {"tags": [{"key": "a", "when": "n > 3", "purpose": {"en": "a gift", "zh": "送礼"}}]},
        {
            "examples": [
                {
                    "title": {"en": "One", "zh": "一"},
                    "steps": [{"at": "2026-01-01T00:00:00Z", "attributes": {"given": 1}}],
                }
            ]
        },
    ],
)
def test_every_text_shows_which_languages_are_used(member):
    """A prefix, a goal, a purpose, a lifecycle or an example in two languages makes a ruleset of two languages."""
    assert ("missing-title", "", None) in advice("missing-title", **member)
