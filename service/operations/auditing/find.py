"""Find decisions in the log, and evaluations, newest first, page by page; count them; read one evaluation's record.

A page neither repeats nor skips, whatever is recorded meanwhile: it goes on below a place in the log. Its cursor is
bound to the filter it was given for. No page looks at more than some thousand rows; where few of many fit, it ends
early, even empty, and says where to go on.
Source: docs/api.md, "Audit".
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from service.audit.find_rows import EVER, HeadRow, Place, Sought, Span
from service.audit.record import all_decisions, decision_id
from service.audit.rows import ChangeRow, EvaluationRow, Numbered
from service.errors import NotFound
from service.language.instants import write_instant
from service.operations.auditing.erase import refuse_gone
from service.operations.cursors import LAST, read_cursor, write_cursor
from service.operations.ports import Reads
from service.operations.service import Service

MOST_LOOKED_AT = 2_000
"""The most evaluations that one page looks through for what did not change."""
CHUNK = 100
MOST_COUNTED = 10_000
"""How far decisions are counted."""
COLUMNS = (
    "id",
    "evaluation_id",
    "at",
    "recorded_at",
    "ruleset",
    "version",
    "profile_id",
    "kind",
    "key",
    "outcome",
    "movement",
    "from",
    "to",
    "rule",
    "cause",
    "trigger",
    "actor",
    "request_id",
)
"""The columns of decisions as CSV."""
OF_EVALUATIONS = ("profile_id", "ruleset", "version", "trigger", "actor", "request_id")
"""The filters that a whole evaluation fits or not."""


class Spot(NamedTuple):
    """Where a page of all decisions begins: the entry `seq` of the log, and the position among its decisions."""

    seq: int
    position: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which decisions to find: columns that must equal values, a range of `at`, whether not only changes, and a range
    of the time of recording.
    """

    equal: Mapping[str, object]
    between: Span
    everything: bool
    recorded: Span = EVER

    @property
    def sought(self) -> Sought:
        """What the store is asked for."""
        return Sought(dict(sorted(self.equal.items())), self.between, self.recorded)


def list_decisions(
    service: Service, wanted: Filter, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """The decisions that fit, and the cursor of the next page. `InvalidRequest` for a cursor that is not of this
    filter.
    """
    question = (wanted.sought, wanted.everything)
    place = None if cursor is None else read_cursor(cursor, question, 2)

    def job(reads: Reads) -> tuple[list[dict[str, Any]], Place | None]:
        if wanted.everything:
            return _expanded(reads, wanted, Spot(LAST, 0) if place is None else Spot(*place), limit)
        rows, following = reads.finding.changes(wanted.sought, place, limit)
        return [change_json(found.row) for found in rows], following

    items, following = service.store.read(job)
    return items, write_cursor(question, following)


def count_decisions(service: Service, wanted: Filter) -> dict[str, Any]:
    """How many changes fit: `count`, exact or else the least there are. Counting ends at some thousands."""
    count, is_all = service.store.read(lambda reads: reads.finding.count_changes(wanted.sought, MOST_COUNTED))
    return {"count": count, "exact": is_all}


def read_timeline(
    service: Service, profile_id: str, ruleset: str | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Every change of a profile under one ruleset or all, newest first, page by page."""
    equal = {"profile_id": profile_id} | ({} if ruleset is None else {"ruleset": ruleset})
    return list_decisions(service, Filter(equal, EVER, everything=False), cursor, limit)


def list_evaluations(
    service: Service, sought: Sought, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Evaluations that fit, newest recorded first, without their content; and the cursor of the next page."""
    question = ("evaluations", sought)
    place = None if cursor is None else read_cursor(cursor, question, 1)
    rows, following = service.store.read(lambda reads: reads.finding.evaluations(sought, place, limit))
    return [head_json(row) for row in rows], write_cursor(question, following)


def read_evaluation(service: Service, evaluation_id: str) -> bytes:
    """The record of one evaluation, exactly as it was written; `NotFound` if there is none, `Conflict` (`erased`) if
    its content was erased.
    """

    def job(reads: Reads) -> bytes:
        row = reads.evaluation(evaluation_id)
        if row is None:
            raise NotFound(f"there is no evaluation `{evaluation_id}`")
        refuse_gone(reads, row)
        return row.record.encode()

    return service.store.read(job)


def _expanded(reads: Reads, wanted: Filter, start: Spot, limit: int) -> tuple[list[dict[str, Any]], Place | None]:
    """Decisions of every kind, spelled out from the records."""
    items: list[dict[str, Any]] = []
    for spot, item in _spelled_out(reads, wanted, start):
        if item is None or len(items) == limit:
            return items, spot
        items.append(item)
    return items, None


def _spelled_out(reads: Reads, wanted: Filter, start: Spot) -> Iterator[tuple[Spot, dict[str, Any] | None]]:
    """The decisions that fit, with their spots; at the end of the looking a spot without a decision, if there may be
    more.
    """
    equal = {name: value for name, value in wanted.equal.items() if name in OF_EVALUATIONS}
    rest = [(_SHOWN.get(name, name), value) for name, value in wanted.equal.items() if name not in OF_EVALUATIONS]
    first, last = reads.finding.places("evaluations", wanted.recorded)
    below, looked_at = min(start.seq + 1, LAST if last is None else last), 0
    while rows := reads.evaluations(equal, wanted.between, below, CHUNK):
        if looked_at >= MOST_LOOKED_AT:
            yield Spot(rows[0].seq, 0), None
            return
        for numbered in rows:
            if first is not None and numbered.seq <= first:
                return
            begin = start.position if numbered.seq == start.seq else 0
            for position, item in enumerate(_decisions_of(reads, numbered) if _is_in(numbered, wanted) else ()):
                if position >= begin and all(item[name] == value for name, value in rest):
                    yield Spot(numbered.seq, position), item
        below, looked_at = rows[-1].seq, looked_at + len(rows)


def _is_in(numbered: Numbered, wanted: Filter) -> bool:
    low, high = wanted.recorded
    return (low is None or low <= numbered.row.recorded_at) and (high is None or numbered.row.recorded_at < high)


def _decisions_of(reads: Reads, numbered: Numbered) -> list[dict[str, Any]]:
    """All decisions of an evaluation; of one whose content was erased, its changes are still there."""
    row = numbered.row
    if not row.record:
        sought = Sought({"profile_id": row.profile_id, "evaluation_id": row.id})
        changes, _ = reads.finding.changes(sought, None, MOST_LOOKED_AT)
        return [change_json(one.row) for one in reversed(changes)]
    outcome = json.loads(row.record, parse_float=Decimal)["outcome"]
    return [_decision_json(row, position, one) for position, one in enumerate(all_decisions(outcome))]


_SHOWN = {"source": "from", "target": "to"}


def change_json(row: ChangeRow) -> dict[str, Any]:
    """A change as JSON values."""
    return {
        "id": decision_id(row.evaluation_id, row.position),
        "evaluation_id": row.evaluation_id,
        "at": write_instant(row.at),
        "recorded_at": write_instant(row.recorded_at),
        "ruleset": row.ruleset,
        "version": row.version,
        "profile_id": row.profile_id,
        "kind": row.kind,
        "key": row.key,
        "outcome": row.outcome,
        "movement": row.movement,
        "from": row.source,
        "to": row.target,
        "rule": row.rule,
        "cause": row.cause,
        "trigger": row.trigger,
        "actor": row.actor,
        "request_id": row.request_id,
    }


def head_json(row: HeadRow) -> dict[str, Any]:
    """An evaluation without its content, as JSON values."""
    return {
        "id": row.id,
        "at": write_instant(row.at),
        "recorded_at": write_instant(row.recorded_at),
        "ruleset": row.ruleset,
        "version": row.version,
        "digest": row.digest,
        "engine": row.engine,
        "profile_id": row.profile_id,
        "trigger": row.trigger,
        "actor": row.actor,
        "request_id": row.request_id,
        "erased": row.erased_by is not None,
    }


def _decision_json(row: EvaluationRow, position: int, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": decision_id(row.id, position),
        "evaluation_id": row.id,
        "at": write_instant(row.at),
        "recorded_at": write_instant(row.recorded_at),
        "ruleset": row.ruleset,
        "version": row.version,
        "profile_id": row.profile_id,
        "movement": None,
        **one,
        "trigger": row.trigger,
        "actor": row.actor,
        "request_id": row.request_id,
    }
