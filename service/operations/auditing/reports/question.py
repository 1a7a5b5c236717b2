"""What a report is asked, read and checked: by what it counts, over which time, beside what.

Everything a ruleset does not know is a fault, so that a slip of the pen is no empty report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

from service.errors import Fault, InvalidRequest, NotFound
from service.language.durations import read_duration
from service.language.instants import add_months, local_date, midnight, read_instant
from service.language.model import Duration
from service.language.program import Program
from service.operations.auditing.reports.axes import Axis, Value, stage_axis, tag_axis, tier_axis
from service.operations.service import Service

MOST_POINTS = 1_000
STEPS = ("day", "week", "month")
KINDS = ("stages", "tags", "tiers", "transitions", "retention", "causes")
Query = Mapping[str, Any]


class Measure(NamedTuple):
    """A score or an attribute with numbers, of which an average or quantiles are asked for."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question to the log: `axes` are what is counted, one after another; `by` what it is told apart by.

    `begin` and `end` are instants; `points` those at which there is a figure, or at which a period begins.
    """

    program: Program
    axes: tuple[Axis, ...]
    by: Axis | None
    begin: int | None
    end: int
    points: tuple[int, ...]
    average: Measure | None = None
    quantiles: Measure | None = None
    entered: tuple[Axis, Value] | None = None
    reached: tuple[Axis, Value] | None = None
    within: Duration | None = None

    @property
    def ruleset(self) -> str:
        """The ruleset's key."""
        return self.program.key

    def periods(self) -> list[tuple[int | None, int]]:
        """The half-open periods between the points, the last one until `end`; one, if there are no steps."""
        if self.begin is None:
            return [(None, self.end)]
        starts = [self.begin, *(point for point in self.points if self.begin < point < self.end)]
        return list(zip(starts, [*starts[1:], self.end], strict=True))


class Reading:
    """Reads one query; faults are gathered in `found`."""

    def __init__(self, service: Service, query: Query) -> None:
        self._query = query
        self._now = service.clock()
        self.found: list[Fault] = []
        if "ruleset" not in query:
            raise InvalidRequest("the query has faults", [Fault("/ruleset", "missing-member", "`ruleset` is required")])
        self.program = service.programs.latest(query["ruleset"]).program

    def question(self, kind: str) -> Question:
        """The question; `InvalidRequest` with everything that is wrong with the query."""
        begin, end = self.instant("from"), self.instant("to")
        end = self._now if end is None else end
        if begin is not None and begin > end:
            self._fault("from", "expected an instant before `to`")
        if kind in {"transitions", "retention", "causes"} and begin is None:
            self._fault("from", "`from` is required", "missing-member")
        question = Question(
            program=self.program,
            axes=self.axes(kind),
            by=self.by(),
            begin=begin,
            end=end,
            points=self.points(begin, end),
            average=self.measure("average"),
            quantiles=self.measure("quantiles"),
            entered=self.value("entered") if kind == "retention" else None,
            reached=self.value("reached") if kind == "retention" else None,
            within=self.within() if kind == "retention" else None,
        )
        if (question.average or question.quantiles) and (begin is not None or "to" in self._query):
            self._fault("from", "averages and quantiles are of the present; leave `from` and `to` out")
        if self.found:
            raise InvalidRequest("the query has faults", self.found)
        return question

    def instant(self, name: str) -> int | None:
        """An instant; without an offset in the ruleset's timezone."""
        text = self._query.get(name)
        try:
            return None if text is None else read_instant(text, self.program.where)
        except ValueError:
            self._fault(name, "expected an instant such as `2026-11-21T09:00:00Z`")
        return None

    def points(self, begin: int | None, end: int) -> tuple[int, ...]:
        """The beginnings of days, weeks (Mondays) or months from the one that `begin` lies in, and `end`."""
        step = self._query.get("step")
        if step is None or begin is None or begin > end:
            if step is not None and begin is None:
                self._fault("step", "steps need `from`")
            return (end,) if begin is None or begin > end else (begin, end)
        where, day = self.program.where, local_date(begin, self.program.where)
        day = day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1) if step == "month" else day
        found: list[int] = []
        while (at := midnight(day, where)) < end:
            found += [at] if at >= begin else []
            day = _next(day, step)
            if len(found) > MOST_POINTS:
                self._fault("step", f"expected at most {MOST_POINTS} steps between `from` and `to`")
                break
        return (*found, end)

    def axes(self, kind: str) -> tuple[Axis, ...]:
        """What a report of a kind counts."""
        program, query = self.program, self._query
        if kind in {"retention", "causes"}:
            return ()
        if kind == "tags" or (kind == "transitions" and "tag" in query):
            group, key = query.get("group"), query.get("tag")
            if group is not None:
                self._known("group", "tag group", group, [one.key for one in program.ruleset.tag_groups])
            key = key and self._known("tag", "tag", program.aliases.get(f"tag/{key}", key), program.tags)
            return (tag_axis(program, group, key),)
        if kind == "tiers" or "tier" in query:
            keys = [query["tier"]] if "tier" in query else list(program.tiers)
            return tuple(tier_axis(program, key) for key in keys if self._known("tier", "tier", key, program.tiers))
        stages = stage_axis(program)
        return () if stages is None else (stages,)

    def by(self) -> Axis | None:
        """A tag group, a tier or a tag, by its key."""
        name = self._query.get("by")
        if name is None:
            return None
        groups = {one.key for one in self.program.ruleset.tag_groups}
        if name in groups:
            return tag_axis(self.program, name)
        if name in self.program.tiers:
            return tier_axis(self.program, name)
        key = self.program.aliases.get(f"tag/{name}", name)
        known = self._known("by", "tag group, tier or tag", key, [*groups, *self.program.tiers, *self.program.tags])
        return tag_axis(self.program, None, key) if known is not None else None

    def measure(self, member: str) -> Measure | None:
        """A score (`score.activity`) or an attribute with numbers."""
        name = self._query.get(member)
        if name is None:
            return None
        scores = {f"score.{key}": Measure("score", key) for key in self.program.rules.scores}
        numbers = {
            one.key: Measure("attribute", one.key)
            for one in self.program.ruleset.attributes
            if one.type in {"integer", "number"}
        }
        known = {**scores, **numbers}
        return known.get(name) if self._known(member, "score or attribute with numbers", name, known) else None

    def value(self, member: str) -> tuple[Axis, Value] | None:
        """Something that is entered or reached: `stage:active`, `tag:vip` or `tier:band:seed`."""
        text = self._query.get(member)
        if text is None:
            self._fault(member, f"`{member}` is required", "missing-member")
            return None
        kind, _, rest = text.partition(":")
        program, aliases = self.program, self.program.aliases
        if kind == "tag":
            key = self._known(member, "tag", aliases.get(f"tag/{rest}", rest), program.tags)
            return key and (tag_axis(program, None, key), Value(key, "held"))  # type: ignore[return-value]  # None stays
        axis, key = (stage_axis(program), "lifecycle") if kind == "stage" else (None, rest.partition(":")[0])
        if kind == "tier" and self._known(member, "tier", key, program.tiers):
            axis, rest = tier_axis(program, key), rest.partition(":")[2]
        if kind not in {"stage", "tier"}:
            self._fault(member, "expected `stage:`, `tag:` or `tier:` and what is meant, such as `tier:band:seed`")
        if axis is None:
            if kind == "stage":
                self._fault(member, "the ruleset has no lifecycle")
            return None
        prefix = "stage" if kind == "stage" else f"tier/{key}"
        value = self._known(
            member, "stage" if kind == "stage" else "band", aliases.get(f"{prefix}/{rest}", rest), axis.values
        )
        return None if value is None else (axis, Value(key, value))

    def within(self) -> Duration | None:
        """How long somebody has to reach it."""
        try:
            return read_duration(self._query.get("within", ""))
        except ValueError:
            self._fault("within", "expected a duration such as `P30D`")
        return None

    def _known(self, member: str, kind: str, key: str, known: Iterable[str]) -> str | None:
        """The key, or a fault if the ruleset does not have it."""
        listed = list(known)
        if key in listed:
            return key
        near = get_close_matches(key, listed, 1)
        advice = f"; did you mean `{near[0]}`?" if near else ""
        self._fault(member, f"the ruleset has no {kind} `{key}`{advice}", "unknown-name")
        return None

    def _fault(self, member: str, message: str, code: str = "wrong-value") -> None:
        self.found.append(Fault(f"/{member}", code, message))


def read_question(service: Service, kind: str, query: Query) -> Question:
    """The question that a query asks of a report; `NotFound` if there is no such report or ruleset."""
    if kind not in KINDS:
        raise NotFound(f"there is no report `{kind}`; there are {', '.join(f'`{one}`' for one in KINDS)}")
    return Reading(service, query).question(kind)


def _next(day: date, step: str) -> date:
    if step == "month":
        following = add_months(day, 1)
        assert following is not None, day
        return following
    return day + timedelta(days=7 if step == "week" else 1)
