"""Constructs of a checked ruleset -> what their steps need at run time, everything looked up once.

Source: docs/language.md.
"""

from collections.abc import Iterator
from decimal import Decimal

from service.language.functions import ZERO
from service.language.model import Action, Ruleset, Tier
from service.language.program import ActionPlan, ComponentRule, LifecyclePlan, TagPlan, TierPlan, TransitionPlan


class Weights:
    """What `run.rate` needs of a score: its weights, how it rounds, and what missing parts mean."""

    __slots__ = ("decimals", "key", "minimum_coverage", "missing", "total", "weights")

    def __init__(self, ruleset: Ruleset, key: str, parts: tuple[ComponentRule, ...]) -> None:
        score = next(one for one in ruleset.scores if one.key == key)
        self.key = key
        self.weights = tuple(part.weight for part in parts)
        self.total = sum(self.weights, ZERO)
        self.decimals = Decimal(1).scaleb(-score.decimals)
        self.missing = score.missing
        self.minimum_coverage = Decimal(score.minimum_coverage)  # type: ignore[arg-type]


def is_plain(plan: TagPlan) -> bool:
    """Whether a tag is held exactly while its rule is true."""
    return plan.group is None and not plan.has_memory


def compile_tags(ruleset: Ruleset) -> dict[str, TagPlan]:
    """The tags by key, in document order, with their exclusive groups."""
    exclusive = {one.key: one for one in ruleset.tag_groups if one.exclusive}
    defaults = {one.default for one in exclusive.values()}
    found = {}
    for one in ruleset.tags:
        group = one.group if one.group in exclusive else None
        memory = one.on or one.until or one.sticky or one.held_for or one.expires_after or one.valid_until
        found[one.key] = TagPlan(one, f"tags/{one.key}", group, one.key in defaults, bool(memory))
    return found


def compile_tier(tier: Tier) -> TierPlan:
    """A tier's bands as two parallel tuples."""
    edges = tuple(Decimal(band.start) for band in tier.bands[1:])  # type: ignore[arg-type]
    keys = tuple(band.key for band in tier.bands)
    return TierPlan(tier, f"tiers/{tier.key}", keys, (None, *edges), edges, Decimal(tier.margin))  # type: ignore[arg-type]


def compile_transitions(ruleset: Ruleset) -> dict[str, TransitionPlan]:
    """The transitions by key, in document order."""
    transitions = ruleset.lifecycle.transitions if ruleset.lifecycle else ()
    return {
        one.key: TransitionPlan(one, f"lifecycle/transitions/{one.key}", index) for index, one in enumerate(transitions)
    }


def compile_lifecycle(ruleset: Ruleset, plans: dict[str, TransitionPlan]) -> LifecyclePlan | None:
    """Which transitions leave each stage."""
    if ruleset.lifecycle is None:
        return None
    leaving = {}
    for stage in ruleset.lifecycle.stages:
        leaving[stage.key] = tuple(
            plan
            for plan in plans.values()
            if stage.key in plan.transition.sources
            or ("*" in plan.transition.sources and stage.key != plan.transition.target)
        )
    held = tuple(plan for plan in plans.values() if plan.transition.held_for is not None)
    return LifecyclePlan(ruleset.lifecycle.initial, leaving, held)


def compile_action(action: Action) -> ActionPlan:
    """An action with its triggers as (kind, key, target)."""
    triggers = set()
    for one in action.on:
        if one.stage is not None:
            triggers.add(("stage", "lifecycle", one.stage))
        elif one.tag is not None:
            triggers.add(("tag", one.tag, "held"))
        else:
            triggers.add(("tier", str(one.tier), str(one.band)))
    return ActionPlan(action, tuple(sorted(triggers)))


def alias_pairs(ruleset: Ruleset) -> Iterator[tuple[str, str]]:
    """Every merged key, as `kind/key` (a band's as `tier/key/band`), with the key that took its place."""
    for tag in ruleset.tags:
        yield from ((f"tag/{alias}", tag.key) for alias in tag.aliases)
    for stage in ruleset.lifecycle.stages if ruleset.lifecycle else ():
        yield from ((f"stage/{alias}", stage.key) for alias in stage.aliases)
    for tier in ruleset.tiers:
        for band in tier.bands:
            yield from ((f"tier/{tier.key}/{alias}", band.key) for alias in band.aliases)
