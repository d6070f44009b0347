"""Rows of .xlsx workbooks, by calamine (twenty times as fast as openpyxl, and it keeps merges)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import SourceFormatError
from qualkit.importers.rawrows import NumberedRow, RawRows
from qualkit.importers.sheetscan import look_through

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

CellValue = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


def open_workbook(path: Path) -> list[RawRows]:
    """Return the worksheets of an .xlsx file, in order, hidden ones marked.

    Raises
    ------
    SourceFormatError
        The workbook is damaged, or far larger inside than any real one.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    errors = look_through(path)
    with _refusing_damage(path):
        workbook = CalamineWorkbook.from_path(path)
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            hidden = meta.visible != SheetVisibleEnum.Visible
            sheets.append(_raw_rows(path, sheet, hidden, errors.get(meta.name, {})))
    return sheets


@contextmanager
def _refusing_damage(path: Path) -> Iterator[None]:
    """Turn what calamine raises into a refusal.

    A panic of its Rust code, such as over a date before the beginning of time,
    is no Exception, and its class has no name that could be imported.
    """
    from python_calamine import CalamineError

    try:
        yield
    except BaseException as error:
        panic = type(error).__name__ == "PanicException"
        if not panic and not isinstance(error, CalamineError | OSError | ValueError):
            raise
        raise SourceFormatError(
            "the workbook cannot be read",
            where=str(path),
            found="a value or part that no spreadsheet writes"
            if panic
            else "a damaged or unusual .xlsx file",
            to_do="open it in Excel or LibreOffice and save it again as .xlsx, or as CSV",
        ) from error


def cell_text(value: CellValue) -> str:
    """Return a cell's stored value as text: 12.0 as "12", dates ISO, TRUE and FALSE."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Excel itself keeps fifteen digits, so the sixteenth is noise.
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        if value.time() == datetime.time():
            return value.date().isoformat()
        return value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _raw_rows(
    path: Path, sheet: CalamineSheet, hidden: bool, errors: dict[int, tuple[int, ...]]
) -> RawRows:
    merges = tuple((*first, *last) for first, last in sheet.merged_cell_ranges or ())
    return RawRows(
        read=lambda: _read(path, sheet),
        name=sheet.name,
        hidden=hidden,
        merges=tuple(sorted(merges)),
        errors=errors,
    )


def _sound_rows(path: Path, sheet: CalamineSheet) -> Iterator[list[CellValue]]:
    with _refusing_damage(path):
        yield from sheet.iter_rows()


def _read(path: Path, sheet: CalamineSheet) -> Iterator[NumberedRow]:
    if sheet.start is None or sheet.end is None:
        return
    rows = _sound_rows(path, sheet)
    first = next(rows, None)
    if first is None:
        return
    # Whether the blank rows and columns before the first cell come along differs between
    # releases of calamine; the first row with a cell is never blank.
    number = 1 if not any(cell != "" for cell in first) else sheet.start[0] + 1
    before = [""] * (sheet.end[1] + 1 - len(first))
    for row in chain([first], rows):
        yield number, before + [cell if type(cell) is str else cell_text(cell) for cell in row]
        number += 1
