"""The rows of the table of routes about profiles."""

from collections.abc import Mapping
from functools import partial

from service.api.profiling import profile, profiles, tag, timeline
from service.api.route import CSV, JSON, NDJSON, Route
from service.api.schemas import TEXT, ref
from service.api.terms import CURSOR, LIMIT, STATE_READERS, TAGGERS, TERM
from service.operations.manual import MANUAL
from service.operations.requests import INSTANT
from service.operations.shapes import Shape

_TERMS: Shape = {"type": "array", "maxItems": 20, "uniqueItems": True, "items": TERM}
_SEGMENT: Mapping[str, Shape] = {
    "ruleset": {**TERM, "description": "Whose stages, tags, tiers and scores are meant; always needed."},
    "stage": {**_TERMS, "description": "The stage; of several any one."},
    "tag": {**_TERMS, "description": "A tag that is held; of several all."},
    "not_tag": {**_TERMS, "description": "A tag that is not held; of several none."},
    "tier": {**_TERMS, "description": "A tier and a band such as `band:seed`; of several bands of one tier any one."},
    "score": {
        **_TERMS,
        "description": "A score and a range such as `activity:50..80`, `50..` or `..80`, ends included.",
    },
    "as_of": {**INSTANT, "description": "Who fitted then, by the changes in the log; not with `score`."},
    "cursor": {**CURSOR, "maxLength": 2_000},
    "limit": {**LIMIT, "description": "Entries on a page of JSON; CSV and NDJSON have all."},
}
_PATH = "/v1/profiles"
_ONE = f"{_PATH}/{{profile_id*}}"
_read = partial(Route, method="GET", section="Profiles", roles=STATE_READERS)

PROFILE_ROUTES: tuple[Route, ...] = (
    _read(
        path=_PATH,
        operation="list_profiles",
        summary="A segment: the profiles that fit, by id; whole as CSV or NDJSON.",
        handler=profiles,
        query=_SEGMENT,
        reply={JSON: {"anyOf": [ref("SegmentPage"), ref("PastSegmentPage")]}, CSV: TEXT, NDJSON: TEXT},
        problems=(404, 406),
    ),
    _read(
        path=_ONE,
        operation="read_profile",
        summary="A profile as it was last decided, under one ruleset or all.",
        handler=profile,
        query={
            "ruleset": TERM,
            "as_of": {**INSTANT, "description": "As it was at this instant; without an offset, in UTC."},
            "recorded_as_of": {**INSTANT, "description": "By what had been recorded until this instant."},
        },
        reply={JSON: {"anyOf": [ref("Profile"), ref("Profiles"), ref("PastProfile"), ref("PastProfiles")]}},
        problems=(404, 410),
    ),
    _read(
        path=f"{_ONE}/timeline",
        operation="read_timeline",
        summary="Every change of a profile, newest first.",
        handler=timeline,
        query={"ruleset": TERM, "cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("DecisionPage")},
    ),
    Route(
        method="PUT",
        path=f"{_ONE}/tags/{{tag}}",
        operation="set_tag",
        summary="Assign or block a tag by hand, or release it to its rule again.",
        section="Profiles",
        handler=tag,
        roles=TAGGERS,
        body=MANUAL,
        repeatable=True,
        reply={JSON: ref("Evaluated")},
        problems=(404, 409),
    ),
)
