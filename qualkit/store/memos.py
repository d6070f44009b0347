"""Reading memos back: a researcher's notes, each with what it is about as that stands now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ABOUT = ("project", "source", "case", "coding", "code")
"""What a memo may be about."""


def fetch_keys(connection: sqlite3.Connection, about: str) -> dict[str, int]:
    """Return the rows of all cases or sources by name."""
    column, table = {"case": ("case_id", "cases"), "source": ("name", "sources")}[about]
    return dict(connection.execute(f"SELECT {column}, id FROM {table} ORDER BY id"))


@dataclass(frozen=True, slots=True)
class Memo:
    """One memo; what it has no part in is empty.

    `coding` is the number of the coding as it stands now: the one that the memo was
    written on, or one with the same code over some of the same words. None where none
    stands there; `start` and `end` say where it stood.
    """

    memo: int
    at: str
    coder: str
    about: str
    source: str
    case_id: str
    segment_n: int | None
    category: str
    code: str
    coding: int | None
    start: int | None
    end: int | None
    text: str


# A row's number may be another coding's by now; that one has another place or code.
_CODING = """CASE m.about WHEN 'coding' THEN coalesce(
    (SELECT g.id FROM codings g WHERE g.id = m.about_key
        AND g.segment_key = m.segment_key AND g.code_key = m.code_key),
    (SELECT min(g.id) FROM codings g
        WHERE g.segment_key = m.segment_key AND g.code_key = m.code_key
        AND g.start_char < m.end_char AND m.start_char < g.end_char)) END"""


def iterate_memos(
    connection: sqlite3.Connection,
    *,
    about: str = "",
    case_key: int | None = None,
    source_key: int | None = None,
    code_keys: Sequence[int] = (),
    coder: int | None = None,
    words: Sequence[str] = (),
) -> Iterator[Memo]:
    """Yield the memos that were not taken back, oldest first; those with all the words, if any.

    A case's memos are also those on its codings; a source's also those on its cases; a
    code's also those on codings with it.
    """
    conditions, values = ["m.hidden = 0"], list[object]()
    for condition, value in (
        ("m.about = ?", about or None),
        ("m.case_key = ?", case_key),
        ("o.id = ?", source_key),
        ("m.coder_key = ?", coder),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if code_keys:
        conditions.append(f"m.code_key IN ({', '.join('?' * len(code_keys))})")
        values += code_keys
    wanted = [word.casefold() for word in words]
    for row in connection.execute(
        "SELECT m.id, m.written_at, p.name, m.about, coalesce(o.name, ''),"
        " coalesce(c.case_id, ''), s.n, coalesce(k.category, ''), coalesce(k.code, ''),"
        f" {_CODING}, m.start_char, m.end_char, m.text FROM memos m"
        " JOIN coders p ON p.id = m.coder_key LEFT JOIN cases c ON c.id = m.case_key"
        " LEFT JOIN segments s ON s.id = m.segment_key AND s.case_key = m.case_key"
        " LEFT JOIN codes k ON k.id = m.code_key LEFT JOIN sources o"
        " ON o.id = CASE m.about WHEN 'source' THEN m.about_key ELSE c.source_key END"
        f" WHERE {' AND '.join(conditions)} ORDER BY m.id",
        values,
    ):
        memo = Memo(*row)
        text = memo.text.casefold()
        if all(word in text for word in wanted):
            yield memo
