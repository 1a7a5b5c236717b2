"""Counts for pages: how many profiles hold what, and how many changes a day had. Kept up in the background.

What is held is counted anew at most every `EVERY` and never for more than a twentieth of the time; where there is
little, it is counted when it is asked for. The days follow the log, change by change, so their cost is that of what
happened. Each read says as of when.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread

from service.audit.rows import DailyRow, MarkRow, NumberedChange, TallyRow
from service.operations.ports import Reads
from service.operations.service import Service

DAY = 86_400_000
EVERY = 30_000
SHARE = 20
LITTLE = 20_000
"""Up to so many things held are counted at once."""
CHUNK = 2_000
LOG = "daily"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many profiles hold each (kind, key, value), as of an instant; `None` before they were counted first."""

    held: dict[tuple[str, str, str], int]
    at: int | None

    def of(self, kind: str, key: str) -> dict[str, int]:
        """The counts of one thing by its values: stages, bands, or `held` for a tag."""
        return {
            value: count
            for (its_kind, its_key, value), count in self.held.items()
            if (its_kind, its_key) == (kind, key)
        }

    @property
    def profiles(self) -> int:
        """The number of profiles, of a ruleset with a lifecycle or a tier."""
        totals: Counter[tuple[str, str]] = Counter()
        for (kind, key, _), count in self.held.items():
            if kind != "tag":
                totals[kind, key] += count
        return max(totals.values(), default=0)


def read_counts(service: Service, ruleset: str) -> Counts:
    """What the profiles of a ruleset hold."""
    now = service.clock()

    def job(reads: Reads) -> Counts:
        if not reads.tallies.is_many(ruleset, LITTLE):
            return _counts(reads.tallies.counted(ruleset), now)
        mark = reads.tallies.mark(ruleset)
        return _counts(reads.tallies.tallies(ruleset), mark and mark.at)

    return service.store.read(job)


def read_days(service: Service, ruleset: str, days: int) -> list[DailyRow]:
    """Changes of the last days, today included, by day, cause and kind."""
    first = service.clock() // DAY - days + 1
    return service.store.read(lambda reads: reads.tallies.daily(ruleset, first))


def tally(service: Service) -> int:
    """Bring all counts up to date; how many changes were new."""
    done = _follow_log(service)
    for ruleset in service.store.read(lambda reads: reads.rulesets()):
        _recount(service, ruleset.key)
    return done


def _follow_log(service: Service) -> int:
    done = 0
    upto = service.store.read(lambda reads: reads.outbox.horizon())
    while True:
        mark = service.store.read(lambda reads: reads.tallies.mark(LOG))
        seen = mark.place if mark else 0
        rows = service.store.read(lambda reads, seen=seen: reads.outbox.changes(seen, upto, CHUNK))  # type: ignore[misc]
        if not rows:
            return done
        counts, place, now = _by_day(rows), rows[-1].seq, service.clock()
        service.store.write(lambda unit, seen=seen: unit.tallies.add(counts, LOG, seen, place, now))  # type: ignore[misc]  # noqa: B023
        done += len(rows)


def _by_day(rows: Sequence[NumberedChange]) -> Counter[DailyRow]:
    return Counter(
        DailyRow(
            row.ruleset,
            row.recorded_at // DAY,
            row.kind,
            row.key,
            row.source or "",
            row.target or "",
            row.cause or "",
            row.movement or "",
            0,
        )
        for _, row in rows
    )


def _recount(service: Service, ruleset: str) -> None:
    started = service.clock()

    def look(reads: Reads) -> list[TallyRow] | None:
        mark = reads.tallies.mark(ruleset)
        is_fresh = mark is not None and started - mark.at < max(EVERY, SHARE * mark.took)
        return None if is_fresh or not reads.tallies.is_many(ruleset, LITTLE) else reads.tallies.counted(ruleset)

    rows = service.store.read(look)
    if rows is not None:
        mark = MarkRow(ruleset, 0, started, service.clock() - started)
        service.store.write(lambda unit: unit.tallies.replace(ruleset, rows, mark))


def _counts(rows: Sequence[TallyRow], at: int | None) -> Counts:
    return Counts({(row.kind, row.key, row.value): row.profiles for row in rows}, at)


class Teller:
    """Keeps the counts up in a thread of this process; several processes may do so at once."""

    def __init__(self, service: Service, on_error: Callable[[BaseException], None]) -> None:
        self._service = service
        self._on_error = on_error
        self._stopping = Event()
        self._thread: Thread | None = None

    def start(self, seconds: float) -> None:
        """Count every so many seconds, until `stop`."""
        self._thread = Thread(target=self._run, args=(seconds,), name="teller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being counted."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            try:
                tally(self._service)
            except Exception as error:  # noqa: BLE001  # Why: the thread must outlive whatever goes wrong in one step
                self._on_error(error)
