"""Examples that expect something else than the draft decides now: take over what comes out; and examples to add."""

from collections.abc import Iterator, Mapping
from typing import Any

from service.console.editing.checking import check, value_at, with_value
from service.console.editing.desk import frame, held_document, open_desk
from service.console.editing.edit_acting import saved
from service.console.editing.places import key_of, sections
from service.console.page import Moved, Reaction, Shown, Visit
from service.engine.examples import Timeline, expectations, take_step
from service.errors import InvalidRequest, RulesetRejected, ServiceError
from service.language.model import Example
from service.language.pretty import pretty_text
from service.language.program import Program
from service.operations.authoring.examples import accept_examples, propose_examples

Json = dict[str, Any]
OPPOSITE = {"has": "lacks", "lacks": "has"}
RULES = ("tags", "transitions", "tiers", "scores", "values")
MOST_SHOWN = 40


def accepted(document: Json, program: Program) -> Json:
    """The document with what its examples expect changed to what the program decides, wherever the two differ."""
    for index, example in enumerate(program.ruleset.examples):
        for pointer, found in list(differences(program, example, f"/examples/{index}")):
            document = _taken(document, pointer, found)
    return _tidied(document)


def differences(program: Program, example: Example, pointer: str) -> Iterator[tuple[str, Any]]:
    """Where an example expects something else, and what is found there; until a step that can't be decided."""
    timeline = Timeline(program, example.profile)
    for index, one in enumerate(example.steps):
        place = f"{pointer}/steps/{index}"
        try:
            outcomes = take_step(timeline, one, place)
        except ServiceError:
            return
        for where, expected, found in expectations(program, one.expect or {}, outcomes, f"{place}/expect"):
            if expected != found or isinstance(expected, bool) is not isinstance(found, bool):
                yield where, found


def _taken(document: Json, pointer: str, found: Any) -> Json:
    holder, _, last = pointer.rpartition("/")
    tags, _, word = holder.rpartition("/")
    if not tags.endswith("/expect/tags"):
        taken: Json = with_value(document, pointer, found)
        return taken
    tag = value_at(document, pointer)
    # Why: the place stays, so that the places of the other tags in the list stay true.
    taken = with_value(document, pointer, None)
    if word in OPPOSITE:
        there = f"{tags}/{OPPOSITE[word]}"
        taken = with_value(taken, there, [*(value_at(taken, there) or []), tag])
    assert last.isdecimal()
    return taken


def _tidied(document: Json) -> Json:
    """The document without the tags that went to another list."""
    examples = document.get("examples")
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        for place, _ in enumerate(example.get("steps") or () if isinstance(example, dict) else ()):
            pointer = f"/examples/{index}/steps/{place}/expect/tags"
            tags = value_at(document, pointer)
            if isinstance(tags, Mapping) and any(isinstance(one, list) and None in one for one in tags.values()):
                kept = {word: [one for one in keys if one is not None] for word, keys in tags.items()}
                document = with_value(document, pointer, {word: keys for word, keys in kept.items() if keys})
    return document


def act_accept(visit: Visit) -> Reaction:
    """Take over what comes out of the draft into every example that fails."""
    document = held_document(visit)
    program = check(pretty_text(document)).reading.program
    here = f"/console/rulesets/{visit.path['key']}/edit"
    if program is None:
        return Moved(here)
    return saved(visit, document, accepted(document, program), here, "edit.examples_follow")


def show_proposals(visit: Visit) -> Reaction:
    """Examples at the boundaries of one rule, to add; first which rule."""
    return _proposals(visit)


def act_proposals(visit: Visit) -> Reaction:
    """Add the chosen examples to the draft, or take over what comes out of those that are there."""
    if visit.form.get("do") == "accept":
        return act_accept(visit)
    key, ids = visit.path["key"], list(visit.lists("id"))
    if not ids:
        return _proposals(visit)
    try:
        _, count = accept_examples(visit.service, key, {"ids": ids}, visit.caller, visit.form.get("etag") or None)
    except InvalidRequest:
        return _proposals(visit)
    return Moved(f"/console/rulesets/{key}/edit/examples", "edit.proposed", {"count": count})


def _proposals(visit: Visit) -> Shown:
    desk, rule = open_desk(visit), visit.query.get("rule") or visit.form.get("rule", "")
    found: Json = {}
    try:
        found = propose_examples(visit.service, desk.key, {"rules": [rule]}) if rule else {}
    except (InvalidRequest, RulesetRejected):
        found = {"is_wrong": True}
    rules = [
        (f"{_path(section)}/{key_of(one)}", desk.t.text(one.get("title"), str(key_of(one))))
        for section in RULES
        for one in _keyed(desk.document, section)
    ]
    values = {
        **frame(visit, desk),
        "rule": rule,
        "rules": rules,
        "proposals": [
            (one["id"], _title(one["example"], desk.t), one["example"]) for one in found.get("proposals", ())
        ][:MOST_SHOWN],
        "gaps": [desk.t.text(one["reason"]) for one in found.get("gaps", ())],
        "is_wrong": found.get("is_wrong", False),
        "was_asked": bool(rule),
    }
    return Shown("edit_proposals.html", values)


def _path(section: str) -> str:
    return "/".join(sections()[section][0])


def _keyed(document: Json, section: str) -> list[Json]:
    entries = value_at(document, "/" + _path(section))
    return [one for one in entries if key_of(one)] if isinstance(entries, list) else []


def _title(example: Json, t: Any) -> str:
    return str(t.text(example.get("title")))
