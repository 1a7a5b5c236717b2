"""Programs for tests, made of only the parts that a test is about."""

import json

from hypothesis import assume

from service.engine.decide import decide
from service.engine.decision import Event, ManualChange
from service.engine.evaluate import evaluate, remember
from service.engine.facts import read_facts
from service.language.instants import read_instant
from service.language.pipeline import read_ruleset


def program_of(passing=(), **members):
    """The program of a ruleset with these members; a made-up one with a mistake in `passing` is passed over."""
    reading = read_ruleset(json.dumps({"format": 1, "key": "test", "attributes": [], **members}))
    mistakes = {one.code for one in reading.diagnostics if one.severity == "error"}
    if mistakes and mistakes <= set(passing):
        assume(False)
    assert reading.program is not None, [one.to_json() for one in reading.diagnostics if one.severity == "error"]
    return reading.program
