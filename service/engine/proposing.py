"""A program -> the examples that it lacks: at the boundaries of its conditions, and at the end of its waits.

What the ruleset's own examples already show is left out. Pure; the same program gives the same proposals.
Source: docs/language.md, "Examples".
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from service.engine.boundaries import Gap, Proposal, boundaries, compared, example_of, turnings
from service.engine.distances import distance
from service.engine.examples import Timeline, take_step
from service.engine.facts import misfit
from service.engine.journeys import Journey, document_with, journey_to
from service.engine.nearest import Goal, find_nearest
from service.engine.observing import Subject, subjects_of
from service.engine.run import Run
from service.engine.trying import Tries
from service.engine.walk import Walk
from service.engine.worlds import EVENT, Budget
from service.errors import ServiceError
from service.language.canonical import canonical_bytes
from service.language.diff.wording import compose
from service.language.model import Attribute
from service.language.phrases.explanations import PROPOSALS
from service.language.program import Program

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A posted value that is refused, and how. An example can't say so: a refused request decides nothing."""

    attribute: str
    posted: object
    message: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """All that is proposed, what is refused, what nothing could be proposed for, and the rules nobody looked at."""

    examples: tuple[Proposal, ...]
    refused: tuple[Refusal, ...]
    gaps: tuple[Gap, ...]
    left: tuple[str, ...] = ()


def propose(program: Program, rules: Collection[str] = (), trials: int = 1 << 40) -> Proposals:
    """The examples that a program lacks, for all rules or some (`tags/x`), with so many runs of the program at most."""
    budget = Budget(trials)
    start = Journey(program, budget=budget)
    observed = frozenset(observations(program))
    examples: dict[str, Proposal] = {}
    gaps: list[Gap] = []
    left: dict[str, None] = {}
    for subject in subjects_of(program):
        if rules and subject.rule not in rules:
            continue
        found, missing = boundaries(subject, start) if budget.left > 0 else ([], [])
        if budget.left <= 0:
            left[subject.rule] = None
            continue
        gaps += missing
        for one in [*found, *waits(subject, start)]:
            if not is_shown(one, observed):
                examples.setdefault(one.id, one)
    known = {canonical_bytes(bare(one)) for one in documents(program)}
    kept = [one for one in examples.values() if canonical_bytes(bare(one.example)) not in known]
    return Proposals(tuple(kept), tuple(refusals(program)), tuple(gaps), tuple(left))


# What the examples show


def documents(program: Program) -> list[Json]:
    """The ruleset's own examples as they are written."""
    found: Any = program.ruleset.document.get("examples") or []
    return list(found)


def bare(example: Json) -> Any:
    """An example without what it expects and is called."""
    return [{name: one for name, one in step.items() if name != "expect"} for step in example["steps"]]


def observations(program: Program) -> Iterator[tuple[int, object]]:
    """What each condition looked at in a step of the examples that expects something, as (condition, value)."""
    conditions = [turning.atom for subject in subjects_of(program) for turning in turnings(program, subject.tree)]
    for example in program.ruleset.examples:
        timeline = Timeline(program, example.profile)
        for step in example.steps:
            try:
                last = take_step(timeline, step, "")[-1]
            except ServiceError:
                break
            walk = Walk(last.run)
            for atom in conditions if step.expect else ():
                sides = compared(atom)
                yield id(atom), walk.value(atom if sides is None else sides[0])


def is_shown(one: Proposal, observed: Collection[tuple[int, object]]) -> bool:
    """Whether an example already looks at exactly this."""
    return one.observed is not None and one.observed in observed


# Waits


def waits(subject: Subject, start: Journey) -> Iterator[Proposal]:
    """An example just before a rule's wait is over and one when it is, and the same for a tag's expiry."""
    program = subject.program
    member = subject.pointer.rpartition("/")[2]
    if member != "when" or subject.rule.partition("/")[0] not in ("tags", "lifecycle"):
        return
    goal = goal_of(subject)
    begun = subject.begin(start)
    if begun is None:
        return
    if subject.wait is not None:
        world = begun.world()
        found = [one for one in find_nearest(world, goal) if one.at > world.at]
        if found:
            there = begun.step(world.at, document_with(world.facts, found[0].changes), found[0].changes.get(EVENT))
            yield from around(subject, there, found[0].at, "wait")
    if goal.kind == "tag" and program.tags[goal.key].tag.expires_after is not None:
        ending = fading(subject, journey_to(start, goal), goal)
        if ending is not None:
            yield from around(subject, ending[0], ending[1], "expiry")


def goal_of(subject: Subject) -> Goal:
    """What a rule brings about."""
    key = subject.rule.rpartition("/")[2]
    if subject.goal[0] == "tag":
        return Goal("tag", key)
    return Goal("stage", "lifecycle", subject.program.transitions[key].transition.target)


def fading(subject: Subject, held: Journey | None, goal: Goal) -> tuple[Journey, int] | None:
    """A held tag whose condition is false, and when it expires."""
    if held is None or held.last is None:
        return None
    holding = held.last.state.tags[goal.key]
    if holding.expires_at is not None:
        return held, holding.expires_at
    world = held.world()

    def is_fading(run: Run) -> bool:
        kept = run.tags.get(goal.key)
        return kept is not None and kept.expires_at is not None

    def far(run: Run) -> float:
        return distance(Walk(run), subject.tree, truth=False)

    changes = Tries(world, subject.basis).led(is_fading, far)
    if changes is None:
        return None
    there = held.step(world.at, document_with(world.facts, changes), changes.get(EVENT))
    assert there.last is not None
    kept = there.last.state.tags[goal.key]
    return None if kept.expires_at is None else (there, kept.expires_at)


def around(subject: Subject, journey: Journey, due: int, what: str) -> Iterator[Proposal]:
    """The millisecond before an instant, and the instant."""
    for side, at in (("before", due - 1), ("due", due)):
        title = compose(PROPOSALS[f"wait/{side}"], rule=subject.title)
        yield Proposal(
            id=f"{subject.pointer}:{what}:{side}",
            rule=subject.rule,
            pointer=subject.pointer,
            text=what,
            side=side,
            example=example_of(title, journey.step(at), subject),
        )


# Refusals


def refusals(program: Program) -> Iterator[Refusal]:
    """For each attribute values of a wrong type or outside its range, each as the service words its refusal."""
    for one in program.ruleset.attributes:
        yield from (Refusal(one.key, posted, misfit(one, posted, "").message) for posted in unfit(one))


WRONG: dict[str, tuple[object, ...]] = {
    "boolean": ("true",),
    "integer": ("1",),
    "number": ("1",),
    "string": (1,),
    "strings": ("text",),
    "datetime": ("2026-02-30T00:00:00Z",),
    "date": ("2026-02-30",),
}
"""Values of another type than an attribute's, or that do not exist."""


def unfit(attribute: Attribute) -> Iterator[object]:
    """Values that an attribute can't have."""
    yield from WRONG[attribute.type]
    low, high = attribute.minimum, attribute.maximum
    if low is not None:
        yield low - 1  # type: ignore[operator]  # numbers
    if high is not None:
        yield high + 1  # type: ignore[operator]
    if attribute.enum is not None and attribute.type == "string":
        yield "-".join(("", *attribute.enum))
