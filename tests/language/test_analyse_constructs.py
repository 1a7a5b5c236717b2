"""What tags, tiers, scores and stages can be after a decision, whatever was before it: nothing possible is ruled out."""

import pytest

from service.engine.witness import decide_situation, meets
from service.language.analyse.analysis import Analysis
from service.language.analyse.claims import Circle, Claim, Demand
from service.language.analyse.solver import Word
from tests.engine.programs import attributes, bands, move, program_of, stages, tag

USUAL = 1_782_000_000_000
TYPES = {
    "visits": {"type": "integer", "minimum": 0, "default": 0},
    "likes": {"type": "integer", "minimum": 0},
    "spend": {"type": "number", "minimum": 0},
    "code": {"type": "integer", "required": True, "minimum": 3},
    "debt": {"type": "number", "required": True, "maximum": -1},
    "free": {"type": "integer", "required": True},
    "word": {"type": "string", "required": True},
    "kind": {"type": "string", "required": True, "enum": ["p", "q"]},
    "list": {"type": "strings", "required": True},
    "flag": {"type": "boolean", "required": True},
    "born": {"type": "date", "required": True},
    "since_when": {"type": "datetime", "required": True},
}


def tier(key, **members):
    """A tier over the visits, with its higher band from 5."""
    return {"key": key, "input": "visits", "bands": bands("low", high=5), **members}


RULESET = {
    "attributes": attributes(**TYPES),
    "events": [{"key": "ping"}, {"key": "pong"}],
    "values": [
        {
            "key": "cap",
            "cases": [{"when": "visits > 10", "then": "many"}, {"when": "visits > 3", "then": "some"}],
            "otherwise": "few",
        },
        {"key": "gifts", "cases": [{"when": "visits > 10", "then": ["a", "b"]}], "otherwise": []},
    ],
    "scores": [
        {
            "key": "heat",
            "components": [{"key": "v", "weight": 1, "value": "visits"}, {"key": "l", "weight": 1, "value": "likes"}],
        },
        {
            "key": "strict",
            "missing": "unknown",
            "minimum_coverage": 0.5,
            "components": [{"key": "v", "weight": 1, "value": "visits"}, {"key": "l", "weight": 3, "value": "likes"}],
        },
        {
            "key": "zeroed",
            "missing": "zero",
            "components": [
                {"key": "v", "weight": 1, "value": "visits"},
                {"key": "l", "weight": 1, "input": "likes", "points": [{"points": 10}, {"from": 5, "points": 60}]},
            ],
        },
        {
            "key": "whole",
            "minimum_coverage": 0.6,
            "components": [
                {"key": "h", "weight": 1, "value": "score.heat"},
                {"key": "v", "weight": 1, "value": "visits"},
            ],
        },
    ],
    "tiers": [
        tier("plain"),
        tier("margined", margin=2),
        tier("rising", rise_after="P2D"),
        tier("falling", fall_after="P2D", fall="one_step"),
        {"key": "liked", "input": "likes", "bands": bands("low", high=5)},
        {"key": "slow", "input": "likes", "margin": 1, "bands": bands("low", high=5)},
    ],
    "tag_groups": [{"key": "one", "exclusive": True, "default": "rest"}],
    "tags": [
        tag("plain", "visits >= 3"),
        tag("liked", "likes >= 3"),
        tag("held", "visits >= 3", held_for="P3D"),
        tag("sticky", "visits >= 3", sticky=True, until="visits == 1"),
        tag("fading", "visits >= 3", expires_after="P3D"),
        tag("ended", "visits >= 3", valid_until="2026-03-01T00:00:00Z"),
        tag("evented", "event.text == 'go'", on=["ping"], expires_after="P3D"),
        tag("timed", "event.at >= $now", on=["ping"], expires_after="P3D"),
        tag("asked", on=["ping", "pong"], until="visits == 7"),
        tag("alone", manual="only"),
        tag("hand", manual="only", group="one"),
        tag("first", "visits >= 3", group="one"),
        tag("second", "visits >= 2", group="one"),
        tag("rest", group="one"),
    ],
    "lifecycle": stages(
        "new",
        "active",
        "gone",
        moves=[
            move("wakes", "new", "active", "visits > 0"),
            move("sleeps", "active", "new", "visits == 0"),
            move("leaves", "*", "gone", "visits > 100", after_stay="P30D"),
            move("called", "gone", "active", on=["ping"]),
        ],
    ),
}
NEVER = [
    "stage == 'active' and visits == 0",
    "stage == 'new' and stage == 'gone'",
    "since.stage > $now",
    "tier.plain == 'high' and visits < 5",
    "tier.plain == null",
    "tier.margined == 'high' and visits < 3",
    "tier.rising == 'high' and visits < 5",
    "tier.falling == 'low' and visits >= 5",
    "since.tier.plain > $now",
    "tag.plain and visits < 3",
    "not tag.plain and visits >= 3",
    "tag.held and visits < 3",
    "tag.sticky and visits == 1",
    "not tag.fading and visits > 3",
    "tag.ended and $now >= d'2026-03-01T00:00:00Z'",
    "tag.asked and visits == 7",
    "tag.first and tag.second",
    "tag.hand and tag.first",
    "tag.rest and visits >= 2",
    "not tag.rest and not tag.first and not tag.second and not tag.hand",
    "since.tag.plain > $now and tag.plain",
    "score.heat > 100",
    "score.heat == null",
    "score.strict != null and likes == null",
    "score.zeroed > 80.1",
    "score.zeroed == 90 and visits == 80 and likes > 9",
    "score.whole == null",
    "cap == 'few' and visits > 3",
    "cap.starts_with('z')",
    "tier.plain.length > 4",
    "'a' in gifts and visits < 5",
]
POSSIBLE = [
    "stage == 'active' and days_since(since.stage) >= 40",
    "stage == 'gone' and visits < 5",
    "tier.rising == 'low' and visits >= 5",
    "tier.falling == 'high' and visits < 5",
    "tier.margined == 'high' and visits == 3",
    "tier.liked == 'high' and likes == null",
    "tier.slow == 'high' and likes == null",
    "within(since.tier.plain, 'P2D') and tier.plain == 'high' and since.tier.plain < $now",
    "tag.liked and likes == null",
    "tag.held and days_since(since.tag.held) == 5",
    "tag.held and visits == 3",
    "tag.sticky and visits == 0",
    "tag.fading and visits == 0",
    "tag.ended",
    "tag.evented and tag.asked",
    "tag.alone and days_since(since.tag.alone) == 3",
    "tag.hand and visits > 5",
    "days_since(since.tag.rest) >= 0 and tag.rest",
    "tag.second and visits == 2",
    "score.heat == 12.5 and likes != null",
    "score.zeroed == 30 and likes == 7",
    "score.strict == 10",
    "score.whole == 50 and visits == 50",
    "cap == 'some'",
    "gifts.length == 2",
]


def asked(text):
    """The program with one more tag of this condition, and the claim that it is true."""
    program = program_of(**{**RULESET, "tags": [tag("q", text), *RULESET["tags"]]})
    return program, Claim((Demand(program.rules.tags["q"][0]),))


@pytest.mark.parametrize("text", NEVER)
def test_what_no_decision_leaves_is_proven(text):
    """A condition over what is decided is proven never to be true where no decision can lead there."""
    program, claim = asked(text)
    analysis = Analysis(program.ruleset, program.rules)
    analysis.world(None).is_torn_possible = False
    assert analysis.judge(claim, 10_000).word is Word.NO


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_a_decision_may_leave_is_shown(text):
    """Where a decision can lead there, from some state, one is found that does."""
    program, claim = asked(text)
    analysis = Analysis(program.ruleset, program.rules)
    assert analysis.judge(claim, 10_000).word is Word.YES
    at = USUAL if "ended" not in text else 1_770_000_000_000
    outcome = decide_situation(program, analysis.suggest(claim, at, 10_000))
    assert outcome is not None
    assert meets(outcome.run, claim)


def test_a_conflict_may_keep_any_stage():
    """While transitions may contradict each other, a stage may be kept that one of them leads away from."""
    program, claim = asked("stage == 'active' and visits == 0")
    verdict = Analysis(program.ruleset, program.rules).judge(claim, 10_000)
    assert (verdict.word, verdict.gaps) == (Word.YES, {"memory"})


def test_an_event_is_suggested_with_its_text():
    """Where a rule reads an event, what is suggested has one, of a type and with a text that fit."""
    program, _ = asked("visits > 0")
    claim = Claim((Demand(program.rules.tags["evented"][0], "true", ("ping",)),))
    analysis = Analysis(program.ruleset, program.rules)
    assert analysis.suggest(claim, USUAL, 10_000).event == ("ping", "go")
    timed = Claim((Demand(program.rules.tags["timed"][0], "true", ("ping",)),))
    assert analysis.judge(timed, 10_000).word is Word.YES
    assert analysis.suggest(timed, USUAL, 10_000).event == ("ping", None)


def test_a_circle_is_suggested_in_its_stage():
    """Where a circle is asked for, the profile stands in its first stage, its waits over."""
    program, claim = asked("visits > 0")
    circle = Circle("gone", frozenset({"lifecycle/transitions/leaves"}), ())
    found = Analysis(program.ruleset, program.rules).suggest(Claim(claim.demands, circle), USUAL, 10_000)
    assert (found.stage, found.waited) == ("gone", {"lifecycle/transitions/leaves"})


def test_nothing_is_suggested_for_what_cannot_be():
    """Of a claim that contradicts itself no situation is made."""
    program, claim = asked("visits < 0")
    assert Analysis(program.ruleset, program.rules).suggest(claim, USUAL, 10_000) is None
