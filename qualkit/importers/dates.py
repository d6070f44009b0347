"""Dates as people write them in tables, the day before the month."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?: \d{1,2}:.*)?$")
_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-/. ]?([a-z]{3,9})[-/., ]+(\d{4}|\d{2})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


# The same dates come again and again.
@lru_cache(maxsize=65536)
def parse_date(cell: str) -> str | None:
    """Return a date as ISO 8601 (YYYY-MM-DD), or None where the cell is no date.

    >>> parse_date("3/4/2016"), parse_date("2016-04-03"), parse_date("3 Apr 16")
    ('2016-04-03', '2016-04-03', '2016-04-03')
    """
    text = cell.strip().lower()
    if found := _ISO.match(text):
        year, month, day = map(int, found.groups())
    elif found := _DAY_FIRST.match(text):
        day, month, year = map(int, found.groups())
    elif (found := _WORDS.match(text)) and found[2][:3] in _MONTHS:
        day, month, year = int(found[1]), _MONTHS.index(found[2][:3]) + 1, int(found[3])
    else:
        return None
    if year < 100:
        year += 2000
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None
