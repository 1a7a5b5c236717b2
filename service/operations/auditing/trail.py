"""Who changed what: rulesets, keys, roles, tags by hand, erasures; newest first, page by page.

Source: docs/api.md, "Audit".
"""

import json
from typing import Any

from service.audit.find_rows import Sought
from service.language.instants import write_instant
from service.operations.cursors import read_cursor, write_cursor
from service.operations.service import Service


def list_audit_events(
    service: Service, sought: Sought, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Audit events that fit, and the cursor of the next page. `InvalidRequest` for a cursor of another question."""
    question = ("events", sought)
    place = None if cursor is None else read_cursor(cursor, question, 1)
    rows, following = service.store.read(lambda reads: reads.finding.events(sought, place, limit))
    items = [{**row._asdict(), "at": write_instant(row.at), "detail": json.loads(row.detail)} for row in rows]
    return items, write_cursor(question, following)
