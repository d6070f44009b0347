"""What people have said of texts, for the machine to learn from."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qualkit.model import CodeKey, Segment
from qualkit.store.codings import iterate_cases


@dataclass(frozen=True, slots=True)
class TaughtCase:
    """A case that people have coded or decided on.

    Attributes
    ----------
    case_id : str
    segments : sequence of Segment
        All of them, the interviewer's turns too.
    given, denied : sequence of (segment row, CodeKey, start, end)
        Codings that people made or accepted; codings that they rejected.
    complete : frozenset of str
        Categories of codebooks with which somebody is done with the case.
    """

    case_id: str
    segments: Sequence[Segment]
    given: Sequence[tuple[int, CodeKey, int, int]]
    denied: Sequence[tuple[int, CodeKey, int, int]]
    complete: frozenset[str]


def count_taught(connection: sqlite3.Connection) -> int:
    """Return how many codings people have made, accepted or rejected."""
    row = connection.execute(
        "SELECT count(*) FROM codings g JOIN cases c ON c.id = g.case_key"
        " WHERE g.status <> 'unreviewed' AND c.withdrawn = 0"
    ).fetchone()
    return int(row[0])


def iterate_taught(
    connection: sqlite3.Connection, coders: Sequence[str] = (), code: CodeKey | None = None
) -> Iterator[TaughtCase]:
    """Yield the cases that people have coded, decided on or are done with, by row.

    `coders` limits them to what these people did; all count if empty. `code` limits
    them to codings and decisions of this one; being done with a case is then none.
    """
    keys = _coder_keys(connection, coders)
    codes = {
        key: (category, own)
        for key, category, own in connection.execute(
            "SELECT id, category, code FROM codes WHERE retired = 0"
        )
        if code in (None, (category, own))
    }
    complete = _complete(connection, keys) if code is None else {}
    given, denied = _marks(connection, keys, codes)
    wanted = sorted({*given, *denied, *complete})
    for key in wanted:
        for segments in iterate_cases(connection, first=key, last=key):
            row = connection.execute("SELECT case_id FROM cases WHERE id = ?", (key,)).fetchone()
            yield TaughtCase(
                row[0],
                segments,
                given.get(key, []),
                denied.get(key, []),
                frozenset(complete.get(key, ())),
            )


def _coder_keys(connection: sqlite3.Connection, coders: Sequence[str]) -> set[int]:
    return {
        key
        for key, name in connection.execute("SELECT id, name FROM coders WHERE machine = 0")
        if not coders or name in coders
    }


def _complete(connection: sqlite3.Connection, keys: set[int]) -> dict[int, set[str]]:
    categories: dict[int, set[str]] = defaultdict(set)
    for book, category in connection.execute(
        "SELECT DISTINCT codebook_key, category FROM codes WHERE retired = 0"
    ):
        categories[book].add(category)
    found: dict[int, set[str]] = defaultdict(set)
    for book, case, coder in connection.execute(
        "SELECT d.codebook_key, d.case_key, d.coder_key FROM done_cases d"
        " JOIN cases c ON c.id = d.case_key WHERE c.withdrawn = 0"
    ):
        if coder in keys:
            found[case] |= categories[book]
    return found


_Marks = dict[int, list[tuple[int, CodeKey, int, int]]]


def _marks(
    connection: sqlite3.Connection, keys: set[int], codes: dict[int, CodeKey]
) -> tuple[_Marks, _Marks]:
    given: _Marks = defaultdict(list)
    denied: _Marks = defaultdict(list)
    for case, segment, code, start, end, coder in connection.execute(
        "SELECT g.case_key, g.segment_key, g.code_key, g.start_char, g.end_char, g.coder_key"
        " FROM codings g JOIN coders p ON p.id = g.coder_key"
        " WHERE p.machine = 0 AND g.status <> 'rejected' ORDER BY g.id"
    ):
        if coder in keys and code in codes:
            given[case].append((segment, codes[code], start, end))
    latest: dict[tuple[int, int, int, int], tuple[str, int]] = {}
    for segment, code, start, end, coder, verdict, case in connection.execute(
        "SELECT d.segment_key, d.code_key, d.start_char, d.end_char, d.coder_key, d.verdict,"
        " s.case_key FROM decisions d JOIN segments s ON s.id = d.segment_key ORDER BY d.id"
    ):
        if coder in keys and code in codes:
            latest[segment, code, start, end] = (verdict, case)
    for (segment, code, start, end), (verdict, case) in latest.items():
        target = given if verdict == "accept" else denied
        target[case].append((segment, codes[code], start, end))
    return given, denied
