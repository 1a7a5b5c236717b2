"""Formulas over booleans, whole and real numbers, and whether any values make them true; the one file that knows z3.

z3 is an extra (`proofs`). It is loaded when the first solver is made: it is large, and only a proving process needs it.
Each solver has a context of its own, since z3's default one serves no second thread.
Plain `bool` and `int` stand for constants, so that what is settled costs the solver nothing.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

MOST_MEGABYTES = 1024


class Word(StrEnum):
    """A solver's answer."""

    YES = "satisfiable"
    NO = "unsatisfiable"
    UNKNOWN = "unknown"


class Answer(NamedTuple):
    """A solver's word; of a `YES`, `read` gives any formula's value: a `bool` or a `Fraction`."""

    word: Word
    read: Callable[[Any], Any] = bool


class Solver:
    """Makes formulas of one context, and asks about them. `ModuleNotFoundError` where z3 is not installed."""

    def __init__(self) -> None:
        import z3  # noqa: PLC0415  # Why: some 80 MB, for proving processes only

        self._z3: Any = z3
        self._context = z3.Context()

    def boolean(self, name: str) -> Any:
        """A variable that is true or false."""
        return self._z3.Bool(name, self._context)

    def whole(self, name: str) -> Any:
        """A variable that is a whole number."""
        return self._z3.Int(name, self._context)

    def real(self, name: str) -> Any:
        """A variable that is any number."""
        return self._z3.Real(name, self._context)

    def number(self, value: Decimal) -> Any:
        """A constant, exact."""
        whole = value.to_integral_value()
        if whole == value:
            return int(whole)
        return self._z3.RealVal(str(Fraction(value)), self._context)

    def number_of(self, value: object) -> Any:
        """A JSON number as a constant."""
        return self.number(Decimal(value))  # type: ignore[arg-type]

    def every(self, *parts: Any) -> Any:
        """Whether all parts hold."""
        open_parts = [one for one in parts if one is not True]
        if any(one is False for one in open_parts):
            return False
        return self._joined(self._z3.And, open_parts, empty=True)

    def some(self, *parts: Any) -> Any:
        """Whether any part holds."""
        open_parts = [one for one in parts if one is not False]
        if any(one is True for one in open_parts):
            return True
        return self._joined(self._z3.Or, open_parts, empty=False)

    def _joined(self, join: Callable[..., Any], parts: list[Any], *, empty: bool) -> Any:
        if not parts:
            return empty
        return parts[0] if len(parts) == 1 else join(*parts)

    def no(self, part: Any) -> Any:
        """Whether the part does not hold."""
        return not part if isinstance(part, bool) else self._z3.Not(part)

    def same(self, left: Any, right: Any) -> Any:
        """Whether two truth values, or two numbers, are equal."""
        if isinstance(left, bool) and not isinstance(right, bool):
            left, right = right, left
        if isinstance(right, bool):
            return left if right else self.no(left)
        return left == right

    def follows(self, given: Any, then: Any) -> Any:
        """Whether `then` holds wherever `given` does."""
        return self.some(self.no(given), then)

    def choose(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """One of two formulas of one kind."""
        if isinstance(condition, bool):
            return then if condition else otherwise
        if isinstance(then, bool) or isinstance(otherwise, bool):
            return self.some(self.every(condition, then), self.every(self.no(condition), otherwise))
        return self._z3.If(condition, then, otherwise, self._context)

    def total(self, parts: Iterable[Any]) -> Any:
        """The sum of numbers."""
        return sum(parts, start=0)

    def count(self, parts: Iterable[Any]) -> Any:
        """How many of the parts hold."""
        return self.total(self.choose(one, 1, 0) for one in parts)

    def floor(self, number: Any) -> Any:
        """The greatest whole number not above a number."""
        if isinstance(number, int):
            return number
        return number if number.is_int() else self._z3.ToInt(number)

    def quotient(self, number: Any, by: int) -> Any:
        """A whole number divided by a whole constant above zero, rounded down."""
        return number // by if isinstance(number, int) else number / by

    def remainder(self, number: Any, by: int) -> Any:
        """What `quotient` leaves, from zero up."""
        return number % by

    def ratio(self, number: Any, by: Any) -> Any:
        """A number divided by a constant other than zero, exact."""
        return self._real(number) / self._real(by)

    def _real(self, number: Any) -> Any:
        if isinstance(number, int):
            return self._z3.RealVal(number, self._context)
        return self._z3.ToReal(number) if number.is_int() else number

    def is_constant(self, number: Any) -> bool:
        """Whether a number is the same for everybody."""
        return isinstance(number, int) or bool(self._z3.is_rational_value(number) or self._z3.is_int_value(number))

    def is_whole(self, number: Any) -> bool:
        """Whether a formula is a whole number whatever its variables are."""
        return isinstance(number, int) or bool(number.is_int())

    def ask(self, formulas: Iterable[Any], milliseconds: int) -> Answer:
        """Whether any values make all formulas true; `UNKNOWN` where the time is too short."""
        solver = self._z3.Solver(ctx=self._context)
        solver.set("timeout", max(1, milliseconds))
        solver.set("max_memory", MOST_MEGABYTES)
        for one in formulas:
            solver.add(one)
        found = solver.check()
        if found == self._z3.unsat:
            return Answer(Word.NO)
        return Answer(Word.YES, self._reader(solver.model())) if found == self._z3.sat else Answer(Word.UNKNOWN)

    def _reader(self, model: Any) -> Callable[[Any], Any]:
        def read(formula: Any) -> Any:
            if isinstance(formula, bool | int):
                return formula
            found = model.eval(formula, model_completion=True)
            if self._z3.is_bool(found):
                return bool(self._z3.is_true(found))
            return (
                Fraction(found.numerator_as_long(), found.denominator_as_long()) if found.is_real() else found.as_long()
            )

        return read
