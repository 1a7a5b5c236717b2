"""Decisions and their explanations -> what pages show of them, in a visitor's words."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from service.console.naming import HELD, Names, number, rounded
from service.engine.decision import CHANGES

Told = Mapping[str, Any]
GROUPS = ("changed", "open", "held", "not")
"""What came about; what waits or could not be decided; what stays; what is not so."""
STANDING = frozenset({"waiting", "undetermined", "conflict", "suppressed", "blocked"})


def group_of(kind: str, outcome: str) -> str:
    """To which of the `GROUPS` a decision belongs."""
    if outcome in CHANGES:
        return "changed"
    if outcome in STANDING:
        return "open"
    return "not" if kind == "tag" and outcome == "absent" else "held"


def explained(
    names: Names, decisions: Iterable[Told], focus: tuple[str, str] | None = None
) -> list[tuple[str, list[Told]]]:
    """Explained decisions in their groups; groups without any are left out. `focus` (kind, key) was asked for."""
    found: dict[str, list[Told]] = {name: [] for name in GROUPS}
    for one in decisions:
        found[group_of(one["kind"], one["outcome"])].append(
            {**_explained(names, one), "is_focus": (one["kind"], one["key"]) == focus}
        )
    return [(name, those) for name, those in found.items() if those]


def _explained(names: Names, one: Told) -> Told:
    return {
        **one,
        "title": names.thing(one["kind"], one["key"]),
        "source": names.value(one["kind"], one["key"], one["from"]),
        "target": names.value(one["kind"], one["key"], one["to"]),
        "rule_title": names.rule(one["rule"]),
        "ladder": _ladder(names, one["key"], one["ladder"]) if one.get("ladder") else [],
        "nearest": one.get("nearest") or [],
        "conditions": [tree for tree in one["conditions"] if tree.get("parts")],
    }


def _ladder(names: Names, tier: str, ladder: Told) -> list[str]:
    """How far the bands above and below are, and the moves that wait."""
    t, found = names.t, []
    if ladder["input"] is not None:
        found.append(t("decision.input", value=number(ladder["input"])))
    for way in ("up", "down"):
        step = ladder[way]
        if step is not None and step["distance"] is not None:
            band = names.of(f"band of {tier}", step["band"])
            blanks = {"band": band, "threshold": number(step["threshold"]), "distance": number(step["distance"])}
            found.append(t("decision." + way, **blanks))
    for wait in ladder["waits"]:
        band = names.of(f"band of {tier}", wait["to"])
        found.append(t("decision.wait", band=band, due=names.instant(wait["due_at"])))
    return found


def scores_of(names: Names, scores: Iterable[Told]) -> list[Told]:
    """Explained scores: each with its parts as (title, observed, points, share in percent, adds)."""
    return [
        {
            "title": names.of("score", one["key"]),
            "key": one["key"],
            "value": None if one["value"] is None else number(one["value"]),
            "coverage": one["coverage"] and round(float(one["coverage"]) * 100),
            "sentence": one["sentence"],
            "parts": [_part(names, part) for part in one["components"]],
        }
        for one in scores
    ]


def _part(names: Names, part: Told) -> Told:
    share = part["share"]
    observed = part["observed"]
    return {
        "title": part["title"],
        "observed": rounded(observed)
        if isinstance(observed, Decimal)
        else names.output(observed)
        if observed is not None
        else "",
        "points": "" if part["points"] is None else rounded(part["points"]),
        "share": "" if share is None else f"{float(share) * 100:.0f} %",
        "adds": "" if part["adds"] is None else rounded(part["adds"]),
        "missing": names.missing(part["missing"]),
    }


def changed(names: Names, row: Told, sentence: str | None = None) -> Told:
    """One row of a list of changes: what it is about, from what to what, why, and by which rule."""
    kind, key = row["kind"], row["key"]
    return {
        **row,
        "title": names.thing(kind, key),
        "source": names.value(kind, key, row["from"]),
        "target": names.value(kind, key, row["to"]),
        "group": group_of(kind, row["outcome"]),
        "rule_title": names.rule(row["rule"]),
        "at_text": names.instant(row["at"]),
        "sentence": sentence,
    }


def standing(names: Names, one: Told) -> Told:
    """How a profile stands: `stage`, `tags`, `tiers`, `scores`, `values` and what comes next, as in a reply."""
    ruleset = names.program.ruleset
    following = one["next_change"]
    return {
        "stage": one["stage"] and names.of("stage", one["stage"]),
        "tags": [(names.of("tag", key), key) for key in one["tags"]],
        "tiers": [
            (names.of("tier", key), names.of(f"band of {key}", band) if band else names.t("answer.unknown"))
            for key, band in one["tiers"].items()
        ],
        "scores": [
            (names.of("score", key), None if found["value"] is None else number(found["value"]))
            for key, found in one["scores"].items()
        ],
        "values": [
            (names.of("value", value.key), names.output(one["values"][value.key]))
            for value in ruleset.values
            if value.output and value.key in one["values"]
        ],
        "undetermined": names.undetermined(one["undetermined"]),
        "next": following and upcoming(names, following),
    }


def upcoming(names: Names, following: Told) -> Told:
    """What happens next if no data comes, and when."""
    return {"at": names.instant(following["at"]), "changes": [coming(names, one) for one in following["decisions"]]}


def coming(names: Names, one: Told) -> str:
    """One decision in a few words: `Stage: Active → At risk`."""
    kind, key = one["kind"], one["key"]
    title, outcome = names.thing(kind, key), one["outcome"]
    if outcome in CHANGES:
        blanks = {"title": title, "source": names.value(kind, key, one["from"])}
        return names.t("decision.change", **blanks, target=names.value(kind, key, one["to"]))
    if outcome == "waiting" and one.get("due_at"):
        blanks = {"target": names.value(kind, key, one["to"] or HELD), "due": names.instant(one["due_at"])}
        return names.t("decision.counting", title=title, **blanks)
    return names.t("decision.otherwise", title=title, outcome=names.t(f"outcome.{outcome}"))


def facts_of(names: Names, document: Mapping[str, Any], defaulted: Sequence[str] = ()) -> list[Told]:
    """The facts by their titles, in the order of the ruleset; those that it does not declare any more come last."""
    attributes = {one.key: one for one in names.program.ruleset.attributes}
    known = [
        {
            "key": key,
            "title": names.of("attribute", key),
            "value": names.posted(one, document.get(key, one.default)),
            "is_personal": one.personal,
            "is_default": key in defaulted or key not in document,
        }
        for key, one in attributes.items()
        if key in document or one.default is not None
    ]
    rest = [
        {"key": key, "title": key, "value": names.output(value), "is_personal": False, "is_default": False}
        for key, value in document.items()
        if key not in attributes
    ]
    return [*known, *rest]
