"""Posted attributes -> facts: each value checked against its declared type, never guessed.

Pure. What is wrong is a fault of the request, all of them at once. Source: docs/language.md, "Attributes".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from service.errors import Fault, InvalidRequest
from service.language.instants import read_date, read_instant
from service.language.literals import fits_number
from service.language.model import Attribute
from service.language.program import Program
from service.language.types import INTEGER_LIMIT, NUMBER_DIGITS

MISFIT = object()
MOST_SHOWN = 40
Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a profile: `values` as rules see them, `document` as posted (declared attributes only,
    nulls left out).

    `defaulted` names the attributes that the ruleset filled in, `ignored` those it does not declare.
    """

    values: Mapping[str, Any]
    document: Mapping[str, object]
    defaulted: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How the attributes of a program are read."""

    readers: Mapping[str, Reader]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]
    attributes: Mapping[str, Attribute]


def read_facts(program: Program, attributes: Mapping[str, object], pointer: str = "/profile/attributes") -> Facts:
    """The facts of posted attributes.

    `InvalidRequest` with one fault for each value that does not fit and each required one that is absent;
    `pointer` leads to the attributes in the request.
    """
    plan = reading(program)
    values: dict[str, Any] = dict(plan.defaults)
    document: dict[str, object] = {}
    ignored, faults = [], []
    for name, posted in attributes.items():
        reader = plan.readers.get(name)
        if reader is None:
            ignored.append(name)
        elif posted is not None:
            value = reader(posted)
            if value is MISFIT:
                faults.append(misfit(plan.attributes[name], posted, pointer))
            values[name] = value
            document[name] = posted
    faults.extend(absent(name, pointer) for name in plan.required if name not in values)
    if faults:
        raise InvalidRequest("the attributes do not fit the ruleset", faults)
    defaulted = tuple(name for name in plan.defaults if name not in document)
    return Facts(values, document, defaulted, tuple(ignored))


def recall_facts(program: Program, document: Mapping[str, object]) -> Facts:
    """Stored facts, read by a version that may declare other attributes: what does not fit any more is unknown."""
    plan = reading(program)
    values = dict(plan.defaults)
    kept = {}
    for name, stored in document.items():
        value = plan.readers[name](stored) if name in plan.readers else MISFIT
        if value is not MISFIT:
            values[name], kept[name] = value, stored
    return Facts(values, kept, tuple(name for name in plan.defaults if name not in kept))


def reading(program: Program) -> Plan:
    """The program's plan for reading, made once."""
    plan: Plan | None = program.cache.get("facts")
    if plan is None:
        attributes = program.ruleset.attributes
        readers = {one.key: reader_for(one, program.where) for one in attributes}
        defaults = {one.key: readers[one.key](one.default) for one in attributes if one.default is not None}
        required = tuple(one.key for one in attributes if one.required)
        plan = Plan(readers, required, defaults, {one.key: one for one in attributes})
        program.cache["facts"] = plan
    return plan


def reader_for(attribute: Attribute, where: tzinfo) -> Reader:
    """What turns a JSON value into the rules' value, or into `MISFIT`."""
    if attribute.type in ("integer", "number"):
        return within_range(attribute, read_integer if attribute.type == "integer" else read_number)
    if attribute.type == "boolean":
        return lambda posted: posted if posted is True or posted is False else MISFIT
    if attribute.type == "string":
        return text_reader(attribute)
    if attribute.type == "strings":
        return texts_reader(attribute)
    read = read_instant if attribute.type == "datetime" else read_date

    def read_moment(posted: Any) -> Any:
        try:
            return read(posted, where) if isinstance(posted, str) else MISFIT
        except ValueError:
            return MISFIT

    return read_moment


def read_integer(posted: Any) -> Any:
    """A whole number below the limit."""
    if type(posted) is int:
        return Decimal(posted) if -INTEGER_LIMIT < posted < INTEGER_LIMIT else MISFIT
    if type(posted) is Decimal and -INTEGER_LIMIT < posted < INTEGER_LIMIT and posted == posted.to_integral_value():
        return Decimal(int(posted))
    return MISFIT


def read_number(posted: Any) -> Any:
    """A number of at most 28 digits."""
    if type(posted) is int:
        return Decimal(posted) if abs(posted) < 10**NUMBER_DIGITS else MISFIT
    return posted if type(posted) is Decimal and fits_number(posted) else MISFIT


def within_range(attribute: Attribute, read: Reader) -> Reader:
    """The reader with the attribute's minimum and maximum, where it has them."""
    low = None if attribute.minimum is None else read(attribute.minimum)
    high = None if attribute.maximum is None else read(attribute.maximum)
    if low is None and high is None:
        return read

    def read_within(posted: Any) -> Any:
        value = read(posted)
        if value is MISFIT or (low is not None and value < low) or (high is not None and value > high):
            return MISFIT
        return value

    return read_within


def text_reader(attribute: Attribute) -> Reader:
    """A text, one of the enum's where there is one."""
    allowed = None if attribute.enum is None else frozenset(attribute.enum)
    if allowed is None:
        return lambda posted: posted if isinstance(posted, str) else MISFIT
    return lambda posted: posted if isinstance(posted, str) and posted in allowed else MISFIT


def texts_reader(attribute: Attribute) -> Reader:
    """A list of texts, as a tuple."""
    read = text_reader(attribute)

    def read_all(posted: Any) -> Any:
        if not isinstance(posted, list | tuple) or any(read(one) is MISFIT for one in posted):
            return MISFIT
        return tuple(posted)

    return read_all


EXPECTED = {
    "boolean": "true or false",
    "integer": "a whole number below 10^15",
    "number": "a number of at most 28 digits",
    "string": "a text",
    "strings": "a list of texts",
    "datetime": "an RFC 3339 date and time such as `2026-11-21T09:00:00Z`",
    "date": "a date such as `2026-11-21`",
}


def misfit(attribute: Attribute, posted: object, pointer: str) -> Fault:
    """The fault of a value that does not fit, in words."""
    expected = EXPECTED[attribute.type]
    if attribute.enum is not None:
        expected = f"{expected}, one of " + ", ".join(f"`{one}`" for one in attribute.enum)
    if attribute.minimum is not None:
        expected = f"{expected}, at least {attribute.minimum}"
    if attribute.maximum is not None:
        expected = f"{expected}, at most {attribute.maximum}"
    place = f"{pointer}/{attribute.key}"
    return Fault(place, "wrong-type", f"expected {expected}, found {describe(posted)}")


def absent(name: str, pointer: str) -> Fault:
    """The fault of a required attribute that is not there."""
    return Fault(f"{pointer}/{name}", "missing-attribute", f"attribute `{name}` is required")


def describe(posted: object) -> str:
    """A JSON value in a few words; long ones are cut."""
    if posted is True or posted is False:
        return "true" if posted else "false"
    if isinstance(posted, str):
        return f"the text `{short(posted)}`"
    if isinstance(posted, Mapping):
        return "an object"
    if isinstance(posted, list | tuple):
        return "a list"
    return f"the number {short(str(posted))}"


def short(text: str) -> str:
    """The beginning of a text, marked where it is cut."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
