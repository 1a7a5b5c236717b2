"""The members that hold one value: booleans, numbers, keys, expressions, texts, durations, instants, timezones.

Each reads a JSON value strictly, as `fields` says, and describes itself as JSON Schema.
Source: docs/language.md, the opening section and "Attributes".
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from service.language.canonical import digits, plain_number
from service.language.diagnostics import Diagnostic, step
from service.language.durations import read_duration
from service.language.fields import Json, ListOf, Member, Refused, Zone, nearest, refuse, shown, type_name
from service.language.instants import read_instant, zone_names
from service.language.model import Duration
from service.language.sentences import say
from service.language.types import NUMBER_DIGITS

KEY = r"[a-z][a-z0-9_]{0,62}"
RULESET_KEY = r"[a-z][a-z0-9_-]{0,62}"
LANGUAGE = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?"
DURATION = r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
INSTANT = r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?"
EXPRESSION_LENGTH = 1000
"""The most characters of an expression."""
DEFINITIONS: dict[str, Json] = {
    "Text": {
        "description": "Words for people: one string, or one by language.",
        "anyOf": [
            {"type": "string", "pattern": r"\S"},
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{LANGUAGE}$"},
                "additionalProperties": {"type": "string", "pattern": r"\S"},
            },
        ],
    },
    "Duration": {
        "description": "A length of time in ISO 8601, such as P7D, PT48H or P1M: whole numbers, no sign, "
        "at most 100 years. Weeks and days are 24 hours; months and years go by the ruleset's calendar.",
        "type": "string",
        "pattern": f"^{DURATION}$",
    },
}
"""What several members share in the JSON Schema, by name."""


class Boolean(Member):
    """`true` or `false`."""

    expected = "boolean"

    def read(self, value: Any) -> bool:
        """The boolean."""
        if not isinstance(value, bool):
            raise self.unexpected(value)
        return value

    def describe(self) -> Json:
        """A boolean."""
        return {"type": "boolean"}


class Number(Member):
    """A number of at most 28 digits, not below `least`, not above `most`, and more than `above`."""

    expected = "number"

    def __init__(
        self, about: str, *, least: int | None = None, most: int | None = None, above: int | None = None, **options: Any
    ) -> None:
        super().__init__(about, **options)
        self.least, self.most, self.above = least, most, above

    def read(self, value: Any) -> int | Decimal:
        """The number, as it was."""
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise self.unexpected(value)
        if digits(value) > NUMBER_DIGITS:
            raise refuse("wrong-shape/digits", most=NUMBER_DIGITS)
        found = plain_number(value)
        if self.above is not None and value <= self.above:
            raise refuse("wrong-shape/above", above=self.above, found=found)
        if self.most is not None and not (self.least or 0) <= value <= self.most:
            raise refuse("wrong-shape/between", least=self.least, most=self.most, found=found)
        if self.least is not None and value < self.least:
            raise refuse("wrong-shape/least", least=self.least, found=found)
        return value

    def describe(self) -> Json:
        """A number in its range."""
        bounds = {"minimum": self.least, "maximum": self.most, "exclusiveMinimum": self.above}
        return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}


class Whole(Number):
    """A whole number; `54.0` is one."""

    expected = "whole"

    def read(self, value: Any) -> int:
        """The number as an `int`."""
        number = super().read(value)
        if number % 1:
            raise refuse("wrong-shape/whole", found=plain_number(number))
        return int(number)

    def describe(self) -> Json:
        """An integer in its range."""
        return {**super().describe(), "type": "integer"}


class String(Member):
    """A string that is not blank."""

    expected = "string"

    def read(self, value: Any) -> str:
        """The string, as it was."""
        if not isinstance(value, str):
            raise self.unexpected(value)
        if not value.strip():
            raise refuse("wrong-shape/blank")
        return value

    def describe(self) -> Json:
        """A string with something in it."""
        return {"type": "string", "pattern": r"\S"}


class AnyString(Member):
    """A string, also an empty one."""

    expected = "string"

    def read(self, value: Any) -> str:
        """The string, as it was."""
        if not isinstance(value, str):
            raise self.unexpected(value)
        return value

    def describe(self) -> Json:
        """A string."""
        return {"type": "string"}


class Choice(String):
    """One of a few words."""

    def __init__(self, about: str, choices: tuple[str, ...], **options: Any) -> None:
        super().__init__(about, **options)
        self.choices = choices

    def read(self, value: Any) -> str:
        """The word."""
        word = super().read(value)
        if word not in self.choices:
            near = nearest(word, self.choices)
            listed = ", ".join(f"`{one}`" for one in self.choices)
            advice = "help/nearest" if near else None
            raise refuse("wrong-shape/choice", choices=listed, found=shown(word), near=near, help=advice)
        return word

    def describe(self) -> Json:
        """One of the words."""
        return {"type": "string", "enum": list(self.choices)}


class Key(String):
    """The key of a construct, none of the `reserved` words; or, with none reserved, a reference to one."""

    pattern = KEY
    sentence = "wrong-shape/key"

    def __init__(self, about: str, *, reserved: frozenset[str] = frozenset(), **options: Any) -> None:
        super().__init__(about, **options)
        self.reserved = reserved

    def read(self, value: Any) -> str:
        """The key."""
        key = super().read(value)
        if re.fullmatch(self.pattern, key) is None:
            raise refuse(self.sentence, found=shown(key))
        if key in self.reserved:
            raise refuse("reserved-word", key=key)
        return key

    def describe(self) -> Json:
        """A string of the pattern, but for the reserved words."""
        found: Json = {"type": "string", "pattern": f"^{self.pattern}$"}
        return {**found, "not": {"enum": sorted(self.reserved)}} if self.reserved else found


class RulesetKey(Key):
    """The key of a ruleset, in which `-` may stand too."""

    pattern = RULESET_KEY
    sentence = "wrong-shape/ruleset-key"


class KeyOrAny(Key):
    """A reference to a construct, or `*`."""

    pattern = rf"(\*|{KEY})"


class Expression(String):
    """The text of an expression; what it says, later stages read."""

    def read(self, value: Any) -> str:
        """The text, as it was."""
        text = super().read(value)
        if len(text) > EXPRESSION_LENGTH:
            raise refuse("limit-exceeded/expression", most=EXPRESSION_LENGTH, found=len(text))
        return text

    def describe(self) -> Json:
        """A string of at most 1,000 characters."""
        return {**super().describe(), "maxLength": EXPRESSION_LENGTH}


class Words(Member):
    """Text for people: one string, or one by language."""

    expected = "text"

    def read(self, value: Any) -> str | dict[str, str]:
        """The text, as it was."""
        if isinstance(value, dict):
            if found := list(self._by_language(value)):
                raise Refused(found)
            return value
        if not isinstance(value, str):
            raise self.unexpected(value)
        return String("").read(value)

    @staticmethod
    def _by_language(words: Json) -> Iterator[Diagnostic]:
        if not words:
            yield say("wrong-shape/no-language", "")
        for language, text in words.items():
            pointer = step("", language)
            if re.fullmatch(LANGUAGE, language) is None:
                yield say("wrong-shape/language", pointer, found=shown(language))
            if not isinstance(text, str):
                yield say("wrong-shape/string", pointer, found=type_name(text))
            elif not text.strip():
                yield say("wrong-shape/blank", pointer)

    def describe(self) -> Json:
        """The definition `Text`."""
        return {"$ref": "#/$defs/Text"}


class Period(Member):
    """An ISO 8601 duration; not zero where `above_zero` says so."""

    expected = "duration"

    def __init__(self, about: str, *, above_zero: bool = False, **options: Any) -> None:
        super().__init__(about, **options)
        self.above_zero = above_zero

    def read(self, value: Any) -> Duration:
        """The duration."""
        if not isinstance(value, str):
            raise self.unexpected(value)
        try:
            found = read_duration(value)
        except ValueError:
            raise refuse("wrong-shape/duration", found=shown(value)) from None
        if self.above_zero and found.is_zero:
            raise refuse("wrong-shape/duration-zero", found=value)
        return found

    def describe(self) -> Json:
        """The definition `Duration`."""
        return {"$ref": "#/$defs/Duration"}


class Instant(Member):
    """An RFC 3339 date and time; without offset it is meant in the ruleset's timezone."""

    expected = "instant"

    def read(self, value: Any) -> int:
        """The instant, milliseconds since 1970-01-01T00:00:00Z."""
        if not isinstance(value, str):
            raise self.unexpected(value)
        try:
            return read_instant(value, Zone.get())
        except ValueError:
            raise refuse("wrong-shape/instant", found=shown(value)) from None

    def describe(self) -> Json:
        """A string such as `2026-01-01T09:00:00Z`."""
        return {"type": "string", "pattern": f"^{INSTANT}$"}


class Timezone(String):
    """An IANA name of the time zone data that is installed."""

    def read(self, value: Any) -> str:
        """The name."""
        name = super().read(value)
        if name not in zone_names():
            near = nearest(name, zone_names(), 0.85)
            advice = "help/nearest" if near else None
            raise refuse("wrong-shape/timezone", found=shown(name), near=near, help=advice)
        return name

    def describe(self) -> Json:
        """One of the names."""
        return {"type": "string", "enum": sorted(zone_names())}


class Constant(Member):
    """A boolean, a number, a string, or a list of strings, which becomes a tuple."""

    expected = "constant"

    def read(self, value: Any) -> Any:
        """The value."""
        if isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, Decimal)):
            return Number("").read(value)
        if isinstance(value, list):
            return ListOf(AnyString(""), "").read(value)
        raise self.unexpected(value)

    def describe(self) -> Json:
        """Any of the four."""
        return {"type": ["boolean", "number", "string", "array"], "items": {"type": "string"}}
