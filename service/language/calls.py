"""A function or accessor on typed arguments -> its node, or what is wrong with the call.

Source: docs/language.md, "Expressions".
"""

from service.language.durations import read_duration
from service.language.functions import ACCESSORS, FUNCTIONS, Function
from service.language.mistakes import Mistakes
from service.language.tree import Call, Literal, Node
from service.language.types import Type


class Calls:
    """Gives types to calls; `mistakes` takes what is wrong."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes

    def apply(self, name: str, arguments: tuple[Node, ...], span: tuple[int, int]) -> Node:
        """A function or accessor on typed arguments."""
        function = FUNCTIONS.get(name) if name[0] != "." else self.accessor(name[1:], arguments[0], span)
        if function is None or any(one.type is Type.ERROR for one in arguments):
            return Literal(type=Type.ERROR, span=span, value=None)
        least, most = function.limits
        if not least <= len(arguments) <= most:
            shift = 1 if name[0] == "." else 0
            expected = str(least - shift) if least == most else f"{least} to {most}"
            return self.mistakes.wrong(
                "type-mismatch/count", span, name=name, expected=expected, found=len(arguments) - shift
            )
        misfits = [self.misfits(name, index, one, function.argument(index)) for index, one in enumerate(arguments)]
        if any(misfits):
            return Literal(type=Type.ERROR, span=span, value=None)
        return self.called(name, function, arguments, span)

    def misfits(self, name: str, index: int, argument: Node, expected: Type) -> bool:
        """Reports an argument of another type."""
        if argument.type is expected:
            return False
        self.mistakes.report(
            "type-mismatch/argument", argument.span, name=name, index=index + 1, expected=expected, found=argument.type
        )
        return True

    def called(self, name: str, function: Function, arguments: tuple[Node, ...], span: tuple[int, int]) -> Node:
        """A call whose arguments fit, after what only some functions ask."""
        if name == "within":
            return self.within(function, arguments, span)
        if name == ".hour" and self.mistakes.scope.moves(arguments[0]):
            return self.mistakes.wrong("forbidden-construct/now-hour", span)
        if name in ("any_of", "all_of"):
            self.mistakes.check_domain(arguments[0], arguments[1])
        known = all if function.takes_unknown else any
        nullable = not function.total or known(one.nullable for one in arguments)
        return Call(type=function.result, span=span, function=name, arguments=arguments, nullable=nullable)

    def within(self, function: Function, arguments: tuple[Node, ...], span: tuple[int, int]) -> Node:
        """`within`, its period read."""
        text = arguments[1]
        try:
            period = read_duration(str(text.value)) if isinstance(text, Literal) else None
        except ValueError:
            period = None
        if period is None or period.is_zero:
            return self.mistakes.wrong("type-mismatch/period", text.span)
        literal = Literal(type=Type.SPAN, span=text.span, value=period)
        return Call(
            type=function.result,
            span=span,
            function="within",
            arguments=(arguments[0], literal),
            nullable=arguments[0].nullable,
        )

    def accessor(self, name: str, operand: Node, span: tuple[int, int]) -> Function | None:
        """What `.name` is for a value of that type."""
        if operand.type is Type.ERROR:
            return None
        found = ACCESSORS.get(name, {}).get(operand.type)
        if found is None:
            known = [one for one, types in ACCESSORS.items() if operand.type in types]
            self.mistakes.unknown("unknown-name/accessor", span, name, known, type=operand.type)
        return found


def takes_arguments(name: str) -> bool:
    """Whether an accessor is called with parentheses; one that does not exist counts as such."""
    return all(one.limits != (1, 1) for one in ACCESSORS.get(name, {}).values())
