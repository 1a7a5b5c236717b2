"""Who used the service, was refused, or read about people -> entries of the log, few however many there are.

The first refusal of a minute is noted at once, with its request's id; the others of that minute are counted, and noted
as one when it is over. So a flood of wrong keys is two entries a minute from each process. The first use of a key on a
day is noted; of readings about people as many of a hundred as the settings say. Never a secret, nor what was sent.
Source: docs/operations.md, "The log of the log".
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

from service.audit.find_rows import Sought
from service.audit.record import write_instant
from service.audit.rows import AuditRow
from service.operations.keys import audit_row
from service.operations.ports import Caller, Unit
from service.operations.service import Service

MINUTE, DAY = 60_000, 86_400_000
MOST_ACTORS = 200
"""Of so many actors refusals are counted apart in a minute; those of others together."""
MOST_ROUTES = 20
OTHERS = "others"
REFUSED, DENIED, USED, READ = "access.refused", "access.denied", "key.used", "profile.read"
"""No valid key (401); a key without the role (403); a key's first use on a day; something about a person was read."""


@dataclass(slots=True)
class Refusals:
    """What was refused to one actor since a minute began, without the first, which is noted already."""

    since: int
    count: int = 0
    routes: Counter[str] = field(default_factory=Counter)
    last_request: str = ""

    def take(self, route: str, request_id: str) -> None:
        """Count one."""
        self.count += 1
        self.last_request = request_id
        self.routes[route if route in self.routes or len(self.routes) < MOST_ROUTES else OTHERS] += 1

    def to_json(self, until: int) -> dict[str, Any]:
        """What is noted of them."""
        return {
            "count": self.count,
            "from": write_instant(self.since),
            "to": write_instant(until),
            "routes": dict(sorted(self.routes.items())),
            "last_request": self.last_request,
        }


class Access:
    """What one process notes; threads may share it. `read_percent` of a hundred readings about people are noted.

    Nothing is waited for: a reply depends on none of it. `on_error` is told why something could not be noted.
    """

    def __init__(
        self, service: Service, read_percent: int = 0, on_error: Callable[[BaseException], None] = lambda _: None
    ) -> None:
        self._service = service
        self._read_percent = read_percent
        self._on_error = on_error
        self._lock = Lock()
        self._refusals: dict[tuple[str, str], Refusals] = {}
        self._days: dict[str, int] = {}
        self._share = 0
        self._stopping = Event()
        self._thread: Thread | None = None

    def refused(self, caller: Caller, action: str, route: str) -> None:
        """Note that somebody was not let in; `route` is its method and template."""
        now = self._service.clock()
        with self._lock:
            is_many = len(self._refusals) >= MOST_ACTORS and (action, caller.actor) not in self._refusals
            key = (action, OTHERS if is_many else caller.actor)
            known = self._refusals.get(key)
            if known is not None and now < known.since + MINUTE:
                known.take(route, caller.request_id)
                return
            over = self._refusals.pop(key, None)
            self._refusals[key] = Refusals(now)
        self._note([*self._summaries({key: over} if over else {}, now), self._row(caller, action, route, {"count": 1})])

    def used(self, caller: Caller) -> None:
        """Note a key's first use on a day, by whichever process it came."""
        today = self._service.clock() // DAY
        if self._days.get(caller.actor) == today:
            return
        self._days[caller.actor] = today
        event = self._row(caller, USED, caller.actor, {"roles": sorted(caller.roles)})
        self._service.store.write_later(lambda unit: _use(unit, event, today * DAY))

    def read(self, caller: Caller, route: str, subject: str, profile_id: str | None) -> None:
        """Note that something about a person was read, if it is its turn."""
        with self._lock:
            self._share += self._read_percent
            is_turn = self._share >= 100  # noqa: PLR2004  # percent
            self._share -= 100 if is_turn else 0
        if is_turn:
            self._note([self._row(caller, READ, subject, {"route": route})._replace(profile_id=profile_id)])

    def flush(self, *, everything: bool = False) -> int:
        """Note the refusals of minutes that are over, or all; how many entries."""
        now = self._service.clock()
        with self._lock:
            over = {
                key: one
                for key, one in self._refusals.items()
                if everything or not one.since <= now < one.since + MINUTE
            }
            for key in over:
                del self._refusals[key]
        rows = self._summaries(over, now)
        if rows:
            self._service.store.write(lambda unit: _audit(unit, rows))
        return len(rows)

    def start(self, seconds: float) -> None:
        """Look every so many seconds for minutes that are over, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="access", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Note what is left."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._flush(everything=True)

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            self._flush()

    def _flush(self, *, everything: bool = False) -> None:
        try:
            self.flush(everything=everything)
        except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
            self._on_error(error)

    def _summaries(self, over: dict[tuple[str, str], Refusals], now: int) -> list[AuditRow]:
        rows = []
        for (action, actor), one in over.items():
            if one.count:
                until = min(now, one.since + MINUTE)
                caller = Caller(actor, frozenset(), one.last_request)
                rows.append(self._row(caller, action, "", one.to_json(until)))
        return rows

    def _row(self, caller: Caller, action: str, subject: str, detail: dict[str, Any]) -> AuditRow:
        return audit_row(self._service, caller, action, subject, detail)

    def _note(self, rows: list[AuditRow]) -> None:
        self._service.store.write_later(lambda unit: _audit(unit, rows))


def _audit(unit: Unit, rows: list[AuditRow]) -> None:
    for row in rows:
        unit.audit(row)


def _use(unit: Unit, event: AuditRow, since: int) -> None:
    """Why it is looked for: other processes may have noted it."""
    unit.alone(f"use of {event.actor}")
    known, _ = unit.finding.events(Sought({"action": USED, "subject": event.subject}, (since, None)), None, 1)
    if not known:
        unit.audit(event)
