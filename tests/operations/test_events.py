"""Events in: what a caller says has happened counts once, for the rules that wait for it."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.small import DAY, KEY, changed, logged, request

TAGS = [
    {"key": "asked", "on": ["hello"], "when": "event.text == '1'", "expires_after": "P3D"},
    {"key": "recent", "on": ["hello"], "when": "within(event.at, 'P1D')"},
    {"key": "greeted", "on": ["hello"]},
]


@pytest.fixture
def listening(service):
    """A service whose rules read events."""
    publish_ruleset(service, json.dumps(changed(tags=TAGS, values=[], actions=[])), "second", COMMAND_LINE)
    return service


def send(service, profile, **event):
    """The reply to an event."""
    body = {"profile": {"id": profile}, "event": event}
    return json.loads(evaluate_profile(service, KEY, request(body)).text)


def test_an_event_counts_for_the_rules_that_wait_for_it(listening):
    """Its text and its instant are what rules see, and the record keeps both."""
    reply = send(listening, "u", type="hello", text="1", at="2025-12-31T12:00:00Z")
    assert reply["tags"] == ["asked", "greeted", "recent"]
    record = json.loads(logged(listening, "u")[0].record)
    assert record["event"] == {"type": "hello", "text": "1", "at": "2025-12-31T12:00:00Z"}


def test_an_event_without_text_leaves_open_what_its_text_decides(listening):
    """A rule that reads the text is undetermined, and every other rule goes on."""
    reply = send(listening, "u", type="hello")
    assert reply["tags"] == ["greeted", "recent"]
    record = json.loads(logged(listening, "u")[0].record)
    assert [(one["key"], one["outcome"]) for one in record["outcome"]["standing"]] == [("asked", "undetermined")]


def test_an_event_has_its_own_instant_and_the_evaluation_another(listening, clock):
    """One that happened long ago is told late; what it brings is counted from when it was told."""
    clock.at += 10 * DAY
    reply = send(listening, "u", type="hello", text="1", at="2026-01-01T00:00:00Z")
    assert (reply["at"], reply["tags"]) == ("2026-01-11T00:00:00Z", ["asked", "greeted"])
    assert reply["next_change"]["at"] == "2026-01-14T00:00:00Z"


def test_an_event_may_come_from_a_clock_that_is_ahead(listening):
    """It is taken at its word: the evaluation goes by `at`, and what lies ahead of it is not within the last day."""
    reply = send(listening, "u", type="hello", text="2", at="2026-01-01T00:05:00Z")
    assert (reply["at"], reply["tags"]) == ("2026-01-01T00:00:00Z", ["greeted"])


def test_an_event_of_an_unknown_type_is_named_and_ignored(listening):
    """It is no error, decides nothing, and is not in the record."""
    reply = send(listening, "u", type="wave", text="1")
    assert (reply["ignored_event"], reply["tags"]) == ("wave", [])
    assert json.loads(logged(listening, "u")[0].record)["event"] is None
