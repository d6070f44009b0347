"""Rows of .xlsx workbooks, by calamine (twenty times as fast as openpyxl, and it keeps merges).

The sheets are looked through before they are read: one stray cell in the last
column of the last row would otherwise make a table of seventeen thousand
million cells.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import SourceFormatError
from qualkit.importers.formats import ZIP_DAMAGE
from qualkit.importers.rawrows import NumberedRow, RawRows

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

MOST_COLUMNS = 16_384
MOST_CELLS = 50_000_000
MOST_BYTES = 2 << 30
MOST_RATIO = 400
_CHUNK = 1 << 20
_CELL = re.compile(
    rb'<(?:\w+:)?c (?:[^<>]*? )?r="([A-Z]+)([0-9]+)"([^<>]*)>'
    # What follows where the cell has a format and no value.
    rb"(\s*(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>)?"
)
_MOST_ERRORS = 10_000

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
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    errors = _look_through(path)
    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = []
        for meta in workbook.sheets_metadata:
            if meta.typ != SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            hidden = meta.visible != SheetVisibleEnum.Visible
            sheets.append(_raw_rows(sheet, hidden, errors.get(meta.name, {})))
    except (CalamineError, OSError) as error:
        raise SourceFormatError(
            "the workbook cannot be read",
            where=str(path),
            found="a damaged or unusual .xlsx file",
            to_do="open it in Excel or LibreOffice and save it again as .xlsx, or as CSV",
        ) from error
    return sheets


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


def _raw_rows(sheet: CalamineSheet, hidden: bool, errors: dict[int, tuple[int, ...]]) -> RawRows:
    merges = tuple((*first, *last) for first, last in sheet.merged_cell_ranges or ())
    return RawRows(
        read=lambda: _read(sheet),
        name=sheet.name,
        hidden=hidden,
        merges=tuple(sorted(merges)),
        errors=errors,
    )


def _read(sheet: CalamineSheet) -> Iterator[NumberedRow]:
    if sheet.start is None or sheet.end is None:
        return
    rows = sheet.iter_rows()
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


# --- before reading -------------------------------------------------------------


def _look_through(path: Path) -> dict[str, dict[int, tuple[int, ...]]]:
    """Refuse absurd workbooks; return the places of error cells by sheet name and row."""
    errors: dict[str, dict[int, tuple[int, ...]]] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
            packed = max(1, sum(entry.compress_size for entry in archive.infolist()))
            if total > MOST_BYTES or (total > 100 << 20 and total / packed > MOST_RATIO):
                _refuse_size(path, f"{total / (1 << 20):,.0f} MB once unpacked")
            names = _sheet_names(archive)
            for entry in archive.namelist():
                if entry.startswith("xl/worksheets/") and entry.endswith(".xml"):
                    found = _look_through_sheet(path, archive, entry)
                    if found:
                        errors[names.get(entry, "")] = found
    except ZIP_DAMAGE as error:
        raise SourceFormatError(
            "the workbook is damaged",
            where=str(path),
            found="a part that cannot be unpacked",
            to_do="copy or download it again, or open it in Excel and save it again",
        ) from error
    return errors


def _look_through_sheet(
    path: Path, archive: zipfile.ZipFile, entry: str
) -> dict[int, tuple[int, ...]]:
    errors: dict[int, tuple[int, ...]] = {}
    column_numbers: dict[bytes, int] = {}
    rest = b""
    with archive.open(entry) as stream:
        more = True
        while more:
            chunk = stream.read(_CHUNK)
            more = bool(chunk)
            data = rest + chunk
            # A cell may be cut in two by the end of the chunk.
            cut = _last_cell(data) if more else len(data)
            data, rest = data[:cut], data[cut:]
            last_row = 0
            for letters, row, rest_of_tag, nothing in _CELL.findall(data):
                if nothing or rest_of_tag.endswith(b"/"):
                    continue
                if letters not in column_numbers:
                    column_numbers[letters] = _column_number(letters)
                last_row = int(row)
                if b't="e"' in rest_of_tag and len(errors) < _MOST_ERRORS:
                    errors[last_row] = (*errors.get(last_row, ()), column_numbers[letters] - 1)
            widest = max(column_numbers.values(), default=0)
            if widest > MOST_COLUMNS:
                _refuse_size(path, f"cells as far right as column {widest:,}")
            if widest * last_row > MOST_CELLS:
                _refuse_size(path, f"a cell in row {last_row:,} and one in column {widest:,}")
    return errors


def _last_cell(data: bytes) -> int:
    """Return where the last cell begins, or the last tag where there is no cell."""
    prefixed = data.rfind(b"<", 0, max(0, data.rfind(b":c ")) + 1)
    cell = max(data.rfind(b"<c "), prefixed)
    return cell if cell > 0 else max(0, data.rfind(b"<"))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """Map each sheet's part of the archive to its name, as the workbook says."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        book = etree.fromstring(archive.read("xl/workbook.xml"), parser)
        links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    except (KeyError, etree.XMLSyntaxError):
        return {}
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    names = {}
    for sheet in book.iter("{*}sheet"):
        ids = [value for key, value in sheet.attrib.items() if key.endswith("}id")]
        target = targets.get(ids[0], "") if ids else ""
        names["xl/" + target.removeprefix("/").removeprefix("xl/")] = str(sheet.get("name"))
    return names


def _refuse_size(path: Path, found: str) -> None:
    raise SourceFormatError(
        "the workbook is too large to be a table",
        where=str(path),
        found=found,
        expected=f"at most {MOST_COLUMNS:,} columns and {MOST_CELLS:,} cells",
        to_do="delete the stray cells beyond the table, or copy the table into a new workbook",
    )
