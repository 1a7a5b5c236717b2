"""What a simulation found, for a page: the share that moves, flows as pictures and tables, and named profiles. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from service.console.pictures.charts import flow_picture, share_bar
from service.console.reviewing.looking import marked
from service.console.texts import Speaker
from service.engine.wording import titles_of
from service.language.program import Program

NOBODY = ""
"""Stands for no stage and no band in a picture."""
PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Who comes from where to where: a picture, and its rows (from, to, profiles), moves first."""

    title: str
    picture: Markup
    moves: tuple[tuple[str, str, int], ...]
    stays: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactView:
    """A simulation's result. Shares are percents as they are shown; `limit` is `None` where the ruleset has none."""

    moved: int
    simulated: int
    of: int
    failed: int
    share: str
    low: str
    high: str
    limit: str | None
    is_above: bool
    is_sample: bool
    at: str
    bar: Markup
    flows: tuple[Flow, ...]
    tags: tuple[tuple[str, str, int, int, int], ...]
    actions: tuple[tuple[str, int, int], ...]
    values: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int, int], ...]
    examples: tuple[dict[str, Any], ...]
    failures: tuple[dict[str, Any], ...]


def view_impact(found: Mapping[str, Any], draft: Program, active: Program, t: Speaker) -> ImpactView:
    """A simulation's result as the page shows it."""
    limit, moved = draft.ruleset.max_moved_share, found["moved"]
    is_above = limit is not None and Decimal(str(moved["high"])) > Decimal(str(limit))
    names = _Names(draft, active, t)
    stages = [_flow(t("impact.stages"), "stage", found["stages"], names, t)] if found["stages"] else []
    tiers = [_flow(one["title"][t.language], f"band of {one['key']}", one["flow"], names, t) for one in found["tiers"]]
    share = moved["share"] or 0
    return ImpactView(
        moved=moved["profiles"],
        simulated=found["simulated"],
        of=found["of"],
        failed=found["failed"],
        share=percent(share),
        low=percent(moved["low"]),
        high=percent(moved["high"]),
        limit=None if limit is None else percent(float(str(limit))),
        is_above=is_above,
        is_sample=found["sample"] is not None,
        at=found["at"],
        bar=share_bar(t("impact.bar", share=percent(share)), share, None if limit is None else float(str(limit))),
        flows=tuple(one for one in (*stages, *tiers) if one.moves),
        tags=tuple(
            (one["title"][t.language], one["key"], one["gained"], one["lost"], one["kept"])
            for one in found["tags"]
            if one["gained"] or one["lost"]
        ),
        actions=tuple(
            (one["title"][t.language], one["before"], one["after"])
            for one in found["actions"]
            if one["before"] != one["after"]
        ),
        values=tuple((one["title"][t.language], one["changed"]) for one in found["values"] if one["changed"]),
        unknown=tuple(
            (names.of(one["kind"], one["key"]), one["before"], one["after"])
            for one in found["undetermined"]
            if one["before"] != one["after"]
        ),
        examples=tuple(_example(one, t.language) for one in found["examples"]),
        failures=tuple(found["failures"][:10]),
    )


def percent(share: float) -> str:
    """A share (0-1) as a percentage with at most one decimal: `2.5`, `10`; what is less than that is not nothing."""
    text = f"{share * PERCENT:.1f}".removesuffix(".0")
    return "<0.1" if text == "0" and share > 0 else text


class _Names:
    """Titles by kind and key: the draft's, or those of the version in force for what the draft does not have."""

    def __init__(self, draft: Program, active: Program, t: Speaker) -> None:
        self._titles = titles_of(draft), titles_of(active)
        self._t = t

    def of(self, kind: str, key: str | None) -> str:
        """What something is called."""
        if key is None:
            return self._t("impact.nothing")
        ours, theirs = self._titles
        return (ours if ours.has(kind, key) else theirs).of(kind, key)[self._t.language].strip("`")

    def ordered(self, kind: str, keys: AbstractSet[str]) -> list[str]:
        """Keys as the rulesets arrange them; nothing comes first."""
        known = [key for titles in self._titles for its_kind, key in titles.titles if its_kind == kind]
        return [key for key in dict.fromkeys([NOBODY, *known, *sorted(keys)]) if key in keys]


def _flow(title: str, kind: str, rows: Sequence[Mapping[str, Any]], names: _Names, t: Speaker) -> Flow:
    counts: Counter[tuple[str, str]] = Counter()
    for row in rows:
        counts[row["from"] or NOBODY, row["to"] or NOBODY] += row["profiles"]
    before = [(key, names.of(kind, key or None)) for key in names.ordered(kind, {source for source, _ in counts})]
    after = [(key, names.of(kind, key or None)) for key in names.ordered(kind, {target for _, target in counts})]
    moves = [(names.of(kind, row["from"]), names.of(kind, row["to"]), row["profiles"]) for row in rows if _moves(row)]
    stays = sum(row["profiles"] for row in rows if not _moves(row))
    picture = flow_picture(t("impact.flow", title=title), counts, before, after)
    return Flow(title=title, picture=picture, moves=tuple(moves), stays=stays)


def _moves(row: Mapping[str, Any]) -> bool:
    return bool(row["from"] != row["to"])


def _example(one: Mapping[str, Any], language: str) -> dict[str, Any]:
    sides = {
        side: marked(one[side]["sentence"][language]) if one[side] is not None else None for side in ("before", "after")
    }
    return {"profile_id": one["profile_id"], "sentence": marked(one["sentence"][language]), **sides}
