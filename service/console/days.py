"""Days that a form names -> instants: a period from the beginning of its first day to the end of its last."""

from collections.abc import Mapping
from datetime import tzinfo

from service.errors import Fault, InvalidRequest
from service.language.instants import next_midnight, read_date


def read_period(query: Mapping[str, str], where: tzinfo) -> tuple[int | None, int | None]:
    """The half-open period between the days `from` and `to` in `where`; `None` where it has no end.

    `InvalidRequest` with every fault.
    """
    found: list[Fault] = []
    begin, last = (_day(query, name, where, found) for name in ("from", "to"))
    if not found and begin is not None and last is not None and last < begin:
        found.append(Fault("/to", "out-of-range", "expected a day that is not before the first"))
    if found:
        raise InvalidRequest("the query has faults", found)
    return begin, None if last is None else next_midnight(last, where)


def _day(query: Mapping[str, str], name: str, where: tzinfo, found: list[Fault]) -> int | None:
    text = query.get(name, "").strip()
    try:
        return read_date(text, where) if text else None
    except ValueError:
        found.append(Fault(f"/{name}", "wrong-value", "expected a day such as 2026-11-21"))
    return None
