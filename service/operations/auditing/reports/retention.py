"""How many of those who entered something reached something else within a time: wake rate, churn, conversion."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from service.audit.rows import ChangeRow
from service.language.instants import add, write_instant
from service.operations.auditing.reports.axes import Axis, Cells, Value, apply_change
from service.operations.auditing.reports.counts import name_of
from service.operations.auditing.reports.question import Question
from service.operations.auditing.reports.timelines import Progress, changed, erased
from service.operations.ports import Reads

WORDS = ("already", "reached", "missed", "open")
"""What became of an entry: where it was to lead was there already, it was reached in time, it was not; or time is left
until after `now`.
"""


class Entry(NamedTuple):
    """One profile's first entry within the time asked for: when, beside what, and what became of it."""

    at: int
    beside: tuple[Value | None, ...]
    became: str


def count_retention(reads: Reads, question: Question, now: int, progress: Progress) -> list[dict[str, Any]]:
    """Rows of how many entered and what became of them, in each step and beside each value, as JSON values.

    Each profile counts once, with its first entry from `from` on and before `to`.
    """
    assert question.entered is not None
    axis, _ = question.entered
    found: Counter[tuple[int, str | None, str]] = Counter()
    starts = [begin for begin, _ in question.periods() if begin is not None]
    assert question.begin is not None
    span = (question.begin - 1, question.end - 1)
    since = changed(reads, question.ruleset, [axis.things], span, progress)
    for _, rows in chain(since, erased(reads, question.ruleset, progress)):
        entry = find_entry(rows, question, now)
        if entry is not None:
            start = max(begin for begin in starts if begin <= entry.at)
            for beside in entry.beside:
                found[start, name_of(question.by, beside), entry.became] += 1
    groups = dict.fromkeys((start, by) for start, by, _ in found)
    ordered = sorted(groups, key=lambda one: (one[0], one[1] or ""))
    return [_row(start, by, {word: found[start, by, word] for word in WORDS}) for start, by in ordered]


def find_entry(rows: Sequence[ChangeRow], question: Question, now: int) -> Entry | None:
    """A profile's first entry, by all its changes in their order."""
    assert question.entered is not None and question.reached is not None
    assert question.within is not None and question.begin is not None
    cells: Cells = {}
    entered: tuple[int, tuple[Value | None, ...]] | None = None
    is_open, until = False, 0
    for row in rows:
        if entered is not None and row.at > until:
            break
        held, reached = _holds(cells, *question.entered), _holds(cells, *question.reached)
        apply_change(cells, row, question.program.aliases)
        if entered is None:
            is_within = question.begin <= row.at < question.end
            if is_within and not held and _holds(cells, *question.entered):
                beside = tuple(question.by.of(cells)) if question.by else ()
                entered = (row.at, beside or (None,))
                until = add(row.at, question.within, question.program.where) or 1 << 62
                is_open = until >= now
                # Why looked at after the change, too: who leaves what is to be reached has yet to come back to it.
                if reached and _holds(cells, *question.reached):
                    return Entry(*entered, "already")
        if entered is not None and not reached and _holds(cells, *question.reached):
            return Entry(*entered, "reached")
    return None if entered is None else Entry(*entered, "open" if is_open else "missed")


def _holds(cells: Cells, axis: Axis, value: Value) -> bool:
    return value in axis.of(cells)


def _row(start: int, by: str | None, counts: dict[str, int]) -> dict[str, Any]:
    """A row; the rate is that of entries of which it is known what became of them."""
    known = counts["reached"] + counts["missed"]
    return {
        "since": write_instant(start),
        "by": by,
        "entered": sum(counts.values()),
        **counts,
        "rate": round(counts["reached"] / known, 4) if known else None,
    }
