"""Reading evidence back: quotations, words in context, and the rows of exports."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qualkit.errors import QualkitError
from qualkit.store.scope import (
    Scope,
    cases_of_domain,
    counted_codings,
    families_in_scope,
    marks,
)


@dataclass(frozen=True, slots=True)
class Quotation:
    """A coding with where it stands; offsets in `text`."""

    coding_id: int
    case_id: str
    ufrn: str
    kind: str
    segment_n: int
    segment_label: str
    speaker: str
    role: str
    category: str
    code: str
    start: int
    end: int
    quote: str
    coder: str
    run: int | None
    status: str
    decided_by: str
    score: float | None
    rule: str
    place: str
    source: str
    text: str


QUOTATIONS = """
SELECT g.id, c.case_id, coalesce(f.ufrn, ''), c.kind, s.n, s.label, s.speaker, s.role,
    k.category, k.code, g.start_char, g.end_char, g.quote, p.name, g.run_key, g.status,
    CASE WHEN g.coder_key <> 1 THEN '' ELSE coalesce((
        SELECT group_concat(name, ', ') FROM (
            SELECT DISTINCT dp.name FROM decisions d JOIN coders dp ON dp.id = d.coder_key
            WHERE d.segment_key = g.segment_key AND d.code_key = g.code_key
            AND d.start_char < g.end_char AND g.start_char < d.end_char ORDER BY dp.name)), '')
    END,
    g.score, g.rule, s.place, o.name, s.text
FROM codings g JOIN segments s ON s.id = g.segment_key JOIN cases c ON c.id = g.case_key
JOIN codes k ON k.id = g.code_key JOIN coders p ON p.id = g.coder_key
JOIN sources o ON o.id = c.source_key LEFT JOIN families f ON f.id = c.family_key
"""


def iterate_quotations(
    connection: sqlite3.Connection, scope: Scope, code_keys: Sequence[int], *, limit: int = 0
) -> Iterator[Quotation]:
    """Yield the counted codings of the codes, by case, segment and place."""
    clause = counted_codings(scope)
    sql = (
        f"{QUOTATIONS} WHERE g.code_key IN ({marks(tuple(code_keys))}) AND {clause.sql}"
        " ORDER BY c.id, s.n, g.start_char, g.end_char, g.id"
    )
    values = [*code_keys, *clause.values]
    if limit:
        sql += " LIMIT ?"
        values.append(limit)
    for row in connection.execute(sql, values):
        yield Quotation(*row)


def iterate_codings(
    connection: sqlite3.Connection, *, include_rejected: bool = False
) -> Iterator[Quotation]:
    """Yield every coding of cases that stand, by case, segment and place."""
    rejected = "" if include_rejected else " AND g.status <> 'rejected'"
    for row in connection.execute(
        f"{QUOTATIONS} WHERE c.withdrawn = 0{rejected}"
        " ORDER BY c.id, s.n, g.start_char, g.end_char, k.category, k.code, g.id"
    ):
        yield Quotation(*row)


def fetch_coding(connection: sqlite3.Connection, coding_id: int) -> Quotation | None:
    """Return one coding with where it stands, or None where there is no such."""
    row = connection.execute(f"{QUOTATIONS} WHERE g.id = ?", (coding_id,)).fetchone()
    return Quotation(*row) if row else None


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """A segment with its case, as exported."""

    segment_key: int
    case_id: str
    ufrn: str
    kind: str
    n: int
    label: str
    speaker: str
    role: str
    start_s: float | None
    end_s: float | None
    text: str


_SEGMENTS = (
    "SELECT s.id, c.case_id, coalesce(f.ufrn, c.ufrn), c.kind, s.n, s.label, s.speaker, s.role,"
    " s.start_s, s.end_s, s.text FROM segments s JOIN cases c ON c.id = s.case_key"
    " LEFT JOIN families f ON f.id = c.family_key"
)


def iterate_segments(connection: sqlite3.Connection, case_id: str = "") -> Iterator[StoredSegment]:
    """Yield the segments of cases that stand, or of one case, in order."""
    condition, values = "", []
    if case_id:
        condition, values = " AND c.case_id = ?", [case_id]
    for row in connection.execute(
        f"{_SEGMENTS} WHERE c.withdrawn = 0{condition} ORDER BY c.id, s.n", values
    ):
        yield StoredSegment(*row)


@dataclass(frozen=True, slots=True)
class Finding:
    """A segment that holds the words looked for.

    `spans` are offsets in its text; `codes` are those on the first of them,
    `segment_codes` all of the segment.
    """

    segment: StoredSegment
    spans: tuple[tuple[int, int], ...]
    codes: tuple[str, ...]
    segment_codes: tuple[str, ...]


def find_words(
    connection: sqlite3.Connection, words: str, *, kinds: Sequence[str] = (), limit: int = 0
) -> Iterator[Finding]:
    """Yield segments that hold all of `words` ("…" for a phrase, * for a word's beginning).

    Raises
    ------
    QualkitError
        Nothing to look for is left.
    """
    query, terms = _full_text_query(words)
    condition = f" AND c.kind IN ({marks(tuple(kinds))})" if kinds else ""
    sql = (
        f"{_SEGMENTS} WHERE c.withdrawn = 0 AND s.id IN"
        f" (SELECT rowid FROM segments_fts WHERE segments_fts MATCH ?){condition}"
        " ORDER BY c.id, s.n"
    )
    values: list[object] = [query, *kinds]
    if limit:
        sql += " LIMIT ?"
        values.append(limit)
    for row in connection.execute(sql, values):
        segment = StoredSegment(*row)
        spans = _spans(segment.text, terms)
        start, end = spans[0] if spans else (0, 0)
        around, codes = [], []
        for code, near in connection.execute(
            "SELECT k.category || '.' || k.code, max(g.start_char < ? AND g.end_char > ?)"
            " FROM codings g JOIN codes k ON k.id = g.code_key"
            " WHERE g.segment_key = ? AND g.status <> 'rejected' GROUP BY 1 ORDER BY 1",
            (end, start, segment.segment_key),
        ):
            around.append(code)
            if near:
                codes.append(code)
        yield Finding(segment, spans, tuple(codes), tuple(around))


def _full_text_query(words: str) -> tuple[str, list[str]]:
    # Every word goes in quotes, so that nothing a user types is FTS syntax.
    terms = [
        (phrase or word).strip()
        for phrase, word in re.findall(r'["“]([^"”]+)["”]|(\S+)', words.replace("”", '"'))
    ]
    terms = [term for term in terms if re.search(r"\w", term)]
    if not terms:
        raise QualkitError(
            "there are no words to look for",
            expected="one or more words",
            to_do='for instance: qualkit find "on her own" lonel*',
        )
    parts = []
    for term in terms:
        plain = term.rstrip("*").replace('"', " ").strip()
        parts.append(f'"{plain}"' + ("*" if term.endswith("*") else ""))
    return " ".join(parts), terms


def _spans(text: str, terms: Sequence[str]) -> tuple[tuple[int, int], ...]:
    spans = []
    for term in terms:
        words = [re.escape(word) for word in re.findall(r"\w+", term)]
        tail = r"\w*" if term.endswith("*") else r"\b"
        for match in re.finditer(r"\b" + r"\W+".join(words) + tail, text, re.IGNORECASE):
            spans.append(match.span())
    return tuple(sorted(set(spans)))


def count_cells(
    connection: sqlite3.Connection, scope: Scope, by: str
) -> Iterator[tuple[str, str, int]]:
    """Return (family or case, "category.code", counted cases) for every cell that is not 0."""
    clause = counted_codings(scope)
    unit = "f.ufrn" if by == "family" else "c.case_id"
    # Not a generator: given up halfway, it would close a cursor of a closed project.
    return connection.execute(
        f"SELECT {unit}, k.category || '.' || k.code, count(DISTINCT g.case_key)"
        " FROM codings g JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
        f" LEFT JOIN families f ON f.id = c.family_key WHERE {clause.sql}"
        f" AND {unit} IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
        clause.values,
    )


def count_rows(
    connection: sqlite3.Connection, scope: Scope, by: str
) -> Iterator[tuple[str, int, str]]:
    """Return (family or case, its cases in scope, its case attribute or '') for every row."""
    clause = cases_of_domain(scope)
    if by == "family":
        families = families_in_scope(scope)
        return connection.execute(
            "SELECT f.ufrn, (SELECT count(*) FROM cases c WHERE c.family_key = f.id"
            f" AND {clause.sql}), '' FROM families f WHERE {families.sql} ORDER BY f.ufrn",
            [*clause.values, *families.values],
        )
    return connection.execute(
        "SELECT x.case_id, (SELECT count(*) FROM cases c WHERE c.id = x.id"
        f" AND {clause.sql}), coalesce(f.ufrn, x.ufrn) FROM cases x"
        " LEFT JOIN families f ON f.id = x.family_key WHERE x.withdrawn = 0"
        f" AND x.kind IN ({marks(scope.kinds)}) ORDER BY x.case_id",
        [*clause.values, *scope.kinds],
    )
