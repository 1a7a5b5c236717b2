"""Two texts of an expression -> what was done to the one to make it the other, as far as one place can say it.

Only what can be read is compared by meaning: white space, brackets and the spelling of numbers make no difference.
What can't be read, as in an unfinished document, is compared as text.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from service.language.expressions import Syntax
from service.language.rewrite import read

_ONE_KIND = {"ArithmeticComparison": "Comparison", "Subtract": "Arithmetic", "Add": "Arithmetic"}


@dataclass(frozen=True, slots=True)
class Edit:
    """What happened to an expression.

    `kind` is `same`, `part` (`after` stands for `before`), `joined` (`after` was added to a run of `and` or `or`),
    `left` (`before` was taken out of one), or `whole`, where no more can be said.
    `word` is `AND` or `OR` for the two about runs; one of `or` is the whole condition then.
    `is_needed` says that all must hold that stands around the place.
    """

    kind: str
    before: Syntax | None = None
    after: Syntax | None = None
    word: str = ""
    is_needed: bool = False


def edit_between(before: str, after: str) -> Edit:
    """What was done to `before` to make it `after`."""
    old, new = read(before), read(after)
    if old is None or new is None:
        return Edit("whole")
    return Edit("same") if same(old, new) else _narrow(old, new, is_whole=True, is_needed=True)


def same(one: Syntax, other: Syntax) -> bool:
    """Whether two trees mean the same, part by part."""
    return bool(fingerprint(one) == fingerprint(other))


def fingerprint(syntax: Syntax) -> Any:
    """What a tree means, as a value that can be compared: places, brackets and the spelling of numbers left out."""
    if syntax.kind == "Logic":
        return (syntax.parts[0], *(fingerprint(one) for one in operands(syntax)))
    return (
        _ONE_KIND.get(syntax.kind, syntax.kind),
        *(_part(syntax.kind, one) for one in syntax.parts),
        *sorted((name, str(one)) for name, one in syntax.options.items()),
    )


def _part(kind: str, part: Any) -> Any:
    if isinstance(part, Syntax):
        return fingerprint(part)
    if isinstance(part, tuple):
        return tuple(_part(kind, one) for one in part)
    return number(part) if kind == "Float" else (type(part).__name__, part)


def number(text: str) -> Decimal | str:
    """The number that a literal spells; its text if it is another spelling than decimal."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def operands(syntax: Syntax) -> list[Syntax]:
    """What a run of one `and` or `or` holds, whatever its brackets; of another tree, the tree."""
    found, waiting = [], [syntax]
    while waiting:
        one = waiting.pop()
        if one.kind == "Logic" and one.parts[0] == syntax.parts[0]:
            waiting += [one.parts[2], one.parts[1]]
        else:
            found.append(one)
    return found


def _narrow(old: Syntax, new: Syntax, *, is_whole: bool, is_needed: bool) -> Edit:
    """The smallest place that holds the whole difference of two trees."""
    word = next((one.parts[0] for one in (new, old) if one.kind == "Logic"), "")
    before, after = (operands(one) if _is_run(one, word) else [one] for one in (old, new))
    gone = [one for one in before if not any(same(one, each) for each in after)]
    come = [one for one in after if not any(same(one, each) for each in before)]
    if word and len(gone) == len(come) == 1 and len(before) == len(after):
        return _narrow(gone[0], come[0], is_whole=False, is_needed=is_needed and word == "AND")
    if word == "AND" or is_whole:
        if len(come) == 1 and not gone and len(after) == len(before) + 1:
            return Edit("joined", None, come[0], word, is_needed)
        if len(gone) == 1 and not come and len(before) == len(after) + 1:
            return Edit("left", gone[0], None, word, is_needed)
    return Edit("part", old, new, is_needed=is_needed)


def _is_run(one: Syntax, word: str) -> bool:
    return bool(one.kind == "Logic" and one.parts[0] == word)
