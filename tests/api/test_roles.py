"""Who may do what: the table of routes is the only rule, and every route keeps it."""

import re

import pytest
from flask import Flask

from service.api.routes import ROUTES
from service.api.web import flask_rule
from service.operations.keys import ROLES
from tests.small import KEY

PATHS = {
    "key": KEY,
    "version": "1",
    "revision": "1",
    "profile_id*": "u",
    "evaluation_id": "e",
    "key_id": "k",
    "user_name": "n",
    "subscription_id": "s",
    "name": "start.js",
}
PROFILES = {"explain_absence", "list_changes", "read_profile", "list_profiles", "read_timeline"}
EVENT_READS = {"list_subscriptions", "read_subscription", "list_deliveries"}
EVENT_WRITES = {
    "create_subscription",
    "change_subscription",
    "end_subscription",
    "rotate_secret",
    "replay_subscription",
    "retry_dead",
}
EDITING = {"accept_examples", "save_draft", "discard_draft", "check_draft", "submit_draft"}
PUBLISHING = {
    "check_draft",
    "approve_draft",
    "reject_draft",
    "publish_draft",
    "rollback_ruleset",
    "retire_ruleset",
    "cancel_schedule",
}
JOBS = {"propose_examples", "make_report", "list_jobs", "read_job", "cancel_job", "read_shadow"}
FINDING = {
    "explain_evaluation",
    "count_decisions",
    "list_evaluations",
    "list_audit_events",
    "replay_evaluation",
    "replay_period",
    "read_version_as_of",
}
TRYING = {"prove_draft", "simulate_draft", "try_draft_mutants", "start_shadow", "end_shadow"}
KEEPING = {"read_hold", "list_holds", "read_retention", "read_settings"}
ERASING = {"change_settings", "erase_profile", "place_hold", "end_hold", "set_retention"}
LOG = {"prove_entry", "prove_growth", "read_tile", "make_receipt"}
MEANING = {
    "evaluator": {*LOG, "evaluate_profile", "evaluate_batch", "evaluate_rulesets", "set_tag", *PROFILES},
    "editor": {*EDITING, "merge_draft_tags", "read_overlap", *JOBS, *TRYING, "check_ruleset"},
    "publisher": {*PUBLISHING, "read_overlap", *JOBS, *TRYING, "check_ruleset"},
    "auditor": {
        *LOG,
        "verify_log",
        "export_log",
        "read_export",
        "sample_log",
        *PROFILES,
        "read_overlap",
        *JOBS,
        *FINDING,
        "list_decisions",
        "read_evaluation",
        "check_ruleset",
        "list_keys",
        *EVENT_READS,
        *KEEPING,
    },
    "admin": {
        "read_overlap",
        *JOBS,
        "set_tag",
        "create_key",
        "list_keys",
        "revoke_key",
        "create_user",
        "list_users",
        "change_user",
        "check_ruleset",
        *EVENT_READS,
        *EVENT_WRITES,
        *KEEPING,
        *ERASING,
    },
}
"""What a key with one role may do, beside what any key may."""
DRAFT_READS = {
    "list_drafts",
    "read_draft",
    "list_draft_revisions",
    "read_draft_revision",
    "compare_versions",
    "list_activations",
}
ANY_KEY = {
    *DRAFT_READS,
    "read_checkpoint_note",
    "read_log_keys",
    "list_rulesets",
    "read_ruleset",
    "list_versions",
    "read_version",
    "read_ruleset_schema",
}
OPEN = {"health", "readiness", "metrics", "openapi", "docs", "docs_file"}


def ask(http, route, headers):
    """Send a request to a route, with a body where it takes one."""
    path = re.sub(r"{([^}]+)}", lambda match: PATHS.get(match[1], "x"), route.path)
    body = {"json": {}} if route.body is not None else {}
    return http.open(path, method=route.method, headers=headers, **body)


def test_roles_mean_what_they_are_said_to_mean():
    """The table gives each role exactly what its description promises."""
    for role in ROLES:
        allowed = {route.operation for route in ROUTES if route.roles is not None and role in route.roles}
        assert allowed == MEANING[role] | ANY_KEY
    assert {route.operation for route in ROUTES if route.roles is None} == OPEN


@pytest.mark.parametrize("role", ROLES)
def test_every_route_lets_in_whom_it_should(http, key_for, role):
    """A key gets through where its role allows it, and nowhere else."""
    headers = key_for(role)
    for route in ROUTES:
        reply = ask(http, route, headers)
        is_allowed = route.roles is None or role in route.roles
        assert (reply.status_code != 403) == is_allowed, route.operation
        assert reply.status_code not in {401, 500}, route.operation


def test_without_a_key_only_open_routes_answer(http):
    """A stranger reaches what operators need, and nothing of the customers."""
    for route in ROUTES:
        assert (ask(http, route, {}).status_code == 401) == (route.roles is not None), route.operation


def test_several_roles_add_up(http, key_for):
    """A key may do what any of its roles allows."""
    headers = key_for("evaluator", "auditor")
    assert http.get("/v1/decisions", headers=headers).status_code == 200
    assert http.post(f"/v1/rulesets/{KEY}/evaluate", json={"profile": {"id": "u"}}, headers=headers).status_code == 200
    assert http.get("/v1/keys", headers=headers).status_code == 200
    assert http.post("/v1/keys", json={}, headers=headers).status_code == 403


def test_nothing_is_served_that_is_not_in_the_table(app: Flask):
    """There is no way in beside the table of routes."""
    console = ("console.", "console_door")
    rules = [rule for rule in app.url_map.iter_rules() if not rule.endpoint.startswith(console)]
    served = {(rule.rule, method) for rule in rules for method in rule.methods - {"HEAD"}}
    assert served == {(flask_rule(route), route.method) for route in ROUTES}


def test_a_revoked_key_is_turned_away(http, admin):
    """A key that was made can be used until it is revoked."""
    made = http.post("/v1/keys", json={"name": "n", "roles": ["auditor"]}, headers=admin)
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    headers = {"Authorization": f"Bearer {made.get_json()['key']}"}
    assert http.get("/v1/decisions", headers=headers).status_code == 200
    assert http.delete(f"/v1/keys/{made.get_json()['id']}", headers=admin).status_code == 204
    assert http.get("/v1/decisions", headers=headers).status_code == 401
