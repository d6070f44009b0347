"""Needs of families: each assessment with its answers, and what they come to for the family.

A family has a need if any of its assessments says yes, has it not if some say no and none
yes; else it is not known, and has no row in `family_needs`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence

from qualkit.model import FamilyDataResult, ParsedNeeds, Rejection
from qualkit.store.connection import transaction
from qualkit.store.families import family_keys
from qualkit.store.needrows import AssessmentKey, refresh_needs, write_assessments
from qualkit.store.staging import Row, Staged, staged

TWICE = (
    "another row has this reference, person and date with other answers; two families may have"
    " one reference, and neither row is taken"
)

_COLUMNS = {"about": "TEXT", "person": "TEXT", "dated": "TEXT", "needs": "TEXT"}


def save_needs(
    connection: sqlite3.Connection,
    name: str,
    items: Iterable[ParsedNeeds | Rejection],
    names: Mapping[str, str],
    set_aside: Callable[[Rejection], None],
) -> FamilyDataResult:
    """Write assessments in one transaction; a known one's answers are changed where they differ.

    Parameters
    ----------
    names : mapping of str to str
        What each need is called.
    """
    result = FamilyDataResult(name, "answers")

    def aside(rejection: Rejection) -> None:
        result.rejected += 1
        set_aside(rejection)

    with (
        transaction(connection),
        staged(connection, _COLUMNS, items, _values, aside) as rows,
    ):
        connection.executemany(
            "INSERT INTO needs (need, name) VALUES (?, ?) ON CONFLICT (need) DO NOTHING",
            names.items(),
        )
        for families in rows.batches:
            _save_families(connection, families, rows, result, aside)
    return result


def _values(item: ParsedNeeds) -> tuple[object, ...]:
    return " ".join(item.about), item.person, item.assessed_on, json.dumps(item.needs)


def _save_families(
    connection: sqlite3.Connection,
    families: Sequence[tuple[str, list[Row]]],
    staged_rows: Staged,
    result: FamilyDataResult,
    aside: Callable[[Rejection], None],
) -> None:
    kept: dict[str, list[Row]] = {}
    for _, rows in families:
        twice = _contradictory(rows)
        for row in rows:
            if row[1] in twice:
                aside(staged_rows.rejection(row, TWICE))
        own = [row for row in rows if row[1] not in twice]
        if own:
            kept[own[0][2]] = own
    keys = family_keys(connection, list(kept))
    result.families += len(kept)
    for written, rows in kept.items():
        told: dict[AssessmentKey, dict[str, bool]] = {}
        for row in rows:
            abouts = row[3].split()
            # Of a row that is about all three, the answers are kept with the family's.
            for about in abouts:
                answers = told.setdefault((about, row[4], row[5]), {})
                if len(abouts) == 1 or about == "family":
                    answers |= json.loads(row[6])
        if write_assessments(connection, keys[written], told, result):
            refresh_needs(connection, keys[written])


def _contradictory(rows: Sequence[Row]) -> set[int]:
    told: dict[tuple[str, str, str, str], set[bool]] = {}
    for row in rows:
        for need, answer in json.loads(row[6]).items():
            told.setdefault((row[3], row[4], row[5], need), set()).add(answer)
    return {
        row[1]
        for row in rows
        if any(len(told[row[3], row[4], row[5], need]) > 1 for need in json.loads(row[6]))
    }
