"""From a ruleset's text to its program: how far a text comes, and by what it is known."""

import json

from service.language.pipeline import read_ruleset

RULESET = {
    "format": 1,
    "key": "small",
    "attributes": [{"key": "n", "type": "number"}],
    "tags": [{"key": "many", "purpose": "a gift", "when": "n > 3"}],
}


def text(**members):
    """The text of a small ruleset with other members."""
    return json.dumps({**RULESET, **members})


def test_a_text_that_is_no_json_ends_at_once():
    """Of a broken text nothing is known but what is wrong with it."""
    reading = read_ruleset("{")
    assert [one.code for one in reading.diagnostics] == ["not-json"]
    assert (reading.ruleset, reading.program, reading.canonical, reading.digest) == (None, None, b"", "")


def test_a_wrong_shape_ends_before_the_rules():
    """A document of the wrong shape has no identity, and nobody looks at its rules."""
    reading = read_ruleset(text(tags=[{"key": "many", "when": "n &&"}], titel="x", timezone="Mars"))
    assert {one.code for one in reading.diagnostics} == {"wrong-shape", "unknown-member"}
    assert (reading.ruleset, reading.program, reading.digest) == (None, None, "")


def test_a_wrong_rule_leaves_a_draft():
    """A ruleset with errors is known by its digest and can be kept, but there is no program and no advice."""
    reading = read_ruleset(text(tags=[{"key": "many", "when": "m > 3"}]))
    assert [one.code for one in reading.diagnostics] == ["unknown-name"]
    assert reading.ruleset is not None
    assert reading.program is None
    assert reading.digest.startswith("sha256:")


def test_warnings_do_not_hold_a_program_back():
    """A ruleset with warnings alone has its program."""
    reading = read_ruleset(text(tags=[{"key": "many", "when": "n > 3"}]))
    assert [str(one.severity) for one in reading.diagnostics] == ["warning"]
    assert reading.program is not None
    assert reading.program.key == "small"
    assert reading.program.digest == reading.digest


def test_what_means_the_same_has_the_same_digest():
    """Order, blanks, forms of a number, and null for absent make no other version; bytes are as good as text."""
    plain = read_ruleset(text())
    other = json.dumps({"events": None, **dict(reversed(RULESET.items()))}, indent=3).replace(
        '"format": 1', '"format": 1.0'
    )
    again = read_ruleset(other.encode())
    assert (again.digest, again.canonical) == (plain.digest, plain.canonical)
    assert again.diagnostics == plain.diagnostics == ()
    assert read_ruleset(text(key="other")).digest != plain.digest
