"""How the command line speaks: text for people, JSON for machines, exit codes for scripts."""

import sys
from typing import Any

import orjson

from service.errors import Conflict, InvalidRequest, RulesetRejected, ServiceError, Unavailable
from service.language.diagnostics import Diagnostic
from service.language.document import locate
from service.operations.replies import json_text

WELL, FINDINGS, USAGE, UNAVAILABLE = range(4)
"""The exit codes."""


def say(line: str = "") -> None:
    """One line for people, on standard output."""
    sys.stdout.write(f"{line}\n")


def say_json(value: object) -> None:
    """One JSON value for machines, on standard output."""
    sys.stdout.buffer.write(orjson.dumps(orjson.Fragment(json_text(value))) + b"\n")
    sys.stdout.buffer.flush()


def report(refused: ServiceError, language: str) -> int:
    """Why something was refused, on standard error; the exit code."""
    sys.stderr.write(f"{refused.detail}\n")
    if isinstance(refused, InvalidRequest):
        for fault in refused.errors:
            sys.stderr.write(f"  {fault.pointer or '/'}: {fault.message}\n")
    if isinstance(refused, RulesetRejected):
        for one in refused.diagnostics:
            if isinstance(one, Diagnostic):
                sys.stderr.write(f"  {finding(one, '', language)}\n")
    if isinstance(refused, Conflict):
        for warning in _warnings(refused):
            sys.stderr.write(f"  {warning['pointer'] or '/'} {warning['code']}: {warning['message'][language]}\n")
    return UNAVAILABLE if isinstance(refused, Unavailable) else FINDINGS


def _warnings(refused: Conflict) -> list[dict[str, Any]]:
    found: Any = refused.more.get("warnings", [])
    return list(found)


def finding(one: Diagnostic, text: str, language: str, name: str = "") -> str:
    """A diagnostic for people: `file:line:column pointer severity code: message`, then what to do about it."""
    line, column = locate(text, one.pointer) if text else (0, 0)
    if one.pointer == "" and one.span is not None and text:
        before = text[: one.span[0]]
        line, column = before.count("\n") + 1, one.span[0] - before.rfind("\n")
    place = f"{name}:{line}:{column} " if name else ""
    shown: dict[str, Any] = one.to_json(language)
    advice = f"\n    {shown['help']}" if "help" in shown else ""
    return f"{place}{one.pointer or '/'} {one.severity} {one.code}: {shown['message']}{advice}"
