"""Deciding and recording: what a caller can rely on, whatever the engine decides."""

import json

import pytest

from service.audit.record import all_decisions
from service.engine.decide import all_decisions as every_decision
from service.engine.decision import Event
from service.engine.evaluate import evaluate
from service.engine.facts import read_facts
from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.decide import remembered as recall
from service.operations.evaluate import evaluate_batch, evaluate_profile, evaluate_rulesets
from service.operations.publish import publish_ruleset
from tests.conftest import wire_on
from tests.small import CALLER, DAY, KEY, START, as_read, asking, changed, logged, remembered, request


def decide(service, body, **more):
    """The reply to one profile."""
    return json.loads(evaluate_profile(service, KEY, request(body, **more)).text)


def faults(refused):
    """The faults of a refusal, as (pointer, code)."""
    return [(one.pointer, one.code) for one in refused.value.errors]


def test_a_decision_is_recorded_before_it_is_told(service):
    """What the reply says is in the record, in the changes and in the memory."""
    reply = decide(service, asking("u", visits=4, rate=0))
    (row,) = logged(service, "u")
    record = json.loads(row.record)
    assert (reply["evaluation_id"], reply["stage"], reply["tags"]) == (row.id, "active", ["regular"])
    assert record["outcome"]["tags"] == ["regular"]
    assert record["facts"] == {"visits": 4, "rate": 0}
    assert record["previous"] is None
    assert (record["actor"], record["request_id"], record["trigger"]) == ("key1", "request-1", "api")
    assert (record["outcome"]["absent"], record["engine"]) == (["keen", "greeted"], row.engine)
    changes = service.store.read(lambda reads: reads.changes({"profile_id": "u"}, (None, None), 1 << 62, 100))
    assert [one.row.position for one in reversed(changes)] == list(range(len(reply["decisions"])))
    assert [one["id"] for one in reply["decisions"]] == [
        f"{one.row.evaluation_id}-{one.row.position}" for one in reversed(changes)
    ]
    memory = remembered(service, "u")
    assert (memory.evaluation_id, memory.stage, memory.at, memory.revision) == (row.id, "active", START, 1)
    assert json.loads(memory.state) == record["state"]


def test_records_follow_on_each_other(service):
    """Each record holds the state that the one before it left."""
    decide(service, asking("u", visits=4))
    decide(service, asking("u", visits=0))
    first, second = [json.loads(row.record) for row in logged(service, "u")]
    assert second["previous"]["state"] == first["state"]
    assert second["previous"]["evaluation_id"] == first["id"]


def test_deciding_again_from_a_record_gives_the_same(service):
    """The record is enough to decide again and come to the same outcome."""
    decide(service, asking("u", visits=4, rate=0.25))
    decide(service, asking("u", visits=0, rate=0.75) | {"event": {"type": "hello"}})
    first, second = logged(service, "u")
    record = as_read(json.loads(second.record))
    program = service.programs.active(KEY).program
    before_row = remembered(service, "u")._replace(
        state=json.dumps(record["previous"]["state"]), facts=json.dumps(json.loads(first.record)["facts"]), next_at=None
    )
    facts = read_facts(program, record["facts"])
    before = recall(service.programs, before_row)
    again = evaluate(program, "u", facts, before, at=second.at, event=Event("hello", None, second.at))
    assert again[-1].tags == record["outcome"]["tags"]
    assert [(one.key, one.outcome, one.cause) for one in again[-1].decisions] == [
        (one["key"], one["outcome"], one["cause"]) for one in record["outcome"]["decisions"]
    ]


def test_without_attributes_the_stored_ones_serve(service, clock):
    """A caller that brings nothing new gets a decision on what is known."""
    decide(service, asking("u", visits=4))
    clock.at += DAY
    reply = decide(service, {"profile": {"id": "u"}})
    assert (reply["tags"], reply["decisions"]) == (["regular"], [])


def test_attributes_replace_unless_they_are_merged(service):
    """Posted attributes take the place of all stored ones; merged ones of those with the same name only."""
    decide(service, asking("u", visits=4, rate=0.75))
    assert decide(service, asking("u", visits=2) | {"merge": True})["tags"] == ["keen"]
    assert json.loads(remembered(service, "u").facts) == {"visits": 2, "rate": 0.75}
    assert json.loads(remembered(service, "u").facts) != decide(service, asking("u", visits=1))
    assert json.loads(remembered(service, "u").facts) == {"visits": 1}


def test_a_merged_null_forgets_an_attribute(service):
    """Null means that nothing is known any more."""
    decide(service, asking("u", visits=4, rate=0.75))
    reply = decide(service, asking("u", rate=None) | {"merge": True})
    assert json.loads(remembered(service, "u").facts) == {"visits": 4}
    assert reply["undetermined"]["rate"] == ["tags/keen"]


def test_missed_changes_are_recorded_one_by_one(service, clock):
    """What time brought since the last evaluation is decided first, each instant with a record of its own."""
    decide(service, asking("u", last_seen="2026-01-01T00:00:00Z", visits=5) | {"event": {"type": "hello"}})
    clock.at += 30 * DAY
    reply = decide(service, asking("u", last_seen="2026-01-30T00:00:00Z", visits=5))
    rows = logged(service, "u")
    assert [(row.trigger, (row.at - START) // DAY) for row in rows] == [
        ("api", 0),
        ("sweep", 3),
        ("sweep", 10),
        ("api", 30),
    ]
    records = [json.loads(row.record) for row in rows]
    assert [record["facts"]["last_seen"] for record in records] == ["2026-01-01T00:00:00Z"] * 3 + [
        "2026-01-30T00:00:00Z"
    ]
    assert [record["event"] and record["event"]["type"] for record in records] == ["hello", None, None, None]
    causes = [
        [(one["key"], one["outcome"], one["cause"]) for one in record["outcome"]["decisions"]] for record in records
    ]
    assert causes[1:] == [
        [("greeted", "expired", "expiry")],
        [("stale", "assigned", "time")],
        [("stale", "removed", "data")],
    ]
    assert reply["tags"] == ["regular"]
    assert [json.loads(row.record)["previous"]["state"] for row in rows[1:]] == [
        record["state"] for record in records[:-1]
    ]


def test_an_earlier_instant_is_refused(service):
    """An evaluation never goes back behind the last one, and leaves nothing when it tries."""
    decide(service, asking("u", visits=4) | {"at": "2026-02-01T00:00:00Z"})
    with pytest.raises(Conflict) as refused:
        decide(service, asking("u", visits=5) | {"at": "2026-01-31T00:00:00Z"})
    assert refused.value.code == "stale-instant"
    assert len(logged(service, "u")) == 1
    decide(service, asking("u", visits=5) | {"at": "2026-02-01T00:00:00Z"})


def test_a_time_without_offset_is_the_rulesets(service):
    """A wall-clock time means the time in the ruleset's timezone."""
    assert decide(service, asking("u", visits=4) | {"at": "2026-02-01T08:00:00"})["at"] == "2026-02-01T00:00:00Z"


def test_a_dry_run_keeps_nothing(service, clock):
    """A dry run answers for any instant, earlier or later, and leaves no trace."""
    decide(service, asking("u", visits=4, last_seen="2026-01-01T00:00:00Z"))
    before = remembered(service, "u")
    for at, tags in (("2025-12-01T00:00:00Z", ["regular"]), ("2026-03-01T00:00:00Z", ["regular", "stale"])):
        reply = decide(service, {"profile": {"id": "u"}, "at": at, "dry_run": True})
        assert (reply["tags"], reply["dry_run"], reply["evaluation_id"]) == (tags, True, None)
    assert decide(service, asking("nobody", visits=1) | {"dry_run": True})["stage"] == "active"
    assert remembered(service, "u") == before
    assert remembered(service, "nobody") is None
    assert len(logged(service, "u")) == 1


def test_a_dry_run_may_use_another_version(service):
    """A published version that is not active can be tried."""
    publish_ruleset(
        service, json.dumps(changed(tags=[{"key": "regular", "when": "visits >= 100"}], values=[])), "second", CALLER
    )
    body = asking("u", visits=4) | {"dry_run": True}
    assert decide(service, body)["tags"] == []
    reply = decide(service, body | {"version": 1})
    assert (reply["tags"], reply["ruleset"]["version"]) == (["regular"], 1)
    with pytest.raises(NotFound):
        decide(service, body | {"version": 9})


def test_a_version_can_be_pinned_for_dry_runs_only(service):
    """Nothing is recorded under a version that is not active."""
    with pytest.raises(InvalidRequest) as refused:
        decide(service, asking("u", visits=4) | {"version": 1})
    assert faults(refused) == [("/version", "wrong-value")]


def test_all_faults_are_told_at_once(service):
    """One reply names every mistake of a request, each with its place."""
    body = {
        "profile": {"id": "", "attributes": {"visits": "4", "plan": "gold"}, "name": "x"},
        "event": {"text": 1, "at": "yesterday"},
        "at": "2026-13-01T00:00:00Z",
        "merge": "yes",
        "decisions": "everything",
        "dryrun": True,
    }
    with pytest.raises(InvalidRequest) as refused:
        decide(service, body)
    assert set(faults(refused)) == {
        ("/profile/id", "wrong-value"),
        ("/profile/attributes/visits", "wrong-type"),
        ("/profile/attributes/plan", "wrong-type"),
        ("/profile/name", "unknown-member"),
        ("/event/type", "missing-member"),
        ("/event/text", "wrong-type"),
        ("/event/at", "wrong-value"),
        ("/at", "wrong-value"),
        ("/merge", "wrong-type"),
        ("/decisions", "wrong-value"),
        ("/dryrun", "unknown-member"),
    }
    assert "did you mean `dry_run`?" in str(refused.value.errors)
    assert remembered(service, "u") is None


def test_a_merged_attribute_that_does_not_fit_is_told(service):
    """Merging checks what is posted, and does not miss what is stored already."""
    required = changed(
        attributes=[{"key": "visits", "type": "integer", "required": True}], tags=[], values=[], actions=[]
    )
    publish_ruleset(service, json.dumps(required), "second", CALLER)
    decide(service, asking("u", visits=4))
    with pytest.raises(InvalidRequest) as refused:
        decide(service, asking("u", visits="many") | {"merge": True})
    assert faults(refused) == [("/profile/attributes/visits", "wrong-type")]
    with pytest.raises(InvalidRequest) as refused:
        decide(service, asking("new") | {"merge": True})
    assert faults(refused) == [("/profile/attributes/visits", "missing-attribute")]
    assert decide(service, asking("u") | {"merge": True})["stage"] == "active"


def test_what_is_not_declared_is_named_and_not_kept(service):
    """Unknown attributes and events do no harm, and the reply says that they were ignored."""
    reply = decide(service, asking("u", visits=4, colour="red") | {"event": {"type": "wave"}})
    assert (reply["ignored_attributes"], reply["ignored_event"]) == (["colour"], "wave")
    assert json.loads(remembered(service, "u").facts) == {"visits": 4}
    assert "ignored_event" not in decide(service, asking("u", visits=4) | {"event": {"type": "hello"}})


def test_a_quiet_evaluation_fires_nothing(service):
    """An import records what it finds and thanks nobody."""
    assert decide(service, asking("u", visits=4) | {"actions": "quiet"})["actions"] == []
    assert [one["key"] for one in decide(service, asking("v", visits=4))["actions"]] == ["thank"]


def test_all_decisions_are_the_engines(service):
    """The record spells out the same decisions as the engine does."""
    body = asking("u", visits=4, rate=0.75)
    reply = decide(service, body | {"decisions": "all"})
    published = service.programs.active(KEY)
    facts = read_facts(published.program, as_read(body)["profile"]["attributes"])
    (outcome,) = evaluate(published.program, "u", facts, None, at=START)
    shown = {
        (one["kind"], one["key"], one["outcome"], one["from"], one["to"], one["rule"]) for one in reply["decisions"]
    }
    assert shown == {
        (one.kind, one.key, one.outcome, one.source, one.target, one.rule) for one in every_decision(outcome)
    }
    recorded = json.loads(logged(service, "u")[0].record)["outcome"]
    assert [{**one, "id": None} for one in reply["decisions"]] == [
        {**one, "id": None} for one in all_decisions(recorded)
    ]


def test_an_explanation_comes_when_it_is_asked_for(service):
    """A caller can see why each rule came out as it did."""
    assert "explanation" not in decide(service, asking("u", visits=4))
    entries = decide(service, asking("u", visits=2) | {"explain": True})["explanation"]
    assert [one["key"] for one in entries][:1] == ["regular"]


def test_a_batch_decides_in_order_and_bad_items_fail_alone(service):
    """Items of one profile follow on each other, and one that can't be used takes no other with it."""
    items = [asking("u", visits=1), asking("", visits=1), asking("u", visits=4), asking("u", visits="x"), "nothing"]
    items.append(asking("u", visits=0) | {"at": "2025-01-01T00:00:00Z"})
    reply = evaluate_batch(service, KEY, request({"items": items}), lambda error: {"detail": error.detail})
    results = json.loads(reply.text)["results"]
    assert [one.get("tags") for one in results] == [[], None, ["regular"], None, None, None]
    assert all(set(one) == {"error"} for one in results if "tags" not in one)
    assert reply.recorded == 2
    assert [row.trigger for row in logged(service, "u")] == ["batch", "batch"]
    assert logged(service, "u")[1].record.count(logged(service, "u")[0].id)


def test_a_batch_has_one_instant_unless_an_item_has_its_own(service):
    """The batch's `at` counts for every item that states none."""
    items = [asking("u", visits=1), asking("v", visits=1) | {"at": "2026-02-01T00:00:00Z"}]
    reply = evaluate_batch(service, KEY, request({"items": items, "at": "2026-03-01T00:00:00Z"}), lambda _: {})
    assert [one["at"] for one in json.loads(reply.text)["results"]] == ["2026-03-01T00:00:00Z", "2026-02-01T00:00:00Z"]


def test_a_dry_batch_keeps_nothing(service):
    """A batch can be tried too."""
    reply = evaluate_batch(service, KEY, request({"items": [asking("u", visits=1)], "dry_run": True}), lambda _: {})
    assert json.loads(reply.text)["results"][0]["stage"] == "active"
    assert reply.recorded == 0
    assert remembered(service, "u") is None


def test_several_rulesets_are_decided_together(service):
    """One call decides a profile under several rulesets, each with its own record."""
    publish_ruleset(service, json.dumps(changed(key="other", timezone="UTC")), "other", CALLER)
    body = asking("u", visits=4) | {"rulesets": ["other", KEY], "at": "2026-02-01T08:00:00"}
    results = json.loads(evaluate_rulesets(service, request(body)).text)["results"]
    assert [(one["ruleset"]["key"], one["at"]) for one in results] == [
        ("other", "2026-02-01T08:00:00Z"),
        (KEY, "2026-02-01T00:00:00Z"),
    ]
    assert [row.ruleset for row in logged(service, "u")] == ["other", KEY]


def test_several_rulesets_are_recorded_all_or_none(service):
    """If one of them can't be decided, none is recorded."""
    publish_ruleset(service, json.dumps(changed(key="other")), "other", CALLER)
    decide(service, asking("u", visits=4) | {"at": "2026-02-01T00:00:00Z"})
    body = asking("u", visits=0) | {"rulesets": ["other", KEY], "at": "2026-01-15T00:00:00Z"}
    with pytest.raises(Conflict):
        evaluate_rulesets(service, request(body))
    assert [row.ruleset for row in logged(service, "u")] == [KEY]


def test_rulesets_that_do_not_exist_are_named(service):
    """Every unknown ruleset of a request is told."""
    for rulesets, expected in (
        (["nothing", KEY, "never"], [("/rulesets/0", "unknown-ruleset"), ("/rulesets/2", "unknown-ruleset")]),
        ([KEY, KEY], [("/rulesets", "wrong-value")]),
        ([], [("/rulesets", "wrong-value")]),
        ([1], [("/rulesets/0", "wrong-type")]),
    ):
        with pytest.raises(InvalidRequest) as refused:
            evaluate_rulesets(service, request(asking("u") | {"rulesets": rulesets}))
        assert faults(refused) == expected
    with pytest.raises(NotFound):
        evaluate_profile(service, "nothing", request(asking("u")))


def test_a_profile_decided_by_a_newer_version_is_not_set_back(service, database, clock):
    """A process that has not heard of a publish yet looks again before it decides."""
    behind = wire_on(database, clock)
    behind.programs.refresh()
    publish_ruleset(service, json.dumps(changed(title="Second")), "second", CALLER)
    decide(service, asking("u", visits=4))
    assert decide(behind, asking("u", visits=5))["ruleset"]["version"] == 2
    behind.store.close()


def test_a_publish_is_noticed_within_half_a_second(service, database, clock):
    """Every process decides by the new version soon, without asking for each request."""
    other = wire_on(database, clock)
    assert decide(other, asking("u", visits=4))["ruleset"]["version"] == 1
    publish_ruleset(service, json.dumps(changed(title="Second")), "second", CALLER)
    assert decide(other, asking("v", visits=4))["ruleset"]["version"] == 1
    clock.at += 500
    assert decide(other, asking("w", visits=4))["ruleset"]["version"] == 2
    other.store.close()
