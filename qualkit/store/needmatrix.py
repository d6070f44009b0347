"""The needs of the families that count, as one matrix."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class NeedMatrix:
    """What is known of families' needs.

    Attributes
    ----------
    family_keys : list of int
        Families, by reference.
    needs, names : list of str
        Needs by id, and what they are called.
    answers : ndarray of int8, shape (n_families, n_needs)
        1 the need is there, 0 it is not, -1 not known.
    """

    family_keys: list[int]
    needs: list[str]
    names: list[str]
    answers: Array


def fetch_need_matrix(connection: sqlite3.Connection, cohort_sql: str) -> NeedMatrix:
    """Return the needs of the families that a query names; needs that nobody answered too."""
    import numpy

    keys = [
        key
        for (key,) in connection.execute(
            f"SELECT id FROM families WHERE id IN ({cohort_sql}) ORDER BY ufrn"
        )
    ]
    named = connection.execute("SELECT need, name FROM needs ORDER BY need").fetchall()
    place = {key: at for at, key in enumerate(keys)}
    answers = numpy.full((len(keys), len(named)), -1, dtype=numpy.int8)
    for column, (need, _) in enumerate(named):
        found = connection.execute(
            "SELECT family_key, present FROM family_needs WHERE need = ?"
            f" AND family_key IN ({cohort_sql})",
            (need,),
        ).fetchall()
        rows = [place[key] for key, _ in found]
        answers[rows, column] = [present for _, present in found]
    return NeedMatrix(keys, [need for need, _ in named], [name for _, name in named], answers)
