"""A suggestion -> JSON values and the sentence that says it, in English and Chinese."""

from functools import reduce
from typing import Any

from service.engine.decision import Decision, Outcome
from service.engine.nearest import Goal, Suggestion, find_nearest, goals_of
from service.engine.wording import Wording, clause
from service.engine.worlds import EVENT, World
from service.language.diagnostics import Words
from service.language.diff.wording import compose, in_both
from service.language.instants import write_instant
from service.language.phrases.explanations import NEAREST
from service.language.types import ATTRIBUTE_TYPES


def said(name: str, /, **blanks: Words | str) -> Words:
    """A part of a suggestion."""
    return compose(NEAREST[name], **blanks)


def nearest_json(wording: Wording, world: World, outcome: Outcome, one: Decision) -> list[dict[str, Any]] | None:
    """The nearest changes that would have brought about what did not happen, each with what it leads `to`.

    `None` where nobody looked, since the world's budget is spent.
    """
    found = []
    for goal in goals_of(outcome, one):
        if world.budget.left <= 0:
            return None
        found += [
            {"to": goal.target, **suggestion_json(wording, world, goal, each)} for each in find_nearest(world, goal)
        ]
    return found


def suggestion_json(wording: Wording, world: World, goal: Goal, one: Suggestion) -> dict[str, Any]:
    """`changes` (each an `attribute` with `title`, `from` and `to`, or an `event` with its `text`; none where time
    alone does it), the instant `at` from which the goal is met, and the `sentence`.
    """
    return {
        "changes": [change_json(wording, world, name, posted) for name, posted in one.changes.items()],
        "at": write_instant(one.at),
        "sentence": sentence_of(wording, world, goal, one),
    }


def change_json(wording: Wording, world: World, name: str, posted: Any) -> dict[str, Any]:
    """One change."""
    if name == EVENT:
        return {"event": posted[0], "title": wording.titles.of("event", posted[0]), "text": posted[1]}
    title = wording.titles.of("attribute", name)
    return {"attribute": name, "title": title, "from": world.facts.document.get(name), "to": posted}


def sentence_of(wording: Wording, world: World, goal: Goal, one: Suggestion) -> Words:
    """What would have to be otherwise, and what it would lead to."""
    effect = effect_of(wording, goal)
    if not one.changes:
        return said("wait", effect=effect, due=wording.instant(one.at))
    changes = [change_words(wording, world, name, posted) for name, posted in one.changes.items()]
    if one.at > world.at:
        effect = said("later", effect=effect, due=wording.instant(one.at))
    return said("if", changes=reduce(lambda left, right: clause("and", left=left, right=right), changes), effect=effect)


def effect_of(wording: Wording, goal: Goal) -> Words:
    """What a goal is."""
    titles = wording.titles
    if goal.kind == "tag":
        return said("effect/tag", name=titles.of("tag", goal.key))
    if goal.kind == "stage":
        return said("effect/stage", target=titles.of("stage", goal.target))
    target = titles.of(f"band of {goal.key}", goal.target)
    return said("effect/tier", name=titles.of("tier", goal.key), target=target)


def change_words(wording: Wording, world: World, name: str, posted: Any) -> Words:
    """One change in words."""
    if name == EVENT:
        event = wording.titles.of("event", posted[0])
        if posted[1] is None:
            return said("change/event", name=event)
        return said("change/event-text", name=event, value=in_both(f"`{posted[1]}`"))
    title = wording.titles.of("attribute", name)
    before, values = world.facts.values.get(name), world.values({name: posted})
    after = None if values is None else values.get(name)
    if posted is None and after is None:
        return said("change/removed", name=title, value=shown(wording, world, name, before))
    blanks = {"name": title, "to": shown(wording, world, name, after)}
    if before is None:
        return said("change/missing", **blanks)
    return said("change", **blanks, value=shown(wording, world, name, before))


def shown(wording: Wording, world: World, name: str, value: Any) -> Words:
    """A value of an attribute as a reader writes it."""
    attribute = next(one for one in world.program.ruleset.attributes if one.key == name)
    return wording.shown(value, ATTRIBUTE_TYPES[attribute.type])
