"""Finding the texts that people code, and reading back what they made of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredText:
    """A segment's row, its case's row and its text."""

    segment_key: int
    case_key: int
    text: str


def find_text(connection: sqlite3.Connection, case_id: str, n: int) -> StoredText | None:
    """Return segment `n` of a case that stands, or None."""
    row = connection.execute(
        "SELECT s.id, c.id, s.text FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.case_id = ? AND s.n = ? AND c.withdrawn = 0",
        (case_id, n),
    ).fetchone()
    return StoredText(*row) if row else None


def find_texts(connection: sqlite3.Connection, case_id: str) -> list[StoredText]:
    """Return the segments of a case that stands, in order."""
    rows = connection.execute(
        "SELECT s.id, c.id, s.text FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.case_id = ? AND c.withdrawn = 0 ORDER BY s.n",
        (case_id,),
    )
    return [StoredText(*row) for row in rows]


def fetch_pairs(connection: sqlite3.Connection, coder: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (kind, category, case id, code) of a coder's codings that are not rejected."""
    yield from connection.execute(
        "SELECT DISTINCT c.kind, k.category, c.case_id, k.code FROM codings g"
        " JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
        " JOIN coders p ON p.id = g.coder_key"
        " WHERE p.name = ? AND g.status <> 'rejected' AND c.withdrawn = 0",
        (coder,),
    )


def fetch_kinds(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the kind of every case that stands, by its id."""
    return dict(connection.execute("SELECT case_id, kind FROM cases WHERE withdrawn = 0"))
