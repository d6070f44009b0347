"""Family Star readings: stored once for each family, domain and occasion.

`readings` holds all of them; `star_families` what follows from them: how many reviews a family
had, and its first and last readings, packed (see `starspans`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence

from qualkit.model import FamilyDataResult, ParsedReadings, Rejection
from qualkit.store.connection import transaction
from qualkit.store.families import family_keys
from qualkit.store.staging import Row, Staged, staged
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

    columns = {"read_on": "TEXT", "review": "INTEGER", "readings": "TEXT"}
    with (
        transaction(connection),
        staged(connection, columns, items, _values, aside) as rows,
    ):
        for families in rows.batches:
            _save_families(connection, dict(families), rows, result, aside)
    return result


def _values(item: ParsedReadings) -> tuple[object, ...]:
    return item.read_on, item.review, json.dumps(item.readings)


def _save_families(
    connection: sqlite3.Connection,
    families: dict[str, list[Row]],
    staged_rows: Staged,
    result: FamilyDataResult,
    aside: Callable[[Rejection], None],
) -> None:
    stored = _fetch_stored(connection, list(families))
    changed: dict[str, Settled] = {}
    for reference, rows in families.items():
        told = [
            Told(n, (read_on, review), json.loads(readings), place)
            for _, n, _, read_on, review, readings, place, _ in rows
        ]
        settled = settle(stored.get(reference, ()), told)
        # A wide row stands for several assessments, and is set aside once.
        gone = {(row[6], settled.aside[row[1]]): row for row in rows if row[1] in settled.aside}
        for (_, reason), row in gone.items():
            aside(staged_rows.rejection(row, reason))
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
