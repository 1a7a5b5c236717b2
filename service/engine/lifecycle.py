"""Conditions of the transitions -> the stage: a search that moves step by step,
and stops where the rules contradict each other.

Source: docs/language.md, "Lifecycle".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.engine.decision import Decision, Event, Standing
from service.engine.waits import NEVER, later
from service.language.instants import add
from service.language.program import LifecyclePlan, TransitionPlan

if TYPE_CHECKING:
    from service.engine.run import Run

Conditions = tuple[bool | None, ...]


def move_stage(run: Run, conditions: Conditions, event: Event | None) -> str:
    """The stage after this evaluation. `conditions` holds each transition's answer, in document order."""
    lifecycle = run.program.lifecycle
    assert lifecycle is not None
    keep_waits(run, lifecycle, conditions)
    if run.stage is not None and all(conditions[one.index] is False for one in lifecycle.leaving[run.stage]):
        return run.stage
    if run.stage is None:
        note_move(run, None, lifecycle.initial, "entered", "lifecycle/initial", None)
    conflicts = [search(run, lifecycle, conditions, with_events=event is None)]
    if event is not None:
        conflicts.append(search(run, lifecycle, conditions, with_events=True))
    contradiction = tuple(dict.fromkeys(rule for rules in conflicts for rule in rules))
    if contradiction:
        run.standing.append(Standing("stage", "lifecycle", "conflict", None, None, contradiction))
    note_standing(
        run, lifecycle, conditions, quiet=bool(contradiction) or any(one.kind == "stage" for one in run.changes)
    )
    assert run.stage is not None
    return run.stage


def keep_waits(run: Run, lifecycle: LifecyclePlan, conditions: Conditions) -> None:
    """Begins and ends the waits of `held_for`, whatever the present stage."""
    for plan in lifecycle.held:
        condition = conditions[plan.index]
        if condition is True and plan.rule not in run.waits:
            run.wait(plan.rule, run.at)
        elif condition is False and plan.rule in run.waits:
            run.wait(plan.rule, None)


def search(run: Run, lifecycle: LifecyclePlan, conditions: Conditions, *, with_events: bool) -> tuple[str, ...]:
    """Moves until no transition fires; if a stage would be entered twice nothing moves,
    and the rules of the circle come back.
    """
    assert run.stage is not None and run.stage_since is not None
    stage, since = run.stage, run.stage_since
    path: list[TransitionPlan] = []
    while plan := first_ready(run, lifecycle, conditions, stage, since, with_events):
        path.append(plan)
        stage, since = plan.transition.target, run.at
        if stage == run.stage or any(stage == one.transition.target for one in path[:-1]):
            return tuple(one.rule for one in path)
    for one in path:
        transition = one.transition
        note_move(run, run.stage, transition.target, "moved", one.rule, transition.movement)
    return ()


def first_ready(
    run: Run, lifecycle: LifecyclePlan, conditions: Conditions, stage: str, since: int, with_events: bool
) -> TransitionPlan | None:
    """The first transition from a stage that is true and waits for nothing."""
    for plan in lifecycle.leaving[stage]:
        if conditions[plan.index] is not True or (plan.transition.on is not None and not with_events):
            continue
        if due_at(run, plan, since) is None:
            return plan
    return None


def due_at(run: Run, plan: TransitionPlan, since: int) -> int | None:
    """When a transition whose condition is true may fire; nothing if that is now.
    `since` is when its stage was entered.
    """
    transition = plan.transition
    due: int | None = None
    if transition.held_for is not None:
        due = later(run, add(run.waits[plan.rule], transition.held_for, run.where))
    if transition.after_stay is not None:
        stay = later(run, add(since, transition.after_stay, run.where))
        due = stay if due is None else due if stay is None else max(due, stay)
    return due


def note_move(run: Run, source: str | None, target: str, outcome: str, rule: str, movement: str | None) -> None:
    """Enters a stage."""
    run.stage, run.stage_since = target, run.at
    run.changes.append(
        Decision(
            kind="stage", key="lifecycle", outcome=outcome, source=source, target=target, rule=rule, movement=movement
        )
    )


def note_standing(run: Run, lifecycle: LifecyclePlan, conditions: Conditions, *, quiet: bool) -> None:
    """Notes what from the present stage waits, or could not be decided."""
    assert run.stage is not None and run.stage_since is not None
    waiting: list[tuple[int, str, str]] = []
    unknown = []
    for plan in lifecycle.leaving[run.stage]:
        condition = conditions[plan.index]
        if condition is None:
            unknown.append(plan.rule)
        elif condition and plan.transition.on is None:
            due = due_at(run, plan, run.stage_since)
            if due is not None and due != NEVER:
                waiting.append((due, plan.transition.target, plan.rule))
    run.silenced.extend(unknown)
    if quiet:
        return
    if waiting:
        due, target, rule = min(waiting, key=lambda one: one[0])
        run.standing.append(Standing("stage", "lifecycle", "waiting", target, due, (rule,)))
    elif unknown:
        run.standing.append(Standing("stage", "lifecycle", "undetermined", None, None, tuple(unknown)))
