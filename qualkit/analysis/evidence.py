"""The words behind the numbers, as tables: quotations and words in context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualkit.model import Basis, Column, Table

QUOTE_COLUMNS = (
    Column("coding_id", "coding", "count", detail=True),
    Column("case_id", "case", "id"),
    Column("ufrn", "family", "id", spare=3),
    Column("kind", "kind", detail=True),
    Column("segment_n", "segment", "count", spare=1),
    Column("segment_label", "label", detail=True),
    Column("speaker", "speaker", spare=2),
    Column("category", "category", detail=True),
    Column("code", "code", detail=True),
    Column("quote", "quotation", "quote"),
    Column("before", "before", detail=True),
    Column("after", "after", detail=True),
    Column("start", "start", "count", detail=True),
    Column("end", "end", "count", detail=True),
    Column("coder", "coder", spare=5),
    Column("status", "status", spare=3),
    Column("score", "score", "score", spare=4),
    Column("rule", "rule", detail=True),
    Column("source", "source", detail=True),
    Column("place", "place", detail=True),
)

NAMED_QUOTE_COLUMNS = (
    Column("name", "theme"),
    *[c for c in QUOTE_COLUMNS if c.key in ("case_id", "ufrn", "segment_n", "quote", "status")],
    *[c for c in QUOTE_COLUMNS if c.key in ("category", "code", "coding_id", "start", "end")],
)


def quotes_table(
    rows: Iterable[dict[str, object]], basis: Basis, *, title: str, notes: Sequence[str] = ()
) -> Table:
    """Return quotations with where they stand; rows have the keys of QUOTE_COLUMNS."""
    return Table("quotes", title, QUOTE_COLUMNS, tuple(rows), basis, tuple(notes))


def context(text: str, start: int, end: int, width: int = 60) -> tuple[str, str]:
    """Return up to `width` characters before and after text[start:end], on whole words."""
    before, after = text[max(0, start - width) : start], text[end : end + width]
    if start > width and " " in before:
        before = "…" + before[before.index(" ") + 1 :]
    if end + width < len(text) and " " in after:
        after = after[: after.rindex(" ")] + "…"
    return before, after


FIND_COLUMNS = (
    Column("case_id", "case", "id"),
    Column("ufrn", "family", "id", spare=3),
    Column("kind", "kind", detail=True),
    Column("segment_n", "segment", "count", spare=2),
    Column("speaker", "speaker", spare=4),
    Column("role", "role", detail=True),
    Column("before", "before", "right"),
    Column("match", "words", "match"),
    Column("after", "after"),
    Column("codes", "codes", "list", spare=1),
    Column("segment_codes", "codes of the segment", "list", detail=True),
)


def find_table(rows: Iterable[dict[str, object]], *, title: str, notes: Sequence[str]) -> Table:
    """Return words in context, one row a place; rows have the keys of FIND_COLUMNS."""
    rule = "segments that hold all the words, shown at the first of them"
    return Table("find", title, FIND_COLUMNS, tuple(rows), Basis(rule=rule), tuple(notes))
