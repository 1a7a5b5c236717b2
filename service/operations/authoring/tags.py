"""Two tags of a draft become one, and which tags of a ruleset could: those with nearly the same members, or with none.

Merging edits the draft only; holders follow through the aliases when the version that comes of it decides.
Source: docs/api.md, "Tags".
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from random import Random
from typing import Any

import orjson

from service.audit.rows import DraftRow, Held, ProfileRow, Segment
from service.engine.state import State
from service.errors import InvalidRequest
from service.language.diff import Change, compare
from service.language.document import read_document
from service.language.merge import HOW, merge_tags
from service.language.pretty import pretty_text
from service.language.program import Program
from service.language.tree import Node, references
from service.operations.authoring.compare import ACTIVE, read_text
from service.operations.authoring.drafts import save_draft
from service.operations.authoring.stamps import require, stamp
from service.operations.ports import Caller, Reads
from service.operations.service import Service
from service.operations.shapes import Shape, faults

MOST = 10_000
"""How many profiles are looked at; of more, that many drawn by chance."""
PAGE = 500
TAG: Shape = {"type": "string", "minLength": 1, "maxLength": 63}
MERGE: Shape = {
    "type": "object",
    "required": ["keep", "drop"],
    "additionalProperties": False,
    "properties": {
        "keep": {**TAG, "description": "The tag that stays."},
        "drop": {**TAG, "description": "The tag that becomes part of it; its key stays as an alias."},
        "when": {
            "type": ["string", "null"],
            "enum": [*HOW, None],
            "description": "`keep`, if left out: the kept tag's condition stays. `either`: it is held by either.",
        },
    },
}


def merge_draft_tags(
    service: Service, key: str, body: object, caller: Caller, held: str | None = None
) -> tuple[DraftRow, tuple[Change, ...]]:
    """Merge two tags in a ruleset's draft, or in a new one of the version in force; the draft, and what changed in it.

    `NotFound` if there is neither, `Conflict` as for saving a draft, `InvalidRequest` where the tags can't be merged.
    """
    found = faults(MERGE, body)
    if found or not isinstance(body, dict):
        raise InvalidRequest("the request has faults", found)
    now = service.clock()

    def job(reads: Reads) -> tuple[DraftRow | None, str]:
        draft = reads.governance.draft(key)
        return draft, read_text(reads, key, ACTIVE, now) if draft is None else draft.document

    draft, text = service.store.read(job)
    require(draft, held, key)
    document, _ = read_document(text)
    merged = merge_tags(document, body["keep"], body["drop"], body.get("when") or "keep")
    saved = save_draft(service, key, pretty_text(merged), caller, None if draft is None else stamp(draft))
    return saved, compare(document, merged)


def read_overlap(service: Service, key: str, percent: int, limit: int) -> dict[str, Any]:
    """Pairs of tags of which at least so many percent of the members of either are members of both, most first; and
    the tags that nobody holds. `NotFound` without such a ruleset.

    Members are the stored profiles, or `MOST` of them drawn by chance; that nobody holds a tag is said of all.
    """
    program = service.programs.latest(key).program
    of, ids = service.store.read(lambda reads: _drawn(reads, key))
    members: dict[str, list[int]] = defaultdict(list)
    looked = 0
    for rows in _pages(service, key, ids):
        for row in rows:
            for tag in {
                program.aliases.get(f"tag/{one}", one) for one in State.from_json(orjson.loads(row.state)).tags
            }:
                members[tag].append(looked)
            looked += 1
    pairs = list(_pairs(program, members, looked, Decimal(percent) / 100))
    pairs.sort(key=lambda one: (-one["share"], one["tags"]))
    return {
        "key": key,
        "of": max(of, looked),
        "looked_at": looked,
        "pairs": pairs[:limit],
        "without_members": service.store.read(lambda reads: _unheld(reads, program)),
    }


def _drawn(reads: Reads, key: str) -> tuple[int, list[str] | None]:
    """How many profiles there are, and the ids that chance draws; the same each time, and none where all are meant."""
    of = reads.population.count(key)
    if of <= MOST:
        return of, None
    places = sorted(Random(0).sample(range(of), MOST))  # noqa: S311  # no secret
    return of, reads.population.ids_at(key, places)


def _pages(service: Service, key: str, ids: Sequence[str] | None) -> Iterator[list[ProfileRow]]:
    if ids is not None:
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            yield service.store.read(lambda reads, some=some: reads.population.rows(key, some))  # type: ignore[misc]  # no closure of the loop's variable
        return
    after = ""
    while rows := service.store.read(lambda reads, after=after: reads.population.page(key, after, PAGE)):  # type: ignore[misc]  # as above
        yield rows
        after = rows[-1].profile_id


def _pairs(program: Program, members: Mapping[str, list[int]], looked: int, least: Decimal) -> Iterator[dict[str, Any]]:
    """The pairs that overlap enough. Each tag's members are the bits of one number, so hundreds of tags cost little."""
    bits = {tag: _bits(places, looked) for tag, places in members.items() if tag in program.tags}
    for one, other in combinations(sorted(bits), 2):
        few, many = sorted((len(members[one]), len(members[other])))
        if few < least * many:
            continue
        both = (bits[one] & bits[other]).bit_count()
        either = few + many - both
        if both >= least * either:
            share = (Decimal(both) / either).quantize(Decimal("0.0001"), ROUND_HALF_UP)
            held = {one: len(members[one]), other: len(members[other])}
            yield {"tags": [one, other], "members": held, "both": both, "either": either, "share": share}


def _bits(places: Sequence[int], size: int) -> int:
    found = bytearray(size // 8 + 1)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(found, "little")


def _unheld(reads: Reads, program: Program) -> list[dict[str, Any]]:
    """The tags without any member, each with whether anything in the ruleset refers to it."""
    names = {key: [key] for key in program.tags}
    for alias, key in program.aliases.items():
        if alias.startswith("tag/"):
            names[key].append(alias.removeprefix("tag/"))
    referred = set(_referred(program))
    return [
        {"tag": key, "is_referred_to": key in referred}
        for key, known in names.items()
        if not reads.segment(Segment(program.key, (Held("tag", tuple((one, "held") for one in known)),)), "", 1)
    ]


def _referred(program: Program) -> Iterator[str]:
    """The tags that an expression, an action or a group names."""
    rules = program.rules
    trees: list[Node | None] = [*rules.values.values(), *rules.tiers.values()]
    trees += [part.tree for parts in rules.scores.values() for part in parts]
    trees += [tree for pair in rules.tags.values() for tree in pair]
    trees += [*rules.transitions.values(), *rules.actions.values()]
    for tree in trees:
        for one in references(tree) if tree is not None else ():
            if one.root in ("tag", "since.tag"):
                yield one.key
    yield from (trigger.tag for action in program.ruleset.actions for trigger in action.on if trigger.tag)
    yield from (group.default for group in program.ruleset.tag_groups if group.default)
