"""A solver's values -> the situation that they stand for, as a caller would post it.

Source: docs/language.md, "Attributes".
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from service.language.analyse.called import profile_name
from service.language.analyse.claims import Circle
from service.language.analyse.places import stage_keys, stood
from service.language.analyse.situation import Situation
from service.language.analyse.terms import Items, Name
from service.language.analyse.texts import OTHER
from service.language.analyse.world import World
from service.language.instants import DAY, local_date, write_instant
from service.language.model import Attribute

Read = Callable[[Any], Any]
LONG_AGO = 3660 * DAY


def read_situation(world: World, names: Iterable[Name], read: Read, circle: Circle | None) -> Situation:
    """The situation of a world that stands at an instant; `names` are the pieces whose values count."""
    at = world.at
    assert at is not None
    known = set(names)
    attributes = {}
    for attribute in world.ruleset.attributes:
        if ("attribute", attribute.key) in known:
            term = world.pieces["attribute", attribute.key].term
            if read(term.known):
                attributes[attribute.key] = posted(world, attribute, term.value, read)
        elif attribute.required:
            attributes[attribute.key] = any_value(attribute, at)
    hand = {key for kind, key in known if kind == "hand" and read(world.pieces[kind, key].term.value)}
    held = {key for kind, key in known if kind == "before" and read(world.pieces[kind, key].term.value)}
    over = {key for kind, key in known if kind == "over" and read(world.pieces[kind, key].term.value)}
    stage, since = read_stage(world, known, read)
    return Situation(
        profile=profile_name(read(world.solver.whole("profile")) % 1000),
        attributes=attributes,
        at=at,
        event=read_event(world, known, read),
        stage=circle.stage if circle else stage,
        stage_since=at - LONG_AGO if circle else since,
        tags={key: read_since(world, known, "since.tag", f"tag:{key}@", key, read) for key in sorted(held | hand)},
        assigned=frozenset(hand),
        bands=dict(read_bands(world, known, read)),
        waited=frozenset(over) | (circle.waited if circle else frozenset()),
    )


def posted(world: World, attribute: Attribute, value: Any, read: Read) -> object:
    """An attribute's value as JSON has it."""
    if attribute.type == "boolean":
        return bool(read(value))
    if attribute.type == "strings":
        return read_list(world, attribute, value, read)
    number = read(value)
    if attribute.type in ("integer", "number"):
        return as_number(number)
    if attribute.type == "string":
        return world.texts.all[int(number)]
    if attribute.type == "date":
        return local_date(int(number), world.where).isoformat()
    return write_instant(int(number))


def as_number(number: Fraction | int) -> object:
    """A number as JSON has it: whole, or with decimals."""
    if number == int(number):
        return int(number)
    return Decimal(number.numerator) / Decimal(number.denominator)


def read_list(world: World, attribute: Attribute, items: Items, read: Read) -> list[str]:
    """A list of texts, made up to its length."""
    found = [text for text, held in sorted(world.members[attribute.key].items()) if read(held)]
    missing = int(read(items.length)) - len(found)
    if attribute.enum is not None:
        return found + found[:1] * missing
    return found + [f"{OTHER}-{index}" for index in range(missing)]


def any_value(attribute: Attribute, at: int) -> object:
    """A value for an attribute that must be there and does not matter."""
    if attribute.type in ("integer", "number"):
        low, high = attribute.minimum, attribute.maximum
        if low is not None:
            return low
        return 0 if high is None or Decimal(high) >= 0 else high  # type: ignore[arg-type]
    if attribute.type == "string":
        return attribute.enum[0] if attribute.enum else OTHER
    if attribute.type in ("datetime", "date"):
        text = write_instant(at - at % DAY - DAY)
        return text if attribute.type == "datetime" else text[:10]
    return [] if attribute.type == "strings" else False


def read_event(world: World, known: set[Name], read: Read) -> tuple[str, str | None] | None:
    """The event, if there is one."""
    if ("event", "type") not in known:
        return None
    term = world.pieces["event", "type"].term
    if not read(term.known):
        return None
    text = None
    if ("event", "text") in known:
        said = world.pieces["event", "text"].term
        text = world.texts.all[int(read(said.value))] if read(said.known) else None
    return world.texts.all[int(read(term.value))], text


def read_since(world: World, known: set[Name], kind: str, variable: str, key: str, read: Read) -> int:
    """Since when something is held; a day before where nobody asked."""
    assert world.at is not None
    return int(read(world.solver.whole(variable))) if (kind, key) in known else world.at - DAY


def read_stage(world: World, known: set[Name], read: Read) -> tuple[str | None, int | None]:
    """The stage and since when."""
    if ("stage", "") not in known:
        return None, None
    place = int(read(world.solver.whole("stage")))
    return stage_keys(world)[place], read_since(world, known, "since.stage", "stage@", "", read)


def read_bands(world: World, known: set[Name], read: Read) -> Iterable[tuple[str, tuple[str, int]]]:
    """The bands that the profile stood in."""
    for key, plan in world.tiers.items():
        had, before, _ = stood(world, key)
        if ("tier", key) in known and read(had):
            since = read_since(world, known, "since.tier", f"tier:{key}@", key, read)
            yield key, (plan.keys[int(read(before))], since)
