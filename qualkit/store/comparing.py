"""What two coders made of the same cases."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from qualkit.model import Mark, MarkDetail
from qualkit.store.schema import CONSENSUS


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


_THROUGH = f"""
SELECT DISTINCT codebook_key, case_key FROM (
    SELECT k.codebook_key, g.case_key FROM codings g JOIN codes k ON k.id = g.code_key
        JOIN coders p ON p.id = g.coder_key WHERE p.name = ?1 AND p.machine = 0
        AND g.rule <> '{CONSENSUS}'
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


@dataclass(frozen=True, slots=True)
class HeldMark:
    """A coding that a coder made or, of the machine's, accepted; `own` if she made it."""

    coding: int
    case_id: str
    mark: Mark
    start: int
    end: int
    own: bool
    detail: MarkDetail


_HELD = (
    "SELECT {own}, g.id, c.case_id, s.n, k.category, k.code, g.start_char, g.end_char, g.quote,"
    " g.rule, g.score FROM {coders} JOIN cases c ON c.id = g.case_key"
    " JOIN segments s ON s.id = g.segment_key JOIN codes k ON k.id = g.code_key WHERE"
)
_MADE = (
    _HELD.format(own=1, coders="coders p JOIN codings g ON g.coder_key = p.id")
    + " p.name = ?1 AND c.withdrawn = 0"
    f" AND CASE WHEN p.machine THEN g.status <> 'rejected' ELSE g.rule <> '{CONSENSUS}' END"
)
# Her latest own word holds, whatever the others and a consensus made of it.
_ACCEPTED = (
    _HELD.format(
        own=0,
        coders="coders p JOIN decisions d ON d.coder_key = p.id AND d.consensus = 0"
        " JOIN codings g ON g.segment_key = d.segment_key AND g.code_key = d.code_key"
        " AND d.start_char < g.end_char AND g.start_char < d.end_char"
        " JOIN coders m ON m.id = g.coder_key AND m.machine = 1",
    )
    + " p.name = ?1 AND p.machine = 0 AND c.withdrawn = 0 AND d.verdict = 'accept'"
    " AND NOT EXISTS (SELECT 1 FROM decisions e WHERE e.segment_key = d.segment_key"
    " AND e.code_key = d.code_key AND e.coder_key = d.coder_key AND e.consensus = 0"
    " AND e.id > d.id AND e.start_char < g.end_char AND g.start_char < e.end_char)"
)


def iterate_held(connection: sqlite3.Connection, coder: str) -> Iterator[HeldMark]:
    """Yield a coder's codings that stand.

    A person's are what she added, and the machine's that she accepted: as she left them,
    whatever was agreed on with others since.
    """
    for own, coding, case_id, n, category, code, start, end, *detail in connection.execute(
        f"{_MADE} UNION ALL {_ACCEPTED}", (coder,)
    ):
        mark = (n, category, code)
        yield HeldMark(coding, case_id, mark, start, end, bool(own), MarkDetail(*detail))


def fetch_marks(connection: sqlite3.Connection, coder: str) -> dict[str, dict[Mark, MarkDetail]]:
    """Return what a coder has, by case id; the surest of each segment and code."""
    found: dict[str, dict[Mark, MarkDetail]] = defaultdict(dict)
    for held in iterate_held(connection, coder):
        marks = found[held.case_id]
        if held.mark not in marks or (marks[held.mark].score or 0) < (held.detail.score or 0):
            marks[held.mark] = held.detail
    return dict(found)
