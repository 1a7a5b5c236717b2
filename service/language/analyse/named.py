"""A name in an expression -> its term: attributes, values, the clock and the event here, what has memory elsewhere.

Source: docs/language.md, "Expressions".
"""

from typing import Any

from service.language.analyse.days import today
from service.language.analyse.holding import encode_tag, since_tag
from service.language.analyse.places import band_text, encode_stage, since_stage, since_tier
from service.language.analyse.rating import encode_score
from service.language.analyse.terms import Items, Term
from service.language.analyse.world import World
from service.language.instants import DAY, FIRST, LAST
from service.language.model import Attribute
from service.language.tree import Reference
from service.language.types import INTEGER_LIMIT, NUMBER_DIGITS

YEARS = 366 * DAY
CENTS = 100


def encode_reference(world: World, node: Reference) -> Term:
    """The term of a name."""
    key = node.key
    match node.root:
        case "attribute":
            return encode_attribute(world, key)
        case "value":
            return world.piece(("value", key), lambda: world.encode(world.rules.values[key]))
        case "score":
            return encode_score(world, key)
        case "tier":
            return band_text(world, key)
        case "tag":
            return Term(known=True, value=encode_tag(world, key))
        case "stage":
            return encode_stage(world)
        case "since.stage":
            return since_stage(world)
        case "since.tag":
            return since_tag(world, key)
        case "since.tier":
            return since_tier(world, key)
        case "event":
            return encode_event(world, key)
        case "today":
            return today(world)
    return Term(known=True, value=world.now)


# Attributes


def encode_attribute(world: World, key: str) -> Term:
    """A posted value: any that its declaration lets in."""
    return world.piece(("attribute", key), lambda: declared(world, world.attributes[key]))


def declared(world: World, attribute: Attribute) -> Term:
    """The variables of an attribute; those of one name are one in all worlds of a solver."""
    solver, name = world.solver, f"attribute:{attribute.type}:{attribute.key}"
    is_certain = attribute.required or attribute.default is not None
    known = True if is_certain else solver.boolean(f"{name}?")
    if attribute.type == "boolean":
        return Term(known, solver.boolean(name))
    if attribute.type == "string":
        return Term(known, any_text(world, name, attribute.enum))
    if attribute.type == "strings":
        return Term(known, any_list(world, attribute))
    if attribute.type in ("integer", "number"):
        return any_number(world, name, attribute)._replace(known=known)
    value = solver.whole(name)
    world.side(value >= FIRST, value <= LAST)
    if world.is_exact:
        world.side(value >= world.now - 100 * YEARS, value <= world.now + 10 * YEARS)
    if world.is_exact and attribute.type == "date":
        world.side(solver.remainder(value + world.offset, DAY) == 0)
    return Term(known, value)


def any_number(world: World, name: str, attribute: Attribute) -> Term:
    """A number within its bounds; tried with two decimals."""
    solver = world.solver
    if attribute.type == "integer":
        value, digits = solver.whole(name), (15, 0)
        world.side(value > -INTEGER_LIMIT, value < INTEGER_LIMIT)
    else:
        value, digits = solver.real(name), (NUMBER_DIGITS, NUMBER_DIGITS)
        world.side(value > -(10**NUMBER_DIGITS), value < 10**NUMBER_DIGITS)
        if world.is_exact:
            world.side(value * CENTS == solver.whole(f"{name}*"))
    for bound, is_least in ((attribute.minimum, True), (attribute.maximum, False)):
        if bound is not None:
            edge = solver.number_of(bound)
            world.side(value >= edge if is_least else value <= edge)
    return Term(known=True, value=value, digits=digits)


def any_text(world: World, name: str, allowed: tuple[str, ...] | None) -> Any:
    """A text: one of those allowed; without such, any; tried with the known ones."""
    value = world.solver.real(name)
    if allowed is not None or world.is_exact:
        texts = allowed if allowed is not None else world.texts.free
        world.side(world.solver.some(*(value == world.texts.code(one) for one in texts)))
    return value


def any_list(world: World, attribute: Attribute) -> Items:
    """A list of texts."""
    solver, key = world.solver, attribute.key
    held = world.members.setdefault(key, {})

    def has(text: str) -> Any:
        if attribute.enum is not None and text not in attribute.enum:
            return False
        return held.setdefault(text, solver.boolean(f"attribute:{key}∋{text}"))

    for text in attribute.enum or ():
        has(text)
    length = solver.whole(f"attribute:{key}#")
    world.side(length >= 0)
    if world.is_exact:
        world.side(length <= len(world.texts.all) + CENTS)
    return Items(has, length)


# Events


def encode_event(world: World, key: str) -> Term:
    """What the event says; asked only where there is one."""
    solver = world.solver
    if key == "type":
        return Term(known=True, value=world.piece(("event", "type"), lambda: event_type(world)).value)
    if key == "at":
        return Term(known=True, value=world.now if world.is_exact else solver.whole("event:at"))

    def build() -> Term:
        return Term(solver.boolean("event:text?"), any_text(world, "event:text", None))

    return world.piece(("event", "text"), build)


def event_type(world: World) -> Term:
    """Whether there is an event (`known`), and its type."""
    types = tuple(one.key for one in world.ruleset.events)
    there = world.solver.boolean("event?")
    return Term(there, any_text(world, "event:type", types) if types else 0)
