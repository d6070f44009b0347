"""Themes counted by case, for drawing the cases anew; memory grows with cases, not codings."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import CountBy
from qualkit.store.scope import UNITS, Scope, cases_of_domain, counted_codings

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

_BATCH = 50_000
_SEED = 1996


def count_by_lot(
    connection: sqlite3.Connection,
    scope: Scope,
    category: str,
    *,
    most: int,
    by_group: bool = False,
) -> tuple[list[str], Array]:
    """Count every theme in each case, or in lots of cases where there are too many.

    Cases (families where they are counted) in scope without a theme are rows of zeros. More
    than `most` are put by chance, with a fixed seed, into `most` lots of equal size, give or
    take one.

    Returns
    -------
    tuple
        The themes; counts in the unit of the scope, shape (n_lots, n_themes).
    """
    import numpy

    by_family = scope.count_by is CountBy.FAMILY
    base = cases_of_domain(scope)
    drawn = "c.family_key" if by_family else "c.id"
    keys = numpy.fromiter(
        (
            key
            for (key,) in connection.execute(
                f"SELECT DISTINCT {drawn} FROM cases c WHERE {drawn} IS NOT NULL AND {base.sql}"
                " ORDER BY 1",
                base.values,
            )
        ),
        dtype=numpy.int64,
    )
    lots = numpy.arange(len(keys))
    if len(keys) > most:
        lots = numpy.random.default_rng(_SEED).permutation(len(keys)) % most
    themes, columns = _themes(connection, category, by_group=by_group)
    counts = numpy.zeros((min(len(keys), most), len(themes)), dtype=numpy.float32)
    flat = counts.reshape(-1)
    rows = connection.execute(*_pairs(scope, category, by_group=by_group))
    while batch := rows.fetchmany(_BATCH):
        code, unit = numpy.array(batch, dtype=numpy.int64).T
        lot = lots[numpy.searchsorted(keys, unit)]
        flat += numpy.bincount(lot * len(themes) + columns[code], minlength=len(flat))
    return themes, counts


def _pairs(scope: Scope, category: str, *, by_group: bool) -> tuple[str, list[object]]:
    """Return the query for (a code of the theme, what is drawn), one row a unit and theme."""
    clause = counted_codings(scope)
    condition = f"k.category = ? AND {clause.sql}"
    codings = "FROM codings g JOIN codes k ON k.id = g.code_key"
    values = [category, *clause.values]
    if scope.count_by is CountBy.CASE and not by_group:
        # In the order of an index, without sorting.
        return f"SELECT DISTINCT g.code_key, g.case_key {codings} WHERE {condition}", values
    theme = "k.code_group" if by_group else "k.code"
    drawn = UNITS[CountBy.FAMILY if scope.count_by is CountBy.FAMILY else CountBy.CASE]
    return (
        f"SELECT min(g.code_key), {drawn} {codings} WHERE {condition}"
        f" GROUP BY {theme}, {UNITS[scope.count_by]}"
    ), values


def _themes(
    connection: sqlite3.Connection, category: str, *, by_group: bool
) -> tuple[list[str], Array]:
    """Return the themes, and the place of each code's theme among them by the code's row."""
    import numpy

    theme = "code_group" if by_group else "code"
    codes = connection.execute(
        f"SELECT id, {theme} FROM codes WHERE category = ? ORDER BY id", (category,)
    ).fetchall()
    themes = list(dict.fromkeys(theme for _, theme in codes))
    places = {theme: place for place, theme in enumerate(themes)}
    columns = numpy.zeros(max((key for key, _ in codes), default=0) + 1, dtype=numpy.int64)
    for key, theme in codes:
        columns[key] = places[theme]
    return themes, columns
