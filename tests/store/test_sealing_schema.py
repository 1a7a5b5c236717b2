"""A database from before anything was sealed: what becomes of it."""

import hmac
import json

import pytest
from playhouse.migrations import Runner

from service.audit.envelope import evaluation_envelope, event_content, event_envelope
from service.audit.merkle import leaf_hash
from service.audit.rows import AuditRow
from service.store.database import connected, open_database
from service.store.migrate import FOLDER
from service.store.months import add_months, month_of
from service.store.postgres import Pool
from service.store.store import Store
from tests.databases import evaluations, rows
from tests.store.test_contract import evaluation, profile

JANUARY = 1_767_225_600_000
RECORD = '{"facts":{"name":"小"}}'
STATE = '{"stage":"new","tags":{}}'


def add(opened, table: str, **values: object) -> None:
    """Add a row."""
    names, marks = ", ".join(f'"{name}"' for name in values), ", ".join([opened.param] * len(values))
    opened.execute_sql(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))  # noqa: S608


@pytest.fixture
def older(empty_url):
    """The URL of a database of before, with a profile, its record, a reply and an audit event, that was upgraded."""
    store = Store(empty_url)
    store.upgrade()
    store.close()
    opened = open_database(empty_url)
    with connected(opened):
        runner = Runner(opened, str(FOLDER))
        while "0006_sealing" in runner.applied():
            runner.down()
        if isinstance(opened, Pool):
            add_months(opened, [month_of(JANUARY)])
        row = evaluation(1, record=RECORD)
        add(
            opened,
            "evaluations",
            **{name: value for name, value in row._asdict().items() if name not in {"commitment", "erased_by"}},
        )
        add(opened, "profiles", **profile(1, state=STATE, facts=RECORD, scores='{"a":1}')._asdict())
        add(opened, "replies", key_id="k", idempotency_key="i", fingerprint="f", reply='{"b":2}', kept_at=1)
        event = {"id": "a1", "at": JANUARY, "actor": "key", "action": "tag.assigned", "subject": "p", "detail": "{}"}
        add(opened, "audit_events", **event, request_id="r")
    if isinstance(opened, Pool):
        opened.close_idle()
    store = Store(empty_url)
    assert "0006_sealing" in store.upgrade()
    store.close()
    return empty_url


def test_what_was_there_is_read_as_before(older):
    """Records, memories and kept replies come back as they were written."""
    store = Store(older)
    assert [row.record for row in evaluations(older)] == [RECORD]
    found = store.read(lambda reads: reads.profile("r", "p"))
    assert (found.state, found.facts, found.scores) == (STATE, RECORD, '{"a":1}')
    assert store.write(lambda unit: unit.reply("k", "i")).reply == '{"b":2}'
    assert store.read(lambda reads: reads.salt("e1")) == b""
    store.close()


def test_what_was_there_waits_for_the_log(older):
    """Each entry has a commitment under an empty salt, and a leaf."""
    (row,) = evaluations(older)
    assert row.commitment == hmac.digest(b"", RECORD.encode(), "sha256").hex()
    event = AuditRow("a1", JANUARY, "key", "tag.assigned", "p", "{}", "r")
    event = event._replace(commitment=hmac.digest(b"", event_content(event), "sha256").hex())
    waiting = {(one, kind): bytes(leaf) for one, kind, leaf in rows(older, "SELECT id, kind, leaf FROM unsealed")}
    assert waiting == {
        ("e1", "evaluation"): leaf_hash(evaluation_envelope(row)),
        ("a1", "event"): leaf_hash(event_envelope(event)),
    }
    assert rows(older, "SELECT profile_id FROM audit_events") == [("p",)]


def test_what_comes_next_is_sealed(older):
    """With its next evaluation a profile gets a key, and its memory is text no more; its older record is still read."""
    store = Store(older)
    store.write(lambda unit: unit.record([evaluation(2, record=RECORD)], [], profile(2, facts=RECORD)))
    store.close()
    ((content, key),) = rows(older, "SELECT content, key FROM profiles")
    assert key
    assert "小".encode() not in bytes(content)
    assert [json.loads(row.record) for row in evaluations(older)] == [json.loads(RECORD)] * 2
