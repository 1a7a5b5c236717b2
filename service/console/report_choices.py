"""What a visitor chose to see in a report: the fields of its form, what they offer, and the question they ask the log.

What a ruleset does not know, such as a stage of another one, falls back to what it does know; days are those of the
ruleset's timezone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from service.console.days import read_period
from service.console.page import Visit
from service.console.texts import Speaker, speaker
from service.language.instants import local_date, read_instant, write_instant
from service.language.program import Program
from service.operations.auditing.reports.question import STEPS
from service.operations.tally import read_counts

DAYS, WITHIN, MOST_WITHIN = 30, 30, 3650
SPANS = (7, 30, 90, 365)
MOST_DAILY, MOST_WEEKLY = 62, 400
"""Up to so many days there is a figure for each day, or each week, unless one says otherwise."""
OVER_TIME = frozenset({"stages", "tiers", "tags", "causes", "retention"})
APART = frozenset({"stages", "tiers", "tags", "retention"})
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The fields as they stand, by name; what each select offers; and the period they name."""

    kind: str
    program: Program
    fields: Mapping[str, str]
    options: Mapping[str, Options]
    begin: int | None
    end: int | None

    @property
    def query(self) -> dict[str, Any]:
        """The question, as `make_report` takes it."""
        fields, kind = self.fields, self.kind
        found: dict[str, Any] = {"ruleset": self.program.key}
        if self.end is not None:
            found["to"] = write_instant(self.end)
        if fields["by"]:
            found["by"] = fields["by"]
        if self.begin is not None and not (fields["by"] and kind != "retention"):
            found["from"] = write_instant(self.begin)
            if kind in OVER_TIME:
                found["step"] = fields["step"]
        if kind == "retention":
            found |= {"entered": fields["entered"], "reached": fields["reached"], "within": f"P{fields['within']}D"}
        what, _, key = fields["what"].partition(":")
        if what in {"tier", "group"} and key:
            found[what] = key
        return found

    def address(self, **more: str) -> str:
        """The page with these fields, and more."""
        chosen = {name: value for name, value in self.fields.items() if value}
        return f"/console/reports/{self.kind}?" + urlencode({**chosen, **more})

    def spans(self, today: date) -> list[tuple[int, str, bool]]:
        """Periods that end today: days, address, and whether it is the one shown."""
        found = []
        for days in SPANS:
            first = (today - timedelta(days=days)).isoformat()
            its = {**self.fields, "from": first, "to": today.isoformat(), "step": ""}
            href = "?" + urlencode({name: value for name, value in its.items() if value})
            found.append((days, href, self.fields["from"] == first and self.fields["to"] == today.isoformat()))
        return found


def read_choices(visit: Visit, kind: str) -> Choices:
    """The choices of an address, completed. `InvalidRequest` for days that are none."""
    t, query = speaker(visit.language), visit.query
    rulesets = _rulesets(visit, t)
    key = _one_of(query.get("ruleset", ""), rulesets) or _busiest(visit, rulesets)
    program = visit.service.programs.latest(key).program
    today = local_date(visit.service.clock(), program.where)
    days = {"from": query.get("from") or (today - timedelta(days=DAYS)).isoformat(), "to": query.get("to", "")}
    begin, end = read_period(days, program.where)
    options = {"ruleset": rulesets, **_options(program, kind, t)}
    fields = {
        "ruleset": key,
        "from": days["from"],
        "to": days["to"] or today.isoformat(),
        "step": query["step"] if query.get("step") in STEPS else _step(begin, end, visit.service.clock()),
        "within": _within(query.get("within", "")),
        **{name: _one_of(query.get(name, ""), options[name], name) for name in ("what", "by", "entered", "reached")},
    }
    is_past = end is not None and end <= visit.service.clock()
    return Choices(
        kind=kind, program=program, fields=fields, options=options, begin=begin, end=end if is_past else None
    )


def address_of(job_id: str, kind: str, query: Mapping[str, Any], program: Program) -> str:
    """The page of a report that a job was told to make."""
    begin, end = (query.get(name) and read_instant(query[name], program.where) for name in ("from", "to"))
    what = "stage" if kind == "transitions" and program.lifecycle else ""
    found = {
        "ruleset": query["ruleset"],
        "from": local_date(begin, program.where).isoformat() if begin else "",
        "to": local_date(end - 1, program.where).isoformat() if end else "",
        "what": next((f"{name}:{query[name]}" for name in ("tier", "group") if name in query), what),
        "within": str(query.get("within", "")).strip("PD"),
        **{name: query.get(name, "") for name in ("step", "by", "entered", "reached")},
        "job": job_id,
    }
    return f"/console/reports/{kind}?" + urlencode({name: value for name, value in found.items() if value})


def things(program: Program, t: Speaker) -> list[tuple[str, str]]:
    """Everything that may be entered or reached, as a report names it, with its title."""
    ruleset = program.ruleset
    stages = ruleset.lifecycle.stages if ruleset.lifecycle else ()
    found = [(f"stage:{one.key}", t("reports.a_stage", name=t.text(one.title, one.key))) for one in stages]
    for tier in ruleset.tiers:
        name = t.text(tier.title, tier.key)
        found += [(f"tier:{tier.key}:{one.key}", f"{name}: {t.text(one.title, one.key)}") for one in tier.bands]
    return found + [(f"tag:{tag.key}", t("reports.a_tag", name=t.text(tag.title, tag.key))) for tag in ruleset.tags]


def _options(program: Program, kind: str, t: Speaker) -> dict[str, Options]:
    ruleset = program.ruleset
    tiers = [(f"tier:{one.key}", t.text(one.title, one.key)) for one in ruleset.tiers]
    groups = [(f"group:{one.key}", t.text(one.title, one.key)) for one in ruleset.tag_groups]
    stages = [("stage", t("reports.stages"))] if ruleset.lifecycle else []
    what = {
        "tiers": tiers,
        "tags": [("", t("reports.all_tags")), *groups],
        "transitions": [*stages, *tiers, *groups],
    }
    apart = [("", t("reports.not_apart")), *((key.partition(":")[2], title) for key, title in (*groups, *tiers))]
    reachable = things(program, t) if kind == "retention" else []
    return {
        "what": what.get(kind, []),
        "by": apart if kind in APART and len(apart) > 1 else [],
        "entered": reachable,
        "reached": reachable,
    }


def _rulesets(visit: Visit, t: Speaker) -> list[tuple[str, str]]:
    programs = visit.service.programs
    keys = [row.key for row in visit.service.store.read(lambda reads: reads.rulesets())]
    return [(key, t.text(programs.latest(key).program.ruleset.title, key)) for key in keys]


def _busiest(visit: Visit, rulesets: Options) -> str:
    """The ruleset with the most profiles; so that the first look shows something."""
    return max((key for key, _ in rulesets), key=lambda key: read_counts(visit.service, key).profiles, default="")


def _one_of(text: str, options: Options, name: str = "ruleset") -> str:
    keys = [key for key, _ in options]
    if text in keys or name == "ruleset":
        return text if text in keys else ""
    if name == "reached" and len(keys) > 1:
        return keys[1]
    return keys[0] if keys else ""


def _within(text: str) -> str:
    is_days = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_WITHIN))
    return text if is_days and 0 < int(text) <= MOST_WITHIN else str(WITHIN)


def _step(begin: int | None, end: int | None, now: int) -> str:
    day_milliseconds = 86_400_000
    days = ((end or now) - (begin or 0)) // day_milliseconds
    return "day" if days <= MOST_DAILY else "week" if days <= MOST_WEEKLY else "month"
