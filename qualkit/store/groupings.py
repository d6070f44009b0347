"""Groups kept as an attribute of families, and what was there before, so that undo gives it back.

groups -> what each family had and has -> the attribute, a step of the history -> undo, redo
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from qualkit.store.connection import transaction
from qualkit.store.history import Line, record


def attribute_there(connection: sqlite3.Connection, key: str) -> bool:
    """Whether any family has the attribute in the file itself."""
    found = connection.execute("SELECT 1 FROM main.family_attributes WHERE key = ? LIMIT 1", (key,))
    return found.fetchone() is not None


def keep_groups(connection: sqlite3.Connection, key: str, groups: Mapping[int, str]) -> int | None:
    """Give families their group as the attribute `key`: one transaction, one step of the history.

    Parameters
    ----------
    groups : mapping of int to str
        Key of the family to its group; other families lack the attribute afterwards.

    Returns
    -------
    int or None
        The step; None where families had these groups already.
    """
    with transaction(connection):
        before = _fetch(connection, key)
        if before == groups:
            return None
        grouping = connection.execute("INSERT INTO groupings (key) VALUES (?)", (key,)).lastrowid
        connection.executemany(
            "INSERT INTO grouped_families (grouping_key, family_key, before, after)"
            " VALUES (?, ?, ?, ?)",
            [
                (grouping, family, before.get(family), groups.get(family))
                for family in sorted(before.keys() | groups.keys())
            ],
        )
        _put(connection, key, groups)
        return record(connection, None, [Line("group", about_key=grouping)])


def turn_grouping(connection: sqlite3.Connection, grouping: int, *, back: bool) -> bool:
    """Give families the values from before a grouping, or (not `back`) from after it.

    Inside the caller's transaction. False, and nothing done, where families have other
    values by now: an import has changed them since, and would be lost.
    """
    found = connection.execute("SELECT key FROM groupings WHERE id = ?", (grouping,)).fetchone()
    if found is None:
        return False
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for family, old, new in connection.execute(
        "SELECT family_key, before, after FROM grouped_families WHERE grouping_key = ?", (grouping,)
    ):
        before |= {} if old is None else {family: old}
        after |= {} if new is None else {family: new}
    now, wanted = (after, before) if back else (before, after)
    if _fetch(connection, found[0]) != now:
        return False
    _put(connection, found[0], wanted)
    return True


def _fetch(connection: sqlite3.Connection, key: str) -> dict[int, str]:
    return dict(
        connection.execute(
            "SELECT family_key, value FROM main.family_attributes WHERE key = ?", (key,)
        )
    )


def _put(connection: sqlite3.Connection, key: str, values: Mapping[int, str]) -> None:
    connection.execute("DELETE FROM main.family_attributes WHERE key = ?", (key,))
    connection.executemany(
        "INSERT INTO main.family_attributes (family_key, key, value) VALUES (?, ?, ?)",
        [(family, key, value) for family, value in sorted(values.items())],
    )
