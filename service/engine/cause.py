"""Why did this change? Found, not guessed: by deciding again with less.

Tried in order, the first whose inputs alone give the same change: first, manual, expiry, time, rules, data, event.
Source: docs/language.md, "Decisions".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from service.engine.adopt import adopt
from service.engine.decision import Decision, Event, ManualChange
from service.engine.execute import execute
from service.engine.facts import Facts, recall_facts
from service.engine.run import Run

if TYPE_CHECKING:
    from service.engine.decide import Remembered

Trial = tuple[str, Callable[[], Run]]


def name_causes(
    run: Run, facts: Facts, before: Remembered | None, event: Event | None, manual: ManualChange | None
) -> list[Decision]:
    """The changes of a run, each with its cause."""
    if before is None:
        return [one._replace(cause="first") for one in run.changes]
    rest = "event" if event is not None else "manual" if manual else "data" if facts is not before.facts else "time"
    trials = [(name, None, trial) for name, trial in trials_of(run, facts, before, event, manual)]
    found: dict[str, set[Decision]] = {}
    changes = []
    for one in run.changes:
        cause = "expiry" if one.outcome == "expired" else None
        for name, _, trial in trials:
            if cause is not None and name != "manual":
                break
            if name not in found:
                found[name] = set(trial().changes)
            if one in found[name]:
                cause = name
                break
        changes.append(one._replace(cause=cause or rest))
    return changes


def trials_of(
    run: Run, facts: Facts, before: Remembered, event: Event | None, manual: ManualChange | None
) -> Iterator[Trial]:
    """The partial runs to compare with, in the order in which causes are tried."""
    program, profile, at = run.program, run.profile, run.at
    old = before.program

    def by_hand() -> Run:
        return execute(old, profile, before.facts.values, before.state, None, before.at, manual)

    def by_time() -> Run:
        return execute(old, profile, before.facts.values, before.state, None, at)

    def by_rules() -> Run:
        state, adopted = adopt(program, before)
        return execute(
            program, profile, recall_facts(program, before.facts.document).values, state, None, at, None, adopted
        )

    def by_data() -> Run:
        state, adopted = adopt(program, before)
        return execute(program, profile, facts.values, state, None, at, None, adopted)

    if manual is not None and manual.tag in old.tags:
        yield "manual", by_hand
    if before.next_at is not None and at >= before.next_at:
        yield "time", by_time
    if old.digest != program.digest:
        yield "rules", by_rules
    if facts is not before.facts and (event is not None or manual is not None):
        yield "data", by_data
