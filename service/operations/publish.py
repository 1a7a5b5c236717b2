"""A ruleset's text -> a published version, made active at once; refused with every finding if it has errors.

This is the way of the command line and of the first start: nobody is asked, and the version says so. Over HTTP a
version comes from a draft that was reviewed (see `authoring.release`).
Versions never change and are numbered from one. Publishing what is already active changes nothing.
Source: docs/language.md, "Checks"; docs/operations.md, "Versions in force".
"""

from dataclasses import dataclass
from typing import Literal

from service.audit.rows import ActivationRow, VersionRow
from service.errors import RulesetRejected
from service.language.diagnostics import Diagnostic, has_errors
from service.language.pipeline import read_ruleset
from service.operations.activations import in_force, present
from service.operations.check import example_findings
from service.operations.keys import audit_row
from service.operations.ports import Caller, Reads, Unit
from service.operations.service import Service

LAST = 1 << 31
UNREVIEWED = "command-line"
"""Who approved a version that nobody was asked to review."""
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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ruleset stands at the present instant `now`: its activations, the one in force, its newest version (0
    before the first).
    """

    now: int
    activations: list[ActivationRow]
    active: ActivationRow | None
    newest: int

    @property
    def version(self) -> int | None:
        """The version in force; `None` before the first, and when the ruleset was retired."""
        return None if self.active is None or self.active.kind == "retire" else self.active.version

    @property
    def following(self) -> int:
        """The number of the next activation."""
        return len(self.activations) + 1


def publish_ruleset(
    service: Service, text: str | bytes, comment: str, caller: Caller, apply: Apply = "on_next_evaluation"
) -> Publication:
    """Publish a ruleset; `RulesetRejected` has its diagnostics if any is an error, a failing example among them."""
    reading = read_ruleset(text)
    found = (*reading.diagnostics, *example_findings(reading.program))
    if reading.program is None or has_errors(found):
        raise RulesetRejected("the ruleset has errors", found)
    key, document, digest = reading.program.key, reading.canonical.decode(), reading.digest

    def job(unit: Unit) -> Publication:
        standing = alone_standing(unit, key, service.clock())
        active = standing.version and unit.version(key, standing.version)
        if active and active.digest == digest:
            return Publication(key, active.version, digest, is_new=False, diagnostics=found)
        row = VersionRow(key, standing.newest + 1, digest, document, comment, caller.actor, standing.now, apply)
        row = row._replace(approved_by=UNREVIEWED, effective_at=standing.now, base_version=standing.version)
        release(unit, row, standing, caller)
        detail = {"version": row.version, "before": standing.version, "digest": digest, "comment": comment}
        detail |= {"apply": apply, "approved_by": row.approved_by}
        unit.audit(audit_row(service, caller, "ruleset.published", key, detail))
        return Publication(key, row.version, digest, is_new=True, diagnostics=found)

    publication = service.store.write(job)
    service.programs.refresh()
    return publication


def release(unit: Unit, row: VersionRow, standing: Standing, caller: Caller) -> None:
    """Add a version, in force from its `effective_at` on."""
    activation = ActivationRow(
        seq=standing.following,
        ruleset=row.ruleset,
        version=row.version,
        effective_at=row.effective_at,
        recorded_at=standing.now,
        actor=caller.actor,
        kind="publish",
        reason=row.comment,
        apply=row.apply if standing.newest else "on_next_evaluation",  # Why: there is nobody to apply the first one to
    )
    unit.governance.publish(row, activation)


def alone_standing(unit: Unit, key: str, now: int) -> Standing:
    """Where a ruleset stands, while nobody else changes it before the transaction ends."""
    unit.alone(f"ruleset {key}")
    return read_standing(unit, key, now)


def read_standing(reads: Reads, key: str, now: int) -> Standing:
    """Where a ruleset stands."""
    activations = reads.governance.activations(key)
    newest = reads.versions(key, LAST, 1)
    now = present(activations, now)
    return Standing(now, activations, in_force(activations, now), newest[0].version if newest else 0)
