"""Walk the whole log as it lies in the database, and name what does not fit.

Each leaf is hashed anew from its record, and held against its tile; leaves give the root of every signed checkpoint;
tiles follow from each other; contents belong to their commitments; and nothing that was recorded is left out. With
`full`, decisions are made again, too. Memory does not grow with the log, and the log may grow meanwhile.
Source: docs/log-format.md; docs/operations.md, "Verifying the log".
"""

import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from service.audit.batch import Member, instant_of, unpack_members
from service.audit.checkpoint import open_checkpoint
from service.audit.envelope import commitment, evaluation_envelope, event_content, event_envelope
from service.audit.merkle import HASH_BYTES, Peaks, Unproven, leaf_hash, tree_hash
from service.audit.note import VerifierKey
from service.audit.rows import AuditRow, EvaluationRow
from service.audit.sealing_rows import BatchRow, CheckpointRow
from service.audit.tiles import HEIGHT, WIDTH, split_hashes
from service.errors import LogBroken
from service.operations.auditing.prove import position_of
from service.operations.auditing.seal import check_log, origin_of
from service.operations.auditing.verification import Verification
from service.operations.auditing.verify_decisions import verify_decisions, verify_profiles
from service.operations.authoring.jobs import Task
from service.operations.keys import audit_row
from service.operations.log_ports import SealingReads
from service.operations.ports import Caller, Reads
from service.operations.service import Service
from service.operations.shapes import Shape

KIND = "verify"
VERIFY: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"full": {"type": ["boolean", "null"], "description": "Apply the rules again to every record, too."}},
}
CHUNK = 500
TILES = CHECKPOINTS = 64
LATE_MILLISECONDS = 60_000
ALL = 1 << 31
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Walk:
    """Where the walk is: the tree of the leaves so far, up to which size a signed root was met, and whether later ones
    still can be; which checkpoints were looked at; and the latest instant of an id so far.
    """

    keys: tuple[VerifierKey, ...]
    peaks: Peaks = field(default_factory=Peaks)
    met: int = 0
    is_whole: bool = True
    looked_at: int = 0
    latest: int = 0


class Loaded(NamedTuple):
    """Entries side by side in the log, as they are stored: rows by id, leaves in order, and roots by size."""

    evaluations: dict[str, tuple[EvaluationRow, bytes | None]]
    events: dict[str, AuditRow]
    leaves: list[bytes]
    roots: dict[int, bytes]


def verify_log(service: Service, *, full: bool = False, progress: Progress = lambda _done, _of: None) -> Verification:
    """Verify everything; with `full` also that rules decide the same again. `progress` hears of entries done, of how
    many.
    """
    found = Verification()
    newest = service.store.read(lambda reads: reads.sealing.newest())
    _check_edge(service, found, newest)
    size = newest.size if newest else 0
    if newest is not None:
        walk = Walk(service.store.notary.verifiers(_origin(newest)))
        for members in _walk(service, walk, size, found):
            if full:
                verify_decisions(service, members, found)
            progress(found.counts.get("entries", 0), size)
        if walk.is_whole and walk.peaks.size != size:
            found.add("tree-short", f"checkpoint {size}", size, walk.peaks.size)
        _check_tiles(service, size, found)
    _check_counts(service, found)
    if full:
        verify_profiles(service, found)
    else:
        found.unchecked.append("decisions")
    found.unchecked.append("witness")
    return found


def verify_and_record(
    service: Service, caller: Caller, *, full: bool = False, progress: Progress = lambda _done, _of: None
) -> Verification:
    """The same, and an entry of the log that says who verified it, and what came out."""
    found = verify_log(service, full=full, progress=progress)
    detail = {"full": full, "holds": found.holds, "counts": found.counts, "findings": len(found.findings) + found.more}
    service.store.write(lambda unit: unit.audit(audit_row(service, caller, "log.verified", "log", detail)))
    return found


def run(task: Task) -> dict[str, Any]:
    """What the job does."""
    caller = Caller(task.job.created_by, frozenset(), task.job.id)
    full = bool(task.payload.get("full"))
    return verify_and_record(task.service, caller, full=full, progress=task.progress).to_json()


def count_left_out(service: Service) -> int:
    """How many records are neither in the log nor waiting for it; less than zero if the log has some that are gone."""
    records, logged, waiting = service.store.read(_counts)
    return records - logged - waiting


def _origin(newest: CheckpointRow) -> str:
    try:
        return origin_of(newest)
    except Unproven:
        return ""


def _check_edge(service: Service, found: Verification, newest: CheckpointRow | None) -> None:
    notary = service.store.notary
    try:
        service.store.read(lambda reads: check_log(reads.sealing, notary))
    except LogBroken as broken:
        found.add("log-broken", "log", broken.detail)
    if newest is None or notary.remembered(_origin(newest)) is None:
        found.unchecked.append("memory")


def _walk(service: Service, walk: Walk, size: int, found: Verification) -> Iterator[list[Member]]:
    """Check entry by entry up to a size; the entries of each step."""
    position = 0
    _check_signed(service, walk, found)
    while position < size:
        batch = service.store.read(partial(_batch, position=position))
        first = batch.first if batch else size
        if batch is None or first != position:
            found.add("gap", f"position {position}", position, first)
            walk.is_whole, position = False, first
            continue
        members = unpack_members(bytes(batch.ids))
        for at in range(0, len(members), CHUNK):
            some = members[at : at + CHUNK]
            loaded = service.store.read(partial(_load, first=first + at, members=some))
            _check_some(loaded, walk, first + at, some, found)
            _check_signed(service, walk, found)
            yield some
        position = first + len(members)


def _batch(reads: Reads, position: int) -> BatchRow | None:
    found = reads.sealing.batches(position, 1)
    return found[0] if found else None


def _load(reads: Reads, first: int, members: list[Member]) -> Loaded:
    sealing = reads.sealing
    end = first + len(members)
    return Loaded(
        {row.id: (row, salt) for row, salt in sealing.evaluations(_ids(members, "evaluation"))},
        {row.id: row for row in sealing.events(_ids(members, "event"))},
        _leaves(sealing, first, end),
        {row.size: bytes(row.root) for row in sealing.checkpoints(first + 1, len(members)) if row.size <= end},
    )


def _leaves(sealing: SealingReads, first: int, end: int) -> list[bytes]:
    """The stored leaves from a position on; where a tile is too short, leaves that are nobody's."""
    wanted = range(first // WIDTH, -(-end // WIDTH))
    there = dict(sealing.tiles(0, wanted.start, len(wanted)))
    bytes_of_tile = WIDTH * HASH_BYTES
    data = b"".join(there.get(one, b"")[:bytes_of_tile].ljust(bytes_of_tile, b"\0") for one in wanted)
    return split_hashes(data)[first - wanted.start * WIDTH : end - wanted.start * WIDTH]


def _check_some(loaded: Loaded, walk: Walk, first: int, members: list[Member], found: Verification) -> None:
    for offset, (member, leaf) in enumerate(zip(members, loaded.leaves, strict=True)):
        place = f"position {first + offset} {member.kind} {member.id}"
        found.count("entries")
        _check_time(walk, member, found)
        evaluation, event = loaded.evaluations.get(member.id), loaded.events.get(member.id)
        if evaluation is not None:
            _check_entry(evaluation_envelope(evaluation[0]), leaf, place, found)
            _check_evaluation(*evaluation, place, found)
        elif event is not None:
            _check_entry(event_envelope(event), leaf, place, found)
            _check_event(event, place, found)
        else:
            found.add("entry-missing", place)
        walk.peaks.push(leaf)
        _check_root(loaded.roots.get(walk.peaks.size), walk, found)


def _check_entry(envelope: bytes, leaf: bytes, place: str, found: Verification) -> None:
    if leaf_hash(envelope) != leaf:
        found.add("entry-altered", place)


def _check_evaluation(row: EvaluationRow, salt: bytes | None, place: str, found: Verification) -> None:
    if not row.record:
        found.count("erased")
        if row.erased_by is None:
            found.add("content-lost", place)
        return
    found.count("contents")
    if salt is None or not _is_committed(row.commitment, salt, row.record.encode()):
        found.add("content-altered", place)
        return
    envelope, record = json.loads(evaluation_envelope(row)), json.loads(row.record)
    for name in ("id", "ruleset", "engine", "at", "recorded_at", "trigger", "actor"):
        if record.get(name) != envelope[name]:
            found.add("record-differs", place, name)


def _check_event(row: AuditRow, place: str, found: Verification) -> None:
    if row.salt is None and row.subject.startswith("erased:"):
        found.count("erased")
        return
    found.count("contents")
    if not _is_committed(row.commitment, bytes(row.salt or b""), event_content(row)):
        found.add("content-altered", place)


def _is_committed(said: str, salt: bytes, content: bytes) -> bool:
    return hmac.compare_digest(said, commitment(salt, content))


def _check_time(walk: Walk, member: Member, found: Verification) -> None:
    at = instant_of(member.id)
    if at < walk.latest - LATE_MILLISECONDS:
        found.count("late")
    walk.latest = max(walk.latest, at)


def _check_signed(service: Service, walk: Walk, found: Verification) -> None:
    """The signatures of the checkpoints up to where the walk is, each once."""
    while True:
        rows = service.store.read(partial(_checkpoints, size=walk.looked_at))
        for row in rows:
            if row.size > walk.peaks.size:
                return
            _check_checkpoint(row, walk, found)
            walk.looked_at = row.size + 1
        if not rows:
            return


def _checkpoints(reads: Reads, size: int) -> list[CheckpointRow]:
    return reads.sealing.checkpoints(size, CHECKPOINTS)


def _check_checkpoint(row: CheckpointRow, walk: Walk, found: Verification) -> None:
    found.count("checkpoints")
    try:
        signed = open_checkpoint(row.note.encode(), walk.keys)
    except Unproven as refused:
        found.add("unsigned", f"checkpoint {row.size}", refused)
        return
    if (signed.size, signed.root) != (row.size, bytes(row.root)):
        found.add("checkpoint-altered", f"checkpoint {row.size}")


def _check_root(signed: bytes | None, walk: Walk, found: Verification) -> None:
    """Where a checkpoint was signed, the leaves so far give its root; behind a first mismatch none can."""
    if signed is None or not walk.is_whole:
        return
    size = walk.peaks.size
    if signed == walk.peaks.root():
        walk.met = size
    else:
        found.add("tree-altered", f"checkpoint {size}", walk.met, size - 1)
        walk.is_whole = False


def _check_tiles(service: Service, size: int, found: Verification) -> None:
    """Each hash of a tile above the leaves is the root of the tile that it stands for."""
    level = 0
    while full := size >> HEIGHT * (level + 1):
        for number in range(0, full, TILES):
            there, above = service.store.read(partial(_tiles, level=level, number=number))
            for one in range(number, min(full, number + TILES)):
                place = one % WIDTH * HASH_BYTES
                if (
                    tree_hash(split_hashes(there.get(one, b"")))
                    != above.get(one // WIDTH, b"")[place : place + HASH_BYTES]
                ):
                    found.add("tile-altered", f"tile {level + 1}/{one // WIDTH} hash {one % WIDTH}")
        level += 1


def _tiles(reads: Reads, level: int, number: int) -> tuple[dict[int, bytes], dict[int, bytes]]:
    sealing = reads.sealing
    return dict(sealing.tiles(level, number, TILES)), dict(sealing.tiles(level + 1, number // WIDTH, 2))


def _check_counts(service: Service, found: Verification) -> None:
    """What was recorded is in the log, or waits for it; if the numbers differ, it is looked which is missing."""
    records, logged, waiting = service.store.read(_counts)
    if waiting:
        found.count("waiting", waiting)
    if records == logged + waiting:
        return
    found.add("count-differs", "records", logged + waiting, records)
    for kind in ("evaluation", "event"):
        after = 0
        while some := service.store.read(partial(_recorded, kind=kind, after=after)):
            for seq, entry, is_known in some:
                if not is_known:
                    found.add("entry-left-out", f"{kind} {entry}")
                after = seq


def _counts(reads: Reads) -> tuple[int, int, int]:
    """How many records there are, how many entries the log has, and how many wait for it, at one moment."""
    sealing = reads.sealing
    newest = sealing.newest()
    return sum(sealing.counts()), newest.size if newest else 0, sealing.count_waiting(ALL)


def _recorded(reads: Reads, kind: str, after: int) -> list[tuple[int, str, bool]]:
    """Places and ids of records, and whether the log knows of them."""
    sealing = reads.sealing
    return [
        (seq, entry, position_of(sealing, entry) is not None or sealing.waiting(entry) is not None)
        for seq, entry in sealing.entries(kind, after, CHUNK)
    ]


def _ids(members: list[Member], kind: str) -> list[str]:
    return [member.id for member in members if member.kind == kind]
