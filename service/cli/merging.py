"""The command that makes two tags of a ruleset file one."""

from argparse import Namespace
from pathlib import Path

from service.cli.printing import FINDINGS, WELL, finding, say, say_json
from service.config import ConfigError
from service.language.diagnostics import has_errors
from service.language.diff import compare
from service.language.document import read_document
from service.language.merge import merge_tags
from service.language.pipeline import read_ruleset
from service.language.pretty import pretty_text
from service.operations.check import example_findings


def run(options: Namespace) -> int:
    """Write the file anew with the tags merged, and say what changed; findings if it has errors then."""
    text = options.file.read_text("utf-8")
    document, refused = read_document(text)
    if refused or not isinstance(document, dict):
        found = [finding(one, text, options.language, str(options.file)) for one in refused]
        raise ConfigError(found or [f"{options.file}: expected a JSON object"])
    merged = merge_tags(document, options.keep, options.drop, "either" if options.either else "keep")
    target: Path = options.output or options.file
    target.write_text(written := pretty_text(merged), "utf-8")
    changes = compare(document, merged)
    reading = read_ruleset(written)
    findings = [*reading.diagnostics, *example_findings(reading.program)]
    errors = [one for one in findings if has_errors([one])]
    if options.json:
        said = [one.to_json(options.language) for one in errors]
        say_json({"file": str(target), "changes": [one.to_json() for one in changes], "errors": said})
    for change in changes if not options.json else ():
        say(change.sentence[options.language])
    for one in errors if not options.json else ():
        say(finding(one, written, options.language, str(target)))
    return FINDINGS if errors else WELL
