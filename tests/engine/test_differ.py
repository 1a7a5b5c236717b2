"""Whether two versions of a ruleset decide anybody differently: shown by a profile, or proven, or open with a reason."""

import json
from pathlib import Path

import pytest

from service.engine.differ import MOST_TURNS, differ, turns, view
from service.engine.prove import Limits
from service.engine.witness import Step, run_witness
from service.language.analyse.comparison import Comparison
from service.language.analyse.solver import Word
from service.language.pipeline import read_ruleset
from tests.cases_reader import ROOT
from tests.engine.programs import attributes, program_of, tag
from tests.language.test_analyse_constructs import RULESET, TYPES

TELEGRAM = ROOT / "rulesets" / "telegram-lifecycle.json"


def plenty():
    """More time than a small ruleset needs, in milliseconds."""
    return 60_000


def edited(old, new, file: Path = TELEGRAM):
    """A shipped ruleset and the same with one edit, both compiled."""
    text = file.read_text("utf-8")
    assert old in text
    return tuple(read_ruleset(one).program for one in (text, text.replace(old, new)))


def versions(one, other, **members):
    """Two small rulesets whose only tag has these conditions."""
    texts = [
        {
            "format": 1,
            "key": "v",
            "attributes": [{"key": key, "type": type} for key, type in members.items()],
            "tags": [{"key": "a", **tag}],
        }
        for tag in (one, other)
    ]
    return tuple(read_ruleset(json.dumps(text)).program for text in texts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("articles_read >= 3", "articles_read > 2"),
        ("messages_30d <= 50", "not (messages_30d > 50)"),
        ('"purpose"', '"purpose"'),
    ],
)
def test_another_wording_of_the_same_rule_is_equal(old, new):
    """Versions that differ in words alone are proven equal for every profile."""
    assert differ(*edited(old, new), plenty).to_json()["result"] == "equal"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("articles_read >= 3", "articles_read >= 4"),
        ("days_since(last_contact_at) >= 15", "days_since(last_contact_at) > 15"),
        ("orders_365d >= 2", "orders_365d >= 200000"),
    ],
)
def test_a_change_is_shown_by_a_profile(old, new):
    """A version that decides otherwise comes with a profile, what each says of it, and a life that shows it again."""
    before, after = edited(old, new)
    found = differ(before, after, plenty)
    assert found.word == "different"
    views = [view(run_witness(program, found.witness)) for program in (before, after)]
    for name in found.old:
        assert [one.get(name, False) for one in views] == [found.old[name], found.new[name]]
        assert found.old[name] != found.new[name]


def test_the_solver_finds_what_no_sample_shows():
    """A difference at one number out of very many is found."""
    found = differ(
        *versions({"when": "n * 3 == 370370367"}, {"when": "n * 3 == 370370367 and n < 9"}, n="integer"), plenty
    )
    assert found.to_json()["witness"]["attributes"] == {"n": 123456789}


def test_another_shape_is_searched_too():
    """Versions whose definitions have other members are compared by what they decide."""
    few = Limits(samples=2)
    sticky = {"when": "n == 8675309", "sticky": True, "until": "n == 1"}
    assert differ(*versions({"when": "n == 8675309"}, sticky, n="integer"), plenty, few).word == "different"
    found = differ(
        *versions({"when": "n == 8675309"}, {"when": "n == 8675309", "manual": "no"}, n="integer"), plenty, few
    )
    assert (found.word, found.reasons) == ("undecided", ("shape",))


def test_what_only_time_brings_is_found():
    """Another waiting time shows on a later day."""
    old, new = versions({"when": "n > 3", "held_for": "P7D"}, {"when": "n > 3", "held_for": "P8D"}, n="integer")
    found = differ(old, new, plenty, Limits(samples=60))
    assert found.word == "different"
    assert (found.old, found.new) == ({"tag.a": True}, {"tag.a": False})
    assert len(found.witness.steps) == 2


def test_only_the_next_few_turns_are_looked_at():
    """A profile that time changes very often is followed for a while, not for ever."""
    program = program_of(
        attributes=attributes(t={"type": "datetime", "required": True}), tags=[tag("odd", "days_since(t) % 2 == 1")]
    )
    first = Step(1_770_000_000_000, {"t": "2026-01-01T00:00:00Z"})
    assert len(turns(program, "p", first)) == MOST_TURNS


def test_time_that_runs_out_leaves_it_open():
    """Without time nothing is claimed, and the reason says so."""
    old, new = versions({"when": "n > 3"}, {"when": "n > 3 and n > 2"}, n="integer")
    assert differ(old, new, lambda: 0, Limits(samples=0)).word in ("equal", "undecided")
    old, new = versions({"when": "n > 3", "held_for": "P7D"}, {"when": "n > 3", "held_for": "P8D"}, n="integer")
    found = differ(old, new, lambda: 0, Limits(samples=0))
    assert differ(old, new, lambda: 0, Limits(samples=1)).word == "undecided"
    assert found.reasons == ("shape",)
    assert found.to_json()["reasons"][0]["message"]["zh"]


def test_a_difference_from_a_given_state_is_shown_from_there():
    """What only a remembered state shows, such as a wait that no life was found for, is shown from that state."""
    old, new = versions(
        {"when": "n == 8675309", "sticky": True, "until": "n == 1 and b"},
        {"when": "n == 8675309", "sticky": True, "until": "n == 1 and not b"},
        n="integer",
        b="boolean",
    )
    found = differ(old, new, plenty, Limits(samples=0))
    assert "a" in found.to_json()["witness"]["state"]["tags"]
    views = [view(run_witness(program, found.witness)) for program in (old, new)]
    assert views[0] != views[1]


def test_profiles_that_one_version_refuses_are_passed_over():
    """What one of the versions refuses to read tells nothing about what they decide."""
    old, new = versions(
        {"when": "n > 3", "held_for": "P7D"}, {"when": "n > 3", "held_for": "P7D", "manual": "no"}, n="integer"
    )
    document = {**new.ruleset.document, "attributes": [{"key": "n", "type": "integer", "minimum": 5}]}
    strict = read_ruleset(json.dumps(document)).program
    assert differ(old, strict, plenty, Limits(samples=20)).word == "undecided"


def test_everything_that_two_versions_decide_is_compared():
    """Of versions of two shapes every tag, tier, score, value and transition is compared."""
    old = program_of(**RULESET)
    more = {"key": "gifts", "cases": [{"when": "visits > 10", "then": 1}], "otherwise": 2}
    values = [RULESET["values"][0], more, {"key": "list", "cases": [{"when": "flag", "then": ["a"]}], "otherwise": []}]
    tags = [{**one, "manual": "no"} if one["key"] == "plain" else one for one in RULESET["tags"]]
    new = program_of(
        **{
            **RULESET,
            "attributes": attributes(**{**TYPES, "flag": {"type": "boolean"}, "list_of": "strings"}),
            "tags": tags,
            "values": [values[0], more],
        }
    )
    comparison = Comparison((old.ruleset, old.rules), (new.ruleset, new.rules))
    assert not comparison.is_same_shape
    words = [comparison.judge(pair, 5000).word for pair in comparison.results()]
    assert len(words) == len(RULESET["tags"]) + len(RULESET["tiers"]) + len(RULESET["scores"]) + 1 + 3
    assert set(words) == {Word.NO}


def test_lists_are_not_compared_one_by_one():
    """Two lists of texts that are worded otherwise stay open unless a profile shows that they differ."""
    old, new = versions(
        {"when": "(b ? xs : ys).is_empty"},
        {"when": "(not b ? ys : xs).is_empty"},
        xs="strings",
        ys="strings",
        b="boolean",
    )
    assert differ(old, new, plenty).word == "equal"
    lists = [
        program_of(
            attributes=attributes(n="integer"),
            values=[{"key": "gifts", "output": True, "cases": [{"when": when, "then": ["a"]}], "otherwise": []}],
        )
        for when in ("n > 3", "n >= 4")
    ]
    found = differ(*lists, plenty)
    assert (found.word, found.reasons) == ("undecided", ("lists",))
