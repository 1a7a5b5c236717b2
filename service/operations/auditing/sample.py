"""A random sample of a period's evaluations, by a seed that nobody could know while the period lasted.

The seed is the root of the first checkpoint that was signed a minute or more after the period had ended, by when all
of it is promised to be sealed: neither who runs the service nor who audits it can choose the sample, and both can draw
it again. Of all evaluations those are in it whose hashes, with the seed, are the least.
Source: docs/log-format.md, "Samples".
"""

from collections.abc import Iterator
from hashlib import sha256
from heapq import nsmallest
from typing import Any, NamedTuple

from service.audit.sealing_rows import CheckpointRow
from service.errors import Conflict, Fault, InvalidRequest
from service.operations.auditing.export_scope import Asked, find_extent, walk_entries
from service.operations.auditing.receipts import PROMISED_MILLISECONDS
from service.operations.ports import Reads
from service.operations.service import Service

MOST = 1_000
"""The largest sample."""
CHECKPOINTS = 500


class Population(NamedTuple):
    """What is drawn from: what was recorded in a period, of a ruleset or of all."""

    ruleset: str | None
    begin: int | None
    end: int


class Drawn(NamedTuple):
    """An evaluation by its place in the draw, which is the hash of the seed and its id."""

    rank: str
    position: int
    id: str


def sample_log(service: Service, population: Population, size: int) -> dict[str, Any]:
    """The sample, the least hash first. `Conflict` (`not-sealed`) before anything was signed after the period."""
    if population.begin is not None and population.end < population.begin:
        fault = Fault("/to", "out-of-range", "expected an instant that is not before `from`")
        raise InvalidRequest("the query has faults", [fault])
    ruleset = None if population.ruleset is None else service.programs.latest(population.ruleset).key
    checkpoint = service.store.read(lambda reads: _after(reads, population.end + PROMISED_MILLISECONDS))
    seed = bytes(checkpoint.root)
    asked = Asked(ruleset=ruleset, begin=population.begin, end=population.end, size=checkpoint.size)
    counted = [0]
    drawn = nsmallest(size, _ranked(service, asked, seed, counted))
    return {
        "checkpoint": checkpoint.note,
        "seed": seed.hex(),
        "of": counted[0],
        "items": [_told(one, checkpoint) for one in drawn],
    }


def _ranked(service: Service, asked: Asked, seed: bytes, counted: list[int]) -> Iterator[Drawn]:
    for some in walk_entries(service, asked, find_extent(service, asked), lambda _: None):
        for one in some:
            if one.is_asked and one.evaluation is not None:
                counted[0] += 1
                yield Drawn(sha256(seed + one.evaluation.id.encode()).hexdigest(), one.position, one.evaluation.id)


def _after(reads: Reads, end: int) -> CheckpointRow:
    """The first checkpoint that was signed at an instant or after it; not of the empty tree, whose root is known."""
    size = 1
    while rows := reads.sealing.checkpoints(size, CHECKPOINTS):
        for row in rows:
            if row.signed_at >= end:
                return row
        size = rows[-1].size + 1
    raise Conflict("nothing was signed after this period yet; ask again when something was", "not-sealed")


def _told(one: Drawn, checkpoint: CheckpointRow) -> dict[str, Any]:
    return {
        "evaluation_id": one.id,
        "position": one.position,
        "proof": f"/v1/audit/proof?evaluation={one.id}&checkpoint={checkpoint.size}",
        "replay": f"/v1/evaluations/{one.id}/replay",
    }
