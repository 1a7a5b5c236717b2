"""Drafts, review and publishing over HTTP: entity tags, refusals, and replies as they are described."""

import pytest
import yaml

from service.api.openapi import openapi_text
from tests.api.test_openapi import fits
from tests.governing import WARNINGS
from tests.small import KEY, RULESET, asking, changed

ONE = f"/v1/rulesets/{KEY}"
DRAFT = f"{ONE}/draft"
PUBLISH = {"comment": "why", "acknowledge": WARNINGS}


@pytest.fixture
def ann(key_for):
    """The header of one who may edit and publish."""
    return key_for("editor", "publisher")


@pytest.fixture
def bob(key_for):
    """The header of another."""
    return key_for("editor", "publisher")


def put(http, headers, held=None, **members):
    """Save a draft of the small ruleset with other members."""
    return http.put(DRAFT, json=changed(**members), headers={**headers, **({"If-Match": held} if held else {})})


def test_the_whole_way_of_a_version(http, ann, bob, key_for):
    """Edited, checked, compared, submitted, approved, published, rolled back and retired: each reply as described."""
    document = yaml.safe_load(openapi_text())
    fits(document, "save_draft", put(http, ann, title="A", tags=[]))
    for operation, path in (
        ("read_draft", DRAFT),
        ("list_drafts", "/v1/drafts"),
        ("list_draft_revisions", f"{DRAFT}/revisions"),
        ("read_draft_revision", f"{DRAFT}/revisions/1"),
        ("compare_versions", f"{ONE}/diff"),
        ("read_ruleset", ONE),
    ):
        fits(document, operation, http.get(path, headers=ann))
    put(http, ann, "*", title="A")
    fits(document, "check_draft", http.post(f"{DRAFT}/check", headers=ann))
    fits(document, "submit_draft", http.post(f"{DRAFT}/submit", headers=ann))
    fits(document, "reject_draft", http.post(f"{DRAFT}/reject", json={"reason": "no"}, headers=bob))
    fits(document, "submit_draft", http.post(f"{DRAFT}/submit", headers=ann))
    fits(document, "approve_draft", http.post(f"{DRAFT}/approve", headers=bob))
    fits(document, "publish_draft", http.post(f"{ONE}/publish", json=PUBLISH, headers=bob))
    fits(document, "rollback_ruleset", http.post(f"{ONE}/rollback", json={"version": 1, "reason": "x"}, headers=bob))
    fits(document, "retire_ruleset", http.post(f"{ONE}/retire", json={"reason": "x"}, headers=bob))
    for operation, path in (
        ("list_versions", f"{ONE}/versions"),
        ("read_version", f"{ONE}/versions/2"),
        ("list_activations", f"{ONE}/activations"),
        ("list_rulesets", "/v1/rulesets"),
    ):
        fits(document, operation, http.get(path, headers=ann))
    refused = http.post(f"{ONE}/evaluate", json=asking("u"), headers=key_for("evaluator"))
    assert (refused.status_code, refused.get_json()["code"]) == (410, "retired")


def test_a_draft_is_saved_over_what_was_read(http, ann, bob):
    """The entity tag goes round: without it 428, with an old one 412 and the picture, with the present one saved."""
    first = put(http, ann, title="A")
    tag = first.headers["ETag"]
    assert (tag, http.get(DRAFT, headers=bob).headers["ETag"]) == (f'"{first.get_json()["stamp"]}"', tag)
    assert put(http, bob, title="B").status_code == 428
    second = put(http, bob, tag, title="B")
    lost = put(http, ann, tag, title="C")
    assert (second.status_code, lost.status_code) == (200, 412)
    told = lost.get_json()
    assert (told["stamp"], told["code"]) == (second.get_json()["stamp"], "draft-changed")
    assert [told[name]["changes"][0]["after"] for name in ("theirs", "yours")] == ["B", "C"]
    assert len(told["conflicts"]) == 1
    assert http.delete(DRAFT, headers={**ann, "If-Match": tag}).status_code == 412
    assert http.delete(DRAFT, headers={**ann, "If-Match": "*"}).status_code == 204
    assert http.get(DRAFT, headers=ann).status_code == 404


@pytest.mark.parametrize("tag", ['W/"1-00000000"', "1-00000000", '"a", "b"', '""', '"é"'])
def test_a_weak_tag_holds_nothing(http, ann, tag):
    """What does not name one revision exactly is refused before anything is looked at."""
    put(http, ann, title="A")
    refused = put(http, ann, tag, title="B")
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/If-Match")


def test_a_draft_is_read_as_it_was_written(http, ann):
    """Numbers and the order of members come back as they were typed."""
    text = b'{"title": "A", "key": "small", "format": 1.0, "x": [1.50, 1e3]}'
    http.put(DRAFT, data=text, content_type="application/json", headers=ann)
    assert text in http.get(DRAFT, headers=ann).data
    assert http.get(f"{DRAFT}/revisions/1", headers=ann).data == text


def test_differences_are_told_in_both_languages(http, ann):
    """Business users read what a draft changes, and whether any decision can differ."""
    put(http, ann, tags=[{**RULESET["tags"][0], "when": "visits >= 4"}, *RULESET["tags"][1:]])
    told = http.get(f"{ONE}/diff?from=1&to=draft", headers=ann).get_json()
    assert told["can_change_decisions"]
    (change,) = told["changes"]
    assert {*change["sentence"]} == {"en", "zh"}
    assert http.get(f"{ONE}/diff?from=active&to=1", headers=ann).get_json()["changes"] == []
    assert http.get(f"{ONE}/diff?from=now", headers=ann).status_code == 422
    assert http.get(f"{ONE}/diff?from=7&to=draft", headers=ann).status_code == 404
    assert http.get("/v1/rulesets/nothing/diff?to=active", headers=ann).status_code == 404


def test_a_schedule_is_taken_back(http, ann, bob):
    """One request plans, one takes the plan back, and then there is none."""
    put(http, ann, title="A")
    for who, step in ((ann, "submit"), (bob, "approve")):
        http.post(f"{DRAFT}/{step}", headers=who)
    planned = http.post(f"{ONE}/publish", json={**PUBLISH, "effective_at": "2026-02-01T00:00:00Z"}, headers=bob)
    assert (planned.status_code, planned.get_json()["scheduled"]) == (201, True)
    assert http.delete(f"{ONE}/schedule", headers=bob).get_json()["cancelled"] == [2]
    assert http.delete(f"{ONE}/schedule", headers=bob).status_code == 404


def test_settings_are_the_administrators(http, admin, auditor, ann):
    """Administrators change them, auditors read them, nobody else does either."""
    assert http.put("/v1/settings", json={"single_person": True}, headers=admin).status_code == 200
    assert http.get("/v1/settings", headers=auditor).get_json()["single_person"]["value"] is True
    assert [
        http.get("/v1/settings", headers=ann).status_code,
        http.put("/v1/settings", json={}, headers=ann).status_code,
    ] == [
        403,
        403,
    ]
