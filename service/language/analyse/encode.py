"""A typed tree's operators -> the term of its value, three-valued as docs/language.md says.

Each kind of node has its own function, named for it; arithmetic is in `compute`, functions in `called`, names in
`named`.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.language.analyse.compute import compute
from service.language.analyse.terms import Items, Term, widest
from service.language.analyse.world import World
from service.language.instants import FIRST, LAST
from service.language.tree import Binary, Choice, Listing, Literal, Logic, Member, Node, Unary
from service.language.types import Type

ORDER: dict[str, Callable[[Any, Any], Any]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def encode_literal(world: World, node: Literal) -> Term:
    """A constant."""
    value = node.value
    if isinstance(value, Decimal):
        return Term(known=True, value=world.solver.number(value), digits=digits_of(value))
    if isinstance(value, str):
        return Term(known=True, value=world.texts.code(value))
    if node.type is Type.STRINGS:
        return Term(known=True, value=written(value))
    return Term(known=True, value=value)


def written(texts: Any) -> Items:
    """A list of texts that stands in the ruleset."""
    return Items(lambda text: text in texts, len(texts), tuple(texts))


def digits_of(number: Decimal) -> tuple[int, int]:
    """The digits of a constant before and after the point."""
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(number.adjusted() + 1, 1), max(-exponent, 0)


def encode_unary(world: World, node: Unary) -> Term:
    """`not`, `-` or `x == null`."""
    operand = world.encode(node.operand)
    if node.operator == "is-null":
        return Term(known=True, value=world.solver.no(operand.known))
    if node.operator == "not":
        return Term(operand.known, world.solver.no(operand.value))
    return operand._replace(value=-operand.value)


def encode_logic(world: World, node: Logic) -> Term:
    """Kleene's `and` and `or`: one part may decide alone."""
    solver, terms = world.solver, [world.encode(one) for one in node.operands]
    known = solver.every(*(one.known for one in terms))
    if node.operator == "and":
        stops = solver.some(*(solver.every(one.known, solver.no(one.value)) for one in terms))
        return Term(solver.some(known, stops), solver.no(stops))
    holds = solver.some(*(solver.every(one.known, one.value) for one in terms))
    return Term(solver.some(known, holds), holds)


def encode_choice(world: World, node: Choice) -> Term:
    """`condition ? then : otherwise`."""
    solver = world.solver
    condition, then, otherwise = (world.encode(one) for one in node.parts)
    known = solver.every(condition.known, solver.choose(condition.value, then.known, otherwise.known))
    return Term(known, either(world, condition.value, then, otherwise), widest(then, otherwise))


def either(world: World, condition: Any, then: Term, otherwise: Term) -> Any:
    """The value of one of two terms of one type."""
    left, right, choose = then.value, otherwise.value, world.solver.choose
    if not isinstance(left, Items):
        return choose(condition, left, right)
    length = choose(condition, left.length, right.length)
    return Items(lambda text: choose(condition, left.has(text), right.has(text)), length)


def encode_binary(world: World, node: Binary) -> Term:
    """A comparison, arithmetic, `??`, or a date moved by a span."""
    left, right = world.encode(node.left), world.encode(node.right)
    solver = world.solver
    if node.operator == "??":
        known = solver.some(left.known, right.known)
        return Term(known, either(world, left.known, left, right), widest(left, right))
    known = solver.every(left.known, right.known)
    if node.operator == "shift":
        moved = left.value + right.value
        return Term(solver.every(known, moved >= FIRST, moved <= LAST), moved)
    if node.operator in ("==", "!="):
        same = equal(world, node, left.value, right.value)
        return Term(known, same if node.operator == "==" else solver.no(same))
    if node.operator in ORDER:
        return Term(known, ORDER[node.operator](left.value, right.value))
    return compute(world, node, left, right)


def equal(world: World, node: Node, left: Any, right: Any) -> Any:
    """Whether two values are equal; of lists little is said."""
    if not isinstance(left, Items):
        return world.solver.same(left, right)

    def build() -> Term:
        solver, same = world.solver, world.solver.boolean(world.fresh())
        alike = [solver.same(left.has(text), right.has(text)) for text in world.texts.free]
        one = solver.every(solver.same(left.length, right.length), *alike)
        world.side(solver.same(same, one) if world.is_exact else solver.follows(same, one))
        world.leave_open("lists")
        return Term(known=True, value=same)

    return world.node(node, build).value


def encode_member(world: World, node: Member) -> Term:
    """`x in [a, b]`, `x in xs` or `'part' in text`."""
    solver, item = world.solver, world.encode(node.item)
    if isinstance(node.container, Listing):
        others = [world.encode(one) for one in node.container.items]
        return any_equal(world, node, item, others)
    if isinstance(node.container, Literal) and isinstance(node.container.value, tuple):
        return any_equal(world, node, item, [world.encode(one) for one in constants(node.container)])
    container = world.encode(node.container)
    known = solver.every(item.known, container.known)
    if isinstance(container.value, Items):
        return Term(known, contains(world, node, container.value, item.value))
    return Term(known, world.looked_up(node, (node.item, node.container), lambda part, text: part in text))


def constants(listing: Literal) -> list[Literal]:
    """The items of a list of constants, each as a literal."""
    kinds = {bool: Type.BOOLEAN, str: Type.STRING, Decimal: Type.NUMBER, int: Type.DATETIME}
    assert isinstance(listing.value, tuple)
    return [Literal(type=kinds[type(one)], span=listing.span, value=one) for one in listing.value]


def any_equal(world: World, node: Member, item: Term, others: list[Term]) -> Term:
    """`x == a or x == b`: known where one is equal, or all are known."""
    solver = world.solver
    hits = [solver.every(item.known, one.known, equal(world, node, item.value, one.value)) for one in others]
    hit = solver.some(*hits)
    return Term(solver.every(item.known, solver.some(hit, solver.every(*(one.known for one in others)))), hit)


def contains(world: World, node: Member, items: Items, text: Any) -> Any:
    """Whether a list of texts holds a text; left open for one that is not known."""
    solver, texts = world.solver, world.texts
    if isinstance(text, int):
        return items.has(texts.all[text])

    def build() -> Term:
        found = solver.boolean(world.fresh())
        world.side(solver.follows(found, items.length >= 1))
        for one in world.domain(node.item) or texts.free:
            world.side(solver.follows(text == texts.code(one), solver.same(found, items.has(one))))
        world.leave_open("lists")
        return Term(known=True, value=found)

    return world.node(node, build).value


def encode_listing(world: World, node: Listing) -> Term:
    """A list that is written out with names in it; only texts can be asked of it but by `in`."""
    solver, terms = world.solver, [world.encode(one) for one in node.items]
    codes = [one.value for one in terms]

    def has(text: str) -> Any:
        return solver.some(*(solver.same(code, world.texts.code(text)) for code in codes))

    return Term(solver.every(*(one.known for one in terms)), Items(has, len(codes)))
