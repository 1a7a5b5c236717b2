"""What the members of a construct, and the constructs of a ruleset, say against each other.

In: one JSON object, null members left out, whose members may each be wrong (that is said elsewhere, here it is passed
over). Out: diagnostics whose pointers begin at that object. It follows no reference and reads no expression.
Source: docs/language.md.
"""

from collections.abc import Callable, Iterator
from datetime import tzinfo
from decimal import Decimal
from itertools import chain
from typing import Any, TypeGuard

from service.language.canonical import canonical_bytes, digits, plain_number
from service.language.diagnostics import Diagnostic, step
from service.language.durations import read_duration
from service.language.fields import shown
from service.language.instants import read_date, read_instant
from service.language.sentences import say
from service.language.types import ATTRIBUTE_TYPES, INTEGER_LIMIT, NUMBER_DIGITS

Json = dict[str, Any]
Found = Iterator[Diagnostic]

TAG_RULE = ("when", "on", "until", "sticky", "held_for", "expires_after")
"""The members that make a tag's rule."""


# --- attributes -----------------------------------------------------------------------------------


def attribute(given: Json, where: tzinfo) -> Found:
    """`enum`, `minimum`, `maximum` and `default` that do not fit the type or each other."""
    kind = given.get("type")
    if not isinstance(kind, str) or kind not in ATTRIBUTE_TYPES:
        return
    if "enum" in given and kind not in ("string", "strings"):
        yield say("wrong-shape/enum-type", "/enum", type=kind)
    for name in {"minimum", "maximum"} & given.keys():
        if kind not in ("integer", "number"):
            yield say("wrong-shape/bound-type", step("", name), type=kind)
        elif kind == "integer" and _is_number(given[name]) and not _FITS[kind](given[name], where):
            yield say("wrong-shape/integer", step("", name), found=plain_number(given[name]))
    least, most = given.get("minimum"), given.get("maximum")
    if _is_number(least) and _is_number(most) and least > most:
        yield say("wrong-shape/upside-down", "/maximum", least=plain_number(least), found=plain_number(most))
    if "default" in given:
        yield from _default(given, kind, where)


def _default(given: Json, kind: str, where: tzinfo) -> Found:
    default, least, most, allowed = (given.get(name) for name in ("default", "minimum", "maximum", "enum"))
    if not _FITS[kind](default, where):
        yield say("wrong-shape/default", "/default", type=kind, found=_written(default))
        return
    if _is_number(default) and not _lies_between(default, least, most):
        yield say("wrong-shape/default-range", "/default", found=plain_number(default))
    chosen = default if isinstance(default, list) else [default]
    if isinstance(allowed, list) and any(one not in allowed for one in chosen):
        yield say("wrong-shape/default-enum", "/default", found=_written(default))


def _written(value: object) -> str:
    return shown(canonical_bytes(value).decode())


def _lies_between(number: int | Decimal, least: object, most: object) -> bool:
    return (not _is_number(least) or number >= least) and (not _is_number(most) or number <= most)


def _is_number(value: object) -> TypeGuard[int | Decimal]:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _reads(read: Callable[[str, tzinfo], int]) -> Callable[[Any, tzinfo], bool]:
    """Whether a value is text that `read` can read."""

    def fits(value: Any, where: tzinfo) -> bool:
        try:
            return isinstance(value, str) and read(value, where) is not None
        except ValueError:
            return False

    return fits


_FITS: dict[str, Callable[[Any, tzinfo], bool]] = {
    "boolean": lambda value, _: isinstance(value, bool),
    "integer": lambda value, _: _is_number(value) and -INTEGER_LIMIT < value < INTEGER_LIMIT and not value % 1,
    "number": lambda value, _: _is_number(value) and digits(value) <= NUMBER_DIGITS,
    "string": lambda value, _: isinstance(value, str),
    "datetime": _reads(read_instant),
    "date": _reads(read_date),
    "strings": lambda value, _: isinstance(value, list) and all(isinstance(one, str) for one in value),
}


# --- values and scores ----------------------------------------------------------------------------


def value(given: Json) -> Found:
    """Both or neither of the two forms, half a decision list, answers of several types."""
    if ("expression" in given) == ("cases" in given):
        yield say("wrong-shape/expression-or-cases", "")
    if "cases" in given and "otherwise" not in given:
        yield say("wrong-shape/no-otherwise", "")
    if "otherwise" in given and "cases" not in given:
        yield say("wrong-shape/otherwise-alone", "/otherwise")
    answers = [(f"/cases/{index}/then", one.get("then")) for index, one in _objects(given, "cases")]
    answers.append(("/otherwise", given.get("otherwise")))
    kinds = [(pointer, kind) for pointer, answer in answers if (kind := _kind(answer))]
    for pointer, kind in kinds[1:]:
        if kind != kinds[0][1]:
            yield say("wrong-shape/mixed", pointer, expected=kinds[0][1], found=kind)


def _kind(answer: object) -> str | None:
    """The type of a decision list's answer."""
    if isinstance(answer, bool):
        return "boolean"
    if isinstance(answer, list):
        return "strings"
    return "number" if _is_number(answer) else "string" if isinstance(answer, str) else None


def component(given: Json) -> Found:
    """Both or neither of the two forms, half of one, steps out of order."""
    steps = {"input", "points"} & given.keys()
    if ("value" in given) == bool(steps):
        yield say("wrong-shape/value-or-points", "")
    elif len(steps) == 1:
        yield say("missing-member", "", member=({"input", "points"} - steps).pop())
    yield from _ladder(given, "points", "wrong-shape")


# --- tiers ----------------------------------------------------------------------------------------


def tier(given: Json) -> Found:
    """Bands out of order; steps that take no time."""
    yield from _ladder(given, "bands", "bands-out-of-order")
    if given.get("fall") == "one_step" and _is_zero(given.get("fall_after", "P0D")):
        yield say("wrong-shape/one-step-zero", "/fall_after" if "fall_after" in given else "/fall")


def _is_zero(text: object) -> bool:
    try:
        return isinstance(text, str) and read_duration(text).is_zero
    except ValueError:
        return False


def _ladder(given: Json, name: str, code: str) -> Found:
    """The first entry has no `from`, every other a greater one than those before it."""
    highest = None
    for index, one in _objects(given, name):
        start, pointer = one.get("from"), f"/{name}/{index}"
        if index == 0:
            if start is not None:
                yield say(f"{code}/first", f"{pointer}/from")
        elif start is None:
            yield say(f"{code}/later", pointer)
        elif _is_number(start):
            if highest is not None and start <= highest:
                above, found = plain_number(highest), plain_number(start)
                yield say(f"{code}/ascending", f"{pointer}/from", above=above, found=found)
            highest = start if highest is None else max(start, highest)


# --- tags, transitions, actions, examples ---------------------------------------------------------


def tag_group(given: Json) -> Found:
    """A default where several tags can be held."""
    if "default" in given and given.get("exclusive") is not True:
        yield say("wrong-shape/default-not-exclusive", "/default")


def tag(given: Json) -> Found:
    """Members of a tag that can't stand together."""
    sticky = given.get("sticky") is True
    if sticky and "expires_after" in given:
        yield say("wrong-shape/sticky-expires", "/expires_after")
    if "until" in given and not (sticky or "on" in given or "expires_after" in given):
        yield say("wrong-shape/until-alone", "/until")
    yield from _on_with_held_for(given)
    if given.get("manual") == "only":
        for name in _rule(given):
            yield say("wrong-shape/manual-only", step("", name), member=name)


def _rule(given: Json) -> list[str]:
    """The members of a tag that make a rule; a `sticky` that is false makes none."""
    return [name for name in TAG_RULE if given.get(name) not in (None, False)]


def _on_with_held_for(given: Json) -> Found:
    if "on" in given and "held_for" in given:
        yield say("wrong-shape/on-held-for", "/held_for")


def transition(given: Json) -> Found:
    """No condition at all, a way from a stage to itself, members that can't stand together."""
    if "when" not in given and "on" not in given:
        yield say("wrong-shape/no-condition", "")
    yield from _on_with_held_for(given)
    sources = given.get("from")
    if isinstance(sources, list) and given.get("to") in sources:
        yield say("wrong-shape/to-itself", f"/from/{sources.index(given['to'])}", stage=given["to"])


def trigger(given: Json) -> Found:
    """Anything but exactly one change."""
    if given.keys() & {"stage", "tag", "tier", "band"} not in ({"stage"}, {"tag"}, {"tier", "band"}):
        yield say("wrong-shape/trigger", "")


def example(given: Json, where: tzinfo) -> Found:
    """Steps that go back in time."""
    latest = None
    for index, one in _objects(given, "steps"):
        text = one.get("at")
        if _FITS["datetime"](text, where):
            at = read_instant(text, where)
            if latest is not None and at < latest:
                yield say("wrong-shape/back-in-time", f"/steps/{index}/at", found=text)
            latest = at if latest is None else max(at, latest)


# --- the whole ruleset ----------------------------------------------------------------------------


def rules(given: Json) -> Found:
    """Tags that lack a rule, and defaults of groups that have one."""
    groups = [(place, group) for place, group in _objects(given, "tag_groups") if group.get("default") is not None]
    for index, one in _objects(given, "tags"):
        pointer, rule = f"/tags/{index}", _rule(one)
        default_of = [f"/tag_groups/{place}" for place, group in groups if group["default"] == one.get("key")]
        if default_of:
            for name in rule:
                yield say("wrong-shape/default-rule", step(pointer, name), member=name, group=default_of[0])
        elif "when" not in rule and "on" not in rule and one.get("manual") != "only":
            yield say("wrong-shape/no-rule", pointer)


def keys(given: Json) -> Found:
    """Keys and aliases that stand twice where they must be unique."""
    yield from _unique(chain(_named(given, "attributes"), _named(given, "values")))
    for name in ("events", "scores", "tiers", "tag_groups", "tags", "actions"):
        yield from _unique(_named(given, name))
    for collection, inside in (("scores", "components"), ("tiers", "bands")):
        for index, one in _objects(given, collection):
            yield from _unique(_named(one, inside, f"/{collection}/{index}"))
    lifecycle = given.get("lifecycle")
    if isinstance(lifecycle, dict):
        for name in ("stages", "transitions"):
            yield from _unique(_named(lifecycle, name, "/lifecycle"))


def _named(holder: Json, name: str, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every key in a collection, and after them every alias, with its place."""
    found = list(_objects(holder, name))
    for index, one in found:
        if isinstance(one.get("key"), str):
            yield one["key"], f"{pointer}/{name}/{index}/key"
    for index, one in found:
        aliases = one.get("aliases")
        for position, alias in enumerate(aliases if isinstance(aliases, list) else ()):
            if isinstance(alias, str):
                yield alias, f"{pointer}/{name}/{index}/aliases/{position}"


def _unique(names: Iterator[tuple[str, str]]) -> Found:
    first: dict[str, str] = {}
    for name, pointer in names:
        if first.setdefault(name, pointer) != pointer:
            yield say("duplicate-key", pointer, key=name, first=first[name])


def _objects(holder: Json, name: str) -> Iterator[tuple[int, Json]]:
    """The objects of a list, with their positions; nothing where there is no list."""
    found = holder.get(name)
    return ((index, one) for index, one in enumerate(found if isinstance(found, list) else ()) if isinstance(one, dict))
