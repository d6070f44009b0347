"""Ratings in numbers: read from cells, with the range that they must lie in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from qualkit.errors import ColumnError
from qualkit.importers.columns import shorten
from qualkit.importers.guess import Profile, parse_number
from qualkit.importers.layout import Layout
from qualkit.importers.rawrows import Cells
from qualkit.importers.tables import Table
from qualkit.model import Rejection

_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*(?:-|–|to|:|\.\.)\s*({_NUMBER})\s*")
_SHORT_SCALE = 0.9
_LONG_SCALE = 0.5
"""So large a share of a column's numbers, or more, lies in a range that is guessed."""

Range = tuple[float, float]


class RatingReader:
    """Reads the ratings of rows, and keeps account of cells that are none.

    Parameters
    ----------
    given : str
        The range that the user gives, "0-100"; guessed column by column if empty.

    Raises
    ------
    ColumnError
        The range cannot be read.
    """

    def __init__(self, table: Table, layout: Layout, profile: Profile, given: str = "") -> None:
        self._table = table
        self._at = [
            (header, key, table.headers.index(header)) for header, key in layout.ratings.items()
        ]
        told = parse_range(given) if given else None
        self.ranges = {
            header: told or guess_range(profile.values[header]) for header in layout.ratings
        }
        self._no_number: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()

    def read(self, number: int, cells: Cells) -> tuple[dict[str, float], list[Rejection]]:
        """Return a row's ratings, and the cells that are left out with reasons."""
        ratings: dict[str, float] = {}
        problems = []
        for header, key, index in self._at:
            value, limits = parse_number(cells[index]), self.ranges[header]
            if value is None:
                reason = "is not a number" if cells[index].strip() else ""
                self._no_number[header] += bool(reason)
            elif limits is not None and not limits[0] <= value <= limits[1]:
                reason = f"lies outside {_words(limits)}"
                self._outside[header] += 1
            else:
                ratings[key] = value
                continue
            if reason:
                problems.append(
                    Rejection(
                        self._table.place(number, header),
                        f"the rating {reason}; the cell is left out",
                        {header: cells[index]},
                    )
                )
        return ratings, problems

    def planned(self) -> list[str]:
        """Return the ranges that were guessed, in words."""
        by_range: dict[Range | None, list[str]] = {}
        for header, limits in self.ranges.items():
            by_range.setdefault(limits, []).append(f"'{shorten(header)}'")
        return [
            f"range of {', '.join(headers)}: {_words(limits)}; another with --rating-range"
            if limits
            else f"no range of ratings was found for {', '.join(headers)}; give it with"
            " --rating-range, or all numbers are kept"
            for limits, headers in by_range.items()
        ]

    def notes(self) -> list[str]:
        """Return what was left out, when all rows are read."""
        return [
            *(
                f"cells of '{shorten(header)}' that are no number, left out: {count}"
                for header, count in self._no_number.items()
                if count
            ),
            *(
                f"cells of '{shorten(header)}' outside {_words(self.ranges[header])}, left out:"
                f" {count}"
                for header, count in self._outside.items()
            ),
        ]


def parse_range(text: str) -> Range:
    """Return a range as written: "0-100", "1 to 10".

    >>> parse_range("0-100"), parse_range("1 to 10")
    ((0.0, 100.0), (1.0, 10.0))
    """
    found = _RANGE.fullmatch(text)
    limits = (float(found[1]), float(found[2])) if found else None
    if limits is None or limits[0] >= limits[1]:
        raise ColumnError(
            "the range of the ratings cannot be read",
            found=text,
            expected="the lowest and the highest rating: --rating-range 0-100",
        )
    return limits


def guess_range(cells: Sequence[str]) -> Range | None:
    """Return the range that a column's numbers are mostly in: 1 to 10, 0 to 10, 0 to 100.

    None where fewer than half of them lie in 0 to 100.
    """
    numbers = [number for cell in cells if (number := parse_number(cell)) is not None]
    for limits in ((1.0, 10.0), (0.0, 10.0), (0.0, 100.0)):
        inside = sum(limits[0] <= number <= limits[1] for number in numbers)
        # A few zeros are ratings of a scale that begins with 0, no slips.
        if limits[0] == 1 and 0 in numbers:
            continue
        least = _LONG_SCALE if limits[1] == 100 else _SHORT_SCALE
        if numbers and inside >= least * len(numbers):
            return limits
    return None


def _words(limits: Range | None) -> str:
    return f"{limits[0]:g} to {limits[1]:g}" if limits else ""
