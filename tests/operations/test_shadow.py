"""A draft that watches: it sees what is decided live, changes nothing, and says where it differs."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound, RulesetRejected
from service.operations import watch
from service.operations.authoring import shadower as step_limits
from service.operations.authoring.drafts import discard_draft, save_draft
from service.operations.authoring.forget import forget_profile
from service.operations.authoring.shadow import end_shadow, read_shadow, start_shadow
from service.operations.authoring.shadower import Shadower
from service.operations.evaluate import evaluate_batch, evaluate_profile
from service.operations.publish import publish_ruleset
from service.operations.replies import json_text
from tests.conftest import wire_on
from tests.small import CALLER, DAY, KEY, RULESET, START, as_read, asking, changed, request

EAGER = changed(tags=[*RULESET["tags"][1:], {"key": "regular", "when": "visits >= 5"}])
"""The small ruleset, but `regular` from five visits on."""
ALL = {"share": 1, "days": 7}


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    yield service
    service.store.close()


def watching(service, document=EAGER, **wish):
    """A draft that watches, and the shadower that lets it."""
    save_draft(service, KEY, json.dumps(document), CALLER, "*" if has_draft(service) else None)
    start_shadow(service, KEY, as_read(ALL | wish), CALLER)
    shadower = Shadower(service, lambda error: pytest.fail(repr(error)))
    shadower.step()
    return shadower


def has_draft(service):
    """Whether there is a draft."""
    return service.store.read(lambda reads: reads.governance.draft(KEY)) is not None


def decide(service, name, **attributes):
    """The reply to one profile, as text."""
    return evaluate_profile(service, KEY, request(asking(name, **attributes))).text


def found(service):
    """What the draft has found."""
    return json.loads(json_text(read_shadow(service, KEY)))


def test_differences_are_counted_and_sampled(both):
    """Each kind of difference is counted, and some profiles are kept with both outcomes."""
    shadower = watching(both)
    for name, visits in (("a", 1), ("b", 3), ("c", 4), ("d", 9)):
        decide(both, name, visits=visits)
    shadower.step()
    shown = found(both)
    assert (shown["compared"], shown["moved"], shown["failed"], shown["dropped"]) == (4, 2, 0, 0)
    assert shown["differences"] == [{"kind": "tag", "key": "regular", "from": "held", "to": "absent", "times": 2}]
    assert [one["profile_id"] for one in shown["samples"]] == ["b", "c"]
    first = shown["samples"][0]
    assert (first["live"]["tags"], first["draft"]["tags"]) == (["regular"], [])
    assert (first["live"]["values"], first["draft"]["values"]) == ({"cap": 8}, {"cap": 1})
    assert (shown["started_by"], shown["share"], shown["ended_at"]) == (CALLER.actor, 1, None)
    decide(both, "b", visits=4)
    shadower.step()
    assert found(both)["differences"][0]["times"] == 3
    assert len(found(both)["samples"]) == 2


def test_replies_and_records_are_the_same_as_without(service):
    """Whoever asks can't tell that a draft watches."""
    before = json.loads(decide(service, "a", visits=4))
    shadower = watching(service)
    after = json.loads(decide(service, "b", visits=4))
    shadower.step()
    for one in (before, after):
        del one["evaluation_id"], one["profile_id"]
        for decision in one["decisions"]:
            del decision["id"]
    assert after == before
    assert found(service)["compared"] == 1


def test_the_draft_sees_the_same_inputs(service, clock):
    """It begins with the same memory, at the same instant, with the same event, and knows attributes of its own."""
    document = changed(
        attributes=[*RULESET["attributes"], {"key": "colour", "type": "string"}],
        events=[{"key": "hello"}, {"key": "wave"}],
        tags=[
            *RULESET["tags"],
            {"key": "red", "when": "colour == 'red'"},
            {"key": "waved", "on": ["wave"]},
        ],
    )
    shadower = watching(service, document, days=30)
    body = asking("a", visits=1, colour="red") | {"event": {"type": "wave"}}
    evaluate_profile(service, KEY, request(body))
    clock.at += 12 * DAY
    decide(service, "a", visits=1, last_seen="2026-01-01T00:00:00Z")
    shadower.step()
    differences = [(one["key"], one["from"], one["to"], one["times"]) for one in found(service)["differences"]]
    assert differences == [("red", "absent", "held", 1), ("waved", "absent", "held", 1)]


def test_an_equal_draft_differs_nowhere(service, clock):
    """What time, data and events bring, they bring to both."""
    shadower = watching(service, RULESET | {"title": "Other"}, days=30)
    for day in range(15):
        clock.at = START + day * DAY
        items = [asking("a", visits=day % 5, last_seen="2026-01-01T00:00:00Z") | {"event": {"type": "hello"}}]
        evaluate_batch(service, KEY, request({"items": items}), lambda error: {})
        shadower.step()
    assert (found(service)["compared"], found(service)["differences"]) == (15, [])


def test_only_a_share_of_the_profiles_is_looked_at(service):
    """The share holds, and a profile is looked at always or never."""
    shadower = watching(service, share=0.3)
    for _ in range(2):
        for number in range(200):
            decide(service, f"p{number}", visits=1)
        shadower.step()
    compared = found(service)["compared"]
    assert compared % 2 == 0
    assert 0.2 < compared / 400 < 0.4


def test_what_is_too_much_is_dropped_and_said(service, monkeypatch):
    """A busy service looks at what it can, and the count of the rest is told; no request waits for it."""
    monkeypatch.setattr(watch, "MOST_WAITING", 5)
    monkeypatch.setattr(step_limits, "MOST_AT_ONCE", 3)
    shadower = watching(service)
    for number in range(9):
        decide(service, f"p{number}", visits=4)
    shadower.step()
    assert (found(service)["compared"], found(service)["dropped"]) == (3, 4)
    shadower.step()
    assert (found(service)["compared"], found(service)["dropped"]) == (5, 4)


@pytest.mark.parametrize("reason", ["time-over", "draft-changed", "draft-gone", "version-changed"])
def test_it_ends_when_what_it_compares_is_gone(both, clock, reason):
    """What it found belongs to one draft and one version, and stays to be read."""
    shadower = watching(both)
    decide(both, "a", visits=4)
    shadower.step()
    if reason == "time-over":
        clock.at += 7 * DAY
    elif reason == "draft-changed":
        save_draft(both, KEY, json.dumps(EAGER | {"title": "Changed"}), CALLER, "*")
    elif reason == "draft-gone":
        discard_draft(both, KEY, CALLER, "*")
    else:
        publish_ruleset(both, json.dumps(changed(title="Second")), "second", COMMAND_LINE)
    shadower.step()
    decide(both, "b", visits=4)
    shadower.step()
    shown = found(both)
    assert (shown["reason"], shown["compared"]) == (reason.replace("gone", "changed"), 1)
    assert shown["ended_at"] is not None
    assert both.watch.shares == {}


def test_it_begins_anew_when_it_is_asked_again(both):
    """What an earlier draft found is not mixed with what the next one finds."""
    shadower = watching(both)
    decide(both, "a", visits=4)
    shadower.step()
    again = watching(both, EAGER | {"title": "Changed"})
    assert (found(both)["compared"], found(both)["samples"]) == (0, [])
    decide(both, "b", visits=4)
    again.step()
    assert [one["profile_id"] for one in found(both)["samples"]] == ["b"]
    end_shadow(both, KEY, CALLER)
    with pytest.raises(NotFound):
        read_shadow(both, KEY)
    with pytest.raises(NotFound):
        end_shadow(both, KEY, CALLER)


def test_several_processes_count_together(both):
    """Each adds what it decided itself."""
    shadower = watching(both)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: decide(both, f"p{number}", visits=4), range(40)))
    others = Shadower(both, lambda error: pytest.fail(repr(error)))
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda one: one.step(), [shadower, others]))
    assert (found(both)["compared"], found(both)["moved"]) == (40, 40)


def test_a_profile_that_was_erased_is_not_kept(both):
    """An erased person is in no sample, neither one that is there nor one that comes late."""
    shadower = watching(both)
    decide(both, "a", visits=4)
    decide(both, "b", visits=4)
    shadower.step()
    both.store.write(lambda unit: forget_profile(unit, "a"))
    assert [one["profile_id"] for one in found(both)["samples"]] == ["b"]


@pytest.mark.parametrize(
    "body", [{}, {"share": 2, "days": 1}, {"share": 0.5, "days": 0}, {"share": 0.5, "days": 1, "x": 1}, []]
)
def test_what_can_not_be_meant_is_refused(service, body):
    """A wish that makes no sense starts nothing."""
    with pytest.raises(InvalidRequest):
        start_shadow(service, KEY, as_read(body), CALLER)


def test_only_a_draft_that_compiles_can_watch(service):
    """Without one, or with one that has errors, the caller is told."""
    with pytest.raises(NotFound):
        start_shadow(service, KEY, as_read(ALL), CALLER)
    save_draft(service, KEY, json.dumps(changed(tags=[{"key": "x", "when": "y"}])), CALLER)
    with pytest.raises(RulesetRejected):
        start_shadow(service, KEY, as_read(ALL), CALLER)
