"""Tiers and the stage -> terms: where a profile stands after one decision, wherever it stood before.

Variables named for the tier, or `stage`, say where it stood and since when. What waits may or may not be over.
Source: docs/language.md, "Tiers" and "Lifecycle".
"""

from typing import Any

from service.language.analyse.terms import Term
from service.language.analyse.world import World
from service.language.instants import FIRST
from service.language.program import TierPlan, TransitionPlan

NO_TIME = "P0D"


def reached(world: World, plan: TierPlan, number: Any) -> Any:
    """The place of the band that a number lies in, from 0."""
    return world.solver.count(number >= world.solver.number(edge) for edge in plan.edges)


def encode_tier(world: World, key: str) -> Term:
    """The place of the band after a decision; unknown where there is none."""
    return world.piece(("tier", key), lambda: placed(world, key))


def placed(world: World, key: str) -> Term:
    """The band, by the input and the band before."""
    solver, plan = world.solver, world.tiers[key]
    number = world.encode(world.rules.tiers[key])
    had, before, _ = stood(world, key)
    band = reached(world, plan, number.value)
    world.side(before >= 0, before < len(plan.keys))
    tier = plan.tier
    if tier.rise_after.is_zero and tier.fall_after.is_zero and not plan.margin:
        return Term(solver.some(number.known, had), solver.choose(number.known, band, before))
    world.leave_open("memory")
    after = solver.whole(f"tier:{key}>")
    moves = solver.every(number.known, had)
    world.side(
        after >= 0,
        after < len(plan.keys),
        solver.follows(solver.no(number.known), after == before),
        solver.follows(solver.every(number.known, solver.no(had)), after == band),
    )
    if tier.rise_after.is_zero:
        world.side(solver.follows(moves, after >= band))
    else:
        world.side(solver.follows(moves, solver.some(after <= before, after <= band)))
    if tier.fall_after.is_zero:
        stays = [solver.every(after == place, number.value >= edge) for place, edge in lower_edges(world, plan)]
        world.side(solver.follows(moves, solver.some(after == 0, *stays)))
    if world.is_exact:
        world.side(solver.follows(had, after == before))
    return Term(solver.some(number.known, had), after)


def lower_edges(world: World, plan: TierPlan) -> list[tuple[int, Any]]:
    """Each band above the lowest with the number below which it is left."""
    return [(place, world.solver.number(edge - plan.margin)) for place, edge in enumerate(plan.edges, start=1)]


def stood(world: World, key: str) -> tuple[Any, Any, Any]:
    """Whether a profile stood in a band before, in which, and since when."""
    solver, name = world.solver, f"tier:{key}"
    return solver.boolean(f"{name}?"), solver.whole(name), solver.whole(f"{name}@")


def band_text(world: World, key: str) -> Term:
    """The key of the band."""
    found = encode_tier(world, key)
    return Term(found.known, named(world, found.value, world.tiers[key].keys))


def named(world: World, place: Any, keys: tuple[str, ...]) -> Any:
    """The key at a place."""
    text: Any = world.texts.code(keys[0])
    for index, key in enumerate(keys[1:], start=1):
        text = world.solver.choose(place >= index, world.texts.code(key), text)
    return text


def since_tier(world: World, key: str) -> Term:
    """Since when the band is held: the present instant where it changed."""

    def build() -> Term:
        solver, band = world.solver, encode_tier(world, key)
        had, before, since = stood(world, key)
        stays = solver.every(had, before == band.value)
        world.side(since <= world.now, since >= FIRST)
        return Term(band.known, solver.choose(stays, since, world.now))

    return world.piece(("since.tier", key), build)


# The stage


def encode_stage(world: World) -> Term:
    """The stage after a decision: none that a transition which waits for nothing leads away from."""
    return world.piece(("stage", ""), lambda: settled(world))


def settled(world: World) -> Term:
    """The stage's text."""
    solver, keys = world.solver, stage_keys(world)
    place = solver.whole("stage")
    world.side(place >= 0, place < len(keys))
    rests = []
    assert world.lifecycle is not None
    for index, key in enumerate(keys):
        away = [fires(world, plan) for plan in world.lifecycle.leaving[key] if not waits(plan)]
        rests.append(solver.follows(place == index, solver.no(solver.some(*away))))
    torn = solver.boolean("torn?") if world.is_torn_possible and not world.is_exact else False
    if torn is not False:
        world.leave_open("memory")
    world.side(solver.some(torn, solver.every(*rests)))
    return Term(known=True, value=named(world, place, keys))


def stage_keys(world: World) -> tuple[str, ...]:
    """The stages, in document order."""
    assert world.ruleset.lifecycle is not None
    return tuple(one.key for one in world.ruleset.lifecycle.stages)


def waits(plan: TransitionPlan) -> bool:
    """Whether a transition may have to wait though its condition is true."""
    return plan.transition.held_for is not None or plan.transition.after_stay is not None


def fires(world: World, plan: TransitionPlan) -> Any:
    """Whether a transition's condition is true, its event there."""
    tree = world.rules.transitions[plan.transition.key]
    return world.is_met(plan.transition.on, tree)


def since_stage(world: World) -> Term:
    """Since when the stage is held."""

    def build() -> Term:
        encode_stage(world)
        since = world.solver.whole("stage@")
        world.side(since <= world.now, since >= FIRST)
        return Term(known=True, value=since)

    return world.piece(("since.stage", ""), build)
