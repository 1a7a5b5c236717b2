"""What is in force once it is published: rolled back, retired, and the same in every process."""

import json

import pytest

from service.errors import Conflict, InvalidRequest, NotFound
from service.operations.authoring.activation import retire_ruleset, rollback_ruleset
from service.operations.authoring.release import KEPT_REVISIONS
from service.operations.authoring.review import approve_draft, submit_draft
from service.operations.evaluate import evaluate_profile, evaluate_rulesets
from service.operations.publish import publish_ruleset
from service.operations.rulesets import list_activations, list_rulesets, read_ruleset
from service.operations.segments import list_profiles, read_segment
from service.operations.sweep import Sweep, Swept, read_due, sweep
from tests.conftest import HandClock, wire_on
from tests.governing import (
    AGAIN,
    ANN,
    BOB,
    EVE,
    EVERYBODY,
    HOUR,
    SOON,
    decided,
    events,
    publish,
    released,
    save,
    statuses,
)
from tests.small import DAY, KEY, RULESET, START, asking, changed, logged, remembered, request

ENOUGH = {"reason": "nobody needs it"}


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", ANN)
    yield service
    service.store.close()


def test_after_a_rollback_the_older_version_decides(both, clock):
    """Also profiles that the newer one decided are decided by the older one, at once and without error."""
    decided(both, "u", visits=0)
    released(both, **EVERYBODY)
    assert decided(both, "u") == (2, ["regular"])
    done = rollback_ruleset(both, KEY, AGAIN, EVE)
    assert (done["before"], done["active_version"]) == (2, 1)
    assert decided(both, "u") == (1, [])
    assert decided(both, "new", visits=3) == (1, ["regular"])
    assert statuses(both) == {1: "active", 2: "past"}
    assert [one["kind"] for one in list_activations(both, KEY)] == ["rollback", "publish", "publish"]


def test_a_rollback_may_come_to_every_profile_at_once(both, clock):
    """Whoever the bad version reached is brought back by the sweep, and no action fires for it."""
    for profile in ("u", "v"):
        decided(both, profile, visits=3)
    released(both, apply="now_quietly", tags=[{"key": "regular", "when": "visits >= 9"}], values=[], actions=[])
    sweep(both, Sweep(until=clock.at))
    assert remembered(both, "u").version == 2
    rollback_ruleset(both, KEY, {**AGAIN, "apply": "now_quietly"}, EVE)
    assert sweep(both, Sweep(until=clock.at)).profiles == 2
    assert [remembered(both, profile).version for profile in ("u", "v")] == [1, 1]
    record = json.loads(logged(both, "u")[-1].record)
    assert ([one["key"] for one in record["outcome"]["decisions"]], record["outcome"]["actions"]) == (["regular"], [])


def test_time_goes_on_after_a_rollback(service, clock):
    """What waits for time under the newer version is decided by the older one when it is due."""
    released(service, tags=[{"key": "stale", "when": "days_since(last_seen) >= 5"}], values=[], actions=[])
    decided(service, last_seen="2026-01-01T00:00:00Z")
    rollback_ruleset(service, KEY, AGAIN, EVE)
    clock.at = START + 5 * DAY
    swept = sweep(service, Sweep(until=clock.at))
    assert (swept.profiles, swept.failed, remembered(service, "u").version) == (1, 0, 1)


@pytest.mark.parametrize(
    ("key", "body", "refusal"),
    [
        (KEY, {"version": 1, "reason": "x"}, Conflict),
        (KEY, {"version": 9, "reason": "x"}, NotFound),
        ("nothing", {"version": 1, "reason": "x"}, NotFound),
        (KEY, {"version": 1}, InvalidRequest),
        (KEY, {"version": "1", "reason": "x"}, InvalidRequest),
        (KEY, [], InvalidRequest),
    ],
)
def test_a_rollback_that_can_not_be_is_refused(service, key, body, refusal):
    """To what is in force already, to what never was, and without saying why."""
    with pytest.raises(refusal):
        rollback_ruleset(service, key, body, EVE)
    assert len(list_activations(service, KEY)) == 1


def test_a_retired_ruleset_decides_nothing_and_keeps_everything(both, clock):
    """Evaluations are refused, the sweep leaves it alone, what it decided can be read, and a rollback brings it back."""
    decided(both, visits=3, last_seen="2026-01-01T00:00:00Z")
    assert retire_ruleset(both, KEY, ENOUGH, EVE)["active_version"] is None
    with pytest.raises(Conflict, match="was retired at 2026-01-01") as refused:
        decided(both)
    assert refused.value.code == "retired"
    clock.at = START + 20 * DAY
    assert sweep(both, Sweep(until=clock.at)) == sweep(both, Sweep(until=clock.at, ruleset=KEY)) == Swept()
    assert read_due(both).profiles == 0
    items, _ = list_profiles(both, read_segment(both, {"ruleset": KEY}), None, 10)
    assert [one["profile_id"] for one in items] == ["u"]
    shown = read_ruleset(both, KEY)
    assert (shown["active_version"], shown["version"], shown["retired_at"]) == (None, 1, "2026-01-01T00:00:00Z")
    assert statuses(both) == {1: "retired"}
    with pytest.raises(Conflict, match="already"):
        retire_ruleset(both, KEY, ENOUGH, EVE)
    rollback_ruleset(both, KEY, AGAIN, EVE)
    assert sweep(both, Sweep(until=clock.at)).changes == 1
    assert statuses(both) == {1: "active"}


def test_one_retired_ruleset_stops_no_other(service, clock):
    """Of several rulesets in one request the retired one is named; the sweep goes on with the others."""
    publish_ruleset(service, json.dumps(changed(key="other")), "first", ANN)
    for key in (KEY, "other"):
        evaluate_profile(service, key, request(asking("u", last_seen="2026-01-01T00:00:00Z")))
    retire_ruleset(service, KEY, ENOUGH, EVE)
    with pytest.raises(InvalidRequest) as refused:
        evaluate_rulesets(service, request({**asking("u"), "rulesets": ["other", KEY]}))
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/rulesets/1", "retired")]
    clock.at = START + 10 * DAY
    assert sweep(service, Sweep(until=clock.at)).profiles == 1
    assert [one["active_version"] for one in list_rulesets(service, "", 10)[0]] == [1, None]


def test_a_publish_brings_a_retired_ruleset_back(service):
    """A new version of a retired ruleset is in force as any other."""
    retire_ruleset(service, KEY, ENOUGH, EVE)
    with pytest.raises(NotFound):
        retire_ruleset(service, "nothing", ENOUGH, EVE)
    assert released(service, title="A").row.version == 2
    assert service.programs.active(KEY).version == 2


def test_another_process_follows_within_a_second(service, database, clock):
    """Publish, rollback and retirement reach a process that had nothing to do with them."""
    other = wire_on(database, clock)
    assert other.programs.active(KEY).version == 1
    released(service, title="A")
    clock.at += 600
    assert other.programs.active(KEY).version == 2
    rollback_ruleset(service, KEY, AGAIN, EVE)
    clock.at += 600
    assert other.programs.active(KEY).version == 1
    retire_ruleset(service, KEY, ENOUGH, EVE)
    clock.at += 600
    with pytest.raises(Conflict):
        other.programs.active(KEY)
    other.store.close()


def test_clocks_that_differ_do_not_make_a_profile_flap(service, database, clock):
    """A process whose clock is behind, and meets what the scheduled version decided elsewhere, decides by it too."""
    behind = wire_on(database, HandClock(START))
    decided(service, visits=0)
    released(service, effective_at=SOON, **EVERYBODY)
    clock.at = START + HOUR
    behind.programs._clock.at = behind.clock.at = START + HOUR - 400  # noqa: SLF001  # its own clock
    assert decided(behind, "other", visits=0)[0] == 1
    assert decided(service)[0] == 2
    assert decided(behind)[0] == 2
    behind.store.close()


def test_a_process_whose_clock_is_behind_follows_what_began_at_once(service, database, clock):
    """A publish by a machine whose clock is ahead is in force everywhere as soon as it is known."""
    behind = wire_on(database, HandClock(START - 700))
    released(service, title="A")
    assert behind.programs.active(KEY).version == 2
    rollback_ruleset(behind, KEY, AGAIN, EVE)
    service.programs.refresh()
    assert [one.programs.active(KEY).version for one in (behind, service)] == [1, 1]
    behind.store.close()


def test_the_newest_saves_outlive_a_publish(service):
    """What was saved is kept for a while; only what is far behind is forgotten."""
    for number in range(KEPT_REVISIONS + 5):
        save(service, title=f"t{number}")
    submit_draft(service, KEY, ANN)
    approve_draft(service, KEY, BOB)
    publish(service)
    kept = service.store.read(lambda reads: reads.governance.revisions(KEY, 1 << 31, 1000))
    assert (len(kept), kept[-1].revision) == (KEPT_REVISIONS, 6)


def test_a_publish_by_the_side_is_noted(service):
    """Also a publish by the command line has its event, with what was in force before."""
    publish_ruleset(service, json.dumps(changed(title="A")), "by hand", ANN)
    _, action, detail = events(service)[-1]
    assert (action, detail["before"], detail["version"], detail["approved_by"]) == (
        "ruleset.published",
        1,
        2,
        "command-line",
    )
