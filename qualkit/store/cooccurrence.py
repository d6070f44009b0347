"""Themes that meet in a case, a segment or a family: counted alone and in pairs.

Cases are read some ten thousand at a time, and what was found in them becomes a matrix of
units and themes, whose product with itself is every count at once. So memory does not grow
with codings or segments; where families are counted, a few bytes for each of them are kept,
since their cases may lie anywhere.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import CountBy
from qualkit.store.counts import CONFIRMED, count_units
from qualkit.store.reading import QUOTATIONS, Quotation
from qualkit.store.scope import (
    Clause,
    Scope,
    cases_in_scope,
    cases_of_domain,
    codings_in_scope,
    counted_codings,
    counted_status,
    covered_roles,
    marks,
    unit_of,
)

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

CASES_AT_ONCE = 20_000
MOST_PEOPLE = 1_000
"""Families behind a pair are counted up to this; all that publishing asks is whether few are."""
_BITS = 64


@dataclass(frozen=True, slots=True)
class Theme:
    """A code to be counted: its rows in the table of codes, and what counts for it."""

    name: str
    code_keys: tuple[int, ...]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Together:
    """Units with each theme and with each two.

    Attributes
    ----------
    counts : ndarray of int64, shape (n_themes, n_themes)
        Units with both; on the diagonal with the one.
    people : ndarray of int64, same shape, or None
        Families behind each of them, at most `MOST_PEOPLE`.
    codings, confirmed : int
        Codings that counted, and those of them that a person accepted or added.
    """

    counts: Array
    people: Array | None
    codings: int
    confirmed: int


def count_together(
    connection: sqlite3.Connection, themes: Sequence[Theme], *, people: bool = False
) -> Together:
    """Count the units in which themes are found, each and in pairs.

    Parameters
    ----------
    themes : sequence of Theme
        All counted by the same unit. A case counts only if it is in the scope of every theme.
    people : bool
        Count the families behind the pairs too; a case without one is one more.
    """
    import numpy

    scopes = list(dict.fromkeys(theme.scope for theme in themes))
    counter = _Counter(len(themes), by_family=scopes[0].count_by is CountBy.FAMILY, people=people)
    column = numpy.zeros(1 + max(key for t in themes for key in t.code_keys), dtype=numpy.int64)
    for at, theme in enumerate(themes):
        column[list(theme.code_keys)] = at
    codings = confirmed = 0
    for first, last in _ranges(connection):
        found: list[Array] = []
        for scope in scopes:
            keys = [key for theme in themes if theme.scope == scope for key in theme.code_keys]
            rows = connection.execute(*_codings(scope, scopes, keys, first, last, people=people))
            found.append(_as_array(rows, 4))
        units = numpy.concatenate(found)
        codings += len(units)
        confirmed += int(units[:, 3].sum())
        units[:, 0] = column[units[:, 0]]
        counter.add(units)
    return Together(counter.counts(), counter.people(), codings, confirmed)


def _as_array(rows: sqlite3.Cursor, width: int) -> Array:
    import numpy

    flat = numpy.fromiter((value for row in rows for value in row), dtype=numpy.int64)
    return flat.reshape(-1, width)


def _ranges(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Yield the first and last row of the cases that are read together."""
    last = connection.execute("SELECT coalesce(max(id), 0) FROM cases").fetchone()[0]
    for first in range(1, last + 1, CASES_AT_ONCE):
        yield first, min(last, first + CASES_AT_ONCE - 1)


def _codings(
    scope: Scope,
    scopes: Sequence[Scope],
    code_keys: Sequence[int],
    first: int,
    last: int,
    *,
    people: bool,
) -> tuple[str, list[object]]:
    """Return the query for (code, unit, family, confirmed) of the codings in some cases."""
    own = codings_in_scope(scope)
    family = "(SELECT coalesce(family_key, -id) FROM cases WHERE id = g.case_key)"
    parts = [
        f"g.code_key IN ({marks(tuple(code_keys))})",
        "g.case_key BETWEEN ? AND ?",
        own.sql,
    ]
    values: list[object] = [*code_keys, first, last, *own.values]
    cases: list[str] = []
    for each in scopes:
        clause = _case_of_domain(each)
        cases.append(clause.sql)
        values += clause.values
    # The cases of this stretch alone: all of them would be gathered for every stretch.
    parts.append(
        f"+g.case_key IN (SELECT c.id FROM cases c WHERE {' AND '.join(cases)}"
        " AND c.id BETWEEN ? AND ?)"
    )
    values += [first, last]
    if scope.domain:
        parts.append(
            "((SELECT declared FROM cases WHERE id = g.case_key) = 1 OR EXISTS (SELECT 1 FROM"
            f" codings d WHERE d.segment_key = g.segment_key AND d.status {counted_status(scope)}"
            f" AND d.code_key IN {_DOMAIN_CODE}))"
        )
        values.append(scope.domain)
    sql = (
        f"SELECT g.code_key, {unit_of(scope)}, {family if people else 0},"
        f" g.status IN {CONFIRMED} FROM codings g WHERE {' AND '.join(parts)}"
    )
    return sql, values


_DOMAIN_CODE = "(SELECT id FROM codes WHERE category = 'domain' AND code = ?)"


def _case_of_domain(scope: Scope) -> Clause:
    """Return what `cases_of_domain` does, asked case by case instead of gathered."""
    clause = cases_in_scope(scope)
    if scope.domain:
        clause.sql += (
            " AND (EXISTS (SELECT 1 FROM case_relevance o WHERE o.case_key = c.id"
            " AND o.domain = ? AND o.level > 0) OR c.declared = 0 AND EXISTS (SELECT 1 FROM"
            f" segments x JOIN codings d ON d.segment_key = x.id WHERE x.case_key = c.id"
            f" AND d.status {counted_status(scope)} AND d.code_key IN {_DOMAIN_CODE}))"
        )
        clause.values += [scope.domain, scope.domain]
    return clause


class _Counter:
    """Sums what is found in one stretch of cases after the other."""

    def __init__(self, n_themes: int, *, by_family: bool, people: bool) -> None:
        import numpy

        self._n = n_themes
        self._by_family = by_family
        self._sums = numpy.zeros((n_themes, n_themes), dtype=numpy.int64)
        self._families = numpy.zeros((0, -(-n_themes // _BITS)), dtype=numpy.uint64)
        self._people: dict[tuple[int, int], set[int]] | None = {} if people else None

    def add(self, found: Array) -> None:
        """Take in rows (theme, unit, family, confirmed) of whole cases."""
        import numpy

        if self._by_family:
            self._mark_families(found)
            return
        units, rows, at = numpy.unique(found[:, 1], return_index=True, return_inverse=True)
        there = numpy.zeros((len(units), self._n), dtype=numpy.float32)
        there[at, found[:, 0]] = 1
        self._sums += _product(there)
        if self._people is not None:
            self._add_people(there > 0, found[rows, 2])

    def counts(self) -> Array:
        """Return the units with each theme and each two."""
        if self._by_family:
            for first in range(0, len(self._families), CASES_AT_ONCE):
                self._sums += _product(self._unpacked(first))
            self._families = self._families[:0]
        return self._sums

    def people(self) -> Array | None:
        """Return the families behind them; None where they were not asked for."""
        import numpy

        if self._by_family and self._people is not None:
            return self._sums.copy()
        if self._people is None:
            return None
        found = numpy.zeros_like(self._sums)
        for (one, other), families in self._people.items():
            found[one, other] = found[other, one] = min(len(families), MOST_PEOPLE)
        return found

    def _mark_families(self, found: Array) -> None:
        """Set a bit for each family and theme."""
        import numpy

        lacking = int(found[:, 1].max(initial=-1)) + 1 - len(self._families)
        if lacking > 0:
            # Room for as many again, so that it is not copied for every stretch of cases.
            more = numpy.zeros((lacking + len(self._families), self._families.shape[1]))
            self._families = numpy.concatenate([self._families, more.astype(numpy.uint64)])
        for theme in range(self._n):
            own = found[found[:, 0] == theme, 1]
            self._families[own, theme // _BITS] |= numpy.uint64(1 << theme % _BITS)

    def _unpacked(self, first: int) -> Array:
        import numpy

        words = self._families[first : first + CASES_AT_ONCE]
        there = numpy.zeros((len(words), self._n), dtype=numpy.float32)
        for theme in range(self._n):
            bit = numpy.uint64(1 << theme % _BITS)
            there[:, theme] = (words[:, theme // _BITS] & bit) > 0
        return there

    def _add_people(self, there: Array, families: Array) -> None:
        assert self._people is not None
        for one in range(self._n):
            for other in range(one + 1):
                known = self._people.setdefault((one, other), set())
                if len(known) < MOST_PEOPLE:
                    known.update(families[there[:, one] & there[:, other]].tolist())


def _product(there: Array) -> Array:
    import numpy

    # Whole numbers up to 16 million are exact in these floats.
    found: Array = numpy.rint(there.T @ there).astype(numpy.int64)
    return found


@dataclass(frozen=True, slots=True)
class Declared:
    """Cases to which domains are fairly or very relevant, each and in pairs.

    Attributes
    ----------
    domains : tuple of str
        Those that any case says something of.
    together : Together
        Cases by these domains.
    declaring : int
        Cases that declare any.
    """

    domains: tuple[str, ...]
    together: Together
    declaring: int


def count_declared(
    connection: sqlite3.Connection, scope: Scope, domains: Sequence[str], *, people: bool = False
) -> Declared:
    """Count the cases to which domains are relevant, in the order of `domains`."""
    import numpy

    place = {domain: at for at, domain in enumerate(domains)}
    counter = _Counter(len(domains), by_family=False, people=people)
    asked: set[str] = set()
    declaring = 0
    clause = cases_in_scope(scope)
    for first, last in _ranges(connection):
        rows = connection.execute(
            "SELECT r.domain, c.id, coalesce(c.family_key, -c.id), r.level FROM cases c"
            " JOIN case_relevance r ON r.case_key = c.id"
            f" WHERE {clause.sql} AND c.declared = 1 AND c.id BETWEEN ? AND ?",
            [*clause.values, first, last],
        ).fetchall()
        asked.update(domain for domain, *_ in rows)
        declaring += len({case for _, case, _, _ in rows})
        found = [(place[domain], case, family, 0) for domain, case, family, level in rows if level]
        counter.add(numpy.array(found, dtype=numpy.int64).reshape(-1, 4))
    kept = [at for at, domain in enumerate(domains) if domain in asked]
    counts, behind = counter.counts()[numpy.ix_(kept, kept)], counter.people()
    if behind is not None:
        behind = behind[numpy.ix_(kept, kept)]
    return Declared(tuple(domains[at] for at in kept), Together(counts, behind, 0, 0), declaring)


def count_shared_units(connection: sqlite3.Connection, scopes: Sequence[Scope]) -> int:
    """Return how many units are in every scope: what shares and lifts are of."""
    different = list(dict.fromkeys(replace(scope, codebook_keys=()) for scope in scopes))
    if len(different) == 1 and not scopes[0].reviewed_only:
        return count_units(connection, scopes[0])
    clauses = [cases_of_domain(scope) for scope in scopes]
    conditions = [clause.sql for clause in clauses]
    values = [value for clause in clauses for value in clause.values]
    tables, unit = "cases c", "c.id" if scopes[0].count_by is CountBy.CASE else "c.family_key"
    if scopes[0].count_by is CountBy.SEGMENT:
        tables, unit = "segments s JOIN cases c ON c.id = s.case_key", "s.id"
        conditions.append("s.role <> 'interviewer'")
        for scope in scopes:
            if scope.roles:
                covered = covered_roles("s", scope.roles)
                conditions.append(covered.sql)
                values += covered.values
        if scopes[0].domain:
            conditions.append(
                "(c.declared = 1 OR EXISTS (SELECT 1 FROM codings d WHERE d.segment_key = s.id"
                f" AND d.status {counted_status(scopes[0])} AND d.code_key IN {_DOMAIN_CODE}))"
            )
            values.append(scopes[0].domain)
    row = connection.execute(
        f"SELECT count(DISTINCT {unit}) FROM {tables} WHERE {' AND '.join(conditions)}", values
    ).fetchone()
    return int(row[0])


def iterate_meetings(
    connection: sqlite3.Connection, one: Theme, other: Theme
) -> Iterator[tuple[int, bool, Quotation]]:
    """Yield (unit, whether of the first theme, quotation) where both themes count, by unit."""
    scopes = [one.scope, other.scope]
    clauses = [counted_codings(theme.scope) for theme in (one, other)]
    cases = [cases_of_domain(scope) for scope in scopes]
    in_both = "+g.case_key IN (SELECT c.id FROM cases c WHERE "
    in_both += " AND ".join(clause.sql for clause in cases) + ")"
    case_values = [value for clause in cases for value in clause.values]
    conditions = [
        f"g.code_key IN ({marks(theme.code_keys)}) AND {clause.sql} AND {in_both}"
        for theme, clause in zip((one, other), clauses, strict=True)
    ]
    values = [
        [*theme.code_keys, *clause.values, *case_values]
        for theme, clause in zip((one, other), clauses, strict=True)
    ]
    units = [
        f"SELECT {unit_of(scope)} FROM codings g WHERE {condition}"
        for scope, condition in zip(scopes, conditions, strict=True)
    ]
    unit = unit_of(one.scope)
    start = QUOTATIONS.index("FROM codings g")
    sql = (
        f"{QUOTATIONS[:start]}, {unit} {QUOTATIONS[start:]} WHERE (({conditions[0]}) OR"
        f" ({conditions[1]})) AND {unit} IN ({units[0]} INTERSECT {units[1]})"
        f" ORDER BY {unit}, c.id, s.n, g.start_char, g.end_char, g.id"
    )
    rows = connection.execute(sql, [*values[0], *values[1], *values[0], *values[1]])
    names = set(_names(connection, one))
    for *row, key in rows:
        quotation = Quotation(*row)
        yield key, (quotation.category, quotation.code) in names, quotation


def _names(connection: sqlite3.Connection, theme: Theme) -> Iterator[tuple[str, str]]:
    yield from connection.execute(
        f"SELECT category, code FROM codes WHERE id IN ({marks(theme.code_keys)})", theme.code_keys
    )
