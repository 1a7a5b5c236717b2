"""The routes about profiles: one as it stands, what it went through, a person's word on a tag, and whole segments.

Segments leave as pages of JSON, or whole as CSV or NDJSON, sent while they are read.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import Any

from service.api.evaluating import answer_of, request_of
from service.api.reading import DEFAULT_LIMIT, cell
from service.api.route import CSV, NDJSON, Answer, Call, as_json
from service.operations.log import read_timeline
from service.operations.manual import set_tag
from service.operations.profiles import read_profile
from service.operations.replies import json_text
from service.operations.segments import list_profiles, read_segment, segment_columns, stream_segment

COLUMNS = ("profile_id", "version", "at", "stage", "tags", "next_change_at")
"""The first columns of a segment as CSV; one for each tier and each score follow."""


def profile(call: Call) -> Answer:
    """`GET /v1/profiles/{profile_id}`."""
    return as_json(read_profile(call.service, call.path["profile_id"], call.query.get("ruleset")))


def timeline(call: Call) -> Answer:
    """`GET /v1/profiles/{profile_id}/timeline`."""
    query, profile_id = call.query, call.path["profile_id"]
    limit = query.get("limit", DEFAULT_LIMIT)
    items, following = read_timeline(call.service, profile_id, query.get("ruleset"), query.get("cursor"), limit)
    return as_json({"items": items, "next": following})


def tag(call: Call) -> Answer:
    """`PUT /v1/profiles/{profile_id}/tags/{tag}`."""
    profile_id, key = call.path["profile_id"], call.path["tag"]
    return answer_of(set_tag(call.service, profile_id, key, request_of(call, f"tag {key} {profile_id}")))


def profiles(call: Call) -> Answer:
    """`GET /v1/profiles`."""
    segment = read_segment(call.service, call.query)
    cursor = call.query.get("cursor")
    if call.accepts not in {CSV, NDJSON}:
        items, following = list_profiles(call.service, segment, cursor, call.query.get("limit", DEFAULT_LIMIT))
        return as_json({"items": items, "next": following})
    pages = stream_segment(call.service, segment, cursor)
    if call.accepts == NDJSON:
        return Answer(_begun(_ndjson(pages)), content_type=NDJSON)
    tiers, scores = segment_columns(call.service, segment)
    return Answer(_begun(_csv(pages, tiers, scores)), content_type=f"{CSV}; charset=utf-8")


def _begun(parts: Iterator[bytes]) -> Iterable[bytes]:
    """Parts of which the first is there already, so that what prevents it is told properly."""
    return chain([next(parts, b"")], parts)


def _ndjson(pages: Iterable[list[dict[str, Any]]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(json_text(one) + b"\n" for one in page)


def _csv(pages: Iterable[list[dict[str, Any]]], tiers: list[str], scores: list[str]) -> Iterator[bytes]:
    yield _lines([[*COLUMNS, *(f"tier.{key}" for key in tiers), *(f"score.{key}" for key in scores)]])
    for page in pages:
        yield _lines([_row(one, tiers, scores) for one in page])


def _row(one: Mapping[str, Any], tiers: list[str], scores: list[str]) -> list[object]:
    shown = {**one, "tags": " ".join(one["tags"])}
    found = [*(shown[name] for name in COLUMNS), *map(one["tiers"].get, tiers), *map(one["scores"].get, scores)]
    return [cell(value) for value in found]


def _lines(rows: Iterable[list[Any]]) -> bytes:
    part = StringIO()
    csv.writer(part).writerows(rows)
    return part.getvalue().encode()
