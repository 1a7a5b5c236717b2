"""Checkpoints -> places that the operator can't edit: which is due to be told, and how it went.

Whoever holds both the database and the signing key could make the whole log anew. What he can't do is take back a
checkpoint that somebody else has.
Source: docs/operations.md, "Checkpoints outside".
"""

from dataclasses import dataclass

from service.audit.sealing_rows import CheckpointRow, PushRow
from service.operations.ports import Unit
from service.operations.service import Service

MOST_WAIT_MILLISECONDS = 3_600_000
MOST_DOUBLINGS = 12
ERROR_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A checkpoint that one place is to be told now, and how that place stood before."""

    checkpoint: CheckpointRow
    before: PushRow


def take_push(service: Service, target: str, seconds: int) -> Due | None:
    """The checkpoint to tell a place now, if it knows an older one and is not to be left alone; others then wait."""
    now = service.clock()

    def job(unit: Unit) -> Due | None:
        unit.alone(f"push {target}")
        sealing = unit.sealing
        newest = sealing.newest()
        before = next(
            (one for one in sealing.pushes() if one.target == target), PushRow(target, 0, None, None, 0, None)
        )
        if newest is None or newest.size <= before.size or now < _next_try(before, seconds):
            return None
        sealing.save_push(before._replace(tried_at=now, tries=before.tries + 1))
        return Due(newest, before)

    # Why asked first: while nothing is due, nothing is written.
    newest, pushes = service.store.read(lambda reads: (reads.sealing.newest(), reads.sealing.pushes()))
    known = {one.target: one.size for one in pushes}
    if newest is None or newest.size <= known.get(target, 0):
        return None
    return service.store.write(job)


def settle_push(service: Service, due: Due, error: str | None) -> None:
    """Note how it went: without an error the place knows the checkpoint."""
    now = service.clock()
    if error is None:
        row = PushRow(due.before.target, due.checkpoint.size, now, now, 0, None)
    else:
        row = due.before._replace(tried_at=now, tries=due.before.tries + 1, error=error[:ERROR_LENGTH])
    service.store.write(lambda unit: unit.sealing.save_push(row))


def count_failures(service: Service) -> int:
    """How many tries in a row have failed, of the place that does worst."""
    return max((one.tries for one in service.store.read(lambda reads: reads.sealing.pushes())), default=0)


def _next_try(before: PushRow, seconds: int) -> int:
    if before.tried_at is None:
        return 0
    wait = min(seconds * 1000 << min(before.tries, MOST_DOUBLINGS), max(MOST_WAIT_MILLISECONDS, seconds * 1000))
    return before.tried_at + wait
