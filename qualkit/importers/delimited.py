"""Rows of .csv, .tsv and other delimited text, by the csv module at its own speed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NoReturn

from qualkit.errors import SourceFormatError
from qualkit.importers.files import detect_encoding
from qualkit.importers.rawrows import NumberedRow, RawRows

LONGEST_CELL = 1 << 20
# A row with all answers of a long form is some 100,000 characters.
LONGEST_ROW = 8 << 20
# As many as a sheet of Excel has.
MOST_COLUMNS = 16_384
_SAMPLE_CHARS = 1 << 18
_SAMPLE_ROWS = 200
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def open_delimited(path: Path) -> RawRows:
    """Return the rows of a delimited text file, its delimiter found by trying.

    Raises
    ------
    SourceFormatError
        The encoding cannot be told, or a .txt file holds no table.
    """
    encoding = detect_encoding(path)
    with path.open(encoding=encoding, newline="") as stream:
        sample = stream.read(_SAMPLE_CHARS).removeprefix("\ufeff")
    delimiter, skipped = _declared_delimiter(sample)
    if not delimiter:
        delimiter = _sniff_delimiter(path, sample)
    notes = []
    if encoding not in {"utf-8", "utf-8-sig", "utf-16", "utf-32"}:
        notes.append(f"encoding: read as {encoding}")
    if delimiter != ("\t" if path.suffix.lower() == ".tsv" else ","):
        notes.append(f"delimiter: {_DELIMITERS.get(delimiter, delimiter)}")
    return RawRows(
        read=lambda: _read(path, encoding, delimiter, skipped),
        notes=tuple(notes),
    )


def _declared_delimiter(sample: str) -> tuple[str, int]:
    """Return what a first line such as `sep=;` says (Excel writes and hides it)."""
    first = sample[:16].splitlines()[:1]
    if first and first[0].lower().startswith("sep=") and len(first[0]) == 5:
        return first[0][4], 1
    return "", 0


def _sniff_delimiter(path: Path, sample: str) -> str:
    best, best_score = "", (0.0, 0.0)
    preferred = "\t" if path.suffix.lower() == ".tsv" else ","
    for delimiter in sorted(_DELIMITERS, key=lambda each: each != preferred):
        score = _consistency(sample, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    if best and (path.suffix.lower() != ".txt" or best_score[0] >= 0.8):
        return best
    if path.suffix.lower() == ".txt":
        raise SourceFormatError(
            "the file does not look like a table",
            where=str(path),
            found="lines that no delimiter cuts into the same number of cells",
            expected="cells parted by commas, semicolons, tabs or bars",
            to_do="save the table as .csv or .xlsx; a transcript goes with `import transcript`",
        )
    return preferred  # one column only


def _consistency(sample: str, delimiter: str) -> tuple[float, float]:
    """Score a delimiter: share of sample rows with the usual number of cells, and that number."""
    csv.field_size_limit(max(LONGEST_CELL, csv.field_size_limit()))
    lines = io.StringIO(sample, newline="")
    try:
        rows = [row for row in islice(csv.reader(lines, delimiter=delimiter), _SAMPLE_ROWS) if row]
    except csv.Error:
        return 0.0, 0.0
    if len(sample) >= _SAMPLE_CHARS and len(rows) > 1 and len(rows) < _SAMPLE_ROWS:
        rows.pop()  # the sample may end in the middle of a row
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return 0.0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return round(count / len(rows), 1), float(width)


def _read(path: Path, encoding: str, delimiter: str, skipped: int) -> Iterator[NumberedRow]:
    csv.field_size_limit(max(LONGEST_CELL, csv.field_size_limit()))
    number = start = end = 0
    with path.open(encoding=encoding, newline="") as stream:
        if stream.read(1) != "\ufeff":
            stream.seek(0)
        for _ in range(skipped):
            stream.readline(LONGEST_ROW)
        row = _Row()
        reader = csv.reader(row.lines(stream), delimiter=delimiter)
        try:
            for number, cells in enumerate(reader, start=1):
                start, end = end, reader.line_num
                row.size = 0
                if len(cells) > MOST_COLUMNS:
                    _refuse_row(path, number, f"{len(cells):,} cells", f"{MOST_COLUMNS:,} cells")
                yield number, cells
        except _LongRowError:
            _refuse_row(path, number + 1, "a row without an end", f"{LONGEST_ROW:,} characters")
        except csv.Error as error:
            raise SourceFormatError(
                f"a row of the table cannot be read ({error})",
                where=f"{path}, row {number + 1}",
                expected=f"cells of at most {LONGEST_CELL:,} characters",
                to_do="look for a quotation mark that is never closed in that row",
            ) from error
    if end - start > 1 and _odd_quotes(path, encoding, start + skipped, end + skipped):
        raise SourceFormatError(
            "a quotation mark is opened and never closed",
            where=f"{path}, row {number}",
            found="a cell that runs to the end of the file",
            to_do="close the quotation mark, or write a quotation mark within a cell twice",
        )


class _LongRowError(Exception):
    """A row is longer than any row of a table."""


class _Row:
    """Hands lines to the csv module, and stops where too many come without the end of a row."""

    def __init__(self) -> None:
        self.size = 0

    def lines(self, stream: IO[str]) -> Iterator[str]:
        """Yield the lines of a file; whoever reads them sets `size` to 0 after each row."""
        while line := stream.readline(LONGEST_ROW):
            self.size += len(line)
            if self.size >= LONGEST_ROW:
                raise _LongRowError
            yield line


def _refuse_row(path: Path, number: int, found: str, most: str) -> NoReturn:
    raise SourceFormatError(
        "a row is longer than any row of a table",
        where=f"{path}, row {number}",
        found=found,
        expected=f"at most {most}",
        to_do="export the table again as .csv or .xlsx, one case a row; look for a quotation mark"
        " that is never closed",
    )


def _odd_quotes(path: Path, encoding: str, start: int, end: int) -> bool:
    """Tell whether the last row, some lines long, holds an odd number of quotation marks."""
    with path.open(encoding=encoding, newline="") as stream:
        return sum(line.count('"') for line in islice(stream, start, end)) % 2 == 1
