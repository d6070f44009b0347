"""Workbooks: rows as they come into sheets, words never taken for formulas."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from qualkit.errors import QualkitError

MOST_IN_CELL = 32_767
"""Characters that a cell of a workbook can hold."""

_WIDTHS = {"quote": 60, "text": 60, "note": 90, "reason": 45, "rule": 45}
_NAMES = frozenset({"name", "title", "code", "segment_label", "source", "table"})

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]
"""A sheet's name, its header and its rows."""


def write_workbook(path: Path, sheets: Iterable[Sheet], shares: Collection[str] = ()) -> None:
    """Write sheets of rows to a new .xlsx file; the header stays in view and can be filtered by.

    Parameters
    ----------
    shares : collection of str
        Headers of columns with shares: kept as 0 to 1, shown as percentages.

    Raises
    ------
    QualkitError
        A text is longer than a cell can hold.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    longest = 0

    def head(value: str) -> Any:
        made = WriteOnlyCell(sheet, value)
        made.font = Font(bold=True)
        return made

    def cell(value: Any, share: bool) -> Any:
        nonlocal longest
        if isinstance(value, tuple):
            value = "|".join(map(str, value))
        if not isinstance(value, str):
            if share and value is not None:
                value = WriteOnlyCell(sheet, value)
                value.number_format = "0.0%"
            return value
        longest = max(longest, len(value))
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value))
        # Words that begin with = are words, never a formula.
        made.data_type = "s"
        return made

    book = Workbook(write_only=True)
    for name, header, rows in sheets:
        sheet = book.create_sheet(name)
        # A sheet that is written as it comes takes its looks before its first row.
        sheet.freeze_panes = "A2"
        for number, key in enumerate(header, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = _width(key)
        sheet.append([head(key) for key in header])
        shown = [key in shares for key in header]
        count = 1
        for row in rows:
            sheet.append([cell(value, share) for value, share in zip(row, shown, strict=True)])
            count += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{count}"
    book.save(path)
    if longest > MOST_IN_CELL:
        # openpyxl has cut it without a word, and cannot be stopped midway.
        raise QualkitError(
            "a text is longer than a cell of a workbook can hold",
            found=f"{longest:,} characters",
            expected=f"at most {MOST_IN_CELL:,}",
            to_do="export to .csv or .jsonl",
        )


def _width(key: str) -> float:
    """Return a column's width in characters; the rows are not known yet."""
    return _WIDTHS.get(key, 28 if key in _NAMES else max(10, min(len(key) + 3, 30)))
