"""Durations: which texts are some, and how long they are."""

import pytest

from service.language.durations import read_duration
from service.language.instants import DAY, HOUR, SECOND


@pytest.mark.parametrize(
    ("text", "months", "milliseconds"),
    [
        ("P7D", 0, 7 * DAY),
        ("P2W", 0, 14 * DAY),
        ("P1W1D", 0, 8 * DAY),
        ("PT48H", 0, 48 * HOUR),
        ("PT90M", 0, 90 * 60 * SECOND),
        ("PT3600S", 0, HOUR),
        ("P1M", 1, 0),
        ("P1Y", 12, 0),
        ("P1Y2M3W4DT5H6M7S", 14, 25 * DAY + 5 * HOUR + 6 * 60 * SECOND + 7 * SECOND),
        ("P0D", 0, 0),
        ("PT0S", 0, 0),
        ("P100Y", 1200, 0),
        ("P36600D", 0, 36600 * DAY),
    ],
)
def test_a_duration_is_months_and_then_time(text, months, milliseconds):
    """Years and months go by the calendar, all else by the clock, and the text is kept."""
    found = read_duration(text)
    assert (found.text, found.months, found.milliseconds) == (text, months, milliseconds)
    assert found.is_zero is (months == milliseconds == 0)


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "7D", "p7d", "P7", "P-7D", "-P7D", "+P7D", "P1.5D", "P0,5D", "PT1D", "P1H", "P1D2W"),
        *("PT1S1M", " P1D", "P1D ", "P1D\n", "P\uff11D", "7 days", "P1Y1Y", "P1000000D", "P0001-00-00"),
    ],
)
def test_what_is_no_duration_is_refused(text):
    """Fractions, signs, parts out of order, and anything but the ISO form are refused."""
    with pytest.raises(ValueError, match=r".*"):
        read_duration(text)


@pytest.mark.parametrize("text", ["P101Y", "P100Y1M", "P1201M", "P36601D", "PT878401H", "PT9999999999S"])
def test_a_duration_ends_within_a_hundred_years(text):
    """What is longer than a hundred years is a slip of the pen."""
    with pytest.raises(ValueError, match=text):
        read_duration(text)
