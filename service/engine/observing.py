"""What of a ruleset can be seen at work: each rule, the way to it, when it fires, and what an example can expect of it.

Source: docs/language.md, "Examples".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from service.engine.decision import Outcome
from service.engine.distances import distance, distance_to
from service.engine.examples import case_of
from service.engine.journeys import Journey, journey_to
from service.engine.nearest import Goal
from service.engine.places import Basis, basis_of, basis_of_tree
from service.engine.run import Run
from service.engine.walk import Walk
from service.engine.wording import titles_of
from service.language.diagnostics import Words
from service.language.diff.wording import compose
from service.language.instants import write_instant
from service.language.model import Duration
from service.language.phrases.explanations import PROPOSALS
from service.language.program import Program
from service.language.tree import Binary, Choice, Literal, Node
from service.language.types import Type

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One condition of one rule.

    `begin` leads a timeline to before the step that shows it; `fires` says of a run that the rule does what it does
    when the condition is true, and `far` how far a run is from that. `expect` is what an example says of the rule.
    `event` comes in the step; after `wait` the effect is there.
    """

    program: Program
    rule: str
    pointer: str
    title: Words
    tree: Node
    goal: tuple[str, str]
    begin: Callable[[Journey], Journey | None]
    fires: Callable[[Run], bool]
    far: Callable[[Run], float]
    expect: Callable[[Outcome], Json]
    event: str | None = None
    wait: Duration | None = None

    @property
    def basis(self) -> Basis:
        """Everything that may decide the rule."""
        found, whole = basis_of_tree(self.program, self.tree), basis_of(self.program, [self.goal])
        found.attributes |= whole.attributes
        found.trees += [tree for tree in whole.trees if tree not in found.trees]
        found.scores |= whole.scores
        found.tiers |= whole.tiers
        return found


def subjects_of(program: Program) -> Iterator[Subject]:
    """Every condition whose effect an example can expect."""
    for index in range(len(program.ruleset.tags)):
        yield from of_tag(program, index)
    for index in range(len(program.ruleset.lifecycle.transitions) if program.ruleset.lifecycle else 0):
        yield from of_transition(program, index)
    for index in range(len(program.ruleset.tiers)):
        yield from of_tier(program, index)
    for index in range(len(program.ruleset.scores)):
        yield from of_score(program, index)
    for index in range(len(program.ruleset.values)):
        yield from of_value(program, index)
    for index in range(len(program.actions)):
        yield from of_action(program, index)


def of_tag(program: Program, index: int) -> Iterator[Subject]:
    """A tag's `when` and `until`."""
    tag = program.ruleset.tags[index]
    key, goal = tag.key, Goal("tag", tag.key)
    when, until = program.rules.tags[key]

    def expect(outcome: Outcome) -> Json:
        standing = {one.key: one.outcome for one in outcome.standing if one.kind == "tag"}
        word = "has" if key in outcome.tags else "undetermined" if standing.get(key) == "undetermined" else "lacks"
        return {"tags": {word: [key]}}

    title = titles_of(program).of("tag", key)
    if when is not None:
        yield Subject(
            program=program,
            rule=f"tags/{key}",
            pointer=f"/tags/{index}/when",
            title=title,
            tree=when,
            goal=("tag", key),
            begin=lambda start: start,
            fires=lambda run: goal.is_met(run) or goal.waits(run),
            far=lambda run: 0 if goal.waits(run) else distance_to(run, *goal),
            expect=expect,
            event=tag.on[0] if tag.on else None,
            wait=tag.held_for,
        )
    if until is not None:
        yield Subject(
            program=program,
            rule=f"tags/{key}",
            pointer=f"/tags/{index}/until",
            title=title,
            tree=until,
            goal=("tag", key),
            begin=lambda start: journey_to(start, goal),
            fires=lambda run: key in run.before.tags and key not in run.tags,
            far=lambda run: distance(Walk(run), until, truth=True),
            expect=expect,
        )


def of_transition(program: Program, index: int) -> Iterator[Subject]:
    """A transition's `when`, seen from the first stage it leaves that can be reached."""
    assert program.ruleset.lifecycle is not None and program.lifecycle is not None
    one = program.ruleset.lifecycle.transitions[index]
    rule, initial = f"lifecycle/transitions/{one.key}", program.lifecycle.initial
    tree = program.rules.transitions[one.key]
    if tree is None:
        return
    sources = [key for key, plans in program.lifecycle.leaving.items() if any(each.rule == rule for each in plans)]

    def begin(start: Journey) -> Journey | None:
        if initial in sources:
            return start
        found = (journey_to(start, Goal("stage", "lifecycle", source)) for source in sources)
        return next((each for each in found if each is not None), None)

    def fires(run: Run) -> bool:
        waiting = (each.rules for each in run.standing if each.kind == "stage" and each.outcome == "waiting")
        return any(each.rule == rule for each in run.changes) or any(rule in each for each in waiting)

    yield Subject(
        program=program,
        rule=rule,
        pointer=f"/lifecycle/transitions/{index}/when",
        title=titles_of(program).of("transition", one.key),
        tree=tree,
        goal=("stage", ""),
        begin=begin,
        fires=fires,
        far=lambda run: 0 if fires(run) else 1 + distance(Walk(run), tree, truth=True),
        expect=lambda outcome: {"stage": outcome.stage},
        event=one.on[0] if one.on else None,
        wait=one.held_for or one.after_stay,
    )


def threshold(tree: Node, start: object) -> Node:
    """The comparison that the start of a band or of points stands for."""
    bound = Literal(type=Type.NUMBER, span=(0, 0), value=start)
    return Binary(type=Type.BOOLEAN, span=(0, 0), operator=">=", left=tree, right=bound, nullable=tree.nullable)


def of_tier(program: Program, index: int) -> Iterator[Subject]:
    """Each band's start."""
    tier = program.ruleset.tiers[index]
    plan, titles = program.tiers[tier.key], titles_of(program)
    for place, edge in enumerate(plan.edges, 1):
        tree = threshold(program.rules.tiers[tier.key], edge)
        part = titles.of(f"band of {tier.key}", plan.keys[place])
        yield Subject(
            program=program,
            rule=f"tiers/{tier.key}",
            pointer=f"/tiers/{index}/bands/{place}/from",
            title=compose(PROPOSALS["part"], rule=titles.of("tier", tier.key), part=part),
            tree=tree,
            goal=("tier", tier.key),
            begin=lambda start: start,
            fires=_is_true(tree),
            far=_far_from(tree),
            expect=lambda outcome, key=tier.key: {"tiers": {key: outcome.tiers[key]}},  # type: ignore[misc]
        )


def of_score(program: Program, index: int) -> Iterator[Subject]:
    """Each start of points of each component."""
    score = program.ruleset.scores[index]
    titles = titles_of(program)
    for number, (one, rule) in enumerate(zip(score.components, program.rules.scores[score.key], strict=True)):
        part = compose(
            PROPOSALS["part"],
            rule=titles.of("score", score.key),
            part=titles.of(f"part of {score.key}", one.key),
        )
        for place, (start, _) in enumerate(rule.points or ()):
            if start is not None:
                tree = threshold(rule.tree, start)
                yield Subject(
                    program=program,
                    rule=f"scores/{score.key}/components/{one.key}",
                    pointer=f"/scores/{index}/components/{number}/points/{place}/from",
                    title=part,
                    tree=tree,
                    goal=("score", score.key),
                    begin=lambda start: start,
                    fires=_is_true(tree),
                    far=_far_from(tree),
                    expect=lambda outcome, key=score.key: {"scores": {key: outcome.scores[key].value}},  # type: ignore[misc]
                )


def of_value(program: Program, index: int) -> Iterator[Subject]:
    """The cases of an output, each the first that holds."""
    value = program.ruleset.values[index]
    tree = program.rules.values[value.key]
    if not value.output:
        return
    for place in range(len(value.cases or ())):
        assert isinstance(tree, Choice)
        condition, tree = tree.condition, tree.otherwise
        yield Subject(
            program=program,
            rule=f"values/{value.key}/cases/{place}",
            pointer=f"/values/{index}/cases/{place}/when",
            title=titles_of(program).of("value", value.key),
            tree=condition,
            goal=("value", value.key),
            begin=lambda start: start,
            fires=_takes(program, value.key, place),
            far=_far_from_case(program, value.key, place),
            expect=lambda outcome, key=value.key: {"values": {key: plain_output(program, key, outcome)}},  # type: ignore[misc]
        )


def of_action(program: Program, index: int) -> Iterator[Subject]:
    """An action's `when`, at the first change it fires on."""
    plan = program.actions[index]
    tree = program.rules.actions[plan.action.key]
    if tree is None:
        return
    kind, key, target = plan.triggers[0]
    goal = Goal(kind, key, target)

    def fires(run: Run) -> bool:
        changed = any((each.kind, each.key, each.target) == goal for each in run.changes)
        return changed and Walk(run).value(tree) is True

    def far(run: Run) -> float:
        return (0 if goal.is_met(run) else distance_to(run, *goal)) + distance(Walk(run), tree, truth=True)

    yield Subject(
        program=program,
        rule=f"actions/{plan.action.key}",
        pointer=f"/actions/{index}/when",
        title=titles_of(program).of("action", plan.action.key),
        tree=tree,
        goal=(kind, "" if kind == "stage" else key),
        begin=lambda start: start,
        fires=fires,
        far=far,
        expect=lambda outcome: {"actions": [each.key for each in outcome.actions]},
    )


def plain_output(program: Program, key: str, outcome: Outcome) -> Any:
    """An output as an example writes it."""
    value = outcome.values[key]
    if program.rules.values[key].type is Type.DATETIME and isinstance(value, int):
        return write_instant(value)
    return list(value) if isinstance(value, tuple) else value


def _is_true(tree: Node) -> Callable[[Run], bool]:
    return lambda run: Walk(run).value(tree) is True


def _far_from(tree: Node) -> Callable[[Run], float]:
    return lambda run: distance(Walk(run), tree, truth=True)


def _takes(program: Program, key: str, place: int) -> Callable[[Run], bool]:
    return lambda run: case_of(Walk(run), program.rules.values[key]) == place


def _far_from_case(program: Program, key: str, place: int) -> Callable[[Run], float]:
    """How far a decision list is from a case: the cases before it are not to hold."""

    def far(run: Run) -> float:
        walk, tree, total = Walk(run), program.rules.values[key], 0.0
        for index in range(place + 1):
            assert isinstance(tree, Choice)
            total += distance(walk, tree.condition, truth=index == place)
            tree = tree.otherwise
        return total

    return far
