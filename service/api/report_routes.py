"""The rows of the table of routes about figures and replays."""

from collections.abc import Mapping

from service.api.reporting import replay_many, replay_one, report
from service.api.route import CSV, JSON, NDJSON, Route
from service.api.schemas import TEXT, ref
from service.api.terms import CHECKERS, LOG_READERS, TERM
from service.operations.auditing.replay import REPLAY
from service.operations.auditing.replay_period import REPLAYS
from service.operations.auditing.reports.question import KINDS, STEPS
from service.operations.requests import INSTANT
from service.operations.shapes import Shape

_THING: Shape = {**TERM, "examples": ["stage:active", "tag:vip", "tier:band:seed"]}
_QUERY: Mapping[str, Shape] = {
    "ruleset": {**TERM, "description": "Whose stages, tags and tiers are meant; always needed."},
    "from": {**INSTANT, "description": "Where the time asked about begins."},
    "to": {**INSTANT, "description": "Where it ends; now if left out."},
    "step": {
        "type": "string",
        "enum": list(STEPS),
        "description": "A figure for each day, week or month of the ruleset's timezone.",
    },
    "by": {**TERM, "description": "A tag group, a tier or a tag to tell profiles apart by."},
    "group": {**TERM, "description": "Only the tags of this group."},
    "tag": {**TERM, "description": "Only this tag."},
    "tier": {**TERM, "description": "Only this tier."},
    "average": {**TERM, "description": "A score (`score.activity`) or an attribute with numbers; of the present."},
    "quantiles": {**TERM, "description": "As for `average`."},
    "entered": {**_THING, "description": "Of those who entered this (for `retention`),"},
    "reached": {**_THING, "description": "how many reached this"},
    "within": {**TERM, "description": "within this duration, such as `P30D`."},
}

REPORT_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/reports/{report}",
        operation="make_report",
        summary="Figures from the log; 202 with a job if they take long.",
        section="Reports",
        roles=CHECKERS,
        handler=report,
        path_shapes={"report": {"type": "string", "enum": list(KINDS)}},
        query=_QUERY,
        reply={JSON: {"anyOf": [ref("Report"), ref("Job")]}, CSV: TEXT, NDJSON: TEXT},
        problems=(404, 406, 409),
    ),
    Route(
        method="POST",
        path="/v1/evaluations/{evaluation_id}/replay",
        operation="replay_evaluation",
        summary="Decide an evaluation again: equal to the byte, or what differs.",
        section="Audit",
        roles=LOG_READERS,
        handler=replay_one,
        body=REPLAY,
        reply={JSON: ref("Replay")},
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/v1/replays",
        operation="replay_period",
        summary="Decide everything again that was recorded in a period; a job.",
        section="Audit",
        roles=LOG_READERS,
        handler=replay_many,
        body=REPLAYS,
        status=202,
        reply={JSON: ref("Job")},
        problems=(404, 409),
    ),
)
