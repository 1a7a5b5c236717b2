"""The rows of the table of routes that say why."""

from collections.abc import Mapping

from service.api.explaining import absence, explanation
from service.api.route import JSON, Route
from service.api.schemas import (
    ALL_OUTCOMES,
    CAUSES,
    INSTANT,
    KINDS,
    MAYBE_INSTANT,
    MAYBE_TEXT,
    PUBLISHED,
    TEXT,
    TEXTS,
    members,
)
from service.api.terms import LOG_READERS, STATE_READERS, TERM
from service.operations.check import LANGUAGES
from service.operations.requests import INSTANT as ASKED
from service.operations.shapes import Shape

_NUMBER: Shape = {"type": "number"}
_MAYBE_NUMBER: Shape = {"type": ["number", "null"]}
_LANGUAGE: Mapping[str, Shape] = {"language": {"type": "string", "enum": list(LANGUAGES)}}
_ANY: Shape = {"description": "A JSON value."}

CHANGE: Shape = {
    "description": "An attribute with another value (null for one left out), or an event.",
    "anyOf": [
        members({"attribute": TEXT, "title": TEXT, "from": _ANY, "to": _ANY}),
        members({"event": TEXT, "title": TEXT, "text": MAYBE_TEXT}),
    ],
}
SUGGESTION: Shape = members(
    {
        "to": TEXT,
        "changes": {"type": "array", "items": CHANGE, "description": "None where time alone does it."},
        "at": {**INSTANT, "description": "From when on it would hold; later than the evaluation if something waits."},
        "sentence": TEXT,
    },
    leaving_out=("to",),
)
_NEXT: Shape = {
    "type": ["object", "null"],
    "properties": {"band": TEXT, "threshold": _NUMBER, "distance": _MAYBE_NUMBER},
}
LADDER: Shape = members(
    {
        "since": MAYBE_INSTANT,
        "input": _MAYBE_NUMBER,
        "up": {**_NEXT, "description": "The band above, and how far the input is from it."},
        "down": {**_NEXT, "description": "The band below, and how far the input may fall."},
        "waits": {
            "type": "array",
            "items": members({"to": TEXT, "since": INSTANT, "due_at": MAYBE_INSTANT}),
        },
    }
)
EXPLAINED: Shape = members(
    {
        "kind": {"enum": list(KINDS)},
        "key": TEXT,
        "title": MAYBE_TEXT,
        "outcome": {"enum": list(ALL_OUTCOMES)},
        "from": MAYBE_TEXT,
        "to": MAYBE_TEXT,
        "rule": MAYBE_TEXT,
        "cause": {"enum": [*CAUSES, None]},
        "sentence": TEXT,
        "conditions": {"type": "array", "items": {"type": "object"}},
        "leaves": {
            "type": "array",
            "items": members(
                {
                    "member": TEXT,
                    "text": TEXT,
                    "held": {"type": ["boolean", "null"]},
                    "sentence": TEXT,
                    "missing": TEXTS,
                }
            ),
        },
        "ladder": LADDER,
        "nearest": {
            "type": ["array", "null"],
            "items": SUGGESTION,
            "description": "The smallest changes with which what did not happen would have, each decided again; "
            "null where nobody looked, because too much was asked for at once: ask by `kind` and `key`.",
        },
    },
    leaving_out=("ladder",),
)
SCORE: Shape = members(
    {
        "kind": {"const": "score"},
        "key": TEXT,
        "value": _MAYBE_NUMBER,
        "coverage": _NUMBER,
        "minimum_coverage": _NUMBER,
        "missing": {"enum": ["reweight", "zero", "unknown"]},
        "sentence": TEXT,
        "components": {
            "type": "array",
            "items": members(
                {
                    "key": TEXT,
                    "title": TEXT,
                    "weight": _NUMBER,
                    "observed": _MAYBE_NUMBER,
                    "points": {**_MAYBE_NUMBER, "description": "0 to 100."},
                    "share": {**_MAYBE_NUMBER, "description": "Its part of the weight in this result, 0 to 1."},
                    "adds": {**_MAYBE_NUMBER, "description": "What it adds to the score: points times share."},
                    "missing": TEXTS,
                }
            ),
        },
    }
)
ACTION: Shape = members(
    {
        "kind": {"const": "action"},
        "key": TEXT,
        "fired": {"type": "boolean"},
        "on": members({"kind": {"enum": list(KINDS)}, "key": TEXT, "to": MAYBE_TEXT}),
        "lost": {"enum": ["quiet", "rules", "cooldown", "when", "undetermined", None]},
        "sentence": TEXT,
    }
)
EXPLANATION: Shape = members(
    {
        "evaluation_id": TEXT,
        "ruleset": PUBLISHED,
        "profile_id": TEXT,
        "at": INSTANT,
        "language": {"enum": list(LANGUAGES)},
        "reproduced": {"type": "boolean", "description": "Deciding again gave exactly what was recorded."},
        "decisions": {"type": "array", "items": EXPLAINED},
        "scores": {"type": "array", "items": SCORE},
        "actions": {"type": "array", "items": ACTION, "description": "Those whose change came, fired or not."},
    }
)
ABSENCE: Shape = members(
    {
        "profile_id": TEXT,
        "ruleset": PUBLISHED,
        "at": INSTANT,
        "language": {"enum": list(LANGUAGES)},
        "kind": {"enum": list(KINDS)},
        "key": TEXT,
        "target": TEXT,
        "holds": {"type": "boolean"},
        "decision": EXPLAINED,
    }
)

EXPLAIN_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/evaluations/{evaluation_id}/explanation",
        operation="explain_evaluation",
        summary="Why an evaluation came out as it did, rule by rule, and what would have been nearest.",
        section="Audit",
        roles=LOG_READERS,
        handler=explanation,
        query={
            "kind": {"type": "string", "enum": [*KINDS, "score", "action"], "description": "Only what is of a kind."},
            "key": {**TERM, "description": "Only one tag, tier, score or action, or the `lifecycle`."},
            **_LANGUAGE,
        },
        reply={JSON: EXPLANATION},
        problems=(404, 409, 410),
    ),
    Route(
        method="GET",
        path="/v1/profiles/{profile_id*}/why-not",
        operation="explain_absence",
        summary="Why a profile does not hold a tag, or is not in a stage or band, and what would be nearest.",
        section="Profiles",
        roles=STATE_READERS,
        handler=absence,
        query={
            "ruleset": {**TERM, "description": "Always needed."},
            "tag": TERM,
            "stage": TERM,
            "tier": {**TERM, "description": "A tier and a band such as `band:seed`. One of the three is needed."},
            "at": {**ASKED, "description": "At this instant in the past; without an offset, in UTC. Now if left out."},
            **_LANGUAGE,
        },
        reply={JSON: ABSENCE},
        problems=(404, 410),
    ),
)
"""Their rows."""
