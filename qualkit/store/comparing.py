"""What two coders made of the same cases."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from qualkit.model import Mark, MarkDetail


@dataclass(frozen=True, slots=True)
class SharedCase:
    """A case that two coders have been through.

    `segments` holds (number, role) of each; `categories` those of the codebooks
    with which both have been through the case.
    """

    kind: str
    case_id: str
    segments: tuple[tuple[int, str], ...]
    categories: frozenset[str]


def fetch_coder_names(connection: sqlite3.Connection) -> list[str]:
    """Return the names of all coders, the machine's first."""
    return [name for (name,) in connection.execute("SELECT name FROM coders ORDER BY id")]


_THROUGH = """
SELECT DISTINCT codebook_key, case_key FROM (
    SELECT k.codebook_key, g.case_key FROM codings g JOIN codes k ON k.id = g.code_key
        JOIN coders p ON p.id = g.coder_key WHERE p.name = ?1 AND p.machine = 0
    UNION ALL
    SELECT d.codebook_key, d.case_key FROM done_cases d JOIN coders p ON p.id = d.coder_key
        WHERE p.name = ?1
    UNION ALL
    SELECT c.codebook_key, c.case_key FROM coded_cases c WHERE EXISTS
        (SELECT 1 FROM coders WHERE name = ?1 AND machine = 1)
)
"""


def _through(connection: sqlite3.Connection, coder: str) -> set[tuple[int, int]]:
    """Return (codebook, case) that a coder has been through: coded or done."""
    return {(book, case) for book, case in connection.execute(_THROUGH, (coder,))}


def fetch_through(connection: sqlite3.Connection, coder: str) -> dict[str, frozenset[str]]:
    """Return by case id the categories with which a coder has been through the case."""
    categories: dict[int, set[str]] = defaultdict(set)
    for book, category in connection.execute(
        "SELECT DISTINCT codebook_key, category FROM codes WHERE retired = 0"
    ):
        categories[book].add(category)
    ids = dict(connection.execute("SELECT id, case_id FROM cases WHERE withdrawn = 0"))
    found: dict[str, frozenset[str]] = {}
    for book, case in _through(connection, coder):
        if case in ids:
            found[ids[case]] = found.get(ids[case], frozenset()) | categories[book]
    return found


def iterate_compared(
    connection: sqlite3.Connection, reference: str, coder: str
) -> Iterator[SharedCase]:
    """Yield the cases that both coders have been through, by row."""
    shared = _through(connection, reference) & _through(connection, coder)
    books: dict[int, set[int]] = defaultdict(set)
    for book, case in shared:
        books[case].add(book)
    categories: dict[int, set[str]] = defaultdict(set)
    for book, category in connection.execute(
        "SELECT DISTINCT codebook_key, category FROM codes WHERE retired = 0"
    ):
        categories[book].add(category)
    for key in sorted(books):
        row = connection.execute(
            "SELECT kind, case_id FROM cases WHERE id = ? AND withdrawn = 0", (key,)
        ).fetchone()
        if row is None:
            continue
        segments = connection.execute(
            "SELECT n, role FROM segments WHERE case_key = ? ORDER BY n", (key,)
        ).fetchall()
        own = frozenset(category for book in books[key] for category in categories[book])
        yield SharedCase(row[0], row[1], tuple(segments), own)


def fetch_marks(connection: sqlite3.Connection, coder: str) -> dict[str, dict[Mark, MarkDetail]]:
    """Return a coder's codings that stand, by case id; the surest of each segment and code.

    A person's are what she added, and the machine's that she accepted.
    """
    found: dict[str, dict[Mark, MarkDetail]] = defaultdict(dict)
    for case_id, n, category, code, quote, rule, score in connection.execute(
        "SELECT c.case_id, s.n, k.category, k.code, g.quote, g.rule, g.score FROM codings g"
        " JOIN cases c ON c.id = g.case_key JOIN segments s ON s.id = g.segment_key"
        " JOIN codes k ON k.id = g.code_key JOIN coders p ON p.id = g.coder_key"
        " WHERE p.name = ?1 AND g.status <> 'rejected' AND c.withdrawn = 0"
        " UNION ALL"
        " SELECT c.case_id, s.n, k.category, k.code, g.quote, g.rule, g.score FROM codings g"
        " JOIN cases c ON c.id = g.case_key JOIN segments s ON s.id = g.segment_key"
        " JOIN codes k ON k.id = g.code_key JOIN coders m ON m.id = g.coder_key"
        " WHERE m.machine = 1 AND c.withdrawn = 0 AND g.status = 'accepted' AND EXISTS"
        " (SELECT 1 FROM decisions d JOIN coders p ON p.id = d.coder_key WHERE p.name = ?1"
        "  AND p.machine = 0 AND d.segment_key = g.segment_key AND d.code_key = g.code_key"
        "  AND d.verdict = 'accept' AND d.start_char < g.end_char AND g.start_char < d.end_char)",
        (coder,),
    ):
        marks = found[case_id]
        mark = (n, category, code)
        if mark not in marks or (marks[mark].score or 0) < (score or 0):
            marks[mark] = MarkDetail(quote, rule, score)
    return dict(found)
