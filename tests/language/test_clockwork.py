"""Clocks by the calendar, and those that stand still: what they name, to the millisecond."""

import json

import pytest

from service.engine.evaluate import evaluate
from service.engine.facts import read_facts
from service.language.clockwork import tick_day, tick_month, tick_year
from service.language.instants import read_instant, write_instant, zone
from service.language.pipeline import read_ruleset

TAIPEI = zone("Asia/Taipei")


@pytest.mark.parametrize(
    ("tick", "at", "moved", "expected"),
    [
        (tick_day, "2026-03-01T10:00:00Z", 0, "2026-03-01T16:00:00Z"),
        (tick_month, "2026-03-31T15:59:59.999Z", 0, "2026-03-31T16:00:00Z"),
        (tick_year, "2026-03-01T10:00:00Z", 0, "2026-12-31T16:00:00Z"),
        (tick_year, "2026-12-31T17:00:00Z", -86_400_000, "2027-01-01T16:00:00Z"),
        (tick_year, "9999-12-31T10:00:00Z", 0, None),
    ],
)
def test_a_tick_names_where_the_next_day_month_or_year_begins(tick, at, moved, expected):
    """A date that is `$now`, moved or not, changes its day, month or year at a local midnight."""
    found = []
    tick(found, read_instant(at, TAIPEI), TAIPEI, moved)

    assert [write_instant(one) for one in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("latest($now - t'P1D', $now - t'P2D') < d", "2026-01-11T00:00:00Z"),
        ("$today.year == d.year + 1", "2026-12-31T16:00:00Z"),
        ("$now - t'P1D' < $now", None),
    ],
)
def test_a_condition_changes_where_its_clocks_say(when, expected):
    """Dates that move together never meet; a date that moves meets one that stands exactly once."""
    ruleset = {
        "format": 1,
        "key": "clockwork",
        "timezone": "Asia/Taipei",
        "attributes": [{"key": "d", "type": "datetime"}],
        "tags": [{"key": "a", "purpose": "test", "when": f"{when} and d != null"}],
    }
    program = read_ruleset(json.dumps(ruleset)).program
    facts = read_facts(program, {"d": "2026-01-10T00:00:00Z"})

    change = evaluate(program, "p", facts, None, at=read_instant("2026-01-05T00:00:00Z", TAIPEI))[-1].next_change

    assert (change and write_instant(change.at)) == expected
