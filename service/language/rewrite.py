"""A ruleset's document -> the same with a tag called otherwise wherever it is referred to.

Pure: plain JSON values in, plain JSON values out; what was given stays as it was. Documents may be unfinished: what is
no list, no object and no expression that can be read is left alone, and a check says what is wrong with it.
Source: docs/language.md, "Tags".
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from service.language.check import exceeds
from service.language.constructs import RulesetShape
from service.language.expressions import Syntax, SyntaxFault, parse
from service.language.fields import Construct, ListOf, Member, Object
from service.language.scalars import EXPRESSION_LENGTH, Expression

Json = dict[str, Any]


@cache
def ruleset_shape() -> RulesetShape:
    """What a ruleset consists of; made once, since marshmallow copies every member whenever a schema is made."""
    return RulesetShape()


def read(text: object) -> Syntax | None:
    """The syntax tree of a text; nothing if it can't be read, or is larger than an expression may be."""
    if not isinstance(text, str) or len(text) > EXPRESSION_LENGTH:
        return None
    try:
        found = parse(text)
    except SyntaxFault:
        return None
    return None if exceeds(found, lambda *_, **__: None) else found


def rename_tag(document: Json, old: str, new: str) -> Json:
    """The document with every reference to the tag `old`, but its own key and the aliases, leading to `new`.

    References stand in expressions, as a group's default, in the triggers of actions and in the steps of examples.
    Where something says the same of both tags, it says it once; where a step expects something of `new` already, that
    stands.
    """
    found = in_expressions(document, lambda text: rename_in(text, old, new))
    for group in objects(found, "tag_groups"):
        if group.get("default") == old:
            group["default"] = new
    for action in objects(found, "actions"):
        triggers = objects(action, "on")
        if {"tag": old} in triggers:
            renamed = [{"tag": new} if one == {"tag": old} else one for one in action["on"]]
            action["on"] = [one for index, one in enumerate(renamed) if one not in renamed[:index]]
    for example in objects(found, "examples"):
        for step in objects(example, "steps"):
            _rename_in_step(step, old, new)
    return found


def _rename_in_step(step: Json, old: str, new: str) -> None:
    manual, expect = step.get("manual"), step.get("expect")
    if isinstance(manual, dict) and manual.get("tag") == old:
        manual["tag"] = new
    tags: Any = expect.get("tags") if isinstance(expect, dict) else None
    lists = {word: keys for word, keys in tags.items() if isinstance(keys, list)} if isinstance(tags, dict) else {}
    is_known = any(new in keys for keys in lists.values())
    for word, keys in lists.items():
        if old in keys:
            tags[word] = [new if one == old else one for one in keys if not (is_known and one == old)]


def rename_in(text: str, old: str, new: str) -> str:
    """An expression with `tag.OLD` and `since.tag.OLD` called by the new key; one that can't be read as it was."""
    syntax = read(text)
    if syntax is None:
        return text
    paths = (("tag", old), ("since", "tag", old))
    ends = {one.span[1] for one in _nodes(syntax) if _path(one) in paths}
    for end in sorted(ends, reverse=True):
        text = text[: end - len(old)] + new + text[end:]
    return text


def _nodes(syntax: Syntax) -> list[Syntax]:
    found, waiting = [], [syntax]
    while waiting:
        one = waiting.pop()
        found.append(one)
        for part in one.parts:
            inner = part if isinstance(part, tuple) else (part,)
            waiting += [each for each in inner if isinstance(each, Syntax)]
    return found


def _path(syntax: Syntax) -> tuple[str, ...]:
    """The names of `a.b.c`; empty for anything else."""
    if syntax.kind == "Symbol":
        return () if syntax.options.get("scope") else (syntax.parts[0],)
    if syntax.kind != "GetAttribute":
        return ()
    inner = _path(syntax.parts[0])
    return inner and (*inner, syntax.parts[1])


def in_expressions(document: Json, change: Callable[[str], str]) -> Json:
    """A copy of the document, down to every construct, with each text of an expression changed."""
    found: Json = _in_construct(ruleset_shape(), document, change)
    return found


def _in_construct(shape: Construct, value: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(value, Mapping):
        return value
    members = shape.members
    return {name: _in_member(members.get(name), one, change) for name, one in value.items()}


def _in_member(member: Member | None, value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(member, Object):
        return _in_construct(member.construct, value, change)
    if isinstance(member, ListOf) and isinstance(value, list):
        return [_in_member(member.inner, one, change) for one in value]
    return change(value) if isinstance(member, Expression) and isinstance(value, str) else value


def objects(holder: Json, name: str) -> list[Json]:
    """The objects of a list; nothing where there is no list."""
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
