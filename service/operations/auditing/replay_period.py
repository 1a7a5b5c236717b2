"""Everything that was recorded in a period, decided again, a little at a time; or by another version.

Source: docs/api.md, "Replay".
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.audit.find_rows import EVER, Span
from service.audit.rows import EvaluationRow, Numbered
from service.engine import ENGINE_VERSION
from service.errors import Fault, InvalidRequest
from service.operations.auditing.replay import VERSION, earlier_of, read_at, replay_row
from service.operations.authoring.jobs import Task
from service.operations.cursors import LAST
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads
from service.operations.programs import Published
from service.operations.requests import INSTANT
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

KIND = "replay"
CHUNK = 50
MOST_LISTED = 100
"""How many differences a report of a period lists."""
REPLAYS: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ruleset": {"type": ["string", "null"], "minLength": 1, "maxLength": 63},
        "version": {**VERSION, "description": "Decide by this version; needs `ruleset`."},
        "from": {**optional(INSTANT), "description": "Recorded at this instant or later; without an offset, in UTC."},
        "to": {**optional(INSTANT), "description": "Recorded before this instant; without an offset, in UTC."},
    },
}
Told = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Replayed:
    """What a replay of many found so far; `differences` are the first ones."""

    checked: int = 0
    equal: int = 0
    different: int = 0
    not_replayable: Counter[str] = field(default_factory=Counter)
    engines: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, Any]] = field(default_factory=list)

    def take(self, found: dict[str, Any]) -> None:
        """Count one."""
        self.checked += 1
        self.engines[found["engine"]["recorded"]] += 1
        if found["result"] == "not_replayable":
            self.not_replayable[found["reason"]["code"]] += 1
        elif found["result"] == "equal":
            self.equal += 1
        else:
            self.different += 1
            if len(self.differences) < MOST_LISTED:
                self.differences.append(found)

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON values."""
        return {
            "checked": self.checked,
            "equal": self.equal,
            "different": self.different,
            "not_replayable": dict(self.not_replayable),
            "engines": dict(self.engines),
            "engine": ENGINE_VERSION,
            "differences": self.differences,
        }


def replay_period(
    service: Service,
    wish: Mapping[str, Any],
    progress: Callable[[int], None] = lambda _: None,
    told: Told = lambda _: None,
) -> Replayed:
    """Decide again everything that was recorded in a period, newest first, a little at a time.

    `wish` is of the shape `REPLAYS`; errors as in `read_period`. `told` hears of everything that is not equal.
    """
    equal, recorded, published = read_period(service, wish)
    done = Replayed()
    for row, earlier in _rows(service, equal, recorded):
        found = replay_row(service.programs, row, earlier, published, None)
        done.take(found)
        progress(done.checked)
        if found["result"] != "equal":
            told(found)
    return done


def read_period(service: Service, wish: object) -> tuple[dict[str, object], Span, Published | None]:
    """What is to be decided again, and by which version if by another. `InvalidRequest` with every fault, `NotFound`
    without such a ruleset or version.
    """
    found = faults(REPLAYS, wish)
    given: Mapping[str, Any] = wish if isinstance(wish, dict) else {}
    if given.get("version") is not None and given.get("ruleset") is None:
        found.append(Fault("/ruleset", "missing-member", "a version is one of a ruleset; name it"))
    if found:
        raise InvalidRequest("the request has faults", found)
    equal: dict[str, object] = {}
    published = None
    if given.get("ruleset") is not None:
        equal["ruleset"] = service.programs.latest(given["ruleset"]).key
    if given.get("version") is not None:
        published = service.programs.published(given["ruleset"], int(given["version"]))
    return equal, (read_at(given, "from"), read_at(given, "to")), published


def replay_and_record(
    service: Service,
    wish: Mapping[str, Any],
    caller: Caller,
    progress: Callable[[int], None] = lambda _: None,
    told: Told = lambda _: None,
) -> Replayed:
    """The same as `replay_period`, and an entry of the log that says who had it done, and what came out."""
    done = replay_period(service, wish, progress, told)
    found = {name: value for name, value in done.to_json().items() if name != "differences"}
    row = audit_row(service, caller, "log.replayed", wish.get("ruleset") or "log", {"asked": dict(wish), **found})
    service.store.write(lambda unit: unit.audit(row))
    return done


def run(task: Task) -> dict[str, Any]:
    """What the job does."""
    caller = Caller(task.job.created_by, frozenset(), task.job.id)
    done = replay_and_record(task.service, task.payload, caller, lambda count: task.progress(count, None))
    return done.to_json()


def _rows(
    service: Service, equal: Mapping[str, object], recorded: Span
) -> Iterator[tuple[EvaluationRow, EvaluationRow | None]]:
    """Evaluations of a period with those before them; the log may grow meanwhile."""
    first, last = service.store.read(lambda reads: reads.finding.places("evaluations", recorded))
    below = LAST if last is None else last
    while True:
        some = service.store.read(lambda reads, below=below: _some(reads, equal, below))  # type: ignore[misc]
        for numbered, earlier in some:
            if first is not None and numbered.seq <= first:
                return
            if _is_in(numbered.row.recorded_at, recorded):
                yield numbered.row, earlier
        if len(some) < CHUNK:
            return
        below = some[-1][0].seq


def _some(reads: Reads, equal: Mapping[str, object], below: int) -> list[tuple[Numbered, EvaluationRow | None]]:
    found = reads.evaluations(equal, EVER, below, CHUNK)
    return [(one, earlier_of(reads, one.row)) for one in found]


def _is_in(at: int, span: Span) -> bool:
    low, high = span
    return (low is None or low <= at) and (high is None or at < high)
