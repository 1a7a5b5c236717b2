"""What was decided about one profile at one instant: decisions, actions, the new state,
and when something changes next.

Data only. Instants are whole milliseconds since 1970-01-01T00:00:00Z.
Source: docs/language.md, "Decisions".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from service.engine.state import State

CHANGES = frozenset({"assigned", "removed", "expired", "entered", "rose", "fell", "moved"})
"""The outcomes that change something; every other outcome leaves things as they are."""


class Decision(NamedTuple):
    """One answer about one tag, one tier or the lifecycle.

    `kind` is `tag`, `tier` or `stage`; `key` the tag's or tier's key, or `lifecycle`.
    `source` and `target` (`from` and `to` outside) are `absent`/`held`, band keys or stage keys; of a move that waits,
    `target` is where it would lead and `due_at` when. `missing` names the attributes that left it undetermined.
    `transitions` names the rules of a conflict. `cause` stands on changes only.
    """

    kind: str
    key: str
    outcome: str
    source: str | None = None
    target: str | None = None
    rule: str | None = None
    cause: str | None = None
    movement: str | None = None
    due_at: int | None = None
    missing: tuple[str, ...] = ()
    transitions: tuple[str, ...] = ()

    @property
    def is_change(self) -> bool:
        """Whether this decision changed something."""
        return self.outcome in CHANGES


class Event(NamedTuple):
    """Something that happened, of a declared type; `at` is when, by the sender's word."""

    type: str
    text: str | None
    at: int


class ManualChange(NamedTuple):
    """A person's word on a tag: `state` is `assigned`, `blocked` or `released`; always with actor and reason."""

    tag: str
    state: str
    actor: str
    reason: str
    expires_at: int | None = None


class Standing(NamedTuple):
    """A decision that changed nothing and is neither `kept` nor `absent`; `rules` are those that made it."""

    kind: str
    key: str
    outcome: str
    target: str | None = None
    due_at: int | None = None
    rules: tuple[str, ...] = ()


class Rating(NamedTuple):
    """A score's value (0-100, rounded; unknown is `None`) and the share of its weight that was known (0-1)."""

    value: Decimal | None
    coverage: Decimal


class Fired(NamedTuple):
    """An action that fired: its key, its parameters as written in the ruleset, and the change (kind,
    key) it fired on.
    """

    key: str
    parameters: Mapping[str, object]
    kind: str
    on: str


class NextChange(NamedTuple):
    """The next instant at which something differs if no data comes, and what; at the end of the horizon nothing."""

    at: int
    decisions: tuple[Decision, ...]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Everything one evaluation found.

    `decisions` are the changes, in the order they were made. `standing` are the decisions that changed nothing and are
    neither `kept` nor `absent`; what is in neither list is kept if held, else absent (`all_decisions` spells them out).
    `undetermined` maps each missing attribute to the rules it silenced. `values` are the ruleset's outputs.
    `run` is the working memory, for explanations.
    """

    at: int
    state: State
    stage: str | None
    tags: list[str]
    tiers: dict[str, str | None]
    scores: dict[str, Rating]
    values: dict[str, object]
    decisions: list[Decision]
    standing: list[Decision]
    actions: list[Fired]
    undetermined: dict[str, list[str]] = field(default_factory=dict)
    next_change: NextChange | None = None
    run: Any = field(default=None, repr=False, compare=False)
