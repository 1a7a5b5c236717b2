"""The draft as text, its history, what a condition can name, and a ruleset that begins."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from service.console.editing.checking import check
from service.console.editing.desk import frame, open_desk, read_object
from service.console.editing.losing import lost
from service.console.editing.names import completions, names_of
from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.console.texts import speaker
from service.errors import Conflict, InvalidRequest, NotFound
from service.language.diff import compare
from service.language.document import locate, read_document
from service.language.instants import write_instant
from service.language.pretty import pretty_text
from service.language.scalars import RULESET_KEY
from service.operations.authoring.drafts import read_draft_revision, save_draft
from service.operations.authoring.stamps import CHANGED
from service.operations.rulesets import LAST

Json = dict[str, Any]
SHIPPED = Path(__file__).parents[2] / "rulesets"
PER_PAGE = 8
MOST_SENTENCES = 8


def show_text(visit: Visit) -> Reaction:
    """The whole draft as JSON."""
    desk = open_desk(visit)
    return _text_page(visit, desk.text)


def act_text(visit: Visit) -> Reaction:
    """Save the whole draft as it was written."""
    text, key = visit.form.get("document", "").replace("\r\n", "\n"), visit.path["key"]
    held = visit.form.get("etag") or None
    try:
        save_draft(visit.service, key, text, visit.caller, held)
    except InvalidRequest as refused:
        found = [(_line(text, one.pointer), one.message) for one in refused.errors]
        return _text_page(visit, text, found)
    except Conflict as error:
        base = _revision(visit, key, held)
        if error.code != CHANGED or base is None:
            raise
        return lost(visit, read_object(base), read_object(text))
    return Moved(f"/console/rulesets/{key}/edit/json", "edit.saved")


def _line(text: str, pointer: str) -> int:
    broken = read_document(text)[1]
    if broken and broken[0].span:
        return text.count("\n", 0, broken[0].span[0]) + 1
    return locate(text, pointer)[0]


def _revision(visit: Visit, key: str, held: str | None) -> str | None:
    number = (held or "").partition("-")[0]
    try:
        return read_draft_revision(visit.service, key, int(number)).document if number.isdecimal() else None
    except NotFound:
        return None


def _text_page(visit: Visit, text: str, found: list[tuple[int, str]] | None = None) -> Shown:
    desk = open_desk(visit)
    values = {**frame(visit, desk), "text": text, "found": found or [], "lines": min(text.count("\n") + 2, 40)}
    return Shown("edit_text.html", values, 422 if found else 200)


def show_history(visit: Visit) -> Reaction:
    """What was saved of the drafts, newest first, each with what it changed."""
    desk, key = open_desk(visit), visit.path["key"]
    before = visit.query.get("before", "")
    below = int(before) if before.isdecimal() and len(before) < len(str(LAST)) else LAST
    rows = visit.service.store.read(lambda reads: reads.governance.revisions(key, below, PER_PAGE + 1))
    active = desk.active
    beginning = pretty_text(active.program.ruleset.document) if active else "{}"
    shown = []
    for place, row in enumerate(rows[:PER_PAGE]):
        former = rows[place + 1].document if place + 1 < len(rows) else beginning
        sentences = _sentences(former, row.document, visit.language)
        is_now = desk.draft is not None and desk.draft.revision == row.revision
        facts = {"revision": row.revision, "author": row.author, "at": write_instant(row.at), "is_now": is_now}
        shown.append(
            {**facts, "sentences": sentences[:MOST_SENTENCES], "more": max(0, len(sentences) - MOST_SENTENCES)}
        )
    values = {
        **frame(visit, desk),
        "rows": shown,
        "older": rows[PER_PAGE - 1].revision if len(rows) > PER_PAGE else None,
    }
    return Shown("edit_history.html", values)


@lru_cache(maxsize=128)
def _sentences(former: str, text: str, language: str) -> tuple[str, ...]:
    """What one revision changed of another; kept, since revisions never change."""
    return tuple(one.sentence[language] for one in compare(read_object(former), read_object(text)))


def act_history(visit: Visit) -> Reaction:
    """Bring back what was saved under a number; it becomes the newest."""
    key, number = visit.path["key"], visit.form.get("revision", "")
    row = read_draft_revision(visit.service, key, int(number) if number.isdecimal() else 0)
    save_draft(visit.service, key, row.document, visit.caller, visit.form.get("etag") or None)
    return Moved(f"/console/rulesets/{key}/edit/history", "edit.restored", {"revision": row.revision})


def show_names(visit: Visit) -> Reaction:
    """What an expression can name, as JSON for the completion of a text."""
    desk = open_desk(visit)
    names = names_of(desk.document, check(desk.text).reading.program, desk.t)
    return Sent(orjson.dumps(completions(names, desk.t)), "application/json")


def show_new(visit: Visit) -> Reaction:
    """The form that begins a ruleset."""
    return _new_page(visit)


def act_new(visit: Visit) -> Reaction:
    """Begin a ruleset: a draft by a key of its own, empty or like one that ships."""
    form, t = visit.form, speaker(visit.language)
    key = form.get("key", "").strip()
    wrong = "" if re.fullmatch(RULESET_KEY, key) else t("edit.bad_key", key=key)
    known = [row.key for row in visit.service.store.read(lambda reads: reads.rulesets())]
    is_taken = key in known or visit.service.store.read(lambda reads: reads.governance.draft(key)) is not None
    if not wrong and is_taken:
        wrong = t("edit.taken_key", key=key)
    if wrong:
        return _new_page(visit, wrong)
    title = {language: text for language in ("en", "zh") if (text := form.get(language, "").strip())}
    document = {**_template(form.get("like", "")), "key": key, **({"title": title} if title else {})}
    if form.get("timezone", "").strip():
        document["timezone"] = form["timezone"].strip()
    save_draft(visit.service, key, pretty_text(document), visit.caller, None)
    return Moved(f"/console/rulesets/{key}/edit", "edit.begun")


def _new_page(visit: Visit, wrong: str = "") -> Shown:
    t = speaker(visit.language)
    likes = [
        (one.stem, t.text(read_object(one.read_text()).get("title"), one.stem))
        for one in sorted(SHIPPED.glob("*.json"))
    ]
    return Shown("edit_new.html", {"likes": likes, "wrong": wrong, "form": visit.form}, 422 if wrong else 200)


def _template(like: str) -> Json:
    path = SHIPPED / f"{like}.json"
    if like and path.parent == SHIPPED and path in SHIPPED.glob("*.json"):
        return read_object(path.read_text())
    return {"format": 1, "attributes": []}
