"""Needs of families: each assessment with its answers, and what they come to for the family.

A family has a need if any of its assessments says yes, has it not if some say no and none
yes; else it is not known, and has no row in `family_needs`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice

from qualkit.model import FamilyDataResult, ParsedNeeds, Rejection
from qualkit.normalise import normalise_reference
from qualkit.store.connection import transaction
from qualkit.store.families import family_keys
from qualkit.store.needrows import AssessmentKey, refresh_needs, write_assessments

_BATCH = 2000
_FAMILIES = 500
TWICE = (
    "another row has this reference, person and date with other answers; two families may have"
    " one reference, and neither row is taken"
)

_Row = tuple[str, int, str, str, str, str, str, str, str]
"""Reference, row's number, as written, about, person, date, answers, place, cells."""


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

    with transaction(connection):
        headers = _stage(connection, items, aside)
        connection.executemany(
            "INSERT INTO needs (need, name) VALUES (?, ?) ON CONFLICT (need) DO NOTHING",
            names.items(),
        )
        rows: Iterator[_Row] = connection.execute(
            "SELECT coalesce(f.ufrn, r.reference), r.n, r.ufrn, r.about, r.person, r.dated,"
            " r.needs, r.place, r.cells FROM temp.need_rows r"
            " LEFT JOIN family_aliases a ON a.reference = r.reference"
            " LEFT JOIN families f ON f.id = a.family_key ORDER BY 1, 2"
        )
        families = ((ref, list(own)) for ref, own in groupby(rows, key=lambda row: row[0]))
        while chunk := list(islice(families, _FAMILIES)):
            _save_families(connection, chunk, headers, result, aside)
        connection.execute("DROP TABLE temp.need_rows")
    return result


def _stage(
    connection: sqlite3.Connection,
    items: Iterable[ParsedNeeds | Rejection],
    aside: Callable[[Rejection], None],
) -> list[str]:
    connection.execute("DROP TABLE IF EXISTS temp.need_rows")
    connection.execute(
        "CREATE TEMP TABLE need_rows (n INTEGER PRIMARY KEY, reference TEXT, ufrn TEXT,"
        " about TEXT, person TEXT, dated TEXT, needs TEXT, place TEXT, cells TEXT)"
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
                " ".join(item.about),
                item.person,
                item.assessed_on,
                json.dumps(item.needs),
                item.place,
                json.dumps(list(item.fields.values())),
            )

    source = rows()
    while batch := list(islice(source, _BATCH)):
        connection.executemany(
            "INSERT INTO temp.need_rows (reference, ufrn, about, person, dated, needs, place,"
            " cells) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            batch,
        )
    return headers


def _save_families(
    connection: sqlite3.Connection,
    families: Sequence[tuple[str, list[_Row]]],
    headers: Sequence[str],
    result: FamilyDataResult,
    aside: Callable[[Rejection], None],
) -> None:
    kept: dict[str, list[_Row]] = {}
    for _, rows in families:
        twice = _contradictory(rows)
        for row in rows:
            if row[1] in twice:
                fields = dict(zip(headers, json.loads(row[8]), strict=False))
                aside(Rejection(row[7], TWICE, fields))
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


def _contradictory(rows: Sequence[_Row]) -> set[int]:
    told: dict[tuple[str, str, str, str], set[bool]] = {}
    for row in rows:
        for need, answer in json.loads(row[6]).items():
            told.setdefault((row[3], row[4], row[5], need), set()).add(answer)
    return {
        row[1]
        for row in rows
        if any(len(told[row[3], row[4], row[5], need]) > 1 for need in json.loads(row[6]))
    }
