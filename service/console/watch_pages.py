"""A draft that watches live traffic: starting it, what it found, and ending it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.reviewing.heads import head_of, names_of, published_or_none
from service.console.reviewing.impact import percent
from service.console.reviewing.looking import look_at
from service.console.texts import Speaker, speaker
from service.engine.wording import Titles, titles_of
from service.errors import NotFound, RulesetRejected
from service.language.program import Program
from service.operations.authoring.shadow import MOST_DAYS, end_shadow, read_shadow, start_shadow
from service.operations.replies import json_text

SHARES = ("1", "0.1", "0.01")
MOST_SAMPLES = 20
LONGEST_NUMBER = 3


def show_watch(visit: Visit) -> Reaction:
    """What the draft that watches has found."""
    return _watch(visit)


def act_watch(visit: Visit) -> Reaction:
    """Begin to watch, or end it."""
    service, key, form, t = visit.service, visit.path["key"], visit.form, speaker(visit.language)
    if form.get("do") == "end":
        end_shadow(service, key, visit.caller)
        return Moved(_here(visit), "watch.ended")
    if form.get("do") != "start":
        return Moved(_here(visit))
    share, days = form.get("share", ""), form.get("days", "")
    is_whole = days.isascii() and days.isdecimal() and len(days) <= LONGEST_NUMBER
    if share not in SHARES or not is_whole or not 1 <= int(days) <= MOST_DAYS:
        return _watch(visit, t("watch.days_needed", most=MOST_DAYS), 422)
    try:
        start_shadow(service, key, {"share": Decimal(share), "days": int(days)}, visit.caller)
    except RulesetRejected:
        return _watch(visit, t("trouble.draft-errors"), 409)
    return Moved(_here(visit), "watch.started")


def _watch(visit: Visit, trouble: str = "", status: int = 200) -> Shown:
    key, t = visit.path["key"], speaker(visit.language)
    head = head_of(visit, key)
    try:
        found = orjson.loads(json_text(read_shadow(visit.service, key)))  # Why: samples are texts within it
    except NotFound:
        found = None
    values = {
        **head,
        "found": found and _told(visit, found, head["draft"], t),
        "people": names_of(visit, [found["started_by"]] if found else []),
        "shares": [(one, percent(float(one))) for one in SHARES],
        "most_days": MOST_DAYS,
        "may": "publisher" in visit.caller.roles or "editor" in visit.caller.roles,
        "trouble": trouble,
    }
    return Shown("watch.html", values, status)


def _told(visit: Visit, found: Mapping[str, Any], draft: Any, t: Speaker) -> dict[str, Any]:
    """What was found, in the words of the version in force."""
    published = published_or_none(visit, visit.path["key"])
    drafted = look_at(draft.document).program if draft is not None else None
    names = [titles_of(one) for one in (drafted, published and published.program) if isinstance(one, Program)]
    return {
        **found,
        "percent": percent(found["moved"] / found["compared"]) if found["compared"] else "0",
        "share_percent": percent(found["share"]),
        "is_this": draft is not None and draft.digest == found["digest"],
        "rows": [_row(names, one, t) for one in found["differences"]],
        "seen": [
            (one["profile_id"], one["at"], _sides(names, one["live"], t), _sides(names, one["draft"], t))
            for one in found["samples"][:MOST_SAMPLES]
        ],
    }


def _row(names: list[Titles], one: Mapping[str, Any], t: Speaker) -> tuple[str, str, str, int]:
    """One difference: of what, by the version in force, by the draft, how often."""
    kind, key = one["kind"], one["key"]
    what = t("watch.stage") if kind == "stage" else _title(names, kind, key, t)
    inside = {"stage": "stage", "tier": f"band of {key}"}.get(kind)
    sides = [_side(names, inside, one[side], t) for side in ("from", "to")]
    return what, sides[0], sides[1], one["times"]


def _side(names: list[Titles], kind: str | None, value: str | None, t: Speaker) -> str:
    if value is None:
        return t("impact.nothing")
    if kind is None:
        return t.or_key(f"watch.{value}", value)
    return _title(names, kind, value, t)


def _title(names: list[Titles], kind: str, key: str, t: Speaker) -> str:
    known = next((one for one in names if one.has(kind, key)), names[0] if names else None)
    return known.of(kind, key)[t.language].strip("`") if known else key


def _sides(names: list[Titles], found: Mapping[str, Any], t: Speaker) -> str:
    """What one side decided, shortly: stage, bands, tags."""
    parts = [_title(names, "stage", found["stage"], t)] if found["stage"] else []
    parts += [_title(names, f"band of {tier}", band, t) for tier, band in found["tiers"].items() if band]
    parts += [_title(names, "tag", tag, t) for tag in found["tags"]]
    return ", ".join(parts) or t("impact.nothing")


def _here(visit: Visit) -> str:
    return f"/console/rulesets/{visit.path['key']}/watch"
