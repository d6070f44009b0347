"""Progress as an attribute of families: worked out when it is asked for, never stored.

A temporary view stands before the table `family_attributes` and adds the attribute
`progress`, so that every command groups and chooses by it as by any other. It goes with the
next writing action: it would be out of date, and the table could not be written through it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

PROGRESS = "progress"


def lay_down(connection: sqlite3.Connection, labels: Iterable[tuple[int, str]]) -> None:
    """Give families the attribute `progress`, from (family's key, label)."""
    drop_progress(connection)
    connection.execute("DROP TABLE IF EXISTS temp.family_progress")
    connection.execute(
        "CREATE TEMP TABLE family_progress (family_key INTEGER PRIMARY KEY, label TEXT)"
    )
    connection.executemany("INSERT INTO temp.family_progress VALUES (?, ?)", labels)
    connection.execute(
        "CREATE TEMP VIEW family_attributes AS"
        " SELECT family_key, key, value FROM main.family_attributes"
        f" UNION ALL SELECT family_key, '{PROGRESS}', label FROM temp.family_progress"
    )


def has_progress(connection: sqlite3.Connection) -> bool:
    """Whether families have the attribute now."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_temp_master WHERE type = 'view' AND name = 'family_attributes'"
    )
    return found.fetchone() is not None


def own_attribute(connection: sqlite3.Connection) -> bool:
    """Whether a table of families has a column of that name, which then is what is meant."""
    found = connection.execute(
        "SELECT 1 FROM main.family_attributes WHERE key = ? LIMIT 1", (PROGRESS,)
    )
    return found.fetchone() is not None


def drop_progress(connection: sqlite3.Connection) -> None:
    """Take the attribute away."""
    connection.execute("DROP VIEW IF EXISTS temp.family_attributes")
