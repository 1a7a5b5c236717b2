"""Tags by hand: a person's word stands in place of a rule, and everybody can see whose word it was."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.evaluate import evaluate_profile
from service.operations.manual import set_tag
from service.operations.publish import publish_ruleset
from service.operations.repeats import Repeat
from service.operations.sweep import Sweep, sweep
from tests.databases import rows
from tests.small import DAY, KEY, asking, changed, logged, remembered, request

TAGS = [
    {"key": "regular", "when": "visits >= 3"},
    {"key": "friend", "manual": "only", "aliases": ["pal"]},
    {"key": "keen", "when": "rate > 0.5", "manual": "no"},
]


@pytest.fixture
def tagged(service):
    """A service whose ruleset has a tag for people only, and one that they may not touch; with one profile."""
    publish_ruleset(service, json.dumps(changed(tags=TAGS)), "second", COMMAND_LINE)
    evaluate_profile(service, KEY, request(asking("u", visits=1)))
    return service


def put(service, tag, state="assigned", profile="u", repeat=None, **more):
    """The reply to a person's word."""
    body = {"ruleset": KEY, "state": state, "reason": "asked for it"} | more
    return json.loads(set_tag(service, profile, tag, request(body, repeat=repeat)).text)


def faults(refused):
    """The faults of a refusal, as (pointer, code)."""
    return [(one.pointer, one.code) for one in refused.value.errors]


def test_an_assigned_tag_is_held_whatever_its_rule_says(tagged, clock):
    """It is held, fires as any change does, stays through evaluations, and is its rule's again when it is released."""
    reply = put(tagged, "regular")
    assert (reply["tags"], [one["key"] for one in reply["actions"]]) == (["regular"], ["thank"])
    assert [(one["key"], one["outcome"], one["cause"]) for one in reply["decisions"]] == [
        ("regular", "assigned", "manual")
    ]
    clock.at += DAY
    assert json.loads(evaluate_profile(tagged, KEY, request(asking("u", visits=2))).text)["tags"] == ["regular"]
    assert put(tagged, "regular", "released")["tags"] == []


def test_a_blocked_tag_is_kept_away(tagged):
    """Its rule may say what it likes."""
    assert put(tagged, "regular", "blocked")["tags"] == []
    assert json.loads(evaluate_profile(tagged, KEY, request(asking("u", visits=9))).text)["tags"] == []
    assert put(tagged, "regular", "released")["tags"] == ["regular"]


def test_a_word_with_an_end_ends_by_itself(tagged, clock):
    """A sweep gives the tag back to its rule at exactly the instant that was named."""
    reply = put(tagged, "friend", expires_at="2026-01-08T00:00:00Z")
    assert reply["next_change"]["at"] == "2026-01-08T00:00:00Z"
    clock.at += 10 * DAY
    sweep(tagged, Sweep(until=clock.at))
    record = json.loads(logged(tagged, "u")[-1].record)
    assert (record["at"], record["outcome"]["tags"]) == ("2026-01-08T00:00:00Z", [])
    assert [(one["key"], one["outcome"]) for one in record["outcome"]["decisions"]] == [("friend", "expired")]


def test_it_is_recorded_who_said_so_and_why(tagged, database):
    """The record holds the person's word, and the audit events name who gave it, without the reason."""
    reply = put(tagged, "friend")
    row = logged(tagged, "u")[-1]
    record = json.loads(row.record)
    assert (row.trigger, row.actor, row.id) == ("manual", "key1", reply["evaluation_id"])
    assert record["manual"] == {
        "tag": "friend",
        "state": "assigned",
        "actor": "key1",
        "reason": "asked for it",
        "expires_at": None,
    }
    (event,) = rows(database, "SELECT action, subject, actor, detail FROM audit_events WHERE action LIKE 'tag.%'")
    assert event[:3] == ("tag.assigned", "u", "key1")
    assert json.loads(event[3]) == {"ruleset": KEY, "tag": "friend", "evaluation_id": row.id}


def test_a_merged_key_stands_for_the_present_one(tagged):
    """Whoever still uses the old name of a tag means the tag."""
    assert put(tagged, "pal")["tags"] == ["friend"]


def test_releasing_what_nobody_set_is_no_error(tagged):
    """It is recorded, and nothing changes."""
    reply = put(tagged, "friend", "released")
    assert (reply["tags"], reply["decisions"]) == ([], [])


def test_what_does_not_exist_is_not_found(tagged):
    """An unknown ruleset, tag or profile is named; no profile comes into being by a slip of the pen."""
    for call, word in (
        (lambda: put(tagged, "fiend"), "fiend"),
        (lambda: put(tagged, "friend", ruleset="big"), "big"),
        (lambda: put(tagged, "friend", profile="nobody"), "nobody"),
    ):
        with pytest.raises(NotFound, match=word):
            call()
    assert remembered(tagged, "nobody") is None


def test_every_fault_of_a_word_is_told(tagged):
    """What can't stand is refused, and nothing is recorded."""
    for body, expected in (
        ({"state": "given"}, [("/state", "wrong-value")]),
        ({"reason": ""}, [("/reason", "wrong-value")]),
        ({"expires_at": "soon"}, [("/expires_at", "wrong-value")]),
        ({"expires_at": "2026-01-01T00:00:00Z"}, [("/expires_at", "wrong-value")]),
        ({"expires_at": "2026-01-09T00:00:00Z", "at": "2026-01-09T00:00:00Z"}, [("/expires_at", "wrong-value")]),
        ({"state": "released", "expires_at": "2026-01-09T00:00:00Z"}, [("/expires_at", "wrong-value")]),
        ({"who": "me"}, [("/who", "unknown-member")]),
    ):
        with pytest.raises(InvalidRequest) as refused:
            put(tagged, "friend", **body)
        assert faults(refused) == expected
    with pytest.raises(InvalidRequest) as refused:
        put(tagged, "keen")
    assert faults(refused) == [("", "manual-refused")]
    assert len(logged(tagged, "u")) == 1


def test_a_word_is_not_given_for_the_past(tagged):
    """A person's word goes by the same clock as every decision."""
    with pytest.raises(Conflict) as refused:
        put(tagged, "friend", at="2025-12-31T00:00:00Z")
    assert refused.value.code == "stale-instant"


def test_a_repeated_word_is_given_once(tagged):
    """The same idempotency key gives the stored reply and records nothing again."""
    repeat = Repeat("key1", "k", "same", 7)
    assert put(tagged, "friend", repeat=repeat) == put(tagged, "friend", repeat=repeat)
    assert len(logged(tagged, "u")) == 2
