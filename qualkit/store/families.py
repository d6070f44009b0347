"""Families: their references, attributes, and the joining of references to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import ImportResult, ParsedFamily, ParsedSource, ReferenceUse, Rejection
from qualkit.normalise import normalise_reference
from qualkit.store.connection import transaction
from qualkit.store.needrows import move_assessments
from qualkit.store.starrows import move_readings

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_CHUNK = 50_000


def family_keys(connection: sqlite3.Connection, written: Sequence[str]) -> dict[str, int]:
    """Return the family row of each reference as written, making undeclared ones.

    Case, spaces and punctuation do not count; an accepted proposal of
    `reconcile` (an alias) does. Nothing else is joined.
    """
    normal = {text: normalise_reference(text) for text in set(written)}
    wanted = sorted({reference for reference in normal.values() if reference})
    found = _lookup(connection, wanted)
    missing = [reference for reference in wanted if reference not in found]
    if missing:
        first = {reference: text for text, reference in sorted(normal.items(), reverse=True)}
        connection.executemany(
            "INSERT INTO families (ufrn, written, declared) VALUES (?, ?, 0)",
            [(reference, first[reference]) for reference in missing],
        )
        found |= _lookup(connection, missing)
    return {text: found[reference] for text, reference in normal.items() if reference in found}


def fetch_strangers(connection: sqlite3.Connection) -> list[str]:
    """Return references with readings or needs that no table of families names, if there is one."""
    found = connection.execute(
        "SELECT f.written FROM families f WHERE f.declared = 0"
        " AND EXISTS (SELECT 1 FROM families WHERE declared = 1)"
        " AND (EXISTS (SELECT 1 FROM star_families s WHERE s.family_key = f.id)"
        " OR EXISTS (SELECT 1 FROM assessments a WHERE a.family_key = f.id)) ORDER BY f.ufrn"
    )
    return [written for (written,) in found]


def _lookup(connection: sqlite3.Connection, references: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(references), 500):
        part = references[start : start + 500]
        marks = ",".join("?" * len(part))
        found |= dict(
            connection.execute(f"SELECT ufrn, id FROM families WHERE ufrn IN ({marks})", part)
        )
        found |= dict(
            connection.execute(
                f"SELECT reference, family_key FROM family_aliases WHERE reference IN ({marks})",
                part,
            )
        )
    return found


def save_families(
    connection: sqlite3.Connection,
    parsed: ParsedSource,
    set_aside: Callable[[Rejection], None],
) -> ImportResult:
    """Write a families table in one transaction: attributes are set anew for its families."""
    result = ImportResult(parsed.name, "families")
    with transaction(connection):
        batch: list[ParsedFamily] = []
        for item in parsed.items:
            if isinstance(item, ParsedFamily):
                batch.append(item)
                if len(batch) == 2000:
                    _save_batch(connection, batch, result)
                    batch = []
            elif isinstance(item, Rejection):
                result.rejected += 1
                set_aside(item)
        _save_batch(connection, batch, result)
    result.unchanged = not (result.new or result.updated)
    result.notes = list(parsed.notes)
    return result


def _save_batch(
    connection: sqlite3.Connection, batch: Iterable[ParsedFamily], result: ImportResult
) -> None:
    families = list(batch)
    keys = family_keys(connection, [family.ufrn for family in families])
    for family in families:
        key = keys[family.ufrn]
        result.families += 1
        before = dict(
            connection.execute(
                "SELECT key, value FROM family_attributes WHERE family_key = ?", (key,)
            )
        )
        declared = connection.execute(
            "SELECT declared FROM families WHERE id = ?", (key,)
        ).fetchone()[0]
        if not declared:
            result.new += 1
        elif any(before.get(name) != value for name, value in family.attributes.items()):
            result.updated += 1
        connection.execute(
            "UPDATE families SET declared = 1, written = ? WHERE id = ?", (family.ufrn, key)
        )
        connection.executemany(
            "INSERT INTO family_attributes (family_key, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT (family_key, key) DO UPDATE SET value = excluded.value",
            [(key, name, value) for name, value in family.attributes.items()],
        )


def fetch_attribute(
    connection: sqlite3.Connection, key: str, among: Iterable[int] | None = None
) -> dict[int, str]:
    """Return one attribute of the families that have it, of all or some, by family key."""
    sql = "SELECT family_key, value FROM family_attributes WHERE key = ?"
    if among is None:
        return dict(connection.execute(sql, (key,)))
    found: dict[int, str] = {}
    for family in among:
        found.update(connection.execute(f"{sql} AND family_key = ?", (key, family)))
    return found


def fetch_attribute_of(
    connection: sqlite3.Connection, key: str, family_keys: Sequence[int] | Array
) -> list[str]:
    """Return one attribute of each of these families, '' where it has none.

    Memory: 16 bytes a family, however long the values are.
    """
    import numpy

    keys = numpy.asarray(family_keys, dtype=numpy.int64)
    order = numpy.argsort(keys, kind="stable")
    found = numpy.zeros(len(keys), dtype=numpy.int32)
    numbers = {"": 0}
    cursor = connection.execute(
        "SELECT family_key, value FROM family_attributes WHERE key = ?", (key,)
    )
    while len(keys) and (rows := cursor.fetchmany(_CHUNK)):
        own = numpy.array([family for family, _ in rows], dtype=numpy.int64)
        codes = numpy.array([numbers.setdefault(value, len(numbers)) for _, value in rows])
        at = numpy.minimum(numpy.searchsorted(keys, own, sorter=order), len(keys) - 1)
        there = keys[order[at]] == own
        found[order[at[there]]] = codes[there]
    names = list(numbers)
    return [names[code] for code in found.tolist()]


def fetch_references(connection: sqlite3.Connection) -> list[ReferenceUse]:
    """Return every family with the cases that name it, by reference; up to five case ids each."""
    cases: dict[int, list[str]] = {}
    counts: dict[int, int] = {}
    for key, case_id in connection.execute(
        "SELECT family_key, case_id FROM cases WHERE family_key IS NOT NULL AND withdrawn = 0"
        " ORDER BY case_id"
    ):
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= 5:
            cases.setdefault(key, []).append(case_id)
    return [
        ReferenceUse(ufrn, written, bool(declared), counts.get(key, 0), tuple(cases.get(key, ())))
        for key, ufrn, written, declared in connection.execute(
            "SELECT id, ufrn, written, declared FROM families ORDER BY ufrn"
        )
    ]


def fetch_cases_without_family(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (case id, source) of cases that name no family, staff answers aside."""
    return list(
        connection.execute(
            "SELECT c.case_id, s.name FROM cases c JOIN sources s ON s.id = c.source_key"
            " WHERE c.family_key IS NULL AND c.withdrawn = 0 AND NOT EXISTS (SELECT 1 FROM"
            " segments g WHERE g.case_key = c.id AND g.role IN ('staff', 'partner'))"
            " ORDER BY c.case_id"
        )
    )


def accept_alias(connection: sqlite3.Connection, reference: str, family: str, when: str) -> int:
    """Join `reference` to `family` for good, on the user's word; return cases moved.

    The undeclared family that the reference had made is removed. Raises
    LookupError if `family` is not in the project.
    """
    reference, family = normalise_reference(reference), normalise_reference(family)
    with transaction(connection):
        target = connection.execute("SELECT id FROM families WHERE ufrn = ?", (family,)).fetchone()
        if target is None:
            raise LookupError(family)
        connection.execute(
            "INSERT INTO family_aliases (reference, family_key, accepted_at) VALUES (?, ?, ?)"
            " ON CONFLICT (reference) DO UPDATE SET family_key = excluded.family_key",
            (reference, target[0], when),
        )
        old = connection.execute(
            "SELECT id FROM families WHERE ufrn = ? AND declared = 0", (reference,)
        ).fetchone()
        if old is None:
            return 0
        moved = connection.execute(
            "UPDATE cases SET family_key = ? WHERE family_key = ?", (target[0], old[0])
        ).rowcount
        connection.execute(
            "UPDATE family_aliases SET family_key = ? WHERE family_key = ?", (target[0], old[0])
        )
        for move in (move_readings, move_assessments):
            move(connection, old[0], target[0])
        connection.execute("DELETE FROM families WHERE id = ?", (old[0],))
        return moved
