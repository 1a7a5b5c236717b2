"""Find decisions in the log, newest first, page by page; and read one evaluation's record.

A page neither repeats nor skips, whatever is recorded meanwhile: it goes on below a place in the log. Its cursor is
bound to the filter it was given for.
Source: docs/api.md, "Audit".
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from service.audit.record import all_decisions, decision_id
from service.audit.rows import ChangeRow, EvaluationRow, Numbered
from service.errors import Fault, InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.ports import Reads, Span
from service.operations.service import Service

LAST = 1 << 62
MOST_LOOKED_AT = 2_000
"""The most evaluations that one page looks through; then it ends early and says where to go on."""
CHUNK = 100
OF_EVALUATIONS = ("profile_id", "ruleset", "version")
"""The filters that a whole evaluation fits or not."""


class Place(NamedTuple):
    """Where a page begins: the entry `seq` of the log, and the position among its decisions."""

    seq: int
    position: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which decisions to find: columns that must equal values, a range of `at`, and whether only changes."""

    equal: Mapping[str, object]
    between: Span
    everything: bool

    def fingerprint(self) -> str:
        """What binds a cursor to this filter."""
        return sha256(repr((sorted(self.equal.items()), self.between, self.everything)).encode()).hexdigest()[:16]


def list_decisions(
    service: Service, wanted: Filter, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """The decisions that fit, and the cursor of the next page. `InvalidRequest` for a cursor that is not of this
    filter.
    """
    start = Place(LAST, 0) if cursor is None else _read_cursor(cursor, wanted)

    def job(reads: Reads) -> tuple[list[dict[str, Any]], Place | None]:
        return _expanded(reads, wanted, start, limit) if wanted.everything else _changes(reads, wanted, start, limit)

    items, following = service.store.read(job)
    return items, following and _write_cursor(following, wanted)


def read_timeline(
    service: Service, profile_id: str, ruleset: str | None, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Every change of a profile under one ruleset or all, newest first, page by page."""
    equal = {"profile_id": profile_id} | ({} if ruleset is None else {"ruleset": ruleset})
    return list_decisions(service, Filter(equal, (None, None), everything=False), cursor, limit)


def read_evaluation(service: Service, evaluation_id: str) -> bytes:
    """The record of one evaluation, exactly as it was written; `NotFound` if there is none."""
    row = service.store.read(lambda reads: reads.evaluation(evaluation_id))
    if row is None:
        raise NotFound(f"there is no evaluation `{evaluation_id}`")
    return row.record.encode()


def _changes(reads: Reads, wanted: Filter, start: Place, limit: int) -> tuple[list[dict[str, Any]], Place | None]:
    rows = reads.changes(wanted.equal, wanted.between, start.seq, limit + 1)
    following = Place(rows[limit - 1].seq, 0) if len(rows) > limit else None
    return [_change_json(found.row) for found in rows[:limit]], following


def _expanded(reads: Reads, wanted: Filter, start: Place, limit: int) -> tuple[list[dict[str, Any]], Place | None]:
    """Decisions of every kind, spelled out from the records."""
    items: list[dict[str, Any]] = []
    for place, item in _spelled_out(reads, wanted, start):
        if item is None or len(items) == limit:
            return items, place
        items.append(item)
    return items, None


def _spelled_out(reads: Reads, wanted: Filter, start: Place) -> Iterator[tuple[Place, dict[str, Any] | None]]:
    """The decisions that fit, with their places; at the end of the looking a place without a decision, if there may be
    more.
    """
    equal = {name: value for name, value in wanted.equal.items() if name in OF_EVALUATIONS}
    rest = [(_SHOWN.get(name, name), value) for name, value in wanted.equal.items() if name not in OF_EVALUATIONS]
    below, looked_at = start.seq + 1, 0
    while rows := reads.evaluations(equal, wanted.between, below, CHUNK):
        if looked_at >= MOST_LOOKED_AT:
            yield Place(rows[0].seq, 0), None
            return
        for numbered in rows:
            first = start.position if numbered.seq == start.seq else 0
            for position, item in enumerate(_decisions_of(numbered)):
                if position >= first and all(item[name] == value for name, value in rest):
                    yield Place(numbered.seq, position), item
        below, looked_at = rows[-1].seq, looked_at + len(rows)


def _decisions_of(numbered: Numbered) -> list[dict[str, Any]]:
    row = numbered.row
    outcome = json.loads(row.record, parse_float=Decimal)["outcome"]
    return [_decision_json(row, position, one) for position, one in enumerate(all_decisions(outcome))]


_SHOWN = {"source": "from", "target": "to"}


def _change_json(row: ChangeRow) -> dict[str, Any]:
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
    }


def _write_cursor(place: Place, wanted: Filter) -> str:
    text = json.dumps([wanted.fingerprint(), *place])
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, wanted: Filter) -> Place:
    try:
        fingerprint, seq, position = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if fingerprint == wanted.fingerprint() and 0 <= seq <= LAST and 0 <= position <= LAST:
            return Place(int(seq), int(position))
    except (ValueError, TypeError):
        pass
    fault = Fault("/cursor", "wrong-value", "expected the `next` of a reply to the same query")
    raise InvalidRequest("the request has faults", [fault])
