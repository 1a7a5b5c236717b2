"""What a trial begins with: what somebody typed, a stored profile with all that is remembered of it, or an example."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from service.console.naming import Names, field_instant
from service.console.page import Visit
from service.console.texts import speaker
from service.console.trying.typed import texts_of
from service.errors import Forbidden, NotFound
from service.language.model import Example, Step
from service.operations.programs import Published

STORED, EXAMPLE = "stored", "example:"
READERS = frozenset({"evaluator", "auditor", "admin"})
"""Who may see what is stored of a profile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The texts of the form; `history` is what went before: nothing, what is stored, or the steps of an example."""

    id: str = ""
    at: str = ""
    event: str = ""
    event_text: str = ""
    history: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_given(self) -> bool:
        """Whether there is something to try."""
        return bool(self.history)


def begin(visit: Visit, published: Published, query: Mapping[str, str]) -> Beginning:
    """What a link asks for: `profile` for a stored one, `example` for one of the ruleset's by its place."""
    names = Names(published.program, speaker(visit.language))
    profile_id, place = query.get("profile", "").strip(), query.get("example", "")
    if profile_id:
        return _stored(visit, names, profile_id)
    example = _example(published, place)
    return Beginning() if example is None else _from_example(names, example, place)


def history_of(visit: Visit, published: Published, beginning: Beginning) -> tuple[bool, Sequence[Step]]:
    """Whether what is remembered of the profile goes before, and which steps do."""
    if beginning.history == STORED:
        _refuse_others(visit)
        return True, ()
    example = _example(published, beginning.history.removeprefix(EXAMPLE))
    return False, () if example is None else _before_last(example)


def _stored(visit: Visit, names: Names, profile_id: str) -> Beginning:
    _refuse_others(visit)
    row = visit.service.store.read(lambda reads: reads.profile(names.program.key, profile_id))
    if row is None:
        raise NotFound(f"there is no profile `{profile_id}` under ruleset `{names.program.key}`")
    return Beginning(id=profile_id, history=STORED, attributes=texts_of(names, orjson.loads(row.facts)))


def _refuse_others(visit: Visit) -> None:
    if not visit.caller.roles & READERS:
        raise Forbidden(", ".join(sorted(READERS)))


def _example(published: Published, place: str) -> Example | None:
    examples = published.program.ruleset.examples
    return (
        examples[int(place)] if place.isdecimal() and len(place) < len("1000") and int(place) < len(examples) else None
    )


def _before_last(example: Example) -> Sequence[Step]:
    """The steps that are played; the last one is typed into the form, unless it is a person's word on a tag."""
    return example.steps if not example.steps or example.steps[-1].manual is not None else example.steps[:-1]


def _from_example(names: Names, example: Example, place: str) -> Beginning:
    given = [one.attributes for one in example.steps if one.attributes is not None]
    document: Mapping[str, Any] = given[-1] if given else {}
    last = example.steps[-1] if example.steps else None
    posted: Mapping[str, Any] = (last.event if last is not None and last.manual is None else None) or {}
    return Beginning(
        id=example.profile,
        at=field_instant(last.at, names.program) if last is not None else "",
        event=posted.get("type", ""),
        event_text=posted.get("text") or "",
        history=f"{EXAMPLE}{place}",
        attributes=texts_of(names, document),
    )
