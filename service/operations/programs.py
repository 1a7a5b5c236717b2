"""Which version of each ruleset is in force, and its compiled program, without a query per request.

What was published, scheduled, rolled back or retired is read again when it was read longer than `FRESH_MILLISECONDS`
ago, so every process follows within a second. What is scheduled is known and compiled ahead: at its instant the clock
alone switches. Programs never change, so they are kept by ruleset and number, and shared by all threads.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock

from service.audit.rows import ActivationRow, VersionRow
from service.errors import Conflict, NotFound
from service.language.instants import write_instant
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.language.types import Type
from service.operations.activations import in_force, present, scheduled
from service.operations.ports import Clock, Reads, Store

FRESH_MILLISECONDS = 500
SKEW_MILLISECONDS = 1_000
"""How far the clocks of the machines on one database may differ."""
MOST_PROGRAMS = 256
"""The most compiled programs kept; the one kept longest makes room."""

Activations = tuple[ActivationRow, ...]


@dataclass(frozen=True, slots=True)
class Published:
    """One published version, ready to decide: declared events, tags, and the outputs that are points in time.

    `rules_fire` says that changes which only this version brings fire their actions. `newest` is the newest version
    that was there when this one came into force: what a newer one decided is not known here yet.
    """

    key: str
    version: int
    digest: str
    program: Program
    events: frozenset[str]
    tags: tuple[str, ...]
    instants: tuple[str, ...]
    rules_fire: bool = False
    newest: int = 0


class Programs:
    """The published rulesets of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._known: Mapping[str, Activations] = {}
        self._ahead = 0
        self._read_at = 0
        self._kept: dict[tuple[str, int], Published] = {}
        self._active: dict[tuple[str, int], Published] = {}

    def active(self, key: str) -> Published:
        """The version of a ruleset that is in force; `NotFound` if there is none, `Conflict` if it was retired."""
        activation = self._standing(key)
        if activation.kind == "retire":
            since = write_instant(activation.effective_at)
            detail = f"the ruleset `{key}` was retired at {since}; a rollback or a publish brings it back"
            raise Conflict(detail, "retired")
        return self._activated(activation)

    def latest(self, key: str) -> Published:
        """The version of a ruleset that is in force, or was until it was retired; `NotFound` if there was none."""
        return self._activated(self._standing(key))

    def retired(self) -> tuple[str, ...]:
        """The rulesets that decide nothing any more, as this process knows it."""
        now = self._clock()
        standing = [in_force(rows, present(rows, now)) for rows in self._known.values()]
        return tuple(one.ruleset for one in standing if one is not None and one.kind == "retire")

    def applying(self, key: str, applied: int) -> ActivationRow | None:
        """The activation in force, if it is to come to every profile and did not yet: it is not among the `applied`."""
        activation = in_force(rows := self._known.get(key, ()), present(rows, self._clock()))
        if activation is None or activation.kind == "retire" or activation.apply == "on_next_evaluation":
            return None
        return activation if activation.seq > applied else None

    def published(self, key: str, version: int) -> Published:
        """One version of a ruleset, active or not; `NotFound` if it was never published."""
        found = self._kept.get((key, version))
        if found is None:
            with self._lock:  # Why: many threads ask for a new version at once, and compiling takes a while
                found = self._kept.get((key, version)) or self._compiled(key, version)
                self._kept[key, version] = found
                if len(self._kept) > MOST_PROGRAMS:
                    del self._kept[next(iter(self._kept))]
        return found

    def refresh(self, ahead: int = 0) -> None:
        """Read what is in force now and what is scheduled.

        What begins within `ahead` milliseconds is taken to have begun, until the next refresh: another process, whose
        clock is ahead of ours, decides by it already.
        """
        before = self._known
        known = self._store.read(lambda reads: _activations(reads, before))
        for key in known if before else ():  # Why: requests go on with the old version while the new one is compiled
            if known[key] is not before.get(key):
                self._compile_ahead(known[key])
        self._known, self._ahead = known, ahead
        self._read_at = self._clock()

    def warm(self) -> int:
        """Compile every active version, and those to come, before the first request; how many rulesets there are."""
        self.refresh()
        for rows in self._known.values():
            self._compile_ahead(rows)
        return len(self._known)

    def _standing(self, key: str) -> ActivationRow:
        now = self._clock()
        if not 0 <= now - self._read_at < FRESH_MILLISECONDS:
            self._read_at = now if self._known else 0  # Why: one thread reads, the others go on with what is known
            self.refresh()
        rows = self._known.get(key, ())
        found = in_force(rows, present(rows, now) + self._ahead)
        if found is None:
            later = f" in force yet; it begins at {write_instant(rows[-1].effective_at)}" if rows else ""
            raise NotFound(f"there is no ruleset `{key}`{later}")
        return found

    def _activated(self, activation: ActivationRow) -> Published:
        place = activation.ruleset, activation.seq
        found = self._active.get(place)
        if found is None:
            published = self.published(activation.ruleset, activation.version)
            newest = max(one.version for one in self._known[activation.ruleset] if one.seq <= activation.seq)
            found = replace(published, rules_fire=activation.apply == "now", newest=newest)
            self._active[place] = found
            if len(self._active) > MOST_PROGRAMS:
                self._active.pop(next(iter(self._active)), None)
        return found

    def _compile_ahead(self, rows: Activations) -> None:
        for one in _to_decide(rows, self._clock()):
            self.published(one.ruleset, one.version)

    def _compiled(self, key: str, version: int) -> Published:
        row = self._store.read(lambda reads: reads.version(key, version))
        if row is None:
            raise NotFound(f"ruleset `{key}` has no version {version}")
        return compile_version(row)


def _activations(reads: Reads, before: Mapping[str, Activations]) -> dict[str, Activations]:
    """Every ruleset's activations; those of a ruleset that did not change since `before` are the same object."""
    found: dict[str, Activations] = {}
    for row in reads.rulesets():
        known = before.get(row.key, ())
        is_same = bool(known) and known[-1].seq == row.revision
        found[row.key] = known if is_same else tuple(reads.governance.activations(row.key))
    return found


def _to_decide(rows: Activations, now: int) -> Iterator[ActivationRow]:
    """What is in force and what will be, but for the end of a ruleset."""
    now = present(rows, now)
    standing = in_force(rows, now)
    yield from (one for one in [standing, *scheduled(rows, now)] if one is not None and one.kind != "retire")


def compile_version(row: VersionRow) -> Published:
    """The program of a published version, which was checked when it was published."""
    program = read_ruleset(row.document).program
    if program is None:
        msg = f"published version {row.version} of {row.ruleset} does not compile"
        raise RuntimeError(msg)
    return ready(program, row.version, rules_fire=row.apply == "now")


def ready(program: Program, version: int, *, rules_fire: bool = False) -> Published:
    """A program as a version, with what is looked up for every evaluation."""
    ruleset = program.ruleset
    return Published(
        program.key,
        version,
        program.digest,
        program,
        frozenset(event.key for event in ruleset.events),
        tuple(tag.key for tag in ruleset.tags),
        tuple(key for key in program.outputs if program.rules.values[key].type is Type.DATETIME),
        rules_fire,
        version,
    )
