"""Any document -> what there is to say about it as a ruleset, its examples run.

It keeps nothing. Messages are in English or Chinese.
Source: docs/language.md, "Checks".
"""

from typing import Any

from service.engine.examples import run_examples
from service.language.diagnostics import Diagnostic, has_errors
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.operations.replies import json_text

LANGUAGES = ("en", "zh")


def check_ruleset(text: bytes, language: str) -> bytes:
    """The JSON text of every finding: `valid` if none is an error, then `digest` is the version's identity.

    `coverage` is the share of rules that the examples exercise, in percent; `null` if they could not be run.
    """
    reading = read_ruleset(text)
    found = list(reading.diagnostics)
    reply: dict[str, Any] = {"key": None, "digest": None, "coverage": None, "unexercised": []}
    if reading.program is not None:
        report = run_examples(reading.program)
        found += report.diagnostics
        reply |= {
            "key": reading.program.key,
            "digest": reading.digest,
            "coverage": report.coverage,
            "unexercised": [rule for rule in report.rules if rule not in report.exercised],
        }
    is_valid = not has_errors(found)
    return json_text({"valid": is_valid, **reply, "diagnostics": [one.to_json(language) for one in found]})


def example_findings(program: Program | None) -> tuple[Diagnostic, ...]:
    """What a program's own examples show."""
    return () if program is None else run_examples(program).diagnostics
