"""The members of every construct: their names, what they hold, and in plain English what they mean.

The source of the shape and of the JSON Schema alike: a class's docstring and the words beside each member are what an
editor shows.
Source: docs/language.md.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from service.language import coherence, model
from service.language.diagnostics import Diagnostic
from service.language.fields import Construct, FreeObject, Json, ListOf, Member, Object, Zone, refuse
from service.language.functions import FUNCTIONS
from service.language.scalars import (
    AnyString,
    Boolean,
    Choice,
    Constant,
    Expression,
    Instant,
    Key,
    KeyOrAny,
    Number,
    Period,
    RulesetKey,
    String,
    Timezone,
    Whole,
    Words,
)
from service.language.types import ATTRIBUTE_TYPES

GRAMMAR = frozenset(
    ["in", "if", "for", "and", "or", "not", "true", "false", "null", "inf", "nan", "elif", "else", "while"]
)
"""The words of the expressions' grammar: no key can be one."""
NAMES = GRAMMAR | {"score", "tier", "tag", "since", "event", "stage"} | frozenset(FUNCTIONS)
"""What a bare name in an expression already means: no attribute and no value can be called so."""


class NamedShape(Construct):
    """What stands on every construct that has a key."""

    key = Key("The name by which the ruleset, callers and the log know it.", required=True, reserved=GRAMMAR)
    title = Words("What people read, in one or several languages.")
    description = Words("What it is for, in one or several languages.")


def _aliases() -> ListOf:
    return ListOf(
        Key(""), "Former keys that still lead here: for callers, in history, under a new version.", unique=True
    )


def _on() -> ListOf:
    about = "Types of events. The rule is looked at only when one of them comes; `when` may then be left out."
    return ListOf(Key(""), about, least=1, unique=True)


class AttributeShape(NamedShape):
    """One input that callers post."""

    model = model.Attribute
    key = Key("The name by which callers post it and expressions read it.", required=True, reserved=NAMES)
    type = Choice("What its values are.", tuple(ATTRIBUTE_TYPES), required=True)
    required = Boolean("Whether a request without it is refused.")
    default = Member("The value that is filled in, and recorded as filled in, where none was posted.")
    minimum = Number("The least value that is accepted; for integers and numbers.")
    maximum = Number("The greatest value that is accepted; for integers and numbers.")
    enum = ListOf(String(""), "The only values accepted; for strings and lists of strings.", least=1, unique=True)
    personal = Boolean("Whether it identifies a person, so that exports and erasure treat it with care.")

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """What fits the type, and the default into its range."""
        return coherence.attribute(given, Zone.get())


class EventShape(NamedShape):
    """One type of event that callers send."""

    model = model.Event


class CaseShape(Construct):
    """One line of a decision list."""

    model = model.Case
    when = Expression("The condition of this line; the first line that is true decides.", required=True)
    then = Constant("What the value is then.", required=True)


class ValueShape(NamedShape):
    """A named expression, or a decision list."""

    model = model.Value
    key = Key("The name by which expressions read it.", required=True, reserved=NAMES)
    expression = Expression("What the value is. Either this, or `cases` with `otherwise`.")
    cases = ListOf(Object(CaseShape), "A decision list: the first line whose condition is true decides.", least=1)
    otherwise = Constant("What the value is where no line of `cases` is true.")
    output = Boolean("Whether it stands under `values` in replies, records and change events.")

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """One of the two forms, of one type."""
        return coherence.value(given)


class PointShape(Construct):
    """One step of a staircase of points."""

    model = model.Point
    points = Number("The points from here on.", required=True, least=0, most=100)
    start = Number("The least input of this step; the first step has none.", name="from")


class ComponentShape(NamedShape):
    """One weighted part of a score."""

    model = model.Component
    weight = Number("How much it counts, beside the other components' weights.", required=True, above=0)
    value = Expression("Its value, 0 to 100. Either this, or `input` with `points`.")
    input = Expression("A number that `points` map to 0 to 100.")
    points = ListOf(
        Object(PointShape), "Steps, lowest first: the highest `from` that the input reaches gives the points.", least=1
    )

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """One of the two forms, its steps in order."""
        return coherence.component(given)


class ScoreShape(NamedShape):
    """A weighted mean of components, 0 to 100."""

    model = model.Score
    components = ListOf(Object(ComponentShape), "The parts it is made of.", required=True, least=1)
    decimals = Whole("How many decimals it is rounded to, half up.", least=0, most=10)
    missing = Choice(
        "What an unknown component does: `reweight` takes the mean of the others, `zero` counts it as 0, "
        "`unknown` makes the score unknown.",
        ("reweight", "zero", "unknown"),
    )
    minimum_coverage = Number(
        "The share of the weight, 0 to 1, that must be known; below it the score is unknown.", least=0, most=1
    )


class BandShape(NamedShape):
    """One band of a tier, from `from` up to the next band's."""

    model = model.Band
    start = Number("The least input of this band; the lowest band has none.", name="from")
    aliases = _aliases()


class TierShape(NamedShape):
    """A ladder of bands over a number."""

    model = model.Tier
    input = Expression("The number that is sorted into the bands, such as `score.activity`.", required=True)
    bands = ListOf(Object(BandShape), "The bands, the lowest first.", required=True, least=1)
    margin = Number("How far below its band's `from` the input must be before a fall begins.", least=0)
    rise_after = Period("How long a higher band must have been reached without a break before the rise.")
    fall_after = Period("How long the input must have been below without a break before the fall.")
    fall = Choice("Where a fall leads: `direct` to the input's band, `one_step` one band down.", ("direct", "one_step"))

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """The bands in order, and a wait for steps."""
        return coherence.tier(given)


class TagGroupShape(NamedShape):
    """A folder of tags."""

    model = model.TagGroup
    dimension = Choice("What its tags describe.", ("attribute", "behaviour", "value"))
    prefix = Words("How the titles of its tags begin.")
    exclusive = Boolean("Whether a profile holds at most one of its tags.")
    default = Key("The tag that is held while no other of the group is; the group must be exclusive.")

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """A default only where one tag is held at most."""
        return coherence.tag_group(given)


class TagShape(NamedShape):
    """A label, and the rule that assigns and removes it."""

    model = model.Tag
    group = Key("The tag group it belongs to.")
    purpose = Words("What is done with those who hold it.")
    owner = String("Who answers for it.")
    when = Expression("The condition that assigns it.")
    on = _on()
    until = Expression("The condition that ends it; for tags with `sticky`, `on` or `expires_after`.")
    sticky = Boolean("Whether it stays when `when` is no longer true, until `until` is.")
    held_for = Period("How long `when` must have been true without a break before it is assigned.", above_zero=True)
    expires_after = Period(
        "How long it stays after `when` stopped being true, or after the last event that fitted.", above_zero=True
    )
    valid_until = Instant("From this instant on nobody holds it.")
    manual = Choice(
        "Whether people may assign and block it: `allowed` beside the rule, `only` without one, `no`.",
        ("allowed", "only", "no"),
    )
    aliases = _aliases()

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """Members that can't stand together."""
        return coherence.tag(given)


class StageShape(NamedShape):
    """One stage of the lifecycle."""

    model = model.Stage
    goal = Words("What is to be reached with those who are in it.")
    aliases = _aliases()


class TransitionShape(NamedShape):
    """A way from one stage to another."""

    model = model.Transition
    sources = ListOf(
        KeyOrAny(""),
        'The stages it leads from; `"*"` is any but `to`.',
        name="from",
        required=True,
        least=1,
        unique=True,
    )
    target = Key("The stage it leads to.", name="to", required=True)
    movement = Choice("What the move means.", ("promotion", "demotion", "recovery", "churn"), required=True)
    when = Expression("The condition under which it fires.")
    on = _on()
    held_for = Period("How long `when` must have been true without a break before it fires.", above_zero=True)
    after_stay = Period("The least time in the present stage before it can fire.")

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """Members that can't stand together."""
        return coherence.transition(given)


class LifecycleShape(Construct):
    """The stages of a profile's life, and the ways between them."""

    model = model.Lifecycle
    title = Words("What people read, in one or several languages.")
    description = Words("What it is for, in one or several languages.")
    initial = Key("The stage that a profile enters when it is seen for the first time.", required=True)
    stages = ListOf(Object(StageShape), "The stages.", required=True, least=1, limit=50)
    transitions = ListOf(Object(TransitionShape), "The ways between stages, tried in this order.", limit=200)


class TriggerShape(Construct):
    """A change that an action fires on: entering a stage, assigning a tag, or entering a band of a tier."""

    model = model.Trigger
    stage = Key("The stage that is entered.")
    tag = Key("The tag that is assigned.")
    tier = Key("The tier of the band that is entered.")
    band = Key("The band that is entered.")

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """Exactly one change."""
        return coherence.trigger(given)


class ActionShape(NamedShape):
    """What should happen on a change."""

    model = model.Action
    on = ListOf(Object(TriggerShape), "The changes it fires on.", required=True, least=1)
    when = Expression("The condition that must also be true then.")
    cooldown = Period("How long it does not fire again after it fired.", above_zero=True)
    parameters = FreeObject("Anything the receiver needs; handed on as it is.")


class EventStepShape(Construct):
    """The event of a step."""

    type = Key("The type of the event.", required=True)
    text = AnyString("The text that came with it.")


class ManualStepShape(Construct):
    """What a person says about a tag in a step."""

    tag = Key("The tag.", required=True)
    state = Choice("Assign it, block it, or leave it to its rule.", ("assigned", "blocked", "released"), required=True)
    reason = String("Why.", required=True)
    actor = String("Who; `example` if left out.")
    expires_at = Instant("When the assignment or block ends.")


class ExpectedTagsShape(Construct):
    """The tags that must be held, not held, or undetermined."""

    has = ListOf(Key(""), "Tags that are held.", unique=True)
    lacks = ListOf(Key(""), "Tags that are not held.", unique=True)
    undetermined = ListOf(Key(""), "Tags whose rule is unknown.", unique=True)


class ExpectShape(Construct):
    """What must hold after a step; only what is named is looked at, and null means unknown."""

    null_counts = True
    stage = Key("The stage.", allow_none=True)
    tags = Object(ExpectedTagsShape)
    tiers = FreeObject("The band of each tier.", Key("", allow_none=True))
    scores = FreeObject("The value of each score, exactly.", Number("", allow_none=True))
    values = FreeObject("The value of each output, exactly.", Constant("", allow_none=True))
    actions = ListOf(Key(""), "Exactly the actions that fired since the previous step.")
    next_change = Instant("The next instant at which something changes by itself; null for never.", allow_none=True)


class StepShape(Construct):
    """One step of an example."""

    model = model.Step
    at = Instant("When it happens.", required=True)
    attributes = FreeObject("The facts, in place of those before.")
    event = Object(EventStepShape)
    manual = Object(ManualStepShape)
    expect = Object(ExpectShape)


class ExampleShape(Construct):
    """A timeline with what must come of it."""

    model = model.Example
    title = Words("What it shows, in one or several languages.")
    description = Words("More about it, in one or several languages.")
    profile = String("The profile's id, which `bucket` reads; `example` if left out.")
    steps = ListOf(Object(StepShape), "What happens, in the order of time.", required=True, least=1)

    def disagreements(self, given: Json) -> Iterator[Diagnostic]:
        """Time that does not go back."""
        return coherence.example(given, Zone.get())


class Format(Whole):
    """The version of the language, which is 1."""

    def read(self, value: Any) -> int:
        """The version."""
        version = super().read(value)
        if version != 1:
            raise refuse("wrong-shape/format", found=version)
        return version

    def describe(self) -> Json:
        """The number 1."""
        return {"const": 1}


def _ruleset(**members: Any) -> model.Ruleset:
    del members["format"]
    return model.Ruleset(**members)


class RulesetShape(NamedShape):
    """How customers are tagged, scored, tiered and led through their lifecycle."""

    model = _ruleset
    format = Format("The version of the language.", required=True)
    key = RulesetKey("The name by which callers and the log know it.", required=True, reserved=GRAMMAR)
    timezone = Timezone("The IANA timezone of dates and of instants without offset; UTC if left out.", default="UTC")
    attributes = ListOf(Object(AttributeShape), "The inputs that callers post.", required=True, limit=500)
    events = ListOf(Object(EventShape), "The types of events that callers send.")
    values = ListOf(Object(ValueShape), "Named expressions and decision lists.")
    scores = ListOf(Object(ScoreShape), "Weighted means, 0 to 100.", limit=50)
    tiers = ListOf(Object(TierShape), "Ladders of bands over a number.", limit=50)
    tag_groups = ListOf(Object(TagGroupShape), "Folders of tags.")
    tags = ListOf(Object(TagShape), "Labels, with the rules that assign and remove them.", limit=600)
    lifecycle = Object(LifecycleShape)
    actions = ListOf(Object(ActionShape), "What should happen on a change.")
    examples = ListOf(Object(ExampleShape), "Timelines with what must come of them.")
    max_moved_share = Number(
        "The share of the stored profiles, 0 to 1, that a publish may move before somebody must say that it is meant.",
        least=0,
        most=1,
    )
    tag_budgets = FreeObject("How many tags each channel takes, by its name.", Whole("", least=1))

    def disagreements(self, given: Json) -> Iterable[Diagnostic]:
        """What constructs say against each other: keys that stand twice, rules that are missing or too many."""
        return [*coherence.keys(given), *coherence.rules(given)]
