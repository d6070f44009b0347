"""What the readers of tables hand over before a header is known: numbered rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from qualkit.model import Rejection

Cells = list[str]
NumberedRow = tuple[int, Cells]
"""A row's number as a spreadsheet shows it (from 1), and its cells."""

Merge = tuple[int, int, int, int]
"""Merged cells: first row, first column, last row, last column; all from 0, inclusive."""


@dataclass(frozen=True, slots=True)
class RawRows:
    """One sheet, or one file of rows, that can be read more than once.

    Attributes
    ----------
    read : callable
        Starts a reading from the first row.
    name : str
        The sheet's name, or empty.
    hidden : bool
        The sheet is hidden in its workbook.
    unit : str
        What a row is called in a place: "row", or "line" in JSON Lines.
    headers : tuple of str
        Known beforehand only in JSON Lines.
    merges : tuple of Merge
        Merged cells of the sheet.
    errors : mapping
        Row number to the columns (from 0) that hold a spreadsheet error.
    notes : tuple of str
        What the user should know of the reading itself.
    """

    read: Callable[[], Iterator[NumberedRow | Rejection]]
    name: str = ""
    hidden: bool = False
    unit: str = "row"
    headers: tuple[str, ...] = ()
    merges: tuple[Merge, ...] = ()
    errors: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def column_letter(index: int) -> str:
    """Return the letter a spreadsheet shows for a column counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def clean_text(cell: str) -> str:
    """Return a cell's text: outer white space stripped, line ends as a line feed, no more."""
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    return cell.strip()


def collapse(cell: str) -> str:
    """Return a cell's text with every run of white space (no-break spaces too) as one space."""
    return " ".join(cell.split())
