"""The routes about profiles: one as it stands, what it went through, a person's word on a tag, and whole segments.

Segments leave as pages of JSON, or whole as CSV or NDJSON, sent while they are read.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import Any

from service.api.evaluating import answer_of, request_of
from service.api.paging import limit, spans
from service.api.reading import DEFAULT_LIMIT, cell
from service.api.route import CSV, NDJSON, Answer, Call, as_json
from service.audit.rows import Segment
from service.operations.auditing.as_of import Instants, read_profile_as_of
from service.operations.auditing.find import read_timeline
from service.operations.auditing.segment_as_of import list_profiles_as_of, stream_profiles_as_of
from service.operations.cursors import LAST
from service.operations.manual import set_tag
from service.operations.profiles import read_profile
from service.operations.replies import json_text
from service.operations.segments import list_profiles, read_segment, segment_columns, stream_segment

COLUMNS = ("profile_id", "version", "at", "stage", "tags", "next_change_at")
"""The first columns of a segment as CSV; one for each tier and each score follow."""


def profile(call: Call) -> Answer:
    """`GET /v1/profiles/{profile_id}`."""
    query, profile_id = call.query, call.path["profile_id"]
    then = _then(query)
    if then is None:
        return as_json(read_profile(call.service, profile_id, query.get("ruleset")))
    return as_json(read_profile_as_of(call.service, profile_id, query.get("ruleset"), then))


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
    cursor, then = call.query.get("cursor"), _then(call.query)
    if then is not None:
        return _profiles_as_of(call, segment, then.at, cursor)
    if call.accepts not in {CSV, NDJSON}:
        items, following = list_profiles(call.service, segment, cursor, call.query.get("limit", DEFAULT_LIMIT))
        return as_json({"items": items, "next": following})
    pages = stream_segment(call.service, segment, cursor)
    if call.accepts == NDJSON:
        return Answer(_begun(_ndjson(pages)), content_type=NDJSON)
    tiers, scores = segment_columns(call.service, segment)
    return Answer(_begun(_csv(pages, tiers, scores)), content_type=f"{CSV}; charset=utf-8")


def _profiles_as_of(call: Call, segment: Segment, at: int, cursor: str | None) -> Answer:
    """A segment as it was."""
    if call.accepts not in {CSV, NDJSON}:
        items, following = list_profiles_as_of(call.service, segment, at, cursor, limit(call))
        return as_json({"items": items, "next": following})
    pages = stream_profiles_as_of(call.service, segment, at, cursor)
    if call.accepts == NDJSON:
        return Answer(_begun(_ndjson(pages)), content_type=NDJSON)
    tiers, _ = segment_columns(call.service, segment)
    shown = ([{**one, "next_change_at": None, "scores": {}} for one in page] for page in pages)
    return Answer(_begun(_csv(shown, tiers, [])), content_type=f"{CSV}; charset=utf-8")


def _then(query: Mapping[str, Any]) -> Instants | None:
    """The instant in the past that is asked about, if one is."""
    (at, recorded_at), *_ = spans(query, ("as_of", "recorded_as_of"))
    if at is None and recorded_at is None:
        return None
    known = LAST if recorded_at is None else recorded_at
    return Instants(known if at is None else at, known)


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
