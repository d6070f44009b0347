"""Rows of assessments and their answers: read, added to, given to another family, removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import TypeAlias

from qualkit.model import FamilyDataResult

AssessmentKey: TypeAlias = tuple[str, str, str]
"""About whom, person, date."""


def fetch_assessments(
    connection: sqlite3.Connection, family: int
) -> dict[AssessmentKey, tuple[int, dict[str, bool]]]:
    """Return the assessments of a family: row and answers."""
    found: dict[AssessmentKey, tuple[int, dict[str, bool]]] = {}
    for key, about, person, dated, need, present in connection.execute(
        "SELECT a.id, a.about, a.person, a.assessed_on, n.need, n.present FROM assessments a"
        " LEFT JOIN assessment_needs n ON n.assessment_key = a.id WHERE a.family_key = ?",
        (family,),
    ):
        _, answers = found.setdefault((about, person, dated), (key, {}))
        if need is not None:
            answers[need] = bool(present)
    return found


def write_assessments(
    connection: sqlite3.Connection,
    family: int,
    told: Mapping[AssessmentKey, Mapping[str, bool]],
    result: FamilyDataResult,
) -> bool:
    """Add assessments of a family, and change their answers; say whether anything is other."""
    known = fetch_assessments(connection, family)
    other = False
    for (about, person, dated), answers in told.items():
        key, before = known.get((about, person, dated), (0, {}))
        if not key:
            other = True
            key = (
                connection.execute(
                    "INSERT INTO assessments (family_key, about, person, assessed_on)"
                    " VALUES (?, ?, ?, ?)",
                    (family, about, person, dated),
                ).lastrowid
                or 0
            )
        differing = {need: yes for need, yes in answers.items() if before.get(need) is not yes}
        result.new += sum(need not in before for need in differing)
        result.changed += sum(need in before for need in differing)
        result.there += len(answers) - len(differing)
        other |= bool(differing)
        connection.executemany(
            "INSERT INTO assessment_needs (assessment_key, need, present) VALUES (?, ?, ?)"
            " ON CONFLICT (assessment_key, need) DO UPDATE SET present = excluded.present",
            [(key, need, int(yes)) for need, yes in differing.items()],
        )
    return other


def refresh_needs(connection: sqlite3.Connection, family: int) -> None:
    """Work out anew what a family's assessments come to."""
    connection.execute("DELETE FROM family_needs WHERE family_key = ?", (family,))
    connection.execute(
        "INSERT INTO family_needs (family_key, need, present)"
        " SELECT a.family_key, n.need, max(n.present) FROM assessments a"
        " JOIN assessment_needs n ON n.assessment_key = a.id WHERE a.family_key = ?"
        " GROUP BY n.need",
        (family,),
    )


def move_assessments(connection: sqlite3.Connection, old: int, new: int) -> None:
    """Give one family's assessments to another; where both have one, the other's answers stay."""
    theirs = fetch_assessments(connection, new)
    own = fetch_assessments(connection, old)
    if not own:
        return
    told = {}
    for key, (_, answers) in own.items():
        before = theirs.get(key, (0, {}))[1]
        told[key] = {need: yes for need, yes in answers.items() if need not in before}
    delete_needs(connection, old)
    write_assessments(connection, new, told, FamilyDataResult("", "answers"))
    refresh_needs(connection, new)


def delete_needs(connection: sqlite3.Connection, family: int) -> None:
    """Remove a family's assessments and what they came to."""
    connection.execute(
        "DELETE FROM assessment_needs WHERE assessment_key IN"
        " (SELECT id FROM assessments WHERE family_key = ?)",
        (family,),
    )
    for table in ("assessments", "family_needs"):
        connection.execute(f"DELETE FROM {table} WHERE family_key = ?", (family,))


def has_assessments(connection: sqlite3.Connection) -> bool:
    """Whether any needs were imported."""
    return connection.execute("SELECT 1 FROM assessments LIMIT 1").fetchone() is not None
