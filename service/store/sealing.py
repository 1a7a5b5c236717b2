"""The Merkle log in the database: what waits for it, its tiles, its checkpoints, and which entry stands where.

An entry waits in `unsealed` from the transaction that writes it on, until a sealer takes it. Why a queue, and not the
entries behind the last one sealed: places and ids are given before they are committed, so whoever follows them skips
what is committed late, for ever.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from peewee import Database

from service.audit.rows import AuditRow, EvaluationRow
from service.audit.sealing_rows import BatchRow, CheckpointRow, PushRow, TileRow, UnsealedRow
from service.audit.tiles import Tile
from service.store.sealed import open_evaluation, salt_of
from service.store.statements import insert, run, run_all, select, upsert
from service.store.vault import Damaged, Vault

NEWEST = select(CheckpointRow, 'ORDER BY "size" DESC LIMIT 1')
CHECKPOINT = select(CheckpointRow, 'WHERE "size" >= ? ORDER BY "size" LIMIT ?')
CHECKPOINTS_BELOW = select(CheckpointRow, 'WHERE "size" < ? ORDER BY "size" DESC LIMIT ?')
TILE = 'SELECT "data" FROM "tiles" WHERE "level" = ? AND "idx" = ?'
TILES = select(TileRow, 'WHERE "level" = ? AND "idx" >= ? ORDER BY "idx" LIMIT ?')
BATCH = select(BatchRow, 'WHERE "first" <= ? ORDER BY "first" DESC LIMIT 1')
BATCHES = select(BatchRow, 'WHERE "first" >= ? ORDER BY "first" LIMIT ?')
BATCH_OF = select(
    BatchRow, 'WHERE "first_id" <= ? AND "first_id" < ? AND "last_id" >= ? ORDER BY "first_id" DESC LIMIT 1'
)
ONE_WAITING = select(UnsealedRow, 'WHERE "id" = ?')
FIRST_WAITING = 'SELECT "id" FROM "unsealed" ORDER BY "id" LIMIT 1'
COUNT_WAITING = 'SELECT COUNT(*) FROM (SELECT 1 FROM "unsealed" LIMIT ?) AS "some"'
TAKE = """
DELETE FROM "unsealed" WHERE "id" IN (SELECT "id" FROM "unsealed" ORDER BY "id" LIMIT ?)
RETURNING "id", "kind", "leaf"
"""
CLAIM = f"SELECT pg_try_advisory_xact_lock({int.from_bytes(b'tagseal', 'big')})"
SAVE_TILES = lru_cache(partial(upsert, TileRow, ("level", "idx")))
ADD_BATCH = insert(BatchRow)
ADD_CHECKPOINT = insert(CheckpointRow)
PUSHES = select(PushRow, 'ORDER BY "target"')
SAVE_PUSH = upsert(PushRow, ("target",))
COUNTS = 'SELECT (SELECT COUNT(*) FROM "evaluations"), (SELECT COUNT(*) FROM "audit_events")'
SEQS = {"evaluation": "evaluations", "event": "audit_events"}
ABOVE_ALL = "Z" * 26
"""Above every id."""
CHUNK = 500
UNREADABLE = "?"
"""What stands for a content that is not what was sealed there."""


class SealingReads:
    """What can be read of it."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def newest(self) -> CheckpointRow | None:
        """The newest checkpoint."""
        found = self._rows(CheckpointRow, NEWEST)
        return found[0] if found else None

    def checkpoints(self, size: int, limit: int) -> list[CheckpointRow]:
        """Checkpoints of at least a size, the smallest first."""
        return self._rows(CheckpointRow, CHECKPOINT, (size, limit))

    def checkpoints_below(self, size: int, limit: int) -> list[CheckpointRow]:
        """Checkpoints of less than a size, the largest first."""
        return self._rows(CheckpointRow, CHECKPOINTS_BELOW, (size, limit))

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile; none if there is no such tile."""
        row = run(self._database, TILE, tile).fetchone()
        return bytes(row[0]) if row else b""

    def tiles(self, level: int, number: int, limit: int) -> list[tuple[int, bytes]]:
        """Tiles of a level with their numbers, from one on."""
        return [(row.idx, bytes(row.data)) for row in self._rows(TileRow, TILES, (level, number, limit))]

    def batch(self, position: int) -> BatchRow | None:
        """The entries that were sealed together with the one at a position."""
        found = self._rows(BatchRow, BATCH, (position,))
        return found[0] if found and position < found[0].first + found[0].entries else None

    def batches(self, first: int, limit: int) -> list[BatchRow]:
        """Batches by position, from one on."""
        return self._rows(BatchRow, BATCHES, (first, limit))

    def batch_of(self, entry_id: str, below: BatchRow | None = None) -> BatchRow | None:
        """A batch among whose ids one may be; the next such below another. The first nearly always has it."""
        found = self._rows(BatchRow, BATCH_OF, (entry_id, below.first_id if below else ABOVE_ALL, entry_id))
        return found[0] if found else None

    def waiting(self, entry_id: str) -> UnsealedRow | None:
        """An entry, if it still waits for the log."""
        found = self._rows(UnsealedRow, ONE_WAITING, (entry_id,))
        return found[0] if found else None

    def first_waiting(self) -> str | None:
        """The least id of those that wait."""
        row = run(self._database, FIRST_WAITING).fetchone()
        return str(row[0]) if row else None

    def count_waiting(self, most: int) -> int:
        """How many wait, counted no further than `most`."""
        return int(run(self._database, COUNT_WAITING, (most,)).fetchone()[0])

    def evaluations(self, ids: Sequence[str]) -> list[tuple[EvaluationRow, bytes | None]]:
        """Evaluations of some ids, each with the salt of its commitment; without one if its content is gone, or if it
        can't be opened: then `UNREADABLE` stands for it.
        """
        return [self._opened(row) for row in self._among(EvaluationRow, ids)]

    def events(self, ids: Sequence[str]) -> list[AuditRow]:
        """Audit events of some ids."""
        return [AuditRow._make(row) for row in self._among(AuditRow, ids)]

    def counts(self) -> tuple[int, int]:
        """How many evaluations and how many audit events there are; looks at all of them."""
        evaluations, events = run(self._database, COUNTS).fetchone()
        return int(evaluations), int(events)

    def entries(self, kind: str, after: int, limit: int) -> list[tuple[int, str]]:
        """Place and id of rows that should be in the log, from behind a place on."""
        sql = f'SELECT "seq", "id" FROM "{SEQS[kind]}" WHERE "seq" > ? ORDER BY "seq" LIMIT ?'  # noqa: S608  # own names
        return [(seq, entry_id) for seq, entry_id in run(self._database, sql, (after, limit))]

    def pushes(self) -> list[PushRow]:
        """How far each place outside was told."""
        return self._rows(PushRow, PUSHES)

    def _opened(self, row: Sequence[Any]) -> tuple[EvaluationRow, bytes | None]:
        try:
            return open_evaluation(self._vault, row), salt_of(self._vault, row)
        except Damaged:
            return EvaluationRow._make(row[:-1])._replace(record=UNREADABLE), None

    def _among(self, kind: type[Any], ids: Sequence[str]) -> list[Any]:
        rows: list[Any] = []
        for at in range(0, len(ids), CHUNK):
            some = ids[at : at + CHUNK]
            rows += run(self._database, select(kind, f'WHERE "id" IN ({", ".join("?" * len(some))})'), some)
        return rows

    def _rows(self, kind: type[Any], sql: str, values: Sequence[object] = ()) -> list[Any]:
        return [kind._make(row) for row in run(self._database, sql, values)]


class Sealing(SealingReads):
    """What can be done with it."""

    def claim(self) -> bool:
        """Be the only one who seals until this transaction ends; false if another does.

        On SQLite whoever writes is alone.
        """
        return not self._database.for_update or bool(run(self._database, CLAIM).fetchone()[0])

    def take(self, limit: int) -> list[UnsealedRow]:
        """Take entries that wait out of the queue, those of the least ids, in their order."""
        rows = run(self._database, TAKE, (limit,)).fetchall()
        return sorted(UnsealedRow(entry_id, kind, bytes(leaf)) for entry_id, kind, leaf in rows)

    def add_batch(self, tiles: Mapping[Tile, bytes], batch: BatchRow) -> None:
        """Add what was sealed: tiles that are new or longer, and which entries."""
        rows = [TileRow(tile.level, tile.number, data) for tile, data in tiles.items()]
        run_all(self._database, SAVE_TILES, rows)
        run(self._database, ADD_BATCH, batch)

    def add_checkpoint(self, checkpoint: CheckpointRow) -> None:
        """Add a checkpoint."""
        run(self._database, ADD_CHECKPOINT, checkpoint)

    def save_push(self, push: PushRow) -> None:
        """Note how far a place outside was told."""
        run(self._database, SAVE_PUSH, push)
