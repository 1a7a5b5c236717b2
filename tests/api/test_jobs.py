"""Jobs and simulations over HTTP: what was asked for is found where the reply says."""

import json

import pytest

from service.api.openapi import openapi
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import Runner
from tests.api.test_openapi import fits
from tests.small import KEY, RULESET, asking, changed

EAGER = changed(tags=[*RULESET["tags"][1:], {"key": "regular", "when": "visits >= 5"}])
PATH = f"/v1/rulesets/{KEY}"


@pytest.fixture(scope="module")
def document():
    """The description, as it is served."""
    return json.loads(json.dumps(openapi()))


@pytest.fixture
def editor(key_for):
    """The header of a key that may edit."""
    return key_for("editor")


@pytest.fixture
def drafted(http, editor, evaluator):
    """A draft that differs, and two stored profiles."""
    for name, visits in (("a", 1), ("b", 4)):
        assert http.post(f"{PATH}/evaluate", json=asking(name, visits=visits), headers=evaluator).status_code == 200
    assert http.put(f"{PATH}/draft", json=EAGER, headers=editor).status_code == 200


def test_a_simulation_of_stored_profiles_is_a_job(http, service, editor, drafted, document):
    """The reply is 202 with the place of the job, which says how far it is and in the end what it found."""
    reply = http.post(f"{PATH}/draft/simulate", json={}, headers=editor)
    assert reply.status_code == 202
    queued = reply.get_json()
    assert reply.headers["Location"] == f"/v1/jobs/{queued['id']}"
    assert (queued["state"], queued["kind"], queued["ruleset"]) == ("queued", "simulate", KEY)
    fits(document, "read_job", http.get(reply.headers["Location"], headers=editor))
    assert Runner(service, "r1", KINDS, lambda *_: None).step()
    found = http.get(reply.headers["Location"], headers=editor)
    fits(document, "read_job", found)
    job = found.get_json()
    assert (job["state"], job["done"], job["total"]) == ("done", 2, 2)
    assert job["result"]["moved"]["profiles"] == 1
    again = http.post(f"{PATH}/draft/simulate", json={"profiles": [{"id": "b"}]}, headers=editor)
    fits(document, "simulate_draft", again)
    assert again.get_json().keys() == job["result"].keys()
    page = http.get(f"/v1/jobs?ruleset={KEY}&limit=1", headers=editor)
    fits(document, "list_jobs", page)
    assert [one["id"] for one in page.get_json()["items"]] == [queued["id"]]


def test_a_job_is_cancelled_over_http(http, editor, drafted, key_for):
    """Whoever asked may end it; somebody else may not, and a stranger to its kind does not see it."""
    place = http.post(f"{PATH}/draft/simulate", json={"sample": {"size": 1}}, headers=editor).headers["Location"]
    assert http.delete(place, headers=key_for("publisher")).status_code == 403
    assert http.delete(place, headers=key_for("evaluator")).status_code == 403
    assert http.delete(place, headers=editor).status_code == 204
    assert http.get(place, headers=editor).get_json()["state"] == "cancelled"
    assert http.get("/v1/jobs/unknown", headers=editor).status_code == 404


def test_why_a_job_failed_is_told_in_both_languages(http, service, editor, drafted):
    """The message is in the language that the caller asks for."""
    place = http.post(f"{PATH}/draft/simulate", json={}, headers=editor).headers["Location"]
    broken = {"simulate": KINDS["simulate"].__class__(lambda task: 1 // 0, KINDS["simulate"].roles)}
    Runner(service, "r1", broken, lambda *_: None).step()
    english = http.get(place, headers=editor).get_json()["error"]
    chinese = http.get(f"{place}?language=zh", headers=editor).get_json()["error"]
    assert english["code"] == chinese["code"] == "internal-error"
    assert english["message"].isascii()
    assert not chinese["message"].isascii()
    assert http.get(place, headers=editor | {"Accept-Language": "zh-CN"}).get_json()["error"] == chinese


def test_a_draft_with_errors_is_not_simulated(http, editor, drafted):
    """The reply lists what is wrong."""
    reply = http.post(f"{PATH}/draft/simulate", json={"document": changed(tags=[{"key": "x"}, 1])}, headers=editor)
    assert (reply.status_code, reply.get_json()["code"]) == (422, "ruleset-rejected")
    assert reply.get_json()["errors"]


def test_a_shadow_is_started_read_and_ended(http, editor, drafted, document):
    """Its resource says what it is and what it found."""
    started = http.put(f"{PATH}/draft/shadow", json={"share": 0.5, "days": 3}, headers=editor)
    fits(document, "start_shadow", started)
    shown = http.get(f"{PATH}/draft/shadow", headers=editor)
    fits(document, "read_shadow", shown)
    assert shown.get_json()["ends_at"] == "2026-01-04T00:00:00Z"
    assert http.delete(f"{PATH}/draft/shadow", headers=editor).status_code == 204
    assert http.get(f"{PATH}/draft/shadow", headers=editor).status_code == 404
