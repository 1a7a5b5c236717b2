"""Evidence over HTTP: a pack by a job, had as a stream; samples; who may have them."""

import io
import json
import zipfile

import pytest

from service.api.openapi import openapi
from service.language.instants import write_instant
from service.operations.authoring.kinds import KINDS
from service.operations.authoring.runner import Runner
from tests.api.test_openapi import fits
from tests.operations.auditing.exporting import fill
from tests.small import DAY, KEY, START

PATH = "/v1/audit/exports"


@pytest.fixture
def filled(service, clock):
    """Evaluations of some days, sealed."""
    fill(service, clock, 20)
    return service


def test_a_pack_is_asked_for_and_had(http, filled, auditor):
    """The reply is a job; before it is done there is no pack, afterwards it comes as a .zip that is called by its id."""
    document = json.loads(json.dumps(openapi()))
    queued = http.post(PATH, json={"ruleset": KEY}, headers=auditor)
    fits(document, "export_log", queued)
    job = queued.get_json()["id"]
    early = http.get(f"{PATH}/{job}", headers=auditor)
    assert (early.status_code, early.get_json()["code"]) == (409, "not-done")
    assert Runner(filled, "r1", KINDS, lambda *_: None).step()
    result = http.get(f"/v1/jobs/{job}", headers=auditor).get_json()["result"]
    assert result["holds"]
    pack = http.get(f"{PATH}/{job}", headers=auditor)
    fits(document, "read_export", pack)
    assert pack.headers["Content-Disposition"] == f'attachment; filename="evidence-{job}.zip"'
    assert len(pack.data) == result["bytes"]
    with zipfile.ZipFile(io.BytesIO(pack.data)) as archive:
        assert set(archive.namelist()) == {*result["files"]}


def test_only_auditors_take_evidence_away(http, filled, auditor, key_for):
    """Another key may not ask for a pack, nor have one, nor see the job of one."""
    job = http.post(PATH, json={}, headers=auditor).get_json()["id"]
    others = key_for("evaluator", "editor", "publisher", "admin")
    assert http.post(PATH, json={}, headers=others).status_code == 403
    assert http.get(f"{PATH}/{job}", headers=others).status_code == 403
    assert http.get(f"/v1/jobs/{job}", headers=others).status_code == 404


def test_a_wrong_question_is_refused(http, filled, auditor):
    """Every fault is told at once; what is not there is not found."""
    faults = http.post(PATH, json={"from": "soon", "profile": 1}, headers=auditor)
    assert faults.status_code == 422
    assert {one["pointer"] for one in faults.get_json()["errors"]} == {"/from", "/profile"}
    assert http.post(PATH, json={"ruleset": "none"}, headers=auditor).status_code == 404
    assert http.get(f"{PATH}/none", headers=auditor).status_code == 404


def test_a_sample_is_drawn(http, filled, auditor):
    """A sample leads to the proof and the replay of each evaluation that was drawn."""
    document = json.loads(json.dumps(openapi()))
    end = write_instant(START + DAY)
    drawn = http.get(f"/v1/audit/sample?ruleset={KEY}&to={end}&size=3", headers=auditor)
    fits(document, "sample_log", drawn)
    items = drawn.get_json()["items"]
    assert len(items) == 3
    for one in items:
        assert http.get(one["proof"], headers=auditor).get_json()["position"] == one["position"]
        assert http.post(one["replay"], json={}, headers=auditor).get_json()["result"] == "equal"
    assert http.get("/v1/audit/sample", headers=auditor).get_json()["errors"][0]["pointer"] == "/to"
