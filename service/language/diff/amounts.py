"""A condition -> the words in which a sentence says it, where there are any better than its own text.

There are for a comparison of a number with something that has a title, or with the time since something, and for
`within`. Everything else is quoted.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.language.canonical import plain_number
from service.language.diagnostics import Words
from service.language.diff.conditions import number
from service.language.diff.wording import compose, duration_words, in_both, listed, quoted, titles_in
from service.language.expressions import Syntax
from service.language.literals import fits_number
from service.language.phrases.changes import AMOUNTS, INSTEAD, MEASURES
from service.language.rewrite import read

SIGNS = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
SPANS = frozenset({"days_since", "hours_since", "calendar_days_since", "months_since"})
"""What measures the time since an instant."""
_DEEPEST = 5


class Reader:
    """Reads the conditions of one document aloud."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.titles = titles_in(document)
        entries = document.get("values")
        self.values = {
            one["key"]: one.get("expression")
            for one in (entries if isinstance(entries, list) else ())
            if isinstance(one, dict) and isinstance(one.get("key"), str)
        }

    def condition(self, node: Syntax, text: str) -> Words:
        """A condition in words, or as it is written."""
        found = self.comparison(node)
        if found is not None:
            sign, amount, pattern, what = found
            return self.measured(pattern, what, compose(AMOUNTS[sign], n=amount))
        return self.within(node) or quoted(text[slice(*node.span)])

    def other_amount(self, old: Syntax, new: Syntax) -> Words | None:
        """A comparison of which only the amount or the sign is another, both amounts told at once."""
        before, after = self.comparison(old), self.comparison(new)
        if before is None or after is None or before[2:] != after[2:]:
            return None
        was = before[1] if before[0] == after[0] else compose(AMOUNTS[before[0]], n=before[1])
        amount = compose(AMOUNTS[after[0]], n=compose(INSTEAD, after=after[1], before=was))
        return self.measured(after[2], after[3], amount)

    def measured(self, pattern: str, what: Words, amount: Words) -> Words:
        """An amount of something."""
        return compose(MEASURES[pattern], what=what, amount=amount)

    def comparison(self, node: Syntax) -> tuple[str, str, str, Words] | None:
        """The sign, the number, the measure and the thing of a comparison with a number."""
        if node.kind not in ("ArithmeticComparison", "Comparison"):
            return None
        sign, (left, right) = SIGNS[node.parts[0]], node.parts[1:]
        amount = _amount(right)
        if amount is None:
            sign, left, amount = TURNED[sign], right, _amount(left)
        measure = None if amount is None else self.measure(left)
        return None if amount is None or measure is None else (sign, amount, *measure)

    def measure(self, node: Syntax, depth: int = 0) -> tuple[str, Words] | None:
        """What a number counts: the measure, and of what; nothing if there are no words for it."""
        called = _called(node)
        if called is not None:
            what = self.moment(called[1][0]) if called[0] in SPANS and len(called[1]) == 1 else None
            return None if what is None else (called[0], what)
        title = self.title(node)
        if title is not None:
            return "", title
        inner = read(self.values.get(node.parts[0])) if node.kind == "Symbol" and depth < _DEEPEST else None
        return None if inner is None else self.measure(inner, depth + 1)

    def moment(self, node: Syntax) -> Words | None:
        """An instant: by its title, or by its name, or as the latest of several; nothing for any other."""
        called = _called(node)
        if called is not None and called[0] == "latest":
            parts = [self.moment(one) for one in called[1]]
            known = [one for one in parts if one is not None]
            return compose(MEASURES["latest"], what=listed(known)) if len(known) == len(parts) else None
        path = _path(node)
        return None if path is None else compose(in_both("`{title}`"), title=self.title(node) or path)

    def within(self, node: Syntax) -> Words | None:
        """`within(t, 'P7D')` in words."""
        called = _called(node)
        kinds = [one.kind for one in called[1][1:]] if called else []
        if called is None or called[0] != "within" or kinds != ["String"]:
            return None
        what, period = self.moment(called[1][0]), duration_words(called[1][1].parts[0])
        return what and period and self.measured("within", what, period)

    def title(self, node: Syntax) -> Words | None:
        """The title of what a name leads to."""
        root, _, key = (_path(node) or "").rpartition(".")
        roots = [root] if root else ["attribute", "value"]
        return next((self.titles[one, key] for one in roots if (one, key) in self.titles), None)


def _amount(node: Syntax) -> str | None:
    """The number that a node is written as."""
    if node.kind == "Unary" and node.parts[0] == "UMINUS":
        inner = _amount(node.parts[1])
        return inner and f"-{inner}"
    if node.kind != "Float":
        return None
    found = number(node.parts[0])
    # Why: a number with an enormous exponent would be written out in full.
    is_written = isinstance(found, Decimal) and found.is_finite() and fits_number(found)
    return plain_number(found) if is_written and isinstance(found, Decimal) else None


def _called(node: Syntax) -> tuple[str, tuple[Syntax, ...]] | None:
    """The function and the arguments of a call by a plain name."""
    if node.kind != "FunctionCall" or node.parts[0].kind != "Symbol":
        return None
    return node.parts[0].parts[0], node.parts[1]


def _path(node: Syntax) -> str | None:
    """A name with dots, as its author writes it."""
    if node.kind == "Symbol":
        return f"${node.parts[0]}" if node.options.get("scope") else str(node.parts[0])
    if node.kind == "GetAttribute":
        inner = _path(node.parts[0])
        return inner and f"{inner}.{node.parts[1]}"
    return None
