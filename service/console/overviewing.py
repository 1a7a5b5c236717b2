"""The first page: how the profiles stand, what moved, what waits for somebody, and whether all is well."""

from collections import Counter
from typing import Any

from service.audit.rows import DailyRow
from service.console.page import Reaction, Shown, Visit
from service.console.pictures.charts import line_chart
from service.console.texts import Speaker, speaker
from service.language.instants import write_instant
from service.operations.deliver import read_lag
from service.operations.readiness import read_readiness
from service.operations.service import Service
from service.operations.sweep import read_due
from service.operations.tally import DAY, read_counts, read_days

DAYS = 14


def show_overview(visit: Visit) -> Reaction:
    """Every ruleset at a glance."""
    service, t = visit.service, speaker(visit.language)
    drafts = {row.ruleset: row for row in service.store.read(lambda reads: reads.governance.drafts())}
    keys = [row.key for row in service.store.read(lambda reads: reads.rulesets())]
    rulesets = [_ruleset(service, key, t) for key in keys]
    waiting = [row for row in drafts.values() if row.state in {"submitted", "approved"}]
    values = {
        "rulesets": rulesets,
        "waiting": waiting,
        "health": _health(service),
        "is_new": not any(one["profiles"] for one in rulesets),
        "drafts": drafts,
    }
    return Shown("overview.html", values)


def _ruleset(service: Service, key: str, t: Speaker) -> dict[str, Any]:
    published = service.programs.latest(key)
    ruleset, counts = published.program.ruleset, read_counts(service, key)
    days = read_days(service, key, DAYS)
    stages = ruleset.lifecycle.stages if ruleset.lifecycle else ()
    of_stage = counts.of("stage", "lifecycle")
    tiers = [
        {
            "title": t.text(tier.title, tier.key),
            "bands": [
                (t.text(band.title, band.key), counts.of("tier", tier.key).get(band.key, 0)) for band in tier.bands
            ],
        }
        for tier in ruleset.tiers
    ]
    return {
        "key": key,
        "title": t.text(ruleset.title, key),
        "version": published.version,
        "profiles": counts.profiles,
        "counted_at": counts.at and write_instant(counts.at),
        "stages": [(one.key, t.text(one.title, one.key), of_stage.get(one.key, 0)) for one in stages],
        "tiers": tiers,
        "causes": _causes(days),
        "moves": sum(row.changes for row in days),
        "chart": _chart(days, service.clock() // DAY, t) if days else None,
    }


def _causes(days: list[DailyRow]) -> list[tuple[str, int]]:
    """How many changes each cause brought, the most first."""
    counts: Counter[str] = Counter()
    for row in days:
        counts[row.cause] += row.changes
    return counts.most_common()


def _chart(days: list[DailyRow], today: int, t: Speaker) -> object:
    causes = [cause for cause, _ in _causes(days)]
    at = Counter[tuple[str, int]]()
    for row in days:
        at[row.cause, row.day] += row.changes
    span = range(today - DAYS + 1, today + 1)
    labels = [write_instant(day * DAY)[5:10] for day in span]
    series = [(t("cause." + cause), [float(at[cause, day]) for day in span]) for cause in causes]
    return line_chart(t("overview.moves_chart", days=DAYS), labels, series)


def _health(service: Service) -> list[tuple[str, bool, str]]:
    """What must be well: its name in the sentences, whether it is, and a figure."""
    checks = read_readiness(service)
    due, late = read_due(service), read_lag(service)
    seconds = 1000
    found = [("sweep", due.late_milliseconds < 5 * 60 * seconds, f"{due.profiles:,}")]
    found.append(("delivery", late < 5 * 60 * seconds, f"{late // seconds:,} s"))
    return [*((name, is_well, "") for name, is_well in checks.items()), *found]
