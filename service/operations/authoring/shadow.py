"""A draft that watches live traffic: it decides beside the version in force, with no effect on anything, and what would
have come out otherwise is counted.

It belongs to one draft as it was saved and to one version: when either changes, or when its days are over, it ends, and
what it found stays to be read. It sees what requests decide, not what time brings.
Source: docs/api.md, "Shadow".
"""

from typing import Any

import orjson

from service.audit.job_rows import ShadowCountRow, ShadowRow, ShadowSampleRow
from service.audit.record import write_instant
from service.errors import InvalidRequest, NotFound
from service.operations.authoring.drafts import existing, read_draft
from service.operations.authoring.simulate import read_program
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service
from service.operations.shapes import Shape, faults

DAY = 86_400_000
MOST_DAYS = 90
START_SHADOW: Shape = {
    "type": "object",
    "required": ["share", "days"],
    "additionalProperties": False,
    "properties": {
        "share": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "description": "Of which share of the profiles, 0 to 1; always the same ones.",
        },
        "days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "description": "After how many days it ends."},
    },
}


def start_shadow(service: Service, key: str, body: object, caller: Caller) -> dict[str, Any]:
    """Have a draft watch from now on, in place of one that did before.

    `NotFound` without a draft or a version in force, `RulesetRejected` if the draft has errors.
    """
    found = faults(START_SHADOW, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    active = service.programs.active(key)
    draft = read_draft(service, key)
    read_program(draft.document)
    now = service.clock()
    row = ShadowRow(
        ruleset=key,
        digest=draft.digest,
        version=active.version,
        share=float(body["share"]),
        started_by=caller.actor,
        started_at=now,
        ends_at=now + body["days"] * DAY,
    )
    detail = {"digest": row.digest, "share": row.share, "days": body["days"]}

    def job(unit: Unit) -> None:
        unit.alone(f"shadow {key}")
        existing(unit, key)
        unit.shadows.start(row)
        unit.audit(audit_row(service, caller, "ruleset.shadow_started", key, detail))

    service.store.write(job)
    return read_shadow(service, key)


def read_shadow(service: Service, key: str) -> dict[str, Any]:
    """What a draft that watches, or watched, has found; `NotFound` if none did."""

    def job(reads: Reads) -> tuple[ShadowRow, list[ShadowCountRow], list[ShadowSampleRow]]:
        row = reads.shadows.shadow(key)
        if row is None:
            raise NotFound(f"no draft of `{key}` watches")
        return row, reads.shadows.counts(key), reads.shadows.samples(key)

    row, counts, samples = service.store.read(job)
    return {
        "ruleset": row.ruleset,
        "digest": row.digest,
        "version": row.version,
        "share": row.share,
        "started_by": row.started_by,
        "started_at": write_instant(row.started_at),
        "ends_at": write_instant(row.ends_at),
        "ended_at": None if row.ended_at is None else write_instant(row.ended_at),
        "reason": row.reason,
        **{name: getattr(row, name) for name in ("compared", "moved", "failed", "dropped")},
        "differences": [
            {
                "kind": one.kind,
                "key": one.key,
                "from": one.source or None,
                "to": one.target or None,
                "times": one.times,
            }
            for one in counts
        ],
        "samples": [
            {
                "profile_id": one.profile_id,
                "at": write_instant(one.at),
                "live": orjson.Fragment(one.live),
                "draft": orjson.Fragment(one.draft),
            }
            for one in samples
        ],
    }


def end_shadow(service: Service, key: str, caller: Caller) -> None:
    """Have a draft watch no more, and forget what it found; `NotFound` if none did."""

    def job(unit: Unit) -> None:
        unit.alone(f"shadow {key}")
        row = unit.shadows.shadow(key)
        if row is None:
            raise NotFound(f"no draft of `{key}` watches")
        unit.shadows.drop(key)
        unit.audit(audit_row(service, caller, "ruleset.shadow_ended", key, {"digest": row.digest}))

    service.store.write(job)
