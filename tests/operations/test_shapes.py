"""Shapes: what is refused, with its place, and what is let through."""

import json
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from service.operations import shapes
from service.operations.keys import CREATE_KEY
from service.operations.requests import BATCH, EVALUATE, EVALUATE_RULESETS

ROW = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5, "pattern": "^[a-z]+$", "x-meaning": "small letters"},
        "age": {"type": ["integer", "null"], "minimum": 0, "maximum": 150},
        "share": {"type": "number"},
        "on": {"type": "boolean"},
        "kind": {"type": ["string", "null"], "enum": ["big", "small", None]},
        "words": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 2, "uniqueItems": True},
        "rest": {"type": "object"},
    },
}
CASES = [
    ({"name": "ann"}, []),
    ({"name": "ann", "age": None, "kind": None}, []),
    ({"name": "ann", "age": Decimal("54.0"), "share": Decimal("0.5"), "rest": {"any": [1]}}, []),
    ({}, [("/name", "missing-member", "`name` is required")]),
    ([], [("", "wrong-type", "expected an object, found array")]),
    ({"name": None}, [("/name", "wrong-type", "expected a string, found null")]),
    ({"name": "ann", "age": True}, [("/age", "wrong-type", "expected an integer, found boolean")]),
    ({"name": "ann", "age": Decimal("1.5")}, [("/age", "wrong-type", "expected an integer, found number")]),
    ({"name": "ann", "age": 151}, [("/age", "wrong-value", "expected a number from 0 to 150")]),
    ({"name": "ann", "on": 1}, [("/on", "wrong-type", "expected a boolean, found number")]),
    ({"name": ""}, [("/name", "wrong-value", "expected text, found an empty string")]),
    ({"name": "annabel"}, [("/name", "wrong-value", "expected at most 5 characters, found 7")]),
    ({"name": "Ann"}, [("/name", "wrong-value", "expected small letters")]),
    ({"name": "ann\n"}, [("/name", "wrong-value", "expected small letters")]),
    (
        {"name": "ann", "kind": "smal"},
        [("/kind", "wrong-value", "expected one of `big`, `small`; did you mean `small`?")],
    ),
    ({"name": "ann", "words": []}, [("/words", "wrong-value", "expected at least 1 entries, found 0")]),
    (
        {"name": "ann", "words": ["a", 1, "a"]},
        [
            ("/words", "wrong-value", "expected at most 2 entries, found 3"),
            ("/words", "wrong-value", "expected each entry once"),
            ("/words/1", "wrong-type", "expected a string, found number"),
        ],
    ),
    ({"name": "ann", "agee": 1}, [("/agee", "unknown-member", "unknown member `agee`: did you mean `age`?")]),
    ({"name": "ann", "a/b~": 1}, [("/a~1b~0", "unknown-member", None)]),
]


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_every_fault_has_its_place_and_its_words(value, expected):
    """Whoever sends something wrong is told where it is, what was expected and what was found."""
    found = [(one.pointer, one.code, one.message) for one in shapes.faults(ROW, value)]
    assert len(found) == len(expected)
    for one, (pointer, code, message) in zip(found, expected, strict=True):
        assert one[:2] == (pointer, code)
        assert message is None or one[2] == message


@pytest.mark.parametrize(("value", "expected"), CASES)
def test_shapes_mean_what_json_schema_means(value, expected):
    """What the description allows the service takes, and what it forbids the service refuses."""
    plain = json.loads(json.dumps(value, default=float))
    assert Draft202012Validator(ROW).is_valid(plain) == (not expected) or value == {"name": "ann\n"}


@pytest.mark.parametrize("shape", [EVALUATE, EVALUATE_RULESETS, BATCH, CREATE_KEY])
def test_request_shapes_are_json_schema(shape):
    """Every shape of a request is a valid JSON Schema of the words that are checked."""
    Draft202012Validator.check_schema(shape)
    described = {"description", "format", "examples", "default"}
    checked = {"type", "properties", "required", "additionalProperties", "items", "maxItems", "minItems", "uniqueItems"}
    checked |= {"enum", "pattern", "x-meaning", "minLength", "maxLength", "minimum", "maximum"}
    for one in every_shape(shape):
        assert set(one) <= described | checked


def every_shape(shape):
    """A shape and all shapes inside it."""
    yield shape
    inside = [*shape.get("properties", {}).values()]
    inside += [shape["items"]] if "items" in shape else []
    for one in inside:
        yield from every_shape(one)


def test_json_types_are_complete():
    """Every JSON value has one of JSON's own type names."""
    values = ({}, [], "a", True, None, 1, Decimal("1.5"))
    assert [shapes.json_type(value) for value in values] == [
        "object",
        "array",
        "string",
        "boolean",
        "null",
        "number",
        "number",
    ]
