"""The words of two themes side by side, where both stand in a case, a family or a segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qualkit.model import Basis, Column, Table

_QUOTED = (
    "case_id",
    "segment_n",
    "quote",
    "coding_id",
    "start",
    "end",
    "status",
    "category",
    "code",
)
_OF_WORDS = (
    Column("case_id", "case", "id", detail=True),
    Column("segment_n", "segment", "count", spare=1),
    Column("quote", "quotation", "quote"),
    Column("coding_id", "coding", "count", detail=True),
    Column("start", "start", "count", detail=True),
    Column("end", "end", "count", detail=True),
    Column("status", "status", detail=True),
    Column("category", "category", detail=True),
    Column("code", "code", detail=True),
)


def side_by_side(one: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """Return a quotation of each of two themes as one row; either may be missing."""
    own = one or other
    return {
        "case_id": own.get("case_id"),
        "ufrn": own.get("ufrn"),
        **{f"{key}_one": one.get(key) for key in _QUOTED},
        **{f"{key}_other": other.get(key) for key in _QUOTED},
    }


def side_by_side_table(
    rows: Sequence[Mapping[str, object]],
    names: Sequence[str],
    basis: Basis,
    *,
    unit: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return quotations of two themes beside each other; `names` are what people read."""
    sides = [
        replace(
            column,
            key=f"{column.key}_{side}",
            label=name if column.key == "quote" else column.label,
        )
        for side, name in zip(("one", "other"), names, strict=True)
        for column in _OF_WORDS
    ]
    said = (
        "what stands in a row was said in the same"
        f" {unit}, not of the same thing: beside the first of the one stands the first of the"
        " other, then the second, and so on"
    )
    return Table(
        "together",
        f"Quotations: {names[0]}, with {names[1]}",
        (Column("case_id", "case", "id"), Column("ufrn", "family", "id", spare=2), *sides),
        tuple(rows),
        basis,
        (*notes, said),
    )
