"""ISO 8601 text -> `Duration`, without fractions or signs; pure.

Source: docs/language.md; ISO 8601-1, 5.5.2.
"""

import re

from service.language.instants import DAY, HOUR, SECOND
from service.language.model import Duration

_DURATION = re.compile(
    r"P(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,7})H)?(?:(\d{1,9})M)?(?:(\d{1,10})S)?)?",
    re.ASCII,
)
LONGEST_MONTHS = 1200
LONGEST = 100 * 366 * DAY


def read_duration(text: str) -> Duration:
    """The duration that an ISO 8601 text names; weeks and days are 24 h.

    `ValueError` if it is none, has no part, or is longer than a hundred years.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(text)
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    found = Duration(
        text,
        years * 12 + months,
        (weeks * 7 + days) * DAY + hours * HOUR + minutes * 60 * SECOND + seconds * SECOND,
    )
    if found.months > LONGEST_MONTHS or found.milliseconds > LONGEST:
        raise ValueError(text)
    return found
