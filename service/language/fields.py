"""What a member of a construct is, and those that hold others: a JSON value -> the model's value, or every fault in it.

marshmallow converts (`"1"` to 1, 1.5 to 1) and speaks of fields; nothing here does. A refusal carries `Diagnostic`s
whose pointers begin at the member; whoever holds the member puts its own place before them. Each kind also describes
itself as JSON Schema, so that the two can't drift.
Source: docs/language.md, the opening section.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import tzinfo
from decimal import Decimal
from difflib import get_close_matches
from functools import cached_property
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing, post_load, pre_load, validates_schema
from marshmallow.experimental.context import Context

from service.language.diagnostics import Diagnostic, step
from service.language.sentences import say

Json = dict[str, Any]
Refused = ValidationError
"""What a member raises instead of a value."""
Zone = Context[tzinfo]
"""The ruleset's timezone while its members are read: an instant without offset is meant there."""

LONGEST_QUOTE = 60
_TYPE_NAMES = {bool: "boolean", str: "string", dict: "object", list: "array", int: "number", Decimal: "number"}


def type_name(value: object) -> str:
    """What JSON calls a value's type."""
    return _TYPE_NAMES.get(type(value), "null")


def shown(text: str) -> str:
    """An author's text as a sentence quotes it: a long one cut."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that was probably meant; `cutoff` (0-1) is how alike the two must be at least."""
    return next(iter(get_close_matches(name, list(known), 1, cutoff)), None)


def refuse(sentence: str, *, help: str | None = None, **facts: object) -> Refused:
    """The exception that carries one diagnostic, about the member itself, through marshmallow."""
    return Refused([say(sentence, "", span=None, help=help, **facts)])


def faults(refused: Refused, pointer: str) -> Iterator[Diagnostic]:
    """The diagnostics of a refusal, the place of what was refused put before theirs."""
    found: Any = refused.messages
    for name, group in found.items() if isinstance(found, dict) else [("_schema", found)]:
        place = pointer if name == "_schema" else step(pointer, name)
        yield from (replace(one, pointer=place + one.pointer) for one in group)


class Member(fields.Field[Any]):
    """Any JSON value, taken as it is; `about` says in plain English what it means."""

    expected: ClassVar[str] = "value"

    def __init__(
        self,
        about: str,
        *,
        required: bool = False,
        name: str | None = None,
        allow_none: bool = False,
        default: Any = missing,
    ) -> None:
        super().__init__(
            required=required,
            data_key=name,
            allow_none=allow_none,
            load_default=default,
            metadata={"description": about},
        )

    def make_error(self, key: str, **_facts: Any) -> Refused:
        """What is said of null; a required member that is absent is said of the construct that lacks it."""
        return Refused([]) if key == "required" else self.unexpected(None)

    def unexpected(self, value: object) -> Refused:
        """What is said of a value of another JSON type."""
        return refuse(f"wrong-shape/{self.expected}", found=type_name(value))

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        return self.read(value)

    def read(self, value: Any) -> Any:
        """The model's value for a JSON value that is not null; raises `refuse(...)`."""
        return value

    def plain(self, value: Any) -> Any:
        """A value that was read without refusal, optional null members of constructs left out."""
        return value

    def describe(self) -> Json:
        """The member as JSON Schema."""
        return {}


def nullable(schema: Json) -> Json:
    """The JSON Schema that also allows null."""
    if not schema:
        return schema
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    found = {**schema, "type": [*types, "null"]}
    return {**found, "enum": [*schema["enum"], None]} if "enum" in schema else found


class ListOf(Member):
    """A list, which becomes a tuple: at least `least` entries, at most `limit`, none twice where `unique` says so."""

    expected = "list"

    def __init__(
        self,
        inner: Member,
        about: str,
        *,
        least: int = 0,
        limit: int | None = None,
        unique: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(about, **options)
        self.inner, self.least, self.limit, self.unique = inner, least, limit, unique

    def read(self, value: Any) -> tuple[Any, ...]:
        """The entries, each read."""
        if not isinstance(value, list):
            raise self.unexpected(value)
        read, found = [], list(self._own_faults(value))
        for index, one in enumerate(value):
            try:
                read.append(self.inner.deserialize(one))
            except Refused as refused:
                found += faults(refused, step("", index))
        if found:
            raise Refused(found)
        return tuple(read)

    def _own_faults(self, value: list[Any]) -> Iterator[Diagnostic]:
        if len(value) < self.least:
            yield say("wrong-shape/empty-list", "")
        if self.limit is not None and len(value) > self.limit:
            yield say("limit-exceeded/entries", "", most=self.limit, found=len(value))
        for index, one in enumerate(value if self.unique else ()):
            if isinstance(one, str) and one in value[:index]:
                yield say("wrong-shape/twice", step("", index), found=shown(one))

    def plain(self, value: Any) -> Any:
        """The entries without their optional null members."""
        return [self.inner.plain(one) for one in value]

    def describe(self) -> Json:
        """An array with its limits."""
        found: Json = {"type": "array", "items": self.inner.describe()}
        limits = {"minItems": self.least or None, "maxItems": self.limit, "uniqueItems": self.unique or None}
        return {**found, **{name: limit for name, limit in limits.items() if limit is not None}}


class FreeObject(Member):
    """An object whose members have names of the author's: each is looked at by `inner`, the whole kept as it was."""

    expected = "object"

    def __init__(self, about: str, inner: Member | None = None, **options: Any) -> None:
        super().__init__(about, **options)
        self.inner = inner or Member("anything", allow_none=True)

    def read(self, value: Any) -> Json:
        """The object, as it was."""
        if not isinstance(value, dict):
            raise self.unexpected(value)
        found: list[Diagnostic] = []
        for name, one in value.items():
            try:
                self.inner.deserialize(one)
            except Refused as refused:
                found += faults(refused, step("", name))
        if found:
            raise Refused(found)
        return value

    def describe(self) -> Json:
        """An object of what `inner` reads, or null."""
        return {"type": "object", "additionalProperties": nullable(self.inner.describe()) or True}


class Construct(Schema):
    """An object with known members: `model` makes the model's value of them, without it the object stays as it was.

    Every fault is found at once: in each member, unknown and missing ones, and `disagreements` between them.
    """

    class Meta:
        """marshmallow's settings."""

        unknown = EXCLUDE  # Why: `find_disagreements` reports them, with the nearest known name.

    model: ClassVar[Callable[..., Any] | None] = None
    null_counts: ClassVar[bool] = False
    """Whether null is a value here, and not the same as absent."""

    @property
    def name(self) -> str:
        """What the JSON Schema calls the construct."""
        return type(self).__name__.removesuffix("Shape")

    @cached_property
    def members(self) -> dict[str, Member]:
        """The members by their names in the document."""
        return {field.data_key or name: field for name, field in self.load_fields.items() if isinstance(field, Member)}

    def disagreements(self, given: Json) -> Iterable[Diagnostic]:  # noqa: ARG002  for those below
        """What the members, null ones left out and none of them checked, say against each other."""
        return ()

    def given(self, value: Json) -> Json:
        """The object without optional members that are null."""
        if self.null_counts:
            return value
        kept = {name for name, member in self.members.items() if member.required}
        return {name: one for name, one in value.items() if one is not None or name in kept}

    def plain(self, value: Json) -> Json:
        """An object that was read without refusal, without optional null members at any level."""
        return {name: self.members[name].plain(one) for name, one in self.given(value).items()}

    @pre_load
    def leave_out_nulls(self, data: Json, **_options: Any) -> Json:
        """Make null equal to absent."""
        return self.given(data)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def find_disagreements(self, _data: Json, original: Json, **_options: Any) -> None:
        """Find unknown and missing members, and what the others say against each other."""
        missing_members = [name for name, member in self.members.items() if member.required and name not in original]
        found = [
            *(say("missing-member", "", member=name) for name in missing_members),
            *self._unknown_members(original),
            *self.disagreements(self.given(original)),
        ]
        if found:
            raise Refused(found)

    @post_load(pass_original=True)
    def build(self, data: Json, original: Json, **_options: Any) -> Any:
        """Make the model's value."""
        model = type(self).model
        return self.plain(original) if model is None else model(**data)

    def _unknown_members(self, value: Json) -> Iterator[Diagnostic]:
        known = self.members
        for name in value:
            if name not in known:
                near = nearest(name, known)
                advice = "help/nearest" if near else "help/members"
                listed = ", ".join(f"`{one}`" for one in known)
                yield say("unknown-member", step("", name), help=advice, member=shown(name), near=near, known=listed)


class Object(Member):
    """An object that a `Construct` reads."""

    expected = "object"

    def __init__(self, construct: type[Construct], **options: Any) -> None:
        super().__init__(construct.__doc__ or "", **options)
        self.construct = construct()

    def read(self, value: Any) -> Any:
        """What the construct makes of the object."""
        if not isinstance(value, dict):
            raise self.unexpected(value)
        try:
            return self.construct.load(value)
        except Refused as refused:
            raise Refused(list(faults(refused, ""))) from None

    def plain(self, value: Any) -> Any:
        """The object without its optional null members."""
        return self.construct.plain(value)

    def describe(self) -> Json:
        """The construct's definition."""
        return {"$ref": f"#/$defs/{self.construct.name}"}
