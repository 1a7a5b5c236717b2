"""Instants and the calendar: text <-> whole milliseconds since 1970-01-01T00:00:00Z,
and arithmetic on a timezone's wall clock.

Pure: it reads no clock, and takes time zones from the pinned `tzdata` package,
so that the same record replays to the same
answer on every machine. An instant outside the years 1 to 9999 does not exist: functions that would lead there
return `None`.
Source: docs/language.md, "Attributes"; RFC 3339; ISO 8601 durations.
"""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from service.language.model import Duration

SECOND = 1_000
HOUR = 3_600_000
DAY = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
FIRST = -62_135_596_800_000
"""The first instant, 0001-01-01T00:00:00Z."""
LAST = 253_402_300_799_999
"""The last instant, the end of 9999-12-31 in UTC."""

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ]((?:[01]\d|2[0-3]):\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every IANA name that a ruleset may state."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The timezone of that IANA name, from the pinned data; `KeyError` for an unknown name."""
    if name not in zone_names():
        raise KeyError(name)
    folder, _, leaf = name.rpartition("/")
    package = ".".join(["tzdata.zoneinfo", *folder.split("/")]) if folder else "tzdata.zoneinfo"
    with resources.files(package).joinpath(leaf).open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


@lru_cache(maxsize=4096)
def read_instant(text: str, where: tzinfo) -> int:
    """The instant that an RFC 3339 text names; without offset, in the timezone `where`; a finer part is cut down.

    `ValueError` if it is not such a text, or lies outside the years 1 to 9999.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(text)
    day, clock, fraction, offset = match.groups()
    if offset is None:
        moment = datetime.fromisoformat(f"{day}T{clock}")
        found = from_wall(moment, where)
    else:
        shift = "+00:00" if offset in "Zz" else offset
        if shift == "-00:00":
            shift = "+00:00"
        found = _milliseconds(datetime.fromisoformat(f"{day}T{clock}{shift}"))
    if fraction:
        found = None if found is None else found + int(fraction[:3].ljust(3, "0"))
    if found is None or not FIRST <= found <= LAST:
        raise ValueError(text)
    return found


def read_date(text: str, where: tzinfo) -> int:
    """Midnight in `where` of the day that `YYYY-MM-DD` names; `ValueError` if it is none."""
    if _DATE.fullmatch(text) is None:
        raise ValueError(text)
    found = from_wall(datetime.fromisoformat(text), where)
    if found is None:
        raise ValueError(text)
    return found


def write_instant(at: int) -> str:
    """The RFC 3339 text of an instant in UTC; milliseconds only where there are any."""
    moment = EPOCH + at * MILLISECOND
    text = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{at % SECOND:03d}Z" if at % SECOND else f"{text}Z"


def to_wall(at: int, where: tzinfo) -> datetime:
    """The wall-clock moment of an instant in `where`, aware.

    At the ends of time a wall clock would leave the years 1 to 9999; there the instant's UTC moment stands.
    An instant that does not exist counts as the nearest that does.
    """
    moment = EPOCH + min(max(at, FIRST), LAST) * MILLISECOND
    try:
        return moment.astimezone(where)
    except OverflowError:
        return moment


def from_wall(moment: datetime, where: tzinfo) -> int | None:
    """The instant of a naive wall-clock moment: one that does not exist moves forward by the gap,
    of two the first is meant.
    """
    return within_years(_milliseconds(moment.replace(tzinfo=where, fold=0)))


@lru_cache(maxsize=16384)
def local_date(at: int, where: tzinfo) -> date:
    """The date of an instant in `where`."""
    return to_wall(at, where).date()


@lru_cache(maxsize=16384)
def midnight(day: date, where: tzinfo) -> int:
    """The instant at which a day begins in `where`; the first one for a day that began before it."""
    found = from_wall(datetime(day.year, day.month, day.day), where)
    return FIRST if found is None else found


def next_midnight(at: int, where: tzinfo) -> int | None:
    """The first instant after `at` at which a day begins in `where`."""
    return day_start(local_date(at, where), 1, where)


def day_start(day: date, days: int, where: tzinfo) -> int | None:
    """When the day that lies `days` days after `day` begins in `where`."""
    try:
        return midnight(day + timedelta(days=days), where)
    except OverflowError:
        return None


@lru_cache(maxsize=16384)
def add_months(day: date, months: int) -> date | None:
    """The date that many months later (or earlier); a missing day becomes the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add(at: int, duration: Duration, where: tzinfo) -> int | None:
    """The instant a duration after `at`: months on the wall clock of `where`, then the rest on the time line."""
    found: int | None = at
    if duration.months:
        wall = to_wall(at, where)
        day = add_months(wall.date(), duration.months)
        if day is None:
            return None
        found = from_wall(datetime.combine(day, wall.time()), where)
    return None if found is None else within_years(found + duration.milliseconds)


def _milliseconds(moment: datetime) -> int:
    """An aware moment as an instant."""
    return (moment - EPOCH) // MILLISECOND


def within_years(at: int) -> int | None:
    """The instant, if it lies in the years 1 to 9999."""
    return at if FIRST <= at <= LAST else None
