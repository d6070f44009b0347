"""How single values are written for people: rounded half up, in the last step only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from qualkit.model import Basis, Column, Table

READ_ONLY = frozenset({"pair", "range", "change"})
"""Forms of columns for reading alone: files have their parts in columns of their own."""


def percent(share: float | str | None, places: int = 0) -> str:
    """Return a share (0 to 1) as a percentage, rounded half up; "–" for none, words as they are.

    >>> percent(0.125), percent(0.195, 1)
    ('13%', '19.5%')
    """
    if share is None:
        return "–"
    if isinstance(share, str):
        return share
    # str() gives the shortest decimal that is this float, so that 0.285 is a half.
    step = Decimal(1).scaleb(-places)
    return f"{(Decimal(str(share)) * 100).quantize(step, ROUND_HALF_UP)}%"


def shown(value: Any, form: str) -> str:
    """Return a cell as people read it; words in place of a number as they are."""
    if isinstance(value, str):
        return value
    if form == "pair":
        own, overall, *mark = value
        return f"{''.join(mark)}{percent(own, 1)} : {percent(overall, 1)}"
    if form == "share":
        return percent(value)
    if value is None:
        return ""
    if form == "range":
        low, high = value
        return f"{low}-{high}" if low != high else str(low)
    if form == "change":
        change, low, high = map(_points, value)
        return f"{change} ({low} to {high})"
    if form == "score":
        return f"{value:.2f}"
    if isinstance(value, tuple | list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _points(change: float) -> str:
    """Return a difference of shares in percentage points, with its sign, rounded half up."""
    points = percent(abs(change), 1).removesuffix("%")
    return points if points == "0.0" else f"{'+' if change > 0 else '-'}{points}"


def share_of(row: Mapping[str, Any]) -> float:
    """Return a row's share for drawing; 0 where it has none."""
    share = row.get("share")
    return float(share) if isinstance(share, float | int) else 0.0


def shown_rows(table: Table) -> list[Mapping[str, Any]]:
    """Return the rows that people see; themes that also feature stand in one line below."""
    return [row for row in table.rows if row.get("featured") != "also"]


def also_line(table: Table) -> str:
    """Return the themes that also feature, with their counts, as a line; empty if none do."""
    also = [row for row in table.rows if row.get("featured") == "also"]
    return ", ".join(f"{row['name']} ({row['count']})" for row in also)


def visible(table: Table) -> list[Column]:
    """Return the columns that people see."""
    return [column for column in table.columns if not column.detail]


def pivoted(table: Table) -> tuple[list[Column], list[list[str]]]:
    """Lay a long table out by its pivot: (columns, rows of cells); marked cells get a star."""
    pivot = table.pivot
    if pivot is None:
        columns = visible(table)
        rows = shown_rows(table)
        return columns, [[shown(row.get(c.key), c.form) for c in columns] for row in rows]
    form = next(column.form for column in table.columns if column.key == pivot.value)
    heads = dict.fromkeys(row[pivot.column] for row in table.rows)
    columns = [Column(pivot.row, pivot.row_label)]
    columns += [Column(str(h), pivot.column_labels.get(h, str(h)), "pivot") for h in heads]
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in table.rows:
        mark = f"*{row['rank']}:" if pivot.mark and row.get(pivot.mark) else ""
        mark += pivot.signs.get(str(row.get(pivot.sign, "")), "")
        cell = mark + shown(row[pivot.value], form)
        # Two themes may have one name; their codes differ.
        line = (str(row.get("code", "")), str(row[pivot.row]))
        lines.setdefault(line, {})[str(row[pivot.column])] = cell
    return columns, [
        [name, *[cells.get(str(h), "") for h in heads]] for (_, name), cells in lines.items()
    ]


def shades(table: Table) -> list[list[float | None]]:
    """Return how dark each cell of a pivoted table is to be, 0 to 1, laid out as its cells.

    From the least to the greatest number of the whole table; None where there is none.
    """
    pivot = table.pivot
    if pivot is None or not pivot.shade:
        return []
    heads = list(dict.fromkeys(str(row[pivot.column]) for row in table.rows))
    lines: dict[tuple[str, str], dict[str, float]] = {}
    for row in table.rows:
        line = lines.setdefault((str(row.get("code", "")), str(row[pivot.row])), {})
        number = row.get(pivot.shade)
        if isinstance(number, int | float):
            line[str(row[pivot.column])] = float(number)
    numbers = [number for line in lines.values() for number in line.values()]
    least, most = min(numbers, default=0.0), max(numbers, default=0.0)
    width = (most - least) or 1.0
    return [
        [None, *((line[h] - least) / width if h in line else None for h in heads)]
        for line in lines.values()
    ]


def foot_lines(table: Table) -> Iterator[str]:
    """Yield the lines that stand under a table: basis, notes, runs, the way to the words."""
    also = also_line(table)
    if also:
        yield f"Also featured: {also}."
    yield from basis_lines(table.basis)
    for note in table.notes:
        yield note[0].upper() + note[1:] + "."
    if table.pivot and table.pivot.mark:
        yield "*1: marks the top themes of a column with their rank."
    if table.trace and table.rows:
        yield f"The words behind a row: {table.trace}"


def basis_lines(basis: Basis) -> Iterator[str]:
    """Yield what a table was counted from, a line each."""
    if basis.n_by_kind:
        parts = [f"{count} {kind}" for kind, count in basis.n_by_kind.items()]
        line = "n = " + ", ".join(parts)
        if basis.denominator is not None:
            line += f"; shares are of {basis.denominator} {basis.unit}"
        yield line + "."
    elif basis.denominator == 0:
        yield f"n = 0: no {basis.unit} to count under these options."
    if basis.rule:
        yield f"Rule: {basis.rule}."
    if basis.confirmed is not None:
        yield f"Confirmed by a person: {percent(basis.confirmed)} of the counted codings."
    for run in basis.runs:
        yield f"From {run}."
