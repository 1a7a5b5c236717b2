"""Recorded evaluations -> their decisions as an evidence pack tells them: what changed, why, and from which values.

Each is decided again from its record, to say in words what its conditions were; if that does not give what was
recorded, the record stands, and no words are added. Of what was erased the bare changes remain.
Source: docs/log-format.md, "Evidence packs".
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from service.audit.find_rows import Sought
from service.audit.record import decision_id, outcome_json, write_instant
from service.audit.rows import EvaluationRow
from service.engine.explain import explain_decision, explain_leaves
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.errors import Conflict, NotFound
from service.language.canonical import canonical_bytes
from service.operations.auditing.export_scope import Loaded
from service.operations.auditing.find import COLUMNS, change_json
from service.operations.auditing.recall import before_of, ground_of
from service.operations.ports import Reads
from service.operations.service import Service

PACKED = ("position", *COLUMNS, "erased")
"""The columns of decisions as CSV; as JSON they have the reasons besides."""
MOST_CHANGES = 10_000
Decision = dict[str, Any]


def plain_decisions(service: Service, loaded: list[Loaded]) -> Iterator[Decision]:
    """The changes of the evaluations that were asked for, without reasons."""
    for one in loaded:
        if one.evaluation is not None and one.is_asked:
            yield from _changes(service, one.position, one.evaluation)


def reasoned_decisions(service: Service, loaded: list[Loaded]) -> Iterator[Decision]:
    """The same, each with a sentence, its conditions with the values they had, and what they were joined of."""
    wanted = [(one.position, one.evaluation) for one in loaded if one.evaluation is not None and one.is_asked]
    rows = [row for _, row in wanted]
    earlier = service.store.read(lambda reads: [_earlier(reads, row) for row in rows])
    for (position, row), before in zip(wanted, earlier, strict=True):
        reasons = _reasons(service, row, before)
        for number, decision in enumerate(_changes(service, position, row)):
            yield {**decision, "reason": reasons[number] if reasons else None}


def _changes(service: Service, position: int, row: EvaluationRow) -> list[Decision]:
    if not row.record:
        sought = Sought({"profile_id": row.profile_id, "evaluation_id": row.id})
        found, _ = service.store.read(lambda reads: reads.finding.changes(sought, None, MOST_CHANGES))
        return [{"position": position, **change_json(one.row), "erased": True} for one in reversed(found)]
    decided = _outcome(row)["decisions"]
    return [_told(position, row, number, one) for number, one in enumerate(decided)]


def _told(position: int, row: EvaluationRow, number: int, one: Mapping[str, Any]) -> Decision:
    found = {
        "position": position,
        "id": decision_id(row.id, number),
        "evaluation_id": row.id,
        "at": write_instant(row.at),
        "recorded_at": write_instant(row.recorded_at),
        "ruleset": row.ruleset,
        "version": row.version,
        "profile_id": row.profile_id,
        "trigger": row.trigger,
        "actor": row.actor,
        "request_id": row.request_id,
        "movement": None,
        "erased": False,
        **one,
    }
    return {name: found[name] for name in PACKED}


def _reasons(service: Service, row: EvaluationRow, earlier: EvaluationRow | None) -> list[dict[str, Any]] | None:
    """Why each change came; `None` if it can't be found out."""
    try:
        ground = ground_of(service.programs, row, earlier)
    except (Conflict, NotFound):
        return None
    outcome, program = ground.decide(), ground.published.program
    shown = outcome_json(outcome, ground.published.tags, ground.published.instants)
    if canonical_bytes(shown["decisions"]) != canonical_bytes(ground.record["outcome"]["decisions"]):
        return None
    say = Sentences(outcome.run, Walk(outcome.run))
    found = []
    for one in outcome.decisions:
        told = explain_decision(program, say, one)
        leaves = explain_leaves(program, say, one)
        found.append({"sentence": told["sentence"], "conditions": told["conditions"], "leaves": leaves})
    return found


def _outcome(row: EvaluationRow) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(row.record, parse_float=Decimal)["outcome"]
    return found


def _earlier(reads: Reads, row: EvaluationRow) -> EvaluationRow | None:
    try:
        return before_of(reads, row)
    except Conflict:  # nothing can be decided again; it is told without reasons
        return None
