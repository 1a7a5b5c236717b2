"""Tags -> whether they are held after one decision, whatever was held before; one function for each memory.

Variables named for the tag say whether it was held before, since when, and whether its wait is over.
Nobody's word is in play, but for tags that only people assign.
Source: docs/language.md, "Tags".
"""

from typing import Any

from service.language.analyse.terms import Term
from service.language.analyse.world import World
from service.language.instants import FIRST
from service.language.program import TagPlan


def encode_tag(world: World, key: str) -> Any:
    """Whether the tag is held after the decision."""
    return world.piece(("tag", key), lambda: Term(known=True, value=held(world, world.tags[key]))).value


def held(world: World, plan: TagPlan) -> Any:
    """The rule's verdict, where the group has a place for it."""
    solver = world.solver
    if plan.is_default:
        return solver.no(solver.some(*(encode_tag(world, one.tag.key) for one in rivals(world, plan))))
    verdict = wanted(world, plan)
    if plan.group is None:
        return verdict
    earlier = [encode_tag(world, one.tag.key) for one in rivals(world, plan)]
    alone(world, plan)
    return solver.every(verdict, solver.no(solver.some(*earlier)))


def wanted(world: World, plan: TagPlan) -> Any:
    """Whether the tag's own rule, or a person's word, would hold it."""
    solver, tag = world.solver, plan.tag
    lasts = True if tag.valid_until is None else world.now < tag.valid_until
    when, until = world.rules.tags[tag.key]
    if tag.manual == "only":
        return solver.every(lasts, by_hand(world, tag.key))
    ended = False if until is None else world.is_true(until)
    if tag.on is not None:
        found = solver.some(world.is_met(tag.on, when), before(world, tag.key))
    else:
        found = False if when is None else by_rule(world, plan, world.encode(when))
    return solver.every(lasts, solver.no(ended), found)


def by_rule(world: World, plan: TagPlan, when: Term) -> Any:
    """What a rule without events says: true, false or unknown."""
    solver, tag = world.solver, plan.tag
    was = before(world, tag.key)
    if_true = True if tag.held_for is None else solver.some(was, over(world, plan.rule))
    if_false = was if tag.sticky or tag.expires_after is not None else False
    return solver.choose(when.known, solver.choose(when.value, if_true, if_false), was)


def rivals(world: World, plan: TagPlan) -> list[TagPlan]:
    """Those that come before a tag in its exclusive group: those that a person assigned, then in order of the tags."""
    members = [one for one in world.tags.values() if one.group == plan.group and not one.is_default]
    order = sorted(members, key=lambda one: one.tag.manual != "only")
    return order if plan.is_default else order[: order.index(plan)]


def alone(world: World, plan: TagPlan) -> None:
    """At most one tag of an exclusive group was held before."""
    members = [one.tag.key for one in world.tags.values() if one.group == plan.group and not one.is_default]
    was = [before(world, key) for key in members if world.tags[key].tag.manual != "only"]
    hand = [by_hand(world, key) for key in members if world.tags[key].tag.manual == "only"]
    world.side(world.solver.count(was) <= 1, world.solver.count(hand) <= 1)


def before(world: World, key: str) -> Any:
    """Whether the tag was held before."""
    return world.piece(("before", key), lambda: Term(known=True, value=world.solver.boolean(f"tag:{key}"))).value


def by_hand(world: World, key: str) -> Any:
    """Whether a person has assigned the tag."""
    return world.piece(("hand", key), lambda: Term(known=True, value=world.solver.boolean(f"hand:{key}"))).value


def over(world: World, rule: str) -> Any:
    """Whether the wait of a rule is over."""
    return world.piece(("over", rule), lambda: Term(known=True, value=world.solver.boolean(f"over:{rule}"))).value


def since_tag(world: World, key: str) -> Term:
    """Since when the tag is held: the present instant where it was assigned in the decision."""

    def build() -> Term:
        solver, holds = world.solver, encode_tag(world, key)
        since = solver.whole(f"tag:{key}@")
        world.side(since <= world.now, since >= FIRST)
        if world.tags[key].tag.manual == "only" or world.tags[key].is_default:
            return Term(holds, since)
        return Term(holds, solver.choose(before(world, key), since, world.now))

    return world.piece(("since.tag", key), build)
