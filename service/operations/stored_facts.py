"""Stored facts, read when they are first looked at.

Why: an evaluation with new facts that changes nothing never looks at the old ones, and reading them is a tenth of its
cost.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from service.engine.facts import Facts, recall_facts
from service.language.program import Program


class StoredFacts(Facts):
    """The facts that `text` (JSON) holds, as `program` reads them."""

    _program: Program
    _text: str

    def __init__(self, program: Program, text: str) -> None:
        object.__setattr__(self, "_program", program)
        object.__setattr__(self, "_text", text)

    @cached_property
    def _read(self) -> Facts:
        return recall_facts(self._program, json.loads(self._text, parse_float=Decimal))

    @property
    def values(self) -> Mapping[str, Any]:
        """As rules see them."""
        return self._read.values

    @property
    def document(self) -> Mapping[str, object]:
        """As they were posted."""
        return self._read.document

    @property
    def defaulted(self) -> tuple[str, ...]:
        """The names that the ruleset filled in."""
        return self._read.defaulted

    @property
    def ignored(self) -> tuple[str, ...]:
        """None: what is stored was declared."""
        return ()
