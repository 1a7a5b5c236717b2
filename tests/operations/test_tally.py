"""The counts that pages show are those of the store and of the log."""

from time import sleep

import pytest

from service.audit.rows import DailyRow
from service.bootstrap import COMMAND_LINE
from service.operations import tally as tallies
from service.operations.evaluate import Request, evaluate_profile
from service.operations.tally import DAY, Teller, read_counts, read_days, tally
from tests.small import KEY


def decide(service, profile, **attributes):
    """Decide one profile."""
    body = {"profile": {"id": profile, "attributes": attributes}}
    evaluate_profile(service, KEY, Request(body=body, caller=COMMAND_LINE))


def held_by_profiles(service):
    """What is held according to the log: the sum of all that was entered and left."""
    counts = {}
    for change in changes(service):
        for value, step in ((change.source, -1), (change.target, 1)):
            if value not in {None, "absent"}:
                place = (change.kind, change.key, value)
                counts[place] = counts.get(place, 0) + step
    return {place: count for place, count in counts.items() if count}


def changes(service):
    """Every change in the log."""
    return [row for _, row in service.store.read(lambda reads: reads.outbox.changes(0, 1 << 62, 10_000))]


@pytest.mark.parametrize("little", [0, 20_000])
def test_counts_are_those_of_the_log(service, monkeypatch, little):
    """Counted at once or beforehand, what profiles hold is what the log says they came to hold."""
    monkeypatch.setattr(tallies, "LITTLE", little)
    for place in range(7):
        decide(service, f"u-{place}", n=place)
    tally(service)

    counts = read_counts(service, KEY)

    assert counts.held == held_by_profiles(service)
    assert counts.profiles == 7
    assert counts.at == service.clock()


def test_counts_that_are_made_beforehand_say_as_of_when(service, clock, monkeypatch):
    """Where much is held, a page shows the last counts with their instant, and none before the first."""
    monkeypatch.setattr(tallies, "LITTLE", 0)
    decide(service, "u-1", n=1)
    assert read_counts(service, KEY).at is None

    tally(service)
    first = clock.at
    decide(service, "u-2", n=2)
    tally(service)

    assert (read_counts(service, KEY).profiles, read_counts(service, KEY).at) == (1, first)
    clock.at += tallies.EVERY
    tally(service)
    assert (read_counts(service, KEY).profiles, read_counts(service, KEY).at) == (2, clock.at)


def test_days_are_those_of_the_log(service, clock):
    """Each change is counted once, on the day it was recorded, however often it is counted."""
    for day in range(3):
        decide(service, f"u-{day}", n=day)
        tally(service)
        tally(service)
        clock.at += DAY

    rows = read_days(service, KEY, 4)

    assert sum(row.changes for row in rows) == len(changes(service))
    assert {row.day for row in rows} == {clock.at // DAY - back for back in (1, 2, 3)}


def test_two_counters_count_once(service):
    """Of two processes that count the same changes, one does."""
    decide(service, "u-1", n=1)
    row = DailyRow(KEY, 1, "tag", "t", "", "", "data", "", 0)

    added = [service.store.write(lambda unit: unit.tallies.add({row: 5}, tallies.LOG, 0, 9, 1)) for _ in range(2)]

    assert added == [True, False]
    assert service.store.read(lambda reads: reads.tallies.daily(KEY, 0)) == [row._replace(changes=5)]


def test_the_teller_counts_in_the_background(service):
    """A process that serves keeps the days up by itself, and goes on after an error."""
    decide(service, "u-1", n=1)
    errors = []
    teller = Teller(service, errors.append)
    teller.start(0.01)
    for _ in range(500):
        if read_days(service, KEY, 1):
            break
        sleep(0.01)
    teller.stop()

    assert read_days(service, KEY, 1)
    assert errors == []
