"""Workbooks looked through before they are read: how many cells, how far out, which are errors.

The reader lays every sheet out in memory from its first to its last cell, so one
stray cell in the last column of the last row would make a table of seventeen
thousand million cells. Every part of XML is looked through, since the workbook
itself says which of them are sheets.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from qualkit.errors import SourceFormatError
from qualkit.importers.archives import open_archive, unpack
from qualkit.importers.markup import faulty_part, join_chunks, parse_xml

# Excel's own last column and row.
MOST_COLUMNS = 16_384
MOST_ROWS = 1_048_576
# Fifty columns of a million rows.
MOST_CELLS = 50_000_000
# A table so large is never nearly empty: each cell takes 32 bytes, whether filled or not.
MOST_SPARSE_CELLS = 10_000_000
LEAST_FILLED = 0.05
# Excel's longest cell is 32,767 characters; other programs write somewhat longer ones.
LONGEST_CELL = 4 << 20
# Words of cells are kept once each; a million rows of five columns of different words.
MOST_STRINGS = 10_000_000
# A merged heading in every fifth row of a full sheet.
MOST_MERGES = 200_000
MOST_SHEETS = 1_000

_SPLIT = 1 << 20
_MOST_ERROR_ROWS = 10_000
# A cell as nearly every program writes it; a sheet with others is read tag by tag.
_CELL = re.compile(
    rb'<(?:\w+:)?c (?:[^<>"]*?"[^<>"]*" )*?r="([A-Z]{1,3})([0-9]{1,7})"([^<>]*)>'
    # What follows where the cell has a format and no value.
    rb"(\s*(?:<(?:\w+:)?v\s*/>|<v></v>)?\s*</(?:\w+:)?c>)?"
)
_ANY_CELL = re.compile(rb"<(?:[^<>\s/]+:)?c[\s/>]")
_PLAIN_ROW = re.compile(rb'<(?:\w+:)?row (?:[^<>"]*?"[^<>"]*" )*?r="([0-9]{1,7})"')
_ANY_ROW = re.compile(rb"<(?:[^<>\s/]+:)?row[\s/>]")

ErrorCells = dict[int, tuple[int, ...]]


@dataclass(slots=True)
class _Extent:
    """How many filled cells a sheet has, how far they reach, and which hold errors."""

    filled: int = 0
    last_row: int = 0
    widest: int = 0
    errors: dict[int, list[int]] = field(default_factory=dict)

    def add(self, row: int, column: int, *, error: bool) -> None:
        """Count one filled cell; columns from 1."""
        self.filled += 1
        self.last_row = max(self.last_row, row)
        self.widest = max(self.widest, column)
        if error and (row in self.errors or len(self.errors) < _MOST_ERROR_ROWS):
            self.errors.setdefault(row, []).append(column - 1)


class _OddSheetError(Exception):
    """A sheet is written otherwise than programs do."""


def look_through(path: Path) -> dict[str, ErrorCells]:
    """Refuse absurd workbooks; return the places of error cells by sheet name and row.

    Raises
    ------
    SourceFormatError
        The workbook is damaged, or far larger inside than any real one.
    """
    errors: dict[str, ErrorCells] = {}
    cells = filled = strings = merges = 0
    with open_archive(path, "an Excel workbook") as archive:
        names, linked = _sheet_names(path, archive)
        for part in archive.infolist():
            name = part.filename.lower()
            if not (name.endswith(".xml") or name in linked):
                continue  # a picture, say
            if name == "xl/calcchain.xml" and part.filename not in names:
                continue  # the order of formulas, written like cells
            counts = {b"<si": 0, b"<mergeCell ": 0}
            extent = _look_through_part(path, archive, part, counts)
            strings += counts[b"<si"]
            merges += counts[b"<mergeCell "]
            cells += extent.widest * extent.last_row
            filled += extent.filled
            _check_extent(path, extent, cells, filled)
            if strings > MOST_STRINGS:
                _refuse_size(path, f"more than {MOST_STRINGS:,} different texts")
            if merges > MOST_MERGES:
                _refuse_size(path, f"more than {MOST_MERGES:,} merged cells")
            if extent.errors:
                found = {row: tuple(columns) for row, columns in extent.errors.items()}
                errors[names.get(part.filename, "")] = found
    return errors


def _check_extent(path: Path, extent: _Extent, cells: int, filled: int) -> None:
    if extent.widest > MOST_COLUMNS:
        _refuse_size(path, f"cells as far right as column {extent.widest:,}")
    if extent.last_row > MOST_ROWS:
        _refuse_size(path, f"cells as far down as row {extent.last_row:,}")
    sparse = cells > MOST_SPARSE_CELLS and filled < LEAST_FILLED * cells
    if cells > MOST_CELLS or filled > MOST_CELLS or sparse:
        place = f"a cell in row {extent.last_row:,} and one in column {extent.widest:,}"
        _refuse_size(path, f"{place}, but {filled:,} filled cells" if sparse else place)


def _look_through_part(
    path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, counts: dict[bytes, int]
) -> _Extent:
    try:
        return _plain_extent(_pieces(path, archive, part, counts))
    except _OddSheetError:
        return _odd_extent(path, part.filename, unpack(path, archive, part))


def _pieces(
    path: Path, archive: zipfile.ZipFile, part: zipfile.ZipInfo, counts: dict[bytes, int]
) -> Iterator[bytes]:
    """Yield the part in pieces that cut no cell in two; count the tags asked for."""
    counts.update(dict.fromkeys(counts, 0))
    held = bytearray()
    for chunk in unpack(path, archive, part):
        held += chunk
        if len(held) < _SPLIT:
            continue
        cut = _last_cell(held)
        if len(held) - cut > LONGEST_CELL:
            raise SourceFormatError(
                "a cell of the workbook is longer than any text",
                where=f"{path}, part {part.filename[:80]}",
                found=f"more than {LONGEST_CELL:,} bytes",
                expected=f"at most {LONGEST_CELL:,}",
                to_do="cut the cell, or save its text as a document",
            )
        yield _counted(bytes(held[:cut]), counts)
        del held[:cut]
    yield _counted(bytes(held), counts)


def _counted(piece: bytes, counts: dict[bytes, int]) -> bytes:
    for tag in counts:
        counts[tag] += piece.count(tag)
    return piece


def _last_cell(data: bytearray) -> int:
    """Return where the last cell begins, or the last tag where there is no cell."""
    prefixed = data.rfind(b"<", 0, max(0, data.rfind(b":c ")) + 1)
    cell = max(data.rfind(b"<c "), prefixed)
    return cell if cell > 0 else max(0, data.rfind(b"<"))


def _plain_extent(pieces: Iterable[bytes]) -> _Extent:
    """Measure a sheet as nearly every program writes it, by patterns, which is fast."""
    extent = _Extent()
    columns: dict[bytes, int] = {}
    for piece in pieces:
        found = _CELL.findall(piece)
        rows = _PLAIN_ROW.findall(piece)
        if len(found) != _count_tags(piece, b"c", _ANY_CELL):
            raise _OddSheetError
        if len(rows) != _count_tags(piece, b"row", _ANY_ROW):
            raise _OddSheetError
        for letters, row, rest_of_tag, nothing in found:
            if nothing or rest_of_tag.endswith(b"/"):
                continue
            column = columns.get(letters) or columns.setdefault(letters, _column_number(letters))
            extent.filled += 1
            if column > extent.widest:
                extent.widest = column
            number = int(row)
            if number > extent.last_row:
                extent.last_row = number
            if b't="e"' in rest_of_tag:
                extent.filled -= 1
                extent.add(number, column, error=True)
    return extent


def _count_tags(piece: bytes, tag: bytes, pattern: re.Pattern[bytes]) -> int:
    """Count the start tags of a name, however they are written."""
    if b":" + tag in piece:
        return len(pattern.findall(piece))
    # Many times as fast as the pattern.
    return sum(piece.count(b"<" + tag + end) for end in (b" ", b">", b"/", b"\n", b"\r", b"\t"))


def _odd_extent(path: Path, name: str, chunks: Iterable[bytes]) -> _Extent:
    """Measure a sheet tag by tag: cells without a place, in other quotation marks ..."""
    extent = _Extent()
    at = {"row": 0, "column": 0}

    def begin(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            at["row"] = _number(attributes.get("r"), at["row"] + 1)
            at["column"] = 0
        elif tag == "c":
            place = re.fullmatch(r"([A-Za-z]{1,40})(\d{1,40})", attributes.get("r", ""))
            if place:
                at["column"] = _column_number(place[1].upper().encode())
                at["row"] = int(place[2])
            else:
                at["column"] += 1
            extent.add(max(1, at["row"]), at["column"], error=attributes.get("t") == "e")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise faulty_part(path, name) from error
    return extent


def _number(written: str | None, otherwise: int) -> int:
    return int(written[:40]) if written and written.isdecimal() else otherwise


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_names(path: Path, archive: zipfile.ZipFile) -> tuple[dict[str, str], set[str]]:
    """Return the name of each sheet's part, and all parts that the workbook is linked to."""
    wanted = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
    parts = {part.filename: part for part in archive.infolist()}
    if not all(name in parts for name in wanted):
        return {}, set()
    book, links = (
        parse_xml(path, name, join_chunks(unpack(path, archive, parts[name]))) for name in wanted
    )
    targets = {link.get("Id"): str(link.get("Target")) for link in links}
    names: dict[str, str] = {}
    sheets = list(book.iter("{*}sheet"))
    if len(sheets) > MOST_SHEETS:
        raise SourceFormatError(
            "the workbook has more sheets than any real one",
            where=str(path),
            found=f"{len(sheets):,} sheets",
            expected=f"at most {MOST_SHEETS:,}",
            to_do="copy the sheet that you mean to a new workbook",
        )
    for sheet in sheets:
        ids = [value for key, value in sheet.attrib.items() if key.endswith("}id")]
        target = targets.get(ids[0], "") if ids else ""
        names[_full_name(target)] = str(sheet.get("name"))
    return names, {_full_name(target).lower() for target in targets.values()}


def _full_name(target: str) -> str:
    return "xl/" + target.removeprefix("/").removeprefix("xl/")


def _refuse_size(path: Path, found: str) -> None:
    raise SourceFormatError(
        "the workbook is too large to be a table",
        where=str(path),
        found=found,
        expected=f"at most {MOST_COLUMNS:,} columns and {MOST_CELLS:,} cells",
        to_do="delete the stray cells beyond the table, or copy the table into a new workbook",
    )
