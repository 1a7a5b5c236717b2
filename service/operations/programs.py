"""Which version of each ruleset is active, and its compiled program, without a query per request.

The list of active versions is read again when it is older than `FRESH_MILLISECONDS`, so every process follows a publish
within a second. Programs never change, so they are kept by ruleset and number, and shared by all threads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from service.audit.rows import VersionRow
from service.errors import NotFound
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.language.types import Type
from service.operations.ports import Clock, Store

FRESH_MILLISECONDS = 500
MOST_PROGRAMS = 256
"""The most compiled programs kept; the one kept longest makes room."""


@dataclass(frozen=True, slots=True)
class Published:
    """One published version, ready to decide: declared events, tags, and the outputs that are points in time.

    `rules_fire` says that changes which only this version brings fire their actions.
    """

    key: str
    version: int
    digest: str
    program: Program
    events: frozenset[str]
    tags: tuple[str, ...]
    instants: tuple[str, ...]
    rules_fire: bool = False


class Programs:
    """The published rulesets of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = Lock()
        self._active: Mapping[str, int] = {}
        self._read_at = 0
        self._kept: dict[tuple[str, int], Published] = {}

    def active(self, key: str) -> Published:
        """The active version of a ruleset; `NotFound` if there is none."""
        now = self._clock()
        if not 0 <= now - self._read_at < FRESH_MILLISECONDS:
            self._read_at = now if self._active else 0  # Why: one thread reads, the others go on with what is known
            self.refresh()
        version = self._active.get(key)
        if version is None:
            raise NotFound(f"there is no ruleset `{key}`")
        return self.published(key, version)

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

    def _compiled(self, key: str, version: int) -> Published:
        row = self._store.read(lambda reads: reads.version(key, version))
        if row is None:
            raise NotFound(f"ruleset `{key}` has no version {version}")
        return compile_version(row)

    def refresh(self) -> None:
        """Read which versions are active now."""
        rows = self._store.read(lambda reads: reads.rulesets())
        self._active = {row.key: row.active_version for row in rows}
        self._read_at = self._clock()

    def warm(self) -> int:
        """Compile every active version before the first request; how many there are."""
        self.refresh()
        for key, version in self._active.items():
            self.published(key, version)
        return len(self._active)


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
    )
