"""Retention: what is let go when its time is over, what stays all the same, and what is told of it."""

import json

import pytest

from service.bootstrap import COMMAND_LINE
from service.errors import Conflict, InvalidRequest, Unavailable
from service.operations.auditing.erase import begin_erasure
from service.operations.auditing.find import read_evaluation
from service.operations.auditing.hold import place_hold
from service.operations.auditing.retention import Keeper, apply_retention, read_retention, set_retention
from service.operations.evaluate import evaluate_batch, evaluate_profile
from service.operations.profiles import read_profile
from service.operations.repeats import Repeat
from service.operations.replies import json_text
from tests.databases import rows
from tests.operations.auditing.logs import leaves, rebuilt, seal_all
from tests.small import DAY, KEY, asking, logged, request

NOTHING = {"evaluations_days": None, "replies_days": None, "deliveries_days": None, "jobs_days": None}


def decide(service, who, visits, name=None) -> str:
    """Decide a profile; the record's id."""
    repeat = Repeat("key1", name, "f", 365) if name else None
    return json.loads(evaluate_profile(service, KEY, request(asking(who, visits=visits), repeat=repeat)).text)[
        "evaluation_id"
    ]


def keep(service, **days):
    """Say for how long something is kept."""
    return set_retention(service, {f"{kind}_days": count for kind, count in days.items()}, COMMAND_LINE)


def page(service) -> dict:
    """What is shown of the profile."""
    return json.loads(json_text(read_profile(service, "anna", KEY)))


def readable(service, who) -> list[bool]:
    """Of a profile's records, the oldest first, whether each has its content."""
    return [bool(row.record) for row in logged(service, who)]


def test_everything_is_kept_unless_somebody_says_otherwise(service, clock):
    """By default no content goes, and nothing is written."""
    decide(service, "anna", 1)
    clock.at += 4_000 * DAY
    assert read_retention(service) == NOTHING
    assert apply_retention(service) == {}
    assert readable(service, "anna") == [True]


def test_what_is_over_goes_and_proofs_hold(service, clock):
    """Records older than the time lose their content, name the run, and keep their places in the log."""
    first = decide(service, "anna", 9)
    clock.at += 10 * DAY
    decide(service, "anna", 0)
    decide(service, "anna", 3)
    seal_all(service)
    before = leaves(service)
    assert keep(service, evaluations=5)["evaluations_days"] == 5
    assert apply_retention(service, COMMAND_LINE) == {"evaluations": 1}
    assert readable(service, "anna") == [False, True, True]
    with pytest.raises(Conflict, match="was erased on 2026-01-11") as refused:
        read_evaluation(service, first)
    assert refused.value.more["erased"]["action"] == "retention.applied"
    assert leaves(service) == before == rebuilt(service)[: len(before)]
    assert apply_retention(service) == {"evaluations": 0}


def test_the_record_that_a_profile_stands_on_stays(service, clock):
    """However old, the last one of each profile is kept, so its page says what it said."""
    decide(service, "anna", 9)
    last = decide(service, "anna", 0)
    shown = read_profile(service, "anna", KEY)
    clock.at += 400 * DAY
    keep(service, evaluations=1)
    assert apply_retention(service) == {"evaluations": 1}
    assert readable(service, "anna") == [False, True]
    assert page(service) == json.loads(json_text(shown))
    assert shown["evaluation_id"] == last


def test_who_is_held_keeps_everything(service, clock):
    """Retention passes over a profile on hold, and nobody else."""
    for who in ("anna", "berta"):
        decide(service, who, 9)
        decide(service, who, 0)
    place_hold(service, "anna", {"reason": "case 12"}, COMMAND_LINE)
    clock.at += 400 * DAY
    keep(service, evaluations=1)
    assert apply_retention(service) == {"evaluations": 1}
    assert readable(service, "anna") == [True, True]
    assert readable(service, "berta") == [False, True]


def test_other_kinds_have_times_of_their_own(service, clock, database):
    """Kept replies, finished deliveries and results of jobs go by their own days."""
    decide(service, "anna", 9, name="old")
    clock.at += 10 * DAY
    decide(service, "anna", 3, name="new")
    keep(service, replies=5, deliveries=5, jobs=5)
    assert apply_retention(service) == {"deliveries": 0, "jobs": 0, "replies": 2}
    assert rows(database, "SELECT idempotency_key FROM replies") == [("new",)]
    assert rows(database, "SELECT idempotency_key FROM reply_people") == [("new",)]
    assert keep(service, replies=None) == NOTHING | {"deliveries_days": 5, "jobs_days": 5}


def test_each_run_is_on_record(service, clock, database):
    """Who set which times, that a run began, and how much it let go."""
    decide(service, "anna", 9)
    decide(service, "anna", 0)
    clock.at += 400 * DAY
    keep(service, evaluations=1)
    apply_retention(service)
    told = rows(database, "SELECT actor, action, detail FROM audit_events WHERE action LIKE 'retention.%' ORDER BY seq")
    assert [(actor, action) for actor, action, _ in told] == [
        ("command-line", "retention.changed"),
        ("retention", "retention.applied"),
        ("retention", "retention.finished"),
    ]
    assert json.loads(told[2][2])["removed"] == {"evaluations": 1}


def test_many_records_go_in_batches(service, clock):
    """However many there are, each transaction takes some, and a stop between leaves the rest for the next run."""
    for _ in range(6):
        decide_many(service)
    clock.at += 400 * DAY
    keep(service, evaluations=1)
    stops = iter([False, True])
    some = apply_retention(service, is_stopped=lambda: next(stops))["evaluations"]
    assert some == 500
    assert apply_retention(service)["evaluations"] == 605 - some
    assert readable(service, "anna").count(True) == 1


def decide_many(service) -> None:
    """A hundred and one records of one profile."""
    items = [asking("anna", visits=9 * (number % 2)) for number in range(101)]
    evaluate_batch(service, KEY, request({"items": items}), str)


def test_the_keeper_works_once_a_day(service, clock):
    """Of all processes one lets go what is over, once a day; and whoever looks finishes what a crash left."""
    keepers = [Keeper(service, pytest.fail) for _ in range(2)]
    assert [one.step() for one in keepers] == [{}, {}]
    decide(service, "anna", 9)
    decide(service, "anna", 0)
    keep(service, evaluations=1)
    clock.at += 2 * DAY
    assert [one.step() for one in keepers] == [{"evaluations": 1}, {}]
    clock.at += DAY
    assert [one.step() for one in keepers] == [{"evaluations": 0}, {}]
    for _ in range(6):
        decide_many(service)
    service.store.write(lambda unit: begin_erasure(service, unit, "anna", "test", COMMAND_LINE))
    assert service.store.read(lambda reads: reads.erasing.erasures())
    keepers[0].step()
    assert service.store.read(lambda reads: reads.erasing.erasures()) == []


def test_a_keeper_outlives_its_mistakes(service):
    """What goes wrong in one look is told, and looked at again; it ends when it is told to."""
    told = []

    class Broken:
        def read(self, _job):
            raise Unavailable("gone")

    keeper = Keeper(service.__class__(**{**vars_of(service), "store": Broken()}), told.append)
    keeper.start(0.01)
    while not told:
        pass
    keeper.stop()
    assert isinstance(told[0], Unavailable)


def vars_of(service) -> dict:
    """The parts of a service."""
    return {name: getattr(service, name) for name in service.__dataclass_fields__}


@pytest.mark.parametrize(
    "body", [{"evaluations_days": 0}, {"evaluations_days": "x"}, {"replies": 1}, [], None, {"jobs_days": 36_501}]
)
def test_a_time_that_makes_no_sense_is_refused(service, body):
    """Nothing is changed by a slip of the pen."""
    with pytest.raises(InvalidRequest):
        set_retention(service, body, COMMAND_LINE)
    assert read_retention(service) == NOTHING


def test_a_page_is_shown_without_the_last_record(service, database, clock):
    """Where a month was dropped by hand, or its content is gone, the page shows what is remembered."""
    decide(service, "anna", 9)
    shown = page(service)
    update = "UPDATE evaluations SET record = NULL, erased_by = 'x'"
    service.store.write(lambda unit: unit._execute(update, ()))  # noqa: SLF001
    left = page(service)
    same = ("ruleset", "stage", "tags", "tiers", "attributes", "since", "revision")
    assert {name: left[name] for name in same} == {name: shown[name] for name in same}
    assert left["scores"]["activity"]["value"] == shown["scores"]["activity"]["value"]
    assert (left["next_change"] or {}).get("at") == (shown["next_change"] or {}).get("at")
