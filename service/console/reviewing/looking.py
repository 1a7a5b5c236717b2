"""A ruleset's text -> what a page says of it: its findings with their places, and what its examples hold.

Reading a document and running its examples takes as long as answering several pages, so the last ones are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from service.console.texts import Speaker
from service.engine.examples import run_examples
from service.engine.wording import titles_of
from service.language.diagnostics import Diagnostic, Severity, Words
from service.language.diff.wording import in_both, label_of, named, say_change, title_of
from service.language.document import read_document
from service.language.fields import Construct, ListOf, Member, Object
from service.language.phrases.changes import NOUNS
from service.language.pipeline import read_ruleset
from service.language.program import Program
from service.language.rewrite import ruleset_shape

KEPT = 16
"""How many documents are remembered."""
RULE_KINDS = {"tags": "tag", "transitions": "transition", "tiers": "tier", "values": "value", "actions": "action"}
"""What the path of a rule begins with, and what its title is kept under."""
SINGLE = frozenset({"ruleset", "lifecycle"})
EXPECTED = frozenset({"actions", "next_change", "scores", "stage", "tags", "tiers", "undetermined", "values"})
"""What a step of an example expects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What there is to say about a document. `program` and `coverage` (percent) are `None` while it has errors."""

    document: Any
    program: Program | None
    digest: str | None
    findings: tuple[Diagnostic, ...]
    examples: int
    coverage: Decimal | None
    untested: tuple[str, ...]

    def of(self, severity: Severity) -> list[Diagnostic]:
        """The findings of one weight."""
        return [one for one in self.findings if one.severity is severity]


@lru_cache(KEPT)
def look_at(text: str) -> Look:
    """Read a document and run its examples."""
    document = read_document(text)[0]
    reading = read_ruleset(text)
    program = reading.program
    if program is None:
        return Look(
            document=document,
            program=None,
            digest=None,
            findings=tuple(reading.diagnostics),
            examples=0,
            coverage=None,
            untested=(),
        )
    report = run_examples(program)
    return Look(
        document=document,
        program=program,
        digest=reading.digest,
        findings=(*reading.diagnostics, *report.diagnostics),
        examples=len(program.ruleset.examples),
        coverage=report.coverage,
        untested=tuple(rule for rule in report.rules if rule not in report.exercised),
    )


def rule_titles(look: Look, rules: Sequence[str], language: str) -> list[tuple[str, str]]:
    """What rules are called, and their paths."""
    if look.program is None:
        return []
    titles = titles_of(look.program)
    found = []
    for rule in rules:
        parts = rule.split("/")
        kinds = [RULE_KINDS[one] for one in parts if one in RULE_KINDS]
        found.append((titles.of(kinds[-1], parts[-1])[language] if kinds else rule, rule))
    return found


def place_words(document: Any, pointer: str, t: Speaker) -> str:
    """What stands at a pointer, in words: the innermost construct by its title, and the member; empty for the whole."""
    found: Words | None = None
    member = ""
    for one, name, construct in _way(document, pointer):
        if construct == "step":
            found, member = _of(in_both(t("place.step", number=name)), found), ""
        elif construct in SINGLE:
            found, member = NOUNS[construct], ""
        elif construct is not None:
            found, member = named(construct, title_of(one, name), found), ""
        elif not member or name in EXPECTED:
            member = name
    if member:
        found = _of(in_both(t(f"place.{member}")) if member in EXPECTED else label_of(member), found)
    return found[t.language] if found else ""


def _of(name: Words, holder: Words | None) -> Words:
    return name if holder is None else say_change("of", name=name, holder=holder)


def _way(document: Any, pointer: str) -> Iterator[tuple[Any, str, str | None]]:
    """Each thing on the way to a pointer: itself, what it is known by, and the stem of its construct if it is one."""
    value = document
    inner: Member | Construct | None = ruleset_shape()
    for part in pointer.split("/")[1:]:
        if isinstance(value, list):
            place = int(part) if part.isdecimal() else len(value)
            value = value[place] if place < len(value) else None
            inner = inner.inner if isinstance(inner, ListOf) else None
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
            inner = inner.members.get(part) if isinstance(inner, Construct) else None
        if isinstance(inner, Object):
            inner = inner.construct
            yield value, _known_by(value, part), _stem(inner)
        elif not isinstance(inner, ListOf) or not isinstance(inner.inner, Object):
            yield value, part, None


def _known_by(value: Any, part: str) -> str:
    """The key of a construct, or its place from 1."""
    key = value.get("key") if isinstance(value, Mapping) else None
    return key if isinstance(key, str) else str(int(part) + 1) if part.isdecimal() else part


def _stem(construct: Construct) -> str | None:
    """The stem of a construct's name as sentences know it."""
    name = "".join(f"_{one.lower()}" if one.isupper() else one for one in construct.name).removeprefix("_")
    return name if name in NOUNS or name == "step" else None


def marked(text: str) -> Markup:
    """A sentence as HTML: what stands in backticks is set apart."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )
