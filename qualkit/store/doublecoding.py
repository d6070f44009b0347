"""Who has done which case, and the cases as coders share them."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import groupby

Pair = tuple[int, int]
"""Rows of a codebook and of a case."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case that stands; `segments` holds (number, role) of each."""

    key: int
    kind: str
    case_id: str
    segments: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class StandingCode:
    """A code that stands in a segment, whoever gave it."""

    case_key: int
    n: int
    category: str
    code: str


def fetch_done(connection: sqlite3.Connection, coder: str) -> set[Pair]:
    """Return the pairs of codebook and case that a coder has done.

    A person has marked them done; the machine has coded them.
    """
    rows = connection.execute(
        "SELECT d.codebook_key, d.case_key FROM done_cases d JOIN coders p ON p.id = d.coder_key"
        " JOIN cases c ON c.id = d.case_key WHERE p.name = ?1 AND p.machine = 0 AND c.withdrawn = 0"
        " UNION SELECT k.codebook_key, k.case_key FROM coded_cases k JOIN cases c"
        " ON c.id = k.case_key WHERE c.withdrawn = 0"
        " AND EXISTS (SELECT 1 FROM coders WHERE name = ?1 AND machine = 1)",
        (coder,),
    )
    return {(book, case) for book, case in rows}


def fetch_people_done(connection: sqlite3.Connection) -> list[str]:
    """Return the people who have done a case that stands, by name."""
    rows = connection.execute(
        "SELECT DISTINCT p.name FROM done_cases d JOIN coders p ON p.id = d.coder_key"
        " JOIN cases c ON c.id = d.case_key WHERE p.machine = 0 AND c.withdrawn = 0 ORDER BY 1"
    )
    return [name for (name,) in rows]


def fetch_anybody(connection: sqlite3.Connection) -> set[Pair]:
    """Return the pairs of codebook and case that anybody has coded or done."""
    rows = connection.execute(
        "SELECT codebook_key, case_key FROM coded_cases"
        " UNION SELECT codebook_key, case_key FROM done_cases"
        " UNION SELECT k.codebook_key, g.case_key FROM codings g JOIN codes k ON k.id = g.code_key"
    )
    return {(book, case) for book, case in rows}


def iterate_cases(connection: sqlite3.Connection) -> Iterator[StoredCase]:
    """Yield the cases that stand and have segments, by row."""
    rows = connection.execute(
        "SELECT c.id, c.kind, c.case_id, s.n, s.role FROM cases c JOIN segments s"
        " ON s.case_key = c.id WHERE c.withdrawn = 0 ORDER BY c.id, s.n"
    )
    for (key, kind, case_id), own in groupby(rows, key=lambda row: row[:3]):
        yield StoredCase(key, kind, case_id, tuple((n, role) for *_, n, role in own))


def fetch_runs(connection: sqlite3.Connection, pairs: Collection[Pair]) -> list[str]:
    """Return one line for each run that coded these pairs of codebook and case last."""
    found = {
        run
        for book, case, run in connection.execute(
            "SELECT codebook_key, case_key, run_key FROM coded_cases"
        )
        if (book, case) in pairs
    }
    rows = connection.execute(
        "SELECT r.id, p.name, b.name, v.version, r.method, r.finished_at FROM runs r"
        " JOIN coders p ON p.id = r.coder_key"
        " JOIN codebook_versions v ON v.id = r.codebook_version_key"
        " JOIN codebooks b ON b.id = v.codebook_key ORDER BY r.id"
    )
    return [
        f"run {run}: {coder}, codebook {book} version {version}, {method}, {when}"
        for run, coder, book, version, method, when in rows
        if run in found
    ]


def iterate_standing(connection: sqlite3.Connection) -> Iterator[StandingCode]:
    """Yield each code of each segment that somebody gave and nobody rejected."""
    rows = connection.execute(
        "SELECT DISTINCT g.case_key, s.n, k.category, k.code FROM codings g"
        " JOIN segments s ON s.id = g.segment_key JOIN codes k ON k.id = g.code_key"
        " WHERE g.status <> 'rejected' AND k.retired = 0"
    )
    for row in rows:
        yield StandingCode(*row)


def fetch_attribute(connection: sqlite3.Connection, level: str, key: str) -> dict[int, str]:
    """Return by row of the case the value of an attribute of its own or of its family."""
    if level == "family":
        sql = (
            "SELECT c.id, a.value FROM cases c JOIN family_attributes a"
            " ON a.family_key = c.family_key WHERE a.key = ?"
        )
    else:
        sql = "SELECT case_key, value FROM case_attributes WHERE key = ?"
    return dict(connection.execute(sql, (key,)))
