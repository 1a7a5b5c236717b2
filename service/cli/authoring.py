"""The commands of authors: `check`, `test` and `evaluate` work on ruleset files and need no database."""

import json
import sys
from argparse import Namespace
from decimal import Decimal
from pathlib import Path
from typing import Any

from service.bootstrap import now
from service.cli.exampling import tell_mutants, tried
from service.cli.printing import FINDINGS, USAGE, WELL, finding, say, say_json
from service.engine.examples import ExampleReport, run_examples
from service.language.diagnostics import Diagnostic, Severity, has_errors
from service.language.document import read_document
from service.language.pipeline import read_ruleset
from service.operations.preview import preview_profile

UNTESTED = "untested-rule"


def check(options: Namespace) -> int:
    """Say everything there is to say about each file; findings if any has an error."""
    readings = [(path, *_findings(path)) for path in options.files]
    if options.json:
        say_json([_checked(path, found, options.language) for path, found, _ in readings])
    for path, found, _ in readings if not options.json else ():
        _say_findings(path, found, options.language)
        errors = sum(one.severity is Severity.ERROR for one in found)
        warnings = sum(one.severity is Severity.WARNING for one in found)
        say(f"{path}: {errors} errors, {warnings} warnings, {len(found) - errors - warnings} hints")
    return FINDINGS if any(has_errors(found) for _, found, _ in readings) else WELL


def test(options: Namespace) -> int:
    """Run each file's examples; findings if one fails, or if they exercise less than the bar."""
    readings = [(path, *_findings(path)) for path in options.files]
    results = [_tested(path, found, report, options) for path, found, report in readings]
    asked = [path for path, _, report in readings if options.mutants and report is not None]
    mutants = {path: tried(path, options) for path in asked}
    if options.json:
        say_json(
            [
                one | ({"mutants": mutants[path].to_json()} if path in mutants else {})
                for one, (path, *_) in zip(results, readings, strict=True)
            ]
        )
    for (path, found, report), result in zip(readings, results, strict=True) if not options.json else ():
        _say_findings(path, [one for one in found if _matters(one, options)], options.language)
        if report is None:
            say(f"{path}: the ruleset has errors, so its examples can't run")
            continue
        word = "passed" if result["passed"] else "FAILED"
        exercised = f"{len(report.exercised)} of {len(report.rules)} rules exercised"
        say(f"{path}: {word}, {exercised} ({_percent(report.coverage)} %)")
        if path in mutants:
            tell_mutants(path, mutants[path], options.language)
    return WELL if all(result["passed"] for result in results) else FINDINGS


def evaluate(options: Namespace) -> int:
    """Decide one profile by a ruleset file, as if it were seen for the first time."""
    text = sys.stdin.read() if options.profile == "-" else Path(options.profile).read_text("utf-8")
    profile, refused = read_document(text)
    if refused:
        for one in refused:
            sys.stderr.write(f"{finding(one, text, options.language, options.profile)}\n")
        return USAGE
    body = profile if isinstance(profile, dict) and "profile" in profile else {"profile": profile}
    body |= {"at": options.at} if options.at else {}
    body |= {"event": {"type": options.event, "text": options.text}} if options.event else {}
    body |= {"explain": True} if options.explain else {}
    reply = preview_profile(options.file.read_bytes(), body, now())
    if options.json:
        say_json(reply)
    else:
        _say_reply(reply)
    return WELL


def _findings(path: Path) -> tuple[list[Diagnostic], ExampleReport | None]:
    reading = read_ruleset(path.read_bytes())
    if reading.program is None:
        return list(reading.diagnostics), None
    report = run_examples(reading.program)
    return [*reading.diagnostics, *report.diagnostics], report


def _say_findings(path: Path, found: list[Diagnostic], language: str) -> None:
    text = path.read_text("utf-8", errors="replace")
    for one in found:
        say(finding(one, text, language, str(path)))


def _checked(path: Path, found: list[Diagnostic], language: str) -> dict[str, Any]:
    listed = [one.to_json(language) for one in found]
    return {"file": str(path), "valid": not has_errors(found), "diagnostics": listed}


def _tested(path: Path, found: list[Diagnostic], report: ExampleReport | None, options: Namespace) -> dict[str, Any]:
    passed = report is not None and not has_errors(found)
    if report is not None and options.coverage is not None:
        passed = passed and report.coverage >= options.coverage
    shown = [one.to_json(options.language) for one in found if _matters(one, options)]
    return {
        "file": str(path),
        "passed": passed,
        "coverage": None if report is None else report.coverage,
        "diagnostics": shown,
    }


def _matters(one: Diagnostic, options: Namespace) -> bool:
    """Whether a test is concerned with a finding: errors always, untested rules where coverage is asked for."""
    return one.severity is Severity.ERROR or (one.code == UNTESTED and options.coverage is not None)


def _percent(share: Decimal) -> str:
    return f"{share:.1f}".removesuffix(".0")


def _say_reply(reply: dict[str, Any]) -> None:
    """The answers first, then what changed and what comes next."""
    say(f"profile  {reply['profile_id']} at {reply['at']}")
    say(f"stage    {reply['stage'] or '-'}")
    say(f"tags     {', '.join(reply['tags']) or '-'}")
    for key, band in reply["tiers"].items():
        say(f"tier     {key}: {band or 'unknown'}")
    for key, score in reply["scores"].items():
        say(f"score    {key}: {'unknown' if score['value'] is None else score['value']}")
    for key, value in reply["values"].items():
        say(f"value    {key}: {json.dumps(value, ensure_ascii=False, default=str)}")
    for one in reply["decisions"]:
        move = f"{one['from'] or '-'} -> {one['to'] or '-'}"
        say(f"decision {one['kind']} {one['key']}: {one['outcome']} {move} ({one['cause']})")
    for one in reply["actions"]:
        say(f"action   {one['key']}")
    for name, rules in reply["undetermined"].items():
        say(f"missing  {name}, which silences {', '.join(rules)}")
    for name in reply["ignored_attributes"]:
        say(f"ignored  {name}, which the ruleset does not declare")
    following = reply["next_change"]
    say(f"next     {following['at'] if following else 'nothing changes without new data'}")
