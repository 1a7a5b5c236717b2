"""A stored record -> all that its evaluation was decided from, and the decision made again.

Facts, event, person's word and earlier state stand in the record itself; the facts and the due instant that causes were
found by stand in the record before it. Nothing is written.
Source: docs/language.md, "Decisions"; service/audit/record.py.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any, NamedTuple

from service.audit.record import FORMAT
from service.audit.rows import EvaluationRow
from service.engine.decide import Remembered, decide
from service.engine.decision import Event, ManualChange, Outcome
from service.engine.facts import Facts, recall_facts
from service.engine.state import State
from service.errors import Conflict, NotFound
from service.language.instants import read_instant
from service.language.program import Program
from service.operations.ports import Reads
from service.operations.programs import Programs, Published
from service.operations.service import Service

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What one evaluation was decided from. `rules_fire` and `quiet` are as `decide` takes them.

    `is_whole` says that the record before it was there; without it causes may come out otherwise.
    """

    published: Published
    record: Record
    profile_id: str
    at: int
    facts: Facts
    before: Remembered | None
    event: Event | None
    manual: ManualChange | None
    quiet: bool
    rules_fire: bool
    is_whole: bool

    def decide(self, program: Program | None = None, at: int | None = None, facts: Facts | None = None) -> Outcome:
        """The decision, made again; with another program, instant or facts if they are given.

        Facts of another version are read by `program`, as an evaluation without new facts would.
        """
        program = program or self.published.program
        return decide(
            program,
            self.profile_id,
            facts or self.facts_for(program),
            self.before,
            self.event,
            self.at if at is None else at,
            manual=self.manual,
            quiet=self.quiet,
            rules_fire=self.rules_fire,
        )

    def facts_for(self, program: Program) -> Facts:
        """The facts, as a program reads them."""
        if program.digest == self.published.digest:
            return self.facts
        return recall_facts(program, self.facts.document)


class Rerun(NamedTuple):
    """A record decided again: by which version, what came out, and what was recorded."""

    published: Published
    outcome: Outcome
    record: Record


def rerun(service: Service, evaluation_id: str) -> Rerun:
    """Decide one stored evaluation again, exactly as it was decided. Errors as in `ground_of`."""
    ground = find_ground(service, evaluation_id)
    return Rerun(ground.published, ground.decide(), ground.record)


def find_ground(service: Service, evaluation_id: str) -> Ground:
    """What a stored evaluation was decided from; errors as in `ground_of`."""

    def job(reads: Reads) -> tuple[EvaluationRow, EvaluationRow | None]:
        row = reads.evaluation(evaluation_id)
        if row is None:
            raise NotFound(f"there is no evaluation `{evaluation_id}`")
        return row, before_of(reads, row)

    return ground_of(service.programs, *service.store.read(job))


def before_of(reads: Reads, row: EvaluationRow) -> EvaluationRow | None:
    """The evaluation that left what this one began with, if there was one."""
    previous = read_record(row)["previous"]
    return None if previous is None else reads.evaluation(previous["evaluation_id"])


def read_record(row: EvaluationRow) -> Record:
    """The record of an evaluation, numbers exact. `Conflict` where it can't be decided again: its content was erased
    (`erased`), or it has a format of another time (`unknown-format`).
    """
    if not row.record:
        raise Conflict(f"the content of evaluation `{row.id}` was erased", "erased")
    record: Record = json.loads(row.record, parse_float=Decimal)
    if record["format"] != FORMAT:
        raise Conflict(f"expected a record of format {FORMAT}, found {record['format']}", "unknown-format")
    return record


def ground_of(programs: Programs, row: EvaluationRow, earlier: EvaluationRow | None) -> Ground:
    """What an evaluation was decided from; `earlier` is the evaluation that the record names as the one before.

    `Conflict` as in `read_record`; `NotFound` if its version is not there.
    """
    record = read_record(row)
    published = programs.published(row.ruleset, row.version)
    facts = recall_facts(published.program, record["facts"])
    before, is_whole = _before(programs, row.ruleset, record, earlier, facts)
    if before is not None and before.program.digest == published.digest and before.facts.document == facts.document:
        facts = before.facts  # Why: an evaluation without new facts reads the very facts that are remembered
    return Ground(
        published=published,
        record=record,
        profile_id=record["profile_id"],
        at=row.at,
        facts=facts,
        before=before,
        event=_event(record["event"]),
        manual=record["manual"] and ManualChange(**record["manual"]),
        quiet=record["actions"] == "quiet",
        rules_fire=record["actions"] == "all",
        is_whole=is_whole,
    )


def _before(
    programs: Programs, ruleset: str, record: Record, earlier: EvaluationRow | None, facts: Facts
) -> tuple[Remembered | None, bool]:
    """What was remembered, and whether all of it is still there; else the record's own facts stand for earlier ones."""
    previous = record["previous"]
    if previous is None:
        return None, True
    program = programs.published(ruleset, previous["version"]).program
    state, at = State.from_json(previous["state"]), read_instant(previous["at"], UTC)
    if earlier is None or not earlier.record:
        return Remembered(state, recall_facts(program, facts.document), at, None, program), False
    old = read_record(earlier)
    following = old["outcome"]["next_change"]
    next_at = None if following is None else read_instant(following["at"], UTC)
    return Remembered(state, recall_facts(program, old["facts"]), at, next_at, program), True


def _event(recorded: Mapping[str, Any] | None) -> Event | None:
    """The event of a record."""
    return None if recorded is None else Event(**{**recorded, "at": read_instant(recorded["at"], UTC)})
