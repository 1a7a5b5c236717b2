"""One ask, inside one transaction: what is remembered -> the decision -> its record and the new memory, or neither.

Reading, deciding and writing happen under one lock, so two requests for one profile never lose an update.
It opens no transaction and writes no reply: `evaluate` does.
Source: docs/language.md, "Decisions"; docs/architecture.md, "Writing".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from service.audit.record import Grounds, change_rows, outcome_json, record_text, state_text
from service.audit.rows import AuditRow, ChangeRow, EvaluationRow, ProfileRow
from service.engine import ENGINE_VERSION
from service.engine.decide import Remembered
from service.engine.decision import ManualChange, Outcome
from service.engine.evaluate import evaluate, missed, remembered_facts
from service.engine.facts import Facts, read_facts
from service.engine.state import State
from service.language.canonical import canonical_bytes
from service.language.program import Program
from service.operations.holdings import changed_holdings
from service.operations.ports import Caller, Ids, Reads, Unit
from service.operations.programs import SKEW_MILLISECONDS, Programs
from service.operations.requests import Ask, plain_ask
from service.operations.stored_facts import StoredFacts

T = TypeVar("T")


class NewerVersion(Exception):  # not an error: the work is done again
    """The profile was decided by a newer version than this process knows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What stands behind a decision: where programs and ids come from, who asks, at which instant, and why."""

    programs: Programs
    ids: Ids
    caller: Caller
    now: int
    trigger: str
    accept_newer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision made: `outcome` for the engine's eyes, `shown` as JSON values; no `evaluation_id` for a dry run.

    `missed` are the changes that time brought before it, each as (evaluation id, instant,
    outcome as JSON values), in order. `before` is what was remembered when it was decided.
    """

    ask: Ask
    facts: Facts
    outcome: Outcome
    shown: Mapping[str, Any]
    evaluation_id: str | None
    missed: Sequence[tuple[str | None, int, Mapping[str, Any]]]
    before: Remembered | None = None


class Caught(NamedTuple):
    """How many evaluations were recorded, and how many changes they found."""

    evaluations: int
    changes: int


def decide(unit: Unit, context: Context, ask: Ask) -> Decided:
    """Decide, and record it. Missed instants are decided first, each with a record of its own.

    `Conflict` for an instant before the last decided one, `InvalidRequest` for facts that don't fit: then nothing is
    written.
    """
    published = ask.published
    row = unit.profile(published.key, ask.profile_id)
    if row is not None and row.version > published.newest and not context.accept_newer:
        raise NewerVersion
    before = None if row is None else remembered(context.programs, row)
    facts = facts_for(ask, before)
    at = _present(context.now, row) if ask.at is None else ask.at
    outcomes = evaluate(
        published.program,
        ask.profile_id,
        facts,
        before,
        at=at,
        event=ask.event_for(at),
        manual=ask.manual,
        quiet=ask.quiet,
        rules_fire=published.rules_fire,
    )
    writing = _Writing(context, ask, row)
    caught_up = []
    for outcome in outcomes[:-1]:
        found = writing.add(outcome, remembered_facts(published.program, _known(before)), is_missed=True)
        caught_up.append((_known(writing.row).evaluation_id, outcome.at, found))
    facts = facts or remembered_facts(published.program, _known(before))
    shown = writing.add(outcomes[-1], facts, is_missed=False)
    profile = _known(writing.row)
    writing.hand_over(unit)
    return Decided(
        ask=ask,
        facts=facts,
        outcome=outcomes[-1],
        shown=shown,
        evaluation_id=profile.evaluation_id,
        missed=caught_up,
        before=before,
    )


def decide_missed(unit: Unit, context: Context, row: ProfileRow, until: int, most: int) -> Caught:
    """Decide a due profile at every instant up to and including `until` at which time changes something, at most
    `most` of them, each with a record of its own.
    """
    published = context.programs.active(row.ruleset)
    if row.version > published.newest and not context.accept_newer:
        raise NewerVersion
    before = remembered(context.programs, row)
    writing = _Writing(context, plain_ask(published, row.profile_id), row)
    decided = missed(published.program, row.profile_id, before, until, rules_fire=published.rules_fire)
    for outcome, after in islice(decided, most):
        writing.add(outcome, after.facts, is_missed=True)
    writing.hand_over(unit)
    return Caught(len(writing.evaluations), len(writing.changes))


def decide_dry(before: Remembered | None, now: int, ask: Ask) -> Decided:
    """Decide from what is remembered, at any instant, and keep nothing."""
    program = ask.published.program
    at = now if ask.at is None else ask.at
    if before is not None and at < before.at:
        before = replace(before, at=at, next_at=None)
    facts = facts_for(ask, before) or remembered_facts(program, _known(before))
    outcomes = evaluate(
        program,
        ask.profile_id,
        facts,
        before,
        at=at,
        event=ask.event_for(at),
        quiet=ask.quiet,
        rules_fire=ask.published.rules_fire,
    )
    *before_it, shown = [outcome_json(one, ask.published.tags, ask.published.instants) for one in outcomes]
    return Decided(
        ask=ask,
        facts=facts,
        outcome=outcomes[-1],
        shown=shown,
        evaluation_id=None,
        missed=[(None, one.at, found) for one, found in zip(outcomes, before_it, strict=False)],
    )


def recall(reads: Reads, programs: Programs, ask: Ask) -> Remembered | None:
    """What is remembered of the profile that is asked for."""
    row = reads.profile(ask.published.key, ask.profile_id)
    return None if row is None else remembered(programs, row)


def remembered(programs: Programs, row: ProfileRow) -> Remembered:
    """What a row says of a profile, with the program that decided it last."""
    return remembered_by(programs.published(row.ruleset, row.version).program, row)


def remembered_by(program: Program, row: ProfileRow) -> Remembered:
    """What a row says of a profile that this program decided last."""
    facts = StoredFacts(program, row.facts)
    return Remembered(State.from_json(orjson.loads(row.state)), facts, row.at, row.next_at, program)


def facts_for(ask: Ask, before: Remembered | None) -> Facts | None:
    """The facts to decide on: what was posted, or posted over the stored ones; `None` where the stored ones serve."""
    if ask.facts is not None:
        return ask.facts
    if before is not None and ask.attributes is None:
        return None
    stored = {} if before is None else remembered_facts(ask.published.program, before).document
    posted = {**stored, **(ask.attributes or {})}
    return read_facts(ask.published.program, posted, f"{ask.pointer}/profile/attributes")


def _present(now: int, row: ProfileRow | None) -> int:
    """The present instant; for a profile that a clock a little ahead has just decided, the instant of that."""
    return row.at if row is not None and now < row.at <= now + SKEW_MILLISECONDS else now


def _known(value: T | None) -> T:
    """A value that is there by what was done before."""
    assert value is not None
    return value


def _scores_text(outcome: Outcome) -> str:
    return canonical_bytes({key: one.value for key, one in outcome.scores.items()}).decode()


class _Writing:
    """The rows of one ask: each outcome follows on the one before it."""

    def __init__(self, context: Context, ask: Ask, row: ProfileRow | None) -> None:
        self._context = context
        self._published = ask.published
        self._ask = ask
        self._first = row
        self.row = row
        self.evaluations: list[EvaluationRow] = []
        self.changes: list[ChangeRow] = []

    def add(self, outcome: Outcome, facts: Facts, *, is_missed: bool) -> dict[str, Any]:
        """Add one outcome's rows; the outcome as JSON values."""
        published, ask = self._published, self._ask
        head = self._head(outcome.at, "sweep" if is_missed else self._context.trigger)
        grounds = Grounds(
            facts=canonical_bytes(facts.document).decode(),
            defaulted=facts.defaulted,
            event=None if is_missed else ask.event_for(outcome.at),
            manual=None if is_missed else ask.manual,
            quiet=ask.quiet and not is_missed,
            rules_fire=published.rules_fire,
            previous=self.row,
        )
        shown = outcome_json(outcome, published.tags, published.instants)
        state = state_text(outcome.state)
        self.evaluations.append(head._replace(record=record_text(head, grounds, shown, state)))
        self.changes += change_rows(head, outcome.decisions)
        self.row = ProfileRow(
            published.key,
            ask.profile_id,
            published.version,
            1 if self.row is None else self.row.revision + 1,
            outcome.at,
            None if outcome.next_change is None else outcome.next_change.at,
            outcome.stage,
            state,
            grounds.facts,
            head.id,
            _scores_text(outcome),
        )
        return shown

    def hand_over(self, unit: Unit) -> None:
        """Have everything written, and what the profile holds now where that is another thing than before."""
        row = _known(self.row)
        unit.record(self.evaluations, self.changes, row)
        if self.changes or self._first is None or self._first.version != row.version:
            unit.hold(changed_holdings(self._first, row))
        if self._ask.manual is not None:
            unit.audit(self._tagged(self._ask.manual))

    def _tagged(self, manual: ManualChange) -> AuditRow:
        """Who put their word in place of a rule's. The reason stands in the record only, as it may be personal."""
        context, head = self._context, self.evaluations[-1]
        detail = {"ruleset": head.ruleset, "tag": manual.tag, "evaluation_id": head.id}
        return AuditRow(
            context.ids.ulid(context.now),
            context.now,
            head.actor,
            f"tag.{manual.state}",
            head.profile_id,
            orjson.dumps(detail).decode(),
            head.request_id,
            head.profile_id,
        )

    def _head(self, at: int, trigger: str) -> EvaluationRow:
        """The evaluation without its record."""
        context, published = self._context, self._published
        return EvaluationRow(
            context.ids.ulid(context.now),
            published.key,
            published.version,
            published.digest,
            ENGINE_VERSION,
            self._ask.profile_id,
            at,
            context.now,
            trigger,
            context.caller.actor,
            context.caller.request_id,
            "",
        )
