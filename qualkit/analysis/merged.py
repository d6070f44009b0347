"""What a merge came to, as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualkit.model import Basis, Column, Table

MERGE_COLUMNS = (
    Column("what", "what"),
    Column("new", "new", "count"),
    Column("same", "same", "count"),
    Column("contradictory", "contradictory", "count"),
    Column("not_placed", "not placed", "count"),
    Column("taken_back", "taken back", "count"),
)
FINDING_COLUMNS = (
    Column("what", "what"),
    Column("came_to", "came to"),
    Column("case_id", "case", "id"),
    Column("segment_n", "segment", "count"),
    Column("code", "code", spare=1),
    Column("start", "from", "count", spare=3),
    Column("end", "to", "count", spare=3),
    Column("coder", "who", spare=2),
    Column("why", "why"),
)
_RULE = (
    "what the other project holds, and what it came to here; contradictory ones are among the new"
    " and the same"
)


def merge_table(rows: Iterable[Mapping[str, Any]], name: str, notes: Sequence[str]) -> Table:
    """Return what each sort of thing came to; rows have the keys of MERGE_COLUMNS."""
    return Table(
        "merge", f"Merged: {name}", MERGE_COLUMNS, tuple(rows), Basis(rule=_RULE), tuple(notes)
    )


def findings_table(rows: Iterable[Mapping[str, Any]], name: str) -> Table:
    """Return what was contradictory, not placed or taken back, with the keys of FINDING_COLUMNS."""
    rule = "places, names and offsets; the words stay in the two projects"
    title = f"To look at after merging {name}"
    return Table("merge-details", title, FINDING_COLUMNS, tuple(rows), Basis(rule=rule))
