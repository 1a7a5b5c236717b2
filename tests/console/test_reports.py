"""Figures of the log in the console: each report with its picture, tables and file; what takes long is a job."""

import csv
import re
from io import StringIO

import pytest

from service.console import report_pages
from service.operations.auditing.reports.question import KINDS
from service.operations.authoring.kinds import KINDS as JOBS
from service.operations.authoring.runner import Runner
from service.operations.evaluate import evaluate_profile
from service.operations.tally import tally
from tests.console.visitor import Visitor, add_user
from tests.small import DAY, KEY, asking, request

HERE = "/console/reports"


@pytest.fixture
def bob(service, app, clock):
    """A publisher, and ten days in which six people came; three of them fell silent, and one of these came back."""
    add_user(service, "bob", "publisher")
    for number in range(6):
        clock.at += DAY
        decide(service, f"p{number}", visits=number)
    clock.at += DAY
    for number in (1, 3, 5):
        decide(service, f"p{number}", visits=0)
    clock.at += 3 * DAY
    decide(service, "p3", visits=4)
    return Visitor(app, "bob")


def decide(service, person, **attributes):
    """Evaluate somebody."""
    evaluate_profile(service, KEY, request(asking(person, **attributes)))


def table(text, place=0):
    """The rows of a table of a page, as texts, its head first."""
    found = re.findall(r"<table>.*?</table>", text, re.DOTALL)[place]
    return [
        re.findall(r"<t[hd][^>]*>\s*(.*?)\s*</t[hd]>", row, re.DOTALL)
        for row in re.findall(r"<tr>.*?</tr>", found, re.DOTALL)
    ]


def test_the_first_report_is_of_the_busiest_ruleset(bob):
    """Without an address of its own the reports begin with the stages of the ruleset that has the most profiles."""
    text = bob.see(HERE)

    assert bob.page.request.path == f"{HERE}/stages"
    assert '<option value="small" selected>' in text
    assert 'class="chart"' in text


def test_stages_are_counted_day_by_day(bob):
    """The newest day comes first; the columns stand in the order of the lifecycle."""
    rows = table(bob.see(f"{HERE}/stages?from=2026-01-01"))

    assert rows[0] == ["Day", "new", "active"]
    assert rows[1][1:] == ["3", "3"]
    assert ["2026-01-08", "1", "5"] in rows
    assert len(rows) == 1 + 10


def test_days_are_those_of_the_ruleset_and_to_the_end(bob):
    """The last day that was asked for is counted until its end."""
    rows = table(bob.see(f"{HERE}/stages?from=2026-01-05&to=2026-01-06"))

    assert [row[0] for row in rows] == ["Day", "2026-01-07", "2026-01-06", "2026-01-05"]


@pytest.mark.parametrize(("days", "step"), [(30, "day"), (90, "week"), (365 * 3, "month")])
def test_long_periods_have_fewer_figures(bob, clock, days, step):
    """Unless one chooses, a period has a figure for each day, week or month, as long as it is."""
    clock.at += 365 * 3 * DAY
    first = {"day": "2028-12-12", "week": "2028-10-12", "month": "2026-01-01"}[step]
    visitor = Visitor(bob.http.application, "bob")

    assert f'<option value="{step}" selected>' in visitor.see(f"{HERE}/stages?from={first}")


def test_tiers_and_tags_are_counted(bob):
    """Bands and tags have the same kind of report; tags with the most members come first."""
    assert table(bob.see(f"{HERE}/tiers?from=2026-01-01"))[0] == ["Day", "low", "high"]
    assert "regular" in table(bob.see(f"{HERE}/tags?from=2026-01-01"))[0]


def test_people_are_told_apart(bob):
    """Stages by the bands of a tier: a row for each stage, a column for each band, and those without one."""
    rows = table(bob.see(f"{HERE}/stages?by=band"))

    assert rows[0] == ["What", "low"]
    assert [row[0] for row in rows[1:]] == ["new", "active"]


def test_flows_show_who_went_where(bob):
    """Between two instants: who stayed, who moved, who came; and each move with its cause."""
    text = bob.see(f"{HERE}/transitions?from=2026-01-07")

    matrix = table(text)
    assert matrix[0] == ["From ↓ to →", "new", "active", "Sum"]
    assert ["active", "1", "3", "4"] in matrix
    assert ["active", "new", "demotion", "data changed", "3"] in table(text, 1)


def test_flows_of_bands_and_of_tags(bob):
    """What may flow are bands too; where there are no groups of tags, none are offered."""
    assert "low" in table(bob.see(f"{HERE}/transitions?what=tier:band&from=2026-01-05"))[0]


def test_the_wake_rate_counts_who_came_back(bob):
    """Of three who fell silent one came back within the days; the others still have time, or have not."""
    address = f"{HERE}/retention?from=2026-01-01&entered=stage:new&reached=stage:active"

    soon = bob.see(f"{address}&within=2")
    later = bob.see(f"{address}&within=5")

    assert "reached it in time" in soon
    rows = table(later)
    assert rows[0][:3] == ["Entered from", "Rate", "entered"]
    assert sum(int(row[2]) for row in rows[1:]) == 6


def test_the_wake_rate_by_group(bob):
    """The rate is told for each group, too."""
    address = f"{HERE}/retention?from=2026-01-01&entered=stage:new&reached=stage:active&by=band"

    assert table(bob.see(address))[0][0] == "Group"


def test_causes_name_the_rules(bob):
    """What brought the changes, by cause and rule, the most frequent first."""
    rows = table(bob.see(f"{HERE}/causes?from=2026-01-01"))

    assert rows[0] == ["What", "Change", "Cause", "Rule", "How often"]
    assert ["Stage", "moved → new", "data changed", "lifecycle/transitions/sleeps", "3"] in rows


@pytest.mark.parametrize("kind", KINDS)
def test_every_report_is_a_file_too(bob, kind):
    """The same figures come as CSV, under a name of their own."""
    address = re.search(r'href="([^"]*format=csv[^"]*)"', bob.see(f"{HERE}/{kind}?from=2026-01-01"))[1]
    reply = bob.http.get(address.replace("&amp;", "&"))

    assert reply.mimetype == "text/csv"
    assert f'filename="{kind}-small.csv"' in reply.headers["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(reply.text)))
    assert rows
    assert all(row["count"] if "count" in row else row["entered"] for row in rows)


@pytest.mark.parametrize("kind", KINDS)
def test_a_time_without_anything_says_so(bob, kind):
    """A report of a time in which nothing was is no empty page."""
    text = bob.see(f"{HERE}/{kind}?from=2020-01-01&to=2020-01-02")

    assert bob.page.status_code == 200
    assert "Nothing happened in this time" in text or "<table>" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_report_is_made_by_a_job(service, bob, kind, monkeypatch):
    """Where much would be read, the page offers to have the report made; the job's page leads to it."""
    monkeypatch.setattr(report_pages, "MOST_AT_ONCE", 0)
    tally(service)
    address = f"{HERE}/{kind}?from=2026-01-01"
    assert "This report takes a while" in bob.see(address)

    assert "data-refresh" in bob.send(address, do="make")
    waiting = bob.page.request.full_path
    assert Runner(service, "r1", JOBS, lambda *problem: pytest.fail(str(problem))).step()

    assert "<table>" in bob.see(waiting)
    job = re.search(r"job=(\w+)", waiting)[1]
    assert "See the result" in bob.see(f"/console/jobs/{job}")
    assert "<table>" in bob.see(f"{HERE}?job={job}")
    assert bob.http.get(f"{waiting}&format=csv").mimetype == "text/csv"


def test_a_long_report_can_be_cancelled(bob, monkeypatch):
    """Who asked may have it ended, and is offered it again."""
    monkeypatch.setattr(report_pages, "MOST_AT_ONCE", 0)
    bob.send(f"{HERE}/stages?from=2026-01-01", do="make")

    assert "ends within a second" in bob.send(bob.page.request.full_path, do="cancel")
    assert "This report takes a while" in bob.page.text


def test_a_job_of_another_report_is_passed_over(service, bob, monkeypatch):
    """A job's number in the address of another report shows nothing that was not asked for."""
    monkeypatch.setattr(report_pages, "MOST_AT_ONCE", 0)
    bob.send(f"{HERE}/stages?from=2026-01-01", do="make")
    job = re.search(r"job=(\w+)", bob.page.request.full_path)[1]

    assert "This report takes a while" in bob.see(f"{HERE}/stages?from=2026-01-02&job={job}")
    assert "This report takes a while" in bob.see(f"{HERE}/stages?from=2026-01-02&job=none")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=soon", "expected a day"),
        ("from=2026-01-05&to=2026-01-02", "not before the first"),
        ("from=1990-01-01&step=day", "at most"),
        ("from=2030-01-01", "expected an instant before"),
    ],
)
def test_a_wrong_period_is_told(bob, query, said):
    """What is wrong with the days is told above the form, which stays."""
    assert said in bob.see(f"{HERE}/stages?{query}")
    assert bob.page.status_code == 422


def test_what_another_ruleset_has_is_no_fault(bob):
    """Choices that the ruleset does not know fall back, so that changing the ruleset never ends in an error."""
    bob.see(f"{HERE}/retention?entered=stage:gone&reached=tag:gone&by=gone&within=x&what=tier:gone")

    assert bob.page.status_code == 200


def test_an_unknown_report_is_not_found(bob):
    """There are just these reports."""
    bob.see(f"{HERE}/weather")

    assert bob.page.status_code == 404


def test_reports_are_in_chinese_too(bob):
    """Titles, columns and figures have Chinese names."""
    bob.send("/console/preferences", language="zh")

    assert table(bob.see(f"{HERE}/causes?from=2026-01-01"))[0] == ["对象", "变化", "原因", "规则", "次数"]
