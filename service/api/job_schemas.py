"""What replies about jobs look like, as JSON Schema. Data only; see `schemas`."""

from collections.abc import Mapping

from service.api.schemas import INSTANT, KINDS, MAYBE_INSTANT, MAYBE_TEXT, TEXT, WORDS, maps, members, page
from service.operations.shapes import Shape

STATES = ("queued", "running", "done", "failed", "cancelled")
JOB: Mapping[str, Shape] = {
    "id": TEXT,
    "kind": {**TEXT, "examples": ["simulate"]},
    "ruleset": MAYBE_TEXT,
    "digest": {**MAYBE_TEXT, "description": "Of the version or draft that it is about."},
    "against": {**MAYBE_TEXT, "description": "The digest of what it is compared with."},
    "state": {"enum": list(STATES)},
    "done": {"type": "integer", "description": "How many steps are behind it."},
    "total": {"type": ["integer", "null"], "description": "Of how many, once that is known."},
    "error": {
        **members({"code": TEXT, "message": TEXT}),
        "type": ["object", "null"],
        "description": "Why it failed.",
    },
    "created_by": TEXT,
    "created_at": INSTANT,
    "started_at": MAYBE_INSTANT,
    "finished_at": MAYBE_INSTANT,
    "cancel_requested_at": MAYBE_INSTANT,
}

COUNT: Shape = {"type": "integer"}
SHARE: Shape = {"type": ["number", "null"]}
SIDES: Mapping[str, Shape] = {"before": COUNT, "after": COUNT}
PLACE: Mapping[str, Shape] = {"kind": {"enum": list(KINDS)}, "key": TEXT}
MOVE: Mapping[str, Shape] = {**PLACE, "from": MAYBE_TEXT, "to": MAYBE_TEXT}
FLOW: Shape = {
    "type": "array",
    "items": members({"from": MAYBE_TEXT, "to": MAYBE_TEXT, "profiles": COUNT}),
    "description": "From what the version in force says to what the draft says.",
}
REASON: Shape = {"type": ["object", "null"], "description": "The rule, and what its conditions were."}


def _listed(found: Mapping[str, Shape]) -> Shape:
    return {"type": "array", "items": members(found)}


SIMULATED: Shape = members(
    {
        "ruleset": TEXT,
        "active": members({"version": COUNT, "digest": TEXT}),
        "draft": members({"digest": TEXT}),
        "at": INSTANT,
        "sample": {**members({"size": COUNT, "seed": COUNT}), "type": ["object", "null"]},
        "of": {**COUNT, "description": "How many profiles there are."},
        "simulated": {**COUNT, "description": "How many were decided by both."},
        "failed": COUNT,
        "moved": {
            **members({"profiles": COUNT, "share": SHARE, "low": SHARE, "high": SHARE}),
            "description": "Who has another tag, band or stage; of all, the share is between `low` and `high` at 95 %.",
        },
        "tags": _listed({"key": TEXT, "title": WORDS, "gained": COUNT, "lost": COUNT, "kept": COUNT}),
        "tiers": _listed({"key": TEXT, "title": WORDS, "flow": FLOW}),
        "stages": FLOW,
        "values": _listed({"key": TEXT, "title": WORDS, "changed": COUNT}),
        "actions": _listed({"key": TEXT, "title": WORDS, **SIDES}),
        "undetermined": _listed({**PLACE, **SIDES}),
        "missing": _listed({"attribute": TEXT, **SIDES}),
        "examples": _listed({"profile_id": TEXT, **MOVE, "sentence": maps(TEXT), "before": REASON, "after": REASON}),
        "failures": _listed({"profile_id": TEXT, "code": TEXT, "message": TEXT}),
    }
)
SHADOW: Shape = members(
    {
        "ruleset": TEXT,
        "digest": {**TEXT, "description": "Of the draft as it was saved."},
        "version": {**COUNT, "description": "The version beside which it decides."},
        "share": {"type": "number"},
        "started_by": TEXT,
        "started_at": INSTANT,
        "ends_at": INSTANT,
        "ended_at": MAYBE_INSTANT,
        "reason": {"enum": ["time-over", "draft-changed", "version-changed", None]},
        "compared": {**COUNT, "description": "How many evaluations were decided by both."},
        "moved": {**COUNT, "description": "How many of them came out otherwise."},
        "failed": {**COUNT, "description": "How many the draft could not decide."},
        "dropped": {**COUNT, "description": "How many were not looked at, for want of time."},
        "differences": _listed({**MOVE, "times": COUNT}),
        "samples": _listed(
            {"profile_id": TEXT, "at": INSTANT, "live": {"type": "object"}, "draft": {"type": "object"}}
        ),
    }
)

JOB_SCHEMAS: Mapping[str, Shape] = {
    "JobSummary": members(JOB),
    "JobPage": page("JobSummary"),
    "Job": members(
        {**JOB, "result": {"description": "What it found, when it is done; its form follows its kind."}},
        leaving_out=("result",),
    ),
    "Simulated": SIMULATED,
    "Shadow": SHADOW,
}
"""Every named shape of a reply about jobs."""
