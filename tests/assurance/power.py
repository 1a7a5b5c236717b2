"""Power cuts on SQLite, simulated: a file layer that remembers what was written and what was synced, and forgets.

The very statements of a real store are replayed through it. A cut keeps what was synced; of each write after that it
keeps all, some sectors, or nothing, as a disk may. What is then on the disk is opened anew and looked at.
Source: the SQLite documentation, "How SQLite Is Tested", crash tests; apsw, "Virtual File System".
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

import apsw

from service.store.database import PRAGMAS

SECTOR = 512
WRITING = (
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "DROP",
    "ALTER",
    "SAVEPOINT",
    "RELEASE",
)
COUNT = 'SELECT (SELECT COUNT(*) FROM "evaluations") + (SELECT COUNT(*) FROM "audit_events")'
SMALL_CHECKPOINTS = {"wal_autocheckpoint": 60}
"""So that the database file is written, too, and not only the log before it."""


class Step(NamedTuple):
    """Something that was done to a file: `write` at a place, `sync`, `truncate` to a size, `delete`."""

    kind: str
    name: str
    place: int = 0
    data: bytes = b""


@dataclass
class Tape:
    """Everything that was done, in order; and after how many steps how many records had been acknowledged."""

    steps: list[Step] = field(default_factory=list)
    acknowledged: list[tuple[int, int]] = field(default_factory=list)


class Disk(apsw.VFS):
    """A file layer that writes down what is done."""

    def __init__(self, name: str, tape: Tape) -> None:
        self.tape = tape
        super().__init__(name, "")

    def xOpen(self, name, flags):  # noqa: N802  # as SQLite calls it
        """Open a file."""
        return Recorded(self.tape, name, flags)

    def xDelete(self, name, syncdir):  # noqa: N802
        """Delete a file."""
        self.tape.steps.append(Step("delete", Path(name).name))
        super().xDelete(name, syncdir)


class Recorded(apsw.VFSFile):
    """A file whose writes are written down."""

    def __init__(self, tape: Tape, name, flags) -> None:
        self.tape = tape
        self.name = Path(name.filename() if isinstance(name, apsw.URIFilename) else name or "nameless").name
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        """Write."""
        self.tape.steps.append(Step("write", self.name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xSync(self, flags):  # noqa: N802
        """Bring it to the disk."""
        self.tape.steps.append(Step("sync", self.name))
        super().xSync(flags)

    def xTruncate(self, size):  # noqa: N802
        """Cut it off."""
        self.tape.steps.append(Step("truncate", self.name, size))
        super().xTruncate(size)


def traced(store) -> list[str]:
    """What the store of a SQLite database writes from now on, statement by statement, values in place."""
    statements: list[str] = []

    class Traced(sqlite3.Connection):
        def __init__(self, *arguments, **named) -> None:
            super().__init__(*arguments, **named)
            self.set_trace_callback(statements.append)

    store._database.connect_params["factory"] = Traced  # noqa: SLF001  # there is no other way to listen
    return statements


def record(statements: list[str], file: Path, synchronous: str) -> Tape:
    """Do all that again on a disk that remembers."""
    tape = Tape()
    name = f"cut-{synchronous}-{id(tape)}"
    disk = Disk(name, tape)
    connection = apsw.Connection(str(file), vfs=name)
    for setting, value in (PRAGMAS | SMALL_CHECKPOINTS | {"synchronous": synchronous, "foreign_keys": 0}).items():
        connection.execute(f"PRAGMA {setting} = {value}").fetchall()
    is_open = False
    for statement in statements:
        if not statement.lstrip().upper().startswith(WRITING):
            continue
        connection.execute(statement).fetchall()
        was_open, is_open = is_open, connection.in_transaction
        if (was_open or statement.lstrip().upper().startswith("INSERT")) and not is_open:
            tape.acknowledged.append((len(tape.steps), _count(connection)))
    connection.close()
    disk.unregister()
    return tape


@dataclass
class Outcome:
    """What a number of cuts did: how many databases were damaged, and how many cuts lost acknowledged records."""

    cuts: int = 0
    damaged: int = 0
    losing: int = 0
    lost: int = 0


def cut(tape: Tape, folder: Path, cuts: int, seed: int) -> Outcome:
    """Cut the power so many times, each time at another moment, and look at what is left."""
    chance, found = Random(seed), Outcome()  # noqa: S311  # chance that can be repeated
    moments = sorted(chance.randrange(len(tape.steps)) + 1 for _ in range(cuts))
    safe: dict[str, bytearray] = {}
    loose: list[Step] = []
    done = 0
    for moment in moments:
        for step in tape.steps[done:moment]:
            _settle(step, safe, loose)
        done = moment
        images = {name: bytearray(data) for name, data in safe.items()}
        for step in loose:
            _maybe(step, images, chance)
        promised = max((count for at, count in tape.acknowledged if at <= moment), default=0)
        _look(images, folder, promised, found)
    return found


def _count(connection: apsw.Connection) -> int:
    try:
        return connection.execute(COUNT).fetchone()[0]
    except apsw.SQLError:  # before the tables are there
        return 0


def _settle(step: Step, safe: dict[str, bytearray], loose: list[Step]) -> None:
    """What a sync reached is safe; other things may still be lost. A name that is gone is gone."""
    if step.kind == "delete":
        safe.pop(step.name, None)
        loose[:] = [one for one in loose if one.name != step.name]
    elif step.kind == "sync":
        for one in loose:
            if one.name == step.name:
                _apply(one, safe)
        loose[:] = [one for one in loose if one.name != step.name]
    else:
        loose.append(step)


def _apply(step: Step, images: dict[str, bytearray]) -> None:
    image = images.setdefault(step.name, bytearray())
    if step.kind == "truncate":
        del image[step.place :]
        return
    image.extend(bytes(max(0, step.place + len(step.data) - len(image))))
    image[step.place : step.place + len(step.data)] = step.data


def _maybe(step: Step, images: dict[str, bytearray], chance: Random) -> None:
    """A write that was not synced: there, torn between sectors, or not there."""
    fate = chance.random()
    if fate < 0.4:
        _apply(step, images)
    elif fate < 0.6 and step.kind == "write":
        sectors = -(-len(step.data) // SECTOR)
        for one in range(sectors):
            if chance.random() < 0.5:
                begin = one * SECTOR
                _apply(step._replace(place=step.place + begin, data=step.data[begin : begin + SECTOR]), images)


def _look(images: dict[str, bytearray], folder: Path, promised: int, found: Outcome) -> None:
    """Open what is left, as the service would after a restart."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, image in images.items():
        if not name.endswith("-shm"):
            (folder / name).write_bytes(image)
    found.cuts += 1
    there = 0
    try:
        with closing(sqlite3.connect(next(_main(images, folder)))) as connection:
            is_whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            there = connection.execute(COUNT).fetchone()[0] if is_whole else promised
    except sqlite3.OperationalError:  # no tables yet
        is_whole = True
    except sqlite3.DatabaseError:
        is_whole, there = False, promised
    found.damaged += not is_whole
    found.losing += there < promised
    found.lost += max(0, promised - there)


def _main(images: dict[str, bytearray], folder: Path) -> Iterator[Path]:
    yield from (folder / name for name in images if name.endswith(".db"))
    yield folder / "none.db"
