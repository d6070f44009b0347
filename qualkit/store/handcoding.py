"""What people code and decide."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qualkit.model import Status
from qualkit.store.codings import Verdict, coder_key, resolve
from qualkit.store.connection import transaction
from qualkit.store.schema import MACHINE_KEY
from qualkit.store.sources import now


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


@dataclass(frozen=True, slots=True)
class HumanCoding:
    """A stretch of a stored text with a code's row."""

    text: StoredText
    code_key: int
    start: int
    end: int


def add_codings(
    connection: sqlite3.Connection, codings: Iterable[HumanCoding], coder: str
) -> tuple[int, int]:
    """Add a person's codings; return how many are new and how many were there already."""
    with transaction(connection):
        person = coder_key(connection, coder, create=True)
        new = there = 0
        for coding in codings:
            place = (coding.text.segment_key, coding.code_key, coding.start, coding.end, person)
            same = connection.execute(
                "SELECT 1 FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
                " AND end_char = ? AND coder_key = ?",
                place,
            ).fetchone()
            if same:
                there += 1
                continue
            _insert(connection, coding, int(person or 0))
            new += 1
        return new, there


def _insert(connection: sqlite3.Connection, coding: HumanCoding, person: int) -> int:
    quote = coding.text.text[coding.start : coding.end]
    cursor = connection.execute(
        "INSERT INTO codings (guid, segment_key, case_key, code_key, start_char, end_char,"
        " quote, score, coder_key, rule, status) VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, '', ?)",
        (
            str(uuid.uuid4()),
            coding.text.segment_key,
            coding.text.case_key,
            coding.code_key,
            coding.start,
            coding.end,
            quote,
            person,
            Status.ADDED,
        ),
    )
    return int(cursor.lastrowid or 0)


def decide(
    connection: sqlite3.Connection,
    coding: int,
    verdict: str,
    coder: str,
    *,
    consensus: bool = False,
) -> str:
    """Record a person's accept or reject of a machine coding; return its new status.

    Raises LookupError when there is no such machine coding.
    """
    with transaction(connection):
        row = connection.execute(
            "SELECT segment_key, code_key, start_char, end_char FROM codings"
            " WHERE id = ? AND coder_key = ?",
            (coding, MACHINE_KEY),
        ).fetchone()
        if row is None:
            raise LookupError(coding)
        person = coder_key(connection, coder, create=True)
        connection.execute(
            "INSERT INTO decisions (segment_key, code_key, start_char, end_char, coder_key,"
            " verdict, consensus, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, person, verdict, int(consensus), now()),
        )
        verdicts = [
            Verdict(*values)
            for values in connection.execute(
                "SELECT start_char, end_char, coder_key, verdict, consensus FROM decisions"
                " WHERE segment_key = ? AND code_key = ? ORDER BY id",
                row[:2],
            )
        ]
        for key, start, end in connection.execute(
            "SELECT id, start_char, end_char FROM codings"
            " WHERE segment_key = ? AND code_key = ? AND coder_key = ?",
            (*row[:2], MACHINE_KEY),
        ).fetchall():
            connection.execute(
                "UPDATE codings SET status = ?, flagged = ? WHERE id = ?",
                (*resolve(verdicts, (start, end)), key),
            )
        return str(
            connection.execute("SELECT status FROM codings WHERE id = ?", (coding,)).fetchone()[0]
        )


def add_coding(
    connection: sqlite3.Connection,
    *,
    segment_key: int,
    code_key: int,
    start: int,
    end: int,
    coder: str,
) -> int:
    """Add a person's coding of text[start:end]; return its row.

    Raises ValueError when the stretch is not within the segment, LookupError
    when there is no such segment.
    """
    with transaction(connection):
        row = connection.execute(
            "SELECT id, case_key, text FROM segments WHERE id = ?", (segment_key,)
        ).fetchone()
        if row is None:
            raise LookupError(segment_key)
        stored = StoredText(*row)
        if not 0 <= start < end <= len(stored.text):
            raise ValueError(f"{start}:{end} is not within 0:{len(stored.text)}")
        person = coder_key(connection, coder, create=True)
        return _insert(connection, HumanCoding(stored, code_key, start, end), int(person or 0))


def mark_done(
    connection: sqlite3.Connection, *, codebook_key: int, case_key: int, coder: str
) -> None:
    """Record that a person has been through a case with a codebook."""
    with transaction(connection):
        connection.execute(
            "INSERT INTO done_cases (codebook_key, case_key, coder_key, done_at)"
            " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (codebook_key, case_key, coder_key(connection, coder, create=True), now()),
        )


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
