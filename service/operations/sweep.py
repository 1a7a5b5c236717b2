"""Decide what time alone brings: every profile that is due, at exactly the instants at which something changes for it.

A pass takes due profiles, the longest due first, in batches; each batch is one transaction, so any number of sweepers
may work at once, and one that is killed loses nothing. It also brings a version that was published to be applied at
once to every profile. A profile that can't be decided is named and passed over, and tried again by the next pass.
Its cost follows what is due, not what is stored.
Source: docs/operations.md, "Time".
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from service.audit.rows import ActivationRow, LeaseRow, ProfileRow
from service.errors import ServiceError, Unavailable
from service.operations.decide import Caught, Context, NewerVersion, decide, decide_missed
from service.operations.ports import Caller, Reads, Unit
from service.operations.programs import SKEW_MILLISECONDS
from service.operations.requests import plain_ask
from service.operations.service import Service

BATCH = 100
"""How many profiles one transaction takes, and how many evaluations it records before it takes no further one."""
MOST_COUNTED = 100_000
"""How far due profiles are counted."""
SETTLED_MILLISECONDS = 2_000
"""How long after a publish a process may still decide by the version before it."""
LEASE = "sweep"
LEASE_MILLISECONDS = 30_000
SWEEPER = Caller("sweeper", frozenset(), "sweep")
"""Who acts when a clock does."""

_MISTAKES = (
    ServiceError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What can go wrong with one profile. Whatever the database raises is not among them: it concerns the whole batch."""

Failed = Callable[[str, str, Exception], None]
"""Is told of a profile that can't be decided: ruleset, profile, why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a pass is to do: up to and including which instant, for one ruleset or all, for how many profiles at most.

    `holder` names a process that sweeps only while it holds the lease; without one nobody is asked.
    """

    until: int
    ruleset: str | None = None
    limit: int | None = None
    holder: str | None = None
    caller: Caller = SWEEPER


@dataclass(frozen=True, slots=True)
class Swept:
    """What a pass did, so far."""

    profiles: int = 0
    evaluations: int = 0
    changes: int = 0
    failed: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        """Both together."""
        return Swept(
            self.profiles + other.profiles,
            self.evaluations + other.evaluations,
            self.changes + other.changes,
            self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """How many profiles are due (counted no further than `MOST_COUNTED`), and how late the first of them is."""

    profiles: int
    late_milliseconds: int


@dataclass(slots=True)
class _Batch:
    """What one transaction did, and the last profile it looked at; `is_empty` says that there was none left, `is_ours`
    that no other process has the lease.
    """

    swept: Swept = field(default_factory=Swept)
    failed: list[tuple[ProfileRow, Exception]] = field(default_factory=list)
    last_id: str = ""
    is_empty: bool = True
    is_ours: bool = True

    def take(self, row: ProfileRow, work: Callable[[ProfileRow], Caught]) -> None:
        """Decide one profile, or note why it can't be decided."""
        self.is_empty = False
        self.last_id = row.profile_id
        try:
            found = work(row)
        except Unavailable:
            raise
        except _MISTAKES as error:
            self.failed.append((row, error))
            self.swept += Swept(failed=1)
        else:
            self.swept += Swept(1, found.evaluations, found.changes)


def read_due(service: Service, until: int | None = None) -> Due:
    """What is due, now or at an instant."""
    at = service.clock() if until is None else until
    retired = service.programs.retired()

    def job(reads: Reads) -> Due:
        first = reads.first_due(retired)
        if first is None or first > at:
            return Due(0, 0)
        return Due(reads.count_due(at, MOST_COUNTED, retired), at - first)

    return service.store.read(job)


def applying(service: Service) -> list[ActivationRow]:
    """What is in force and on its way to every profile."""
    rulesets = service.store.read(lambda reads: reads.rulesets())
    service.programs.refresh()
    found = [service.programs.applying(one.key, one.applied) for one in rulesets]
    return [one for one in found if one is not None]


def sweep(
    service: Service,
    wish: Sweep,
    on_progress: Callable[[Swept], None] = lambda _: None,
    on_failed: Failed = lambda *_: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Swept:
    """One pass: versions that are to be applied to all, then whatever is due. `Unavailable` ends it early; what was
    decided until then stays. `is_stopped` is asked before each batch.
    """
    return _Pass(service, wish, on_progress, on_failed, is_stopped).run()


class _Pass:
    """One pass while it runs; `_stuck` are the profiles that it passes over."""

    def __init__(
        self,
        service: Service,
        wish: Sweep,
        on_progress: Callable[[Swept], None],
        on_failed: Failed,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._service = service
        self._wish = wish
        self._on_progress = on_progress
        self._on_failed = on_failed
        self._is_stopped = is_stopped
        self._done = Swept()
        self._stuck: set[tuple[str, str]] = set()
        self._accept_newer = False

    def run(self) -> Swept:
        """Everything there is to do."""
        self._service.programs.warm()  # Why: compiled before a transaction keeps others waiting
        for one in applying(self._service):
            if self._wish.ruleset in {None, one.ruleset}:
                self._apply(one)
        while self._left() and not self._take(self._due_batch).is_empty:
            pass
        return self._done

    def _apply(self, activation: ActivationRow) -> None:
        after = ""
        while self._left():
            batch = self._take(partial(self._version_batch, activation=activation, after=after))
            if batch.is_empty:
                if batch.is_ours:
                    self._service.store.write(partial(self._end_applying, activation=activation))
                break
            after = batch.last_id

    def _take(self, job: Callable[[Unit], _Batch]) -> _Batch:
        """Run one batch, again if another process knows a newer version of a ruleset."""
        try:
            batch = self._service.store.write(job)
        except NewerVersion:
            self._service.programs.refresh(SKEW_MILLISECONDS)
            self._accept_newer = True
            batch = self._service.store.write(job)
        for row, error in batch.failed:
            self._stuck.add((row.ruleset, row.profile_id))
            self._on_failed(row.ruleset, row.profile_id, error)
        self._done += batch.swept
        if batch.swept != Swept():
            self._on_progress(self._done)
        return batch

    def _left(self) -> int:
        """How many profiles the next batch may take."""
        if self._is_stopped():
            return 0
        limit = self._wish.limit
        return BATCH if limit is None else min(BATCH, limit - self._done.profiles)

    def _context(self, trigger: str) -> Context:
        service = self._service
        return Context(
            programs=service.programs,
            ids=service.ids,
            caller=self._wish.caller,
            now=service.clock(),
            trigger=trigger,
            accept_newer=self._accept_newer,
        )

    def _may_go_on(self, unit: Unit, now: int) -> bool:
        holder = self._wish.holder
        return holder is None or unit.take_lease(LeaseRow(LEASE, holder, now + LEASE_MILLISECONDS), now)

    def _due_batch(self, unit: Unit) -> _Batch:
        context = self._context("sweep")
        batch = _Batch(is_ours=self._may_go_on(unit, context.now))
        wish, most, retired = self._wish, self._left(), self._service.programs.retired()
        if not batch.is_ours or wish.ruleset in retired:
            return batch
        for row in unit.due(wish.until, wish.ruleset, most + len(self._stuck), retired):
            if (row.ruleset, row.profile_id) not in self._stuck and batch.swept.evaluations < BATCH:
                batch.take(row, lambda one: decide_missed(unit, context, one, wish.until, BATCH))
        return batch

    def _version_batch(self, unit: Unit, activation: ActivationRow, after: str) -> _Batch:
        context = self._context("publish")
        batch = _Batch(is_ours=self._may_go_on(unit, context.now))
        older = unit.older(activation.ruleset, activation.version, after, self._left()) if batch.is_ours else ()
        for row in older:
            batch.take(row, lambda one: self._decide_again(unit, context, one))
        return batch

    def _decide_again(self, unit: Unit, context: Context, row: ProfileRow) -> Caught:
        """Decide a profile with nothing new, at the instant of the sweep or, if that is later, of its last decision."""
        published = context.programs.active(row.ruleset)
        decided = decide(unit, context, plain_ask(published, row.profile_id, at=max(self._wish.until, row.at)))
        changes = len(decided.outcome.decisions) + sum(len(shown["decisions"]) for _, _, shown in decided.missed)
        return Caught(len(decided.missed) + 1, changes)

    def _end_applying(self, unit: Unit, activation: ActivationRow) -> None:
        if self._service.clock() - activation.effective_at >= SETTLED_MILLISECONDS:
            unit.governance.end_applying(activation.ruleset, activation.seq)
