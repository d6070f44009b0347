"""Family Star readings: stored once for each family, domain and occasion.

`readings` holds all of them; `star_families` what follows from them: how many reviews a family
had, and its first and last readings, packed (see `starspans`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice

from qualkit.model import FamilyDataResult, ParsedReadings, Rejection
from qualkit.normalise import normalise_reference
from qualkit.store.connection import transaction
from qualkit.store.families import family_keys
from qualkit.store.starorder import Settled, Stored, Told, settle
from qualkit.store.starrows import fetch_readings, move_readings, write_readings
from qualkit.store.starspans import Spans, count_spans, fetch_domains, fetch_spans, has_readings

__all__ = [
    "Spans",
    "count_spans",
    "fetch_domains",
    "fetch_readings",
    "fetch_spans",
    "has_readings",
    "move_readings",
    "save_readings",
    "write_readings",
]

_BATCH = 2000
_FAMILIES = 500


def save_readings(
    connection: sqlite3.Connection,
    name: str,
    items: Iterable[ParsedReadings | Rejection],
    set_aside: Callable[[Rejection], None],
) -> FamilyDataResult:
    """Write readings in one transaction; what is there already stays, other values are changed.

    All rows are read first and laid out by family, so that it makes no difference in which
    order they stand; memory does not grow with them.
    """
    result = FamilyDataResult(name, "readings")

    def aside(rejection: Rejection) -> None:
        result.rejected += 1
        set_aside(rejection)

    with transaction(connection):
        headers = _stage(connection, items, aside)
        rows = _staged(connection)
        families = groupby(rows, key=lambda row: row[0])
        batch = ((reference, list(own)) for reference, own in families)
        while chunk := dict(islice(batch, _FAMILIES)):
            _save_families(connection, chunk, headers, result, aside)
        connection.execute("DROP TABLE temp.star_rows")
    return result


_Row = tuple[str, int, str, str, int, str, str, str]
"""Reference, row's number, reference as written, date, review, readings, place, cells."""


def _stage(
    connection: sqlite3.Connection,
    items: Iterable[ParsedReadings | Rejection],
    aside: Callable[[Rejection], None],
) -> list[str]:
    connection.execute("DROP TABLE IF EXISTS temp.star_rows")
    connection.execute(
        "CREATE TEMP TABLE star_rows (n INTEGER PRIMARY KEY, reference TEXT, ufrn TEXT,"
        " read_on TEXT, review INTEGER, readings TEXT, place TEXT, cells TEXT)"
    )
    headers: list[str] = []

    def rows() -> Iterator[tuple[object, ...]]:
        for item in items:
            if isinstance(item, Rejection):
                aside(item)
                continue
            if not headers:
                headers.extend(item.fields)
            yield (
                normalise_reference(item.ufrn),
                item.ufrn,
                item.read_on,
                item.review,
                json.dumps(item.readings),
                item.place,
                json.dumps(list(item.fields.values())),
            )

    sql = (
        "INSERT INTO temp.star_rows (reference, ufrn, read_on, review, readings, place, cells)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
    )
    source = rows()
    while batch := list(islice(source, _BATCH)):
        connection.executemany(sql, batch)
    return headers


def _staged(connection: sqlite3.Connection) -> Iterator[_Row]:
    """Yield the rows by family; a reference that was joined to a family is that family."""
    yield from connection.execute(
        "SELECT coalesce(f.ufrn, r.reference), r.n, r.ufrn, r.read_on, r.review, r.readings,"
        " r.place, r.cells FROM temp.star_rows r"
        " LEFT JOIN family_aliases a ON a.reference = r.reference"
        " LEFT JOIN families f ON f.id = a.family_key ORDER BY 1, 2"
    )


def _save_families(
    connection: sqlite3.Connection,
    families: dict[str, list[_Row]],
    headers: Sequence[str],
    result: FamilyDataResult,
    aside: Callable[[Rejection], None],
) -> None:
    stored = _fetch_stored(connection, list(families))
    changed: dict[str, Settled] = {}
    for reference, rows in families.items():
        told = [Told(row[1], (row[3], row[4]), json.loads(row[5]), row[6]) for row in rows]
        settled = settle(stored.get(reference, ()), told)
        # A wide row stands for several assessments, and is set aside once.
        gone = {(row[6], settled.aside[row[1]]): row[7] for row in rows if row[1] in settled.aside}
        for (place, reason), cells in gone.items():
            fields = dict(zip(headers, json.loads(cells), strict=False))
            aside(Rejection(place, reason, fields))
        result.families += len(settled.aside) < len(rows)
        result.new += settled.new
        result.changed += settled.changed
        result.there += settled.there
        if settled.new or settled.changed:
            changed[reference] = settled
    keys = family_keys(connection, [families[reference][0][2] for reference in changed])
    written = {keys[families[reference][0][2]]: settled for reference, settled in changed.items()}
    write_readings(connection, {key: settled.readings for key, settled in written.items()})


def _fetch_stored(
    connection: sqlite3.Connection, references: Sequence[str]
) -> dict[str, list[Stored]]:
    found: dict[str, list[Stored]] = {}
    marks = ",".join("?" * len(references))
    for ufrn, domain, read_on, review, reading in connection.execute(
        "SELECT f.ufrn, r.domain, r.read_on, r.review, r.reading FROM families f"
        f" JOIN readings r ON r.family_key = f.id WHERE f.ufrn IN ({marks})",
        references,
    ):
        found.setdefault(ufrn, []).append(Stored(domain, (read_on, review), reading))
    return found
