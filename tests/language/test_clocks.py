"""When a condition may change, found from its tree: never too late, whatever the condition."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.engine.decide import decide
from service.engine.execute import execute
from service.engine.facts import read_facts
from service.engine.horizon import HORIZON, differs
from service.language.instants import DAY, HOUR, add_months, day_start, local_date, midnight
from tests.engine.expressions import WORDS, facts, part
from tests.engine.programs import attributes, moment, program_of

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
STARTS = ["2026-01-31T12:00:00Z", "2026-03-07T18:30:00Z", "2026-10-31T17:00:00Z", "2024-02-28T03:00:00Z", "2027-12-30T23:00:00Z"]
DISTANCES = [None, 0, -1, 1, HOUR, -30 * HOUR, DAY, 26 * HOUR, -400 * DAY]
"""Where to begin: at a fixed start, or so far from an attribute's instant."""
ZONES = ["UTC", "Asia/Taipei", "America/New_York", "Asia/Kathmandu", "America/Santiago"]


NUMBERS = ("n", "m", "i", "0", "1", "7", "2.50", ".5", "30", "-3")
DATES = ("t", "d", "latest(t, d)", "(t ?? d)", "(b ? t : d)", "(t + t'P1D')", "since.stage", "since.tag.x", "$today", "($now - t'P9D')", "d'2026-03-01'")
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
    blanks = {"c": counting, "d": counting, "x": NUMBERS, "y": NUMBERS, "a": WORDS["arithmetic"], "p": ("year", "month", "day"), "date": DATES}
    return draw(st.sampled_from(FORMS)).format_map({key: draw(one if key in "cd" else st.sampled_from(one)) for key, one in blanks.items()})


@st.composite
def conditions(draw):
    """A condition that time may change: a crossing, an order of dates, or anything at all."""
    order = draw(st.sampled_from(WORDS["order"]))
    crossing = f"{draw(moving())} {order} {draw(st.one_of(st.sampled_from(NUMBERS), moving()))}"
    dates = f"{draw(st.sampled_from(DATES))} {order} {draw(st.sampled_from(DATES))}"
    return draw(st.sampled_from([crossing, crossing, crossing, dates, part(draw, "boolean", 3)]))


@st.composite
def rulesets(draw):
    """The members of a ruleset with one tag or one tier that is decided by an expression made by chance."""
    tag = {"key": "probe", "when": draw(conditions())}
    bands = [{"key": "low"}, {"key": "mid", "from": 3}, {"key": "high", "from": 40}]
    tier = {"key": "probe", "input": draw(moving()), "margin": draw(st.sampled_from([0, 2])), "bands": bands}
    is_tag = draw(st.integers(0, 3)) > 0
    age = [{"key": "days", "weight": 1, "input": "idle", "points": [{"points": 0}, {"from": 3, "points": 7}, {"from": 9, "points": 30}]}, {"key": "line", "weight": 1, "value": "scale(idle, 5, 20)"}]
    heat = [{"key": "one", "weight": 1, "value": "m"}, {"key": "two", "weight": 3, "value": "i"}]
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "attributes": attributes(**TYPES),
        "values": [{"key": "ratio", "expression": "m / n"}, {"key": "word", "expression": "b ? s : u"}, {"key": "idle", "expression": "days_since(latest(t, d))"}],
        "scores": [{"key": "heat", "components": heat}, {"key": "age", "components": age}],
        "tiers": [{"key": "band", "input": "i", "bands": [{"key": "low"}, {"key": "high", "from": 30}]}, *([] if is_tag else [tier])],
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
