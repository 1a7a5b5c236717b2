"""How long each kind of content is kept; and letting go what is over, once a day, in batches.

The record of an evaluation loses its content and keeps its envelope, so proofs hold. The record that a profile stands
on stays, and so does everything of a profile on hold. Each run is an audit event.
Source: docs/operations.md, "Retention".
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from service.audit.rows import LeaseRow
from service.errors import InvalidRequest, ServiceError
from service.operations.auditing.erase import finish_erasures
from service.operations.keys import audit_row
from service.operations.ports import Caller, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

KINDS = ("evaluations", "replies", "deliveries", "jobs")
MOST_DAYS = 36_500
_DAYS: Shape = optional({"type": "integer", "minimum": 1, "maximum": MOST_DAYS})
RETENTION: Shape = {
    "type": "object",
    "required": [],
    "additionalProperties": False,
    "properties": {
        "evaluations_days": {**_DAYS, "description": "Content of records; `null` for ever."},
        "replies_days": {**_DAYS, "description": "Replies kept for repeats; `null` as long as the setting says."},
        "deliveries_days": {**_DAYS, "description": "Finished deliveries; `null` as long as they are listed anyway."},
        "jobs_days": {**_DAYS, "description": "Results of jobs; `null` as long as the setting says."},
    },
}
APPLIED = "retention.applied"
LEASE = "retention"
DAY = 86_400_000
AT_ONCE = 500
"""How many records one transaction looks at."""
KEEPER = Caller("retention", frozenset(), "retention")
"""Who lets content go when no person does."""


def read_retention(service: Service) -> dict[str, int | None]:
    """How many days each kind of content is kept; `None` where nothing was said."""
    found = service.store.read(lambda reads: reads.erasing.retention())
    return {f"{kind}_days": found.get(kind) for kind in KINDS}


def set_retention(service: Service, body: object, caller: Caller) -> dict[str, int | None]:
    """Change some of it; what is not named stays."""
    found = faults(RETENTION, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    wish: Mapping[str, int | None] = body

    def job(unit: Unit) -> None:
        for name, days in wish.items():
            unit.erasing.keep_for(name.removesuffix("_days"), days)
        unit.audit(audit_row(service, caller, "retention.changed", "", dict(wish)))

    service.store.write(job)
    return read_retention(service)


def apply_retention(
    service: Service, caller: Caller = KEEPER, is_stopped: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Let everything go whose time is over; how many of each kind it were. One audit event says so beforehand, as the
    records name it, and another says how many it were.
    """
    now = service.clock()
    days = service.store.read(lambda reads: reads.erasing.retention())
    counts: dict[str, int] = {}
    if not days:
        return counts
    begun = audit_row(service, caller, APPLIED, "", {"days": days})
    service.store.write(lambda unit: unit.audit(begun))
    for kind, kept in days.items():
        before = now - kept * DAY
        if kind == "evaluations":
            counts[kind] = _let_go(service, begun.id, before, is_stopped)
        else:
            counts[kind] = service.store.write(lambda unit, kind=kind, before=before: unit.erasing.prune(kind, before))  # type: ignore[misc]
    detail = {"entry": begun.id, "removed": counts}
    service.store.write(lambda unit: unit.audit(audit_row(service, caller, "retention.finished", "", detail)))
    if any(counts.values()):
        service.store.scrub()
    return counts


def _let_go(service: Service, entry: str, before: int, is_stopped: Callable[[], bool]) -> int:
    done = 0
    after: int | None = 0
    while after is not None and not is_stopped():
        count, after = service.store.write(
            lambda unit, after=after: unit.erasing.let_go(entry, before, after, AT_ONCE)  # type: ignore[misc]
        )
        done += count
    return done


class Keeper:
    """The thread of a process that finishes erasures, and once a day lets go what is over, unless another does.

    `on_error` is told why something could not be done for now.
    """

    def __init__(self, service: Service, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._on_error = on_error
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Look every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish the batch in hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def step(self) -> dict[str, Any]:
        """Look once. Where nothing is to be let go nothing is written."""
        service = self._service
        finish_erasures(service)
        if not service.store.read(lambda reads: reads.erasing.retention()):
            return {}
        # Why a fresh holder: the lease that ends in a day is also what says that today is done.
        now, holder = service.clock(), service.ids.secret()
        if not service.store.write(lambda unit: unit.take_lease(LeaseRow(LEASE, holder, now + DAY), now)):
            return {}
        try:
            return apply_retention(service, is_stopped=self._stopping.is_set)
        except ServiceError:
            with suppress(ServiceError):
                service.store.write(lambda unit: unit.end_lease(LEASE, holder))
            raise

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                self.step()
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)
