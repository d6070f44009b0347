"""One row a family: attributes, progress and themes; and which families are stuck or deviant.

families one by one -> row; numbers of themes -> quartiles -> families against their themes

References
----------
Seawright, J. and Gerring, J. (2008). Case selection techniques in case study research
(deviant cases).
Tukey, J. W. (1977). Exploratory Data Analysis, chapter 2 (quartiles).
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from qualkit.model import Basis, Column, Stage, Table

HIGHER, LOWER = "higher", "lower"
STUCK_MONTHS = 12
STUCK_RULE = (
    "stuck: open for more than {months} months (closed ones until they were closed), and over the"
    " domains with a first and a last reading as many stages lost as won, or more"
)
DEVIANT_RULE = (
    "deviant: lower progress though many outcomes or few barriers; higher progress though many"
    " barriers or few outcomes. Many: at or above the upper quartile of families with text and"
    " progress, and above the median; few: at or below the lower quartile, and below the median;"
    " over all families, whichever are listed"
)


class Family(Protocol):
    """What a row is made of; see `store.familyrows.FamilyRow`."""

    ufrn: str
    attributes: dict[str, str]
    cases: int
    spans: dict[str, tuple[int, int]]
    themes: dict[tuple[str, str], int]
    label: str


# --- progress and time -----------------------------------------------------------------


def stage_changes(spans: Mapping[str, tuple[int, int]], stages: Sequence[Stage]) -> dict[str, int]:
    """Return how many stages a family moved in each domain: above 0 up, below down."""
    of = {
        reading: index
        for index, stage in enumerate(stages)
        for reading in range(stage.lowest, stage.highest + 1)
    }
    return {domain: of[end] - of[start] for domain, (start, end) in spans.items()}


def months_between(first: str, last: str) -> float | None:
    """Return the months from one ISO date to another; None where either is missing.

    Whole months by the calendar, and days over them as a part of the month that they begin.

    >>> months_between("2016-01-31", "2016-02-29"), months_between("2016-01-15", "2017-01-15")
    (1.0, 12.0)
    """
    if not first or not last:
        return None
    start, end = datetime.date.fromisoformat(first), datetime.date.fromisoformat(last)
    if end < start:
        return None
    whole = (end.year - start.year) * 12 + end.month - start.month
    if _later(start, whole) > end:
        whole -= 1
    begun, next_ = _later(start, whole), _later(start, whole + 1)
    return whole + (end - begun).days / (next_ - begun).days


def _later(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, min(last, day.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


# --- stuck and deviant ------------------------------------------------------------------


def is_stuck(months: float | None, changes: Mapping[str, int], limit: float) -> bool:
    """Whether a family was open longer than `limit` months and did not move up on the whole."""
    return months is not None and months > limit and bool(changes) and sum(changes.values()) <= 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Numbers of themes that are few (this or less) or many (this or more); None: no number is."""

    few: int | None
    many: int | None


def find_limits(numbers: Mapping[int, int]) -> Limits:
    """Return what is few and many among numbers of themes, by how many families have each.

    Quartiles are the medians of the lower and the upper half, the middle one in both (Tukey).

    >>> find_limits({0: 1, 2: 1, 4: 1, 9: 1, 10: 1})
    Limits(few=2, many=9)
    >>> find_limits({0: 9, 1: 1})
    Limits(few=None, many=1)
    """
    n = sum(numbers.values())
    if not n:
        return Limits(None, None)
    half = (n + 1) // 2
    median = _median(numbers, 0, n)
    low, high = _median(numbers, 0, half), _median(numbers, n - half, n)
    values = [value for value in numbers if numbers[value]]
    few = max((value for value in values if value < median and value <= low), default=None)
    many = min((value for value in values if value > median and value >= high), default=None)
    return Limits(few, many)


def _median(numbers: Mapping[int, int], first: int, last: int) -> float:
    """Return the median of the values in places `first` to `last`, in rising order."""
    at = (first + last - 1) // 2, (first + last) // 2
    values: list[int] = []
    passed = 0
    for value in sorted(numbers):
        passed += numbers[value]
        while len(values) < 2 and at[len(values)] < passed:
            values.append(value)
    return (values[0] + values[1]) / 2


def why_deviant(label: str, outcomes: int, barriers: int, of: tuple[Limits, Limits]) -> str:
    """Return in words how a family's progress stands against its themes; nothing if it does not.

    Parameters
    ----------
    of : (Limits, Limits)
        Of outcomes and of barriers.
    """
    if label not in (HIGHER, LOWER):
        return ""
    said = []
    for number, what, limits, expected in (
        (outcomes, "outcomes", of[0], HIGHER),
        (barriers, "barriers", of[1], LOWER),
    ):
        if label != expected and limits.many is not None and number >= limits.many:
            said.append(f"many {what}")
        if label == expected and limits.few is not None and number <= limits.few:
            said.append(f"few {what}")
    return f"{label} progress, {' and '.join(said)}" if said else ""


class Tally:
    """Counts how many families have how many outcomes and barriers."""

    def __init__(self) -> None:
        self._outcomes: Counter[int] = Counter()
        self._barriers: Counter[int] = Counter()

    def add(self, family: Family) -> None:
        """Count a family that has text and progress."""
        if family.cases and family.label:
            numbers = themes_by_category(family)
            self._outcomes[numbers.get("outcome", 0)] += 1
            self._barriers[numbers.get("barrier", 0)] += 1

    def limits(self) -> tuple[Limits, Limits]:
        """Return what is few and many, of outcomes and of barriers."""
        return find_limits(self._outcomes), find_limits(self._barriers)


def themes_by_category(family: Family) -> dict[str, int]:
    """Return how many different themes of each category a family's cases have."""
    return Counter(category for category, _ in family.themes)


# --- rows and the table ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of the table are.

    Attributes
    ----------
    attributes, domains, categories : tuple of str
        Attributes of families, domains with readings, categories counted.
    codes : tuple of (category, code)
        All themes that have a column.
    shown : tuple of (category, code)
        Those of them that people see.
    time, deviance : bool
        Whether months open, and why a family is deviant, have one.
    """

    attributes: tuple[str, ...]
    domains: tuple[str, ...]
    categories: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]
    shown: tuple[tuple[str, str], ...] = ()
    time: bool = False
    deviance: bool = False

    def columns(self, names: Mapping[str, str]) -> tuple[Column, ...]:
        """Return the columns; `names` are those of domains."""
        first = [
            Column(f"family.{key}", key, spare=0 if key == "cluster" else 6)
            for key in self.attributes
        ]
        return (
            Column("ufrn", "family", "id"),
            *first,
            *([Column("months_open", "months open", "score")] if self.time else []),
            *([Column("deviant", "why")] if self.deviance else []),
            Column("progress", "progress"),
            Column("domains_up", "up", "count", spare=1),
            Column("domains_same", "same", "count", spare=2),
            Column("domains_down", "down", "count", spare=1),
            Column("stages", "stages", "count"),
            *[
                Column(f"stages.{domain}", names.get(domain, domain), "count", detail=True)
                for domain in self.domains
            ],
            Column("cases", "cases", "count"),
            *[Column(f"themes.{own}", own, "count", spare=3) for own in self.categories],
            *[
                Column(
                    f"{category}.{code}", code, "count", detail=(category, code) not in self.shown
                )
                for category, code in self.codes
            ],
        )


@cache
def zeros_of(codes: tuple[tuple[str, str], ...]) -> dict[str, int]:
    """Return 0 for the column of each theme; not to be changed."""
    return {f"{category}.{code}": 0 for category, code in codes}


def family_row(
    family: Family,
    changes: Mapping[str, int],
    layout: Layout,
    *,
    months: float | None = None,
    deviant: str = "",
) -> dict[str, Any]:
    """Return a family's row.

    Counts of themes are of its cases with each; blank, not 0, where it has no text, and
    stages where it has no readings. `stages` is the sum over domains.
    """
    row: dict[str, Any] = {"ufrn": family.ufrn, "progress": family.label, "cases": family.cases}
    for key in layout.attributes:
        row[f"family.{key}"] = family.attributes.get(key, "")
    if layout.time:
        row["months_open"] = months
    if layout.deviance:
        row["deviant"] = deviant
    if changes:
        moved = list(changes.values())
        row["domains_up"] = sum(change > 0 for change in moved)
        row["domains_down"] = sum(change < 0 for change in moved)
        row["domains_same"] = sum(change == 0 for change in moved)
        row["stages"] = sum(moved)
        for domain, change in changes.items():
            row[f"stages.{domain}"] = change
    if family.cases:
        numbers = themes_by_category(family)
        for own in layout.categories:
            row[f"themes.{own}"] = numbers.get(own, 0)
        row |= zeros_of(layout.codes)
        for (category, code), n in family.themes.items():
            row[f"{category}.{code}"] = n
    return row


def families_table(
    rows: Sequence[Mapping[str, Any]],
    columns: tuple[Column, ...],
    *,
    title: str,
    rule: str,
    n_by_kind: Mapping[str, int] | None = None,
    notes: Sequence[str] = (),
) -> Table:
    """Return rows of families as a table: for the researcher, never to be published."""
    basis = Basis(n_by_kind=n_by_kind or {}, unit="families", rule=rule)
    return Table("families", title, columns, tuple(rows), basis, tuple(notes))
