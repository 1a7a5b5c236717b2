"""A stored evaluation decided again: equal to the byte, or the difference named.

Also under another version or at another instant: then what would have come out otherwise. That one can't be decided
again, since its content was erased or its format is unknown, is an answer and no error. Nothing is written.
Source: docs/api.md, "Replay".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from typing import Any

from service.audit.record import outcome_json
from service.audit.rows import EvaluationRow
from service.engine import ENGINE_VERSION
from service.engine.decision import Outcome
from service.engine.evaluate import evaluate
from service.errors import Conflict, Fault, InvalidRequest, NotFound
from service.language.canonical import canonical_bytes
from service.language.instants import read_instant, write_instant
from service.operations.auditing.differences import differences, is_equal
from service.operations.auditing.recall import Ground, before_of, ground_of
from service.operations.ports import Reads
from service.operations.programs import Programs, Published
from service.operations.requests import INSTANT
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

VERSION: Shape = {"type": ["integer", "null"], "minimum": 1, "maximum": 10**9}
REPLAY: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "version": {**VERSION, "description": "Decide by this version instead of the one that decided."},
        "at": {**optional(INSTANT), "description": "Decide for this instant instead of the one decided for."},
    },
}
REASONS: Mapping[str, Mapping[str, str]] = {
    "erased": {"en": "its content was erased", "zh": "其内容已被删除"},
    "unknown-format": {"en": "its record has an unknown format", "zh": "其记录格式未知"},
    "no-version": {"en": "the version that decided it is not stored", "zh": "当时作出决定的版本已不存在"},
}
"""Why an evaluation can't be decided again."""


def replay_evaluation(service: Service, evaluation_id: str, body: object) -> dict[str, Any]:
    """Decide one evaluation again, and compare. `NotFound` without such an evaluation, or version to decide by;
    `InvalidRequest` with every fault, one of them an instant before what the evaluation began with.
    """
    found = faults(REPLAY, body)
    wish: Mapping[str, Any] = body if isinstance(body, dict) else {}
    if found:
        raise InvalidRequest("the request has faults", found)

    def job(reads: Reads) -> tuple[EvaluationRow, EvaluationRow | None]:
        row = reads.evaluation(evaluation_id)
        if row is None:
            raise NotFound(f"there is no evaluation `{evaluation_id}`")
        return row, earlier_of(reads, row)

    row, earlier = service.store.read(job)
    version = wish.get("version")
    published = None if version is None else service.programs.published(row.ruleset, int(version))
    return replay_row(service.programs, row, earlier, published, read_at(wish, "at"))


def earlier_of(reads: Reads, row: EvaluationRow) -> EvaluationRow | None:
    """The evaluation that left what this one began with, as far as its record says."""
    try:
        return before_of(reads, row)
    except Conflict:  # it can't be decided again; the reason is told when it is tried
        return None


def replay_row(
    programs: Programs,
    row: EvaluationRow,
    earlier: EvaluationRow | None,
    by: Published | None = None,
    at: int | None = None,
) -> dict[str, Any]:
    """Decide one evaluation again; `earlier` is the one that its record names as the one before, if it is there."""
    try:
        ground = ground_of(programs, row, earlier)
    except Conflict as refused:
        return {**_head(row, by, at), "result": "not_replayable", "reason": _reason(refused.code), "differences": []}
    except NotFound:
        return {**_head(row, by, at), "result": "not_replayable", "reason": _reason("no-version"), "differences": []}
    if by is None and at is None:
        return {**_head(row, by, at), **_same_again(row, ground)}
    outcome = _otherwise(ground, by or ground.published, at)
    found = differences(ground.record["outcome"], _shown(outcome, by or ground.published), causes=True)
    return {**_head(row, by, at), "result": "different" if found else "equal", "reason": None, "differences": found}


def _same_again(row: EvaluationRow, ground: Ground) -> dict[str, Any]:
    """The decision made again by the same version, compared byte by byte.

    Where the record before it is gone, causes can't be found again; then they are left out of the comparison.
    """
    outcome = ground.decide()
    shown = _shown(outcome, ground.published)
    again = canonical_bytes({**ground.record, "outcome": shown, "state": outcome.state.to_json()})
    if again == row.record.encode():
        return {"result": "equal", "reason": None, "differences": []}
    found = differences(ground.record["outcome"], shown, causes=ground.is_whole)
    state = outcome.state.to_json()
    if not found and not is_equal(ground.record["state"], state):
        found = [{"kind": "state", "key": "", "before": ground.record["state"], "after": state}]
    elif not found and ground.is_whole:
        found = [{"kind": "outcome", "key": "", "before": ground.record["outcome"], "after": shown}]
    return {"result": "different" if found else "equal", "reason": None, "differences": found}


def _otherwise(ground: Ground, published: Published, at: int | None) -> Outcome:
    """What comes out by another version, or at another instant: then with all that time had brought by then."""
    ground = _under(ground, published)
    if at is None:
        return ground.decide(published.program)
    before = ground.before
    if before is not None and at < before.at:
        message = f"expected an instant from `{write_instant(before.at)}` on, when the profile was decided before"
        raise InvalidRequest("the request has faults", [Fault("/at", "wrong-value", message)])
    return evaluate(
        published.program,
        ground.profile_id,
        ground.facts_for(published.program),
        before,
        at=at,
        event=ground.event,
        manual=ground.manual,
        quiet=ground.quiet,
        rules_fire=ground.rules_fire,
    )[-1]


def _under(ground: Ground, published: Published) -> Ground:
    """What the version can make of it: without an event, or a word on a tag, that it does not know."""
    manual, event = ground.manual, ground.event
    if manual is not None:
        tag = published.program.aliases.get(f"tag/{manual.tag}", manual.tag)
        manual = manual._replace(tag=tag) if tag in published.program.tags else None
    known = event if event is not None and event.type in published.events else None
    return replace(ground, manual=manual, event=known)


def _shown(outcome: Outcome, published: Published) -> dict[str, Any]:
    return outcome_json(outcome, published.tags, published.instants)


def _head(row: EvaluationRow, by: Published | None, at: int | None) -> dict[str, Any]:
    return {
        "evaluation_id": row.id,
        "ruleset": row.ruleset,
        "recorded_version": row.version,
        "version": row.version if by is None else by.version,
        "at": write_instant(row.at if at is None else at),
        "engine": {"recorded": row.engine, "present": ENGINE_VERSION, "same": row.engine == ENGINE_VERSION},
    }


def _reason(code: str) -> dict[str, Any]:
    return {"code": code, **REASONS[code]}


def read_at(given: Mapping[str, Any], name: str) -> int | None:
    """An instant of a body; without an offset, in UTC. `InvalidRequest` for another text."""
    text = given.get(name)
    try:
        return None if text is None else read_instant(text, UTC)
    except ValueError:
        fault = Fault(f"/{name}", "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`")
        raise InvalidRequest("the request has faults", [fault]) from None
