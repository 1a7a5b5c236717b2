"""The ruleset as data: what `shape` gives and every later stage reads.

Data only. Every collection is a tuple in the document's order. An optional member that was absent or null is `None`
(or the empty tuple, or the default that docs/language.md states). Places are not kept here: the pointer of a construct
follows from its position (`/tags/3/when`).
Source: docs/language.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Text = str | Mapping[str, str]
"""Words for people: one string, or one by language (`{"en": ..., "zh": ...}`)."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, above or equal to zero.

    `months` are added on the wall clock of the ruleset's timezone, then `milliseconds` on the time line.
    `text` is the ISO 8601 form it was written in.
    """

    text: str
    months: int = 0
    milliseconds: int = 0

    @property
    def is_zero(self) -> bool:
        """Whether no time passes."""
        return not (self.months or self.milliseconds)


ZERO = Duration("P0D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What stands on every construct that has a key."""

    key: str
    title: Text | None = None
    description: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute(Named):
    """One declared input. `default`, `minimum` and `maximum` are JSON values (numbers as `int` or `Decimal`)."""

    type: str
    required: bool = False
    default: object = None
    minimum: object = None
    maximum: object = None
    enum: tuple[str, ...] | None = None
    personal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Named):
    """One declared type of event."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a decision list: `then` is a JSON boolean, number, string or tuple of strings."""

    when: str
    then: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Named):
    """A named expression, or a decision list with its `otherwise`."""

    expression: str | None = None
    cases: tuple[Case, ...] | None = None
    otherwise: object = None
    output: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """`points` (0-100) for an input at or above `start`; the first entry has no `start` (`from` in the document)."""

    points: object
    start: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Named):
    """One weighted part of a score: a `value` expression, or an `input` expression mapped by `points`."""

    weight: object
    value: str | None = None
    input: str | None = None
    points: tuple[Point, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Named):
    """A weighted mean, 0-100. `missing` is `reweight`, `zero` or `unknown`; `minimum_coverage` is 0-1."""

    components: tuple[Component, ...]
    decimals: int = 2
    missing: str = "reweight"
    minimum_coverage: object = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band(Named):
    """A half-open band of a tier, from `start` (`from` in the document); the lowest has none."""

    start: object = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier(Named):
    """A ladder of bands over a number, lowest first."""

    input: str
    bands: tuple[Band, ...]
    margin: object = 0
    rise_after: Duration = ZERO
    fall_after: Duration = ZERO
    fall: str = "direct"


@dataclass(frozen=True, slots=True, kw_only=True)
class TagGroup(Named):
    """A folder of tags. `default` is a tag's key and needs `exclusive`."""

    dimension: str | None = None
    prefix: Text | None = None
    exclusive: bool = False
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag(Named):
    """A label and the rule that assigns and removes it. `on` is a tuple of event types;
    `manual` is `allowed`, `only` or `no`.

    `valid_until` is an instant, milliseconds since 1970.
    """

    group: str | None = None
    purpose: Text | None = None
    owner: str | None = None
    when: str | None = None
    on: tuple[str, ...] | None = None
    until: str | None = None
    sticky: bool = False
    held_for: Duration | None = None
    expires_after: Duration | None = None
    valid_until: int | None = None
    manual: str = "allowed"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Named):
    """One stage of the lifecycle."""

    goal: Text | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition(Named):
    """A way from stages to a stage. `sources` (`from` in the document) may hold `"*"`; `target` is `to` there.

    `movement` is `promotion`, `demotion`, `recovery` or `churn`.
    """

    sources: tuple[str, ...]
    target: str
    movement: str
    when: str | None = None
    on: tuple[str, ...] | None = None
    held_for: Duration | None = None
    after_stay: Duration | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Stages and the transitions between them; a profile seen for the first time enters `initial`."""

    initial: str
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...] = ()
    title: Text | None = None
    description: Text | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """The change an action fires on: entering `stage`, assigning `tag`, or entering `band` of `tier`."""

    stage: str | None = None
    tag: str | None = None
    tier: str | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Named):
    """What should happen on a change. `parameters` is any JSON object, handed on as it is."""

    on: tuple[Trigger, ...]
    when: str | None = None
    cooldown: Duration | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of an example. `attributes`, `event`, `manual` and `expect` are JSON objects as written;
    `at` is an instant (ms).
    """

    at: int
    attributes: Mapping[str, object] | None = None
    event: Mapping[str, object] | None = None
    manual: Mapping[str, object] | None = None
    expect: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A timeline with expectations. `profile` is the id that `bucket` reads."""

    steps: tuple[Step, ...]
    title: Text | None = None
    description: Text | None = None
    profile: str = "example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset(Named):
    """The whole document. `document` is the plain JSON value it was shaped from, absent and null members left out.

    `max_moved_share` (0-1) is how many of the stored profiles a publish may move unasked, `tag_budgets` how many tags
    each channel takes; they decide nothing.
    """

    timezone: str
    attributes: tuple[Attribute, ...]
    events: tuple[Event, ...] = ()
    values: tuple[Value, ...] = ()
    scores: tuple[Score, ...] = ()
    tiers: tuple[Tier, ...] = ()
    tag_groups: tuple[TagGroup, ...] = ()
    tags: tuple[Tag, ...] = ()
    lifecycle: Lifecycle | None = None
    actions: tuple[Action, ...] = ()
    examples: tuple[Example, ...] = ()
    max_moved_share: object = None
    tag_budgets: Mapping[str, int] | None = None
    document: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
