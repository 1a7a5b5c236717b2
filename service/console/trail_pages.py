"""Who did what, and who looked at the log: audit events in plain words, with what was before and after."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any, NamedTuple
from urllib.parse import urlencode

from service.audit.find_rows import EVER, Sought
from service.console.days import read_period
from service.console.page import Reaction, Shown, Visit
from service.console.texts import Speaker, speaker
from service.console.words import WORDS
from service.errors import InvalidRequest
from service.language.instants import write_instant
from service.operations.auditing.trail import list_audit_events
from service.operations.service import Service

ON_A_PAGE = 50
ACTIONS = tuple(name.removeprefix("action.") for name in WORDS if name.startswith("action."))
"""Everything that can be done, as the log names it."""
LOOKING = (
    "log.exported",
    "log.export_read",
    "log.verified",
    "log.replayed",
    "profile.read",
    "access.refused",
    "access.denied",
)
"""What tells of somebody who looked at the log or at a person, or was not let in."""
FILTERS = ("actor", "action", "subject")


class Line(NamedTuple):
    """One thing that an event tells; `before` is `None` unless something was there that changed."""

    name: str
    before: str | None
    after: str


def show_events(visit: Visit) -> Reaction:
    """Audit events that fit the filters of the address, newest first."""
    t, asked = speaker(visit.language), {name: visit.query.get(name, "").strip() for name in (*FILTERS, "from", "to")}
    equal = {name: asked[name] for name in FILTERS if asked[name]}
    wrong: dict[str, str] = {}
    items: list[dict[str, Any]] = []
    following = None
    try:
        sought = Sought(equal, read_period(asked, UTC))
        items, following = list_audit_events(visit.service, sought, visit.query.get("cursor"), ON_A_PAGE)
    except InvalidRequest as refused:
        wrong = {one.pointer.removeprefix("/"): one.message for one in refused.errors}
    kept = {name: value for name, value in asked.items() if value}
    values = {
        "events": _told(visit.service, items, t),
        "next": "?" + urlencode({**kept, "cursor": following}) if following else None,
        "asked": asked,
        "is_filtered": bool(kept),
        "actions": sorted(((one, t("action." + one)) for one in ACTIONS), key=lambda pair: pair[1]),
        "wrong": wrong,
    }
    return Shown("events.html", values, 422 if wrong else 200)


def show_looking(visit: Visit) -> Reaction:
    """The log of the log: the newest events about who exported, verified, read, or was refused."""
    t, items = speaker(visit.language), []
    for action in LOOKING:
        items += list_audit_events(visit.service, Sought({"action": action}, EVER), None, ON_A_PAGE)[0]
    items.sort(key=lambda one: str(one["id"]), reverse=True)
    return Shown("looking.html", {"events": _told(visit.service, items[:ON_A_PAGE], t), "looking": LOOKING})


def tell(detail: Mapping[str, Any], t: Speaker) -> list[Line]:
    """What an event tells, thing by thing; of what is the same before and after, nothing."""
    before, after = detail.get("before"), detail.get("after")
    rest = detail if "after" not in detail else {k: v for k, v in detail.items() if k not in {"before", "after"}}
    lines = []
    if "after" in detail:
        olds, news = (one if isinstance(one, dict) else {"value": one} for one in (before, after))
        if not isinstance(after, dict) and isinstance(before, dict):
            news = {}
        lines = [
            Line(_name(name, t), _text(name, olds.get(name), t), _text(name, news.get(name), t))
            for name in dict.fromkeys((*olds, *news))
            if olds.get(name) != news.get(name)
        ]
    return [*lines, *(Line(_name(name, t), None, _text(name, value, t)) for name, value in _flat(rest))]


def _flat(detail: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Things of things by their own names; nothing that says nothing."""
    for name, value in detail.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif value not in (None, "", []):
            yield name, value


def _name(name: str, t: Speaker) -> str:
    return t.or_key("detail." + name, name.replace("_", " "))


def _text(name: str, value: object, t: Speaker) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return t("detail.yes" if value else "detail.no")
    if isinstance(value, int) and name.endswith("_at"):
        return write_instant(value)[:16].replace("T", " ")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(_text(name, one, t) for one in value) or "—"
    if isinstance(value, dict):
        return "; ".join(f"{_name(key, t)}: {_text(key, one, t)}" for key, one in value.items()) or "—"
    return t.or_key("role." + str(value), str(value)) if name == "roles" else str(value)


def _told(service: Service, items: list[dict[str, Any]], t: Speaker) -> list[dict[str, Any]]:
    """Events with the names of who acted, and their details in words."""
    names = {actor: _who(service, actor, t) for actor in {one["actor"] for one in items}}
    return [{**one, "who": names[one["actor"]], "lines": tell(one["detail"], t)} for one in items]


def _who(service: Service, actor: str, t: Speaker) -> str:
    """How people call whom the log names: a user's name, a key's name, or what the service itself is called."""
    if actor.startswith("user:"):
        return actor.removeprefix("user:")
    if t.knows("actor." + actor):
        return t("actor." + actor)
    key = service.store.read(lambda reads: reads.key(actor))
    return key.name if key is not None else actor
