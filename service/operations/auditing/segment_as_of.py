"""A segment as it was at an instant in the past: who held what then, by the changes in the log.

It says what had been decided for that instant; what time had brought and nobody had decided yet is in no change.
Source: docs/api.md, "As of".
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from service.audit.rows import ChangeRow, Held, Segment
from service.errors import Fault, InvalidRequest
from service.language.instants import write_instant
from service.operations.auditing.as_of import Instants, refuse_future
from service.operations.cursors import read_name, write_cursor
from service.operations.ports import Reads
from service.operations.service import Service

CHUNK = 250
MOST_LOOKED_AT = 2_000
"""The most profiles that one page looks at; then it ends early and says where to go on."""
PAGE = 500


def list_profiles_as_of(
    service: Service, segment: Segment, at: int, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a segment as it was, by profiles' ids, and the cursor of the next; it may end early, even empty."""
    refuse_future(service, Instants(at))
    if segment.scores:
        fault = Fault("/score", "wrong-value", "scores of the past are in the records only; leave `score` out")
        raise InvalidRequest("the query has faults", [fault])
    question = ("segment", segment, at)
    after = "" if cursor is None else read_name(cursor, question)
    aliases = service.programs.latest(segment.ruleset).program.aliases
    items, following = service.store.read(lambda reads: _page(reads, segment, aliases, at, after, limit))
    return items, write_cursor(question, None if following is None else (following,))


def stream_profiles_as_of(
    service: Service, segment: Segment, at: int, cursor: str | None
) -> Iterator[list[dict[str, Any]]]:
    """All profiles of a segment as it was, some at a time."""
    while True:
        items, cursor = list_profiles_as_of(service, segment, at, cursor, PAGE)
        yield items
        if cursor is None:
            return


def _page(
    reads: Reads, segment: Segment, aliases: Mapping[str, str], at: int, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    found: list[dict[str, Any]] = []
    for _ in range(MOST_LOOKED_AT // CHUNK):
        ids = reads.history.candidates(segment.ruleset, _leading(segment), at, after, CHUNK)
        for one in _stood(reads.history.changes_until(segment.ruleset, ids, at), aliases):
            if not _fits(one, segment):
                continue
            if len(found) == limit:
                return found, found[-1]["profile_id"]
            found.append(one)
        if len(ids) < CHUNK:
            return found, None
        after = ids[-1]
    return found, after


def _leading(segment: Segment) -> Held | None:
    """What is held by the fewest, as far as one can tell: rather one thing than several."""
    return min(segment.held, key=lambda one: len(one.pairs), default=None)


def _stood(changes: Sequence[ChangeRow], aliases: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """How profiles stood after their changes, by id."""
    ordered = sorted(changes, key=lambda row: row.profile_id)  # Why: sorting keeps the order of each one's changes
    for profile_id, rows in groupby(ordered, key=lambda row: row.profile_id):
        yield _one(profile_id, list(rows), aliases)


def _one(profile_id: str, rows: Sequence[ChangeRow], aliases: Mapping[str, str]) -> dict[str, Any]:
    # Why by present keys: a merged tag goes over into another without a change of its own.
    held = {(row.kind, aliases.get(f"{row.kind}/{row.key}", row.key)): row.target for row in rows}
    return {
        "profile_id": profile_id,
        "version": rows[-1].version,
        "at": write_instant(rows[-1].at),
        "stage": held.get(("stage", "lifecycle")),
        "tags": sorted(key for (kind, key), value in held.items() if kind == "tag" and value == "held"),
        "tiers": {key: value for (kind, key), value in held.items() if kind == "tier" and value is not None},
    }


def _fits(one: dict[str, Any], segment: Segment) -> bool:
    held = {("tag", key, "held") for key in one["tags"]} | {("tier", *pair) for pair in one["tiers"].items()}
    held.add(("stage", "lifecycle", one["stage"]))
    return all(_is_held(each, held) for each in segment.held) and not any(
        _is_held(each, held) for each in segment.not_held
    )


def _is_held(one: Held, held: Iterable[tuple[str, ...]]) -> bool:
    return any((one.kind, *pair) in held for pair in one.pairs)
