"""Rows of an import laid out by family before they are taken, in a temporary table.

So it makes no difference in which order they stand in the file, and memory does not grow with
them.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Protocol, TypeVar

from qualkit.model import Rejection
from qualkit.normalise import normalise_reference

_BATCH = 2000
_FAMILIES = 500

Row = tuple[Any, ...]
"""Family's reference, row's number, reference as written, values of the columns, place, cells."""


class FamilyRow(Protocol):
    """What an importer found in a row about a family."""

    @property
    def ufrn(self) -> str:
        """The reference as written."""

    @property
    def place(self) -> str:
        """Where the row stands."""

    @property
    def fields(self) -> Mapping[str, str]:
        """Header to cell."""


Item = TypeVar("Item", bound=FamilyRow)


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows laid out by family.

    Attributes
    ----------
    batches : iterator of list of (str, list of Row)
        Some hundred families at a time, each with its rows in the order of the file. A
        reference that was joined to a family is that family.
    """

    headers: Sequence[str]
    batches: Iterator[list[tuple[str, list[Row]]]]

    def rejection(self, row: Row, reason: str) -> Rejection:
        """Return a row as it is set aside."""
        *_, place, cells = row
        return Rejection(place, reason, dict(zip(self.headers, json.loads(cells), strict=False)))


@contextmanager
def staged(
    connection: sqlite3.Connection,
    columns: Mapping[str, str],
    items: Iterable[Item | Rejection],
    values: Callable[[Item], tuple[object, ...]],
    aside: Callable[[Rejection], None],
) -> Iterator[Staged]:
    """Read all items, and give their rows by family; the table is gone afterwards.

    Parameters
    ----------
    columns : mapping of str to str
        Names and SQL types of what `values` returns.
    """
    connection.execute("DROP TABLE IF EXISTS temp.staged_rows")
    own = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    connection.execute(
        "CREATE TEMP TABLE staged_rows (n INTEGER PRIMARY KEY, reference TEXT, ufrn TEXT,"
        f" {own}, place TEXT, cells TEXT)"
    )
    headers: list[str] = []
    source = _rows(items, values, headers, aside)
    marks = ", ".join("?" * (len(columns) + 4))
    while batch := list(islice(source, _BATCH)):
        connection.executemany(
            f"INSERT INTO temp.staged_rows (reference, ufrn, {', '.join(columns)}, place, cells)"
            f" VALUES ({marks})",
            batch,
        )
    picked = ", ".join(f"r.{name}" for name in columns)
    cursor = connection.execute(
        f"SELECT coalesce(f.ufrn, r.reference), r.n, r.ufrn, {picked}, r.place, r.cells"
        " FROM temp.staged_rows r LEFT JOIN family_aliases a ON a.reference = r.reference"
        " LEFT JOIN families f ON f.id = a.family_key ORDER BY 1, 2"
    )
    # Closed before the transaction ends, also when that fails: a damaged project is told of once.
    with closing(cursor):
        yield Staged(headers, _batches(cursor))
    connection.execute("DROP TABLE temp.staged_rows")


def _rows(
    items: Iterable[Item | Rejection],
    values: Callable[[Item], tuple[object, ...]],
    headers: list[str],
    aside: Callable[[Rejection], None],
) -> Iterator[tuple[object, ...]]:
    for item in items:
        if isinstance(item, Rejection):
            aside(item)
            continue
        if not headers:
            headers.extend(item.fields)
        yield (
            normalise_reference(item.ufrn),
            item.ufrn,
            *values(item),
            item.place,
            json.dumps(list(item.fields.values())),
        )


def _batches(rows: Iterable[Row]) -> Iterator[list[tuple[str, list[Row]]]]:
    families = ((reference, list(own)) for reference, own in groupby(rows, key=itemgetter(0)))
    while chunk := list(islice(families, _FAMILIES)):
        yield chunk
