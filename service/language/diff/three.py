"""Three documents of a ruleset -> what two people made of one beginning, and where they met."""

from collections.abc import Mapping, Sequence
from typing import Any

from service.language.diff.change import Change, Conflict
from service.language.diff.comparison import compare
from service.language.diff.members import equal
from service.language.diff.wording import say_change
from service.language.model import Ruleset

Document = Ruleset | Mapping[str, Any] | None
Path = tuple[str, ...]
Placed = tuple[Path, Change]
HOLDERS = {"case": "value", "component": "score", "point": "score", "band": "tier"}
"""What holds a construct that stands in another."""


def merge_three(
    base: Document, theirs: Document, yours: Document
) -> tuple[tuple[Change, ...], tuple[Change, ...], tuple[Conflict, ...]]:
    """What each side changed from `base`, and the constructs that both did, not in the same way.

    Of the ruleset itself and of its lifecycle a conflict is about one member, and one about a construct takes in
    what stands inside it. To move a construct and to change it is no conflict.
    """
    changes = compare(base, theirs), compare(base, yours)
    first, second = (
        [(_path(one, these), one) for one in these if not any(_is_same(one, other) for other in those)]
        for these, those in (changes, changes[::-1])
    )
    met = {path for one in second for path in _meetings(one, first)}
    tops = sorted(path for path in met if not any(_holds(other, path) for other in met - {path}))
    return *changes, tuple(_conflict(path, first, second) for path in tops)


def _meetings(one: Placed, others: Sequence[Placed]) -> set[Path]:
    """The places, the outer of two, at which a change meets others, so that not both can simply be made."""
    return {
        min(one[0], other[0], key=len)
        for other in others
        if {one[1].kind, other[1].kind} != {"moved", "changed"}
        and (_holds(one[0], other[0]) or _holds(other[0], one[0]))
    }


def _conflict(path: Path, first: Sequence[Placed], second: Sequence[Placed]) -> Conflict:
    theirs, yours = (tuple(one for place, one in side if _holds(path, place)) for side in (first, second))
    one = next(one for place, one in (*second, *first) if place == path)
    return Conflict(one.construct, one.key, say_change("conflict", name=one.name), theirs, yours)


def _path(change: Change, side: Sequence[Change]) -> Path:
    """What a change is about, by the keys of the beginning: the construct, or, of what has no key, what holds it."""
    if change.construct in ("ruleset", "lifecycle"):
        return (change.construct, change.member or "")
    former = {one.key: str(one.before) for one in side if one.construct == change.construct and one.member == "key"}
    if change.construct not in HOLDERS:
        return (change.construct, former.get(change.key, change.key))
    *keys, last = change.key.split("/")
    if change.construct == "band":
        return ("tier", *keys, former.get(change.key, last))
    keys.append(last)
    return (HOLDERS[change.construct], *(keys[:-1] if change.construct in ("case", "point") else keys))


def _holds(outer: Path, inner: Path) -> bool:
    return inner[: len(outer)] == outer


def _is_same(one: Change, other: Change) -> bool:
    """Whether both sides did the same."""
    what = (one.construct, one.key, one.kind, one.member)
    return what == (other.construct, other.key, other.kind, other.member) and equal(one.after, other.after)
