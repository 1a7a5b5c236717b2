"""The language reference is right: its examples can be published, and its table of codes is whole."""

import json
import re
from pathlib import Path

import pytest

from service.engine.examples import run_examples
from service.language.diagnostics import Severity
from service.language.functions import ACCESSORS, FUNCTIONS
from service.language.phrases import PHRASES
from service.language.pipeline import read_ruleset
from service.language.sentences import severity_of

REFERENCE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", REFERENCE, re.DOTALL)]
WHOLE = EXAMPLES[0]


@pytest.mark.parametrize("example", EXAMPLES, ids=" ".join)
def test_every_example_can_be_published(example):
    """Each example, with the attributes and events of the first, has no errors, and its timelines come true."""
    shared = {name: WHOLE[name] for name in ("format", "key", "timezone", "attributes", "events")}
    reading = read_ruleset(json.dumps(shared | example))
    assert reading.program is not None, reading.diagnostics
    failed = [one for one in run_examples(reading.program).diagnostics if one.severity is Severity.ERROR]
    assert not failed


def test_the_first_example_is_as_it_should_be():
    """The ruleset that opens the reference draws no warning and no hint."""
    assert read_ruleset(json.dumps(WHOLE)).diagnostics == ()


def test_the_table_lists_every_code():
    """Every code stands in the table once, with its severity, and no code that does not exist."""
    listed = re.findall(r"^\| `([a-z-]+)` \| (error|warning|hint) \|", REFERENCE, re.MULTILINE)
    codes = {name.partition("/")[0] for name in PHRASES} - {"help"}
    assert sorted(listed) == sorted((code, str(severity_of(code))) for code in codes)


def test_every_function_and_accessor_is_described():
    """Whatever can be called in an expression is in the reference."""
    assert not [name for name in FUNCTIONS if f"`{name}(" not in REFERENCE]
    assert not [name for name in ACCESSORS if f"`.{name}" not in REFERENCE]
