"""How far a rule is from firing: the fewest conditions that would have to come out otherwise, and how far each is off.

Read off the trees. A condition counts one, and a part of one more for how far its number is from the bound; what is
unknown counts more the more attributes it lacks. Only for ranking, so floats will do.
Source: docs/language.md, "Explanations".
"""

from itertools import takewhile

from service.engine.run import Run
from service.engine.walk import Walk
from service.language.tree import COMPARISONS, Binary, Choice, Literal, Logic, Node, Reference, Unary
from service.language.types import Type

DEEPEST = 12
FAR = 1_000
"""Stands for what no condition can bring about."""


def distance_to(run: Run, kind: str, key: str, target: str) -> float:
    """How many conditions keep a tag from being held, a tier from its band, or the lifecycle from a stage."""
    if run.present(kind, key) == target:
        return 0
    walk = Walk(run)
    if kind == "tag":
        return max(1, distance_of_tag(walk, key, truth=True))
    if kind == "tier":
        return to_band(walk, key, target)
    return max(1, _distance_of_stage(walk, target))


def _distance_of_stage(walk: Walk, target: str) -> float:
    """The nearest of the transitions that lead to a stage."""
    run = walk.run
    rules, lifecycle = run.program.rules.transitions, run.program.lifecycle
    assert lifecycle is not None
    found: list[float] = [FAR]
    for plan in lifecycle.leaving[run.stage or lifecycle.initial]:
        if plan.transition.target == target:
            tree = rules[plan.transition.key]
            is_there = plan.transition.on is None or (run.event is not None and run.event.type in plan.transition.on)
            found.append((0 if tree is None else distance(walk, tree, truth=True)) + (0 if is_there else 1))
    return min(found)


def distance_of_tag(walk: Walk, key: str, *, truth: bool, deep: int = 0) -> float:
    """How many conditions keep a tag from being held, or from not being held; it is not as it should be."""
    when, until = walk.run.program.rules.tags[key]
    on = walk.run.program.tags[key].tag.on
    event = walk.run.event
    total: float = 0 if not truth or on is None or (event is not None and event.type in on) else 1
    if when is not None:
        total += distance(walk, when, truth=truth, deep=deep + 1)
    if until is not None and truth:
        total += distance(walk, until, truth=False, deep=deep + 1)
    if truth:
        total += sum(distance_of_tag(walk, one, truth=False, deep=deep + 1) for one in rivals(walk.run, key))
    return max(total, 1)


def rivals(run: Run, key: str) -> list[str]:
    """The tags that have the place in a tag's group before it."""
    plans = run.program.tags
    before = takewhile(lambda one: one != key, plans)
    return [one for one in before if plans[one].group == plans[key].group is not None and one in run.tags]


def distance(walk: Walk, node: Node, *, truth: bool, deep: int = 0) -> float:
    """The fewest atoms that must come out otherwise for a condition to be `truth`; about one for an atom."""
    if walk.value(node) is truth:
        return 0
    if deep > DEEPEST:
        return 1
    if isinstance(node, Logic):
        parts = [distance(walk, one, truth=truth, deep=deep + 1) for one in node.operands]
        return sum(parts) if (node.operator == "and") is truth else min(parts)
    if isinstance(node, Unary) and node.operator == "not":
        return distance(walk, node.operand, truth=not truth, deep=deep + 1)
    if isinstance(node, Choice) and node.type is Type.BOOLEAN:
        return min(
            distance(walk, node.condition, truth=side, deep=deep + 1) + distance(walk, part, truth=truth, deep=deep + 1)
            for side, part in ((True, node.then), (False, node.otherwise))
        )
    if isinstance(node, Reference) and node.root == "value":
        return max(1, distance(walk, walk.run.program.rules.values[node.key], truth=truth, deep=deep + 1))
    if isinstance(node, Reference) and node.root == "tag":
        return distance_of_tag(walk, node.key, truth=truth, deep=deep + 1) if deep < DEEPEST else 1
    if isinstance(node, Binary) and node.operator in COMPARISONS:
        return of_comparison(walk, node, truth=truth)
    return off(walk, node, 0.0 if walk.value(node) is not None else None)


def of_comparison(walk: Walk, node: Binary, *, truth: bool) -> float:
    """A comparison that must come out otherwise."""
    for one, other in ((node.left, node.right), (node.right, node.left)):
        tier = one.left if isinstance(one, Binary) and one.operator == "??" else one
        if isinstance(tier, Reference) and tier.root == "tier" and isinstance(other, Literal):
            is_wanted = (node.operator == "==") is truth
            return (to_band if is_wanted else out_of_band)(walk, tier.key, str(other.value))
    left, right = walk.value(node.left), walk.value(node.right)
    if node.left.type in (Type.NUMBER, Type.DATETIME) and left is not None and right is not None:
        return off(walk, node, abs(float(left - right)))
    return off(walk, node, None if left is None or right is None else 0.0)


def out_of_band(walk: Walk, key: str, _band: str) -> float:
    """How far the input of a tier is from the nearest end of its band."""
    plan, tree = walk.run.program.tiers[key], walk.run.program.rules.tiers[key]
    number = walk.value(tree)
    if number is None:
        return off(walk, tree, None)
    return off(walk, tree, min((abs(float(number - edge)) for edge in plan.edges), default=0.0))


def to_band(walk: Walk, key: str, band: str) -> float:
    """How far the input of a tier is from a band."""
    plan, tree = walk.run.program.tiers[key], walk.run.program.rules.tiers[key]
    number = walk.value(tree)
    if number is None or band not in plan.keys:
        return off(walk, tree, None)
    index = plan.keys.index(band)
    start = plan.starts[index]
    if start is not None and number < start:
        return off(walk, tree, float(start - number))
    above = plan.edges[index] if index < len(plan.edges) else number
    return off(walk, tree, max(0.0, float(number - above)))


def off(walk: Walk, node: Node, gap: float | None) -> float:
    """One condition, and how far off: a gap of a number, or the attributes that it lacks."""
    if gap is None:
        return 2 + len(walk.blame(node)) / FAR
    return 1 + gap / (1 + gap)
