"""Workbooks: rows as they come into sheets, words never taken for formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from qualkit.errors import QualkitError

MOST_IN_CELL = 32_767
"""Characters that a cell of a workbook can hold."""

Sheet = tuple[str, Sequence[str], Iterable[Sequence[Any]]]
"""A sheet's name, its header and its rows."""


def write_workbook(path: Path, sheets: Iterable[Sheet]) -> None:
    """Write sheets of rows to a new .xlsx file.

    Raises
    ------
    QualkitError
        A text is longer than a cell can hold.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    longest = 0

    def cell(value: Any) -> Any:
        nonlocal longest
        if isinstance(value, tuple):
            value = "|".join(map(str, value))
        if not isinstance(value, str):
            return value
        longest = max(longest, len(value))
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub(" ", value))
        # Words that begin with = are words, never a formula.
        made.data_type = "s"
        return made

    book = Workbook(write_only=True)
    for name, header, rows in sheets:
        sheet = book.create_sheet(name)
        sheet.append(list(header))
        for row in rows:
            sheet.append([cell(value) for value in row])
    book.save(path)
    if longest > MOST_IN_CELL:
        # openpyxl has cut it without a word, and cannot be stopped midway.
        raise QualkitError(
            "a text is longer than a cell of a workbook can hold",
            found=f"{longest:,} characters",
            expected=f"at most {MOST_IN_CELL:,}",
            to_do="export to .csv or .jsonl",
        )
