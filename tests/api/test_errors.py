"""Errors: one shape for all of them, from whatever source, with everything a caller needs and nothing more."""

import json
import sqlite3

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from service import errors
from service.api.log import RequestLog
from service.api.metrics import Metrics
from service.api.openapi import openapi
from service.api.problems import KINDS, MalformedBody, kind_of, problem
from service.api.route import Route
from service.api.web import Web, serve_routes
from service.app import create_app
from service.bootstrap import COMMAND_LINE
from service.config import Config
from service.language.pipeline import read_ruleset
from service.operations.auditing.access import Access
from service.operations.keys import create_key
from service.operations.publish import publish_ruleset
from service.store.database import PRAGMAS
from tests.conftest import wire_on
from tests.small import RULESET

EVALUATE = "/v1/rulesets/small/evaluate"
LEAVES = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.ServiceError)]
STATUSES = {
    "InvalidRequest": 422,
    "RulesetRejected": 422,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "NotFound": 404,
    "Conflict": 409,
    "TooLarge": 413,
    "Unavailable": 503,
    "LogBroken": 500,
}


def is_problem(reply, status, code):
    """Assert that a reply is a problem of one kind, in the documented shape; the problem."""
    found = reply.get_json(force=True)
    assert (reply.status_code, found["status"], found["code"]) == (status, status, code)
    assert reply.content_type == "application/problem+json"
    assert found["type"] == f"urn:tagwright:problem:{code}"
    assert found["request_id"] == reply.headers["X-Request-Id"]
    document = openapi()
    Draft202012Validator({"$ref": "#/components/schemas/Problem", **document}).validate(found)
    text = reply.get_data(as_text=True)
    assert not any(word in text for word in ("Traceback", 'File "', "sqlite", "peewee", ".py"))
    return found


@pytest.mark.parametrize(
    "kind", [one for one in LEAVES if one is not errors.ServiceError], ids=lambda kind: kind.__name__
)
def test_every_error_has_its_status(kind):
    """Nothing a caller can meet is without a status of its own."""
    error = kind("a detail", "a-code") if kind is errors.Conflict else kind("a detail")
    assert kind_of(error).status == STATUSES[kind.__name__]
    assert problem(error, "r")["detail"] == "a detail"


def test_no_error_is_mapped_that_does_not_exist():
    """The table names the errors a caller can meet, and the door's own."""
    assert set(KINDS) == {one for one in LEAVES if one is not errors.ServiceError} | {MalformedBody}


def test_a_refused_ruleset_shows_its_findings():
    """Whoever publishes something wrong is told all of it."""
    refused = errors.RulesetRejected("no", read_ruleset("[1,]").diagnostics)
    assert [one["code"] for one in problem(refused, "r")["errors"]] == ["not-json"]


def test_without_a_key_nothing_is_told(http):
    """A stranger learns how to come in, and nothing else."""
    for header in ({}, {"Authorization": "Basic abc"}, {"Authorization": "Bearer"}, {"Authorization": "Bearer tw_a_b"}):
        reply = http.post(EVALUATE, json={}, headers=header)
        is_problem(reply, 401, "unauthenticated")
        assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_path_that_does_not_exist(http, evaluator):
    """A mistyped path is told as such, with or without a key."""
    is_problem(http.get("/v1/nothing", headers=evaluator), 404, "not-found")
    is_problem(http.get("/v1//decisions"), 404, "not-found")
    is_problem(http.post("/v1/rulesets/nothing/evaluate", json={}, headers=evaluator), 404, "not-found")
    is_problem(http.get("/v1/rulesets/small/versions/one", headers=evaluator), 404, "not-found")
    is_problem(http.get("/docs/nothing"), 404, "not-found")


def test_a_method_that_is_not_there(http, evaluator):
    """A wrong method is told, with those that would be right."""
    reply = http.get(EVALUATE, headers=evaluator)
    is_problem(reply, 405, "method-not-allowed")
    assert reply.headers["Allow"] == "POST"
    is_problem(http.options(EVALUATE), 405, "method-not-allowed")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/json5", "multipart/form-data", ""]
)
def test_a_wrong_content_type(http, evaluator, content_type):
    """A body of another type is refused for its type, whatever is in it."""
    is_problem(
        http.post(EVALUATE, data=b"{}", content_type=content_type, headers=evaluator), 415, "unsupported-media-type"
    )


def test_a_content_type_with_a_charset_is_right(http, evaluator):
    """What common clients send is taken."""
    body = b'{"profile": {"id": "u"}}'
    for content_type in ("application/json; charset=utf-8", "Application/JSON"):
        assert http.post(EVALUATE, data=body, content_type=content_type, headers=evaluator).status_code == 200


def test_a_compressed_body_is_refused(http, evaluator):
    """Nothing is unpacked, so nothing can blow up."""
    headers = evaluator | {"Content-Encoding": "gzip"}
    is_problem(http.post(EVALUATE, json={}, headers=headers), 415, "unsupported-media-type")


def test_a_locked_database_is_told_and_the_service_recovers(tmp_path, clock, monkeypatch):
    """While nothing can be recorded nothing is decided; the caller is told to try again, and then it works."""
    monkeypatch.setitem(PRAGMAS, "busy_timeout", 50)
    service = wire_on(tmp_path / "locked.db", clock)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    made = create_key(service, {"name": "test", "roles": ["evaluator"]}, COMMAND_LINE)
    evaluator = {"Authorization": f"Bearer {made['key']}"}
    log = (tmp_path / "requests.log").open("wb")
    http = create_app(service, Config(), log).test_client()
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    reply = http.post(EVALUATE, json={"profile": {"id": "u"}}, headers=evaluator)
    is_problem(reply, 503, "unavailable")
    assert reply.headers["Retry-After"] == "1"
    ready = http.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["writable"]) == (503, False)
    other.execute("ROLLBACK")
    other.close()
    assert http.get("/readyz").status_code == 200
    assert http.post(EVALUATE, json={"profile": {"id": "u"}}, headers=evaluator).status_code == 200
    service.store.close()
    log.close()


def test_a_bug_tells_its_id_and_nothing_else(app, service, tmp_path):
    """A mistake of the service's own leaves an id with the caller, and its place in the log without any value."""

    def broken(_call):
        raise KeyError("u-secret")

    route = Route(method="GET", path="/broken", operation="broken", summary="", section="", roles=None, handler=broken)
    bare = Flask("broken")
    with (tmp_path / "bugs.log").open("wb") as stream:
        web = Web(
            service=service,
            metrics=Metrics(None),
            log=RequestLog(stream),
            access=Access(service),
            description=b"",
            max_body_bytes=1,
        )
        serve_routes(bare, web, (route,))
        is_problem(bare.test_client().get("/broken"), 500, "internal-error")
    lines = [json.loads(line) for line in (tmp_path / "bugs.log").read_text().splitlines()]
    assert lines[0]["chain"][0]["error"] == "KeyError"
    assert "u-secret" not in (tmp_path / "bugs.log").read_text()


@pytest.mark.parametrize(("given", "taken"), [("abc-1", True), ("a" * 129, False), ("täst", False), ("", False)])
def test_a_request_id_is_taken_if_it_is_sane(http, given, taken):
    """A caller finds its own id again in the reply; one that can't be logged is replaced."""
    found = http.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (found == given) == taken
    assert 1 <= len(found) <= 128


def test_a_request_is_logged_in_one_line(http, evaluator, tmp_path):
    """The log says what was asked and how it went, never a secret, a path's values, or anything of a profile."""
    http.post(EVALUATE, json={"profile": {"id": "u-private"}}, headers=evaluator | {"X-Request-Id": "r-1"})
    http.get("/v1/profiles/u-private", headers=evaluator)
    text = (tmp_path / "requests.log").read_text()
    first, second = [json.loads(line) for line in text.splitlines()]
    assert (first["method"], first["route"], first["status"]) == ("POST", "/v1/rulesets/{key}/evaluate", 200)
    assert first["request_id"] == "r-1"
    assert first["key_id"] == evaluator["Authorization"].split("_")[1]
    assert second["route"] == "/v1/profiles/{profile_id*}"
    assert "u-private" not in text
    assert evaluator["Authorization"].split("_", 2)[2] not in text
