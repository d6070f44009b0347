"""Involvement of the families, and their Family Star readings of corpus/plan_readings.csv."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from making.families import Family
from making.narratives import DOMAINS
from making.words import CORPUS

FIRST_CLOSED, LAST_CLOSED = date(2014, 3, 1), date(2017, 8, 31)
SHORTEST_DAYS, LONGEST_DAYS = 98, 900
YEAR_DAYS = 365
BETWEEN_SHARE = 0.25
"""Of families open for less than a year so many have a review before the last."""

Readings = Mapping[str, Mapping[str, int | None]]
"""By start and end, the reading of each domain."""


@dataclass(frozen=True)
class Involvement:
    """From when to when a family was worked with."""

    opened: date
    closed: date

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.closed - self.opened).days

    @property
    def length(self) -> str:
        """Length in words."""
        if self.days > YEAR_DAYS:
            return "over 12 months"
        return "6 to 12 months" if self.days > YEAR_DAYS / 2 else "up to 6 months"


def make_involvements(generator: random.Random, families: list[Family]) -> dict[str, Involvement]:
    """Return each family's involvement, by reference; lengths are chance."""
    found = {}
    for family in families:
        back = generator.randrange((LAST_CLOSED - FIRST_CLOSED).days)
        days = min(max(int(generator.gauss(290, 130)), SHORTEST_DAYS), LONGEST_DAYS)
        closed = FIRST_CLOSED + timedelta(back)
        found[family.reference] = Involvement(closed - timedelta(days), closed)
    return found


def read_readings() -> dict[str, dict[str, dict[str, int | None]]]:
    """Return the planned readings by family, start or end, and domain."""
    found: dict[str, dict[str, dict[str, int | None]]] = {}
    with (CORPUS / "plan_readings.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            own = {domain: int(row[domain]) if row[domain] else None for domain in DOMAINS}
            found.setdefault(row["family"], {})[row["when"]] = own
    return found


def make_readings(
    generator: random.Random,
    involvements: Mapping[str, Involvement],
    planned: Mapping[str, Readings],
) -> list[dict[str, str]]:
    """Return the rows of star_readings.csv: the first assessment and one or two reviews."""
    rows = []
    for reference, own in involvements.items():
        start, end = planned[reference]["start"], planned[reference]["end"]
        first = own.opened + timedelta(generator.randint(7, 42))
        last = own.closed - timedelta(generator.randint(0, 21))
        stars = [("First", first, start), ("Review 1", last, end)]
        if own.days > YEAR_DAYS or generator.random() < BETWEEN_SHARE:
            middle = first + (last - first) / 2
            between = {d: _between(generator, start[d], end[d]) for d in DOMAINS}
            stars[1:] = [("Review 1", middle, between), ("Review 2", last, end)]
        for assessment, when, readings in stars:
            cells = {
                name: "" if readings[domain] is None else str(readings[domain])
                for domain, name in DOMAINS.items()
            }
            head = {"UFRN": reference, "Assessment": assessment, "Date": when.isoformat()}
            rows.append({**head, **cells})
    return rows


def _between(generator: random.Random, start: int | None, end: int | None) -> int | None:
    """Return a reading from start to end; none where either was not read."""
    if start is None or end is None:
        return None
    return generator.randint(min(start, end), max(start, end))
