"""Rows -> a file that spreadsheets take, made while it is sent."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.console.page import Sent
from service.operations.auditing.export_text import rows as csv_rows


def sheet(name: str, columns: Sequence[str], pages: Iterable[Sequence[Mapping[str, Any]]]) -> Sent:
    """A file to keep: a line of names, then the rows of each page."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Sent(_lines(columns, pages), "text/csv; charset=utf-8", headers=headers)


def _lines(columns: Sequence[str], pages: Iterable[Sequence[Mapping[str, Any]]]) -> Iterator[bytes]:
    yield csv_rows(columns, [dict(zip(columns, columns, strict=True))])
    for page in pages:
        yield csv_rows(columns, page)
