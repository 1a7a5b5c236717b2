"""Examples of a draft, over HTTP: proposed, accepted into it, and tried against small edits of its rules."""

import json

import pytest

from service.operations.authoring import examples
from service.operations.authoring.jobs import Task
from tests.small import KEY, RULESET

PATH = f"/v1/rulesets/{KEY}/draft/examples"


@pytest.fixture(name="editor")
def editing(key_for):
    """The header of a key that may edit drafts."""
    return key_for("editor")


@pytest.fixture(name="draft")
def drafted(http, editor):
    """The stamp of a draft that says what is published."""
    reply = http.put(
        f"/v1/rulesets/{KEY}/draft", data=json.dumps(RULESET), headers={**editor, "Content-Type": "application/json"}
    )
    assert reply.status_code == 200, reply.json
    return reply.headers["ETag"]


def test_examples_are_proposed_for_a_draft_or_what_is_in_force(http, editor):
    """Without a draft the version in force is looked at; each proposal says what it is about."""
    told = http.post(f"{PATH}/propose", json={"rules": ["tags/regular"]}, headers=editor).json
    assert (told["key"], told["coverage"], told["left"], told["gaps"]) == (KEY, 0, [], [])
    assert [(one["rule"], one["side"], one["text"]) for one in told["proposals"]] == [
        ("tags/regular", side, "visits >= 3") for side in ("below", "at", "above")
    ]
    assert told["proposals"][1]["title"] == {
        "en": "`regular`: `visits` is 3, which is at least 3",
        "zh": "`regular`：`visits`为 3，不低于 3",
    }
    assert told["proposals"][1]["example"]["steps"] == [
        {"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 3}, "expect": {"tags": {"has": ["regular"]}}}
    ]
    assert {
        "attribute": "visits",
        "posted": -1,
        "message": "expected a whole number below 10^15, at least 0, found the number -1",
    } in told["refused"]


def test_proposals_are_accepted_by_id_and_then_not_proposed_again(http, editor, draft):
    """They stand in the draft, pass, and raise its coverage; who holds another draft is refused."""
    told = http.post(f"{PATH}/propose", json={}, headers=editor).json
    ids = [one["id"] for one in told["proposals"]]
    assert http.post(f"{PATH}/accept", json={"ids": ids}, headers=editor).status_code == 428
    reply = http.post(f"{PATH}/accept", json={"ids": ids}, headers={**editor, "If-Match": draft})
    assert (reply.status_code, reply.json["added"]) == (200, len(ids))
    assert reply.headers["ETag"] != draft
    saved = http.get(f"/v1/rulesets/{KEY}/draft", headers=editor).json
    assert len(saved["document"]["examples"]) == len(ids)
    checked = http.post(f"/v1/rulesets/{KEY}/draft/check", headers=editor).json
    assert (checked["valid"], [one for one in checked["diagnostics"] if one["code"] == "failing-example"]) == (True, [])
    again = http.post(f"{PATH}/propose", json={}, headers=editor).json
    assert (again["proposals"], again["coverage"] > told["coverage"]) == ([], True)


def test_own_examples_are_accepted_too(http, editor, draft):
    """Such as a proposal that somebody edited; the draft is checked as ever."""
    own = {
        "title": "ours",
        "steps": [{"at": "2026-01-01T00:00:00Z", "attributes": {"visits": 1}, "expect": {"stage": "active"}}],
    }
    reply = http.post(f"{PATH}/accept", json={"examples": [own]}, headers={**editor, "If-Match": draft})
    assert reply.json["added"] == 1
    assert http.get(f"/v1/rulesets/{KEY}/draft", headers=editor).json["document"]["examples"] == [own]


def test_faults_are_named(http, editor, draft):
    """Rules that there are not, ids that are not proposed, nothing to accept, a draft with errors."""
    held = {**editor, "If-Match": draft}
    assert (
        http.post(f"{PATH}/propose", json={"rules": ["tags/none"]}, headers=editor).json["errors"][0]["pointer"]
        == "/rules/0"
    )
    assert http.post(f"{PATH}/propose", json={"rule": "x"}, headers=editor).status_code == 422
    unknown = http.post(f"{PATH}/accept", json={"ids": ["none", "/tags/0/when:visits >= 3:at"]}, headers=held).json
    assert [one["pointer"] for one in unknown["errors"]] == ["/ids/0"]
    assert http.post(f"{PATH}/accept", json={}, headers=held).status_code == 422
    assert http.post("/v1/rulesets/none/draft/examples/propose", json={}, headers=editor).status_code == 404
    broken = {**RULESET, "tags": [{"key": "t", "when": "nothing"}]}
    http.put(f"/v1/rulesets/{KEY}/draft", data=json.dumps(broken), headers={**held, "Content-Type": "application/json"})
    assert http.post(f"{PATH}/propose", json={}, headers=editor).json["code"] == "ruleset-rejected"


def test_edits_that_nothing_notices_are_found_by_a_job(http, editor, service, draft):
    """The job is queued at once; its result has the score and the survivors, in both languages."""
    queued = http.post(f"{PATH}/mutants", json={"most": 5, "seed": 3}, headers=editor)
    assert (queued.status_code, queued.json["kind"]) == (202, "mutants")
    row = service.store.read(lambda reads: reads.jobs.job(queued.json["id"]))
    result = examples.run(
        Task(service=service, job=row, payload=json.loads(row.payload), progress=lambda _done, _of: None)
    )
    assert (result["ruleset"], result["seed"], result["passes"], result["noticed"]) == (KEY, 3, True, 0)
    assert 0 < result["tried"] == len(result["survivors"]) <= 5
    assert set(result["survivors"][0]["sentence"]) == {"en", "zh"}
