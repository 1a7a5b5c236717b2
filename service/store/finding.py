"""The log by whatever it can be asked for: a page of changes, evaluations or audit events, newest first; and how many.

A page is read along one index, its *lead*; what else is asked for is looked at row by row. Where the lead may have many
rows that don't fit, a page looks at `LOOKED_AT` of them and then ends early, so that no question costs more than that.
Changes are ordered by the instant that they were decided for, or by that of recording if a range of it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from peewee import Database

from service.audit.find_rows import EVER, HeadRow, Place, Sought, Span, TrailRow
from service.audit.rows import ChangeRow, NumberedChange
from service.store.statements import run
from service.store.ulids import first_of

LOOKED_AT = 4_000
"""The most rows that one page looks at."""
COUNTED_AT = 20_000
"""The most rows that one count looks at."""
FEW = 1_000
"""Of so few rows with one lead, all are looked at, in whatever order."""
MARGIN_MILLISECONDS = 60_000
"""By how much the order of places may differ from that of recording."""
RARE: Mapping[str, frozenset[str]] = {
    "cause": frozenset({"manual", "rules", "expiry", "event"}),
    "trigger": frozenset({"manual", "bulk", "publish"}),
}
"""Values that an index of few rows has. They stand in the statement itself, or no database would use it."""
OF_STAGE = "lifecycle/"
LEADS: tuple[tuple[str, ...], ...] = (
    ("request_id",),
    ("profile_id",),
    ("rule",),
    ("cause",),
    ("trigger",),
    ("ruleset", "kind", "key"),
    ("movement",),
    ("actor",),
    ("ruleset", "version"),
)
"""The columns by which changes are indexed, the rarest values first; all also by time."""
WHOLE = frozenset({"version", "at", "recorded_at"})
"""Columns that hold numbers."""


class Listing(NamedTuple):
    """One list of the log: its table and rows, by which columns it is indexed, and by which it is ordered."""

    table: str
    kind: type[ChangeRow | HeadRow | TrailRow]
    leads: tuple[tuple[str, ...], ...]
    order: tuple[str, ...]


CHANGES = Listing("changes", ChangeRow, LEADS, ("at", "seq"))
RECORDED = CHANGES._replace(order=("recorded_at", "seq"))
EVALUATIONS = Listing("evaluations", HeadRow, (("request_id",), ("profile_id",)), ("seq",))
EVENTS = Listing("audit_events", TrailRow, (("subject",), ("action",), ("actor",)), ("seq",))


class Conditions(NamedTuple):
    """Conditions of a statement, joined by AND, and their values."""

    texts: tuple[str, ...] = ()
    values: tuple[object, ...] = ()

    def __add__(self, other: "Conditions") -> "Conditions":  # type: ignore[override]  # not as tuples
        """Both together."""
        return Conditions((*self.texts, *other.texts), (*self.values, *other.values))

    @property
    def where(self) -> str:
        """What the statement says."""
        return f"WHERE {' AND '.join(self.texts)}" if self.texts else ""


class Plan(NamedTuple):
    """How a list is read: `lead` along an index, `rest` row by row; `is_whole` if the lead need not be cut short."""

    lead: Conditions
    rest: Conditions
    is_whole: bool


class Finding:
    """Looking for what is in the log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, sought: Sought, below: Place | None, limit: int) -> tuple[list[NumberedChange], Place | None]:
        """Changes that fit, below a place, and the place where the next page begins, if there may be one."""
        rows, following = self._page(_changes(sought), sought, below, limit)
        return [NumberedChange(seq, ChangeRow(*row)) for seq, *row in rows], following

    def evaluations(self, sought: Sought, below: Place | None, limit: int) -> tuple[list[HeadRow], Place | None]:
        """Evaluations that fit, without their content; newest recorded first."""
        rows, following = self._page(EVALUATIONS, sought, below, limit)
        return [HeadRow(*row[1:]) for row in rows], following

    def events(self, sought: Sought, below: Place | None, limit: int) -> tuple[list[TrailRow], Place | None]:
        """Audit events that fit, newest first."""
        rows, following = self._page(EVENTS, sought, below, limit)
        return [TrailRow(*row[1:]) for row in rows], following

    def count_changes(self, sought: Sought, most: int) -> tuple[int, bool]:
        """How many changes fit, counted no further than `most`, and whether these are all."""
        listing = _changes(sought)
        plan = self._plan(listing, sought)
        columns = ", ".join(f'"{name}"' for name in (*ChangeRow._fields, "seq"))
        table = '"changes"' if plan.is_whole else self._first(listing, plan, columns)
        conditions = plan.lead + plan.rest if plan.is_whole else plan.rest
        values = (*conditions.values,) if plan.is_whole else (*plan.lead.values, *conditions.values)
        sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM {table} {conditions.where} LIMIT ?) AS f"  # noqa: S608  # our own names
        count = int(run(self._database, sql, (*values, most + 1)).fetchone()[0])
        is_all = plan.is_whole or self._count(listing, plan.lead, COUNTED_AT + 1) <= COUNTED_AT
        return min(count, most), is_all and count <= most

    def places(self, table: str, recorded: Span) -> tuple[int | None, int | None]:
        """Places of evaluations or audit events around a range of recording: after which it begins, before which it
        ends. Found by the ids, which begin with the instant.
        """
        low, high = recorded
        sql = f'SELECT "seq" FROM "{table}" WHERE "id" {{}} ? ORDER BY "id" {{}} LIMIT 1'  # noqa: S608  # our own names
        first = last = None
        if low is not None:
            first = run(self._database, sql.format("<", "DESC"), (first_of(low - MARGIN_MILLISECONDS),)).fetchone()
        if high is not None:
            last = run(self._database, sql.format(">", "ASC"), (first_of(high + MARGIN_MILLISECONDS),)).fetchone()
        return first and int(first[0]), last and int(last[0])

    def _page(
        self, listing: Listing, sought: Sought, below: Place | None, limit: int
    ) -> tuple[list[tuple[Any, ...]], Place | None]:
        plan = self._plan(listing, sought)
        start = plan.lead + _below(listing, below)
        end = None if plan.is_whole else self._end(listing, start)
        conditions = start + _down_to(listing, end) + plan.rest
        columns = ", ".join(f'"{name}"' for name in ("seq", *listing.kind._fields))
        sql = f'SELECT {columns} FROM "{listing.table}" {conditions.where} {_order(listing)} LIMIT ?'  # noqa: S608  # our own names
        rows = list(run(self._database, sql, (*conditions.values, limit + 1)))
        if len(rows) <= limit:
            return rows, end
        last = dict(zip(("seq", *listing.kind._fields), rows[limit - 1], strict=True))
        return rows[:limit], tuple(last[name] for name in listing.order)

    def _plan(self, listing: Listing, sought: Sought) -> Plan:
        """Along which index, and what is left to be looked at."""
        equal = sought.equal
        ranges = self._ranges(listing, sought)
        leads = [lead for lead in listing.leads if _serves(listing, lead, equal)]
        whole = next((lead for lead in leads if set(lead) == set(equal)), None)
        if whole is not None and not ranges[1].texts and listing is not RECORDED:
            return Plan(_along(whole, equal) + ranges[0], Conditions(), is_whole=True)
        counted = [(self._count(listing, _along(lead, equal) + ranges[0], FEW), lead) for lead in leads]
        count, lead = min(counted, key=lambda one: one[0], default=(FEW, ()))
        if count == FEW and listing is RECORDED:
            lead = ()
        elif count == FEW:
            lead = leads[0] if leads else ()
        rest = _beside(lead, equal) + ranges[1]
        return Plan(_along(lead, equal) + ranges[0], rest, is_whole=count < FEW or not rest.texts)

    def _ranges(self, listing: Listing, sought: Sought) -> tuple[Conditions, Conditions]:
        """The conditions on instants: those of the list's own order, and others."""
        along, beside = _within('"at"', sought.at), _within('"recorded_at"', sought.recorded)
        if listing is RECORDED:
            return beside, _within('"at" + 0', sought.at)
        if listing is CHANGES:
            return along, beside
        span = sought.recorded if listing is EVALUATIONS else sought.at
        first, last = self.places(listing.table, span) if span != EVER else EVER
        return _within('"seq"', (None if first is None else first + 1, last)), along + beside

    def _count(self, listing: Listing, lead: Conditions, most: int) -> int:
        sql = f'SELECT COUNT(*) FROM (SELECT 1 FROM "{listing.table}" {lead.where} LIMIT ?) AS c'  # noqa: S608  # our own names
        return int(run(self._database, sql, (*lead.values, most)).fetchone()[0])

    def _end(self, listing: Listing, start: Conditions) -> Place | None:
        """The last place that a page looks at; none if it looks at all there is."""
        columns = ", ".join(f'"{name}"' for name in listing.order)
        sql = f'SELECT {columns} FROM "{listing.table}" {start.where} {_order(listing)} LIMIT 1 OFFSET ?'  # noqa: S608  # our own names
        found = run(self._database, sql, (*start.values, LOOKED_AT - 1)).fetchone()
        return None if found is None else tuple(found)

    def _first(self, listing: Listing, plan: Plan, columns: str) -> str:
        """The rows that a count looks at, as a table."""
        sql = f'SELECT {columns} FROM "{listing.table}" {plan.lead.where} {_order(listing)} LIMIT {COUNTED_AT}'  # noqa: S608  # our own names
        return f"({sql}) AS l"


def _changes(sought: Sought) -> Listing:
    return CHANGES if sought.recorded == EVER else RECORDED


def _serves(listing: Listing, lead: Sequence[str], equal: Mapping[str, object]) -> bool:
    """Whether the index of a lead has the rows that are asked for."""
    if not all(name in equal for name in lead):
        return False
    if listing.table != "changes":
        return True
    if lead == ("rule",):
        return str(equal["rule"]).startswith(OF_STAGE)
    return all(equal[name] in RARE[name] for name in lead if name in RARE)


def _along(lead: Sequence[str], equal: Mapping[str, object]) -> Conditions:
    """Conditions that an index is read by."""
    known = {name: f"\"{name}\" = '{equal[name]}'" for name in lead if equal[name] in RARE.get(name, ())}
    if tuple(lead) == ("rule",):
        known["kind"] = "\"kind\" = 'stage'"
    rest = [name for name in lead if name not in known]
    return Conditions((*known.values(), *(f'"{name}" = ?' for name in rest)), tuple(equal[name] for name in rest))


def _beside(lead: Sequence[str], equal: Mapping[str, object]) -> Conditions:
    """Conditions on each row. Why not the plain columns: a database might read along another index than was chosen."""
    rest = [name for name in equal if name not in lead]
    texts = [f'"{name}" + 0 = ?' if name in WHOLE else f"\"{name}\" || '' = ?" for name in rest]
    return Conditions(tuple(texts), tuple(equal[name] for name in rest))


def _within(column: str, span: Span) -> Conditions:
    ends = [(f"{column} {sign} ?", end) for sign, end in zip((">=", "<"), span, strict=True) if end is not None]
    return Conditions(tuple(text for text, _ in ends), tuple(end for _, end in ends))


def _below(listing: Listing, place: Place | None) -> Conditions:
    return Conditions() if place is None else Conditions((f"({_names(listing.order)}) < ({_marks(place)})",), place)


def _down_to(listing: Listing, place: Place | None) -> Conditions:
    return Conditions() if place is None else Conditions((f"({_names(listing.order)}) >= ({_marks(place)})",), place)


def _order(listing: Listing) -> str:
    columns = ", ".join(f'"{name}" DESC' for name in listing.order)
    return f"ORDER BY {columns}"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _marks(place: Place) -> str:
    return ", ".join("?" * len(place))
