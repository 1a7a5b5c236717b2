"""A number -> the band of a tier, with margin and waits.

Source: docs/language.md, "Tiers".
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from typing import TYPE_CHECKING

from service.engine.decision import Decision, Standing
from service.engine.state import Place
from service.language.functions import CONTEXT
from service.language.instants import add
from service.language.model import Duration
from service.language.program import TierPlan

if TYPE_CHECKING:
    from service.engine.run import Run


def assign_tier(run: Run, plan: TierPlan, number: Decimal | None) -> str | None:
    """The tier's band after this evaluation; an unknown number keeps it, and its waits."""
    key = plan.tier.key
    place = run.tiers.get(key)
    if number is None:
        note(run, plan, "undetermined")
        run.silenced.append(plan.rule)
        return None if place is None else place.band
    reached = bisect_right(plan.edges, number)
    if place is None:
        return enter(run, plan, None, reached, "entered", number)
    present = plan.keys.index(place.band)
    if reached == present and not place.rises and place.fall is None:
        return place.band
    waiting = waits(run, plan, place, present, reached, number)
    risen = due_rise(run, plan, waiting, present)
    if risen > present:
        return enter(run, plan, place, risen, "rose", number, waiting)
    fallen = due_fall(run, plan, waiting, present, reached)
    if fallen < present:
        return enter(run, plan, place, fallen, "fell", number)
    if waiting != place:
        run.stand_in(key, waiting)
    note_wait(run, plan, waiting, present, reached)
    return place.band


def waits(run: Run, plan: TierPlan, place: Place, present: int, reached: int, number: Decimal) -> Place:
    """The place with its waits as they are now: one for each higher band reached,
    one for being below the present band.
    """
    started = dict(place.rises)
    rises = tuple((key, started.get(key, run.at)) for key in plan.keys[present + 1 : reached + 1])
    fall = (run.at if place.fall is None else place.fall) if is_below(plan, present, number) else None
    return place._replace(rises=rises, fall=fall)


def is_below(plan: TierPlan, index: int, number: Decimal) -> bool:
    """Whether a number lies below a band by more than the margin."""
    start = plan.starts[index]
    return start is not None and number < CONTEXT.subtract(start, plan.margin)


def due_rise(run: Run, plan: TierPlan, waiting: Place, present: int) -> int:
    """The highest band whose wait is over; the present one if none is."""
    due = [key for key, start in waiting.rises if is_over(run, start, plan.tier.rise_after)]
    return plan.keys.index(due[-1]) if due else present


def due_fall(run: Run, plan: TierPlan, waiting: Place, present: int, reached: int) -> int:
    """Where the fall leads if its wait is over; the present band if not."""
    if waiting.fall is None or not is_over(run, waiting.fall, plan.tier.fall_after):
        return present
    return reached if plan.tier.fall == "direct" else present - 1


def is_over(run: Run, start: int, period: Duration) -> bool:
    """Whether a wait that began at `start` is over."""
    due = add(start, period, run.where)
    return due is not None and run.at >= due


def enter(  # noqa: PLR0917  # Why: all of a move, and private to this file
    run: Run,
    plan: TierPlan,
    place: Place | None,
    index: int,
    outcome: str,
    number: Decimal,
    waiting: Place | None = None,
) -> str:
    """Moves to a band; the fall's wait starts anew, the waits for bands above go on."""
    key, band = plan.tier.key, plan.keys[index]
    above = plan.keys[index + 1 :]
    rises = tuple(one for one in waiting.rises if one[0] in above) if waiting else ()
    fall = run.at if is_below(plan, index, number) else None
    run.stand_in(key, Place(band, run.at, rises, fall))
    source = None if place is None else place.band
    run.changes.append(Decision(kind="tier", key=key, outcome=outcome, source=source, target=band, rule=plan.rule))
    return band


def note(run: Run, plan: TierPlan, outcome: str, target: str | None = None, due_at: int | None = None) -> None:
    """Notes a decision that changes nothing."""
    run.standing.append(Standing("tier", plan.tier.key, outcome, target, due_at, (plan.rule,)))


def note_wait(run: Run, plan: TierPlan, waiting: Place, present: int, reached: int) -> None:
    """Notes the move that waits and is due first."""
    dues = [(add(start, plan.tier.rise_after, run.where), key) for key, start in waiting.rises]
    if waiting.fall is not None:
        target = plan.keys[reached if plan.tier.fall == "direct" else present - 1]
        dues.append((add(waiting.fall, plan.tier.fall_after, run.where), target))
    known = [due for due, _ in dues if due is not None]
    if known:
        first = min(known)
        note(run, plan, "waiting", [key for due, key in dues if due == first][-1], first)
