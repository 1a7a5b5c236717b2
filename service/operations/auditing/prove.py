"""What the log is asked for: its newest checkpoint, its keys, tiles, and proofs about entries and growth.

Reads only. Nothing here needs to be believed: whoever has the log's public key can check every answer.
Source: docs/log-format.md; docs/api.md, "The log".
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.audit.batch import Member, place_of, unpack_members
from service.audit.envelope import evaluation_envelope, event_envelope
from service.audit.merkle import HASH_BYTES, Unproven
from service.audit.note import VerifierKey
from service.audit.proof import Proof
from service.audit.sealing_rows import CheckpointRow
from service.audit.tiles import WIDTH, Tile, Tree, read_tile_path, width_of
from service.errors import Conflict, Fault, InvalidRequest, LogBroken, NotFound
from service.operations.auditing.seal import origin_of
from service.operations.log_ports import SealingReads
from service.operations.ports import Reads
from service.operations.service import Service

ENTRIES = "entries/"
LENGTH_BYTES = 2


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry, and the proof that it is in the tree of a checkpoint. `envelope` is what `leaf` is the hash of."""

    entry_id: str
    envelope: bytes
    leaf: bytes
    proof: Proof


@dataclass(frozen=True, slots=True)
class Growth:
    """That the tree of the checkpoint `new` begins with the one of `old`: two notes, and the hashes between them."""

    old: CheckpointRow
    new: CheckpointRow
    hashes: list[bytes]


def read_checkpoint_note(service: Service) -> str:
    """The newest checkpoint, as a signed note."""
    return service.store.read(lambda reads: _newest(reads.sealing)).note


def read_log_keys(service: Service) -> tuple[str, tuple[VerifierKey, ...]]:
    """The log's name, and every public key whose signatures count for it, the newest last."""
    origin = service.store.read(lambda reads: origin_of(_newest(reads.sealing)))
    return origin, service.store.notary.verifiers(origin)


def prove_entry(service: Service, entry_id: str, size: int | None = None) -> Proven:
    """The proof of an entry under the checkpoint of `size` entries, or under the newest.

    `NotFound` if there is no such entry or checkpoint; `Conflict` while it waits to be sealed, or is not yet in the
    tree of the size that was asked for.
    """
    return service.store.read(lambda reads: _prove(reads.sealing, entry_id, size))


def prove_growth(service: Service, old: int, new: int | None = None) -> Growth:
    """The proof that the log only grew, from the checkpoint of `old` entries to that of `new`, or to the newest.

    `NotFound` if no checkpoint has such a size; `InvalidRequest` if they stand the wrong way round.
    """

    def job(reads: Reads) -> Growth:
        sealing = reads.sealing
        earlier, later = _exactly(sealing, old), _newest(sealing) if new is None else _exactly(sealing, new)
        if later.size < earlier.size:
            fault = Fault("/to", "out-of-range", f"expected at least {earlier.size}, found {later.size}")
            raise InvalidRequest("a log never shrinks", [fault])
        with _as_broken():
            return Growth(earlier, later, Tree(later.size, sealing.tile).consistency(earlier.size))

    return service.store.read(job)


def read_tile(service: Service, path: str) -> bytes:
    """The hashes of a tile at its path, such as `0/x001/234.p/5`; or its entries, such as at `entries/000`, each behind
    its length in two bytes.

    `NotFound` if it is written wrong, or the log is not that large.
    """
    tile, width, is_entries = _read_path(path)

    def job(reads: Reads) -> bytes:
        sealing = reads.sealing
        if width > width_of(tile, _newest(sealing).size):
            raise NotFound(f"the log has no tile `{path}`")
        if not is_entries:
            return sealing.tile(tile)[: width * HASH_BYTES]
        first = tile.number * WIDTH
        found = _envelopes(sealing, first, first + width)
        return b"".join(len(one).to_bytes(LENGTH_BYTES, "big") + one for one in found)

    return service.store.read(job)


def position_of(sealing: SealingReads, entry_id: str) -> int | None:
    """Where an entry stands in the log; `None` if it is not in it."""
    batch = sealing.batch_of(entry_id)
    while batch is not None:
        place = place_of(batch.ids, entry_id)
        if place is not None:
            return batch.first + place
        batch = sealing.batch_of(entry_id, batch)
    return None


def envelopes(sealing: SealingReads, entries: Iterable[Member]) -> dict[str, bytes]:
    """The envelopes of those entries that are there, by id."""
    ids: dict[str, list[str]] = {"evaluation": [], "event": []}
    for entry in entries:
        ids[entry.kind].append(entry.id)
    found = {row.id: evaluation_envelope(row) for row, _ in sealing.evaluations(ids["evaluation"])}
    return found | {row.id: event_envelope(row) for row in sealing.events(ids["event"])}


def members(sealing: SealingReads, first: int, end: int) -> list[Member]:
    """The entries from a position up to, without, another."""
    found: list[Member] = []
    while first < end:
        batch = sealing.batch(first)
        if batch is None:
            raise LogBroken(f"expected an entry at position {first}, found none")
        some = unpack_members(batch.ids)[first - batch.first : end - batch.first]
        found += some
        first += len(some)
    return found


def _prove(sealing: SealingReads, entry_id: str, size: int | None) -> Proven:
    checkpoint = _newest(sealing) if size is None else _exactly(sealing, size)
    position = position_of(sealing, entry_id)
    if position is None:
        if sealing.waiting(entry_id) is not None:
            raise Conflict(f"`{entry_id}` waits to be sealed; ask again in a moment", "not-sealed")
        raise NotFound(f"the log has no entry `{entry_id}`")
    if position >= checkpoint.size:
        raise Conflict(f"the checkpoint of {checkpoint.size} entries is older than `{entry_id}`", "not-sealed")
    tree = Tree(checkpoint.size, sealing.tile)
    with _as_broken():
        proof = Proof(position, tuple(tree.inclusion(position)), checkpoint.note)
        return Proven(entry_id, _envelopes(sealing, position, position + 1)[0], tree.leaf(position), proof)


def _envelopes(sealing: SealingReads, first: int, end: int) -> list[bytes]:
    """The envelopes of the entries from a position up to, without, another."""
    wanted = members(sealing, first, end)
    found = envelopes(sealing, wanted)
    missing = [one.id for one in wanted if one.id not in found]
    if missing:
        raise LogBroken(f"expected the sealed entries {', '.join(f'`{one}`' for one in missing)}, found none")
    return [found[one.id] for one in wanted]


def _newest(sealing: SealingReads) -> CheckpointRow:
    newest = sealing.newest()
    if newest is None:
        raise NotFound("the log has no checkpoint yet")
    return newest


def _exactly(sealing: SealingReads, size: int) -> CheckpointRow:
    found = sealing.checkpoints(size, 1)
    if not found or found[0].size != size:
        near = f"; the next larger one has {found[0].size}" if found else ""
        raise NotFound(f"no checkpoint has {size} entries{near}")
    return found[0]


def _read_path(path: str) -> tuple[Tile, int, bool]:
    """The tile that a path names, its width, and whether its entries are asked for."""
    is_entries = path.startswith(ENTRIES)
    try:
        tile, width = read_tile_path(path.replace(ENTRIES, "0/", 1) if is_entries else path)
    except Unproven as refused:
        raise NotFound(str(refused)) from None
    return tile, width, is_entries


@contextmanager
def _as_broken() -> Iterator[None]:
    """Say of tiles that are too short what it means."""
    try:
        yield
    except Unproven as refused:
        raise LogBroken(f"the log contradicts itself: {refused}") from refused
