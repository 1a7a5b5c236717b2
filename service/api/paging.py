"""Lists in three forms: a page of JSON, or the same entries as CSV or NDJSON with the next page in a `Link` header."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from service.api.reading import DEFAULT_LIMIT, cell
from service.api.route import CSV, NDJSON, Answer, Call, as_json
from service.errors import Fault, InvalidRequest
from service.language.instants import read_instant
from service.operations.replies import json_text

Entries = Sequence[Mapping[str, Any]]


def page(call: Call, path: str, columns: Sequence[str], items: Entries, following: str | None) -> Answer:
    """One page of a list that was asked for at `path`, in the form that the caller likes best."""
    if call.accepts == NDJSON:
        return Answer(ndjson(items), 200, NDJSON, _link(call, path, following))
    if call.accepts == CSV:
        return Answer(table(columns, items), 200, f"{CSV}; charset=utf-8", _link(call, path, following))
    return as_json({"items": items, "next": following})


def limit(call: Call) -> int:
    """How many entries a page has."""
    found: int = call.query.get("limit", DEFAULT_LIMIT)
    return found


def spans(query: Mapping[str, Any], *names: tuple[str, str]) -> list[tuple[int | None, int | None]]:
    """Ranges of instants, by the names of their ends in a query; all faults at once."""
    found: list[Fault] = []
    read = [tuple(_instant(query, name, found) for name in ends) for ends in names]
    if found:
        raise InvalidRequest("the query has faults", found)
    return read  # type: ignore[return-value]  # two ends each


def ndjson(items: Entries) -> bytes:
    """Entries, one line of JSON each."""
    return b"".join(json_text(one) + b"\n" for one in items)


def table(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> bytes:
    """Entries as CSV with a line of names; what is no plain value stands as JSON."""
    part = StringIO()
    writer = csv.writer(part)
    writer.writerow(columns)
    writer.writerows([_cell(one[name]) for name in columns] for one in items)
    return part.getvalue().encode()


def _cell(value: object) -> object:
    return cell(json_text(value).decode() if isinstance(value, dict | list) else value)


def _instant(query: Mapping[str, Any], name: str, found: list[Fault]) -> int | None:
    text = query.get(name)
    try:
        return None if text is None else read_instant(text, UTC)
    except ValueError:
        found.append(Fault(f"/{name}", "wrong-value", "expected an instant such as `2026-11-21T09:00:00Z`"))
    return None


def _link(call: Call, path: str, following: str | None) -> dict[str, str]:
    if following is None:
        return {}
    return {"Link": f'<{path}?{urlencode({**call.query, "cursor": following})}>; rel="next"'}
