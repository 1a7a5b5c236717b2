"""Arithmetic on terms: exact where 28 digits hold the result, rounded where they may not, narrowed or left open where
two varying numbers are multiplied or divided.

Source: docs/language.md, "Numbers".
"""

from decimal import Decimal
from typing import Any

from service.language.analyse.terms import ROUNDED, Term, widest
from service.language.analyse.world import World
from service.language.functions import OPERATORS
from service.language.tree import Binary, Literal
from service.language.types import NUMBER_DIGITS

FEW = tuple(Decimal(one) for one in (1, 2, 3, 4, 5, 8, 10, 20, 50, 100, 1000, -1))
"""The divisors, and the second factors, that values are tried with."""


def compute(world: World, node: Binary, left: Term, right: Term) -> Term:
    """`+ - * / // %`; what has no result is unknown."""
    match node:
        case Binary(left=Literal(value=Decimal() as one), right=Literal(value=Decimal() as other)):
            return settled(world, OPERATORS[node.operator](one, other))
    return world.node(node, lambda: computed(world, node.operator, left, right))


def settled(world: World, result: Decimal | None) -> Term:
    """What two constants give."""
    return Term(known=False, value=0) if result is None else Term(known=True, value=world.solver.number(result))


def computed(world: World, operator: str, left: Term, right: Term) -> Term:
    """One operation of which a side varies."""
    solver = world.solver
    known = solver.every(left.known, right.known)
    if operator in ("+", "-"):
        whole, part = widest(left, right)
        value = left.value + right.value if operator == "+" else left.value - right.value
        return fitted(world, Term(known, value, (whole + 1, part)))
    if operator == "*":
        if solver.is_constant(left.value) or solver.is_constant(right.value):
            digits = (left.digits[0] + right.digits[0], left.digits[1] + right.digits[1])
            return fitted(world, Term(known, left.value * right.value, digits))
        return Term(known, product(world, left.value, right.value))
    known = solver.every(known, solver.no(solver.same(right.value, 0)))
    if operator == "/":
        return Term(known, quotient(world, left.value, right.value))
    return whole_part(world, operator, left, right)._replace(known=known)


def fitted(world: World, term: Term) -> Term:
    """The term, rounded where it may have more digits than a number can have."""
    if sum(term.digits) <= NUMBER_DIGITS:
        return term
    return Term(term.known, world.rounded(term.value), ROUNDED)


def product(world: World, left: Any, right: Any) -> Any:
    """A product of two numbers that both vary."""
    solver = world.solver
    found = solver.real(world.fresh())
    if world.is_exact:
        numbers = [solver.number(one) for one in (Decimal(0), *FEW)]
        world.side(solver.some(*(solver.every(right == one, found == left * one) for one in numbers)))
    else:
        world.leave_open("arithmetic")
        world.side(solver.follows(solver.some(left == 0, right == 0), found == 0))
    return found


def quotient(world: World, left: Any, right: Any) -> Any:
    """A division; where the divisor varies, the result lies on the right side of every threshold."""
    solver = world.solver
    if solver.is_constant(right):
        return 0 if solver.same(right, 0) is True else world.rounded(solver.ratio(left, right))
    found = solver.real(world.fresh())
    if world.is_exact:
        numbers = [solver.number(one) for one in FEW]
        world.side(solver.some(right == 0, *(solver.every(right == one, found * one == left) for one in numbers)))
        return found
    world.leave_open("arithmetic")
    for threshold in world.thresholds:
        bound = solver.number(threshold)
        edge, above, below = bound * right, found >= bound, found <= bound
        world.side(
            solver.follows(solver.every(right > 0, left >= edge), above),
            solver.follows(solver.every(right > 0, left <= edge), below),
            solver.follows(solver.every(right < 0, left <= edge), above),
            solver.follows(solver.every(right < 0, left >= edge), below),
        )
    return found


def whole_part(world: World, operator: str, left: Term, right: Term) -> Term:
    """`//` and `%`, which round towards zero."""
    solver, by = world.solver, right.value
    if not solver.is_constant(by):
        world.leave_open("arithmetic")
        return Term(known=True, value=solver.real(world.fresh()))
    if solver.same(by, 0) is True:
        return Term(known=False, value=0)
    whole = cut(world, left.value, by)
    if operator == "//":
        return Term(known=True, value=whole, digits=left.digits if isinstance(by, int) else ROUNDED)
    return fitted(world, Term(known=True, value=left.value - whole * by, digits=widest(left, right)))


def cut(world: World, number: Any, by: Any) -> Any:
    """A number divided by a constant, without what is behind the point."""
    solver = world.solver
    if isinstance(by, int) and solver.is_whole(number):
        size = abs(by)
        whole = solver.choose(number >= 0, solver.quotient(number, size), -solver.quotient(-number, size))
        return whole if by > 0 else -whole
    ratio = solver.ratio(number, by)
    return solver.choose(ratio >= 0, solver.floor(ratio), -solver.floor(-ratio))
