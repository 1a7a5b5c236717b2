"""What a draft would change: it decides beside the version in force, for every stored profile, for some drawn by
chance, or for posted ones; nothing is kept but the result.

Posted profiles are answered at once, stored ones by a job.
Source: docs/api.md, "Simulate".
"""

import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from service.audit.job_rows import JobRow
from service.audit.record import write_instant
from service.audit.rows import ProfileRow
from service.errors import Fault, InvalidRequest, RulesetRejected
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.operations.authoring.crew import Crew, Recipe
from service.operations.authoring.drafts import read_draft
from service.operations.authoring.impact import Impact
from service.operations.authoring.jobs import Task, Wish, add_job
from service.operations.authoring.trial import Pair, try_profile, try_rows
from service.operations.decide import remembered
from service.operations.ports import Caller, Reads, Unit
from service.operations.programs import Published
from service.operations.replies import json_text
from service.operations.requests import INSTANT, MOST_ITEMS, PROFILE, read_at
from service.operations.service import Service
from service.operations.shapes import Shape, faults, optional

KIND = "simulate"
PAGE = 200
"""How many profiles are read, and decided, at a time."""
FEW = 5_000
"""Up to how many profiles other processes would cost more than they save."""
MOST_PROCESSES = 4
MOST_SAMPLED = 100_000
SIMULATE: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profiles": {
            "type": ["array", "null"],
            "minItems": 1,
            "maxItems": MOST_ITEMS,
            "items": PROFILE,
            "description": "Profiles to decide, answered at once; the stored ones if left out, by a job.",
        },
        "sample": {
            "type": ["object", "null"],
            "required": ["size"],
            "additionalProperties": False,
            "description": "Only so many of the stored profiles, drawn by chance.",
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": MOST_SAMPLED},
                "seed": {
                    "type": ["integer", "null"],
                    "minimum": 0,
                    "maximum": (1 << 53) - 1,
                    "description": "The same seed draws the same profiles; 0 if left out.",
                },
            },
        },
        "at": {**optional(INSTANT), "description": "The instant to decide for; now if left out."},
        "document": {"type": ["object", "null"], "description": "A ruleset to decide by, instead of the draft."},
    },
}

Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Sample:
    """How many profiles are drawn, and the seed of the chance that draws them."""

    size: int
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A draft beside the version in force, at an instant."""

    active: Published
    draft: Program
    text: str
    at: int

    @property
    def pair(self) -> Pair:
        """What is decided."""
        return Pair(active=self.active.program, draft=self.draft, at=self.at, rules_fire=self.active.rules_fire)

    def report(self, impact: Impact, of: int, sample: Sample | None = None) -> dict[str, Any]:
        """What was found, as JSON values."""
        active = self.active
        return {
            "ruleset": active.key,
            "active": {"version": active.version, "digest": active.digest},
            "draft": {"digest": self.draft.digest},
            "at": write_instant(self.at),
            "sample": sample and {"size": sample.size, "seed": sample.seed},
            **impact.to_json(of),
        }


def simulate_draft(service: Service, key: str, body: object, caller: Caller) -> dict[str, Any] | JobRow:
    """What a ruleset's draft, or the posted document, would change: of posted profiles at once, of stored ones by a
    job. `NotFound` without a draft or without a version to compare with, `RulesetRejected` if it has errors.
    """
    whole = _checked(body)
    active = service.programs.latest(key)
    posted = whole.get("document")
    text = read_draft(service, key).document if posted is None else json_text(posted).decode()
    draft = read_program(text, key)
    at = read_at(whole, active.program.where)
    profiles, sample = whole.get("profiles"), whole.get("sample")
    if profiles is not None:
        now = service.clock() if at is None else at
        return simulate_posted(service, Simulation(active=active, draft=draft, text=text, at=now), profiles)
    payload = {"document": text, "version": active.version, "at": at, "sample": sample}
    wish = Wish(kind=KIND, ruleset=key, digest=draft.digest, against=active.digest, payload=payload)
    return add_job(service, wish, caller)


def read_program(text: str | bytes, key: str | None = None) -> Program:
    """The program of a document; `RulesetRejected` if it has errors, `InvalidRequest` if it has another `key`."""
    reading = read_ruleset(text)
    if reading.program is None:
        raise RulesetRejected("the draft has errors; correct them, then simulate it", reading.diagnostics)
    if key is not None and reading.program.key != key:
        found = Fault("/document/key", "wrong-value", f"expected `{key}`, found `{reading.program.key}`")
        raise InvalidRequest("the request has faults", [found])
    return reading.program


def simulate_posted(service: Service, simulation: Simulation, profiles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the draft would change for profiles with these attributes; what is stored of them goes before."""
    pair, key = simulation.pair, simulation.active.key
    impact = Impact(pair.active, pair.draft)

    def job(reads: Reads) -> None:
        for place, one in enumerate(profiles):
            row = reads.profile(key, one["id"])
            before = None if row is None else remembered(service.programs, row)
            try_profile(impact, pair, one["id"], before, one.get("attributes"), f"/profiles/{place}/attributes")

    service.store.read(job)
    return simulation.report(impact, len(profiles))


def simulate_stored(
    service: Service,
    simulation: Simulation,
    sample: Sample | None = None,
    progress: Progress = lambda *_: None,
    processes: int = 1,
) -> dict[str, Any]:
    """What the draft would change for the stored profiles, all or some drawn by chance."""
    pair, key = simulation.pair, simulation.active.key
    impact = Impact(pair.active, pair.draft)
    of, ids = service.store.read(lambda reads: _drawn(reads, key, sample))
    total = of if ids is None else len(ids)
    pages = _pages(service, key, ids)
    done = 0
    with closing(_counted(service, simulation, impact, pages, processes if total > FEW else 1)) as counts:
        for count in counts:
            done += count
            progress(done, max(done, total))
    return simulation.report(impact, max(of, done), sample if ids is not None else None)


def run(task: Task) -> dict[str, Any]:
    """The job: see `simulate_stored`. `at` is the instant at which it begins, unless it was said."""
    payload, service = task.payload, task.service
    active = service.programs.published(str(task.job.ruleset), payload["version"])
    text = payload["document"]
    at = service.clock() if payload["at"] is None else payload["at"]
    simulation = Simulation(active=active, draft=read_program(text), text=text, at=at)
    sample = payload["sample"] and Sample(payload["sample"]["size"], payload["sample"].get("seed") or 0)
    return simulate_stored(service, simulation, sample, task.progress, min(os.cpu_count() or 1, MOST_PROCESSES))


def settle(unit: Unit, result: dict[str, Any]) -> dict[str, Any]:
    """A result without profiles that were erased while it was made."""
    named = sorted({one["profile_id"] for name in ("examples", "failures") for one in result[name]})
    there = {row.profile_id for row in unit.population.rows(result["ruleset"], named)}
    return keep_named(result, there.__contains__)


def keep_named(result: dict[str, Any], is_kept: Callable[[str], bool]) -> dict[str, Any]:
    """A result that names only some of its profiles; the counts stay."""
    return result | {
        name: [one for one in result[name] if is_kept(one["profile_id"])] for name in ("examples", "failures")
    }


def _checked(body: object) -> Mapping[str, Any]:
    found = faults(SIMULATE, body)
    whole: Mapping[str, Any] = body if isinstance(body, dict) else {}
    if whole.get("profiles") is not None and whole.get("sample") is not None:
        found.append(Fault("/sample", "wrong-value", "expected either `profiles` or a `sample` of the stored ones"))
    if found:
        raise InvalidRequest("the request has faults", found)
    return whole


def _drawn(reads: Reads, key: str, sample: Sample | None) -> tuple[int, list[str] | None]:
    """How many profiles there are, and the ids that chance draws; none are named where all are meant."""
    of = reads.population.count(key)
    if sample is None or sample.size >= of:
        return of, None
    places = sorted(Random(sample.seed).sample(range(of), sample.size))  # noqa: S311  # no secret
    return of, reads.population.ids_at(key, places)


def _pages(service: Service, key: str, ids: Sequence[str] | None) -> Iterator[list[ProfileRow]]:
    """The profiles of these ids, or all there are, each page as of its own moment."""
    if ids is not None:
        for start in range(0, len(ids), PAGE):
            some = ids[start : start + PAGE]
            yield service.store.read(partial(_rows, key=key, ids=some))
        return
    after = ""
    while rows := service.store.read(partial(_page, key=key, after=after)):
        yield rows
        after = rows[-1].profile_id


def _rows(reads: Reads, key: str, ids: Sequence[str]) -> list[ProfileRow]:
    return reads.population.rows(key, ids)


def _page(reads: Reads, key: str, after: str) -> list[ProfileRow]:
    return reads.population.page(key, after, PAGE)


def _counted(
    service: Service, simulation: Simulation, impact: Impact, pages: Iterator[list[ProfileRow]], processes: int
) -> Generator[int, None, None]:
    """Decide every page, in this process or by others; how many profiles each had, as they are done."""
    pair, active = simulation.pair, simulation.active
    if processes == 1:
        for rows in pages:
            try_rows(impact, pair, lambda version: service.programs.published(active.key, version).program, rows)
            yield len(rows)
        return
    documents = _Documents(service, active.key)
    recipe = Recipe(
        active=documents([active.version])[active.version],
        version=active.version,
        draft=simulation.text,
        at=simulation.at,
        rules_fire=active.rules_fire,
    )
    with Crew(recipe, processes) as crew:
        yield from crew.count(pages, documents, impact.tally)


@dataclass(frozen=True, slots=True)
class _Documents:
    """The documents of a ruleset's versions, by number."""

    service: Service
    key: str

    def __call__(self, versions: Collection[int]) -> dict[int, str]:
        rows = self.service.store.read(lambda reads: [reads.version(self.key, one) for one in versions])
        return {row.version: row.document for row in rows if row is not None}
