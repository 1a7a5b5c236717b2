"""From where to where: who stood where at two instants, and every change between them by its cause."""

from collections import Counter
from itertools import chain
from typing import Any

from service.language.instants import write_instant
from service.operations.auditing.reports.axes import Axis, Cells, Value, apply_change, present_name
from service.operations.auditing.reports.counts import Standing, name_of, standings_of, tallies
from service.operations.auditing.reports.question import Question
from service.operations.auditing.reports.timelines import Progress, changed, erased
from service.operations.ports import Reads


def count_flows(reads: Reads, question: Question, progress: Progress) -> list[dict[str, Any]]:
    """Rows of how many stood where at `from` and where at `to`, as JSON values; `by` is as at `from`."""
    rows = []
    for axis in question.axes:
        for (key, source, target, by), count in sorted(_flows(reads, question, axis, progress).items(), key=_texts):
            rows.append({"key": key, "from": source, "to": target, "by": by, "count": count})
    return rows


def count_movements(reads: Reads, question: Question) -> list[dict[str, Any]]:
    """Rows of how often each change came after `from` and up to `to`, by its cause, in each step."""
    assert question.begin is not None
    rows = []
    for axis in question.axes:
        for begin, end in question.periods():
            found: Counter[tuple[str | None, ...]] = Counter()
            for row in reads.reporting.counted(question.ruleset, axis.things, _behind(begin, end)):
                names = [
                    present_name(question.program.aliases, row.kind, row.key, value)
                    for value in (row.source, row.target)
                ]
                found[names[0][0], names[0][1], names[1][1], row.movement, row.cause] += row.number
            rows += [_movement(begin, one, count) for one, count in sorted(found.items(), key=_texts)]
    return rows


def _flows(reads: Reads, question: Question, axis: Axis, progress: Progress) -> Counter[tuple[str | None, ...]]:
    assert question.begin is not None
    (stood,) = tallies(reads, question, axis, (question.begin,), progress)
    flows: Counter[tuple[str | None, ...]] = Counter()
    span = (question.begin, question.end)
    since = changed(reads, question.ruleset, [axis.things], span, progress)
    for _, rows in chain(since, erased(reads, question.ruleset, progress)):
        cells: Cells = {}
        for row in rows:
            if row.at <= question.begin:
                apply_change(cells, row, question.program.aliases)
        before = standings_of(cells, axis, question.by)
        beside = {other for _, other in before} or ({*question.by.of(cells)} if question.by else set()) or {None}
        for row in rows:
            if question.begin < row.at <= question.end:
                apply_change(cells, row, question.program.aliases)
        after = dict(axis.of(cells))
        stood.subtract(before)
        _add(flows, question, before, after, beside)
    for (value, other), count in stood.items():
        flows[value.key, value.value, value.value, name_of(question.by, other)] += count
    return Counter({one: count for one, count in flows.items() if count})


def _add(
    flows: Counter[tuple[str | None, ...]],
    question: Question,
    before: list[Standing],
    after: dict[str, str],
    beside: set[Value | None],
) -> None:
    """One profile's flows: out of everything it held, and into what it holds new."""
    held = {value.key: value.value for value, _ in before}
    for key in held.keys() | after.keys():
        for other in beside:
            flows[key, held.get(key), after.get(key), name_of(question.by, other)] += 1


def _behind(begin: int | None, end: int) -> tuple[int | None, int]:
    """The span after one instant and up to another."""
    return None if begin is None else begin + 1, end + 1


def _movement(begin: int | None, one: tuple[str | None, ...], count: int) -> dict[str, Any]:
    key, source, target, movement, cause = one
    since = None if begin is None else write_instant(begin)
    return {
        "since": since,
        "key": key,
        "from": source,
        "to": target,
        "movement": movement,
        "cause": cause,
        "count": count,
    }


def _texts(one: tuple[tuple[str | None, ...], int]) -> tuple[str, ...]:
    return tuple(text or "" for text in one[0])
