"""The list of rulesets, and what one does: in plain words and pictures, with the numbers of today."""

from collections import Counter
from typing import Any

from service.audit.rows import DailyRow
from service.console.page import Reaction, Shown, Visit
from service.console.pictures.charts import band_line
from service.console.pictures.lifecycle import Way, lifecycle_picture
from service.console.texts import Speaker, speaker
from service.engine.describe import Description, describe
from service.language.instants import write_instant
from service.language.model import Ruleset, Tier
from service.operations.programs import Published
from service.operations.tally import Counts, read_counts, read_days

FLOW_DAYS = 30
SCORES_END = 100.0


def show_rulesets(visit: Visit) -> Reaction:
    """Every ruleset, with its version and its draft."""
    service, t = visit.service, speaker(visit.language)
    keys = [row.key for row in service.store.read(lambda reads: reads.rulesets())]
    drafts = {row.ruleset: row for row in service.store.read(lambda reads: reads.governance.drafts())}
    retired = set(service.programs.retired())
    rulesets = []
    for key in keys:
        published = service.programs.latest(key)
        ruleset = published.program.ruleset
        rulesets.append(
            {
                "key": key,
                "title": t.text(ruleset.title, key),
                "description": t.text(ruleset.description),
                "version": published.version,
                "profiles": read_counts(service, key).profiles,
                "tags": len(ruleset.tags),
                "stages": len(ruleset.lifecycle.stages) if ruleset.lifecycle else 0,
                "draft": drafts.get(key),
                "is_retired": key in retired,
            }
        )
    new = [row for key, row in drafts.items() if key not in keys]
    return Shown("rulesets.html", {"rulesets": rulesets, "new": new})


def show_ruleset(visit: Visit) -> Reaction:
    """What one ruleset does."""
    service, key, t = visit.service, visit.path["key"], speaker(visit.language)
    published = service.programs.latest(key)
    counts, days = read_counts(service, key), read_days(service, key, FLOW_DAYS)
    program = published.program
    ruleset, said = program.ruleset, describe(program)
    values = {
        **heading(visit, published),
        "counted_at": counts.at and write_instant(counts.at),
        "profiles": counts.profiles,
        "lifecycle": _lifecycle(ruleset, said, counts, days, t),
        "tiers": [_tier(tier, said, counts, t) for tier in ruleset.tiers],
        "scores": [_score(published, score.key, t) for score in ruleset.scores],
        "groups": _groups(ruleset, said, counts, t),
        "actions": [(t.text(one.title, one.key), one.key, said.action(one)[t.language]) for one in ruleset.actions],
        "attributes": ruleset.attributes,
        "flow_days": FLOW_DAYS,
    }
    return Shown("ruleset.html", values)


def heading(visit: Visit, published: Published) -> dict[str, Any]:
    """What the head of every page about a ruleset shows."""
    t = speaker(visit.language)
    ruleset = published.program.ruleset
    draft = visit.service.store.read(lambda reads: reads.governance.draft(published.key))
    return {
        "key": published.key,
        "title": t.text(ruleset.title, published.key),
        "description": t.text(ruleset.description),
        "version": published.version,
        "timezone": ruleset.timezone,
        "draft": draft,
        "is_retired": published.key in visit.service.programs.retired(),
    }


def _lifecycle(
    ruleset: Ruleset, said: Description, counts: Counts, days: list[DailyRow], t: Speaker
) -> dict[str, Any] | None:
    lifecycle = ruleset.lifecycle
    if lifecycle is None:
        return None
    flows: Counter[tuple[str, str]] = Counter()
    for row in days:
        if row.kind == "stage" and row.source:
            flows[row.source, row.target] += row.changes
    stages = [(one.key, t.text(one.title, one.key)) for one in lifecycle.stages]
    ways, told = [], []
    for transition in lifecycle.transitions:
        words = said.transition(transition)[t.language]
        told.append((t.text(transition.title, transition.key), transition.movement, words))
        sources = (
            [key for key, _ in stages if key != transition.target] if "*" in transition.sources else transition.sources
        )
        ways += [
            Way(source, transition.target, transition.movement, words, flows[source, transition.target])
            for source in sources
        ]
    held = counts.of("stage", "lifecycle") if counts.at is not None else {}
    shown = {key: held.get(key, 0) for key, _ in stages} if counts.at is not None else {}
    goals = [
        (title, shown.get(key, 0), t.text(stage.goal))
        for (key, title), stage in zip(stages, lifecycle.stages, strict=True)
    ]
    picture = lifecycle_picture(t("ruleset.lifecycle"), stages, lifecycle.initial, _one_way_each(ways), shown)
    return {"picture": picture, "stages": goals, "transitions": told}


def _one_way_each(ways: list[Way]) -> list[Way]:
    """Why: several transitions between two stages share one flow, which must not be counted twice."""
    found: dict[tuple[str, str], Way] = {}
    for way in ways:
        before = found.get((way.source, way.target))
        found[way.source, way.target] = way if before is None else before._replace(title=f"{before.title}\n{way.title}")
    return list(found.values())


def _tier(tier: Tier, said: Description, counts: Counts, t: Speaker) -> dict[str, Any]:
    of_band = counts.of("tier", tier.key)
    bands = [
        (title[t.language], words[t.language], of_band.get(band.key, 0))
        for band, (title, words) in zip(tier.bands, said.bands(tier), strict=True)
    ]
    starts = [None if band.start is None else float(str(band.start)) for band in tier.bands]
    known = [start for start in starts if start is not None]
    is_score = tier.input.startswith("score.") or not known
    low = min(0.0, *known) if known else 0.0
    high = SCORES_END if is_score and max(known, default=0) < SCORES_END else max(known) + (max(known) - low) * 0.25 + 1
    line = band_line(
        t.text(tier.title, tier.key),
        [(title, start) for (title, _, _), start in zip(bands, starts, strict=True)],
        low,
        high,
    )
    return {"title": t.text(tier.title, tier.key), "input": tier.input, "bands": bands, "line": line}


def _score(published: Published, key: str, t: Speaker) -> dict[str, Any]:
    score = next(one for one in published.program.ruleset.scores if one.key == key)
    total = sum(float(str(one.weight)) for one in score.components)
    parts = [
        (t.text(one.title, one.key), round(100 * float(str(one.weight)) / total, 1), one.value or one.input or "")
        for one in score.components
    ]
    return {"title": t.text(score.title, key), "parts": parts, "missing": score.missing}


def _groups(ruleset: Ruleset, said: Description, counts: Counts, t: Speaker) -> list[dict[str, Any]]:
    held = {key: count for (kind, key, _), count in counts.held.items() if kind == "tag"}
    named = {one.key: one for one in ruleset.tag_groups}
    found: dict[str | None, list[dict[str, Any]]] = {key: [] for key in named}
    for tag in ruleset.tags:
        found.setdefault(tag.group, []).append(
            {
                "key": tag.key,
                "title": t.text(tag.title, tag.key),
                "said": said.tag(tag)[t.language],
                "purpose": t.text(tag.purpose),
                "owner": tag.owner,
                "count": held.get(tag.key, 0),
            }
        )
    return [
        {
            "title": t.text(named[key].title, key) if key in named else t("ruleset.no_group"),
            "is_exclusive": key in named and named[key].exclusive,
            "tags": tags,
        }
        for key, tags in found.items()
        if tags
    ]
