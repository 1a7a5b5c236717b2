"""A ruleset's own examples, run as in production, and which of its rules they exercise.

Between two steps time passes: the profile is decided at every `next_change`. Source: docs/language.md, "Examples".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from service.engine.decide import Remembered
from service.engine.decision import Event, ManualChange, Outcome
from service.engine.evaluate import evaluate, remember
from service.engine.facts import read_facts
from service.engine.walk import Walk
from service.errors import ServiceError
from service.language.diagnostics import Diagnostic, step
from service.language.instants import read_instant, write_instant
from service.language.model import Example, Step
from service.language.program import Program
from service.language.sentences import say
from service.language.tree import Choice, Node
from service.language.types import Type


@dataclass(frozen=True, slots=True)
class ExampleReport:
    """What the examples showed: failed expectations and untested rules, all rules, and those that took effect.

    `coverage` is the exercised share in percent, 0-100.
    """

    diagnostics: tuple[Diagnostic, ...]
    rules: tuple[str, ...]
    exercised: frozenset[str]
    coverage: Decimal


@dataclass(slots=True)
class Timeline:
    """One example while it runs."""

    program: Program
    profile: str
    before: Remembered | None = None
    exercised: set[str] = field(default_factory=set)


def run_examples(program: Program) -> ExampleReport:
    """Runs every example of the program's ruleset."""
    found: list[Diagnostic] = []
    exercised: set[str] = set()
    for index, example in enumerate(program.ruleset.examples):
        found.extend(run_example(program, example, f"/examples/{index}", exercised))
    rules = dict(every_rule(program))
    done = frozenset(exercised & set(rules))
    found.extend(say("untested-rule", pointer, rule=rule) for rule, pointer in rules.items() if rule not in done)
    coverage = Decimal(100 * len(done)) / len(rules) if rules else Decimal(100)
    return ExampleReport(tuple(found), tuple(rules), done, coverage)


def run_example(program: Program, example: Example, pointer: str, exercised: set[str]) -> Iterator[Diagnostic]:
    """Runs one timeline; a step that can't be decided ends it."""
    timeline = Timeline(program, example.profile, None, exercised)
    for index, one in enumerate(example.steps):
        place = f"{pointer}/steps/{index}"
        try:
            outcomes = take_step(timeline, one, place)
        except ServiceError as error:
            faults = [f"`{fault.pointer}` {fault.message}" for fault in getattr(error, "errors", ())]
            yield say("failing-example/request", place, found="; ".join(faults) or error.detail)
            return
        yield from compare(program, one.expect or {}, outcomes, f"{place}/expect")


def take_step(timeline: Timeline, one: Step, place: str) -> list[Outcome]:
    """Decides one step, with all that time brought before it."""
    program = timeline.program
    facts = timeline.before.facts if timeline.before else None
    if one.attributes is not None or facts is None:
        facts = read_facts(program, one.attributes or {}, f"{place}/attributes")
    outcomes = evaluate(
        program,
        timeline.profile,
        facts,
        timeline.before,
        at=one.at,
        event=read_event(one),
        manual=None if one.manual is None else read_manual(program, one.manual),
    )
    timeline.before = remember(program, facts, outcomes[-1])
    for outcome in outcomes:
        timeline.exercised.update(exercises(program, outcome))
    return outcomes


def read_event(one: Step) -> Event | None:
    """The event of a step, which happens when the step does."""
    posted: Any = one.event
    return None if posted is None else Event(posted["type"], posted.get("text"), one.at)


def read_manual(program: Program, posted: Mapping[str, Any]) -> ManualChange:
    """The person's word of a step."""
    ends = posted.get("expires_at")
    return ManualChange(
        tag=program.aliases.get(f"tag/{posted['tag']}", posted["tag"]),
        state=posted["state"],
        actor=posted.get("actor") or "example",
        reason=posted["reason"],
        expires_at=None if ends is None else read_instant(ends, program.where),
    )


# What a rule did


def every_rule(program: Program) -> Iterator[tuple[str, str]]:
    """Every rule that an example can exercise, with its pointer."""
    ruleset = program.ruleset
    for index, tag in enumerate(ruleset.tags):
        yield f"tags/{tag.key}", f"/tags/{index}"
    for index, tier in enumerate(ruleset.tiers):
        for place, band in enumerate(tier.bands):
            yield f"tiers/{tier.key}/{band.key}", f"/tiers/{index}/bands/{place}"
    for index, transition in enumerate(ruleset.lifecycle.transitions if ruleset.lifecycle else ()):
        yield f"lifecycle/transitions/{transition.key}", f"/lifecycle/transitions/{index}"
    for index, action in enumerate(ruleset.actions):
        yield f"actions/{action.key}", f"/actions/{index}"
    for index, value in enumerate(ruleset.values):
        for place in range(len(value.cases or ())):
            yield f"values/{value.key}/cases/{place}", f"/values/{index}/cases/{place}"


def exercises(program: Program, outcome: Outcome) -> Iterator[str]:
    """The rules that took effect in an outcome."""
    for one in outcome.decisions:
        yield f"tiers/{one.key}/{one.target}" if one.kind == "tier" else str(one.rule)
    for fired in outcome.actions:
        yield f"actions/{fired.key}"
    walk = Walk(outcome.run)
    for value in program.ruleset.values:
        if value.cases is not None:
            place = case_of(walk, program.rules.values[value.key])
            if place is not None:
                yield f"values/{value.key}/cases/{place}"


def case_of(walk: Walk, tree: Node) -> int | None:
    """Which case of a decision list holds; nothing for `otherwise`, or while one before it is unknown."""
    place = 0
    while isinstance(tree, Choice):
        answer = walk.value(tree.condition)
        if answer is not False:
            return place if answer else None
        tree, place = tree.otherwise, place + 1
    return None


# What was expected


def compare(program: Program, expect: Mapping[str, Any], outcomes: list[Outcome], pointer: str) -> Iterator[Diagnostic]:
    """A diagnostic for each expectation that does not hold."""
    for place, expected, found in expectations(program, expect, outcomes, pointer):
        if expected != found or isinstance(expected, bool) is not isinstance(found, bool):
            yield say("failing-example", place, expected=show(expected), found=show(found))


def expectations(
    program: Program, expect: Mapping[str, Any], outcomes: list[Outcome], pointer: str
) -> Iterator[tuple[str, Any, Any]]:
    """Each expectation as (pointer, expected, found), both as plain values."""
    last = outcomes[-1]
    if "stage" in expect:
        yield f"{pointer}/stage", expect["stage"], last.stage
    yield from expected_tags(expect.get("tags") or {}, last, f"{pointer}/tags")
    for key, band in (expect.get("tiers") or {}).items():
        yield step(f"{pointer}/tiers", key), band, last.tiers.get(key)
    for key, score in (expect.get("scores") or {}).items():
        yield step(f"{pointer}/scores", key), score, last.scores[key].value if key in last.scores else None
    for key, value in (expect.get("values") or {}).items():
        yield step(f"{pointer}/values", key), *expected_value(program, key, value, last.values.get(key))
    if expect.get("actions") is not None:
        fired = [one.key for outcome in outcomes for one in outcome.actions]
        yield f"{pointer}/actions", list(expect["actions"]), fired
    if "next_change" in expect:
        found = write_instant(last.next_change.at) if last.next_change else None
        yield f"{pointer}/next_change", instant_text(expect["next_change"], program), found


def expected_value(program: Program, key: str, expected: Any, found: Any) -> tuple[Any, Any]:
    """What an output should be and what it is; instants as the service writes them."""
    if program.rules.values[key].type is Type.DATETIME and found is not None:
        return instant_text(expected, program), write_instant(found)
    return expected, list(found) if isinstance(found, tuple) else found


def instant_text(expected: Any, program: Program) -> Any:
    """An expected instant as the service writes it; what is none stays, and equals none."""
    try:
        return write_instant(read_instant(expected, program.where)) if isinstance(expected, str) else expected
    except ValueError:
        return expected


def expected_tags(expect: Mapping[str, Any], last: Outcome, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    """Tags that should be held, not be held, or be undetermined."""
    undetermined = {one.key for one in last.standing if one.kind == "tag" and one.outcome == "undetermined"}
    for word, known, wanted in (
        ("has", set(last.tags), True),
        ("lacks", set(last.tags), False),
        ("undetermined", undetermined, True),
    ):
        for index, tag in enumerate(expect.get(word) or ()):
            words = {True: f"{tag} held", False: f"{tag} not held"}
            if word == "undetermined":
                words = {True: f"{tag} undetermined", False: f"{tag} decided"}
            yield f"{pointer}/{word}/{index}", words[wanted], words[tag in known]


def show(value: Any) -> str:
    """A value as a reader writes it."""
    if value is None:
        return "`null`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return "`[" + ", ".join(str(one) for one in value) + "]`"
    return f"`{format(value, 'f')}`" if isinstance(value, Decimal) else f"`{value}`"
