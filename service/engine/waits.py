"""When a wait is over: the one rule that tags and transitions share.

Source: docs/language.md, "Tags" (`held_for`) and "Lifecycle" (`after_stay`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from service.engine.run import Run

NEVER = 2**63
"""Stands for an instant beyond the calendar."""


def later(run: Run, due: int | None) -> int | None:
    """An instant that is still to come; nothing for one that is reached; `NEVER` for one beyond the calendar."""
    if due is None:
        return NEVER
    return due if due > run.at else None
