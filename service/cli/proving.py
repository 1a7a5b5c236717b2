"""The command `prove`: what holds of ruleset files for every profile, or who shows that two of them differ."""

from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.cli.printing import FINDINGS, WELL, say, say_json
from service.engine.differ import EQUAL
from service.language.document import locate
from service.operations.authoring.prove import differ_texts, prove_text
from service.operations.replies import json_text


def add_commands(add: Callable[..., Any]) -> None:
    """Adds the command's line to the parser."""
    one = add("prove", "find rules that can never hold, or contradict each other, with a profile that shows it", run)
    one.add_argument("files", nargs="+", type=Path, metavar="FILE")
    one.add_argument(
        "--against", type=Path, metavar="FILE", help="find a profile that this ruleset decides differently"
    )
    one.add_argument("--seconds", type=float, default=60, metavar="N", help="the time for one file; 60 if left out")


def run(options: Namespace) -> int:
    """Prove each file; findings if any has a warning, or if it is not proven equal to the one beside it."""
    if options.against is not None:
        return compare(options)
    found = [(path, prove_text(path.read_bytes(), options.seconds)) for path in options.files]
    if options.json:
        say_json([{"file": str(path), **one} for path, one in found])
    for path, one in found if not options.json else ():
        tell(path, one, options.language)
    return FINDINGS if any(is_warning(each) for _, one in found for each in one["findings"]) else WELL


def is_warning(finding: dict[str, Any]) -> bool:
    """Whether a finding must be answered for."""
    return bool(finding["severity"] == "warning")


def tell(path: Path, found: dict[str, Any], language: str) -> None:
    """The findings of one file for people, each with its witness; then what stays open."""
    text = path.read_text("utf-8")
    for one in found["findings"]:
        line, column = locate(text, one["pointer"])
        say(f"{path}:{line}:{column} {one['pointer']} {one['severity']} {one['code']}: {one['message'][language]}")
        say(f"    {one['help'][language]}")
        tell_witness(one["witness"])
    for one in found["undecided"]:
        reasons = "; ".join(reason["message"][language] for reason in one["reasons"])
        say(f"{path} {one['pointer']} undecided {one['code']}: {reasons}")
    warnings = sum(map(is_warning, found["findings"]))
    rest, open_ones = len(found["findings"]) - warnings, len(found["undecided"])
    say(f"{path}: {found['asked']} questions, {warnings} warnings, {rest} hints, {open_ones} undecided")


def tell_witness(witness: dict[str, Any] | None) -> None:
    """A witness as lines of JSON: the steps before, a state that is given, and the last step."""
    if witness is None:
        return
    for step in witness["steps"]:
        say(f"    before {json_text(step).decode()}")
    if witness["state"] is not None:
        say(f"    from   {json_text(witness['state']).decode()}")
    last = {name: one for name, one in witness.items() if name not in ("steps", "state", "profile")}
    say(f"    shown  {json_text(last).decode()}")


def compare(options: Namespace) -> int:
    """Each file against the other one."""
    old = options.against.read_bytes()
    found = [(path, differ_texts(old, path.read_bytes(), options.seconds)) for path in options.files]
    if options.json:
        say_json(found[0][1] if len(found) == 1 else [one for _, one in found])
    for path, one in found if not options.json else ():
        say(f"{path}: {one['result']}")
        tell_witness(one["witness"])
        for name in one["to"] or {}:
            say(f"    {name}: {json_text(one['from'][name]).decode()} -> {json_text(one['to'][name]).decode()}")
        for reason in one["reasons"]:
            say(f"    {reason['message'][options.language]}")
    return WELL if all(one["result"] == EQUAL for _, one in found) else FINDINGS
