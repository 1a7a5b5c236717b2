"""A checked ruleset and the program made from it: the steps the engine runs, everything looked up.

Data only. `Rules` holds the typed tree of every expression; `Program` adds the compiled functions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from service.language.model import Action, Duration, Ruleset, Tag, Tier, Transition
from service.language.tree import Node


@dataclass(frozen=True, slots=True)
class ComponentRule:
    """One part of a score: its weight, the tree of its value or input, and for an input the points by ascending start.

    `of_score` names the score that the value exactly is, if it is one: then its coverage counts.
    """

    weight: Decimal
    tree: Node
    points: tuple[tuple[Decimal | None, Decimal], ...] | None
    of_score: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """The typed trees of a ruleset, by key; `order` lists (kind, key) so that each stands behind what it reads."""

    values: Mapping[str, Node]
    scores: Mapping[str, tuple[ComponentRule, ...]]
    tiers: Mapping[str, Node]
    tags: Mapping[str, tuple[Node | None, Node | None]]
    transitions: Mapping[str, Node | None]
    actions: Mapping[str, Node | None]
    order: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TagPlan:
    """A tag with all that its step needs: `rule` is its path, `group` its exclusive group, if any.

    One without memory is held exactly while its rule is true and the place in its group, if it has one, is free.
    """

    tag: Tag
    rule: str
    group: str | None
    is_default: bool
    has_memory: bool


@dataclass(frozen=True, slots=True)
class TierPlan:
    """A tier with its bands' keys and starts, lowest first (the first start is `None`;
    `edges` leaves it out), and its margin.
    """

    tier: Tier
    rule: str
    keys: tuple[str, ...]
    starts: tuple[Decimal | None, ...]
    edges: tuple[Decimal, ...]
    margin: Decimal


@dataclass(frozen=True, slots=True)
class TransitionPlan:
    """A transition with its path and its place among the compiled conditions."""

    transition: Transition
    rule: str
    index: int


@dataclass(frozen=True, slots=True)
class LifecyclePlan:
    """The transitions that leave each stage, in document order."""

    initial: str
    leaving: Mapping[str, tuple[TransitionPlan, ...]]
    held: tuple[TransitionPlan, ...]


@dataclass(frozen=True, slots=True)
class ActionPlan:
    """An action and the changes (kind, key, target) that it fires on."""

    action: Action
    triggers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One version of a ruleset, ready to decide.

    `know(run, facts)` computes what the facts alone decide, and `run(run, facts, event, at)` makes every other step;
    `act(run, facts, at, ready)` gives the actions of `ready` whose `when` is true.
    `clocks`, `next_clocks` and `ticks` (each `(run, facts, at, found)`) append to `found` instants after `at` at which
    a condition may change: all that there will be; the next ones; and the next ones of conditions that change often.
    A glance at `watch(run, facts, at)`, which gives the answers of these conditions as one tuple, says whether one did.
    `held` maps a rule with `held_for` to it, `ending` a tag to its `valid_until`, `trees` every rule to its trees;
    `aliases` merged keys (`tag/old`) to present ones. `cache` is for what readers of the program make once.
    """

    ruleset: Ruleset
    digest: str
    where: tzinfo
    rules: Rules
    know: Callable[..., tuple[Any, ...]]
    run: Callable[..., None]
    watch: Callable[..., tuple[Any, ...]]
    clocks: Callable[..., None]
    next_clocks: Callable[..., None]
    ticks: Callable[..., None]
    act: Callable[..., list[ActionPlan]]
    has_next: bool
    has_ticks: bool
    tags: Mapping[str, TagPlan]
    tiers: Mapping[str, TierPlan]
    lifecycle: LifecyclePlan | None
    transitions: Mapping[str, TransitionPlan]
    actions: tuple[ActionPlan, ...]
    outputs: tuple[str, ...]
    aliases: Mapping[str, str]
    held: Mapping[str, Duration]
    ending: Mapping[str, int]
    trees: Mapping[str, tuple[Node, ...]]
    cache: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def key(self) -> str:
        """The ruleset's key."""
        return self.ruleset.key
