"""Rows of Family Star readings: read, set anew for a family, given to another family."""

from __future__ import annotations

import sqlite3
from typing import TypeAlias

from qualkit.store.starorder import Stored, find_spans, known_by
from qualkit.store.starspans import domain_places, pack

Readings: TypeAlias = dict[tuple[str, tuple[str, int]], int]
"""Domain and occasion (date or empty, which assessment) to reading."""


def write_readings(connection: sqlite3.Connection, families: dict[int, Readings]) -> None:
    """Set all readings of families anew, with their first and last ones."""
    keys = [(key,) for key in families]
    places = domain_places(connection, sorted({d for own in families.values() for d, _ in own}))
    for table in ("readings", "star_families"):
        connection.executemany(f"DELETE FROM {table} WHERE family_key = ?", keys)
    rows: list[tuple[object, ...]] = []
    whole: list[tuple[object, ...]] = []
    for key, readings in families.items():
        if not readings:
            continue
        rows += [
            (key, domain, read_on, review, reading)
            for (domain, (read_on, review)), reading in readings.items()
        ]
        found, occasions = find_spans(readings)
        dates = [read_on for read_on, _ in occasions if read_on]
        first_on, last_on = min(dates, default=""), max(dates, default="")
        whole.append((key, len(occasions) - 1, first_on, last_on, pack(found, places)))
    connection.executemany(
        "INSERT INTO readings (family_key, domain, read_on, review, reading)"
        " VALUES (?, ?, ?, ?, ?)",
        rows,
    )
    connection.executemany("INSERT INTO star_families VALUES (?, ?, ?, ?, ?)", whole)


def fetch_readings(connection: sqlite3.Connection, family: int) -> list[Stored]:
    """Return all readings of a family."""
    return [
        Stored(domain, (read_on, review), reading)
        for domain, read_on, review, reading in connection.execute(
            "SELECT domain, read_on, review, reading FROM readings WHERE family_key = ?", (family,)
        )
    ]


def move_readings(connection: sqlite3.Connection, old: int, new: int) -> None:
    """Give one family's readings to another; where both have one, the other's stays."""
    moved = fetch_readings(connection, old)
    if not moved:
        return
    there = fetch_readings(connection, new)
    known = {(item.domain, known_by(item.occasion)) for item in there}
    kept = [item for item in moved if (item.domain, known_by(item.occasion)) not in known]
    own = {(item.domain, item.occasion): item.reading for item in [*there, *kept]}
    write_readings(connection, {old: {}, new: own})
