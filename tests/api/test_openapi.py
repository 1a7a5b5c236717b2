"""The description: it is current, it is valid, and replies are what it says."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from service import operations
from service.api.openapi import openapi, openapi_text
from service.api.routes import ROUTES
from service.operations.deliver import active_subscriptions, queue_changes
from service.operations.publish import publish_ruleset
from tests.small import CALLER, KEY, asking, changed

ROOT = Path(__file__).parents[2]
BY_OPERATION = {route.operation: route for route in ROUTES}


@pytest.fixture(scope="module")
def document():
    """The description, as it is served."""
    return yaml.safe_load(openapi_text())


def fits(document, operation, reply):
    """Assert that a reply is as its route is described."""
    route = BY_OPERATION[operation]
    assert reply.status_code == route.status
    media = reply.content_type.partition(";")[0]
    schema = document["paths"][route.path.replace("*}", "}")][route.method.lower()]["responses"][str(route.status)]
    shape = schema["content"][reply.content_type if reply.content_type in schema["content"] else media]["schema"]
    if media.endswith("json"):
        Draft202012Validator({**shape, "components": document["components"]}).validate(reply.get_json(force=True))


def test_the_file_is_current():
    """`openapi.yaml` is what the code says; `tagwright openapi --output openapi.yaml` brings it up to date."""
    assert (ROOT / "openapi.yaml").read_text("utf-8") == openapi_text()


def test_it_is_valid(document):
    """The description is OpenAPI 3.1."""
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    assert document == json.loads(json.dumps(openapi()))


def test_every_operation_is_a_function():
    """An operation's id is the name of the function that does it, where it does more than show the service itself."""
    folder = Path(operations.__file__).parent
    functions = set(
        re.findall(r"^def (\w+)", "".join(file.read_text("utf-8") for file in folder.rglob("*.py")), re.MULTILINE)
    )
    assert {route.operation for route in ROUTES if route.roles is not None} - functions == {"read_ruleset_schema"}


def test_every_operation_has_its_own_id():
    """No two routes share an id or a place."""
    assert len(BY_OPERATION) == len(ROUTES) == len({(route.path, route.method) for route in ROUTES})


def test_replies_are_as_described(http, service, document, key_for):
    """Whatever the service answers has the shape that its description promises."""
    headers = key_for("evaluator", "editor", "publisher", "auditor", "admin")
    publish_ruleset(service, json.dumps(changed(key="other")), "", CALLER)
    path = f"/v1/rulesets/{KEY}"
    body = asking("u", visits=4, colour="red") | {"event": {"type": "wave"}, "decisions": "all", "explain": True}
    body["at"] = "2026-01-01T00:00:00.5Z"
    reply = http.post(f"{path}/evaluate", json=body, headers=headers)
    fits(document, "evaluate_profile", reply)
    fits(document, "evaluate_profile", http.post(f"{path}/evaluate", json=body | {"dry_run": True}, headers=headers))
    items = [asking("u", visits=0, last_seen="2026-01-01T00:00:00Z"), asking("v", visits="x")]
    fits(
        document,
        "evaluate_batch",
        http.post(f"{path}/evaluate-batch", json={"items": items, "at": "2026-02-01T00:00:00Z"}, headers=headers),
    )
    several = asking("u", visits=1) | {"rulesets": [KEY, "other"], "at": "2026-02-02T00:00:00Z"}
    fits(document, "evaluate_rulesets", http.post("/v1/evaluate", json=several, headers=headers))
    evaluation_id = reply.get_json()["evaluation_id"]
    made = http.post(
        "/v1/keys", json={"name": "n", "roles": ["auditor"], "expires_at": "2030-01-01T00:00:00Z"}, headers=headers
    )
    fits(document, "create_key", made)
    for operation, url in (
        ("read_profile", "/v1/profiles/u"),
        ("list_decisions", "/v1/decisions"),
        ("list_decisions", "/v1/decisions?include=all"),
        ("read_evaluation", f"/v1/evaluations/{evaluation_id}"),
        ("list_rulesets", "/v1/rulesets?limit=1"),
        ("read_ruleset", path),
        ("list_versions", f"{path}/versions"),
        ("read_version", f"{path}/versions/1"),
        ("read_ruleset_schema", "/v1/ruleset-schema.json"),
        ("list_keys", "/v1/keys"),
        ("health", "/healthz"),
        ("readiness", "/readyz"),
        ("metrics", "/metrics"),
        ("openapi", "/openapi.yaml"),
        ("docs", "/docs"),
        ("docs_file", "/docs/swagger-ui.css"),
        ("docs_file", "/docs/start.js"),
    ):
        fits(document, operation, http.get(url, headers=headers))
    for checked in (changed(), changed(tags=[{"key": "x", "when": "visit > 1"}]), [1]):
        fits(document, "check_ruleset", http.post("/v1/check", json=checked, headers=headers))


def test_replies_about_events_are_as_described(http, service, document, key_for):
    """The same holds for the feed, subscriptions and deliveries."""
    headers = key_for("evaluator", "auditor", "admin")
    made = http.post("/v1/subscriptions", json={"url": "https://receiver.example/"}, headers=headers)
    fits(document, "create_subscription", made)
    one = f"/v1/subscriptions/{made.get_json()['id']}"
    http.post(f"/v1/rulesets/{KEY}/evaluate", json=asking("u", visits=4), headers=headers)
    queue_changes(service, active_subscriptions(service)[0])
    for operation, url in (
        ("list_changes", "/v1/changes"),
        ("list_subscriptions", "/v1/subscriptions"),
        ("read_subscription", one),
        ("list_deliveries", f"{one}/deliveries?limit=1"),
    ):
        fits(document, operation, http.get(url, headers=headers))
    fits(document, "change_subscription", http.patch(one, json={"state": "paused"}, headers=headers))
    fits(document, "rotate_secret", http.post(f"{one}/rotate", headers=headers))
    fits(document, "retry_dead", http.post(f"{one}/retry", json={}, headers=headers))
    fits(
        document,
        "replay_subscription",
        http.post(f"{one}/replay", json={"from": "2026-01-01T00:00:00Z"}, headers=headers),
    )


def test_problems_are_described(document):
    """Each route names the errors it can answer with."""
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            statuses = set(one["responses"])
            route = next(route for route in ROUTES if route.operation == one["operationId"])
            assert (route.roles is None) == ("401" not in statuses), (path, method)
            assert (route.body is None) or {"400", "413", "415", "422"} <= statuses
