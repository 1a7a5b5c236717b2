"""A constant as written -> its value, or what is wrong with it.

Source: docs/language.md, "Expressions".
"""

from collections.abc import Callable
from datetime import tzinfo
from decimal import Decimal

from service.language import instants
from service.language.durations import read_duration
from service.language.expressions import Syntax
from service.language.tree import Literal, Node
from service.language.types import NUMBER_DIGITS, Type

Wrong = Callable[..., Node]
"""`wrong(sentence, span, **facts)`: takes a mistake and gives the node that stands for it."""

DATE = {"expected": "date or date and time", "expected_zh": "日期或时间"}
SPAN = {"expected": "span of weeks, days, hours, minutes and seconds", "expected_zh": "周、日、时、分、秒的时长"}


def read_boolean(syntax: Syntax, where: tzinfo, wrong: Wrong) -> Node:
    """`true` or `false`."""
    return Literal(type=Type.BOOLEAN, span=syntax.span, value=syntax.parts[0])


def read_number(syntax: Syntax, where: tzinfo, wrong: Wrong) -> Node:
    """A decimal number of at most 28 digits."""
    text = syntax.parts[0]
    if text in ("inf", "nan") or text[:2].lower() in ("0b", "0o", "0x"):
        return wrong("forbidden-construct", syntax.span, what=f"`{text}`", what_zh=f"`{text}`")
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return wrong("wrong-shape/literal", syntax.span, found=text, expected="number", expected_zh="数字")
    value = Decimal(text)
    if not fits_number(value):
        return wrong("limit-exceeded/digits", syntax.span)
    return Literal(type=Type.NUMBER, span=syntax.span, value=value)


def read_text(syntax: Syntax, where: tzinfo, wrong: Wrong) -> Node:
    """A text without NUL or half characters."""
    text = syntax.parts[0]
    if any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text):
        return wrong("forbidden-construct/character", syntax.span)
    return Literal(type=Type.STRING, span=syntax.span, value=text)


def read_date(syntax: Syntax, where: tzinfo, wrong: Wrong) -> Node:
    """`d'...'`: a day or an instant, without offset in the ruleset's timezone."""
    text = syntax.parts[0]
    for read in (instants.read_date, instants.read_instant):
        try:
            return Literal(type=Type.DATETIME, span=syntax.span, value=read(text, where))
        except ValueError:
            continue
    return wrong("wrong-shape/literal", syntax.span, found=text, **DATE)


def read_span(syntax: Syntax, where: tzinfo, wrong: Wrong) -> Node:
    """`t'...'`: weeks, days, hours, minutes and seconds."""
    try:
        period = read_duration(syntax.parts[0])
    except ValueError:
        period = None
    if period is None or period.months:
        return wrong("wrong-shape/literal", syntax.span, found=syntax.parts[0], **SPAN)
    return Literal(type=Type.SPAN, span=syntax.span, value=period.milliseconds)


def fits_number(value: Decimal) -> bool:
    """Whether a number written out in full has no more digits than allowed."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if exponent > NUMBER_DIGITS or exponent < -2 * NUMBER_DIGITS:
        return not value and abs(exponent) < 10**4
    return max(len(digits) + max(exponent, 0), -exponent) <= NUMBER_DIGITS


LITERALS = {
    "Boolean": read_boolean,
    "Float": read_number,
    "String": read_text,
    "Datetime": read_date,
    "Timedelta": read_span,
}
"""The reader of each kind of constant, by rule-engine's word for it."""
