"""Workbooks: rows as they come into sheets, words never taken for formulas."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from qualkit.errors import QualkitError
from qualkit.normalise import is_formula
from qualkit.report.savedbook import saved_book

MOST_IN_CELL = 32_767
"""Characters that a cell of a workbook can hold."""

_WIDTHS = {"quote": 60, "text": 60, "note": 90, "reason": 45, "rule": 45}
_NAMES = frozenset({"name", "title", "code", "segment_label", "source", "table"})

# XML cannot hold these, and workbooks write them as _x001B_; so must a text that looks like it.
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

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
    with saved_book(path) as book:
        longest = _fill(book, sheets, shares)
    if longest > MOST_IN_CELL:
        # openpyxl has cut it without a word, and cannot be stopped midway.
        raise QualkitError(
            "a text is longer than a cell of a workbook can hold",
            found=f"{longest:,} characters",
            expected=f"at most {MOST_IN_CELL:,}",
            to_do="export to .csv or .jsonl",
        )


def _fill(book: Any, sheets: Iterable[Sheet], shares: Collection[str]) -> int:
    """Write the sheets; return the length of the longest text."""
    longest = 0
    for name, header, rows in sheets:
        sheet = _Sheet(book.create_sheet(name), header, shares)
        for row in rows:
            sheet.append(row)
        longest = max(longest, sheet.close())
    return longest


class _Sheet:
    """Writes the cells of one sheet as they come."""

    def __init__(self, sheet: Any, header: Sequence[str], shares: Collection[str]) -> None:
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        self._sheet = sheet
        self._shares = [key in shares for key in header]
        self._longest = 0
        self._count = 1
        # A sheet that is written as it comes takes its looks before its first row.
        sheet.freeze_panes = "A2"
        for number, key in enumerate(header, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = _width(key)
        heads = [self._words(key) for key in header]
        for head in heads:
            head.font = Font(bold=True)
        sheet.append(heads)
        self._last = get_column_letter(len(header))

    def append(self, row: Sequence[Any]) -> None:
        """Write a row."""
        cells = zip(row, self._shares, strict=True)
        self._sheet.append([self._cell(value, share) for value, share in cells])
        self._count += 1

    def close(self) -> int:
        """End the sheet; return how long its longest text is."""
        self._sheet.auto_filter.ref = f"A1:{self._last}{self._count}"
        return self._longest

    def _cell(self, value: Any, share: bool) -> Any:
        if isinstance(value, tuple):
            value = "|".join(map(str, value))
        if isinstance(value, str):
            return self._words(value)
        if not share or value is None:
            return value
        from openpyxl.cell import WriteOnlyCell

        made = WriteOnlyCell(self._sheet, value)
        made.number_format = "0.0%"
        return made

    def _words(self, value: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        written = escaped(value)
        self._longest = max(self._longest, len(written))
        made = WriteOnlyCell(self._sheet, written)
        # Words that begin with = are words, never a formula, also once the cell is edited.
        made.data_type = "s"
        if is_formula(value):
            made.quotePrefix = True
        return made


def escaped(text: str) -> str:
    """Return a text with what the format cannot hold written as it prescribes, `_x001B_`."""
    return _ESCAPED.sub(lambda found: f"_x{ord(found.group()):04X}_", text)


def _width(key: str) -> float:
    """Return a column's width in characters; the rows are not known yet."""
    return _WIDTHS.get(key, 28 if key in _NAMES else max(10, min(len(key) + 3, 30)))
