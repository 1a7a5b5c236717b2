"""What is looked for in the log, and what is found, as rows: what operations hand to a store and get back.

Data only; instants are whole milliseconds since 1970-01-01T00:00:00Z.
"""

from collections.abc import Mapping
from typing import NamedTuple

Span = tuple[int | None, int | None]
"""A half-open range of instants; `None` where it has no end."""
EVER: Span = (None, None)


class Sought(NamedTuple):
    """Rows whose columns equal values; `at` is the range they were decided for, `recorded` the one they were recorded
    in.
    """

    equal: Mapping[str, object]
    at: Span = EVER
    recorded: Span = EVER


Place = tuple[int, ...]
"""Where a page begins: the values of the columns that a list is ordered by, of the last row before it."""


class HeadRow(NamedTuple):
    """One evaluation without its content; `erased_by` is the entry by which that was erased."""

    id: str
    ruleset: str
    version: int
    digest: str
    engine: str
    profile_id: str
    at: int
    recorded_at: int
    trigger: str
    actor: str
    request_id: str
    erased_by: str | None


class TrailRow(NamedTuple):
    """Who changed what, as it was recorded; `detail` is a JSON object."""

    id: str
    at: int
    actor: str
    action: str
    subject: str
    detail: str
    request_id: str
