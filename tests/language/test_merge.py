"""Merging two tags, and calling one otherwise: what is rewritten, and what is refused."""

import copy
import json

import pytest

from service.errors import InvalidRequest
from service.language.diff import compare
from service.language.merge import merge_tags
from service.language.pipeline import read_ruleset
from service.language.rewrite import rename_in, rename_tag
from tests.engine.programs import Profile

RULESET = {
    "format": 1,
    "key": "merging",
    "attributes": [{"key": "n", "type": "number"}, {"key": "tag_old", "type": "string"}],
    "events": [{"key": "hello"}],
    "values": [{"key": "cap", "cases": [{"when": "tag.old and n > 1", "then": 1}], "otherwise": 2}],
    "scores": [{"key": "heat", "components": [{"key": "a", "weight": 1, "value": "tag.old ? 100 : 0"}]}],
    "tiers": [{"key": "band", "input": "tag.old ? 1 : 0", "bands": [{"key": "low"}]}],
    "tag_groups": [{"key": "group", "exclusive": True, "default": "rest"}],
    "tags": [
        {"key": "new", "when": "n > 5", "aliases": ["newer"]},
        {"key": "old", "when": "n > 3", "aliases": ["older"]},
        {"key": "late", "when": "tag.old and days_since(since.tag.old) > 3", "until": "tag.old", "sticky": True},
        {"key": "first", "group": "group", "when": "not tag.old"},
        {"key": "rest", "group": "group"},
        {"key": "heard", "on": ["hello"], "when": "tag.old and event.text == 'tag.old'"},
    ],
    "lifecycle": {
        "initial": "a",
        "stages": [{"key": "a"}, {"key": "b"}],
        "transitions": [{"key": "t", "from": ["a"], "to": "b", "movement": "promotion", "when": "tag.old"}],
    },
    "actions": [{"key": "act", "on": [{"tag": "old"}, {"tag": "new"}, {"stage": "b"}], "when": "tag.old or n > 1"}],
    "examples": [
        {
            "steps": [
                {"at": "2026-01-01T00:00:00Z", "manual": {"tag": "old", "state": "assigned", "reason": "tag.old"}},
                {"at": "2026-01-02T00:00:00Z", "expect": {"tags": {"has": ["new"], "lacks": ["old", "first"]}}},
                {"at": "2026-01-03T00:00:00Z", "expect": {"tags": {"has": ["old"], "undetermined": []}}},
                {"at": "2026-01-04T00:00:00Z", "expect": {"stage": "a"}},
            ]
        }
    ],
}


def merged(keep="new", drop="old", when="keep", **members):
    """The small ruleset with two of its tags merged."""
    document = copy.deepcopy(RULESET) | members
    before = copy.deepcopy(document)
    found = merge_tags(document, keep, drop, when)
    assert document == before
    return found


def refusals(*arguments, **members):
    """Why a merge is refused."""
    with pytest.raises(InvalidRequest) as refused:
        merged(*arguments, **members)
    return [(one.pointer, one.code) for one in refused.value.errors]


def test_nothing_is_left_of_a_merged_tag_but_its_name():
    """Every reference follows, and only references: a text or a name that merely looks like one stays."""
    found = merged()

    assert [one["key"] for one in found["tags"]] == ["new", "late", "first", "rest", "heard"]
    assert found["tags"][0] == {"key": "new", "when": "n > 5", "aliases": ["newer", "old", "older"]}
    assert found["values"][0]["cases"][0]["when"] == "tag.new and n > 1"
    assert found["scores"][0]["components"][0]["value"] == "tag.new ? 100 : 0"
    assert found["tiers"][0]["input"] == "tag.new ? 1 : 0"
    assert found["tags"][1]["when"] == "tag.new and days_since(since.tag.new) > 3"
    assert found["tags"][1]["until"] == "tag.new"
    assert found["tags"][4]["when"] == "tag.new and event.text == 'tag.old'"
    assert found["lifecycle"]["transitions"][0]["when"] == "tag.new"
    assert found["actions"][0]["on"] == [{"tag": "new"}, {"stage": "b"}]
    assert found["actions"][0]["when"] == "tag.new or n > 1"
    steps = found["examples"][0]["steps"]
    assert steps[0]["manual"] == {"tag": "new", "state": "assigned", "reason": "tag.old"}
    assert steps[1]["expect"]["tags"] == {"has": ["new"], "lacks": ["first"]}
    assert steps[2]["expect"]["tags"] == {"has": ["new"], "undetermined": []}
    assert steps[3] == RULESET["examples"][0]["steps"][3]


def test_the_merged_ruleset_can_be_published():
    """What comes out has no error but what its examples now show."""
    reading = read_ruleset(json.dumps(merged()))
    assert reading.program is not None, reading.diagnostics
    assert reading.program.aliases == {"tag/newer": "new", "tag/old": "new", "tag/older": "new"}


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("n > 5", "n > 3", "(n > 5) or (n > 3)"), ("n > 5", "n > 5", "n > 5")]
)
def test_either_condition_can_count(one, other, expected):
    """With `either` the kept tag is held where either of the two would have been."""
    tags = [{"key": "new", "when": one, "sticky": False}, {"key": "old", "when": other, "manual": "allowed"}]
    assert merged(when="either", tags=tags)["tags"][0]["when"] == expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("new", "odl"), [("/drop", "unknown-tag")]),
        (("none_such", "nor_such"), [("/keep", "unknown-tag"), ("/drop", "unknown-tag")]),
        (("new", "new"), [("/drop", "same-tag")]),
        (("new", "rest"), [("/drop", "default-tag")]),
        (("new", "rest", "either"), [("/drop", "default-tag")]),
        (("rest", "new", "either"), [("/when", "no-condition")]),
        (("new", "late", "either"), [("/when", "unlike-rules")]),
    ],
)
def test_what_cannot_be_one_tag_is_refused(arguments, expected):
    """Tags that are not there, a tag with itself, a group's default, and rules that don't go together are refused."""
    assert refusals(*arguments) == expected


def test_a_name_nearly_right_is_suggested():
    """Whoever mistypes a tag's key is told the nearest one."""
    with pytest.raises(InvalidRequest) as refused:
        merged("new", "odl")
    assert "did you mean `old`?" in refused.value.errors[0].message


def test_an_unfinished_document_is_merged_as_far_as_it_can_be_read():
    """What can't be read, or is nothing like it should be, stays as it is."""
    document = {
        "tags": [{"key": "new"}, {"key": "old", "aliases": 5}, 5, {"key": 5}, {"key": "x", "when": "tag.old and"}],
        "tag_groups": [5, {"default": 7}],
        "actions": [{"on": 5}, {"on": [{"tag": "old"}, 5]}],
        "examples": {"a": 1},
        "values": [{"key": "v", "expression": 7}],
        "more": "tag.old",
        "lifecycle": "tag.old",
    }
    found = merge_tags(document, "new", "old")
    assert found["tags"] == [{"key": "new", "aliases": ["old"]}, 5, {"key": 5}, {"key": "x", "when": "tag.old and"}]
    assert found["actions"] == [{"on": 5}, {"on": [{"tag": "new"}, 5]}]
    assert {name: found[name] for name in ("tag_groups", "examples", "values", "more", "lifecycle")} == {
        name: document[name] for name in ("tag_groups", "examples", "values", "more", "lifecycle")
    }
    assert merge_tags(
        {"tags": [{"key": "a"}, {"key": "b"}], "examples": [{"steps": [{"expect": {"tags": 5}}]}]}, "a", "b"
    )


def test_a_group_follows_the_new_name_of_its_default():
    """Where a tag is only called otherwise, the group whose default it is follows too."""
    found = rename_tag({"tag_groups": [{"key": "g", "default": "old"}, {"key": "h", "default": "other"}]}, "old", "new")
    assert [one["default"] for one in found["tag_groups"]] == ["new", "other"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tag.old", "tag.longer"),
        ("tag.old and tag.older or not tag.old", "tag.longer and tag.older or not tag.longer"),
        ("since.tag.old.date == since.tag.old", "since.tag.longer.date == since.tag.longer"),
        ("tier.old == 'tag.old' and score.old > 3", "tier.old == 'tag.old' and score.old > 3"),
        ("since.tier.old > d'2026-01-01'", "since.tier.old > d'2026-01-01'"),
        ("old and $tag.old and (old ?? x).tag.old", "old and $tag.old and (old ?? x).tag.old"),
        ("(tag.old ? 1 : 2) in [tag.old ? 3 : 4, 5]", "(tag.longer ? 1 : 2) in [tag.longer ? 3 : 4, 5]"),
        ("tag.old and", "tag.old and"),
        ("not " * 300 + "tag.old", "not " * 300 + "tag.old"),
        ("not " * 50 + "tag.old", "not " * 50 + "tag.old"),
    ],
)
def test_only_what_names_the_tag_is_renamed(text, expected):
    """In an expression the tag is renamed where it is meant, whatever else is called so; what can't be read stays."""
    assert rename_in(text, "old", "longer") == expected


def test_holders_follow_a_merged_tag():
    """Under the merged version those who held the tag that is gone hold the one that took it in, and nothing changes."""
    tags = [{"key": "new", "when": "n > 5"}, {"key": "old", "when": "n > 3", "expires_after": "P9D"}]
    document = {"format": 1, "key": "test", "attributes": [{"key": "n", "type": "number"}], "tags": tags}
    profile = Profile(read_ruleset(json.dumps(document)).program)
    profile.at("01-01", {"n": 12})

    merged_document = merge_tags(document, "new", "old")
    outcome = profile.under(read_ruleset(json.dumps(merged_document)).program).at("01-02")

    assert outcome.tags == ["new"]
    assert outcome.decisions == []
    assert [one.sentence["en"] for one in compare(document, merged_document)] == ["tag `old` is now part of `new`"]
