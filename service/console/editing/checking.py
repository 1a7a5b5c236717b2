"""What there is to say about a draft, place by place, and what would mend it.

Checking takes longer than a page may, so what was found out about a text is kept for a while; a page shows what is
known, and asks again for what is not.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from service.console.editing.places import pointer_of, where_is
from service.language.diagnostics import Diagnostic
from service.language.pipeline import Reading, read_ruleset
from service.operations.check import example_findings

MOST_KEPT = 32
_NEAREST = re.compile(r"did you mean `(.+)`\?")
_INSTEAD = re.compile(r"write `(and|or|not|==)` instead of `(&&|\|\||!|=)`")


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a text, and every finding, those of its examples among them."""

    reading: Reading
    found: tuple[Diagnostic, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        return {one: sum(each.severity == one for each in self.found) for one in ("error", "warning", "hint")}


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding as a page shows it: where, in which words, the text it is about, and what would mend it."""

    number: int
    severity: str
    code: str
    message: str
    help: str
    part: str
    fix: str
    section: str
    entry: str
    path: str
    """The place inside the entry, as forms name it."""


class _Known:
    """What was found out last, by text; shared by all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[str, Checked] = OrderedDict()

    def get(self, text: str) -> Checked | None:
        with self._lock:
            found = self._kept.get(text)
            if found is not None:
                self._kept.move_to_end(text)
            return found

    def keep(self, text: str, found: Checked) -> None:
        with self._lock:
            self._kept[text] = found
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)


_known = _Known()


def known_check(text: str) -> Checked | None:
    """What is known of a text already."""
    return _known.get(text)


def check(text: str) -> Checked:
    """What there is to say about a text, its examples run."""
    found = _known.get(text)
    if found is None:
        reading = read_ruleset(text)
        found = Checked(reading, (*reading.diagnostics, *example_findings(reading.program)))
        _known.keep(text, found)
    return found


def findings_of(document: dict[str, Any], checked: Checked | None, language: str) -> list[Finding]:
    """Every finding with its place in the editor, errors first."""
    if checked is None:
        return []
    order = ("error", "warning", "hint")
    found = [_finding(document, number, one, language) for number, one in enumerate(checked.found)]
    return sorted(found, key=lambda one: order.index(one.severity))


def _finding(document: dict[str, Any], number: int, one: Diagnostic, language: str) -> Finding:
    section, entry = where_is(document, one.pointer) or ("ruleset", "")
    parts = len(pointer_of(section).split("/")) - 1 + bool(entry)
    path = "/".join(one.pointer.split("/")[1 + parts :])
    text = value_at(document, one.pointer)
    part = text[one.span[0] : one.span[1]] if isinstance(text, str) and one.span else ""
    return Finding(
        number=number,
        severity=str(one.severity),
        code=one.code,
        message=one.message[language],
        help=one.help[language] if one.help else "",
        part=part,
        fix=(fix_of(document, one) or ("", ""))[0],
        section=section,
        entry=entry,
        path=path,
    )


def fix_of(document: dict[str, Any], one: Diagnostic) -> tuple[str, Any] | None:
    """What would mend a finding: in short, and the value that then stands at its pointer; nothing if nobody knows."""
    help, text = one.help["en"] if one.help else "", value_at(document, one.pointer)
    if not isinstance(text, str):
        return None
    near, slip = _NEAREST.search(help), _INSTEAD.search(help)
    if near is not None:
        start, end = one.span or (0, len(text))
        part, word = text[start:end], near[1]
        inner = re.sub(r"^(['\"]).*\1$", lambda quote: f"{quote[1]}{word}{quote[1]}", part)
        return word, text[:start] + (inner if inner != part else word) + text[end:]
    if slip is not None:
        word, wrong = slip[1], slip[2]
        pattern = r"(?<![<>=!])=(?!=)" if wrong == "=" else r"!(?!=)" if wrong == "!" else re.escape(wrong)
        mended = re.sub(rf"\s*{pattern}\s*", f" {word} ", text).strip()
        return (word, mended) if mended != text else None
    return None


def value_at(document: Any, pointer: str) -> Any:
    """What stands at a pointer; nothing where it leads nowhere."""
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            document = document[int(name)] if name.isdecimal() and int(name) < len(document) else None
        else:
            document = document.get(name) if isinstance(document, dict) else None
    return document


def with_value(document: Any, pointer: str, value: Any) -> Any:
    """The document with another value at a pointer that leads somewhere."""
    head, _, rest = pointer[1:].partition("/")
    name = head.replace("~1", "/").replace("~0", "~")
    inner = (
        value
        if not rest
        else with_value(document[int(name)] if isinstance(document, list) else document[name], f"/{rest}", value)
    )
    if isinstance(document, list):
        return [*document[: int(name)], inner, *document[int(name) + 1 :]]
    return {**document, name: inner}


def at_fields(found: Sequence[Finding], paths: Sequence[str]) -> dict[str, list[Finding]]:
    """The findings of an entry by the field that shows them: the innermost that holds the place, else the form."""
    known, by_field = set(paths), dict[str, list[Finding]]()
    for one in found:
        place = one.path
        while place and place not in known:
            place = place.rpartition("/")[0]
        by_field.setdefault(place, []).append(one)
    return by_field
