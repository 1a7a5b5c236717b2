"""The types a value can have in a rule, and what each is when a rule runs.

Data only: names of types, what stands for each at run time, and which may be compared or ordered.
Unknown is not a type: every type's value may also be unknown, which is `None` at run time.
Source: docs/language.md, "Attributes" and "Expressions".
"""

from enum import StrEnum


class Type(StrEnum):
    """The type of an attribute, a value or an expression.

    At run time: `boolean` is `bool`; `number` is an exact `decimal.Decimal`; `string` is `str`;
    `datetime` is an `int`, whole milliseconds since 1970-01-01T00:00:00Z; `strings` and `numbers` are tuples;
    `span` is an `int`, milliseconds. `null` stands only beside `==`, `!=`; `error` fits everywhere, so that one
    mistake makes one message.
    """

    BOOLEAN = "boolean"
    NUMBER = "number"
    STRING = "string"
    DATETIME = "datetime"
    STRINGS = "strings"
    NUMBERS = "numbers"
    DATETIMES = "datetimes"
    BOOLEANS = "booleans"
    SPAN = "span"
    NULL = "null"
    EVENT = "event"
    ERROR = "error"


# What an attribute's declared type is inside an expression.
ATTRIBUTE_TYPES = {
    "boolean": Type.BOOLEAN,
    "integer": Type.NUMBER,
    "number": Type.NUMBER,
    "string": Type.STRING,
    "datetime": Type.DATETIME,
    "date": Type.DATETIME,
    "strings": Type.STRINGS,
}

# A list's type by the type of its elements, and back.
LIST_OF = {
    Type.STRING: Type.STRINGS,
    Type.NUMBER: Type.NUMBERS,
    Type.DATETIME: Type.DATETIMES,
    Type.BOOLEAN: Type.BOOLEANS,
}
ELEMENT_OF = {many: one for one, many in LIST_OF.items()}

ORDERED = frozenset({Type.NUMBER, Type.STRING, Type.DATETIME, Type.SPAN})

INTEGER_LIMIT = 10**15
"""Integers are below this, in both directions."""

NUMBER_DIGITS = 28
"""The most digits a number may have, written out in full."""
