"""Posted attributes: what each type takes, what it refuses, and in which words."""

from decimal import Decimal

import pytest

from service.engine.facts import read_facts, recall_facts
from service.errors import InvalidRequest
from service.language.document import read_document
from tests.engine.programs import attributes, moment, program_of

TYPES = {
    "flag": "boolean",
    "count": "integer",
    "amount": "number",
    "name": "string",
    "color": {"type": "string", "enum": ["red", "green"]},
    "seen_at": "datetime",
    "born_on": "date",
    "labels": "strings",
    "colors": {"type": "strings", "enum": ["red", "green"]},
    "rate": {"type": "number", "minimum": 0, "maximum": 1},
    "age": {"type": "integer", "minimum": 18},
}


@pytest.fixture(name="program", scope="module")
def declared():
    """A program with an attribute of each type, in a timezone ahead of UTC."""
    return program_of(timezone="Asia/Shanghai", attributes=attributes(**TYPES))


GOOD = [
    ("flag", "true", True),
    ("flag", "false", False),
    ("count", "0", Decimal(0)),
    ("count", "-7", Decimal(-7)),
    ("count", "54.0", Decimal(54)),
    ("count", "5.4e1", Decimal(54)),
    ("count", "999999999999999", Decimal(999999999999999)),
    ("count", "-999999999999999.00", Decimal(-999999999999999)),
    ("amount", "0.1", Decimal("0.1")),
    ("amount", "1e-3", Decimal("0.001")),
    ("amount", "9999999999999999999999999999", Decimal(10**28 - 1)),
    ("amount", "-9999999999999999999999999999", Decimal(1 - 10**28)),
    ("amount", "0.1234567890123456789012345678", Decimal("0.1234567890123456789012345678")),
    ("amount", "-0.0", Decimal(0)),
    ("name", '""', ""),
    ("name", '"20"', "20"),
    ("name", '"客户"', "客户"),
    ("color", '"red"', "red"),
    ("seen_at", '"2026-01-01T00:00:00Z"', moment("01-01")),
    ("seen_at", '"2026-01-01T08:00:00"', moment("01-01")),
    ("seen_at", '"2026-01-01t02:00:00.1239+02:00"', moment("01-01") + 123),
    ("born_on", '"2026-01-02"', moment("01-01T16:00:00")),
    ("labels", "[]", ()),
    ("labels", '["a", "a", ""]', ("a", "a", "")),
    ("colors", '["red", "green"]', ("red", "green")),
    ("rate", "0", Decimal(0)),
    ("rate", "1.0", Decimal(1)),
    ("age", "18", Decimal(18)),
]


@pytest.mark.parametrize(("name", "text", "expected"), GOOD)
def test_a_value_that_fits_is_read(program, name, text, expected):
    """Each type's values reach the rules as exact decimals, milliseconds, texts and tuples."""
    posted, found = read_document(text)
    assert not found

    facts = read_facts(program, {name: posted})

    assert facts.values == {name: expected}
    assert type(facts.values[name]) is type(expected)
    assert facts.document == {name: posted}


INSTANT = "expected an RFC 3339 date and time such as `2026-11-21T09:00:00Z`"
BAD = [
    ("flag", "1", "expected true or false, found the number 1"),
    ("flag", '"true"', "expected true or false, found the text `true`"),
    ("count", '"20"', "expected a whole number below 10^15, found the text `20`"),
    ("count", "true", "expected a whole number below 10^15, found true"),
    ("count", "0.5", "expected a whole number below 10^15, found the number 0.5"),
    ("count", "1000000000000000", "expected a whole number below 10^15, found the number 1000000000000000"),
    ("count", "-1000000000000000", "expected a whole number below 10^15, found the number -1000000000000000"),
    ("count", "-1e15", "expected a whole number below 10^15, found the number -1E+15"),
    ("count", "1e400", "expected a whole number below 10^15, found the number 1E+400"),
    ("amount", "false", "expected a number of at most 28 digits, found false"),
    ("amount", '"1.5"', "expected a number of at most 28 digits, found the text `1.5`"),
    ("amount", "[1]", "expected a number of at most 28 digits, found a list"),
    ("amount", "1" + "0" * 28, "expected a number of at most 28 digits, found the number 1" + "0" * 28),
    ("amount", "1" * 50, "expected a number of at most 28 digits, found the number " + "1" * 40 + "…"),
    ("amount", "1e28", "expected a number of at most 28 digits, found the number 1E+28"),
    ("amount", "1e-29", "expected a number of at most 28 digits, found the number 1E-29"),
    ("name", "20", "expected a text, found the number 20"),
    ("name", "{}", "expected a text, found an object"),
    ("color", '"blue"', "expected a text, one of `red`, `green`, found the text `blue`"),
    ("seen_at", "1767225600", f"{INSTANT}, found the number 1767225600"),
    ("seen_at", '"2026-02-30T00:00:00Z"', f"{INSTANT}, found the text `2026-02-30T00:00:00Z`"),
    ("seen_at", '"2026-01-01"', f"{INSTANT}, found the text `2026-01-01`"),
    (
        "born_on",
        '"2026-01-01T00:00:00Z"',
        "expected a date such as `2026-11-21`, found the text `2026-01-01T00:00:00Z`",
    ),
    ("born_on", '"2025-02-29"', "expected a date such as `2026-11-21`, found the text `2025-02-29`"),
    ("labels", '"a"', "expected a list of texts, found the text `a`"),
    ("labels", '["a", 1]', "expected a list of texts, found a list"),
    ("labels", "[null]", "expected a list of texts, found a list"),
    ("colors", '["red", "blue"]', "expected a list of texts, one of `red`, `green`, found a list"),
    ("rate", "1.01", "expected a number of at most 28 digits, at least 0, at most 1, found the number 1.01"),
    ("rate", "-0.01", "expected a number of at most 28 digits, at least 0, at most 1, found the number -0.01"),
    ("age", "17", "expected a whole number below 10^15, at least 18, found the number 17"),
    ("name", "[]", "expected a text, found a list"),
]


@pytest.mark.parametrize(("name", "text", "message"), BAD)
def test_a_value_that_does_not_fit_is_refused(program, name, text, message):
    """Nothing is guessed: a value of another type or size is a fault, in the reader's words."""
    posted, _ = read_document(text)

    with pytest.raises(InvalidRequest) as caught:
        read_facts(program, {name: posted}, "/items/3/attributes")

    assert [(one.pointer, one.code, one.message) for one in caught.value.errors] == [
        (f"/items/3/attributes/{name}", "wrong-type", message)
    ]


def test_long_texts_are_cut_in_messages(program):
    """A fault shows the beginning of what was found, not all of it."""
    for length, shown in ((40, "x" * 40), (41, "x" * 40 + "…")):
        with pytest.raises(InvalidRequest) as caught:
            read_facts(program, {"color": "x" * length})

        assert caught.value.errors[0].message.endswith(f"found the text `{shown}`")


def test_all_faults_come_at_once():
    """A request with several mistakes is told all of them, each with its place."""
    program = program_of(
        attributes=attributes(
            a="number", b="string", c={"type": "date", "required": True}, d={"type": "date", "required": True}
        )
    )

    with pytest.raises(InvalidRequest) as caught:
        read_facts(program, {"a": "x", "b": 1, "c": "2026-01-01"})

    assert [(one.pointer, one.code) for one in caught.value.errors] == [
        ("/profile/attributes/a", "wrong-type"),
        ("/profile/attributes/b", "wrong-type"),
        ("/profile/attributes/d", "missing-attribute"),
    ]
    assert caught.value.errors[2].message == "attribute `d` is required"


def test_null_is_absence():
    """A null is as if nothing had been posted: unknown, the default, or a required attribute that is missing."""
    program = program_of(attributes=attributes(a="number", b={"type": "number", "default": 3}))

    facts = read_facts(program, {"a": None, "b": None})

    assert facts.values == {"b": Decimal(3)}
    assert facts.document == {}
    assert facts.defaulted == ("b",)

    must = program_of(attributes=attributes(a={"type": "number", "required": True}))
    with pytest.raises(InvalidRequest):
        read_facts(must, {"a": None})


def test_defaults_are_read_like_posted_values():
    """A default of any type reaches the rules in the rules' own form, and a posted value takes its place."""
    program = program_of(
        timezone="Asia/Shanghai",
        attributes=attributes(
            a={"type": "date", "default": "2026-01-02"},
            b={"type": "strings", "default": ["x"]},
            c={"type": "boolean", "default": False},
        ),
    )

    assert read_facts(program, {}).values == {"a": moment("01-01T16:00:00"), "b": ("x",), "c": False}
    assert read_facts(program, {"c": True, "b": []}).defaulted == ("a",)


def test_undeclared_attributes_are_ignored_by_name(program):
    """What the ruleset does not declare is not stored, and its name comes back."""
    facts = read_facts(program, {"count": 1, "shoe_size": 44, "secret": None})

    assert facts.ignored == ("shoe_size", "secret")
    assert facts.document == {"count": 1}


def test_stored_facts_are_recalled_without_complaint():
    """What another version stored is read where it fits, is unknown where it does not, and nothing is required of it."""
    program = program_of(
        attributes=attributes(
            a="number", b="string", c={"type": "number", "required": True}, d={"type": "number", "default": 1}
        )
    )

    facts = recall_facts(program, {"a": 1, "b": 2, "gone": 3})

    assert facts.values == {"a": Decimal(1), "d": Decimal(1)}
    assert facts.document == {"a": 1}
    assert (facts.defaulted, facts.ignored) == (("d",), ())
