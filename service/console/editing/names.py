"""What expressions can name: for the completion of a text, and for the rows of a condition. Pure.

Types of values are those of the checked program where there is one; of a draft with errors they are guessed from how a
value is written, which can only offer too much or too little to choose from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.console.editing.places import entries_of, key_of
from service.console.texts import Speaker
from service.language.functions import ACCESSORS, FUNCTIONS
from service.language.program import Program
from service.language.rewrite import read
from service.language.types import ATTRIBUTE_TYPES

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Name:
    """A name: its text in an expression, its title, what it is, its type (empty if not known), and the texts it can
    have, as (text, title).
    """

    text: str
    title: str
    kind: str
    type: str
    choices: tuple[tuple[str, str], ...] = ()


def names_of(document: Json, program: Program | None, t: Speaker) -> list[Name]:
    """Every name that a condition of a draft can read, in the order of the document."""
    return [
        *_attributes(document, t),
        *_values(document, program, t),
        *(Name(f"score.{key}", title, "score", "number") for key, title in titled(document, "scores", t)),
        *_tiers(document, t),
        *_tags(document, t),
        *_stage(document, t),
        *_events(document, t),
        Name("$now", t("name.now"), "time", "datetime"),
        Name("$today", t("name.today"), "time", "datetime"),
    ]


def completions(names: list[Name], t: Speaker) -> list[dict[str, str]]:
    """What a text can be completed with, functions among it, as JSON values."""
    found = [{"text": one.text, "title": one.title, "kind": t(f"name.kind.{one.kind}")} for one in names]
    found += [{"text": f"{one}(", "title": t("function." + one), "kind": t("name.kind.function")} for one in FUNCTIONS]
    found += [{"text": f".{one}", "title": "", "kind": t("name.kind.accessor")} for one in ACCESSORS]
    return found + [
        {"text": one, "title": "", "kind": ""} for one in ("and", "or", "not", "in", "null", "true", "false")
    ]


def titled(document: Json, section: str, t: Speaker) -> list[tuple[str, str]]:
    """The keys of a section with their titles."""
    return list(_titled(entries_of(document, section), t))


def bands_of(document: Json, tier: str, t: Speaker) -> list[tuple[str, str]]:
    """The bands of a tier with their titles."""
    for one in entries_of(document, "tiers"):
        if key_of(one) == tier:
            bands = one.get("bands")
            return list(_titled(bands if isinstance(bands, list) else [], t))
    return []


def _titled(entries: list[Any], t: Speaker) -> Iterator[tuple[str, str]]:
    for one in entries:
        key = key_of(one)
        if key is not None:
            yield key, t.text(one.get("title"), key)


def _attributes(document: Json, t: Speaker) -> Iterator[Name]:
    for one in entries_of(document, "attributes"):
        key = key_of(one)
        if key is not None:
            enum = one.get("enum")
            choices = tuple((str(each), str(each)) for each in enum) if isinstance(enum, list) else ()
            found = ATTRIBUTE_TYPES.get(str(one.get("type")))
            yield Name(key, t.text(one.get("title"), key), "attribute", str(found or ""), choices)


def _values(document: Json, program: Program | None, t: Speaker) -> Iterator[Name]:
    trees = program.rules.values if program is not None else {}
    for one in entries_of(document, "values"):
        key = key_of(one)
        if key is not None:
            found = str(trees[key].type) if key in trees else _guess(one)
            yield Name(key, t.text(one.get("title"), key), "value", found, _answers(one))


def _answers(value: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The texts that a decision list can give."""
    cases = value.get("cases")
    then = [one.get("then") for one in cases if isinstance(one, dict)] if isinstance(cases, list) else []
    texts = [one for one in [*then, value.get("otherwise")] if isinstance(one, str)]
    return tuple((one, one) for one in dict.fromkeys(texts)) if cases else ()


def _guess(value: Mapping[str, Any]) -> str:
    if "cases" in value:
        otherwise = value.get("otherwise")
        kinds = {bool: "boolean", str: "string", list: "strings", type(None): ""}
        return kinds.get(type(otherwise), "number")
    syntax = read(value.get("expression"))
    if syntax is None:
        return ""
    if syntax.kind == "FunctionCall" and syntax.parts[0].kind == "Symbol":
        function = FUNCTIONS.get(syntax.parts[0].parts[0])
        return str(function.result) if function else ""
    is_condition = syntax.kind in ("Comparison", "ArithmeticComparison", "Logic", "Contains")
    is_negated = syntax.kind == "Unary" and syntax.parts[0] == "NOT"
    return "boolean" if is_condition or is_negated else "number" if syntax.kind in ("Arithmetic", "Add") else ""


def _tiers(document: Json, t: Speaker) -> Iterator[Name]:
    for key, title in titled(document, "tiers", t):
        yield Name(f"tier.{key}", title, "tier", "string", tuple(bands_of(document, key, t)))
        yield Name(f"since.tier.{key}", t("name.since", title=title), "since", "datetime")


def _tags(document: Json, t: Speaker) -> Iterator[Name]:
    tags = titled(document, "tags", t)
    yield from (Name(f"tag.{key}", title, "tag", "boolean") for key, title in tags)
    yield from (Name(f"since.tag.{key}", t("name.since", title=title), "since", "datetime") for key, title in tags)


def _stage(document: Json, t: Speaker) -> Iterator[Name]:
    stages = titled(document, "stages", t)
    if stages:
        yield Name("stage", t("name.stage"), "stage", "string", tuple(stages))
        yield Name("since.stage", t("name.since_stage"), "since", "datetime")


def _events(document: Json, t: Speaker) -> Iterator[Name]:
    events = titled(document, "events", t)
    if events:
        yield Name("event.type", t("name.event_type"), "event", "string", tuple(events))
        yield Name("event.text", t("name.event_text"), "event", "string")
        yield Name("event.at", t("name.event_at"), "event", "datetime")
