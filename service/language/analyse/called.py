"""A function or accessor on terms -> its term; each function of the language has a line in the table.

Source: docs/language.md, "Expressions".
"""

from collections.abc import Callable
from typing import Any

from service.language.analyse.compute import computed
from service.language.analyse.days import calendar_days, date_part, months, periods_since, within
from service.language.analyse.terms import Items, Term, widest
from service.language.analyse.world import World
from service.language.functions import ACCESSORS, bucket
from service.language.instants import DAY, HOUR
from service.language.model import Duration
from service.language.tree import Call, Literal
from service.language.types import Type

WHOLE = (15, 0)
HUNDRED = 100
MOST_PROFILES = 48


def encode_call(world: World, node: Call) -> Term:
    """The term of a call: unknown where an argument is, but for `latest`."""
    if node.function == "within":
        then, period = world.encode(node.arguments[0]), node.arguments[1]
        assert isinstance(period, Literal) and isinstance(period.value, Duration)
        return Term(then.known, within(world, node, then.value, period.value))
    if node.function == "bucket":
        return in_bucket(world, node)
    terms = [world.encode(one) for one in node.arguments]
    known = world.solver.every(*(one.known for one in terms))
    if node.function[0] == ".":
        return Term(known, accessed(world, node, terms[0].value), WHOLE)
    found = FUNCTIONS[node.function](world, node, terms)
    return found._replace(known=world.solver.every(known, found.known)) if node.function != "latest" else found


def accessed(world: World, node: Call, value: Any) -> Any:
    """An accessor of an instant, a list or a text."""
    if node.arguments[0].type is Type.DATETIME:
        return date_part(world, node, value)
    if isinstance(value, Items):
        return value.length if node.function == ".length" else value.length == 0
    return world.looked_up(node, node.arguments, ACCESSORS[node.function[1:]][Type.STRING].code)


def whole(value: Any) -> Term:
    """A whole number that is known."""
    return Term(known=True, value=value, digits=WHOLE)


def latest(world: World, _node: Call, terms: list[Term]) -> Term:
    """The latest of those that are known."""
    solver, found = world.solver, terms[0]
    for one in terms[1:]:
        takes = solver.every(one.known, solver.some(solver.no(found.known), one.value > found.value))
        found = Term(solver.some(found.known, one.known), solver.choose(takes, one.value, found.value))
    return found


def extreme(world: World, node: Call, terms: list[Term]) -> Term:
    """`min` and `max`."""
    found = terms[0].value
    for one in terms[1:]:
        takes = one.value < found if node.function == "min" else one.value > found
        found = world.solver.choose(takes, one.value, found)
    return Term(known=True, value=found, digits=widest(*terms))


def clamp(world: World, _node: Call, terms: list[Term]) -> Term:
    """A number moved into a range."""
    return Term(known=True, value=clamped(world, *(one.value for one in terms)), digits=widest(*terms))


def clamped(world: World, number: Any, low: Any, high: Any) -> Any:
    """A number moved into a range; `low` wins where the range is upside down."""
    choose = world.solver.choose
    below = choose(number < high, number, high)
    return choose(below > low, below, low)


def scale(world: World, node: Call, terms: list[Term]) -> Term:
    """Where a number lies between two others, 0 to 100."""
    solver = world.solver
    number, low, high = (one.value for one in terms)
    apart = solver.no(solver.same(low, high))
    if not (solver.is_constant(low) and solver.is_constant(high)):

        def build() -> Term:
            found = solver.real(world.fresh())
            world.leave_open("arithmetic")
            world.side(found >= 0, found <= HUNDRED)
            return Term(known=True, value=found)

        return Term(apart, world.node(node, build).value)
    if apart is False:
        return Term(known=False, value=0)
    points = world.node(
        node, lambda: Term(known=True, value=world.rounded(solver.ratio((number - low) * HUNDRED, high - low)))
    )
    return Term(apart, clamped(world, points.value, 0, HUNDRED))


def share(world: World, node: Call, terms: list[Term]) -> Term:
    """A division."""
    return world.node(node, lambda: computed(world, "/", *terms))


def in_list(world: World, node: Call, terms: list[Term]) -> Term:
    """`any_of` and `all_of`."""
    solver, is_any = world.solver, node.function == "any_of"
    have, wanted = (one.value for one in terms)
    if wanted.is_written is not None:
        parts = [have.has(text) for text in wanted.is_written]
        return Term(known=True, value=solver.some(*parts) if is_any else solver.every(*parts))

    def build() -> Term:
        found = solver.boolean(world.fresh())
        shared = [(have.has(text), wanted.has(text)) for text in world.texts.free]
        some = solver.some(*(solver.every(*pair) for pair in shared))
        every = solver.every(*(solver.follows(want, has) for has, want in shared))
        if world.is_exact:
            world.side(solver.same(found, some if is_any else every))
        elif is_any:
            world.side(solver.follows(some, found))
            world.side(solver.follows(found, solver.every(have.length >= 1, wanted.length >= 1)))
        else:
            world.side(solver.follows(found, every))
        world.leave_open("lists")
        return Term(known=True, value=found)

    return world.node(node, build)


def in_bucket(world: World, node: Call) -> Term:
    """A stable group of the profile: any, or those of some profiles."""
    solver, name = world.solver, world.encode(node.arguments[0])

    def build() -> Term:
        found = solver.whole(world.fresh())
        world.side(found >= 0, found < HUNDRED)
        if world.is_exact and isinstance(name.value, int):
            text, who = world.texts.all[name.value], solver.whole("profile")
            cases = [
                solver.every(who == one, found == int(bucket(text, profile_name(one)))) for one in range(MOST_PROFILES)
            ]
            world.side(solver.some(*cases))
        else:
            world.leave_open("bucket")
        return whole(found)

    return Term(name.known, world.node(node, build).value, WHOLE)


def profile_name(number: int) -> str:
    """The id of a profile that is tried."""
    return f"witness-{number}"


FUNCTIONS: dict[str, Callable[[World, Call, list[Term]], Term]] = {
    "days_since": lambda world, _node, terms: whole(periods_since(world, terms[0].value, DAY)),
    "hours_since": lambda world, _node, terms: whole(periods_since(world, terms[0].value, HOUR)),
    "calendar_days_since": lambda world, node, terms: whole(calendar_days(world, node, terms[0].value)),
    "months_since": lambda world, node, terms: whole(months(world, node, terms[0].value)),
    "latest": latest,
    "min": extreme,
    "max": extreme,
    "clamp": clamp,
    "scale": scale,
    "share": share,
    "any_of": in_list,
    "all_of": in_list,
}
"""Each function's term from those of its arguments; `known` says what else must hold for a result."""
