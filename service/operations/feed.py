"""The log of changes as events, oldest first, for those who fetch them: each once, none skipped, in the order told.

A cursor is a place in the log. It stays good for ever, whatever the filter, and is given even when nothing is new, so
that a reader goes on where it stopped.
Source: docs/api.md, "Events".
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from service.audit.events import event_text
from service.audit.rows import NumberedChange
from service.errors import Fault, InvalidRequest
from service.operations.ports import Reads
from service.operations.service import Service
from service.operations.wanted import is_wanted

MOST_LOOKED_AT = 5_000
"""The most changes that one page looks through; then it ends early and says that there is more."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Events, each as JSON text; the cursor behind them; and whether there is more already."""

    events: list[bytes]
    cursor: str
    more: bool

    def to_json(self) -> dict[str, Any]:
        """The page as JSON values."""
        return {"items": [orjson.Fragment(one) for one in self.events], "next": self.cursor, "more": self.more}


def list_changes(service: Service, filters: Mapping[str, Any], cursor: str | None, limit: int) -> FeedPage:
    """The events behind a cursor that fit a filter. `InvalidRequest` for a cursor that is none."""
    start = 0 if cursor is None else _read_cursor(cursor)
    horizon = service.store.read(lambda reads: reads.outbox.horizon())

    def job(reads: Reads) -> FeedPage:
        place, more, found = _look(reads, filters, start, horizon, limit)
        evaluations = reads.outbox.evaluations(sorted({one.row.evaluation_id for one in found}))
        events = [event_text(one.row, evaluations[one.row.evaluation_id]) for one in found]
        return FeedPage(events, _write_cursor(place), more)

    return service.store.read(job)


def _look(
    reads: Reads, filters: Mapping[str, Any], start: int, horizon: int, limit: int
) -> tuple[int, bool, list[NumberedChange]]:
    """The changes that fit, the place of the last one looked at, and whether there are more to look at."""
    found: list[NumberedChange] = []
    place, looked_at = start, 0
    while looked_at < MOST_LOOKED_AT:
        rows = reads.outbox.changes(place, horizon, CHUNK)
        for one in rows:
            if is_wanted(one.row, filters):
                if len(found) == limit:
                    return place, True, found
                found.append(one)
            place = one.seq
        if len(rows) < CHUNK:
            return place, False, found
        looked_at += len(rows)
    return place, True, found


def _write_cursor(place: int) -> str:
    return urlsafe_b64encode(f"change {place}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    found = re.fullmatch(r"change ([0-9]{1,18})", text)
    if found is None:
        fault = Fault("/after", "wrong-value", "expected the `next` of an earlier reply")
        raise InvalidRequest("the query has faults", [fault])
    return int(found[1])
