"""What can be read over HTTP: the log in three forms, rulesets, findings, and what operators look at."""

import csv
import json
from io import StringIO

import pytest

from service.api.finding import COLUMNS
from service.app import create_app
from service.config import Config
from service.language.canonical import canonical_bytes, digest
from service.operations.evaluate import evaluate_profile
from tests.api.test_errors import is_problem
from tests.conftest import wire_on
from tests.small import KEY, RULESET, asking, changed, logged, request


@pytest.fixture
def history(service):
    """Two profiles in the log."""
    for profile in ("u", "=v"):
        evaluate_profile(service, KEY, request(asking(profile, visits=4)))


@pytest.mark.usefixtures("history")
def test_decisions_come_in_three_forms(http, auditor):
    """JSON, NDJSON and CSV hold the same decisions."""
    items = http.get("/v1/decisions", headers=auditor).get_json()["items"]
    lines = http.get("/v1/decisions", headers=auditor | {"Accept": "application/x-ndjson"})
    table = http.get("/v1/decisions", headers=auditor | {"Accept": "text/csv"})
    assert (lines.content_type, table.content_type) == ("application/x-ndjson", "text/csv; charset=utf-8")
    assert [json.loads(line) for line in lines.data.splitlines()] == items
    rows = list(csv.DictReader(StringIO(table.get_data(as_text=True))))
    assert [row["id"] for row in rows] == [one["id"] for one in items]
    assert tuple(rows[0]) == COLUMNS
    assert {row["profile_id"] for row in rows} == {"u", "'=v"}


@pytest.mark.usefixtures("history")
def test_a_page_says_where_the_next_begins(http, auditor):
    """Each form leads to the next page, and the last page says that it is the last."""
    whole = http.get("/v1/decisions", headers=auditor).get_json()["items"]
    found, url = [], "/v1/decisions?limit=3&kind=tag"
    while url:
        reply = http.get(url, headers=auditor | {"Accept": "application/x-ndjson"})
        found += [json.loads(line) for line in reply.data.splitlines()]
        url = reply.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert found == [one for one in whole if one["kind"] == "tag"]


def test_a_form_that_is_not_there_is_told(http, auditor):
    """Who wants something else is told what there is."""
    is_problem(http.get("/v1/decisions", headers=auditor | {"Accept": "application/xml"}), 406, "not-acceptable")
    for accept in ("*/*", "text/html, */*;q=0.1"):
        assert http.get("/v1/decisions", headers=auditor | {"Accept": accept}).content_type == "application/json"


@pytest.mark.usefixtures("history")
def test_a_decision_leads_to_its_record(http, auditor, service):
    """From any decision in the log the whole record can be read."""
    one = http.get("/v1/decisions?profile=u&kind=stage", headers=auditor).get_json()["items"][0]
    reply = http.get(f"/v1/evaluations/{one['evaluation_id']}", headers=auditor)
    assert reply.get_data(as_text=True) == logged(service, "u")[0].record
    is_problem(http.get("/v1/evaluations/nothing", headers=auditor), 404, "not-found")


def test_a_published_document_is_what_its_digest_says(http, evaluator):
    """Anybody with a key can read a ruleset and check its identity."""
    found = http.get(f"/v1/rulesets/{KEY}/versions/1", headers=evaluator).get_json()
    assert digest(canonical_bytes(found["document"])) == found["digest"]
    assert found["document"]["key"] == KEY
    assert http.get("/v1/rulesets", headers=evaluator).get_json()["items"][0]["digest"] == found["digest"]


@pytest.mark.parametrize(
    ("query", "header", "words"),
    [
        ("", {}, "unknown"),
        ("?language=zh", {}, "未"),
        ("", {"Accept-Language": "zh-CN,en;q=0.5"}, "未"),
        ("", {"Accept-Language": "fr"}, "unknown"),
    ],
)
def test_findings_come_in_the_readers_language(http, key_for, query, header, words):
    """An author reads what is wrong in English or Chinese."""
    wrong = changed(tags=[{"key": "regular", "when": "visit >= 3"}])
    found = http.post(f"/v1/check{query}", json=wrong, headers=key_for("editor") | header).get_json()
    assert not found["valid"]
    messages = [one["message"] for one in found["diagnostics"] if one["code"] == "unknown-name"]
    assert words in messages[0]


def test_a_check_runs_the_examples(http, key_for):
    """A ruleset that is right has its identity, and the share of its rules that the examples exercise."""
    step = {"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 5}, "expect": {"stage": "active"}}
    found = http.post("/v1/check", json=changed(examples=[{"steps": [step]}]), headers=key_for("editor")).get_json()
    assert (found["valid"], found["key"]) == (True, KEY)
    assert 0 < found["coverage"] < 100
    assert "tags/stale" in found["unexercised"]
    step["expect"] = {"stage": "new"}
    found = http.post("/v1/check", json=changed(examples=[{"steps": [step]}]), headers=key_for("editor")).get_json()
    assert "failing-example" in {one["code"] for one in found["diagnostics"]}
    assert not found["valid"]


def test_anything_can_be_checked(http, key_for):
    """A text that is no JSON is an answer too, not an error of the request."""
    for text in (b"", b"{", b"[1,]", json.dumps(RULESET).encode()[:-1]):
        reply = http.post("/v1/check", data=text, content_type="application/json", headers=key_for("editor"))
        assert reply.status_code == 200
        assert reply.get_json()["diagnostics"][0]["code"] == "not-json"


def test_the_page_loads_nothing_from_elsewhere(http):
    """The description can be read without the internet, and the browser is told to load nothing else."""
    page = http.get("/docs")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert b"http" not in page.data
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png", "start.js"):
        assert f"docs/{name}".encode() in page.data
        assert http.get(f"/docs/{name}").status_code == 200


def test_counts_are_kept(http, evaluator):
    """Operators see how many requests came and how many evaluations were recorded, without anybody's values."""
    for number in range(3):
        http.post(f"/v1/rulesets/{KEY}/evaluate", json=asking(f"u{number}", visits=1), headers=evaluator)
    http.get("/v1/nothing/u-secret")
    text = http.get("/metrics").get_data(as_text=True)
    assert 'tagwright_requests_total{method="POST",route="/v1/rulesets/{key}/evaluate",status="200"} 3.0' in text
    assert 'route="unknown",status="404"} 1.0' in text
    assert "tagwright_evaluations_total 3.0" in text
    assert "u-secret" not in text


def test_ready_means_ready(http, service, tmp_path, clock):
    """A service without its schema or its rulesets says so; health only means that the process answers."""
    assert http.get("/readyz").get_json()["ready"]
    empty = wire_on(tmp_path / "empty.db", clock)
    with (tmp_path / "log").open("wb") as log:
        other = create_app(empty, Config(), log).test_client()
        reply = other.get("/readyz")
        assert (reply.status_code, reply.get_json()["checks"]["migrations"]) == (503, False)
        empty.store.upgrade()
        assert other.get("/readyz").get_json()["checks"] == {
            "database": True,
            "writable": True,
            "migrations": True,
            "rulesets": False,
            "log": True,
        }
        assert other.get("/healthz").status_code == 200
    empty.store.close()
