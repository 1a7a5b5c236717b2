"""Reports come from the log alone, and are what a slow count of every change gives."""

import json
from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.bootstrap import COMMAND_LINE
from service.errors import InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.auditing.erase import erase_profile
from service.operations.auditing.reports import timelines
from service.operations.auditing.reports.report import flat_rows, make_report
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.operations.auditing import oracle
from tests.small import DAY, KEY, RULESET, START, asking, changed, request

KINDS = {"stages": "stage", "tags": "tag", "tiers": "tier"}
HOUR = DAY // 24
GROUPED = changed(
    tag_groups=[{"key": "habits"}],
    tags=[{**tag, "group": "habits"} if tag["key"] in {"regular", "keen"} else tag for tag in RULESET["tags"]],
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.integers(0, 7),
        st.sampled_from([None, 0, 1]),
        st.sampled_from([0, HOUR, DAY, 9 * DAY]),
    ),
    min_size=1,
    max_size=25,
)
BY = {
    None: (None, set()),
    "habits": ("tag", {"regular", "keen"}),
    "band": ("tier", {"band"}),
    "keen": ("tag", {"keen"}),
}


@pytest.fixture
def grouped(service):
    """The service with a ruleset that has a group of tags."""
    publish_ruleset(service, json.dumps(GROUPED), "groups", COMMAND_LINE)
    return service


def decide(service, profile, **attributes):
    """Record one evaluation."""
    evaluate_profile(service, KEY, request(asking(profile, **attributes)))


def live(service, clock, steps):
    """Decide profiles at growing instants; those instants."""
    instants = []
    for profile, visits, rate, later in steps:
        clock.at += later
        decide(service, profile, visits=visits, **({} if rate is None else {"rate": rate}))
        instants.append(clock.at)
    return instants


def rows(service, kind, **query):
    """The rows of a report."""
    return make_report(service, kind, {"ruleset": KEY} | query)["rows"]


def as_counts(found, at=None):
    """Rows of counts as the oracle gives them, of one instant."""
    return Counter({(one["key"], one["value"], one["by"]): one["count"] for one in found if at in (None, one["at"])})


@given(steps=STEPS)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_counts_are_those_of_a_slow_count(grouped, clock, steps):
    """At every instant, beside every group, a report has the very counts that replaying all changes gives."""
    clock.at += DAY
    instants = live(grouped, clock, steps)
    begin, end = write_instant(instants[0] - 1), write_instant(clock.at)
    for kind, column in KINDS.items():
        for by, names in BY.items():
            extra = {} if by is None else {"by": by}
            now = oracle.counts(grouped, KEY, column, clock.at, names)
            assert as_counts(rows(grouped, kind, **extra)) == now
            for at in (instants[len(instants) // 2], instants[0] - 1):
                past = rows(grouped, kind, to=write_instant(at), **extra)
                assert as_counts(past) == oracle.counts(grouped, KEY, column, at, names), (kind, by)
            found = rows(grouped, kind, **extra, **{"from": begin, "to": end, "step": "day"})
            for at in sorted({one["at"] for one in found}):
                assert as_counts(found, at) == oracle.counts(grouped, KEY, column, instant(at), names)


@given(steps=STEPS, within=st.sampled_from([1, 8, 30]))
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_flows_and_retention_are_those_of_a_slow_count(grouped, clock, steps, within):
    """Who went where, and how many reached what in time, is what replaying all changes gives."""
    clock.at += DAY
    instants = live(grouped, clock, steps)
    begin, end = instants[len(instants) // 3], clock.at
    span = {"from": write_instant(begin), "to": write_instant(end)}
    for kind, extra in (("stage", {}), ("tag", {"tag": "regular"}), ("tier", {"tier": "band"})):
        found = make_report(grouped, "transitions", {"ruleset": KEY} | span | extra)
        counted = Counter()
        for one in found["rows"]:
            counted[one["key"], one["from"], one["to"]] += one["count"]
        wanted = oracle.flows(grouped, KEY, kind, begin, end)
        assert counted == Counter({key: n for key, n in wanted.items() if kind != "tag" or key[0] == "regular"})
        moved = sum(one["count"] for one in found["movements"])
        assert moved == sum(
            begin < row.at <= end and row.kind == kind and (kind != "tag" or row.key == "regular")
            for timeline in oracle.all_changes(grouped, KEY).values()
            for row in timeline
        )
    for entered, reached in (
        (("stage", "lifecycle", "new"), ("stage", "lifecycle", "active")),
        (("tag", "regular", "held"), ("tier", "band", "high")),
        (("tier", "band", "low"), ("tag", "keen", "held")),
    ):
        query = {"entered": named(entered), "reached": named(reached), "within": f"P{within}D"}
        found = rows(grouped, "retention", **span, **query)
        total = Counter({word: sum(one[word] for one in found) for word in ("already", "reached", "missed", "open")})
        wanted = oracle.retention(
            oracle.all_changes(grouped, KEY), entered, reached, (begin, end), within=within * DAY, now=clock.at
        )
        assert +total == wanted, (entered, reached)
        assert sum(one["entered"] for one in found) == sum(wanted.values())


def named(thing):
    """A thing as a query names it."""
    kind, key, value = thing
    return {"stage": f"stage:{value}", "tag": f"tag:{key}", "tier": f"tier:{key}:{value}"}[kind]


def instant(text):
    """An instant of a reply."""
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def test_steps_begin_with_the_days_of_the_ruleset(grouped, clock):
    """Days, weeks and months begin at midnight where the ruleset lives, weeks on Mondays."""
    decide(grouped, "u", visits=4)
    clock.at += 70 * DAY
    zone = ZoneInfo("Asia/Taipei")
    for step, days in (("day", range(7)), ("week", (0,)), ("month", range(7))):
        found = rows(grouped, "stages", step=step, **{"from": "2026-01-01T00:00:00", "to": "2026-03-05T12:00:00"})
        points = sorted({one["at"] for one in found})
        moments = [datetime.fromisoformat(at).astimezone(zone) for at in points]
        for moment in moments[:-1]:
            assert (moment.hour, moment.minute) == (0, 0)
            assert moment.weekday() in days
            assert step != "month" or moment.day == 1
        assert points[-1] == "2026-03-05T04:00:00Z"
    decide(grouped, "v", visits=4)
    found = rows(grouped, "causes", step="month", **{"from": "2026-01-01T00:00:00", "to": write_instant(clock.at + 1)})
    assert Counter(one["since"] for one in found) == {"2025-12-31T16:00:00Z": 4, "2026-02-28T16:00:00Z": 4}
    assert {one["cause"] for one in found} == {"first"}


def test_averages_and_quantiles_are_of_who_is_known(grouped):
    """An average or a quantile of a score or an attribute is that of the profiles of which it is known."""
    for number in range(10):
        decide(grouped, f"u{number}", visits=number, **({"rate": number / 10} if number % 2 else {}))
    (high, low) = rows(grouped, "tiers", average="rate", quantiles="score.activity")
    assert (low["value"], low["count"], low["average"], low["average_of"]) == ("low", 5, 0.2, 2)
    assert (high["value"], high["quantiles"]) == (
        "high",
        {"0.1": 50.0, "0.25": 60.0, "0.5": 70.0, "0.75": 80.0, "0.9": 90.0},
    )
    columns, table = flat_rows("tiers", make_report(grouped, "tiers", {"ruleset": KEY, "quantiles": "visits"}))
    assert columns[-5:] == ["quantile 0.1", "quantile 0.25", "quantile 0.5", "quantile 0.75", "quantile 0.9"]
    assert table[0]["quantile 0.5"] == 7


def test_erased_persons_still_count(grouped, clock):
    """After an erasure the figures of the past are what they were."""
    for number in range(4):
        decide(grouped, f"u{number}", visits=number)
    clock.at += DAY
    before = [rows(grouped, kind) for kind in KINDS]
    erase_profile(grouped, "u3", {"ground": "asked for it"}, COMMAND_LINE)
    after = [rows(grouped, kind, to=write_instant(clock.at)) for kind in KINDS]
    assert [as_counts(one) for one in after] == [as_counts(one) for one in before]
    flow = make_report(
        grouped, "transitions", {"ruleset": KEY, "from": write_instant(START), "to": write_instant(clock.at)}
    )
    assert sum(one["count"] for one in flow["rows"]) == 4


def test_merged_tags_are_counted_as_one(service, clock):
    """Who held a tag before it was merged into another counts for the other, once, at every instant."""
    decide(service, "u", visits=4)
    decide(service, "v", visits=4)
    loyal = [{"key": "loyal", "when": "visits >= 3", "aliases": ["regular"]}]
    clock.at += DAY
    publish_ruleset(service, json.dumps(changed(tags=loyal, values=[], actions=[])), "merged", COMMAND_LINE)
    decide(service, "u", visits=5)
    clock.at += DAY
    decide(service, "v", visits=0)
    clock.at += DAY
    found = rows(service, "tags", step="day", **{"from": write_instant(START), "to": write_instant(clock.at)})
    assert {(one["key"], one["count"]) for one in found if one["at"] < "2026-01-03"} == {("loyal", 2)}
    assert [one["count"] for one in found if one["at"] == write_instant(clock.at)] == [1]


def test_many_profiles_are_looked_at_in_parts(grouped, clock, monkeypatch):
    """However many profiles changed, some at a time are in memory, and the figures are the same."""
    for number in range(12):
        decide(grouped, f"u{number:02}", visits=number)
    query = {"from": write_instant(START - DAY), "to": write_instant(clock.at)}
    wanted = rows(grouped, "stages", **query)
    monkeypatch.setattr(timelines, "SCANNED", 5)
    monkeypatch.setattr(timelines, "CHUNK", 2)
    assert rows(grouped, "stages", **query) == wanted


@pytest.mark.parametrize(
    ("kind", "query", "pointers"),
    [
        ("stages", {"by": "nothing"}, {"/by"}),
        ("tags", {"group": "nothing", "tag": "regulr"}, {"/group", "/tag"}),
        ("tiers", {"tier": "bond"}, {"/tier"}),
        ("stages", {"step": "day"}, {"/step"}),
        ("stages", {"from": "yesterday"}, {"/from"}),
        ("stages", {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, {"/from"}),
        ("stages", {"from": "1900-01-01T00:00:00Z", "step": "day"}, {"/step"}),
        ("stages", {"average": "plan", "quantiles": "score.none"}, {"/average", "/quantiles"}),
        ("stages", {"average": "rate", "to": "2025-01-01T00:00:00Z"}, {"/from"}),
        ("transitions", {}, {"/from"}),
        ("retention", {}, {"/from", "/entered", "/reached", "/within"}),
        (
            "retention",
            {"from": "2025-01-01T00:00:00Z", "entered": "stage:activ", "reached": "tier:bond:low", "within": "P1D"},
            {"/entered", "/reached"},
        ),
        (
            "retention",
            {"from": "2025-01-01T00:00:00Z", "entered": "level:3", "reached": "tag:none", "within": "soon"},
            {"/entered", "/reached", "/within"},
        ),
    ],
)
def test_what_can_not_be_asked_is_told(grouped, kind, query, pointers):
    """Whatever the ruleset does not know, or makes no sense, is a fault with its place."""
    with pytest.raises(InvalidRequest) as refused:
        make_report(grouped, kind, {"ruleset": KEY} | query)
    assert {one.pointer for one in refused.value.errors} == pointers


def test_a_report_needs_a_ruleset_and_a_kind(grouped):
    """Without a ruleset, or with an unknown kind, the caller is told."""
    with pytest.raises(InvalidRequest):
        make_report(grouped, "stages", {})
    for kind, key in (("stages", "none"), ("moods", KEY)):
        with pytest.raises(NotFound):
            make_report(grouped, kind, {"ruleset": key})
