"""The one function that decides: a program, a profile's facts and state, an event, an instant -> an outcome.

No clock, no I/O, no chance. Everything that decides (evaluate, preview, simulate, sweep, replay, examples) calls this.
Source: docs/language.md, "Decisions"; docs/decisions, "one pure function decides".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from service.engine.actions import fire_actions
from service.engine.adopt import adopt
from service.engine.cause import name_causes
from service.engine.decision import Decision, Event, ManualChange, Outcome, Rating
from service.engine.execute import execute, execute_again
from service.engine.facts import Facts
from service.engine.horizon import kept, next_change
from service.engine.run import Run
from service.engine.state import State
from service.engine.walk import Walk
from service.language.functions import CONTEXT, ONE
from service.language.program import Program

PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is stored of a profile: its state and facts, the instant it was last decided, when it changes next,
    and by which program.
    """

    state: State
    facts: Facts
    at: int
    next_at: int | None
    program: Program


def decide(  # noqa: PLR0913  # each is an input of the decision
    program: Program,
    profile: str,
    facts: Facts,
    before: Remembered | None,
    event: Event | None,
    at: int,
    *,
    manual: ManualChange | None = None,
    quiet: bool = False,
    rules_fire: bool = False,
    ahead: bool = True,
) -> Outcome:
    """Decides one profile at one instant.

    `before` is what the last decision left, or nothing for a profile never seen; `quiet` fires no action,
    `rules_fire` also those on changes that only a new version brought; without `ahead` the next change is not looked
    for, which nothing else depends on.
    `at` is not before the last decision (callers see to it),
    and every missed change lies behind (`evaluate` sees to it).
    """
    state, adopted = adopt(program, before)
    run = execute(program, profile, facts.values, state, event, at, manual, adopted)
    changes = name_causes(run, facts, before, event, manual) if run.changes else []
    fired, last = fire_actions(run, changes, quiet=quiet, rules_fire=rules_fire)
    after = run.state(last)
    missing = missing_by_rule(run)
    calm = run
    if ahead and (run.changes or event is not None or manual is not None):
        calm = execute_again(run, after, at)
    return Outcome(
        at=at,
        state=after,
        stage=run.stage,
        tags=sorted(run.tags),
        tiers={key: run.band(key) for key in program.tiers},
        scores={
            key: Rating(value, ONE if coverage is ONE else coverage.quantize(PLACES, ROUND_HALF_UP, CONTEXT))
            for key, (value, coverage) in run.scores.items()
        },
        values={key: run.values[key] for key in program.outputs},
        decisions=changes,
        standing=stand(run, missing),
        actions=fired,
        undetermined=missing_names(missing),
        next_change=next_change(calm, after) if ahead else None,
        run=run,
    )


def stand(run: Run, missing: Mapping[str, set[str]]) -> list[Decision]:
    """The decisions that changed nothing and are not simply kept or absent."""
    found = []
    for one in run.standing:
        undetermined, conflict = one.outcome == "undetermined", one.outcome == "conflict"
        found.append(
            Decision(
                kind=one.kind,
                key=one.key,
                outcome=one.outcome,
                source=run.present(one.kind, one.key),
                target=one.target,
                rule=None if conflict else one.rules[0],
                due_at=one.due_at,
                missing=tuple(sorted(set().union(*(missing[rule] for rule in one.rules)))) if undetermined else (),
                transitions=one.rules if conflict else (),
            )
        )
    return found


def missing_by_rule(run: Run) -> dict[str, set[str]]:
    """Each rule that could not be decided, with the attributes whose absence silenced it."""
    walk = Walk(run)
    trees = run.program.trees
    return {rule: {name for tree in trees[rule] for name in walk.blame(tree)} for rule in dict.fromkeys(run.silenced)}


def missing_names(missing: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Each missing attribute with the rules it silenced, both sorted."""
    found: dict[str, list[str]] = {}
    for rule in sorted(missing):
        for name in missing[rule]:
            found.setdefault(name, []).append(rule)
    return dict(sorted(found.items()))


def all_decisions(outcome: Outcome) -> list[Decision]:
    """One decision for every tag, tier and the lifecycle, with what is simply kept or absent spelled out."""
    run: Run = outcome.run
    found = [*outcome.decisions, *outcome.standing]
    named = {(one.kind, one.key) for one in found}
    for kind, key, rule in every(run.program):
        if (kind, key) not in named:
            found.append(kept(run, kind, key, rule))
    return found


def every(program: Program) -> list[tuple[str, str, str | None]]:
    """Everything that is decided: (kind, key, rule)."""
    found: list[tuple[str, str, str | None]] = [("tag", key, plan.rule) for key, plan in program.tags.items()]
    found.extend(("tier", key, plan.rule) for key, plan in program.tiers.items())
    if program.lifecycle is not None:
        found.append(("stage", "lifecycle", None))
    return found
