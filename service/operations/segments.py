"""Which profiles of a ruleset fit: by stage, tags they hold and don't hold, bands and ranges of scores.

Profiles come in the order of their ids, each at most once, as they stand when their page is read; nothing is decided.
Source: docs/api.md, "Segments".
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import orjson

from service.audit.rows import Held, ProfileRow, Segment
from service.engine.state import State
from service.errors import Fault, InvalidRequest
from service.language.diagnostics import step
from service.language.instants import write_instant
from service.language.program import Program
from service.operations.cursors import read_name, write_cursor
from service.operations.service import Service

PAGE = 500
"""How many profiles are read at a time when all are asked for."""
LOWEST, HIGHEST = "0", "100"
_RANGE = re.compile(r"(\d{1,3}(?:\.\d{1,10})?)?\.\.(\d{1,3}(?:\.\d{1,10})?)?", re.ASCII)

Query = Mapping[str, Any]


def read_segment(service: Service, query: Query) -> Segment:
    """The segment that a query describes: `ruleset`, and lists of `stage`, `tag`, `not_tag`, `tier` (`band:seed`) and
    `score` (`activity:50..80`, ends included).

    All must fit; of several stages, or of several bands of one tier, any one. Merged keys count for the present ones.
    `InvalidRequest` names everything that the ruleset does not know, `NotFound` if there is no such ruleset.
    """
    if "ruleset" not in query:
        raise InvalidRequest("the query has faults", [Fault("/ruleset", "missing-member", "`ruleset` is required")])
    program = service.programs.latest(query["ruleset"]).program
    found: list[Fault] = []
    stages = tuple(program.lifecycle.leaving) if program.lifecycle else ()
    held = [
        *(_tag(program, key, step("/tag", place), found) for place, key in enumerate(query.get("tag", ()))),
        *_tiers(program, query.get("tier", ()), found),
        *_stages(program, query.get("stage", ()), stages, found),
    ]
    not_held = [_tag(program, key, step("/not_tag", at), found) for at, key in enumerate(query.get("not_tag", ()))]
    scores = [_score(program, text, step("/score", at), found) for at, text in enumerate(query.get("score", ()))]
    if found:
        raise InvalidRequest("the query has faults", found)
    return Segment(program.key, tuple(held), tuple(not_held), tuple(scores))


def list_profiles(
    service: Service, segment: Segment, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a segment, and the cursor of the next."""
    after = "" if cursor is None else read_name(cursor, segment)
    rows = service.store.read(lambda reads: reads.segment(segment, after, limit + 1))
    following = write_cursor(segment, (rows[limit - 1].profile_id,)) if len(rows) > limit else None
    return [profile_json(row) for row in rows[:limit]], following


def stream_segment(service: Service, segment: Segment, cursor: str | None) -> Iterator[list[dict[str, Any]]]:
    """All profiles of a segment, some at a time; no more of them are in memory, and none is waited for by a writer."""
    after = "" if cursor is None else read_name(cursor, segment)
    while rows := service.store.read(lambda reads, after=after: reads.segment(segment, after, PAGE)):  # type: ignore[misc]
        yield [profile_json(row) for row in rows]
        if len(rows) < PAGE:
            return
        after = rows[-1].profile_id


def segment_columns(service: Service, segment: Segment) -> tuple[list[str], list[str]]:
    """The tiers and the scores of a segment's ruleset, as columns."""
    program = service.programs.latest(segment.ruleset).program
    return list(program.tiers), list(program.rules.scores)


def profile_json(row: ProfileRow) -> dict[str, Any]:
    """How a profile stands, as JSON values."""
    state = State.from_json(orjson.loads(row.state))
    return {
        "profile_id": row.profile_id,
        "version": row.version,
        "at": write_instant(row.at),
        "stage": row.stage,
        "tags": sorted(state.tags),
        "tiers": {key: place.band for key, place in state.tiers.items()},
        "scores": orjson.loads(row.scores),
        "next_change_at": None if row.next_at is None else write_instant(row.next_at),
    }


def _tag(program: Program, key: str, pointer: str, found: list[Fault]) -> Held:
    name = _known("tag", key, program.aliases.get(f"tag/{key}", key), program.tags, pointer, found)
    return Held("tag", tuple((one, "held") for one in (name, *_merged(program, "tag/", name))))


def _tiers(program: Program, texts: Sequence[str], found: list[Fault]) -> Iterable[Held]:
    bands: dict[str, list[tuple[str, str]]] = {}
    for place, text in enumerate(texts):
        pointer = step("/tier", place)
        key, _, band = text.partition(":")
        _known("tier", key, key, program.tiers, pointer, found)
        if key in program.tiers:
            present = program.aliases.get(f"tier/{key}/{band}", band)
            name = _known("band", band, present, program.tiers[key].keys, pointer, found)
            bands.setdefault(key, []).extend((key, one) for one in (name, *_merged(program, f"tier/{key}/", name)))
    return [Held("tier", tuple(pairs)) for pairs in bands.values()]


def _stages(program: Program, keys: Sequence[str], stages: Sequence[str], found: list[Fault]) -> Iterable[Held]:
    names: list[str] = []
    for place, key in enumerate(keys):
        present = program.aliases.get(f"stage/{key}", key)
        name = _known("stage", key, present, stages, step("/stage", place), found)
        names += [name, *_merged(program, "stage/", name)]
    return [Held("stage", tuple(("lifecycle", name) for name in names))] if names else []


def _score(program: Program, text: str, pointer: str, found: list[Fault]) -> tuple[str, float, float]:
    key, _, ends = text.partition(":")
    _known("score", key, key, program.rules.scores, pointer, found)
    match = _RANGE.fullmatch(ends)
    if match is None:
        found.append(Fault(pointer, "wrong-value", "expected a score and a range such as `activity:50..80`"))
        return key, 0, 0
    return key, float(match[1] or LOWEST), float(match[2] or HIGHEST)


def _known(kind: str, key: str, present: str, known: Iterable[str], pointer: str, found: list[Fault]) -> str:
    """The present key, noted as a fault if the ruleset does not have it."""
    if present not in known:
        near = get_close_matches(key, list(known), 1)
        advice = f"; did you mean `{near[0]}`?" if near else ""
        found.append(Fault(pointer, f"unknown-{kind}", f"the ruleset has no {kind} `{key}`{advice}"))
    return present


def _merged(program: Program, prefix: str, name: str) -> list[str]:
    """The keys that were merged into a present one; who was not decided since still stands under them."""
    return [old.removeprefix(prefix) for old, new in program.aliases.items() if new == name and old.startswith(prefix)]
