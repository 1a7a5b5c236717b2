"""A program -> every small edit of its ruleset that somebody could make by mistake, as a changed document.

One edit at a time: a constant or a duration one step off, another comparison, `and` for `or`, a condition turned round,
a rule left out, two rules in the other order. Pure: documents are plain JSON values, and what is given stays as it was.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from service.engine.places import Place, places
from service.language.canonical import plain_number
from service.language.durations import read_duration
from service.language.program import Program
from service.language.tree import COMPARISONS, Binary, Literal, Logic, Node, Unary, walk
from service.language.types import Type

Json = dict[str, Any]
OTHER = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "!=", "!=": "==", "and": "or", "or": "and"}
OPERATOR = re.compile("[<>=!]=|[<>]")
LOGIC = re.compile(r"\b(and|or)\b")
LAST_COUNT = re.compile(r"(\d+)([YMWDHS])$")
PERIODS = ("held_for", "expires_after", "rise_after", "fall_after", "after_stay", "cooldown")
MEMORY = ("when", "on", "until", "sticky", "held_for", "expires_after")


class Edit(NamedTuple):
    """One edit: the place it is made at, and what makes it, given a copy of the document to change."""

    pointer: str
    make: Callable[[Json], None]


def edits(program: Program) -> Iterator[Edit]:
    """Every edit, in the order of the document's parts; some may not make a ruleset."""
    document: Any = program.ruleset.document
    for place in places(program):
        yield from (Edit(place.pointer, setter(place.pointer, text)) for text in dict.fromkeys(texts(place)))
    yield from of_scores(document)
    yield from of_tiers(document)
    yield from of_tags(document)
    yield from of_transitions(document)
    yield from of_actions(document)
    yield from of_cases(document)


def edited(program: Program, edit: Edit) -> Json:
    """The document with one edit, without examples."""
    whole: Any = program.ruleset.document
    document = deepcopy({name: one for name, one in whole.items() if name != "examples"})
    edit.make(document)
    return document


# Expressions


def texts(place: Place) -> Iterator[str]:
    """An expression with each of its parts edited."""
    for node in walk(place.tree):
        yield from (place.text[:start] + new + place.text[end:] for start, end, new in cuts(place.text, node))
    if place.tree.type is Type.BOOLEAN:
        yield f"not ({place.text})"


def cuts(text: str, node: Node) -> Iterator[tuple[int, int, str]]:
    """What to put in place of which part of a text, for one node."""
    start, end = node.span
    if isinstance(node, Literal):
        yield from ((start, end, new) for new in constants(node, text[start:end]))
    elif isinstance(node, Binary) and node.operator in COMPARISONS:
        yield swap(OPERATOR, text, node.left.span[1], node.right.span[0])
    elif isinstance(node, Logic):
        for left, right in pairwise(node.operands):
            yield swap(LOGIC, text, left.span[1], right.span[0])
    elif isinstance(node, Unary) and node.operator == "not":
        yield start, end, f"({text[slice(*node.operand.span)]})"
    elif isinstance(node, Unary) and node.operator == "is-null":
        yield swap(OPERATOR, text, start, end)


def swap(word: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int, str]:
    """The word between two places, and the other one for it."""
    found = word.search(text, start, end)
    assert found is not None, text
    return found.start(), found.end(), OTHER[found[0]]


def constants(node: Literal, text: str) -> Iterator[str]:
    """A constant one step off, either way."""
    if isinstance(node.value, Decimal):
        yield from (plain_number(one) for one in off(node.value) if one >= 0)
    elif node.type is Type.SPAN:
        start = text.index("P")
        yield from (f"{text[:start]}{one}{text[-1]}" for one in periods(text[start:-1]))


def off(number: int | Decimal) -> tuple[Decimal, Decimal]:
    """A number one step of its last decimal lower and higher."""
    exponent = Decimal(number).as_tuple().exponent
    step = Decimal(1).scaleb(min(int(exponent), 0))
    return Decimal(number) - step, Decimal(number) + step


def periods(text: str) -> Iterator[str]:
    """A duration with its last part one less and one more."""
    found = LAST_COUNT.search(text)
    assert found is not None, text
    for count in (int(found[1]) - 1, int(found[1]) + 1):
        new = f"{text[: found.start()]}{count}{found[2]}"
        if not read_duration(new).is_zero:
            yield new


# Constructs


def setter(pointer: str, value: object) -> Callable[[Json], None]:
    """Puts a value at a place; nothing is what takes the member away."""
    *path, name = pointer.split("/")[1:]

    def make(document: Json) -> None:
        holder = inside(document, path)
        if value is None:
            holder.pop(name)
        else:
            holder[name] = value

    return make


def inside(document: Any, path: Iterable[str]) -> Any:
    """What stands at a path."""
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def without(pointer: str, index: int) -> Edit:
    """One entry of a list left out."""
    return Edit(f"{pointer}/{index}", lambda document: inside(document, pointer.split("/")[1:]).pop(index))


def swapped(pointer: str, first: int, second: int) -> Edit:
    """Two entries of a list in the other order."""

    def make(document: Json) -> None:
        entries = inside(document, pointer.split("/")[1:])
        entries[first], entries[second] = entries[second], entries[first]

    return Edit(f"{pointer}/{second}", make)


def of_numbers(one: Json, pointer: str, *names: str) -> Iterator[Edit]:
    """Numbers of a construct one step off."""
    for name in names:
        if one.get(name) is not None:
            yield from (Edit(f"{pointer}/{name}", setter(f"{pointer}/{name}", plain(new))) for new in off(one[name]))


def plain(number: Decimal) -> int | Decimal:
    """A number as JSON has it."""
    return int(number) if number == number.to_integral_value() else number


def of_periods(one: Json, pointer: str) -> Iterator[Edit]:
    """Durations of a construct one step off, and left out."""
    for name in PERIODS:
        if one.get(name) is not None:
            place = f"{pointer}/{name}"
            yield from (Edit(place, setter(place, new)) for new in (*periods(one[name]), None))


def of_scores(document: Json) -> Iterator[Edit]:
    """Weights, points and whole components."""
    for index, score in enumerate(document.get("scores", ())):
        pointer = f"/scores/{index}/components"
        for number, part in enumerate(score["components"]):
            doubled = plain(2 * Decimal(part["weight"]))
            yield Edit(f"{pointer}/{number}/weight", setter(f"{pointer}/{number}/weight", doubled))
            for place, point in enumerate(part.get("points", ())):
                yield from of_numbers(point, f"{pointer}/{number}/points/{place}", "points", "from")
            if len(score["components"]) > 1:
                yield without(pointer, number)


def of_tiers(document: Json) -> Iterator[Edit]:
    """Starts of bands, margins and waits."""
    for index, tier in enumerate(document.get("tiers", ())):
        yield from of_periods(tier, f"/tiers/{index}")
        yield from of_numbers(tier, f"/tiers/{index}", "margin")
        for place, band in enumerate(tier["bands"]):
            yield from of_numbers(band, f"/tiers/{index}/bands/{place}", "from")


def of_tags(document: Json) -> Iterator[Edit]:
    """Rules left out, waits and expiries, and the order inside a group."""
    groups = {one["key"] for one in document.get("tag_groups", ()) if one.get("exclusive")}
    last: dict[str, int] = {}
    for index, tag in enumerate(document.get("tags", ())):
        yield from of_periods(tag, f"/tags/{index}")
        if tag.get("when") is not None or tag.get("on") is not None:
            yield Edit(f"/tags/{index}", ruled_out(index))
        group = tag.get("group")
        if group in groups:
            if group in last:
                yield swapped("/tags", last[group], index)
            last[group] = index


def ruled_out(index: int) -> Callable[[Json], None]:
    """A tag without its rule, which only people can give."""

    def make(document: Json) -> None:
        tag = {name: one for name, one in document["tags"][index].items() if name not in MEMORY}
        document["tags"][index] = {**tag, "manual": "only"}

    return make


def of_transitions(document: Json) -> Iterator[Edit]:
    """Transitions left out, their waits, and their order."""
    pointer = "/lifecycle/transitions"
    transitions = document.get("lifecycle", {}).get("transitions", ())
    for index, one in enumerate(transitions):
        yield without(pointer, index)
        yield from of_periods(one, f"{pointer}/{index}")
        if index and (
            "*" in (*one["from"], *transitions[index - 1]["from"])
            or set(one["from"]) & set(transitions[index - 1]["from"])
        ):
            yield swapped(pointer, index - 1, index)


def of_actions(document: Json) -> Iterator[Edit]:
    """Actions and what they fire on left out, and their cooldowns."""
    for index, one in enumerate(document.get("actions", ())):
        yield without("/actions", index)
        yield from of_periods(one, f"/actions/{index}")
        if len(one["on"]) > 1:
            yield from (without(f"/actions/{index}/on", place) for place in range(len(one["on"])))


def of_cases(document: Json) -> Iterator[Edit]:
    """Lines of decision lists left out, and their order."""
    for index, value in enumerate(document.get("values", ())):
        pointer = f"/values/{index}/cases"
        for place in range(len(value.get("cases", ()))):
            if len(value["cases"]) > 1:
                yield without(pointer, place)
            if place:
                yield swapped(pointer, place - 1, place)
