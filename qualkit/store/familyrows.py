"""Families one by one: attributes, readings, and what their cases were coded with.

Read in the order of references, some thousand at a time, so that memory stays flat.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from qualkit.store.scope import (
    Clause,
    Scope,
    cases_in_scope,
    codings_in_scope,
    families_in_scope,
    marks,
)
from qualkit.store.starspans import domain_places

_BATCH = 500
_BASE = 11


@dataclass(slots=True)
class FamilyRow:
    """What the project knows of a family.

    Attributes
    ----------
    cases : int
        Its cases with text, of the kinds counted.
    spans : dict of str to (int, int)
        First and last readings, 1 to 10, of the domains with both.
    themes : dict of (category, code) to int
        Cases with each theme.
    label : str
        Its progress (see `progresslabels`), or nothing.
    """

    key: int
    ufrn: str
    attributes: dict[str, str] = field(default_factory=dict)
    cases: int = 0
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    themes: dict[tuple[str, str], int] = field(default_factory=dict)
    label: str = ""


def family_attribute_keys(connection: sqlite3.Connection) -> list[str]:
    """Return the attributes that families were imported with."""
    rows = connection.execute("SELECT DISTINCT key FROM main.family_attributes ORDER BY key")
    return [key for (key,) in rows]


def iterate_families(
    connection: sqlite3.Connection, scope: Scope, *, labelled: bool
) -> Iterator[FamilyRow]:
    """Yield the families in scope, in the order of their references.

    Parameters
    ----------
    labelled : bool
        Whether progress was laid down (`progresslabels.lay_down`).
    """
    clause = _listed(scope)
    domains = {place: domain for domain, place in domain_places(connection).items()}
    label = "p.label" if labelled else "''"
    join = " LEFT JOIN temp.family_progress p ON p.family_key = f.id" if labelled else ""
    cursor = connection.execute(
        f"SELECT f.id, f.ufrn, s.spans, {label} FROM families f"
        f" LEFT JOIN star_families s ON s.family_key = f.id{join}"
        f" WHERE {clause.sql} ORDER BY f.ufrn",
        clause.values,
    )
    while chunk := list(islice(cursor, _BATCH)):
        rows = {}
        for key, ufrn, spans, own in chunk:
            rows[key] = FamilyRow(key, ufrn, label=own or "")
            for place, code in enumerate(spans or b""):
                start, end = divmod(code, _BASE)
                if start and end:
                    rows[key].spans[domains[place]] = start, end
        _add(connection, rows, scope)
        yield from rows.values()


def _listed(scope: Scope) -> Clause:
    """Return the condition on `families f`: those of tables and cases, or with readings."""
    chosen, everybody = families_in_scope(scope), families_in_scope(replace(scope, family_where=()))
    # The attributes asked for stand after the rest, each with its values.
    attributes = chosen.sql.removeprefix(everybody.sql)
    there = f"({everybody.sql} OR s.family_key IS NOT NULL)"
    return Clause(there + attributes, chosen.values)


def _add(connection: sqlite3.Connection, rows: dict[int, FamilyRow], scope: Scope) -> None:
    keys: Sequence[int] = list(rows)
    among = f"({marks(tuple(keys))})"
    for key, name, value in connection.execute(
        f"SELECT family_key, key, value FROM main.family_attributes WHERE family_key IN {among}",
        keys,
    ):
        rows[key].attributes[name] = value
    cases, codings = cases_in_scope(scope), codings_in_scope(scope)
    for key, n in connection.execute(
        f"SELECT c.family_key, count(*) FROM cases c WHERE c.family_key IN {among}"
        f" AND {cases.sql} GROUP BY 1",
        [*keys, *cases.values],
    ):
        rows[key].cases = n
    texts = [key for key in keys if rows[key].cases]
    if not texts:
        return
    # By the cases of these families to their segments and codings, by indexes alone.
    for key, category, code, n in connection.execute(
        "SELECT c.family_key, k.category, k.code, count(DISTINCT c.id) FROM cases c"
        " CROSS JOIN segments s ON s.case_key = c.id CROSS JOIN codings g ON g.segment_key = s.id"
        " CROSS JOIN codes k ON k.id = g.code_key"
        f" WHERE c.family_key IN ({marks(tuple(texts))}) AND {cases.sql} AND {codings.sql}"
        " GROUP BY 1, 2, 3",
        [*texts, *cases.values, *codings.values],
    ):
        rows[key].themes[category, code] = n
