"""The first page: how the profiles stand, what moved, what waits for somebody, and whether all is well."""

from collections import Counter
from typing import Any

from service.audit.rows import DailyRow
from service.console.page import Reaction, Shown, Visit
from service.console.pictures.charts import column_chart, share_strip
from service.console.reviewing.heads import names_of
from service.console.texts import Speaker, speaker
from service.language.instants import write_instant
from service.operations.auditing.seal import read_waiting
from service.operations.deliver import read_lag
from service.operations.readiness import read_readiness
from service.operations.service import Service
from service.operations.sweep import read_due
from service.operations.tally import DAY, read_counts, read_days

DAYS = 14
SECOND = 1_000
LATE = 5 * 60 * SECOND
"""How late what time brings, or a delivery, may be."""
MANY_UNSEALED = 100_000
"""How many entries may wait to be sealed: more than come in a minute of heavy traffic."""


def show_overview(visit: Visit) -> Reaction:
    """Every ruleset at a glance."""
    service, t = visit.service, speaker(visit.language)
    drafts = {row.ruleset: row for row in service.store.read(lambda reads: reads.governance.drafts())}
    keys = [row.key for row in service.store.read(lambda reads: reads.rulesets())]
    rulesets = [_ruleset(service, key, t) for key in keys]
    titles = {one["key"]: one["title"] for one in rulesets}
    names = names_of(visit, [row.author for row in drafts.values()])
    waiting = [
        (row, titles.get(row.ruleset, row.ruleset), names[row.author])
        for row in drafts.values()
        if row.state in {"submitted", "approved", "rejected"}
    ]
    values = {
        "rulesets": rulesets,
        "waiting": waiting,
        "health": _health(service),
        "is_new": not any(one["profiles"] for one in rulesets),
        "has_people": bool(service.store.read(lambda reads: reads.people.users("", 1))),
        "drafts": drafts,
        "days": DAYS,
    }
    return Shown("overview.html", values)


def _ruleset(service: Service, key: str, t: Speaker) -> dict[str, Any]:
    published = service.programs.latest(key)
    ruleset, counts = published.program.ruleset, read_counts(service, key)
    days = read_days(service, key, DAYS)
    parts = []
    if ruleset.lifecycle:
        stages = [(one.key, t.text(one.title, one.key)) for one in ruleset.lifecycle.stages]
        parts.append(_part(t("ruleset.lifecycle"), stages, counts.of("stage", "lifecycle")))
    for tier in ruleset.tiers:
        bands = [(band.key, t.text(band.title, band.key)) for band in tier.bands]
        parts.append(_part(t.text(tier.title, tier.key), bands, counts.of("tier", tier.key)))
    return {
        "key": key,
        "title": t.text(ruleset.title, key),
        "version": published.version,
        "profiles": counts.profiles,
        "counted_at": counts.at and write_instant(counts.at),
        "parts": [one for one in parts if one],
        "causes": _causes(days),
        "moves": sum(row.changes for row in days),
        "chart": _chart(days, service.clock() // DAY, t) if days else None,
    }


def _part(title: str, names: list[tuple[str, str]], held: dict[str, int]) -> dict[str, Any] | None:
    """How the profiles are spread over stages or bands, as a bar and in numbers."""
    shares = [(name, held.get(key, 0)) for key, name in names]
    if not any(count for _, count in shares):
        return None
    return {"title": title, "strip": share_strip(title, shares), "shares": shares}


def _causes(days: list[DailyRow]) -> list[tuple[str, int]]:
    """How many changes each cause brought, the most first."""
    counts: Counter[str] = Counter()
    for row in days:
        counts[row.cause] += row.changes
    return counts.most_common()


def _chart(days: list[DailyRow], today: int, t: Speaker) -> object:
    at = Counter[tuple[str, int]]()
    for row in days:
        at[row.cause, row.day] += row.changes
    span = range(today - DAYS + 1, today + 1)
    labels = [write_instant(day * DAY)[5:10] for day in span]
    series = [(t("cause." + cause), [at[cause, day] for day in span]) for cause, _ in _causes(days)]
    return column_chart(t("overview.moves_chart", days=DAYS), labels, series)


def _health(service: Service) -> list[tuple[str, bool, str]]:
    """What must be well: its name in the sentences, whether it is, and a figure."""
    checks = read_readiness(service)
    due, late, waiting = read_due(service), read_lag(service), read_waiting(service)
    return [
        *((name, is_well, "") for name, is_well in checks.items()),
        ("sweep", due.late_milliseconds < LATE, f"{due.profiles:,}"),
        ("delivery", late < LATE, f"{late // SECOND:,} s"),
        ("sealing", waiting < MANY_UNSEALED, f"{waiting:,}"),
    ]
