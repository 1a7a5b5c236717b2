"""Publishing an approved draft: what stands in the way, at once or at an instant to come, and what that cancels."""

import json

import pytest

from service.errors import Conflict, InvalidRequest, NotFound, RulesetRejected
from service.operations.authoring.activation import cancel_schedule, rollback_ruleset
from service.operations.authoring.drafts import discard_draft, save_draft
from service.operations.authoring.release import publish_draft
from service.operations.authoring.review import approve_draft, submit_draft
from service.operations.publish import publish_ruleset
from service.operations.replies import json_text
from service.operations.rulesets import read_ruleset, read_version
from service.operations.sweep import SETTLED_MILLISECONDS, Sweep, Swept, applying, sweep
from tests.conftest import HandClock, wire_on
from tests.governing import (
    AGAIN,
    ANN,
    BOB,
    EVE,
    EVERYBODY,
    HOUR,
    SOON,
    WARNINGS,
    approved,
    decided,
    draft,
    publish,
    released,
    statuses,
)
from tests.small import KEY, RULESET, START, changed, logged, remembered


@pytest.fixture
def both(database_url, clock):
    """A service with the small ruleset, on each database in turn."""
    service = wire_on(database_url, clock)
    publish_ruleset(service, json.dumps(RULESET), "first", ANN)
    yield service
    service.store.close()


def test_a_version_says_who_answers_for_it(service):
    """Author, approver, base, why, and what was known: the examples, the warnings that were acknowledged, and by whom."""
    done = released(service, title="A")
    shown = json.loads(json_text(read_version(service, KEY, 2)))
    assert (shown["author"], shown["approved_by"], shown["base_version"], shown["comment"]) == ("ann", "bob", 1, "why")
    assert (shown["digest"], shown["status"]) == (done.row.digest, "active")
    evidence = shown["evidence"]
    assert evidence["acknowledged"] == sorted(WARNINGS)
    assert (evidence["by"], evidence["examples"]["passed"], evidence["single_person"]) == ("bob", 0, False)
    assert draft(service) is None


def test_the_command_line_publishes_without_a_review_and_says_so(service):
    """Also what came from a file says who approved it: nobody was asked."""
    assert read_version(service, KEY, 1)["approved_by"] == "command-line"


def test_every_warning_must_be_acknowledged(service):
    """What the author was warned of is published only by somebody who names it; the refusal lists it all."""
    approved(service, title="A")
    with pytest.raises(Conflict) as refused:
        publish(service, acknowledge=["untested-rule"])
    assert refused.value.code == "unacknowledged-warnings"
    assert {one["code"] for one in refused.value.more["warnings"]} == {"tag-without-purpose", "unused-attribute"}
    assert all({*one["message"]} == {"en", "zh"} for one in refused.value.more["warnings"])
    assert publish(service).row.version == 2


def test_a_publish_that_moves_more_than_the_ruleset_allows_is_to_be_acknowledged(service):
    """The share is told in both languages, and stands in the evidence once somebody answered for it."""
    for profile in "abc":
        decided(service, profile, visits=0)
    approved(service, max_moved_share=0.5, **EVERYBODY)
    with pytest.raises(Conflict) as refused:
        publish(service)
    (warning,) = refused.value.more["warnings"]
    assert (warning["code"], warning["pointer"]) == ("moved-share", "/max_moved_share")
    assert "the ruleset allows 50 %" in warning["message"]["en"]
    assert "允许 50 %" in warning["message"]["zh"]
    evidence = json.loads(publish(service, acknowledge=[*WARNINGS, "moved-share"]).row.evidence)
    assert ("moved-share" in evidence["acknowledged"], evidence["impact"]["share"]) == (True, 1)


def test_a_draft_that_became_wrong_is_not_published(service):
    """An approved draft that this version of the service finds wrong stays a draft."""
    row = approved(service, title="A")
    for document in ({"key": KEY}, changed(examples=[{"steps": [{"at": SOON, "expect": {"stage": "active"}}]}])):
        wrong = row._replace(document=json.dumps(document))
        service.store.write(lambda unit, wrong=wrong: unit.governance.save_draft(wrong))
        with pytest.raises(RulesetRejected):
            publish(service)
    assert statuses(service) == {1: "active"}


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"effective_at": "2025-12-31T23:59:00Z"}, "/effective_at"),
        ({"effective_at": "soon"}, "/effective_at"),
        ({"comment": ""}, "/comment"),
        ({"apply": "later"}, "/apply"),
        ({"acknowledge": "all"}, "/acknowledge"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_publish_that_can_not_be_is_refused(service, wish, pointer):
    """An instant in the past, and whatever else makes no sense, is told before anything is done."""
    approved(service, title="A")
    with pytest.raises(InvalidRequest) as refused:
        publish(service, **wish)
    assert [one.pointer for one in refused.value.errors] == [pointer]
    assert statuses(service) == {1: "active"}


def test_this_very_instant_is_no_schedule(service):
    """Who names the present, by a clock that is a little behind, means at once."""
    approved(service, title="A")
    assert not publish(service, effective_at="2025-12-31T23:59:59.500Z").is_scheduled
    assert statuses(service)[2] == "active"


def test_what_is_in_force_already_is_not_published_again(service):
    """A draft that says what is active makes no version."""
    approved(service)
    with pytest.raises(Conflict, match="exactly this already"):
        publish(service)


def test_a_draft_that_moved_meanwhile_is_not_published(service):
    """Exactly what was approved is published: who names another revision, and who is overtaken, is refused."""
    approved(service, title="A")
    with pytest.raises(Conflict) as refused:
        publish_draft(service, KEY, {"comment": "why"}, BOB, "9-00000000")
    assert refused.value.code == "draft-changed"
    discard_draft(service, KEY, ANN, "*")
    with pytest.raises(NotFound):
        publish(service)


def test_a_schedule_takes_effect_at_its_instant(both, clock):
    """Until then the version before decides, from then on the new one, and nobody is asked in between."""
    done = released(both, effective_at=SOON, **EVERYBODY)
    assert (done.is_scheduled, statuses(both)) == (True, {1: "active", 2: "scheduled"})
    assert read_ruleset(both, KEY)["scheduled"] == [{"version": 2, "effective_at": SOON}]
    clock.at = START + HOUR - 1
    assert decided(both, visits=0) == (1, [])
    both.store.close()
    clock.at += 1
    assert decided(both, visits=0) == (2, ["regular"])
    assert statuses(both) == {1: "past", 2: "active"}
    assert read_version(both, KEY, 1)["in_force"] == [{"from": "2026-01-01T00:00:00Z", "to": SOON}]


def test_at_the_instant_the_clock_switches_without_a_query(service, clock):
    """A scheduled version is known and compiled ahead: a database that is away at that moment delays nothing."""
    released(service, effective_at=SOON, **EVERYBODY)
    clock.at = START + HOUR - 1
    assert service.programs.active(KEY).version == 1
    reads = []
    service.programs._store = Counting(service.store, reads)  # noqa: SLF001  # what is counted is what it asks
    clock.at += 1
    assert service.programs.active(KEY).version == 2
    assert reads == []


class Counting:
    """A store that counts how often it is read."""

    def __init__(self, store, reads):
        self.store, self.reads = store, reads

    def read(self, job):
        """Read, and note it."""
        self.reads.append(job)
        return self.store.read(job)


def test_a_schedule_outlives_a_restart(service, database, clock):
    """A process that starts after the instant, or just before it, follows the plan."""
    released(service, effective_at=SOON, **EVERYBODY)
    service.store.close()
    for at, version in ((START + HOUR - 1, 1), (START + HOUR, 2)):
        started = wire_on(database, HandClock(at))
        assert started.programs.warm() == 1
        assert started.programs.active(KEY).version == version
        started.store.close()


def schedule_new(service):
    """Schedule the first version of a ruleset."""
    save_draft(service, "new", json.dumps(changed(key="new")), ANN)
    submit_draft(service, "new", ANN)
    approve_draft(service, "new", BOB)
    publish_draft(service, "new", {"comment": "why", "effective_at": SOON, "acknowledge": WARNINGS}, BOB)


def test_a_first_version_may_be_scheduled(service, clock):
    """Until it is in force there is no such ruleset for callers, and they are told when there will be."""
    schedule_new(service)
    with pytest.raises(NotFound, match="it begins at 2026-01-01T01:00:00Z"):
        service.programs.active("new")
    shown = read_ruleset(service, "new")
    assert (shown["active_version"], shown["version"], len(shown["scheduled"])) == (None, 1, 1)
    clock.at += HOUR
    assert service.programs.active("new").version == 1


def test_a_first_schedule_can_be_cancelled(service, clock):
    """Then the ruleset is as one that was retired: nothing begins, and a rollback can bring it."""
    schedule_new(service)
    cancel_schedule(service, "new", BOB)
    clock.at += 2 * HOUR
    with pytest.raises(Conflict, match="retired"):
        service.programs.active("new")
    rollback_ruleset(service, "new", AGAIN, BOB)
    assert service.programs.active("new").version == 1


def test_a_schedule_can_be_cancelled(service, clock):
    """Nothing begins that was planned, what is in force stays, and there is nothing left to cancel."""
    released(service, effective_at=SOON, **EVERYBODY)
    assert cancel_schedule(service, KEY, EVE)["cancelled"] == [2]
    clock.at += 2 * HOUR
    assert service.programs.active(KEY).version == 1
    assert statuses(service) == {1: "active", 2: "cancelled"}
    for key in (KEY, "nothing"):
        with pytest.raises(NotFound):
            cancel_schedule(service, key, EVE)


def test_a_cancelled_schedule_leaves_what_is_under_way(service, clock):
    """A version that is on its way to every profile still gets there."""
    decided(service, visits=0)
    released(service, apply="now_quietly", **EVERYBODY)
    released(service, effective_at=SOON, title="Later")
    cancel_schedule(service, KEY, EVE)
    assert sweep(service, Sweep(until=clock.at)).profiles == 1
    assert remembered(service, "u").version == 2


def test_what_is_published_at_once_cancels_what_was_scheduled(service, clock):
    """The newer word stands: the plan before it is cancelled, and the reply says so."""
    released(service, effective_at=SOON, title="Later")
    assert released(service, title="Now").cancelled == (2,)
    clock.at += 2 * HOUR
    assert service.programs.active(KEY).version == 3
    assert statuses(service) == {1: "past", 2: "cancelled", 3: "active"}


def test_several_schedules_come_one_after_the_other(service, clock):
    """A later plan for a later day leaves the earlier one; one for an earlier day takes its place."""
    assert released(service, effective_at=SOON, title="One").cancelled == ()
    assert released(service, effective_at="2026-01-01T02:00:00Z", title="Two").cancelled == ()
    clock.at = START + HOUR
    assert service.programs.active(KEY).version == 2
    clock.at += HOUR
    assert service.programs.active(KEY).version == 3


def test_a_scheduled_version_that_is_to_be_applied_is_applied_at_its_instant(both, clock):
    """The sweep brings it to every profile when it begins, not before, and then is done with it."""
    decided(both, visits=0)
    released(both, effective_at=SOON, apply="now", **EVERYBODY)
    assert sweep(both, Sweep(until=clock.at)) == Swept()
    clock.at = START + HOUR
    assert [one.version for one in applying(both)] == [2]
    assert sweep(both, Sweep(until=clock.at)).profiles == 1
    assert (remembered(both, "u").version, json.loads(logged(both, "u")[-1].record)["trigger"]) == (2, "publish")
    clock.at += SETTLED_MILLISECONDS
    sweep(both, Sweep(until=clock.at))
    assert applying(both) == []
