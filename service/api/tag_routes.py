"""The rows of the table of routes about a ruleset's tags as such."""

from service.api.route import JSON, Route
from service.api.schemas import CHANGE, DRAFT, TEXT, TEXTS, maps, members
from service.api.tagging import DEFAULT_PERCENT, overlap, tags_merged
from service.api.terms import CHECKERS, EDITORS, LIMIT
from service.operations.authoring.tags import MERGE
from service.operations.shapes import Shape

COUNT: Shape = {"type": "integer", "minimum": 0}
PAIR: Shape = members(
    {
        "tags": TEXTS,
        "members": {**maps(COUNT), "description": "How many hold each."},
        "both": COUNT,
        "either": COUNT,
        "share": {"type": "number", "description": "`both` over `either`, 0 to 1."},
    }
)
OVERLAP: Shape = members(
    {
        "key": TEXT,
        "of": {**COUNT, "description": "How many profiles there are."},
        "looked_at": {
            **COUNT,
            "description": "How many of them were looked at; if not all, they were drawn by chance.",
        },
        "pairs": {"type": "array", "items": PAIR},
        "without_members": {
            "type": "array",
            "items": members({"tag": TEXT, "is_referred_to": {"type": "boolean"}}),
            "description": "Tags that no profile at all holds, and whether anything in the ruleset refers to them.",
        },
    }
)

TAG_ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/v1/rulesets/{key}/tags/overlap",
        operation="read_overlap",
        summary="Which tags have nearly the same members, and which have none.",
        section="Rulesets",
        roles=CHECKERS,
        handler=overlap,
        query={
            "percent": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100,
                "default": DEFAULT_PERCENT,
                "description": "How many percent of the members of either must at least be members of both.",
            },
            "limit": LIMIT,
        },
        reply={JSON: OVERLAP},
        problems=(404,),
    ),
    Route(
        method="POST",
        path="/v1/rulesets/{key}/draft/merge-tags",
        operation="merge_draft_tags",
        summary="Make two tags one in a draft; every reference follows, and so will those who hold them.",
        section="Drafts",
        roles=EDITORS,
        handler=tags_merged,
        body=MERGE,
        conditional=True,
        reply={JSON: members({**DRAFT, "changes": {"type": "array", "items": CHANGE}})},
        problems=(404, 428),
    ),
)
"""Their rows."""
