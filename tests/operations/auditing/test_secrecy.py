"""What nobody can find out of somebody who was erased: by looking into files, or by guessing."""

import hmac
import json
import sqlite3
from pathlib import Path

from service.audit.envelope import commitment
from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.operations.evaluate import evaluate_profile
from service.operations.manual import set_tag
from service.operations.publish import publish_ruleset
from service.operations.repeats import Repeat
from tests.operations.auditing.test_erase import WHO, erase, live
from tests.small import KEY, RULESET, asking, request


def candidates(record: str) -> list[str]:
    """All that a record could plausibly have been: every number of visits."""
    found = json.loads(record)["facts"]["visits"]
    return [record.replace(f'"visits":{found}', f'"visits":{one}') for one in range(50)]


def test_a_guess_can_not_be_confirmed(service):
    """Once the salt is gone, whoever tries all plausible contents finds none that fits (A10)."""
    first, *_ = live(service)
    row = service.store.read(lambda reads: reads.evaluation(first))
    salt = service.store.read(lambda reads: reads.salt(first))
    guesses = candidates(row.record)
    assert [one for one in guesses if commitment(salt, one.encode()) == row.commitment] == [row.record]
    erase(service)
    left = service.store.read(lambda reads: reads.evaluation(first))
    assert left.commitment == row.commitment
    assert service.store.read(lambda reads: reads.salt(first)) is None
    salts = [b"", first.encode(), left.commitment.encode(), left.profile_id.encode(), bytes(32)]
    assert [one for one in guesses for salt in salts if commitment(salt, one.encode()) == row.commitment] == []


def test_a_guess_would_fit_a_plain_hash(service):
    """A commitment without a salt gives the content away to whoever tries."""
    first, *_ = live(service)
    record = service.store.read(lambda reads: reads.evaluation(first)).record
    plain = hmac.digest(b"", record.encode(), "sha256").hex()
    erase(service)
    assert [one for one in candidates(record) if commitment(b"", one.encode()) == plain] == [record]


def files(folder: Path) -> bytes:
    """All that stands in the files of a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_facts_never_stand_in_a_sqlite_file(tmp_path):
    """Content is sealed before it is written: neither the file nor its log has it, before and after an erasure; and the
    id is gone afterwards (A9).
    """
    folder = tmp_path / "data"
    folder.mkdir()
    service = secretive(f"sqlite:///{folder / 'a.db'}")
    written = files(folder)
    assert WHO.encode() in written
    assert not any(one in written for one in SECRETS)
    erase(service)
    assert WHO.encode() not in files(folder)
    service.store.close()
    assert WHO.encode() not in files(folder)


def test_facts_never_stand_in_a_postgresql_server(postgres):
    """The same on PostgreSQL, in the heap and in the write-ahead log; the id is gone from the heap once it was
    vacuumed whole.
    """
    url = postgres.migrated()
    name = url.partition("?")[0].rpartition("/")[2]
    service = secretive(url)
    postgres.run("CREATE TABLE plain AS SELECT 'grey-heron'::text AS word", name)
    postgres.run("CHECKPOINT")
    written = files(postgres.folder / "data")
    assert b"grey-heron" in written
    assert WHO.encode() in written
    assert not any(one in written for one in SECRETS)
    erase(service)
    postgres.run("VACUUM FULL", name)
    postgres.run("CHECKPOINT")
    ((oid,),) = postgres.run(f"SELECT oid FROM pg_database WHERE datname = '{name}'")  # noqa: S608
    assert WHO.encode() not in files(postgres.folder / "data" / "base" / str(oid))
    service.store.close()
    postgres.drop(url)


def test_a_plain_delete_leaves_the_text_in_the_file(tmp_path):
    """The search is not blind: without sealing, and without overwriting, a deleted text stays where it was."""
    connection = sqlite3.connect(tmp_path / "plain.db")
    connection.execute("PRAGMA secure_delete = OFF")
    connection.execute("CREATE TABLE facts (text TEXT)")
    connection.execute("INSERT INTO facts VALUES ('blue-heron')")
    connection.commit()
    connection.execute("DELETE FROM facts")
    connection.commit()
    connection.close()
    assert b"blue-heron" in files(tmp_path)


SECRETS = (b"blue-heron", b"white-stork", b"because she said so")


def secretive(url: str):
    """A service that was told secrets: in facts, in an event, and as a reason."""
    service = wire(Config(database_url=url))
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    body = asking(WHO, visits=9, topics=["blue-heron"]) | {"event": {"type": "hello", "text": "white-stork"}}
    for number in range(5):
        evaluate_profile(service, KEY, request(body, repeat=Repeat("key1", f"name{number}", "f", 7)))
    reason = {"ruleset": KEY, "state": "blocked", "reason": "because she said so"}
    set_tag(service, WHO, "greeted", request(reason))
    return service
