"""A lifecycle -> the questions whether transitions can lead in a circle for one profile at one instant.

Source: docs/language.md, "Lifecycle".
"""

from collections.abc import Iterator

from service.language.analyse.claims import Circle, Claim, Demand, Question
from service.language.model import Ruleset
from service.language.plans import compile_lifecycle, compile_transitions
from service.language.program import LifecyclePlan, Rules, TransitionPlan

MOST_CIRCLES = 300
MOST_STEPS = 20_000
LONGEST = 6


def circle_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """One question for each circle of transitions."""
    lifecycle = compile_lifecycle(ruleset, compile_transitions(ruleset))
    if lifecycle is None:
        return
    for circle in followed(lifecycle)[0]:
        keys = " → ".join(f"`{plan.transition.key}`" for _, plan in circle)
        yield Question(
            name=f"circle {keys}",
            sentence="oscillation",
            pointer=f"/lifecycle/transitions/{min(plan.index for _, plan in circle)}",
            claim=claim(lifecycle, rules, circle),
            finds="met",
            words=(("keys", keys),),
        )


def are_all_asked(ruleset: Ruleset) -> bool:
    """Whether a conflict always shows a circle that has its question."""
    lifecycle = compile_lifecycle(ruleset, compile_transitions(ruleset))
    return lifecycle is None or followed(lifecycle)[1]


Steps = list[tuple[str, TransitionPlan]]
"""Transitions, each with the stage that it leaves."""


def followed(lifecycle: LifecyclePlan) -> tuple[list[Steps], bool]:
    """Circles, each once, short ones first; and whether a conflict always shows one of them.

    Why not with events: a search without them goes first, so that a circle may be entered halfway.
    """
    found, steps = list[Steps](), iter(range(MOST_STEPS))
    for first in lifecycle.leaving:
        found.extend(one for one in paths(lifecycle, first, [], steps) if opens(lifecycle, one))
    is_all = next(steps, None) is not None and len(found) <= MOST_CIRCLES and len(lifecycle.leaving) <= LONGEST
    is_plain = all(plan.transition.on is None for circle in found for _, plan in circle)
    return sorted(found, key=len)[:MOST_CIRCLES], is_all and is_plain


def paths(lifecycle: LifecyclePlan, stage: str, path: Steps, steps: Iterator[int]) -> Iterator[Steps]:
    """Ways from a stage back to the first of a path, no stage twice, as long as there are `steps`."""
    for plan in lifecycle.leaving[stage]:
        if next(steps, None) is None or (path and plan.transition.after_stay is not None):
            continue  # Why: within one search no time passes in a stage.
        way = [*path, (stage, plan)]
        target = plan.transition.target
        if target == way[0][0]:
            yield way
        elif len(way) < LONGEST and all(target != one for one, _ in way):
            yield from paths(lifecycle, target, way, steps)


def opens(lifecycle: LifecyclePlan, circle: Steps) -> bool:
    """Whether this is the one of a circle's beginnings that is asked about.

    That is where a stay is asked for, else where an event is, else its first stage. What asks for a stay and no event
    is not met twice where the others need one: the search without events has moved then, and the stay begins anew.
    """
    first = circle[0][1].transition
    needs_event = [stage for stage, plan in circle if plan.transition.on is not None]
    if any(plan.transition.after_stay is not None for _, plan in circle):
        return first.after_stay is not None and (not needs_event or first.on is not None)
    order = list(lifecycle.leaving)
    return circle[0][0] == min(needs_event or [stage for stage, _ in circle], key=order.index)


def claim(lifecycle: LifecyclePlan, rules: Rules, circle: Steps) -> Claim:
    """Each transition is true, and none before it that waits for nothing; where an event starts it, none without."""
    demands = []
    for stage, plan in circle:
        plans = lifecycle.leaving[stage]
        rests = stage == circle[0][0] and plan.transition.on is not None
        for other in plans if rests else plans[: plans.index(plan)]:
            one = other.transition
            if one.on is None and one.held_for is None and one.after_stay is None:
                demands.append(Demand(rules.transitions[one.key], "not true"))
        demands.append(Demand(rules.transitions[plan.transition.key], "true", plan.transition.on))
    waited = frozenset(plan.rule for _, plan in circle if plan.transition.held_for is not None)
    return Claim(tuple(demands), Circle(circle[0][0], waited, tuple(plan.rule for _, plan in circle)))
