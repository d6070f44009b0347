"""Family Star readings: stored once for each family, domain and occasion; first and last of each.

`readings` holds all of them; `star_spans` the first and the last of each family and domain, and
`star_families` how many reviews a family had. The latter two follow from the first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spans:
    """First and last readings of families; one row a family, one column a domain.

    Attributes
    ----------
    domains : tuple of str
        What the columns stand for.
    family_keys : list of int
        Rows of the table families, rising.
    start, end : list of list of (int or None)
        Readings 1 to 10, None where there is none; `end` also where there was no review.
    """

    domains: tuple[str, ...]
    family_keys: list[int]
    start: list[list[int | None]]
    end: list[list[int | None]]


def fetch_spans(connection: sqlite3.Connection, domains: Sequence[str], among: str = "") -> Spans:
    """Return the first and last readings of each family that has any.

    Parameters
    ----------
    domains : sequence of str
        Ids; readings of others are left out.
    among : str, optional
        A query for the family keys that count, such as `Cohort.sql`; all if empty.
    """
    at = {domain: index for index, domain in enumerate(domains)}
    found = Spans(tuple(domains), [], [], [])
    where = f" WHERE family_key IN ({among})" if among else ""
    for family, domain, start, end in connection.execute(
        f"SELECT family_key, domain, start_reading, end_reading FROM star_spans{where}"
        " ORDER BY family_key"
    ):
        if domain not in at:
            continue
        if not found.family_keys or found.family_keys[-1] != family:
            found.family_keys.append(family)
            found.start.append([None] * len(at))
            found.end.append([None] * len(at))
        found.start[-1][at[domain]] = start
        found.end[-1][at[domain]] = end
    return found
