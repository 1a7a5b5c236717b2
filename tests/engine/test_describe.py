"""A rule in words: what business users read before anybody is decided."""

from pathlib import Path

import pytest

from service.engine.describe import describe
from service.language.pipeline import read_ruleset
from tests.engine.programs import attributes, bands, move, program_of, stages, tag

FACTS = [
    *attributes(n="integer", untitled="number", b="boolean", xs="strings", d="datetime", u="datetime", s="string"),
]
TITLES = {
    "n": ("Orders", "订单数"),
    "b": ("Is a member", "是会员"),
    "xs": ("Topics", "主题"),
    "d": ("Last visit", "最近访问"),
    "u": ("Joined at", "加入时间"),
    "s": ("Channel", "渠道"),
}
VALUES = [
    {"key": "idle", "expression": "days_since(d)"},
    {"key": "busy", "expression": "n > 3", "title": {"en": "Busy", "zh": "繁忙"}},
    {"key": "sum", "expression": "n + 1"},
]
TIERS = [{"key": "band", "title": {"en": "Band", "zh": "档位"}, "input": "n", "bands": bands("low", high=5)}]
CONDITIONS = [
    ("n >= 3", "Orders is at least 3", "订单数不低于 3"),
    ("3 < n", "Orders is above 3", "订单数高于 3"),
    ("n < 3 or n == 7", "Orders is below 3 or Orders is 7", "订单数低于 3，或 订单数为 7"),
    ("n != 3 and (b or n <= 1)", "Orders is not 3 and (Is a member is true or Orders is at most 1)", None),
    ("n > untitled", "Orders is above `untitled`", None),
    ("not b", "not (Is a member is true)", "并非（是会员：是）"),
    ("b == false", "Is a member is no", None),
    ("n == null", "Orders is missing", "缺少 订单数"),
    ("n != null", "Orders is known", "订单数已知"),
    ("idle >= 90", "days since Last visit is at least 90", "距 最近访问 的天数不低于 90"),
    ("busy", "Busy is true", "繁忙：是"),
    ("sum > 2", "`sum` is above 2", None),
    ("d >= u", "Last visit is not before Joined at", "最近访问不早于 加入时间"),
    ("d > d'2026-01-31'", "Last visit is after 2026-01-31", None),
    ("d < d'2026-01-31T10:30:00'", "Last visit is before 2026-01-31 10:30", None),
    ("within(d, 'P7D')", "Last visit lies within the last 7 days", "最近访问在最近 7 天之内"),
    ("latest(d, u) > $today", "the latest of Last visit, Joined at is after today", None),
    ("s in ['web', 'ad']", "Channel is one of `web`, `ad`", "渠道属于 `web`、`ad` 之一"),
    ("s in [s, 'ad']", "Channel is one of Channel, `ad`", None),
    ("s in []", "Channel is one of nothing", None),
    ("'news' in xs", "Topics contains `news`", None),
    ("any_of(xs, ['news'])", "Topics has one of `news`", None),
    ("s.starts_with('CN-')", "Channel begins with `CN-`", "渠道以 `CN-` 开头"),
    ("s.is_empty", "`s.is_empty` is true", None),
    ("(n ?? 0) > 1", "Orders (0 if missing) is above 1", None),
    ("n * 2 > 1", "`n * 2` is above 1", None),
    ("stage == 'fresh'", "the stage is Fresh", "所处阶段为 新人"),
    ("tier.band == 'high'", "Band is `high`", None),
    ("tag.other", "tag Other is held", "持有标签 其他"),
    ("days_since(since.stage) > 3", "days since the beginning of the present stage is above 3", None),
    ("days_since(since.tag.other) > 3", "days since the beginning of tag Other is above 3", None),
]


def program(**members):
    """A program with titled facts, one tag to refer to, and what a test adds."""
    facts = [
        one | ({"title": dict(zip(("en", "zh"), TITLES[one["key"]], strict=True))} if one["key"] in TITLES else {})
        for one in FACTS
    ]
    fresh = stages("fresh", "old")
    fresh["stages"][0]["title"] = {"en": "Fresh", "zh": "新人"}
    other = {**tag("other", None), "title": {"en": "Other", "zh": "其他"}, "manual": "only"}
    members.setdefault("lifecycle", fresh)
    return program_of(
        attributes=facts, values=VALUES, tiers=TIERS, **{**members, "tags": [other, *members.get("tags", [])]}
    )


@pytest.mark.parametrize(("text", "english", "chinese"), CONDITIONS)
def test_a_condition_in_words(text, english, chinese):
    """A condition is said with the ruleset's own titles, in both languages; what has no words is shown as written."""
    made = program(tags=[tag("t", text)])

    said = describe(made).tag(made.tags["t"].tag)

    assert said["en"] == f"Held while {english}"
    assert chinese is None or said["zh"].replace(" ", "") == f"满足以下条件时持有：{chinese}".replace(" ", "")


TAGS = [
    ({"manual": "only"}, None, "Given by hand only"),
    ({"sticky": True, "until": "n < 1"}, "n > 3", "Given once Orders is above 3, until Orders is below 1"),
    ({"held_for": "P2D"}, "n > 3", "Held while Orders is above 3, without a break for 2 days"),
    ({"expires_after": "P1M"}, "n > 3", "Held while Orders is above 3, for 1 month after that"),
    ({"valid_until": "2027-01-01T00:00:00Z"}, "n > 3", "Held while Orders is above 3, not after 2027-01-01"),
    ({"on": ["click"]}, None, "Given when Click comes"),
    ({"on": ["click"]}, "n > 3", "Given when Click comes and Orders is above 3"),
    ({"on": ["click"]}, "event.text == 'a'", "Given when Click comes and the event's text is `a`"),
]


@pytest.mark.parametrize(("members", "when", "english"), TAGS)
def test_a_tag_in_words(members, when, english):
    """What gives a tag and what ends it is said, each part for its member."""
    made = program(tags=[tag("t", when, **members)], events=[{"key": "click", "title": {"en": "Click", "zh": "点击"}}])

    assert describe(made).tag(made.tags["t"].tag)["en"] == english


def test_a_group_in_words():
    """Of a group with one place each tag says so, and the default says when it is held."""
    groups = [{"key": "g", "exclusive": True, "default": "rest"}]
    made = program(tags=[tag("a", "n > 3", group="g"), tag("rest", None, group="g")], tag_groups=groups)

    said = describe(made)

    assert said.tag(made.tags["a"].tag)["en"] == "Held while Orders is above 3, one of its group at a time"
    assert said.tag(made.tags["rest"].tag)["en"] == "Held while no other tag of its group is"


TRANSITIONS = [
    ({}, "n > 3", "From Fresh to `old`, when Orders is above 3"),
    ({"from": ["*"]}, "n > 3", "From any stage to `old`, when Orders is above 3"),
    ({"on": ["click"]}, None, "From Fresh to `old`, on Click"),
    (
        {"held_for": "P2D", "after_stay": "P7D"},
        "n > 3",
        "From Fresh to `old`, when Orders is above 3, without a break for 2 days, after at least 7 days in the stage",
    ),
]


@pytest.mark.parametrize(("members", "when", "english"), TRANSITIONS)
def test_a_transition_in_words(members, when, english):
    """From where to where a transition leads is said, and what it asks for."""
    lifecycle = stages(
        {"key": "fresh", "title": {"en": "Fresh", "zh": "新人"}},
        "old",
        moves=[move("m", "fresh", "old", when, **members)],
    )
    made = program(lifecycle=lifecycle, events=[{"key": "click", "title": {"en": "Click", "zh": "点击"}}])

    assert describe(made).transition(made.transitions["m"].transition)["en"] == english


def test_bands_in_words():
    """Each band says where it begins; one alone is always."""
    tiers = [*TIERS, {"key": "alone", "input": "n", "bands": bands("all")}]
    made = program_of(attributes=FACTS, tiers=tiers)

    said = [describe(made).bands(tier) for tier in made.ruleset.tiers]

    assert [[words["en"] for _, words in one] for one in said] == [["below 5", "from 5"], ["always"]]


ACTIONS = [
    ({"on": [{"stage": "fresh"}, {"tag": "other"}]}, "entering Fresh, getting the tag Other"),
    (
        {"on": [{"tier": "band", "band": "high"}], "when": "n > 3", "cooldown": "P30D"},
        "entering `high` of Band, when Orders is above 3, at most once in 30 days",
    ),
]


@pytest.mark.parametrize(("members", "english"), ACTIONS)
def test_an_action_in_words(members, english):
    """On which changes an action fires is said, if what, and how often."""
    made = program(actions=[{"key": "a", **members}])

    assert describe(made).action(made.ruleset.actions[0])["en"] == english


@pytest.mark.parametrize("file", sorted(Path("rulesets").glob("*.json")), ids=lambda file: file.stem)
def test_every_shipped_rule_has_words(file):
    """Each rule of the shipped rulesets is said in both languages."""
    made = read_ruleset(file.read_bytes()).program
    said = describe(made)
    found = [said.tag(one) for one in made.ruleset.tags]
    found += [said.action(one) for one in made.ruleset.actions]
    found += [said.transition(one) for one in (made.ruleset.lifecycle.transitions if made.ruleset.lifecycle else ())]
    found += [words for tier in made.ruleset.tiers for _, words in said.bands(tier)]

    assert found
    assert all(words["en"].strip() and words["zh"].strip() for words in found)
    assert describe(made) is said
