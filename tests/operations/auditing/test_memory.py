"""A log never signs two trees that contradict each other: what it remembers outside the database."""

import json
import os
import shutil
from dataclasses import replace

import pytest

from service.audit.note import read_note
from service.bootstrap import COMMAND_LINE, wire
from service.config import Config, default_keys
from service.errors import Conflict, LogBroken
from service.operations.auditing.restored import accept_restore
from service.operations.auditing.seal import seal
from service.operations.auditing.verify import verify_log
from service.store.keyfolder import KeyFolder
from tests.conftest import wire_on
from tests.databases import url_of
from tests.operations.auditing.logs import (
    members,
    note,
    rows_changed,
    seal_all,
)


@pytest.fixture
def shared(database_url):
    """A service with a real clock on each database in turn."""
    shared = wire(Config(database_url=database_url))
    yield shared
    shared.store.close()


def restored(service, tmp_path, database):
    """A service on the database as it was before the last entries were sealed, with the key folder as it is now."""
    note(service)
    seal_all(service)
    service.store.close()
    old = tmp_path / "old.db"
    shutil.copy(database, old)
    note(service)
    seal_all(service)
    service.store.close()
    shutil.copy(old, database)
    return wire_on(database, service.clock)


def test_a_database_that_was_set_back_is_not_signed(service, tmp_path, database, http):
    """D7: an old copy of the database is noticed by the checkpoint that is remembered outside of it; nothing is sealed,
    and the service says that it is not ready.
    """
    if not isinstance(database, os.PathLike):
        pytest.skip("copies a database file")
    old = restored(service, tmp_path, database)
    note(old)
    with pytest.raises(LogBroken, match="expected at least the 3 entries that were signed, found 2"):
        seal(old)
    assert old.store.read(lambda reads: reads.sealing.count_waiting(10)) == 1
    reply = http.get("/readyz")
    assert (reply.status_code, reply.get_json()["checks"]["log"]) == (503, False)
    old.store.close()


def test_a_restore_is_answered_for(service, tmp_path, database):
    """D7, D8: after somebody answered for a restore, the log goes on; what was lost, by whom and why is an entry of it."""
    if not isinstance(database, os.PathLike):
        pytest.skip("copies a database file")
    old = restored(service, tmp_path, database)
    assert accept_restore(old, COMMAND_LINE, "disk failed").size == 2
    with pytest.raises(Conflict, match="continues the checkpoint"):
        accept_restore(old, COMMAND_LINE, "again")
    assert seal_all(old) == 3
    (event,) = old.store.read(lambda reads: reads.sealing.events([members(old)[-1].id]))
    assert (event.action, event.actor) == ("log.restored", "command-line")
    assert json.loads(event.detail)["lost"]["size"] == 3
    assert verify_log(old).holds
    old.store.close()


def test_without_memory_the_log_would_contradict_itself(service, tmp_path, database):
    """D7, control: where the memory is taken away too, two checkpoints of one size get two roots."""
    if not isinstance(database, os.PathLike):
        pytest.skip("copies a database file")
    old = restored(service, tmp_path, database)
    known = memory_of(database)
    first = known.read_text()
    known.unlink()
    note(old)
    seal_all(old)
    assert known.read_text() != first
    assert known.read_text().splitlines()[:2] == first.splitlines()[:2]
    old.store.close()


def memory_of(database):
    """The file by which a set-back database is noticed."""
    (found,) = default_keys(url_of(database)).glob("*.checkpoint")
    return found


def test_a_tree_with_another_past_is_not_continued(service, database):
    """D7: also where the sizes fit, a tree that does not begin with the remembered one is refused."""
    note(service)
    seal_all(service)
    newest = service.store.read(lambda reads: reads.sealing.newest())
    log = read_note(newest.note.encode()).text.splitlines()[0]
    folder = KeyFolder(default_keys(url_of(database)))
    folder.put(f"{log.replace('/', '_')}.checkpoint", f"{log}\n1\n{'A' * 43}=")
    note(service)
    with pytest.raises(LogBroken, match="expected other tiles for the signed root of 1 entries"):
        seal(service)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("""UPDATE "tiles" SET "data" = substr("data", 1, 32) WHERE "level" = 0""", "expected 3 hashes in the tile"),
        (
            """UPDATE "checkpoints" SET "root" = (SELECT "root" FROM "checkpoints" WHERE "size" = 0)""",
            "expected the checkpoint of 3 entries",
        ),
        (
            """UPDATE "checkpoints" SET "note" = replace("note", chr(10), chr(10) || 'x') WHERE "size" = 3""",
            "the log contradicts",
        ),
    ],
)
def test_a_damaged_log_is_not_continued(shared, database_url, damage, message):
    """D7: where tiles or the newest checkpoint are not what was signed, nothing is added to them."""
    for _ in range(3):
        note(shared)
    seal_all(shared)
    rows_changed(database_url, damage)
    note(shared)
    with pytest.raises(LogBroken, match=message):
        seal(shared)


def test_one_name_is_one_log(tmp_path, clock):
    """An empty database can't begin a log under the name of one that the key folder remembers."""
    config = Config(database_url=f"sqlite:///{tmp_path / 'one.db'}", keys=tmp_path / "keys", log_name="log.example/one")
    for other in (config, replace(config, database_url=f"sqlite:///{tmp_path / 'two.db'}")):
        service = wire(other)
        service.store.upgrade()
        note(service)
        if other is config:
            assert seal(service).checkpoint.origin == "log.example/one"
        else:
            with pytest.raises(LogBroken, match="restore its database"):
                seal(service)
        service.store.close()
