"""A checked ruleset -> warnings and hints: what is valid and probably not meant.

Pure; one small generator for each code, named for it. What only examples can tell (`untested-rule`, `failing-example`)
is not found here.
Source: docs/language.md, "Checks".
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from service.language.diagnostics import Diagnostic
from service.language.lint import lint_tags
from service.language.model import Lifecycle, Named, Ruleset, Transition
from service.language.program import Rules
from service.language.sentences import say
from service.language.tree import COMPARISONS, Binary, Call, Choice, Literal, Node, Reference, references, walk

MIRRORED = {"<=": ">=", ">": "<", ">=": "<=", "<": ">"}
PERIODS = {
    "days_since": ("P{}D", "day", "一天"),
    "hours_since": ("PT{}H", "hour", "一小时"),
}
MORE_OR_LESS = {"<=": "more", ">": "less"}


def advise(ruleset: Ruleset, rules: Rules) -> tuple[Diagnostic, ...]:
    """Every warning and hint about a ruleset that has no errors, one code after the other."""
    return (
        *tag_without_purpose(ruleset),
        *lint_tags(ruleset),
        *unused_attribute(ruleset, rules),
        *unreachable_stage(ruleset),
        *stage_without_exit(ruleset),
        *shadowed_transition(ruleset),
        *since_without_guard(ruleset, rules),
        *whole_days(ruleset, rules),
        *order_decides(ruleset),
        *stays_when_unknown(ruleset, rules),
        *missing_title(ruleset),
    )


# Warnings


def tag_without_purpose(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Tags that don't say what is done with them."""
    for index, tag in enumerate(ruleset.tags):
        if tag.purpose is None:
            yield say("tag-without-purpose", f"/tags/{index}", key=tag.key)


def unused_attribute(ruleset: Ruleset, rules: Rules) -> Iterator[Diagnostic]:
    """Attributes that no expression reads."""
    read = {one.key for _, tree in expressions(ruleset, rules) for one in references(tree) if one.root == "attribute"}
    for index, one in enumerate(ruleset.attributes):
        if one.key not in read:
            yield say("unused-attribute", f"/attributes/{index}", key=one.key)


def unreachable_stage(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Stages to which no chain of transitions leads from the initial one."""
    if ruleset.lifecycle is None:
        return
    reached, waiting = set(), [ruleset.lifecycle.initial]
    while waiting:
        stage = waiting.pop()
        reached.add(stage)
        targets = {one.target for one in ruleset.lifecycle.transitions if stage in left_by(ruleset.lifecycle, one)}
        waiting.extend(targets - reached)
    for index, one in enumerate(ruleset.lifecycle.stages):
        if one.key not in reached:
            yield say("unreachable-stage", f"/lifecycle/stages/{index}", key=one.key)


def stage_without_exit(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Stages in which a profile stays for ever, where there are others."""
    lifecycle = ruleset.lifecycle
    if lifecycle is None or len(lifecycle.stages) == 1:
        return
    left = {stage for one in lifecycle.transitions for stage in left_by(lifecycle, one)}
    for index, one in enumerate(lifecycle.stages):
        if one.key not in left:
            yield say("stage-without-exit", f"/lifecycle/stages/{index}", key=one.key)


def shadowed_transition(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Transitions that never come to fire, since an earlier one with the same condition always does."""
    lifecycle = ruleset.lifecycle
    for index, one in enumerate(lifecycle.transitions if lifecycle else ()):
        assert lifecycle is not None
        for earlier in lifecycle.transitions[:index]:
            if shadows(lifecycle, earlier, one):
                yield say("shadowed-transition", f"/lifecycle/transitions/{index}", key=one.key, earlier=earlier.key)
                break


def shadows(lifecycle: Lifecycle, earlier: Transition, later: Transition) -> bool:
    """Whether the earlier transition fires wherever the later one could."""
    at_once = earlier.held_for is None and earlier.after_stay is None
    same = (earlier.when, set(earlier.on or ())) == (later.when, set(later.on or ()))
    return at_once and same and left_by(lifecycle, later) <= left_by(lifecycle, earlier)


def left_by(lifecycle: Lifecycle, transition: Transition) -> set[str]:
    """The stages that a transition leaves; `*` is every stage but its own target."""
    if "*" in transition.sources:
        return {one.key for one in lifecycle.stages} - {transition.target}
    return set(transition.sources)


def since_without_guard(ruleset: Ruleset, rules: Rules) -> Iterator[Diagnostic]:
    """Expressions that `since.tag.K` can make unknown, and that don't ask for `tag.K`."""
    for pointer, tree in expressions(ruleset, rules):
        guarded = {one.key for one in references(whole(pointer, tree, ruleset, rules)) if one.root == "tag"}
        for one in exposed(tree):
            if one.root == "since.tag" and one.key not in guarded:
                guarded.add(one.key)
                yield say("since-without-guard", pointer, span=one.span, key=one.key)


def whole(pointer: str, tree: Node, ruleset: Ruleset, rules: Rules) -> Node:
    """The tree in which a guard may stand: of a case the whole decision list, whose earlier cases may be guards."""
    collection, _, rest = pointer[1:].partition("/")
    return rules.values[ruleset.values[int(rest.split("/")[0])].key] if collection == "values" else tree


# Hints


def whole_days(ruleset: Ruleset, rules: Rules) -> Iterator[Diagnostic]:
    """`days_since(t) <= n` and `days_since(t) > n`, which count whole days; hours likewise."""
    for pointer, tree in expressions(ruleset, rules):
        for node in walk(tree):
            if not isinstance(node, Binary) or node.operator not in MIRRORED:
                continue
            for counted, operator, bound in (
                (node.left, node.operator, node.right),
                (node.right, MIRRORED[node.operator], node.left),
            ):
                function, number = counter(counted, rules.values), natural(bound)
                if function in PERIODS and number and operator in MORE_OR_LESS:
                    period, unit, unit_zh = PERIODS[function]
                    yield say(
                        "whole-days",
                        pointer,
                        span=node.span,
                        function=function,
                        operator=operator,
                        number=number,
                        more=f"{'an' if unit == 'hour' else 'a'} {unit} {MORE_OR_LESS[operator]}",
                        more_zh=unit_zh,
                        period=period.format(number),
                    )


def counter(node: Node, values: Mapping[str, Node]) -> str | None:
    """The function that a node is a call of, itself or by a value's name."""
    if isinstance(node, Reference) and node.root == "value":
        return counter(values[node.key], values)
    return node.function if isinstance(node, Call) else None


def natural(node: Node) -> int | None:
    """The whole number above zero that a node is written as."""
    if not isinstance(node, Literal) or not isinstance(node.value, Decimal):
        return None
    return int(node.value) if node.value > 0 and node.value == node.value.to_integral_value() else None


def order_decides(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Event-fed tags that stand behind others of an exclusive group."""
    exclusive = {one.key for one in ruleset.tag_groups if one.exclusive}
    begun = set()
    for index, tag in enumerate(ruleset.tags):
        if tag.group in begun and tag.on is not None:
            yield say("order-decides", f"/tags/{index}", key=tag.key)
        if tag.group in exclusive:
            begun.add(tag.group)


def stays_when_unknown(ruleset: Ruleset, rules: Rules) -> Iterator[Diagnostic]:
    """Tags that follow a comparison of two things that may both be unknown."""
    required = {one.key for one in ruleset.attributes if one.required}
    for index, tag in enumerate(ruleset.tags):
        when, _ = rules.tags[tag.key]
        if when is None or tag.on is not None or tag.sticky:
            continue
        for node in walk(when):
            if isinstance(node, Binary) and node.operator in COMPARISONS:
                sides = [
                    dict.fromkeys(name_of(one) for one in exposed(side) if one.key not in required)
                    for side in node.parts
                ]
                if all(sides):
                    names = " / ".join(f"`{one}`" for one in sides[0] | sides[1])
                    yield say("stays-when-unknown", f"/tags/{index}/when", span=node.span, key=tag.key, names=names)


def name_of(one: Reference) -> str:
    """A name as its author writes it."""
    return one.key if one.root in ("attribute", "value") else ".".join(part for part in (one.root, one.key) if part)


def missing_title(ruleset: Ruleset) -> Iterator[Diagnostic]:
    """Constructs without a title in one of the languages that the ruleset uses, where it uses several."""
    languages = sorted({language for one in texts(ruleset) for language in one})
    for pointer, one in constructs(ruleset) if len(languages) > 1 else ():
        titled = one.title if isinstance(one.title, Mapping) else {}
        missing = [language for language in languages if language not in titled]
        if missing:
            yield say("missing-title", pointer, language=", ".join(missing))


def texts(ruleset: Ruleset) -> Iterator[Mapping[str, str]]:
    """Every text that is given by language."""
    holders = [one for _, one in constructs(ruleset)]
    for one in (*holders, *ruleset.examples, *([ruleset.lifecycle] if ruleset.lifecycle else [])):
        for member in ("title", "description", "purpose", "goal", "prefix"):
            text = getattr(one, member, None)
            if isinstance(text, Mapping):
                yield text


# Where things stand


def constructs(ruleset: Ruleset) -> Iterator[tuple[str, Named]]:
    """Everything that has a key, with its pointer."""
    yield "", ruleset
    lifecycle = ruleset.lifecycle
    collections: dict[str, tuple[Named, ...]] = {
        "/attributes": ruleset.attributes,
        "/events": ruleset.events,
        "/values": ruleset.values,
        "/scores": ruleset.scores,
        **{f"/scores/{index}/components": one.components for index, one in enumerate(ruleset.scores)},
        "/tiers": ruleset.tiers,
        **{f"/tiers/{index}/bands": one.bands for index, one in enumerate(ruleset.tiers)},
        "/tag_groups": ruleset.tag_groups,
        "/tags": ruleset.tags,
        "/lifecycle/stages": lifecycle.stages if lifecycle else (),
        "/lifecycle/transitions": lifecycle.transitions if lifecycle else (),
        "/actions": ruleset.actions,
    }
    for pointer, collection in collections.items():
        for index, one in enumerate(collection):
            yield f"{pointer}/{index}", one


def expressions(ruleset: Ruleset, rules: Rules) -> Iterator[tuple[str, Node]]:
    """Every expression with its pointer; a decision list as the conditions of its cases."""
    for index, value in enumerate(ruleset.values):
        tree = rules.values[value.key]
        if value.cases is None:
            yield f"/values/{index}/expression", tree
        for place, _ in enumerate(value.cases or ()):
            assert isinstance(tree, Choice)
            yield f"/values/{index}/cases/{place}/when", tree.condition
            tree = tree.otherwise
    for index, score in enumerate(ruleset.scores):
        for place, (part, rule) in enumerate(zip(score.components, rules.scores[score.key], strict=True)):
            member = "value" if part.value is not None else "input"
            yield f"/scores/{index}/components/{place}/{member}", rule.tree
    for index, tier in enumerate(ruleset.tiers):
        yield f"/tiers/{index}/input", rules.tiers[tier.key]
    lifecycle = ruleset.lifecycle
    conditions = {
        **{f"/tags/{index}/when": rules.tags[one.key][0] for index, one in enumerate(ruleset.tags)},
        **{f"/tags/{index}/until": rules.tags[one.key][1] for index, one in enumerate(ruleset.tags)},
        **{
            f"/lifecycle/transitions/{index}/when": rules.transitions[one.key]
            for index, one in enumerate(lifecycle.transitions if lifecycle else ())
        },
        **{f"/actions/{index}/when": rules.actions[one.key] for index, one in enumerate(ruleset.actions)},
    }
    yield from ((pointer, tree) for pointer, tree in conditions.items() if tree is not None)


def exposed(node: Node) -> Iterator[Reference]:
    """The names that can make a node unknown: those that no `??`, `== null` or other certain part takes in."""
    if node.nullable:
        if isinstance(node, Reference):
            yield node
        for part in node.parts:
            yield from exposed(part)
