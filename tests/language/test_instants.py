"""Instants and the calendar: what a text means in a timezone, and where arithmetic on the wall clock leads."""

from datetime import UTC, date, datetime

import pytest

from service.language.durations import read_duration
from service.language.instants import (
    DAY,
    EPOCH,
    FIRST,
    HOUR,
    LAST,
    add,
    add_months,
    day_start,
    from_wall,
    local_date,
    midnight,
    next_midnight,
    read_date,
    read_instant,
    to_wall,
    write_instant,
    zone,
    zone_names,
)

NEW_YORK = zone("America/New_York")
SHANGHAI = zone("Asia/Shanghai")
GREENWICH = zone("UTC")


def at(text, where=GREENWICH):
    """An instant by its text."""
    return read_instant(text, where)


def test_timezones_come_from_the_pinned_data():
    """A zone is known by its IANA name alone; what the data does not name does not exist."""
    assert {"UTC", "Asia/Shanghai", "America/Argentina/Ushuaia"} <= zone_names()
    assert zone("America/Argentina/Ushuaia").key == "America/Argentina/Ushuaia"
    for name in ("Asia/Peking", "", "../UTC", "asia/shanghai"):
        with pytest.raises(KeyError):
            zone(name)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("1970-01-01T00:00:00.9999Z", 999),
        ("1970-01-01T00:00:00.1Z", 100),
        ("1970-01-01t00:00:01z", 1000),
        ("1970-01-01 00:00:01Z", 1000),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T16:00:00-08:00", 0),
        ("1970-01-01T05:30:00+05:30", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("0001-01-01T00:00:00Z", FIRST),
        ("9999-12-31T23:59:59.999999Z", LAST),
        ("2000-02-29T00:00:00Z", 951_782_400_000),
    ],
)
def test_an_rfc_3339_text_is_an_instant(text, milliseconds):
    """Every form of RFC 3339 is read; what is finer than a millisecond is cut down."""
    assert at(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00+0800", "2026-01-01T00:00:00+8"),
        *("20260101T000000Z", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"),
        *("2026-01-01T23:59:60Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z"),
        *("2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00ZZ"),
        *("\uff12026-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"),
    ],
)
def test_what_is_no_instant_is_refused(text):
    """Half a text, a day or hour that does not exist, and what lies outside the years 1 to 9999 are refused."""
    with pytest.raises(ValueError, match=r".*"):
        at(text)


@pytest.mark.parametrize(
    ("text", "where", "meant"),
    [
        ("2026-01-01T00:00:00", SHANGHAI, "2025-12-31T16:00:00Z"),
        ("2026-07-01T12:00:00", NEW_YORK, "2026-07-01T16:00:00Z"),
        ("2026-01-01T12:00:00", NEW_YORK, "2026-01-01T17:00:00Z"),
        ("2026-03-08T01:59:59", NEW_YORK, "2026-03-08T06:59:59Z"),
        ("2026-03-08T02:00:00", NEW_YORK, "2026-03-08T07:00:00Z"),
        ("2026-03-08T02:30:00", NEW_YORK, "2026-03-08T07:30:00Z"),
        ("2026-03-08T03:30:00", NEW_YORK, "2026-03-08T07:30:00Z"),
        ("2026-11-01T01:30:00", NEW_YORK, "2026-11-01T05:30:00Z"),
        ("2026-11-01T02:00:00", NEW_YORK, "2026-11-01T07:00:00Z"),
        ("1986-05-04T02:30:00", SHANGHAI, "1986-05-03T18:30:00Z"),
        ("1986-09-14T01:30:00", SHANGHAI, "1986-09-13T16:30:00Z"),
        ("1991-09-15T12:00:00", SHANGHAI, "1991-09-15T04:00:00Z"),
        ("1900-12-31T23:59:00", SHANGHAI, "1900-12-31T15:53:17Z"),
        ("1900-12-31T23:57:00", SHANGHAI, "1900-12-31T15:51:17Z"),
    ],
)
def test_a_wall_clock_that_jumps_gives_one_instant(text, where, meant):
    """A time that does not exist moves forward by the gap; of a time that comes twice the first is meant."""
    assert write_instant(at(text, where)) == meant


def test_the_ends_of_time_hold_on_every_wall_clock():
    """Where a wall clock would leave the years 1 to 9999 there is no instant, and nothing breaks."""
    with pytest.raises(ValueError, match="9999"):
        at("9999-12-31T23:59:59", NEW_YORK)
    with pytest.raises(ValueError, match="0001"):
        read_date("0001-01-01", SHANGHAI)
    assert from_wall(datetime.fromisoformat("9999-12-31T23:00:00"), NEW_YORK) is None
    assert to_wall(FIRST, NEW_YORK) == to_wall(FIRST, GREENWICH)
    assert to_wall(LAST, SHANGHAI) == to_wall(LAST, GREENWICH)
    assert local_date(LAST, SHANGHAI) == date(9999, 12, 31)
    assert next_midnight(LAST, SHANGHAI) is None
    assert next_midnight(LAST, GREENWICH) is None
    assert day_start(date(1, 1, 1), -1, GREENWICH) is None


def test_a_date_is_its_midnight():
    """`YYYY-MM-DD` is the instant at which that day begins in the timezone."""
    assert read_date("2026-03-09", NEW_YORK) == at("2026-03-09T04:00:00Z")
    assert read_date("2024-02-29", SHANGHAI) == at("2024-02-28T16:00:00Z")


@pytest.mark.parametrize("text", ["2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "", "0000-01-01"])
def test_what_is_no_date_is_refused(text):
    """Only a day of the calendar, written in full, is a date."""
    with pytest.raises(ValueError, match=r".*"):
        read_date(text, SHANGHAI)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "0987-06-05T04:03:02.001Z", "2026-11-21T09:00:00Z", "9999-12-31T23:59:59.999Z"]
)
def test_what_is_written_reads_the_same(text):
    """An instant's text reads back as that instant, milliseconds only where there are any."""
    assert write_instant(at(text)) == text


def test_a_day_has_the_hours_its_timezone_gives_it():
    """From one midnight to the next are 23, 24 or 25 hours, as the clocks change."""
    hours = {}
    for day in ("2026-03-08", "2026-07-01", "2026-11-01"):
        start = read_date(day, NEW_YORK)
        end = next_midnight(start, NEW_YORK)
        hours[day] = (end - start) / HOUR
        assert next_midnight(end - 1, NEW_YORK) == end
        assert local_date(end - 1, NEW_YORK) == date.fromisoformat(day)
    assert hours == {"2026-03-08": 23, "2026-07-01": 24, "2026-11-01": 25}


def test_a_day_whose_midnight_does_not_exist_begins_later():
    """Where clocks jump at midnight, the day begins at the first time it has."""
    havana = zone("America/Havana")
    start = midnight(date(2026, 3, 8), havana)
    assert to_wall(start, havana).isoformat() == "2026-03-08T01:00:00-04:00"
    assert local_date(start - 1, havana) == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 8, 31), 0, date(2026, 8, 31)),
        (date(1, 1, 1), -1, None),
        (date(9999, 12, 1), 1, None),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
    ],
)
def test_a_missing_day_becomes_the_months_last(day, months, found):
    """Months are counted on the calendar; outside the years 1 to 9999 there is no date."""
    assert add_months(day, months) == found


@pytest.mark.parametrize(
    ("start", "duration", "where", "end"),
    [
        ("2026-01-31T10:00:00+08:00", "P1M", SHANGHAI, "2026-02-28T02:00:00Z"),
        ("2026-01-31T10:00:00+08:00", "P1M1D", SHANGHAI, "2026-03-01T02:00:00Z"),
        ("2024-02-29T00:00:00Z", "P1Y", GREENWICH, "2025-02-28T00:00:00Z"),
        ("2026-03-07T12:00:00-05:00", "P1D", NEW_YORK, "2026-03-08T17:00:00Z"),
        ("2026-02-08T12:00:00-05:00", "P1M", NEW_YORK, "2026-03-08T16:00:00Z"),
        ("2026-02-08T02:30:00-05:00", "P1M", NEW_YORK, "2026-03-08T07:30:00Z"),
        ("2026-10-01T01:30:00-04:00", "P1M", NEW_YORK, "2026-11-01T05:30:00Z"),
        ("2026-01-01T00:00:00.123Z", "PT1S", GREENWICH, "2026-01-01T00:00:01.123Z"),
        ("2026-01-31T00:00:00.123Z", "P1M", GREENWICH, "2026-02-28T00:00:00.123Z"),
    ],
)
def test_months_go_by_the_calendar_and_days_by_the_clock(start, duration, where, end):
    """A month ends at the same wall-clock time, a day is always 24 hours."""
    assert write_instant(add(at(start), read_duration(duration), where)) == end


@pytest.mark.parametrize(
    ("start", "duration"), [(LAST, "PT1S"), (LAST, "P1M"), (LAST - DAY, "P2D"), (LAST - 31 * DAY, "P1M2D")]
)
def test_a_sum_beyond_the_calendar_does_not_exist(start, duration):
    """What would lie behind the year 9999 is never reached."""
    assert add(start, read_duration(duration), GREENWICH) is None


def test_instants_count_from_1970():
    """An instant is whole milliseconds since the beginning of 1970 in UTC."""
    assert datetime(1970, 1, 1, tzinfo=UTC) == EPOCH
    assert to_wall(0, SHANGHAI).hour == 8
