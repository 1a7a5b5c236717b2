"""Subscriptions: who is sent changes, what became of the deliveries, and sending again."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from service.console.page import Moved, Reaction, Shown, Visit
from service.console.texts import speaker
from service.errors import InvalidRequest
from service.operations.subscriptions import (
    STATES,
    Page,
    change_subscription,
    create_subscription,
    end_subscription,
    list_deliveries,
    list_subscriptions,
    read_subscription,
    replay_subscription,
    retry_dead,
    rotate_secret,
)
from service.operations.wanted import KINDS, OUTCOMES

HERE = "/console/subscriptions"
ON_A_PAGE = 50
LAST = 1 << 62
CHOICES = ("rulesets", "kinds", "outcomes")


def show_subscriptions(visit: Visit) -> Reaction:
    """Everybody who is sent changes."""
    return _subscriptions(visit)


def act_subscriptions(visit: Visit) -> Reaction:
    """Make a subscription; the page that follows is the only one that shows its secret."""
    form = visit.form
    body = {"url": form.get("url", "").strip(), "description": form.get("description"), "filters": _filters(visit)}
    try:
        made = create_subscription(visit.service, body, visit.caller)
    except InvalidRequest as refused:
        return _subscriptions(visit, wrong=_by_field(refused))
    return _one(visit, made["id"], secret=made["secret"])


def show_subscription(visit: Visit) -> Reaction:
    """One subscription and its deliveries."""
    return _one(visit, visit.path["subscription_id"])


def act_subscription(visit: Visit) -> Reaction:
    """Pause, go on, rotate the secret, send again, or end."""
    service, caller, form, which = visit.service, visit.caller, visit.form, visit.path["subscription_id"]
    here, todo = f"{HERE}/{which}", form.get("do")
    if todo in {"pause", "resume"}:
        state = "paused" if todo == "pause" else "active"
        change_subscription(service, which, {"state": state}, caller)
        return Moved(here, f"subscription.done.{todo}")
    if todo == "rotate":
        return _one(visit, which, secret=rotate_secret(service, which, caller)["secret"])
    if todo == "retry":
        return Moved(here, "subscription.done.retry", {"count": retry_dead(service, which, {}, caller)})
    if todo == "end":
        end_subscription(service, which, caller)
        return Moved(HERE, "subscription.done.end")
    try:
        replay_subscription(service, which, {"from": form.get("from", "").strip()}, caller)
    except InvalidRequest as refused:
        return _one(visit, which, wrong=_by_field(refused))
    return Moved(here, "subscription.done.replay")


def _subscriptions(visit: Visit, wrong: Mapping[str, str] | None = None) -> Shown:
    titles = _titles(visit)
    values = {
        "subscriptions": [{**one, "which": _which(visit, one, titles)} for one in list_subscriptions(visit.service)],
        "titles": titles,
        "chosen": {name: visit.lists(name) if wrong else [] for name in CHOICES},
        "kinds": KINDS,
        "outcomes": OUTCOMES,
        "wrong": wrong or {},
        "form": visit.form,
    }
    return Shown("subscriptions.html", values, 422 if wrong else 200)


def _one(visit: Visit, which: str, secret: str | None = None, wrong: Mapping[str, str] | None = None) -> Shown:
    state = visit.query.get("state") if visit.query.get("state") in STATES else None
    cursor = visit.query.get("cursor", "")
    below = int(cursor) if cursor.isdecimal() and len(cursor) < len(str(LAST)) else LAST
    deliveries, following = list_deliveries(visit.service, which, Page(state, below, ON_A_PAGE))
    after = {"cursor": following} | ({"state": state} if state else {})
    one = read_subscription(visit.service, which)
    values: dict[str, Any] = {
        "one": {**one, "which": _which(visit, one, _titles(visit))},
        "deliveries": deliveries,
        "next": "?" + urlencode(after) if following else None,
        "state": state,
        "states": STATES,
        "secret": secret,
        "wrong": wrong or {},
        "form": visit.form,
    }
    return Shown("subscription.html", values, 422 if wrong else 200)


def _filters(visit: Visit) -> dict[str, Sequence[str]]:
    found = {name: list(visit.lists(name)) for name in CHOICES}
    found["keys"] = [key for key in visit.form.get("keys", "").replace(",", " ").split() if key]
    return {name: chosen for name, chosen in found.items() if chosen}


def _titles(visit: Visit) -> dict[str, str]:
    t, programs = speaker(visit.language), visit.service.programs
    keys = [row.key for row in visit.service.store.read(lambda reads: reads.rulesets())]
    return {key: t.text(programs.latest(key).program.ruleset.title, key) for key in keys}


def _which(visit: Visit, one: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Which changes a subscription is sent, in words: what is chosen, and from what."""
    t = speaker(visit.language)
    words = {**titles, **{key: t("kind." + key) for key in KINDS}, **{key: t("outcome." + key) for key in OUTCOMES}}
    return [
        (t("subscription." + name), ", ".join(key if name == "keys" else words.get(key, key) for key in chosen))
        for name, chosen in one["filters"].items()
    ]


def _by_field(refused: InvalidRequest) -> dict[str, str]:
    return {one.pointer.split("/")[1]: one.message for one in refused.errors if "/" in one.pointer}
