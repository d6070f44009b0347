"""Tables of how many were invited to a survey: the denominators of response rates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import ColumnError, SourceFormatError
from qualkit.importers.columns import find_column, squash
from qualkit.importers.guess import parse_number
from qualkit.importers.tables import open_table
from qualkit.model import Rejection
from qualkit.normalise import normalise_name

_COUNTS = ("invited", "ninvited", "numberinvited", "sent", "asked", "staff", "number", "n", "total")


@dataclass(frozen=True, slots=True)
class Invited:
    """How many were invited, by attributes of respondents.

    Attributes
    ----------
    headers : tuple of str
        The columns that say of whom a row is.
    rows : tuple of (tuple of str, int)
        Values of these columns (blank: all of them) and the number invited.
    counted : str
        The column of the numbers.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], int], ...]
    counted: str


def read_invited(path: Path, count: str | None = None) -> Invited:
    """Read a table of numbers invited (.csv, .tsv, .xlsx, .jsonl).

    A number that is missing would falsify a rate, so no row is set aside.

    Parameters
    ----------
    count : str, optional
        Header of the column of numbers; guessed if left out.

    Raises
    ------
    SourceFormatError
        The file cannot be read, a cell is no whole number, or two rows are of the same people.
    ColumnError
        No column holds the numbers.
    """
    table = open_table(path)
    if count is not None:
        counted = find_column(table.headers, count, where=table.where, option="--invited-count")
    else:
        by_name = {squash(header): header for header in reversed(table.headers)}
        guessed = next((by_name[name] for name in _COUNTS if name in by_name), None)
        worded = [h for h in table.headers if "invited" in normalise_name(h).split()]
        if guessed is None and len(worded) == 1:
            guessed = worded[0]
        if guessed is None:
            raise ColumnError(
                "no column says how many were invited",
                where=table.where,
                found=", ".join(table.headers),
                expected="a column called invited",
                to_do="name the column with --invited-count COL",
            )
        counted = guessed
    at = table.headers.index(counted)
    headers = tuple(header for header in table.headers if header != counted)
    rows: dict[tuple[str, ...], int] = {}
    for row in table.rows():
        if isinstance(row, Rejection):
            raise SourceFormatError(row.reason, where=f"{path}, {row.place}")
        number, cells = row
        value = parse_number(cells[at].replace(",", ""))
        place = f"{path}, {table.place(number, counted)}"
        if value is None or value < 0 or value != int(value):
            raise SourceFormatError(
                "the number invited must be a whole number", where=place, expected="0, 1, 2 …"
            )
        own = tuple(cell.strip() for i, cell in enumerate(cells) if i != at)
        if own in rows:
            raise SourceFormatError("two rows are of the same people", where=place)
        rows[own] = int(value)
    return Invited(headers, tuple(rows.items()), counted)
