"""A checked ruleset -> the questions that are worth asking of it, in an order in which later ones gain from earlier.

Source: docs/language.md, "Proofs".
"""

from collections.abc import Iterator
from typing import Any

from service.language.analyse.circles import circle_questions
from service.language.analyse.claims import Claim, Demand, Question, Range
from service.language.model import Ruleset, Tag
from service.language.plans import compile_lifecycle, compile_tier, compile_transitions
from service.language.program import Rules, TransitionPlan
from service.language.tree import Choice, Node


def questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """Every question."""
    yield from circle_questions(ruleset, rules)
    yield from condition_questions(ruleset, rules)
    yield from case_questions(ruleset, rules)
    yield from leaving_questions(ruleset, rules)
    yield from band_questions(ruleset, rules)
    yield from group_questions(ruleset, rules)


def conditions(ruleset: Ruleset, rules: Rules) -> Iterator[tuple[str, str, Node, tuple[str, ...] | None]]:
    """Every condition by itself: its rule, pointer, tree and events."""
    for index, tag in enumerate(ruleset.tags):
        when, until = rules.tags[tag.key]
        if when is not None:
            yield f"tags/{tag.key}", f"/tags/{index}/when", when, tag.on
        if until is not None:
            yield f"tags/{tag.key}/until", f"/tags/{index}/until", until, None
    for index, one in enumerate(ruleset.lifecycle.transitions if ruleset.lifecycle else ()):
        tree = rules.transitions[one.key]
        if tree is not None:
            yield f"lifecycle/transitions/{one.key}", f"/lifecycle/transitions/{index}/when", tree, one.on
    for index, action in enumerate(ruleset.actions):
        tree = rules.actions[action.key]
        if tree is not None:
            yield f"actions/{action.key}", f"/actions/{index}/when", tree, None


def condition_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """Can a condition be true, and can it be anything else."""
    for rule, pointer, tree, on in conditions(ruleset, rules):
        words = (("rule", rule),)
        never = Claim((Demand(tree, "true", on),))
        always = Claim((Demand(None, "true", on), Demand(tree, "not true")))
        yield Question(name=f"true {rule}", sentence="never-true", pointer=pointer, claim=never, words=words)
        yield Question(name=f"untrue {rule}", sentence="always-true", pointer=pointer, claim=always, words=words)


def case_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """Can each case of a decision list be the one that answers."""
    for index, value in enumerate(ruleset.values):
        tree, earlier = rules.values[value.key], list[Demand]()
        for place, _ in enumerate(value.cases or ()):
            assert isinstance(tree, Choice)
            claim = Claim((*earlier, Demand(tree.condition)))
            yield Question(
                name=f"case {value.key} {place}",
                sentence="never-true/case" if earlier else "never-true",
                pointer=f"/values/{index}/cases/{place}/when",
                claim=claim,
                words=(("rule", f"values/{value.key}/cases/{place}"),),
            )
            earlier.append(Demand(tree.condition, "false"))
            tree = tree.otherwise


# Transitions


def leaving_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """Can each transition fire from each stage that it leaves, though others are tried first."""
    lifecycle = compile_lifecycle(ruleset, compile_transitions(ruleset))
    for stage, plans in lifecycle.leaving.items() if lifecycle else ():
        for place, plan in enumerate(plans):
            earlier = [one for one in plans[:place] if fires_at_once(one, plan)]
            yield Question(
                name=leaving_name(stage, plan),
                sentence="",
                pointer=f"/lifecycle/transitions/{plan.index}",
                claim=Claim((demand(rules, plan), *(demand(rules, one, "not true") for one in earlier))),
                words=(("key", plan.transition.key), ("earlier", listed([one.transition.key for one in earlier]))),
            )


def leaving_name(stage: str, plan: TransitionPlan) -> str:
    """The name of the question whether a transition can fire from a stage."""
    return f"leaves {stage} {plan.transition.key}"


def fires_at_once(earlier: TransitionPlan, later: TransitionPlan) -> bool:
    """Whether an earlier transition fires whenever its condition is true and the later one may fire."""
    one, other = earlier.transition, later.transition
    if one.held_for is not None or one.after_stay is not None:
        return False
    return one.on is None or (other.on is not None and set(other.on) <= set(one.on))


def demand(rules: Rules, plan: TransitionPlan, answer: Any = "true") -> Demand:
    """That a transition's condition comes out so."""
    tree, on = rules.transitions[plan.transition.key], plan.transition.on
    return Demand(tree, answer, on)


def listed(keys: list[str]) -> str:
    """Keys in words."""
    return ", ".join(f"`{key}`" for key in keys)


# Groups


def group_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """In an exclusive group: can each tag find the place free, do two apply at once, does none."""
    for index, group in enumerate(ruleset.tag_groups):
        members = [one for one in enumerate(ruleset.tags) if one[1].group == group.key and group.exclusive]
        ruled = [(place, tag) for place, tag in members if tag.when is not None and tag.on is None]
        for count, (place, tag) in enumerate(ruled):
            earlier = [one for _, one in ruled[:count]]
            sure = [one for one in earlier if takes_place(one)]
            mine = Demand(rules.tags[tag.key][0])
            if sure:
                others = tuple(Demand(rules.tags[one.key][0], "not true") for one in sure)
                yield Question(
                    name=f"place {tag.key}",
                    sentence="shadowed-tag",
                    pointer=f"/tags/{place}",
                    claim=Claim((mine, *others)),
                    words=(("key", tag.key), ("earlier", listed([one.key for one in sure]))),
                )
            for one in earlier:
                yield Question(
                    name=f"both {one.key} {tag.key}",
                    sentence="overlapping-tags",
                    pointer=f"/tags/{place}",
                    claim=Claim((Demand(rules.tags[one.key][0]), mine)),
                    finds="met",
                    topic=f"overlap {tag.key}",
                    words=(("key", tag.key), ("earlier", one.key)),
                )
        if ruled and group.default is None and len(ruled) == len(members):
            yield Question(
                name=f"none {group.key}",
                sentence="uncovered-group",
                pointer=f"/tag_groups/{index}",
                claim=Claim(tuple(Demand(rules.tags[one.key][0], "false") for _, one in ruled)),
                finds="met",
                words=(("key", group.key),),
            )


def takes_place(tag: Tag) -> bool:
    """Whether a tag takes the place in its group whenever its condition is true."""
    return tag.held_for is None and tag.until is None and tag.valid_until is None


# Bands


def band_questions(ruleset: Ruleset, rules: Rules) -> Iterator[Question]:
    """Can the input lie in each band; where a fall goes step by step, can it be as high."""
    for index, tier in enumerate(ruleset.tiers):
        plan = compile_tier(tier)
        ends = (*plan.edges, None) if tier.fall == "direct" else (None,) * len(plan.keys)
        for place, (key, low, high) in enumerate(zip(plan.keys, plan.starts, ends, strict=True)):
            if low is not None or high is not None:
                yield Question(
                    name=f"band {tier.key} {key}",
                    sentence="unreachable-band",
                    pointer=f"/tiers/{index}/bands/{place}",
                    claim=Claim((Range(rules.tiers[tier.key], low, high),)),
                    words=(("key", key), ("tier", tier.key)),
                )
