"""The commands about a ruleset file's examples: `examples` proposes what is missing; `test --mutants` tries edits."""

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from service.cli.printing import FINDINGS, WELL, say, say_json
from service.config import ConfigError
from service.engine.mutants import MutantReport, try_mutants
from service.engine.observing import subjects_of
from service.engine.proposing import Proposals, propose
from service.language.document import locate, read_document
from service.language.pretty import pretty_text
from service.operations.authoring.examples import proposal_json
from service.operations.authoring.simulate import read_program


def add_commands(add: Callable[..., Any]) -> None:
    """Adds the command's line to the parser."""
    one = add("examples", "propose examples at the boundaries of a ruleset's conditions", run)
    one.add_argument("file", type=Path, metavar="FILE")
    one.add_argument("--rule", action="append", metavar="PATH", help="of one rule only, such as tags/vip; repeatable")
    one.add_argument("--accept", action="store_true", help="write the ruleset with all that is proposed")
    one.add_argument("--output", type=Path, metavar="FILE", help="with --accept: into another file")


def run(options: Namespace) -> int:
    """Say which examples are missing, and if asked write them into the file; findings if some are and were not."""
    text = options.file.read_bytes()
    program = read_program(text)
    unknown = set(options.rule or ()) - {one.rule for one in subjects_of(program)}
    if unknown:
        raise ConfigError([f"expected the path of a rule with a condition, found `{one}`" for one in sorted(unknown)])
    found = propose(program, options.rule or ())
    target: Path = options.output or options.file
    if not options.json:
        tell(options, found, target)
    if options.accept and found.examples:
        document, _ = read_document(text)
        added = [one.example for one in found.examples]
        target.write_text(pretty_text({**document, "examples": [*(document.get("examples") or ()), *added]}), "utf-8")
    if options.json:
        say_json(
            {
                "file": str(options.file),
                "proposals": [proposal_json(one) for one in found.examples],
                "accepted": options.accept,
                "gaps": [{"rule": one.rule, "text": one.text, "reason": one.reason} for one in found.gaps],
            }
        )
    return FINDINGS if found.examples and not options.accept else WELL


def tell(options: Namespace, found: Proposals, target: Path) -> None:
    """What is proposed, and what nothing could be proposed for, one a line."""
    text = options.file.read_text("utf-8")
    for one in found.examples:
        say(f"{at(options.file, text, one.pointer)} {one.side}: {one.example['title'][options.language]}")
    for gap in found.gaps:
        say(f"{at(options.file, text, gap.pointer)} `{gap.text}`: {gap.reason[options.language]}")
    word = f"written to {target}" if options.accept and found.examples else "proposed"
    say(f"{options.file}: {len(found.examples)} examples {word}, {len(found.gaps)} conditions without any")


def tried(path: Path, options: Namespace) -> MutantReport:
    """The mutants of one file tried, with progress on a terminal."""

    def progress(done: int, of: int | None) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{path}: {done} of {of} edits")

    report = try_mutants(read_program(path.read_bytes()), options.mutants, options.seed, progress)
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    return report


def tell_mutants(path: Path, report: MutantReport, language: str) -> None:
    """The edits that nothing notices, and the score."""
    text = path.read_text("utf-8")
    for one in report.survivors:
        say(f"{at(path, text, one.pointer)} {one.sentence[language]}")
    drawn = f"{report.tried} edits (drawn from {report.of} with seed {report.seed})"
    say(f"{path}: the examples notice {report.noticed} of {drawn}, {report.score:.1f} %")


def at(path: Path, text: str, pointer: str) -> str:
    """A place in a file, for people and for editors."""
    line, column = locate(text, pointer)
    return f"{path}:{line}:{column} {pointer}"
