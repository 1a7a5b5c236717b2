"""Values of a log -> text that is safe to look at: in a spreadsheet, in a terminal, in a browser.

A cell that a spreadsheet would run gets an apostrophe before it; characters that control a terminal, or turn the
direction of writing, are written out. So one decision stays one line, whatever a name has in it.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from io import StringIO
from typing import Any

from service.operations.replies import json_text

HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def line(value: object) -> bytes:
    """A JSON value in one line, which shows every character that could hide."""
    return HIDDEN.sub(_written, json_text(value).decode()).encode() + b"\n"


def rows(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> bytes:
    """Lines of CSV."""
    part = StringIO()
    csv.writer(part).writerows([_cell(one[name]) for name in columns] for one in items)
    return part.getvalue().encode()


def shown(value: object) -> str:
    """A value as it stands on a page."""
    return escape(HIDDEN.sub(_written, "-" if value is None else str(value)))


def _cell(value: object) -> object:
    text = json_text(value).decode() if isinstance(value, dict | list) else value
    if not isinstance(text, str):
        return text
    written = HIDDEN.sub(_written, text)
    return f"'{written}" if text.startswith(FORMULA) else written


def _written(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
