"""Every door gives one answer: the situations of tests/cases/decisions and the shipped examples, posted over HTTP."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from service.app import create_app
from service.bootstrap import COMMAND_LINE
from service.config import Config
from service.operations.keys import create_key
from service.operations.publish import publish_ruleset
from tests.cases_reader import case_name, decision_cases, shipped_rulesets
from tests.conftest import HandClock, wire_on
from tests.small import START

FILES = [*decision_cases(), *shipped_rulesets()]


def timelines(document):
    """The examples that HTTP can tell: those in which no person's word is needed."""
    for example in document.get("examples", []):
        if not any("manual" in step for step in example["steps"]):
            yield example


def body_of(example, step):
    """A step as the body of a request."""
    profile = {"id": example.get("profile", "example")}
    if "attributes" in step:
        profile["attributes"] = step["attributes"]
    elif step is example["steps"][0]:
        profile["attributes"] = {}
    body = {"profile": profile, "at": step["at"], "decisions": "all"}
    return body | ({"event": step["event"]} if "event" in step else {})


def compare(expect, reply):
    """Assert that a reply is what a step expects."""
    tags = expect.get("tags") or {}
    undetermined = {
        one["key"] for one in reply["decisions"] if (one["kind"], one["outcome"]) == ("tag", "undetermined")
    }
    assert set(tags.get("has") or ()) <= set(reply["tags"])
    assert not set(tags.get("lacks") or ()) & set(reply["tags"])
    assert set(tags.get("undetermined") or ()) <= undetermined
    assert expect.get("stage", reply["stage"]) == reply["stage"]
    assert reply["tiers"] | (expect.get("tiers") or {}) == reply["tiers"]
    assert reply["values"] | (expect.get("values") or {}) == reply["values"]
    scores = {key: one["value"] for key, one in reply["scores"].items()}
    assert scores | (expect.get("scores") or {}) == scores
    if "actions" in expect and expect["actions"] is not None:
        fired = [one["key"] for part in (*reply["caught_up"], reply) for one in part["actions"]]
        assert fired == expect["actions"]


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    """Opens one service for all situations; gives what publishes, what posts, and what forgets everybody."""
    folder = tmp_path_factory.mktemp("doors")
    service = wire_on(folder / "test.db", HandClock(START))
    service.store.upgrade()
    key = create_key(service, {"name": "test", "roles": ["evaluator"]}, COMMAND_LINE)["key"]
    with (folder / "log").open("wb") as log:
        client = create_app(service, Config(), log).test_client()

        def post(path, body):
            reply = client.post(path, json=body, headers={"Authorization": f"Bearer {key}"})
            assert reply.status_code == 200, reply.get_data(as_text=True)
            return reply.get_json()

        yield Door(lambda text: publish_ruleset(service, text, "", COMMAND_LINE), post, folder / "test.db")
    service.store.close()


class Door(NamedTuple):
    """A way in."""

    publish: Callable
    post: Callable
    database: Path

    def forget(self):
        """Start anew with profiles never seen, as every example does."""
        connection = sqlite3.connect(self.database, isolation_level=None)
        connection.execute("DELETE FROM profiles")
        connection.close()


@pytest.mark.parametrize("file", FILES, ids=case_name)
def test_http_decides_as_the_examples_say(door, file):
    """A ruleset's examples come true for whoever posts them, one by one or as a batch, with the same replies."""
    document = json.loads(file.read_text("utf-8"))
    door.publish(file.read_bytes())
    path = f"/v1/rulesets/{document['key']}/evaluate"
    for example in timelines(document):
        bodies = [body_of(example, step) for step in example["steps"]]
        door.forget()
        replies = [door.post(path, body) for body in bodies]
        door.forget()
        batch = door.post(f"{path}-batch", {"items": bodies})["results"]
        assert without_ids(batch) == without_ids(replies)
        for step, reply in zip(example["steps"], replies, strict=True):
            compare(step.get("expect") or {}, reply)


def without_ids(value):
    """The same value without the ids that differ from one evaluation to the next."""
    if isinstance(value, dict):
        return {name: without_ids(one) for name, one in value.items() if name not in {"id", "evaluation_id"}}
    return [without_ids(one) for one in value] if isinstance(value, list) else value
