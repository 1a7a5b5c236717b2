"""Erasure, legal hold and retention over HTTP."""

import json

import pytest

from tests.small import asking

EVALUATE = "/v1/rulesets/small/evaluate"
GROUND = {"ground": "asked for"}


@pytest.fixture
def anna(http, evaluator) -> str:
    """The path of a profile that was decided twice; its id has a slash."""
    for visits in (9, 0):
        assert http.post(EVALUATE, json=asking("anna/1", visits=visits), headers=evaluator).status_code == 200
    return "/v1/profiles/anna/1"


def test_an_admin_erases_a_person(http, anna, admin, evaluator, auditor):
    """The reply says what was erased; the profile is gone, and its records say so with 410."""
    timeline = http.get(f"{anna}/timeline", headers=auditor).get_json()["items"]
    reply = http.delete(anna, json=GROUND, headers=admin)
    erased = reply.get_json()
    assert reply.status_code == 200
    assert erased["evaluations"] == 2
    assert erased["pseudonym"] == f"erased:{erased['entry']}"
    assert http.get(anna, headers=evaluator).status_code == 404
    assert http.get(f"{anna}/timeline", headers=auditor).get_json()["items"] == []
    gone = http.get(f"/v1/evaluations/{timeline[0]['evaluation_id']}", headers=auditor)
    assert gone.status_code == 410
    problem = gone.get_json()
    assert problem["code"] == "erased"
    assert problem["erased"]["entry"] == erased["entry"]
    assert http.delete(anna, json=GROUND, headers=admin).status_code == 404


def test_everything_that_reads_a_record_answers(http, anna, admin, auditor):
    """Lists, feeds and reports are read as before where somebody was erased; nothing fails."""
    made = http.get("/v1/decisions", headers=auditor).get_json()["items"][0]["evaluation_id"]
    http.delete(anna, json=GROUND, headers=admin)
    for path in (
        "/v1/decisions",
        "/v1/decisions?include=all",
        "/v1/changes",
        "/v1/audit/events",
        "/v1/evaluations",
        "/v1/profiles?ruleset=small",
    ):
        assert http.get(path, headers=auditor).status_code == 200, path
    for path in (f"/v1/evaluations/{made}", f"/v1/evaluations/{made}/explanation", f"{anna}?ruleset=small"):
        assert http.get(path, headers=auditor).status_code in {404, 410}, path
    replayed = http.post(f"/v1/evaluations/{made}/replay", json={}, headers=auditor)
    assert replayed.status_code in {200, 404, 410}


def test_a_hold_keeps_a_person(http, anna, admin, auditor):
    """An admin places and ends it, an auditor reads it, and meanwhile an erasure is refused with who holds and why."""
    assert http.get(f"{anna}/hold", headers=auditor).status_code == 404
    placed = http.put(f"{anna}/hold", json={"reason": "case 12"}, headers=admin)
    assert placed.status_code == 200
    assert http.get(f"{anna}/hold", headers=auditor).get_json() == placed.get_json()
    assert http.get("/v1/holds", headers=auditor).get_json() == {"items": [placed.get_json()], "next": None}
    refused = http.delete(anna, json=GROUND, headers=admin)
    assert refused.status_code == 409
    assert refused.get_json()["code"] == "held"
    assert refused.get_json()["hold"]["reason"] == "case 12"
    assert http.delete(f"{anna}/hold", headers=admin).status_code == 204
    assert http.delete(anna, json=GROUND, headers=admin).status_code == 200


def test_times_are_read_and_set(http, admin, auditor):
    """What is not named stays; `null` means for ever."""
    assert set(http.get("/v1/retention", headers=auditor).get_json().values()) == {None}
    assert http.put("/v1/retention", json={"jobs_days": 30}, headers=admin).get_json()["jobs_days"] == 30
    reply = http.put("/v1/retention", json={"evaluations_days": 400}, headers=admin).get_json()
    assert (reply["evaluations_days"], reply["jobs_days"]) == (400, 30)
    assert http.put("/v1/retention", json={"evaluations_days": 0}, headers=admin).status_code == 422


@pytest.mark.parametrize("role", ["evaluator", "editor", "publisher", "auditor"])
def test_only_an_admin_lets_content_go(http, anna, key_for, role):
    """Nobody else erases, holds, releases or sets times."""
    headers = key_for(role)
    for method, path in (
        ("DELETE", anna),
        ("PUT", f"{anna}/hold"),
        ("DELETE", f"{anna}/hold"),
        ("PUT", "/v1/retention"),
    ):
        assert http.open(path, method=method, json=GROUND, headers=headers).status_code == 403


def test_a_body_is_asked_for(http, anna, admin):
    """Without a ground nothing is erased, and every fault is named."""
    assert http.delete(anna, headers=admin).status_code in {400, 415}
    faulty = http.delete(anna, json={"why": "x"}, headers=admin)
    assert faulty.status_code == 422
    assert {one["pointer"] for one in faulty.get_json()["errors"]} == {"/ground", "/why"}
    assert json.loads(http.get("/v1/holds", headers=admin).data)["items"] == []
