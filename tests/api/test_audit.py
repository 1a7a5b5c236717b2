"""The log over HTTP: found by every filter, counted, exported cell by cell, replayed, and made into figures."""

import csv
import json
from io import StringIO
from itertools import pairwise

import pytest

from service.api.finding import EVENTS, HEADS
from service.operations.evaluate import evaluate_profile
from service.operations.manual import set_tag
from tests.api.test_errors import is_problem
from tests.small import CALLER, DAY, KEY, asking, logged, request

NASTY = ["=cmd|'/c calc'!A0", "+1", "-1", "@x", "a\u2028b", 'q"uote', "com,ma", "\\x1b[31mred"]


@pytest.fixture
def history(service, clock):
    """Three days of decisions of profiles with names that a log or a spreadsheet might trip over."""
    for visits in (4, 0, 5):
        for profile in NASTY:
            evaluate_profile(service, KEY, request(asking(profile, visits=visits)))
        clock.at += DAY
    set_tag(service, NASTY[0], "keen", request({"ruleset": KEY, "state": "assigned", "reason": "asked"}))
    return service


def items(http, auditor, query):
    """All entries of a list, page by page."""
    found, cursor = [], ""
    while cursor is not None:
        page = http.get(f"{query}{cursor}", headers=auditor).get_json()
        found += page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"
    return found


FILTERS = {
    "ruleset": KEY,
    "kind": "tag",
    "key": "regular",
    "outcome": "removed",
    "cause": "manual",
    "rule": "lifecycle/transitions/sleeps",
    "movement": "demotion",
    "from_value": "active",
    "to_value": "active",
    "version": "1",
    "actor": CALLER.actor,
    "trigger": "manual",
    "request_id": CALLER.request_id,
    "from": "2026-01-02T00:00:00Z",
    "to": "2026-01-03T00:00:00Z",
    "recorded_from": "2026-01-03T00:00:00Z",
    "recorded_to": "2026-01-02T00:00:00Z",
}
PLACES = {"from_value": "from", "to_value": "to"}


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("include", ["changes", "all"])
def test_every_filter_leaves_what_fits(http, auditor, include):
    """Each filter gives exactly the decisions that fit, of changes alone and of everything."""
    path = f"/v1/decisions?limit=50&include={include}"
    whole = items(http, auditor, path)
    for name, value in FILTERS.items():
        found = items(http, auditor, f"{path}&{name}={value}")
        assert found == [one for one in whole if fits(one, name)], name
        assert found, name
        if include == "changes":
            count = http.get(f"/v1/decisions/count?{name}={value}", headers=auditor).get_json()
            assert count == {"count": len(found), "exact": True}, name


def fits(one, name):
    """Whether a decision is what a filter asks for."""
    value = FILTERS[name]
    clock, _, end = name.rpartition("_")
    if end in {"from", "to"}:
        at = one["recorded_at" if clock else "at"]
        return at >= value if end == "from" else at < value
    return str(one[PLACES.get(name, name)]) == value


@pytest.mark.usefixtures("history")
def test_totals_of_days_are_the_total(http, auditor):
    """The days of an export add up to the count by the same filter, and to all entries of the log."""
    total = http.get(f"/v1/decisions/count?ruleset={KEY}&kind=tag", headers=auditor).get_json()["count"]
    days = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)]
    sizes = []
    for low, high in pairwise(days):
        path = f"/v1/decisions?ruleset={KEY}&kind=tag&limit=1000&from={low}&to={high}"
        text = http.get(path, headers=auditor | {"Accept": "text/csv"}).get_data(as_text=True)
        sizes.append(len(list(csv.reader(StringIO(text)))) - 1)
        count = http.get(path.replace("decisions?", "decisions/count?").replace("&limit=1000", ""), headers=auditor)
        assert count.get_json() == {"count": sizes[-1], "exact": True}
    assert sum(sizes) == total == len(items(http, auditor, "/v1/decisions?kind=tag&limit=5"))


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    ("path", "columns"), [("/v1/decisions", None), ("/v1/evaluations", HEADS), ("/v1/audit/events", EVENTS)]
)
def test_no_entry_breaks_its_line_or_its_sheet(http, auditor, service, path, columns):
    """Whatever a name holds, an export has one line of JSON for each entry, and no cell that a spreadsheet would run."""
    http.get(path, headers=auditor)
    service.store.write(lambda unit: unit.people.drop_sessions(0, 0))  # behind the note that the key was used
    listed = http.get(f"{path}?limit=1000", headers=auditor).get_json()["items"]
    lines = http.get(f"{path}?limit=1000", headers=auditor | {"Accept": "application/x-ndjson"}).data.split(b"\n")
    assert [json.loads(line) for line in lines[:-1]] == listed
    text = http.get(f"{path}?limit=1000", headers=auditor | {"Accept": "text/csv"}).get_data(as_text=True)
    rows = list(csv.reader(StringIO(text, newline="")))
    assert len(rows) == len(listed) + 1
    assert columns is None or tuple(rows[0]) == columns
    assert not [cell for row in rows[1:] for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.usefixtures("history")
def test_evaluations_are_listed_without_their_content(http, auditor, service):
    """The evaluations of a profile, a request or a caller are found, with what each was, newest first."""
    rows = logged(service, NASTY[0])
    found = items(http, auditor, "/v1/evaluations?limit=2&profile=%3Dcmd%7C%27%2Fc%20calc%27%21A0")
    assert [one["id"] for one in found] == [row.id for row in reversed(rows)]
    assert set(found[0]) == set(HEADS)
    assert len(items(http, auditor, "/v1/evaluations?limit=9&trigger=manual")) == 1
    assert len(items(http, auditor, "/v1/evaluations?limit=9&recorded_to=2026-01-02T00:00:00Z")) == len(NASTY)


def test_an_export_of_what_was_recorded_stays_as_it_is(http, auditor, history, clock):
    """The same question about what had been recorded by an instant gives the same bytes, whatever comes after."""
    path = "/v1/decisions?limit=1000&recorded_to=2026-01-03T12:00:00Z"
    before = http.get(path, headers=auditor | {"Accept": "text/csv"}).data
    clock.at += DAY
    for number in range(20):
        evaluate_profile(history, KEY, request(asking(f"new{number}", visits=9) | {"at": "2026-01-02T00:00:00Z"}))
    assert http.get(path, headers=auditor | {"Accept": "text/csv"}).data == before


def test_who_changed_what_is_found(http, auditor, admin):
    """Audit events are found by who acted, how, and on what."""
    made = http.post("/v1/keys", json={"name": "n", "roles": ["auditor"]}, headers=admin).get_json()
    http.delete(f"/v1/keys/{made['id']}", headers=admin)
    found = items(http, auditor, f"/v1/audit/events?limit=1&subject={made['id']}")
    assert [one["action"] for one in found] == ["key.revoked", "key.created"]
    assert found[1]["detail"]["roles"] == ["auditor"]
    assert len(items(http, auditor, "/v1/audit/events?limit=9&action=ruleset.published")) == 1
    assert items(http, auditor, "/v1/audit/events?limit=9&actor=nobody") == []


@pytest.mark.usefixtures("history")
def test_a_profile_and_a_segment_are_shown_as_they_were(http, auditor):
    """Both clocks can be asked, and a past segment comes in all three forms."""
    then = "/v1/profiles/-1?ruleset=small"
    found = http.get(f"{then}&as_of=2026-01-02T12:00:00Z", headers=auditor).get_json()
    assert (found["stage"], found["tags"], found["decided"]) == ("new", [], False)
    known = http.get(f"{then}&recorded_as_of=2026-01-01T12:00:00Z", headers=auditor).get_json()
    assert (known["tags"], known["as_of"]) == (["regular"], "2026-01-01T12:00:00Z")
    segment = "/v1/profiles?ruleset=small&tag=regular&as_of="
    assert http.get(f"{segment}2026-01-02T12:00:00Z", headers=auditor).get_json() == {"items": [], "next": None}
    found = items(http, auditor, f"{segment}2026-01-01T12:00:00Z&limit=3")
    assert sorted(one["profile_id"] for one in found) == sorted(NASTY)
    for accept in ("text/csv", "application/x-ndjson"):
        reply = http.get(f"{segment}2026-01-01T12:00:00Z", headers=auditor | {"Accept": accept})
        assert len(reply.get_data(as_text=True).splitlines()) >= len(NASTY)
    version = http.get(f"/v1/rulesets/{KEY}/in-force", headers=auditor).get_json()
    assert (version["ruleset"]["version"], version["kind"]) == (1, "publish")
    is_problem(http.get(f"{segment}soon", headers=auditor), 422, "invalid-request")
    is_problem(http.get(f"{segment}2026-09-01T00:00:00Z", headers=auditor), 422, "invalid-request")


@pytest.mark.usefixtures("history")
def test_an_evaluation_is_decided_again(http, auditor, service):
    """One at once, a period by a job that another key may not read."""
    row = logged(service, "-1")[0]
    found = http.post(f"/v1/evaluations/{row.id}/replay", json={}, headers=auditor).get_json()
    assert found["result"] == "equal"
    other = http.post(f"/v1/evaluations/{row.id}/replay", json={"at": "2026-01-01T00:00:01Z"}, headers=auditor)
    assert other.get_json()["result"] in {"equal", "different"}
    queued = http.post("/v1/replays", json={"ruleset": KEY}, headers=auditor)
    assert (queued.status_code, queued.get_json()["kind"]) == (202, "replay")
    assert http.get(queued.headers["Location"], headers=auditor).get_json()["state"] == "queued"
    is_problem(http.post("/v1/replays", json={"version": 1}, headers=auditor), 422, "invalid-request")


@pytest.mark.usefixtures("history")
def test_figures_come_in_three_forms(http, auditor, monkeypatch):
    """A report is JSON, CSV or NDJSON; one that reads very much is a job."""
    path = f"/v1/reports/stages?ruleset={KEY}"
    found = http.get(path, headers=auditor).get_json()
    assert [(one["value"], one["count"]) for one in found["rows"]] == [("active", len(NASTY))]
    text = http.get(path, headers=auditor | {"Accept": "text/csv"}).get_data(as_text=True)
    assert [row["count"] for row in csv.DictReader(StringIO(text))] == [str(len(NASTY))]
    lines = http.get(path, headers=auditor | {"Accept": "application/x-ndjson"}).data.splitlines()
    assert json.loads(lines[0])["value"] == "active"
    flows = http.get(f"/v1/reports/transitions?ruleset={KEY}&from=2026-01-01T12:00:00Z", headers=auditor).get_json()
    assert {(one["from"], one["to"]) for one in flows["rows"]} == {("active", "active")}
    assert {one["movement"] for one in flows["movements"]} == {"demotion", "promotion"}
    is_problem(http.get("/v1/reports/moods", headers=auditor), 404, "not-found")
    monkeypatch.setattr("service.operations.auditing.reports.report.MOST_AT_ONCE", 3)
    for query in ("&average=visits", "&from=2025-01-01T00:00:00Z"):
        queued = http.get(f"{path}{query}", headers=auditor)
        assert (queued.status_code, queued.get_json()["kind"]) == (202, "report")
