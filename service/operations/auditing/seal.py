"""Entries that wait -> leaves of the Merkle log, under a signed checkpoint: one transaction for all of it.

A log must never sign two trees of which one does not continue the other. So before anything is signed, what is stored
is held against the newest checkpoint, and that against the highest one that is remembered outside the database.
Source: docs/log-format.md; docs/operations.md, "Sealing".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.audit.batch import Member, instant_of, pack_members
from service.audit.checkpoint import Checkpoint, open_checkpoint, read_checkpoint, sign_checkpoint
from service.audit.merkle import EMPTY_ROOT, Unproven
from service.audit.note import SignerKey, read_note
from service.audit.sealing_rows import BatchRow, CheckpointRow, UnsealedRow
from service.audit.tiles import Tree, append_leaves
from service.errors import LogBroken
from service.operations.log_ports import Notary, Sealing, SealingReads
from service.operations.ports import Unit
from service.operations.service import Service

MOST_ENTRIES = 2_500
"""How many entries one transaction seals. Why so few: on SQLite everybody's writing waits for it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What was sealed: how many entries, and the checkpoint that they are under now."""

    entries: int
    checkpoint: Checkpoint


def seal(service: Service, limit: int = MOST_ENTRIES) -> Sealed | None:
    """Seal what waits, at most so many entries; `None` if nothing does, or another process is sealing.

    `LogBroken` if what is stored contradicts what was signed; then nothing is sealed.
    """
    notary = service.store.notary

    def job(unit: Unit) -> Sealed | None:
        sealing = unit.sealing
        return _seal(sealing, notary, service.clock(), limit) if sealing.claim() else None

    done = service.store.write(job)
    if done is not None:
        notary.remember(done.checkpoint)
    return done


def begin_log(service: Service) -> None:
    """Sign the empty tree of a log that has none yet, so that its key is there before anything is decided."""
    notary = service.store.notary

    def job(unit: Unit) -> None:
        sealing = unit.sealing
        if sealing.claim() and sealing.newest() is None:
            _begin(sealing, notary, service.clock())

    if service.store.read(lambda reads: reads.sealing.newest()) is None:
        service.store.write(job)


def check_log(sealing: SealingReads, notary: Notary) -> Checkpoint | None:
    """The newest checkpoint; `None` before the log began.

    `LogBroken` unless it is signed, is the root of the tiles there are, and continues the highest checkpoint that is
    remembered outside the database.
    """
    found = newest_of(sealing, notary)
    if found is not None:
        with _as_broken():
            _check_memory(sealing, found, notary.remembered(found.origin))
    return found


def newest_of(sealing: SealingReads, notary: Notary) -> Checkpoint | None:
    """The newest checkpoint; `LogBroken` unless it is signed, and is the root of the tiles there are."""
    newest = sealing.newest()
    if newest is None:
        return None
    with _as_broken():
        found = _signed(newest, notary)
        _check_root(Tree(found.size, sealing.tile), found.root)
        return found


def read_waiting(service: Service) -> int:
    """For how many milliseconds the oldest entry has waited to be sealed; 0 if none does."""
    first = service.store.read(lambda reads: reads.sealing.first_waiting())
    return 0 if first is None else max(0, service.clock() - instant_of(first))


def origin_of(newest: CheckpointRow) -> str:
    """The name of the log that a checkpoint is of."""
    return read_checkpoint(read_note(newest.note.encode()).text).origin


def _seal(sealing: Sealing, notary: Notary, now: int, limit: int) -> Sealed | None:
    newest = check_log(sealing, notary) or _begin(sealing, notary, now)
    entries = sealing.take(limit)
    if not entries:
        return None
    tiles = append_leaves(newest.size, sealing.tile, [entry.leaf for entry in entries])
    size = newest.size + len(entries)
    root = Tree(size, lambda tile: tiles.get(tile) or sealing.tile(tile)).root()
    checkpoint = Checkpoint(newest.origin, size, root)
    sealing.add_batch(tiles, _batch(newest.size, entries))
    _sign(sealing, checkpoint, notary.signers(newest.origin), now)
    return Sealed(len(entries), checkpoint)


def _begin(sealing: Sealing, notary: Notary, now: int) -> Checkpoint:
    empty = Checkpoint(notary.new_name(), 0, EMPTY_ROOT)
    if notary.remembered(empty.origin) is not None:
        raise LogBroken(
            f"expected the log `{empty.origin}`, which the key folder remembers, found none; "
            "restore its database, or give this one a name of its own by TAGWRIGHT_LOG_NAME"
        )
    _sign(sealing, empty, notary.make(empty.origin), now)
    return empty


def _sign(sealing: Sealing, checkpoint: Checkpoint, signers: tuple[SignerKey, ...], now: int) -> None:
    if not signers:
        raise LogBroken(f"expected the signing key of the log `{checkpoint.origin}` in the key folder, found none")
    note = sign_checkpoint(checkpoint, signers)
    sealing.add_checkpoint(CheckpointRow(checkpoint.size, checkpoint.root, note, now))


@contextmanager
def _as_broken() -> Iterator[None]:
    try:
        yield
    except Unproven as refused:
        raise LogBroken(f"the log contradicts what was signed: {refused}") from refused


def _batch(first: int, entries: list[UnsealedRow]) -> BatchRow:
    ids = pack_members(Member(entry.kind, entry.id) for entry in entries)
    return BatchRow(first, len(entries), entries[0].id, entries[-1].id, ids)


def _signed(newest: CheckpointRow, notary: Notary) -> Checkpoint:
    found = open_checkpoint(newest.note.encode(), notary.verifiers(origin_of(newest)))
    if (found.size, found.root) != (newest.size, bytes(newest.root)):
        msg = f"expected the checkpoint of {newest.size} entries, found the one of {found.size}"
        raise Unproven(msg)
    return found


def _check_memory(sealing: SealingReads, newest: Checkpoint, remembered: Checkpoint | None) -> None:
    if remembered is None or remembered == newest:
        return
    if newest.size < remembered.size:
        msg = f"expected at least the {remembered.size} entries that were signed, found {newest.size}"
        raise Unproven(msg)
    _check_root(Tree(remembered.size, sealing.tile), remembered.root)


def _check_root(tree: Tree, root: bytes) -> None:
    if tree.root() != root:
        msg = f"expected other tiles for the signed root of {tree.size} entries"
        raise Unproven(msg)
