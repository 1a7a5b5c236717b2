"""An auditor's hour with a service that runs: why, by whose rules, again, proven, taken away, checked alone, erased."""

import io
import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from service.audit import verifier
from service.audit.merkle import leaf_hash
from service.audit.note import read_verifier
from service.audit.proof import check_proof, read_proof
from tests.end_to_end.running import PATIENCE_S, ROOT, running
from tests.governing import WARNINGS
from tests.small import RULESET, asking

ONE = "/v1/rulesets/small"
LIFECYCLE = {
    "initial": "new",
    "stages": [{"key": "new"}, {"key": "active"}, {"key": "at_risk", "title": {"en": "At risk", "zh": "有流失风险"}}],
    "transitions": [
        {"key": "wakes", "from": ["new"], "to": "active", "movement": "promotion", "when": "visits >= 1"},
        {"key": "cools", "from": ["active"], "to": "at_risk", "movement": "demotion", "when": "visits == 0"},
        {"key": "returns", "from": ["at_risk"], "to": "active", "movement": "recovery", "when": "visits >= 1"},
    ],
}


class People:
    """Those who work with the service, each with a key of their own."""

    def __init__(self, service) -> None:
        self.service = service
        self.ids: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        roles = {
            "ann": ["editor"],
            "bob": ["publisher"],
            "shop": ["evaluator"],
            "eve": ["auditor"],
            "root": ["admin"],
        }
        for name, held in roles.items():
            status, made = service.call("POST", "/v1/keys", {"name": name, "roles": held})
            assert status == 201
            self.ids[name], self.keys[name] = made["id"], made["key"]

    def ask(self, name: str, method: str, path: str, body=None, status: int = 200):
        """What one of them is answered; the status is as expected."""
        found, reply = self.service.call(method, path, body, Authorization=f"Bearer {self.keys[name]}")
        assert found == status, reply
        return reply

    def bytes_of(self, name: str, path: str) -> bytes:
        """What one of them downloads."""
        connection = self.service.connect()
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.keys[name]}"})
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        assert reply.status == 200, data
        return data

    def wait(self, job: dict) -> dict:
        """The result of a job."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            found = self.ask("eve", "GET", f"/v1/jobs/{job['id']}")
            if found["state"] not in {"queued", "running"}:
                assert found["state"] == "done", found
                return found["result"]
            time.sleep(0.1)
        raise TimeoutError

    def proof(self, evaluation: str) -> dict:
        """The proof of an evaluation, once it is sealed."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status, reply = self.service.call(
                "GET", f"/v1/audit/proof?evaluation={evaluation}", Authorization=f"Bearer {self.keys['eve']}"
            )
            if status == 200:
                return reply
            assert (status, reply["code"]) == (409, "not-sealed")
            time.sleep(0.1)
        raise TimeoutError

    def export(self, **asked) -> tuple[dict, bytes]:
        """A pack, by a job, and as it is downloaded."""
        job = self.ask("eve", "POST", "/v1/audit/exports", asked, 202)
        return self.wait(job), self.bytes_of("eve", f"/v1/audit/exports/{job['id']}")


@pytest.fixture
def people(tmp_path):
    """A service that runs, and those who work with it; one profile became at-risk by rules that two answer for."""
    with running(tmp_path) as service:
        found = People(service)
        found.ask("ann", "PUT", f"{ONE}/draft", {**RULESET, "lifecycle": LIFECYCLE})
        found.ask("ann", "POST", f"{ONE}/draft/submit")
        found.ask("bob", "POST", f"{ONE}/draft/approve")
        found.ask("bob", "POST", f"{ONE}/publish", {"comment": "say who is at risk", "acknowledge": WARNINGS}, 201)
        for profile, visits in (("mei", 5), ("other", 2), ("mei", 0), ("other", 3)):
            found.ask("shop", "POST", f"{ONE}/evaluate", asking(profile, visits=visits))
        yield found


def checked_alone(tmp_path, pack: bytes, key: str) -> str:
    """What the verifier of the pack itself says of it, run by a bare Python that knows none of our packages."""
    folder = tmp_path / "auditor"
    folder.mkdir(exist_ok=True)
    (folder / "pack.zip").write_bytes(pack)
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        (folder / "verifier.py").write_bytes(archive.read("verifier.py"))
        assert archive.read("verifier.py") == Path(verifier.__file__).read_bytes()
    command = [sys.executable, "-I", "-S", "verifier.py", "pack.zip", "--key", key]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.endswith("\nholds\n")
    return done.stdout


def found_and_explained(people) -> str:
    """The evaluation by which Mei became at-risk, after it was said why, and who answers for the rule."""
    ask = people.ask
    # Why did Mei become at-risk?
    (decision,) = ask("eve", "GET", "/v1/decisions?profile=mei&kind=stage&to_value=at_risk")["items"]
    evaluation = decision["evaluation_id"]
    assert (decision["rule"], decision["cause"]) == ("lifecycle/transitions/cools", "data")
    told = {
        language: ask("eve", "GET", f"/v1/evaluations/{evaluation}/explanation?kind=stage&language={language}")
        for language in ("en", "zh")
    }
    assert told["en"]["reproduced"]
    assert "At risk" in told["en"]["decisions"][0]["sentence"]
    assert "有流失风险" in told["zh"]["decisions"][0]["sentence"]

    # Who answers for the rule?
    version = ask("eve", "GET", f"{ONE}/versions/{decision['version']}")
    assert (version["author"], version["approved_by"]) == (people.ids["ann"], people.ids["bob"])
    (approval,) = ask("eve", "GET", "/v1/audit/events?subject=small&action=ruleset.draft_approved")["items"]
    assert approval["actor"] == people.ids["bob"]
    return evaluation


def test_an_auditors_hour(people, tmp_path):
    """Found, explained, answered for, decided again, proven, exported, verified by strangers; and so after erasure."""
    ask = people.ask
    evaluation = found_and_explained(people)

    # Would it be decided again, and is it what was sealed?
    assert ask("eve", "POST", f"/v1/evaluations/{evaluation}/replay", {})["result"] == "equal"
    before = people.proof(evaluation)
    key = ask("eve", "GET", "/v1/audit/key")["keys"][0]
    leaf = leaf_hash(before["envelope"].encode())
    check_proof(read_proof(before["file"].encode()), leaf, [read_verifier(key)])

    # Taken away, and checked without us.
    result, pack = people.export(profile="mei")
    assert (result["holds"], result["bytes"]) == (True, len(pack))
    assert "2 entries," in checked_alone(tmp_path, pack, key)
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert "at_risk" in archive.read("decisions.csv").decode()
        assert '"other"' not in archive.read("entries.ndjson").decode()

    # Mei asks to be forgotten.
    erased = ask("root", "DELETE", "/v1/profiles/mei", {"ground": "GDPR 17(1)(b)"})
    assert ask("eve", "GET", f"/v1/evaluations/{evaluation}", status=410)["code"] == "erased"
    assert ask("eve", "POST", f"/v1/evaluations/{evaluation}/replay", {})["result"] == "not_replayable"
    after = people.proof(evaluation)
    assert (after["envelope"], after["position"]) == (before["envelope"], before["position"])
    check_proof(read_proof(after["file"].encode()), leaf, [read_verifier(key)])

    # Taken away again: erased, and it still holds, also as an operator exports it.
    people.proof(erased["entry"])
    result, pack = people.export(profile=erased["pseudonym"])
    assert result["totals"]["erased"] == 4  # two evaluations, and that they were exported and read
    said = checked_alone(tmp_path, pack, key)
    assert "whose content was erased" in said
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        assert not [name for name in archive.namelist() if b'"mei"' in archive.read(name)]
    whole = tmp_path / "whole.zip"
    assert "sha256" in tagwright(people, "audit", "export", "--output", str(whole))
    assert checked_alone(tmp_path, whole.read_bytes(), key)
    assert tagwright(people, "audit", "verify", "--export", str(whole)).endswith("holds\n")
    assert tagwright(people, "audit", "verify", "--full").endswith("holds\n")


def test_the_auditor_is_audited(people):
    """Reading apart, whatever an auditor, an administrator or a stranger did is in the log with who, when and where."""
    ask = people.ask
    (decision,) = ask("eve", "GET", "/v1/decisions?profile=mei&kind=stage&to_value=at_risk")["items"]
    people.proof(decision["evaluation_id"])
    people.export(profile="mei")
    people.wait(ask("eve", "POST", "/v1/audit/verifications", {}, 202))
    people.wait(ask("eve", "POST", "/v1/replays", {"ruleset": "small"}, 202))
    ask("eve", "POST", "/v1/keys", {"name": "more", "roles": ["admin"]}, 403)
    people.service.call("GET", "/v1/rulesets", Authorization="Bearer tw_no_key", X_Request_Id="stranger-1")
    ask("root", "DELETE", "/v1/profiles/mei", {"ground": "asked for"})
    expected = {
        "log.exported": people.ids["eve"],
        "log.export_read": people.ids["eve"],
        "log.verified": people.ids["eve"],
        "log.replayed": people.ids["eve"],
        "access.denied": people.ids["eve"],
        "access.refused": "anonymous",
        "profile.erased": people.ids["root"],
    }
    for action, actor in expected.items():
        rows = ask("eve", "GET", f"/v1/audit/events?action={action}")["items"]
        assert [row["actor"] for row in rows] == [actor], action
        assert all(row["at"].endswith("Z") for row in rows)
    used = {row["actor"] for row in ask("eve", "GET", "/v1/audit/events?action=key.used")["items"]}
    assert {*people.ids.values()} <= used
    text = json.dumps(ask("eve", "GET", "/v1/audit/events?limit=1000"))
    assert not [name for name, key in people.keys.items() if key.rpartition("_")[2] in text]


def tagwright(people, *arguments: str) -> str:
    """What the command line says."""
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT,
        env=people.service.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
