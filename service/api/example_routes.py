"""The rows of the table of routes about a draft's examples."""

from functools import partial

from service.api.exampling import examples_accepted, examples_proposed, mutants_tried
from service.api.job_routes import LANGUAGE
from service.api.route import JSON, Route
from service.api.schemas import DRAFT, TEXT, members, ref
from service.api.terms import AUTHORS, CHECKERS, EDITORS
from service.language.document import MAX_BYTES
from service.operations.authoring.examples import ACCEPT, MUTANTS, PROPOSE
from service.operations.shapes import Shape

_PATH = "/v1/rulesets/{key}/draft/examples"
_post = partial(Route, method="POST", section="Drafts")
_BOTH: Shape = members({"en": TEXT, "zh": TEXT})
PROPOSED: Shape = members(
    {
        "key": TEXT,
        "digest": TEXT,
        "coverage": {"type": "number", "description": "How many percent of the rules the examples exercise now."},
        "proposals": {
            "type": "array",
            "items": members(
                {
                    "id": TEXT,
                    "rule": TEXT,
                    "pointer": TEXT,
                    "text": {
                        **TEXT,
                        "description": "The condition that it is about; `wait` or `expiry` for durations.",
                    },
                    "side": {"enum": ["below", "at", "above", "holds", "fails", "absent", "before", "due"]},
                    "title": _BOTH,
                    "example": {"type": "object", "description": "An example as a ruleset writes it."},
                }
            ),
        },
        "refused": {
            "type": "array",
            "items": members({"attribute": TEXT, "posted": {}, "message": TEXT}),
            "description": "Values that are refused, which no example can say.",
        },
        "gaps": {
            "type": "array",
            "items": members({"rule": TEXT, "pointer": TEXT, "text": TEXT, "reason": _BOTH}),
            "description": "Conditions for which nothing could be proposed.",
        },
        "left": {
            "type": "array",
            "items": TEXT,
            "description": "Rules that nobody looked at, since the others took too long: ask for them by `rules`.",
        },
    }
)

EXAMPLE_ROUTES: tuple[Route, ...] = (
    _post(
        path=f"{_PATH}/propose",
        operation="propose_examples",
        summary="Examples that a draft lacks: at the boundaries of its conditions, and at the end of its waits.",
        roles=CHECKERS,
        handler=examples_proposed,
        body=PROPOSE,
        reply={JSON: PROPOSED},
        problems=(404,),
    ),
    _post(
        path=f"{_PATH}/accept",
        operation="accept_examples",
        summary="Add proposed or own examples to a draft.",
        roles=EDITORS,
        handler=examples_accepted,
        body=ACCEPT,
        max_body_bytes=MAX_BYTES,
        conditional=True,
        reply={JSON: members({**DRAFT, "added": {"type": "integer"}})},
        problems=(404, 428),
    ),
    _post(
        path=f"{_PATH}/mutants",
        operation="try_draft_mutants",
        summary="Find the small edits of a draft's rules that none of its examples notices, by a job.",
        roles=AUTHORS,
        handler=mutants_tried,
        body=MUTANTS,
        query={"language": LANGUAGE},
        status=202,
        reply={JSON: ref("JobSummary")},
        problems=(404, 409),
    ),
)
"""Their rows."""
