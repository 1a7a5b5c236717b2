"""How the log stands: how much is sealed, what waits, by which keys it is signed, and who else knows of it.

Reads of bounded size only, for whoever looks at the log in a browser; `verify` looks at all of it.
Source: docs/operations.md, "Sealing".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.audit.checkpoint import open_checkpoint
from service.audit.merkle import Unproven, check_consistency
from service.audit.note import VerifierKey
from service.audit.sealing_rows import CheckpointRow, PushRow
from service.errors import LogBroken
from service.operations.auditing.prove import Growth, prove_growth, read_log_keys
from service.operations.auditing.seal import check_log, read_waiting
from service.operations.ports import Reads
from service.operations.service import Service

MOST_WAITING = 10_000
"""How far entries that wait are counted."""
ALL = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The log now. `waiting` entries are not yet sealed, the oldest since so many milliseconds; `trouble` is what it
    contradicts, `None` while its newest part is whole; the newest key stands last.
    """

    origin: str
    newest: CheckpointRow
    keys: Sequence[VerifierKey]
    waiting: int
    waiting_milliseconds: int
    places: Sequence[PushRow]
    trouble: str | None


def read_standing(service: Service) -> Standing | None:
    """How the log stands; `None` before it began."""

    def job(reads: Reads) -> tuple[CheckpointRow | None, int, list[PushRow], str | None]:
        sealing, trouble = reads.sealing, None
        try:
            check_log(sealing, service.store.notary)
        except LogBroken as broken:
            trouble = broken.detail
        return sealing.newest(), sealing.count_waiting(MOST_WAITING), sealing.pushes(), trouble

    newest, waiting, places, trouble = service.store.read(job)
    if newest is None:
        return None
    origin, keys = read_log_keys(service)
    return Standing(
        origin=origin,
        newest=newest,
        keys=keys,
        waiting=waiting,
        waiting_milliseconds=read_waiting(service),
        places=places,
        trouble=trouble,
    )


def list_checkpoints(service: Service, below: int | None, limit: int) -> tuple[list[CheckpointRow], int | None]:
    """Checkpoints below a size, newest first, and below which size the next page begins."""
    size = ALL if below is None else below
    rows = service.store.read(lambda reads: reads.sealing.checkpoints_below(size, limit + 1))
    return rows[:limit], rows[limit - 1].size if len(rows) > limit else None


def check_growth(service: Service, old: int, new: int) -> Growth:
    """The proof that the log of `new` entries begins with that of `old`, looked at as an auditor would.

    Errors as in `prove_growth`; `LogBroken` if a checkpoint is not signed or the proof does not fit.
    """
    growth = prove_growth(service, old, new)
    _, keys = read_log_keys(service)
    try:
        earlier, later = (open_checkpoint(one.note.encode(), keys) for one in (growth.old, growth.new))
        check_consistency(earlier.size, earlier.root, later.size, later.root, growth.hashes)
    except Unproven as refused:
        raise LogBroken(f"the log contradicts what was signed: {refused}") from refused
    return growth
