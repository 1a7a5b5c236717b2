"""What the reader promises about any text."""

import json
import sys
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.language.document import MAX_DEPTH, locate, read_document

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc/~é😀"), inner),
)
BROKEN = {
    "": "line 1, column 1: the text ends before what begins here is whole",
    "{": "line 1, column 2: the text ends before what begins here is whole",
    '"abc': "line 1, column 1: the text ends before what begins here is whole",
    '{"a": 1,}': "line 1, column 8: a comma stands after the last entry",
    "[1,\n 2 ,\n]": "line 2, column 4: a comma stands after the last entry",
    '{"a" 1}': "line 1, column 6: expected a value, a name, `,` or `}`, found `1`",
    "{'a': 1}": "line 1, column 2: expected a value, a name, `,` or `}`, found `'`",
    "[1,,2]": "line 1, column 4: expected a value, a name, `,` or `}`, found `,`",
    "[1,\n\n 2 3]": "line 3, column 4: expected a value, a name, `,` or `}`, found `3`",
    "// none\n{}": "line 1, column 1: expected a value, a name, `,` or `}`, found `/`",
    '{"a": True}': "line 1, column 7: expected a value, a name, `,` or `}`, found `T`",
    "{} x": "line 1, column 4: expected the end of the text, found `x`",
    '{"a": "b\n"}': "line 1, column 9: expected a character that may stand in a string, found `\\u000a`",
    '{"a": "\\q"}': "line 1, column 8: expected a character that may stand in a string, found `\\`",
    '{"a": 1, "a": NaN, }': "line 1, column 18: a comma stands after the last entry",
}


def findings(text, **options):
    """Code, pointer and message of everything the reader says about a text, which it then refuses."""
    value, found = read_document(text, **options)
    assert value is None
    assert found
    return [(one.code, one.pointer, one.message["en"]) for one in found]


@given(JSON)
@example({"a": "\\ud800", "b": "\\\\u0000"})
def test_good_text_gives_its_values(value):
    """Whatever JSON can say is read as it is, with characters written out or escaped."""
    for escaped in (True, False):
        text = json.dumps(value, ensure_ascii=escaped)
        assert read_document(text) == (value, ())
        assert read_document(text.encode()) == (value, ())


@given(st.text() | st.binary())
@example("[" * 100_000)
@example("\ud800")
def test_any_text_has_an_answer(text):
    """No text, however broken, raises: there is a value or there are diagnostics."""
    value, found = read_document(text)
    assert value is None or not found


def test_numbers_are_exact():
    """A number with a fraction or an exponent is a decimal, never a float; others are whole."""
    value, _ = read_document("[0.1, 1e2, 1.0, -0.0, 7, 123456789012345678901234567890]")
    assert value == [Decimal("0.1"), 100, 1, 0, 7, 123456789012345678901234567890]
    assert [type(one) for one in value] == [Decimal, Decimal, Decimal, Decimal, int, int]


@pytest.mark.parametrize("text", BROKEN)
def test_broken_text_is_told_by_line_and_column(text):
    """Text that is not JSON is refused with the place and what stands there."""
    assert findings(text) == [("not-json", "", f"not JSON: {BROKEN[text]}")]


def test_the_span_is_what_stands_at_the_place():
    """The span of a broken text covers the character at which it stops being JSON, and nothing at its end."""
    assert [read_document(text)[1][0].span for text in ("[1 2]", "[1")] == [(3, 4), (2, 2)]


def test_a_byte_order_mark_is_passed_over():
    """A text that an editor saved with a byte order mark reads as without."""
    assert read_document("\ufeff[1]") == ([1], ())


def test_only_utf_8_is_text():
    """Bytes that are not UTF-8 are refused with their offset."""
    assert findings(b'{"a": "\xff"}') == [
        ("not-json", "", "not JSON: expected text in UTF-8, found another byte at offset 7")
    ]


def test_every_constant_that_is_no_number_is_found():
    """NaN and the infinities are refused, each at its place."""
    assert findings('{"a": NaN, "b": [Infinity, -Infinity]}') == [
        ("not-json", "/a", "not JSON: expected a value, found `NaN`"),
        ("not-json", "/b/0", "not JSON: expected a value, found `Infinity`"),
        ("not-json", "/b/1", "not JSON: expected a value, found `-Infinity`"),
    ]


def test_every_name_that_stands_twice_is_found():
    """A name twice in one object is refused wherever it stands, once for each name."""
    again = "the member `{}` stands more than once in one object"
    assert findings('{"a": 1, "a": {"b/c": [], "x": 0, "b/c": 1}, "a": {"d": 1, "d": 1}}') == [
        ("duplicate-key", "/a", again.format("a")),
        ("duplicate-key", "/a/d", again.format("d")),
    ]
    assert findings('[{"b/c": 1, "b/c": 2}]') == [("duplicate-key", "/0/b~1c", again.format("b/c"))]


@pytest.mark.parametrize(
    "escape", ["\\u0000", "\\ud800", "\\uDFFF", "\\ude00\\ud83d", "\\ud83d\\\\ude00", "\\\\\\ud800"]
)
def test_characters_that_are_none_are_found(escape):
    """NUL and half a surrogate pair are refused in every text and name."""
    found = findings(f'{{"a": ["ok", "{escape}"], "b{escape}": [[], "{escape}"]}}')
    assert [code for code, _, _ in found] == ["wrong-shape"] * 3
    assert [pointer for _, pointer, _ in found[:2]] == ["", "/a/1"]


def test_the_diagnostics_themselves_can_be_written():
    """A name with half a surrogate pair is spelled out in pointer and message, so that a reply can carry them."""
    found = findings('{"\\ud800": NaN}')
    assert found[0][2].startswith("expected text as a member's name, found `\\ud800`")
    assert found[1][:2] == ("not-json", "/\\ud800")


@pytest.mark.parametrize("text", ['"\\ud83d\\ude00"', '"\\\\ud83d\\\\ude00"', '"\\\\u0000"', '"x\\\\\\ud83d\\ude00"'])
def test_whole_pairs_and_escaped_backslashes_are_text(text):
    """A surrogate pair is one character, and a backslash before `u` that is escaped itself is no escape."""
    assert read_document(text) == (json.loads(text), ())


@pytest.mark.parametrize(("opening", "closing", "name"), [("[", "]", "0"), ('{"a":', "}", "a")])
def test_depth_is_limited_exactly(opening, closing, name):
    """64 levels are read, 65 are refused at the 65th, also when it is empty and a flat list stands beside it."""
    innermost = opening[0] + closing
    whole = opening * (MAX_DEPTH - 1) + innermost + closing * (MAX_DEPTH - 1)
    assert read_document(whole)[1] == ()
    assert read_document(f"[{', '.join(['[]'] * 100)}]")[1] == ()
    assert [one[:2] for one in findings(opening + whole + closing)] == [("limit-exceeded", f"/{name}" * MAX_DEPTH)]


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[NaN," + "[" * 100_000])
def test_absurd_depth_is_refused(text):
    """However deep a text nests, it is refused like any other, whatever else is wrong with it."""
    assert findings(text)[0][:2] == ("limit-exceeded", "")


@pytest.mark.parametrize(
    "number", ["1" * 4301, "-" + "2" * 5000, "1." + "1" * 4300, "1e4300", "1e-99999", "0.1e999999999"]
)
def test_long_numbers_are_refused(number):
    """A number that would take thousands of digits to write is refused at its place, one just below is read."""
    assert [one[:2] for one in findings(f'{{"a": [1, {number}]}}')] == [("limit-exceeded", "/a/1")]
    assert read_document("[" + "1" * 4300 + ", 1e4299, 1e-4299]")[1] == ()


def test_size_is_limited_in_bytes():
    """A text above the limit is refused unread, whatever it holds; the limit is the caller's."""
    assert findings('"é"', max_bytes=3) == [("limit-exceeded", "", "expected at most 3 bytes, found 4")]
    assert read_document('"é"', max_bytes=4) == ("é", ())
    assert findings(" " * (1 << 20) + "1")[0][0] == "limit-exceeded"


def test_the_reading_leaves_the_process_as_it_was():
    """Reading changes neither the recursion limit nor the limit on digits."""
    before = sys.getrecursionlimit(), sys.get_int_max_str_digits()
    read_document("[" * 100_000)
    assert before == (sys.getrecursionlimit(), sys.get_int_max_str_digits())


@pytest.mark.parametrize(
    ("text", "pointer", "place"),
    [
        (' {\n "a": [1,\n  {"b/c~": 2.5}]}', "/a/1/b~1c~0", (3, 12)),
        ("\ufeff [5]", "/0", (1, 4)),
        (" [5]", "", (1, 2)),
        ('{"k": 1,\n"k": 2}', "/k", (2, 6)),
        ('{"a": [1, 2]}', "/a/5", (1, 7)),
        ('{"a": [1, 2]}', "/a/x/y", (1, 7)),
        ('{"a": 12}', "/a/b", (1, 7)),
        ('{"a": {"x": tru}}', "/a/x", (1, 1)),
        ('{"a": 1', "/b", (1, 1)),
        ("", "/a", (1, 1)),
        ('[{"a": ' + "[" * 100_000, "/0/a/0", (1, 1)),
    ],
)
def test_a_pointer_leads_to_line_and_column(text, pointer, place):
    """A pointer finds its value's line and column, or those of the nearest holder that is there."""
    assert locate(text, pointer) == place
