"""The page of one evaluation: what was decided and why, from what, by whose rules; decided again; and its proof."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson

from service.audit.checkpoint import Checkpoint, read_checkpoint
from service.audit.find_rows import EVER
from service.audit.proof import write_proof
from service.audit.rows import VersionRow
from service.console.finding.segment_pages import profile_path
from service.console.naming import Names, utc
from service.console.page import Reaction, Sent, Shown, Visit
from service.console.telling import Told, changed, coming, explained, facts_of, scores_of, standing
from service.console.texts import Speaker, speaker
from service.errors import Conflict, InvalidRequest, NotFound
from service.language.instants import write_instant
from service.operations.auditing.explain import About, explain_evaluation
from service.operations.auditing.find import Filter, list_decisions, read_evaluation
from service.operations.auditing.prove import Proven, prove_entry
from service.operations.auditing.replay import replay_evaluation
from service.operations.programs import Published
from service.operations.replies import json_text

MOST_CHANGES = 200
TRIALS = 3_000
"""How many runs may be spent on what would have been nearest."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """The proof of an evaluation, and the checkpoint that it is under; or why there is none yet."""

    proven: Proven | None
    checkpoint: Checkpoint | None = None
    reason: str = ""


def show_evaluation(visit: Visit) -> Reaction:
    """One evaluation; with `file` its record or its proof as a file."""
    evaluation_id, file = visit.path["evaluation_id"], visit.query.get("file")
    if file == "proof":
        text = write_proof(prove_entry(visit.service, evaluation_id).proof)
        return _file(text.encode(), f"{evaluation_id}.tlog-proof", "text/plain; charset=utf-8")
    try:
        record = read_evaluation(visit.service, evaluation_id)
    except Conflict as gone:
        if gone.code != "erased":
            raise
        return _erased(visit, gone)
    if file == "record":
        return _file(record, f"{evaluation_id}.json", "application/json")
    return _whole(visit, record)


def _file(content: bytes, name: str, kind: str) -> Sent:
    return Sent(content, kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _whole(visit: Visit, text: bytes) -> Shown:
    service, t = visit.service, speaker(visit.language)
    record: Mapping[str, Any] = json.loads(text, parse_float=Decimal)
    key, version = record["ruleset"]["key"], record["ruleset"]["version"]
    published = service.programs.published(key, version)
    names = Names(published.program, t)
    row = service.store.read(lambda reads: reads.version(key, version))
    values = {
        **_head(names, record),
        "path": profile_path(record["profile_id"]),
        "standing": standing(names, record["outcome"]),
        "facts": facts_of(names, record["facts"], record["defaulted"]),
        "event": record["event"] and _event(names, record["event"]),
        "manual": record["manual"] and _manual(names, record["manual"]),
        "previous": record["previous"],
        "version": _version(row),
        "why": _why(visit, names),
        "replay": _replay(visit, names, published),
        "sealed": _sealed(visit),
        "raw": orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode(),
    }
    return Shown("evaluation.html", values)


def _head(names: Names, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "profile_id": record["profile_id"],
        "ruleset": record["ruleset"],
        "ruleset_title": names.t.text(names.program.ruleset.title, record["ruleset"]["key"]),
        "at": names.instant(record["at"]),
        "timezone": names.program.ruleset.timezone,
        "recorded_at": utc(record["recorded_at"]),
        "trigger": record["trigger"],
        "actor": record["actor"],
        "engine": record["engine"],
        "request_id": record["request_id"],
        "actions": record["actions"],
    }


def _event(names: Names, event: Mapping[str, Any]) -> Told:
    return {"title": names.of("event", event["type"]), "text": event["text"], "at": names.instant(event["at"])}


def _manual(names: Names, manual: Mapping[str, Any]) -> Told:
    return {**manual, "title": names.of("tag", manual["tag"])}


def _version(row: VersionRow | None) -> Told | None:
    """By whose rules it was decided."""
    if row is None:
        return None
    return {
        "number": row.version,
        "author": row.author,
        "approved_by": row.approved_by,
        "comment": row.comment,
        "published_at": utc(write_instant(row.published_at)),
    }


def _why(visit: Visit, names: Names) -> Told | None:
    """Why all came out so; what was asked about with the nearest changes. `None` if it can't be decided again."""
    evaluation_id, focus = visit.path["evaluation_id"], _focus(visit)
    try:
        told = explain_evaluation(visit.service, evaluation_id, About(), visit.language, trials=0)
        if focus is not None:
            near = explain_evaluation(visit.service, evaluation_id, About(*focus), visit.language, trials=TRIALS)
            better = {(one["kind"], one["key"], one["outcome"]): one for one in near["decisions"]}
            told["decisions"] = [
                better.get((one["kind"], one["key"], one["outcome"]), one) for one in told["decisions"]
            ]
    except (Conflict, NotFound):
        return None
    return {
        "groups": explained(names, told["decisions"], focus),
        "scores": scores_of(names, told["scores"]),
        "actions": told["actions"],
        "is_focused": focus is not None,
    }


def _focus(visit: Visit) -> tuple[str, str] | None:
    kind, key = visit.query.get("kind", ""), visit.query.get("key", "")
    return (kind, key) if kind and key else None


def _replay(visit: Visit, names: Names, published: Published) -> Told | None:
    """What deciding again gave, if it was asked for."""
    asked = visit.query.get("replay")
    if asked is None:
        return None
    version = int(asked) if asked.isdecimal() and len(asked) < len("1000000000") else published.version
    body = {} if version in {0, published.version} else {"version": version}
    try:
        found = replay_evaluation(visit.service, visit.path["evaluation_id"], body)
    except (NotFound, InvalidRequest) as refused:
        return {"result": "refused", "reason": refused.detail, "differences": [], "version": version}
    reason = found["reason"] and found["reason"][visit.language]
    return {**found, "reason": reason, "differences": [_difference(names, one) for one in found["differences"]]}


def _difference(names: Names, one: Mapping[str, Any]) -> Told:
    """One difference: what it is about, what was recorded, and what came out now."""
    kind, key = one["kind"], one["key"]
    title = {"tag": "tag", "tier": "tier", "score": "score", "value": "value", "action": "action"}.get(kind)
    return {
        "title": names.t("decision.stage") if kind == "stage" else names.of(title, key) if title else kind,
        "before": _side(names, kind, one["before"]),
        "after": _side(names, kind, one["after"]),
    }


def _side(names: Names, kind: str, found: Any) -> str:
    """One side of a difference: decisions in words, numbers as they are, anything else as it was recorded."""
    if isinstance(found, list) and found and isinstance(found[0], dict) and "outcome" in found[0]:
        return "; ".join(coming(names, one) for one in found)
    if isinstance(found, Mapping) and kind == "score":
        return names.output(found["value"])
    if found is None or isinstance(found, str | bool | int | Decimal):
        return names.output(found)
    return json_text(found).decode()


def _sealed(visit: Visit) -> Sealed:
    t: Speaker = speaker(visit.language)
    try:
        proven = prove_entry(visit.service, visit.path["evaluation_id"])
    except Conflict:
        return Sealed(None, reason=t("evaluation.unsealed"))
    except NotFound:
        return Sealed(None, reason=t("evaluation.no_log"))
    return Sealed(proven, read_checkpoint(proven.proof.note.partition("\n\n")[0]))


def _erased(visit: Visit, gone: Conflict) -> Shown:
    """What is left of an evaluation whose content was erased: its changes, and its proof."""
    evaluation_id, t = visit.path["evaluation_id"], speaker(visit.language)
    row = visit.service.store.read(lambda reads: reads.evaluation(evaluation_id))
    assert row is not None
    equal = {"profile_id": row.profile_id, "evaluation_id": evaluation_id}
    rows, _ = list_decisions(visit.service, Filter(equal, EVER, everything=False), None, MOST_CHANGES)
    changes = [changed(Names(visit.service.programs.latest(row["ruleset"]).program, t), row) for row in rows]
    values = {"id": evaluation_id, "gone": gone.more.get("erased"), "changes": changes, "sealed": _sealed(visit)}
    return Shown("evaluation_erased.html", values)
