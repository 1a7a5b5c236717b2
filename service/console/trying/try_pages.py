"""The page "Try it": a profile decided by the version in force and by the draft, side by side; nothing is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.console.naming import Names
from service.console.page import Moved, Reaction, Shown, Visit
from service.console.reviewing.heads import head_of, published_or_none
from service.console.reviewing.looking import look_at
from service.console.texts import speaker
from service.console.trying.beginnings import READERS, Beginning, begin, history_of
from service.console.trying.sides import Focus, asked_of, instants_of, view_side
from service.console.trying.typed import PREFIX, fields_of, posted_texts, read_moment, read_texts
from service.errors import Forbidden, InvalidRequest, ServiceError
from service.operations.authoring.drafts import read_draft
from service.operations.authoring.examples import accept_examples
from service.operations.authoring.stamps import stamp
from service.operations.authoring.tryout import Trial, example_of, try_out
from service.operations.programs import Published, ready

POINTERS = {"/at": "at", "/profile/id": "id", "/event/type": "event", "/event/text": "event_text"}
"""Members of what is tried, and the fields that they were typed in."""
ATTRIBUTES = "/profile/attributes/"
MOST_PLACES = 1_000


def show_try(visit: Visit) -> Reaction:
    """The form: empty, or filled with a stored profile or an example, which are then tried at once."""
    versions = _versions(visit)
    beginning = begin(visit, _subject(versions), visit.query) if versions else Beginning()
    return _answer(visit, versions, beginning, is_tried=beginning.is_given)


def act_try(visit: Visit) -> Reaction:
    """Try what was typed, or put it into the draft as an example."""
    versions, form = _versions(visit), visit.form
    if not versions:
        return _answer(visit, versions, Beginning(), is_tried=False)
    texts = {name: form.get(name, "").strip() for name in ("id", "at", "event", "event_text", "history")}
    beginning = Beginning(**texts, attributes=posted_texts(form))
    if form.get("do") == "save":
        return _save(visit, versions, beginning)
    return _answer(visit, versions, beginning, is_tried=True)


def _versions(visit: Visit) -> list[Published]:
    """The draft, if it has no errors, and the version in force; the first is what the form is made from."""
    published = published_or_none(visit, visit.path["key"])
    draft = head_of(visit, visit.path["key"])["draft"]
    program = look_at(draft.document).program if draft is not None else None
    return [*([ready(program, 0)] if program is not None else []), *([published] if published is not None else [])]


def _subject(versions: Sequence[Published]) -> Published:
    return versions[0]


def _answer(
    visit: Visit,
    versions: Sequence[Published],
    beginning: Beginning,
    *,
    is_tried: bool,
    wrong: Mapping[str, str] | None = None,
) -> Shown:
    """The page, or for a script only its answer."""
    found = dict(wrong or {})
    head = head_of(visit, visit.path["key"])
    tried: dict[str, Any] = {"sides": [], "moments": [], "place": 0, "asked": 0}
    if is_tried and not found:
        try:
            tried = _tried(visit, versions, beginning)
        except InvalidRequest as refused:
            found = _by_field(refused)
    values = {
        **head,
        "has_errors": head["draft"] is not None and bool(versions) and not any(one.version == 0 for one in versions),
        "is_possible": bool(versions),
        "may_read": bool(visit.caller.roles & READERS),
        "beginning": beginning,
        "fields": fields_of(_names(visit, versions), beginning.attributes, found) if versions else [],
        "wrong": found,
        "is_tried": is_tried,
        **tried,
        **(_choices(visit, versions) if versions else {}),
    }
    template = "try_answer.html" if visit.is_fragment else "try.html"
    return Shown(template, values, 422 if found and not visit.is_fragment else 200)


def _choices(visit: Visit, versions: Sequence[Published]) -> dict[str, Any]:
    """What a trial may begin with."""
    names, t = _names(visit, versions), speaker(visit.language)
    ruleset = names.program.ruleset
    return {
        "examples": [(str(place), t.text(one.title, one.profile)) for place, one in enumerate(ruleset.examples)],
        "events": [(one.key, names.of("event", one.key)) for one in ruleset.events],
    }


def _names(visit: Visit, versions: Sequence[Published]) -> Names:
    return Names(_subject(versions).program, speaker(visit.language))


def _tried(visit: Visit, versions: Sequence[Published], beginning: Beginning) -> dict[str, Any]:
    t = speaker(visit.language)
    sides = try_out(visit.service, versions, _trial(visit, versions, beginning))
    instants = instants_of(sides)
    asked = asked_of(sides, instants)
    here = _place(visit, asked, len(instants) - 1)
    names = _names(visit, versions)
    shown = [view_side(one, t, instants, here, _focus(visit)) for one in sides] if instants else []
    return {
        "sides": sorted(shown, key=lambda one: one.word),
        "moments": [names.instant(at) for at in instants],
        "place": here,
        "asked": asked,
        "is_same": len(shown) > 1 and _is_same(shown[0].panels, shown[1].panels),
    }


def _is_same(left: Sequence[Mapping[str, Any]], right: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two versions can't be told apart by what they show."""
    looked_at = ("at", "stage", "tags", "tiers", "scores", "values", "actions")
    return [[one[name] for name in looked_at] for one in left] == [[one[name] for name in looked_at] for one in right]


def _trial(visit: Visit, versions: Sequence[Published], beginning: Beginning) -> Trial:
    """What was typed, as the operation wants it."""
    program = _subject(versions).program
    body: dict[str, Any] = {
        "profile": {
            "id": beginning.id or "example",
            "attributes": read_texts(program.ruleset.attributes, beginning.attributes),
        }
    }
    if beginning.at:
        body["at"] = read_moment(beginning.at)
    if beginning.event:
        body["event"] = {"type": beginning.event} | ({"text": beginning.event_text} if beginning.event_text else {})
    is_stored, steps = history_of(visit, _subject(versions), beginning)
    return Trial(body=body, is_stored=is_stored, steps=steps)


def _place(visit: Visit, asked: int, last: int) -> int:
    """The place of the slider that was chosen; the trial itself after anything else was changed."""
    text = visit.form.get("step", "") if visit.form.get("do") in {"step", "focus"} or "focus" in visit.form else ""
    if not text.isdecimal() or int(text) > MOST_PLACES:
        return asked
    return min(int(text), last)


def _focus(visit: Visit) -> Focus:
    kind, _, key = visit.form.get("focus", "").partition(":")
    return (kind, key) if key else None


def _save(visit: Visit, versions: Sequence[Published], beginning: Beginning) -> Reaction:
    """Put the trial into the draft, with what it decides as what is expected."""
    if "editor" not in visit.caller.roles:
        raise Forbidden("editor")
    service, key = visit.service, visit.path["key"]
    title = visit.form.get("title", "").strip()[:200] or beginning.id or "example"
    try:
        trial = _trial(visit, versions, beginning)
        example = example_of(_subject(versions), Trial(body=trial.body, steps=trial.steps), title, service.clock())
        has_draft = head_of(visit, key)["draft"] is not None
        held = stamp(read_draft(service, key)) if has_draft else None
        accept_examples(service, key, {"examples": [example]}, visit.caller, held)
    except InvalidRequest as refused:
        return _answer(visit, versions, beginning, is_tried=False, wrong=_by_field(refused))
    return Moved(f"/console/rulesets/{key}/try", "try.saved", {"title": title})


def _by_field(refused: ServiceError) -> dict[str, str]:
    """What is wrong by the field that it was typed in; what has no field stands under an empty name."""
    found: dict[str, str] = {}
    for one in getattr(refused, "errors", ()):
        is_attribute = one.pointer.startswith(ATTRIBUTES)
        name = one.pointer.removeprefix(ATTRIBUTES) if is_attribute else POINTERS.get(one.pointer, "")
        found.setdefault(name, one.message)
    return found or {"": refused.detail}


__all__ = ["PREFIX", "act_try", "show_try"]
