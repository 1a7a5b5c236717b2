"""How many held what at each of some instants; and averages and quantiles of what they hold it with, now.

Counted backwards: what is held now, less those whose standing changed since, plus these as they stood at each instant.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from math import ceil, fsum
from typing import Any

import orjson

from service.audit.rows import ChangeRow, Segment
from service.language.instants import write_instant
from service.operations.auditing.reports.axes import Axis, Cells, Value, apply_change, present_name
from service.operations.auditing.reports.question import Measure, Question
from service.operations.auditing.reports.timelines import Progress, changed, erased, is_erased
from service.operations.holdings import holdings
from service.operations.ports import Reads

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
PAGE = 500
Standing = tuple[Value, Value | None]
"""What is held, and what is held beside it."""
Tally = Counter[Standing]


def count_over_time(reads: Reads, question: Question, progress: Progress) -> list[dict[str, Any]]:
    """Rows of how many held what at each point, as JSON values."""
    counted = [tallies(reads, question, axis, question.points, progress) for axis in question.axes]
    figures = _figures(reads, question, progress) if question.average or question.quantiles else {}
    rows = []
    for place, at in enumerate(question.points):
        for each in counted:
            for (value, beside), count in sorted(each[place].items(), key=_order):
                row = {"at": write_instant(at), **value._asdict(), "by": name_of(question.by, beside), "count": count}
                rows.append(row | figures.get((value, beside), {}))
    return rows


def tallies(reads: Reads, question: Question, axis: Axis, points: Sequence[int], progress: Progress) -> list[Tally]:
    """How many held what at each point, which rise."""
    base = _held_now(reads, question, axis)
    deltas: list[Tally] = [Counter() for _ in points]
    things = [each.things for each in (axis, question.by) if each is not None]
    since = changed(reads, question.ruleset, things, (points[0], None), progress)
    for profile_id, rows in chain(since, erased(reads, question.ruleset, progress)):
        last: list[Standing] = []
        for at, standings in _steps(rows, question, axis):
            place = bisect_left(points, at)
            if place < len(points):
                deltas[place].subtract(last)
                deltas[place].update(standings)
            last = standings
        if not is_erased(profile_id):
            base.subtract(last)
    sums = list(accumulate(deltas, _added))
    return [Counter({one: count for one, count in _added(base, each).items() if count}) for each in sums]


def standings_of(cells: Cells, axis: Axis, by: Axis | None) -> list[Standing]:
    """What a profile counts for: each value with each that it has beside."""
    beside: list[Value | None] = [None] if by is None else [*by.of(cells)] or [None]
    return [(value, other) for value in axis.of(cells) for other in beside]


def name_of(by: Axis | None, beside: Value | None) -> str | None:
    """How a value beside is shown: a tag's key, or a band."""
    if by is None or beside is None:
        return None
    return beside.key if by.kind == "tag" else beside.value


def _steps(rows: Sequence[ChangeRow], question: Question, axis: Axis) -> Iterator[tuple[int, list[Standing]]]:
    """A profile's standings after each of its changes that may have altered them."""
    cells: Cells = {}
    for row in rows:
        apply_change(cells, row, question.program.aliases)
        yield row.at, standings_of(cells, axis, question.by)


def _held_now(reads: Reads, question: Question, axis: Axis) -> Tally:
    """How many hold what, of everybody who was not erased."""
    found: Tally = Counter()
    by, aliases = question.by, question.program.aliases
    beside = None if by is None else by.things
    for key, value, other_key, other_value, count in reads.reporting.held(question.ruleset, axis.things, beside):
        value_now = Value(*present_name(aliases, axis.kind, key, value))  # type: ignore[arg-type]  # what is held is no None
        other = None
        if by is not None and other_key is not None:
            other = Value(*present_name(aliases, by.kind, other_key, other_value))  # type: ignore[arg-type]  # as above
        found[value_now, other] += count
    return found


def _added(first: Tally, second: Tally) -> Tally:
    """The sum, with what is negative. Why not `+`: it would drop that."""
    found = Counter(first)
    found.update(second)
    return found


def _order(one: tuple[Standing, int]) -> tuple[str, ...]:
    (value, beside), _ = one
    return (*value, *(beside or ("", "")))


def _figures(reads: Reads, question: Question, progress: Progress) -> dict[Standing, dict[str, Any]]:
    """Averages and quantiles of everybody who holds something now and of whom the number is known."""
    numbers: dict[tuple[Measure, Standing], list[float]] = defaultdict(list)
    measures = [one for one in (question.average, question.quantiles) if one is not None]
    after, count, segment = "", 0, Segment(question.ruleset)
    while page := reads.segment(segment, after, PAGE):
        count += len(page)
        progress(count)
        for row in page:
            cells: Cells = {}
            for one in holdings(row):
                key, value = present_name(question.program.aliases, one.kind, one.key, one.value)
                cells[one.kind, key] = value
            known = {"score": orjson.loads(row.scores), "attribute": orjson.loads(row.facts)}
            for standing in chain.from_iterable(standings_of(cells, each, question.by) for each in question.axes):
                for measure in dict.fromkeys(measures):
                    number = known[measure.kind].get(measure.key)
                    if number is not None:
                        numbers[measure, standing].append(float(number))
        after = page[-1].profile_id
    return _shown(question, numbers)


def _shown(question: Question, numbers: dict[tuple[Measure, Standing], list[float]]) -> dict[Standing, dict[str, Any]]:
    found: dict[Standing, dict[str, Any]] = defaultdict(dict)
    for (measure, standing), known in numbers.items():
        if measure == question.average:
            found[standing] |= {"average": round(fsum(known) / len(known), 4), "average_of": len(known)}
        if measure == question.quantiles:
            known.sort()
            found[standing]["quantiles_of"] = len(known)
            found[standing]["quantiles"] = {str(share): _quantile(known, share) for share in QUANTILES}
    return found


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The number below which a share lies: the first that so many are not above."""
    return ordered[max(ceil(len(ordered) * share) - 1, 0)]
