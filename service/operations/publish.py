"""A ruleset's text -> a published version, made active at once; refused with every finding if it has errors.

Versions never change and are numbered from one. Publishing what is already active changes nothing.
Source: docs/language.md, "Checks"; docs/api.md, "Rulesets".
"""

from dataclasses import dataclass
from typing import Literal

from service.audit.rows import RulesetRow, VersionRow
from service.errors import RulesetRejected
from service.language.diagnostics import Diagnostic, has_errors
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.operations.check import example_findings
from service.operations.keys import audit_row
from service.operations.ports import Caller, Unit
from service.operations.service import Service

LAST = 1 << 31
Apply = Literal["on_next_evaluation", "now_quietly", "now"]
"""When a version decides the profiles there are: each when it is next decided, or all with the next sweep; and whether
changes that only the new rules bring fire their actions (`now`).
"""


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing led to: the version that is active now, and whether it is new."""

    key: str
    version: int
    digest: str
    is_new: bool
    diagnostics: tuple[Diagnostic, ...]


def publish_ruleset(
    service: Service, text: str | bytes, comment: str, caller: Caller, apply: Apply = "on_next_evaluation"
) -> Publication:
    """Publish a ruleset; `RulesetRejected` has its diagnostics if any is an error, a failing example among them."""
    reading = read_ruleset(text)
    found = (*reading.diagnostics, *example_findings(reading.program))
    if reading.program is None or has_errors(found):
        raise RulesetRejected("the ruleset has errors", found)
    program, document, digest = reading.program, reading.canonical.decode(), reading.digest
    now = service.clock()

    def job(unit: Unit) -> Publication:
        unit.alone(f"publish {program.key}")
        active, newest = _standing(unit, program)
        if active is not None and active.digest == digest:
            return Publication(program.key, active.version, digest, is_new=False, diagnostics=found)
        version = newest + 1
        row = VersionRow(program.key, version, digest, document, comment, caller.actor, now, apply)
        applying = version if apply != "on_next_evaluation" and newest else None
        unit.publish(row, RulesetRow(program.key, version, newest + 1, applying))
        detail = {"version": version, "digest": digest, "comment": comment, "apply": apply}
        unit.audit(audit_row(service, caller, "ruleset.published", program.key, detail))
        return Publication(program.key, version, digest, is_new=True, diagnostics=found)

    publication = service.store.write(job)
    service.programs.refresh()
    return publication


def _standing(unit: Unit, program: Program) -> tuple[VersionRow | None, int]:
    """The active version of a ruleset, and the number of its newest (0 for a ruleset that is new)."""
    for ruleset in unit.rulesets():
        if ruleset.key == program.key:
            newest = unit.versions(program.key, LAST, 1)[0].version
            return unit.version(program.key, ruleset.active_version), newest
    return None, 0
