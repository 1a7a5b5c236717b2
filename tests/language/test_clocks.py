"""When a condition may change, found from its tree: never too late, whatever the condition."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.engine.decide import decide
from service.engine.execute import execute
from service.engine.facts import read_facts
from service.engine.horizon import HORIZON, differs
from service.language.instants import DAY, HOUR, LAST, add_months, day_start, local_date, midnight
from tests.engine.expressions import WORDS, facts, part
from tests.engine.programs import Profile, attributes, moment, program_of, read, tag

REFUSED = {"constant-condition", "forbidden-construct", "impossible-condition", "limit-exceeded"}
TYPES = {
    **dict.fromkeys(("n", "i"), "integer"),
    **dict.fromkeys(("s", "u"), "string"),
    **dict.fromkeys(("b", "c"), "boolean"),
    **dict.fromkeys(("xs", "ys"), "strings"),
    "m": "number",
    "t": "datetime",
    "d": "date",
}
STARTS = [
    "2026-01-31T12:00:00Z",
    "2026-03-07T18:30:00Z",
    "2026-10-31T17:00:00Z",
    "2024-02-28T03:00:00Z",
    "2027-12-30T23:00:00Z",
]
DISTANCES = [None, 0, -1, 1, HOUR, -30 * HOUR, DAY, 26 * HOUR, -400 * DAY]
"""Where to begin: at a fixed start, or so far from an attribute's instant."""
ZONES = ["UTC", "Asia/Taipei", "America/New_York", "Asia/Kathmandu", "America/Santiago"]


NUMBERS = ("n", "m", "i", "0", "1", "7", "2.50", ".5", "30", "-3")
DATES = (
    "t",
    "d",
    "latest(t, d)",
    "(t ?? d)",
    "(b ? t : d)",
    "(t + t'P1D')",
    "since.stage",
    "since.tag.x",
    "$today",
    "($now - t'P9D')",
    "d'2026-03-01'",
)
LISTS = ("[t, d]", "dates", "(b ? [t] : dates)", "(within(t, 'P9D') ? [d] : [t])", "[$today, d'2026-03-01']")
COUNTERS = ("days_since", "hours_since", "calendar_days_since", "months_since")
FORMS = (
    "{c}",
    "({x} {a} {c})",
    "({c} {a} {x})",
    "({c} {a} {d})",
    "({x} {a} ({c} {a} {y}))",
    "share({x}, {c})",
    "share({c}, {x})",
    "scale({c}, {x}, {y})",
    "clamp({c}, {x}, {y})",
    "max({c}, {x}, {d})",
    "(b ? {c} : {x})",
    "({c} ?? {x})",
    "idle",
    "score.age",
    "$today.{p}",
    "({date} + t'P3D').{p}",
)
"""Numbers that move with time: `c` and `d` count, `x` and `y` stand still."""


@st.composite
def moving(draw):
    """A number that moves with time."""
    counting = st.builds("{}({})".format, st.sampled_from(COUNTERS), st.sampled_from(DATES))
    blanks = {
        "c": counting,
        "d": counting,
        "x": NUMBERS,
        "y": NUMBERS,
        "a": WORDS["arithmetic"],
        "p": ("year", "month", "day"),
        "date": DATES,
    }
    return draw(st.sampled_from(FORMS)).format_map(
        {key: draw(one if key in "cd" else st.sampled_from(one)) for key, one in blanks.items()}
    )


@st.composite
def conditions(draw):
    """A condition that time may change: a crossing, an order of dates, or anything at all."""
    order = draw(st.sampled_from(WORDS["order"]))
    crossing = f"{draw(moving())} {order} {draw(st.one_of(st.sampled_from(NUMBERS), moving()))}"
    dates = f"{draw(st.sampled_from(DATES))} {order} {draw(st.sampled_from(DATES))}"
    listed = f"{draw(st.sampled_from(DATES))} in {draw(st.sampled_from(LISTS))}"
    return draw(st.sampled_from([crossing, crossing, crossing, dates, listed, part(draw, "boolean", 3)]))


@st.composite
def rulesets(draw):
    """The members of a ruleset with one tag or one tier that is decided by an expression made by chance."""
    tag = {"key": "probe", "when": draw(conditions())}
    bands = [{"key": "low"}, {"key": "mid", "from": 3}, {"key": "high", "from": 40}]
    tier = {"key": "probe", "input": draw(moving()), "margin": draw(st.sampled_from([0, 2])), "bands": bands}
    is_tag = draw(st.integers(0, 3)) > 0
    age = [
        {
            "key": "days",
            "weight": 1,
            "input": "idle",
            "points": [{"points": 0}, {"from": 3, "points": 7}, {"from": 9, "points": 30}],
        },
        {"key": "line", "weight": 1, "value": "scale(idle, 5, 20)"},
    ]
    heat = [{"key": "one", "weight": 1, "value": "m"}, {"key": "two", "weight": 3, "value": "i"}]
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "attributes": attributes(**TYPES),
        "values": [
            {"key": "ratio", "expression": "m / n"},
            {"key": "word", "expression": "b ? s : u"},
            {"key": "idle", "expression": "days_since(latest(t, d))"},
            {"key": "dates", "expression": "[d, t]"},
        ],
        "scores": [{"key": "heat", "components": heat}, {"key": "age", "components": age}],
        "tiers": [
            {"key": "band", "input": "i", "bands": [{"key": "low"}, {"key": "high", "from": 30}]},
            *([] if is_tag else [tier]),
        ],
        "tags": [{"key": "x", "when": "c"}, *([tag] if is_tag else [])],
        "lifecycle": {"initial": "new", "stages": [{"key": "new"}]},
    }


def instants(base, where, until):
    """Instants at which something may change for one that reads dates: hours, days, months and midnights around a base."""
    found = [base + count * HOUR for count in range(-60, 60)] + [base + count * DAY for count in range(-450, 450)]
    day = local_date(base, where)
    months = (add_months(day, count) for count in range(-15, 15))
    found += [midnight(one, where) for one in months] + [day_start(day, count, where) for count in range(-450, 450)]
    return [one + off for one in found for off in (-1, 0, 1)]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(rulesets(), facts(), st.sampled_from(STARTS), st.sampled_from(DISTANCES), st.integers(0, 40))
def test_nothing_changes_before_the_next_change(members, posted, start, distance, offset):
    """At no instant before the next change does deciding again give anything else."""
    program = program_of(passing=REFUSED, **members)
    read = read_facts(program, posted)
    at = moment(start) if distance is None else read.values.get("t", moment(start)) + distance
    outcome = decide(program, "u-1", read, None, None, at)
    calm = execute(program, "u-1", read.values, outcome.state, None, at)
    until = outcome.next_change.at if outcome.next_change else at + HORIZON
    bases = [at, *(one for one in read.values.values() if type(one) is int)]
    looks = sorted({one for base in bases for one in instants(base, program.where, until) if at < one < until})

    for one in looks[offset::41]:
        later = execute(program, "u-1", read.values, outcome.state, None, one)
        assert not differs(later, calm, outcome.state), one


SURE = [
    ("scale(hours_since($today), 5, 9) > 50", {}, "01-01T08:00:00"),
    ("not (n > 5 or days_since(t) >= 3)", {"n": 1, "t": "2026-01-01T00:00:00Z"}, "01-04"),
    ("n > 5 or days_since(t) >= 3", {"n": 9, "t": "2026-01-01T00:00:00Z"}, None),
    ("n > 5 and days_since(t) >= 3", {"n": 1, "t": "2026-01-01T00:00:00Z"}, None),
    ("n > 5 and days_since(t) >= 3", {"t": "2026-01-01T00:00:00Z"}, "01-04"),
    ("days_since(t) > 99999999999", {"t": "2026-01-01T00:00:00Z"}, None),
    ("days_since(t) // 3 >= 2.5", {"t": "2026-01-01T00:00:00Z"}, "01-10"),
    ("days_since(t) % 3 > 1", {"t": "2026-01-01T00:00:00Z"}, "01-03"),
    ("n / days_since(t) > 5", {"n": 100, "t": "2026-01-01T00:00:00Z"}, "01-02"),
    ("n - days_since(t) < 5", {"n": 7, "t": "2026-01-01T00:00:00Z"}, "01-04"),
    ("$now > $today + t'PT10H'", {}, "01-01T10:00:00.001"),
    ("$now - t'P2D' >= t", {"t": "2026-01-05T00:00:00Z"}, "01-07"),
    ("$today - t'PT12H' >= t", {"t": "2026-01-05T00:00:00Z"}, "01-06"),
    ("$today.month == t.month", {}, None),
    ("$now.year == 2027", {}, "2027-01-01T00:00:00Z"),
    ("$today - t'PT1H' < $today", {}, None),
    ("$today in dates", {"t": "2026-01-05T00:00:00Z"}, "01-05"),
    ("$today in (n == 1 ? dates : [t])", {"n": 1, "t": "2026-01-05T00:00:00Z"}, "01-05"),
    ("[$today] == dates", {"t": "2026-01-05T00:00:00Z"}, "01-05"),
    ("scale(hours_since(t ?? $today), 5, 9) > 50", {}, "01-01T08:00:00"),
    ("latest($today, t).month == 2", {"t": "2026-01-05T00:00:00Z"}, "02-01"),
    ("latest($today, t).year == 2027", {"t": "2026-01-05T00:00:00Z"}, "2027-01-01T00:00:00Z"),
    ("$now > (n == 1 ? t : $today)", {"n": 1, "t": "2026-01-05T00:00:00Z"}, "01-05T00:00:00.001"),
    ("$now > (within(t, 'P1D') ? t : t + t'P9D')", {"t": "2026-01-05T00:00:00Z"}, "01-05T00:00:00.001"),
    ("$today.month > 2", {}, "03-01"),
    ("days_since(t) % n == 1", {}, None),
    ("scale(days_since(t), 2, n) > 50", {}, None),
    ("$today > t", {}, None),
    ("share(days_since(t), n) > 1", {"n": 2, "t": "2026-01-01T00:00:00Z"}, "01-04"),
]


@pytest.mark.parametrize(("when", "posted", "expected"), SURE)
def test_the_next_change_is_found(when, posted, expected):
    """Each form of condition names the first instant at which it holds."""
    program = program_of(
        attributes=attributes(t="datetime", n="number"),
        values=[{"key": "dates", "expression": "[t]"}],
        tags=[tag("x", when)],
    )

    found = Profile(program).at("01-01", posted).next_change

    assert (found and found.decisions and found.at) == (expected and moment(expected))


@pytest.mark.parametrize("when", ["[$now] == [t]", "t in [$now, t]", "t in moving", "latest($now, t) != t"])
def test_nothing_can_hold_for_a_moment_only(when):
    """`$now` beside an equality, also inside a list or behind a name, is refused."""
    values = [{"key": "moving", "expression": "[t, $now - t'P1D']"}]
    reading = read(
        json.dumps(
            {
                "format": 1,
                "key": "x",
                "attributes": attributes(t="datetime"),
                "values": values,
                "tags": [tag("x", when)],
            }
        )
    )

    assert [(one.code, one.pointer) for one in reading.diagnostics if one.severity == "error"] == [
        ("forbidden-construct", "/tags/0/when")
    ]


@pytest.mark.parametrize("timezone", ["UTC", "Asia/Tokyo", "America/New_York"])
@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00Z", "0001-01-01T20:00:00Z", "9999-12-30T16:00:00Z", "9999-12-31T23:59:59.999Z"]
)
@pytest.mark.parametrize(
    "when",
    [
        "calendar_days_since(t) >= 1",
        "months_since(t) >= 1",
        "$today > t",
        "$now - t'P9D' > t",
        "(t + t'P1D').year == 1",
        "$today.month == 1",
        "t.date < $today",
        "within(t, 'P1M')",
    ],
)
def test_the_ends_of_the_calendar_are_no_trap(timezone, at, when):
    """In the first and the last hours of time, in any timezone, everything is decided and nothing comes after the end."""
    program = program_of(
        timezone=timezone,
        attributes=attributes(t="datetime"),
        tags=[tag("x", when), tag("y", when, held_for="P1M"), tag("z", when, expires_after="P1M")],
    )

    for posted in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"):
        outcome = Profile(program).at(at, {"t": posted})
        assert outcome.next_change is None or outcome.at < outcome.next_change.at <= LAST
