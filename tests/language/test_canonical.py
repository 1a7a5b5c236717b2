"""What holds for a version's identity."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.language.canonical import canonical_bytes, digest, digits, plain_number
from service.language.document import read_document

NUMBERS = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abé中😀"), inner),
    max_leaves=10,
)


def turned_round(value):
    """The same value with the members of every object in the opposite order."""
    if isinstance(value, dict):
        return {name: turned_round(one) for name, one in reversed(value.items())}
    return [turned_round(one) for one in value] if isinstance(value, list) else value


@given(VALUES)
def test_the_order_of_members_does_not_matter(value):
    """Two documents that differ in the order of members only have the same bytes."""
    assert canonical_bytes(value) == canonical_bytes(turned_round(value))


@given(VALUES)
def test_the_bytes_read_back_as_the_value(value):
    """Nothing is lost or rounded: the bytes are JSON for the same value, and its own canonical form."""
    content = canonical_bytes(value)
    again, found = read_document(content)
    assert not found
    assert again == value
    assert canonical_bytes(again) == content


@pytest.mark.parametrize(
    "numbers",
    [
        "1 1.0 1e0 10e-1 1.000",
        "-20 -2e1 -20.0",
        "0 0.0 -0 -0.0 0e5",
        "0.5 5e-1 0.50",
        "1e30 1000000000000000000000000000000.0",
    ],
)
def test_one_number_has_one_form(numbers):
    """However a number is written, its bytes are the same."""
    assert len({canonical_bytes(read_document(one)[0]) for one in numbers.split()}) == 1


def test_the_form_is_plain():
    """Names are sorted, numbers plain and minimal, text is UTF-8, tuples are lists, nothing is spaced."""
    value = {
        "b": Decimal("1E+2"),
        "a": (2**64, -(2**63) - 1, [Decimal("0.10")]),
        "é": "中",
        "c": {"y": None, "x": True},
    }
    assert canonical_bytes(value) == (
        b'{"a":[18446744073709551616,-9223372036854775809,[0.1]],"b":100,"c":{"x":true,"y":null},"\xc3\xa9":"\xe4\xb8\xad"}'
    )


def test_what_json_can_not_say_is_refused():
    """A value that is none of JSON's is a mistake of ours, and raises."""
    with pytest.raises(TypeError):
        canonical_bytes({"a": object()})


def test_a_digest_names_its_algorithm():
    """A digest says how it was made, so that others can make it again."""
    assert digest(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    ("number", "text", "count"),
    [
        (0, "0", 0),
        (-120, "-120", 3),
        (Decimal("0.050"), "0.05", 2),
        (Decimal("-1.5E+3"), "-1500", 4),
        (Decimal("10.25"), "10.25", 4),
    ],
)
def test_digits_are_those_that_are_written(number, text, count):
    """A number has as many digits as its plain form, the single zero before the point not counted."""
    assert (plain_number(number), digits(number)) == (text, count)
