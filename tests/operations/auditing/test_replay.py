"""Stored evaluations decided again: equal to the byte, or the difference named, or the reason why it can't be."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.engine import ENGINE_VERSION
from service.errors import InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.auditing import replay_period as replaying
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.replay import replay_evaluation, replay_row
from service.operations.auditing.replay_period import replay_period
from service.operations.evaluate import evaluate_profile
from service.operations.manual import set_tag
from service.operations.publish import publish_ruleset
from service.operations.sweep import Sweep, sweep
from tests.small import DAY, KEY, START, asking, changed, logged, remembered, request

SEEN = "2025-12-30T00:00:00Z"
SHARPER = changed(tags=[{"key": "regular", "when": "visits >= 5"}], actions=[])


def decide(service, body):
    """Record one evaluation."""
    return json.loads(evaluate_profile(service, KEY, request(body)).text)


@pytest.fixture
def history(service, clock):
    """Every way in which a profile is decided: facts, none, an event, a person's word, time, another version."""
    decide(service, asking("u", visits=1, rate=0.75, last_seen=SEEN))
    clock.at += DAY
    decide(service, {"profile": {"id": "u"}})
    decide(service, asking("u", visits=4) | {"event": {"type": "hello"}, "actions": "quiet"})
    set_tag(service, "u", "keen", request({"ruleset": KEY, "state": "assigned", "reason": "asked"}))
    clock.at += 30 * DAY
    sweep(service, Sweep(until=clock.at))
    publish_ruleset(service, json.dumps(SHARPER), "sharper", COMMAND_LINE, "now")
    sweep(service, Sweep(until=clock.at))
    decide(service, asking("v", visits=4))
    return service


def test_everything_replays_to_the_byte(history):
    """Whatever an evaluation was decided from, the same comes out again, to the byte, by the same engine."""
    rows = logged(history, "u")
    assert {row.trigger for row in rows} == {"api", "manual", "sweep", "publish"}
    for row in rows:
        found = replay_evaluation(history, row.id, {})
        assert (found["result"], found["differences"], found["reason"]) == ("equal", [], None)
        assert found["engine"] == {"recorded": ENGINE_VERSION, "present": ENGINE_VERSION, "same": True}
    done = replay_period(history, {}).to_json()
    assert (done["checked"], done["equal"], done["different"]) == (len(rows) + 1, len(rows) + 1, 0)
    assert done["engines"] == {ENGINE_VERSION: len(rows) + 1}


def test_another_version_says_what_would_have_come_out(history):
    """Decided by another version, each decision that comes out otherwise is named, before and after."""
    first = logged(history, "u")[2]
    found = replay_evaluation(history, first.id, {"version": 2})
    assert (found["result"], found["recorded_version"], found["version"]) == ("different", 1, 2)
    (regular,) = [one for one in found["differences"] if (one["kind"], one["key"]) == ("tag", "regular")]
    assert [one["outcome"] for one in regular["before"]] == ["assigned"]
    assert [one["outcome"] for one in regular["after"]] == ["absent"]
    assert replay_evaluation(history, first.id, {"version": 1})["result"] == "equal"
    told = []
    done = replay_period(history, {"ruleset": KEY, "version": 2}, told=told.append)
    assert done.different == len(told) == len(done.differences) > 0


def test_another_instant_says_what_would_have_come_out(history):
    """Decided for a later instant, time has brought what it brings; one before the earlier decision is refused."""
    row = logged(history, "u")[1]
    found = replay_evaluation(history, row.id, {"at": "2026-01-20T00:00:00Z"})
    assert {(one["kind"], one["key"]) for one in found["differences"]} >= {("tag", "stale")}
    assert found["at"] == "2026-01-20T00:00:00Z"
    with pytest.raises(InvalidRequest):
        replay_evaluation(history, row.id, {"at": "2025-01-20T00:00:00Z"})


def forged(row, **members):
    """An evaluation whose record says something else; a member's way is joined by two underscores."""
    record = json.loads(row.record)
    for path, value in members.items():
        *way, last = path.split("__")
        inside = record
        for step in way:
            inside = inside[step]
        inside[last] = value
    return row._replace(record=json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False))


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        ("tag", {"outcome__tags": ["regular"], "outcome__absent": []}),
        ("score", {"outcome__scores": {"activity": {"value": 99, "coverage": 1}}}),
        ("next_change", {"outcome__next_change": None}),
        ("state", {"state__waits": {"tags/x": 1}}),
        ("outcome", {"outcome__more": 1}),
    ],
)
def test_what_was_tampered_with_is_named(history, kind, members):
    """A record that says something else than its grounds lead to does not replay, and what differs is named."""
    row = logged(history, "u")[0]
    assert replay_row(history.programs, row, None)["result"] == "equal"
    found = replay_row(history.programs, forged(row, **members), None)
    assert found["result"] == "different"
    assert kind in {one["kind"] for one in found["differences"]}


def test_what_can_not_be_replayed_says_why(history):
    """An erased content, an unknown format and a version that is gone are answers, in both languages."""
    kept = logged(history, "v")[0]
    ids = [row.id for row in logged(history, "u")]
    erase_profile(history, "u", {"ground": "asked for it"}, COMMAND_LINE)
    for one in ids:
        found = replay_evaluation(history, one, {"version": 2})
        assert (found["result"], found["reason"]["code"]) == ("not_replayable", "erased")
        assert set(found["reason"]) == {"code", "en", "zh"}
    done = replay_period(history, {})
    assert (done.checked, done.equal, done.not_replayable) == (len(ids) + 1, 1, {"erased": len(ids)})
    assert replay_row(history.programs, forged(kept, format=2), None)["reason"]["code"] == "unknown-format"
    assert replay_row(history.programs, kept._replace(version=9), None)["reason"]["code"] == "no-version"


def test_without_the_record_before_causes_are_left_out(history):
    """Where the earlier record is gone, all but the causes is still compared."""
    rows = logged(history, "u")
    assert [replay_row(history.programs, row, None)["result"] for row in rows] == ["equal"] * len(rows)
    changed_tag = forged(rows[2], outcome__tags=["keen"])
    assert replay_row(history.programs, changed_tag, None)["result"] == "different"


def test_a_period_is_one_of_recording(history, clock):
    """A period has what was recorded in it, of one ruleset or all, however many there are."""
    begin = logged(history, "v")[0].recorded_at
    rows = logged(history, "u")
    for low, high in ((START, START + DAY), (START + DAY, None), (None, START + DAY), (begin, begin + 1)):
        wish = {name: written(at) for name, at in (("from", low), ("to", high)) if at is not None}
        wanted = sum((low or 0) <= row.recorded_at < (high or 1 << 62) for row in [*rows, *logged(history, "v")])
        assert replay_period(history, wish | {"ruleset": KEY}).checked == wanted
    assert remembered(history, "u") is not None


def test_a_long_log_is_read_in_parts(history, monkeypatch):
    """However long the log, some of it at a time is in memory, and everything is decided again once."""
    whole = replay_period(history, {}).checked
    monkeypatch.setattr(replaying, "CHUNK", 2)
    assert replay_period(history, {}).checked == whole


def written(at):
    """An instant as text."""
    return write_instant(at)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"version": 0}, "/version"), ({"at": "soon"}, "/at"), ({"more": 1}, "/more"), ([], "")],
)
def test_a_wish_with_faults_is_refused(history, body, pointer):
    """What can't be used is told with its place."""
    with pytest.raises(InvalidRequest) as refused:
        replay_evaluation(history, logged(history, "v")[0].id, body)
    assert [one.pointer for one in refused.value.errors] == [pointer]


def test_a_period_with_faults_is_refused(history):
    """A version needs its ruleset, and both must be there."""
    for wish in ({"version": 2}, {"from": "soon"}, {"more": 1}):
        with pytest.raises(InvalidRequest):
            replay_period(history, wish)
    for wish in ({"ruleset": "none"}, {"ruleset": KEY, "version": 9}):
        with pytest.raises(NotFound):
            replay_period(history, wish)
    with pytest.raises(NotFound):
        replay_evaluation(history, "nothing", {})
    with pytest.raises(NotFound):
        replay_evaluation(history, logged(history, "v")[0].id, {"version": 9})
