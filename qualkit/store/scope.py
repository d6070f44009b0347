"""From counting options to SQL: which cases, families, segments and codings count."""

from __future__ import annotations

from dataclasses import dataclass, field

from qualkit.model import CountBy, split_roles
from qualkit.store.schema import MACHINE_KEY

DOMAIN_CODES = "(SELECT id FROM codes WHERE category = 'domain')"

UNITS = {
    CountBy.CASE: "g.case_key",
    CountBy.FAMILY: "(SELECT family_key FROM cases WHERE id = g.case_key)",
    CountBy.SEGMENT: "g.segment_key",
}


_PEOPLE = "(SELECT coalesce(family_key, -id) FROM cases WHERE id = g.case_key)"


@dataclass(frozen=True, slots=True)
class Scope:
    """Counting options, resolved against the project.

    `family_where` and `case_where` map an attribute to the values allowed;
    `roles` are those of the category's codebook; `codebook_keys` those whose
    done marks count with `reviewed_only`; `coder` is a coder's row or None. With `people`
    the families behind are counted, a case without one as one more.
    """

    kinds: tuple[str, ...]
    roles: tuple[str, ...] = ()
    domain: str = ""
    family_where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    case_where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    coder: int | None = None
    count_by: CountBy = CountBy.CASE
    reviewed_only: bool = False
    people: bool = False
    codebook_keys: tuple[int, ...] = ()


def unit_of(scope: Scope) -> str:
    """Return what a theme counts once for, of `codings g`."""
    return _PEOPLE if scope.people else UNITS[scope.count_by]


@dataclass(slots=True)
class Clause:
    """A piece of SQL with its values."""

    sql: str
    values: list[object] = field(default_factory=list)


def marks(values: tuple[object, ...]) -> str:
    """Return as many question marks as values."""
    return ",".join("?" * len(values))


def cases_in_scope(scope: Scope) -> Clause:
    """Return the condition on `cases c` for a case to be in the denominator, domain aside."""
    parts = ["c.withdrawn = 0", "c.has_text = 1", f"c.kind IN ({marks(scope.kinds)})"]
    values: list[object] = list(scope.kinds)
    if scope.roles:
        covered = covered_roles("r", scope.roles)
        parts.append(f"EXISTS (SELECT 1 FROM segments r WHERE r.case_key = c.id AND {covered.sql})")
        values += covered.values
    for key, allowed in scope.family_where:
        parts.append(
            "c.family_key IN (SELECT family_key FROM family_attributes"
            f" WHERE key = ? AND value IN ({marks(allowed)}))"
        )
        values += [key, *allowed]
    for key, allowed in scope.case_where:
        parts.append(
            "c.id IN (SELECT case_key FROM case_attributes"
            f" WHERE key = ? AND value IN ({marks(allowed)}))"
        )
        values += [key, *allowed]
    if scope.reviewed_only:
        parts.append(_done(scope, values))
    return Clause(" AND ".join(parts), values)


def families_in_scope(scope: Scope) -> Clause:
    """Return the condition on `families f` to stand at all, and to have the attributes asked for.

    A family that no table declares stands as long as a case names it.
    """
    parts = [
        "(f.declared = 1 OR f.id IN (SELECT family_key FROM cases"
        " WHERE family_key IS NOT NULL AND withdrawn = 0))"
    ]
    values: list[object] = []
    for key, allowed in scope.family_where:
        parts.append(
            "f.id IN (SELECT family_key FROM family_attributes"
            f" WHERE key = ? AND value IN ({marks(allowed)}))"
        )
        values += [key, *allowed]
    return Clause(" AND ".join(parts), values)


def covered_roles(alias: str, roles: tuple[str, ...]) -> Clause:
    """Return the condition that a segment's role is among those of a codebook."""
    limited, left_out = split_roles(roles)
    if limited:
        return Clause(f"{alias}.role IN ({marks(limited)})", list(limited))
    return Clause(f"{alias}.role NOT IN ({marks(left_out)})", list(left_out))


def _done(scope: Scope, values: list[object]) -> str:
    condition = (
        "c.id IN (SELECT case_key FROM done_cases"
        f" WHERE codebook_key IN ({marks(scope.codebook_keys)})"
    )
    values += scope.codebook_keys
    if scope.coder is not None and scope.coder != MACHINE_KEY:
        condition += " AND coder_key = ?"
        values.append(scope.coder)
    return condition + ")"


def counted_status(scope: Scope) -> str:
    """Return the test on a coding's status, its domain codings' too."""
    return "IN ('accepted', 'added')" if scope.reviewed_only else "<> 'rejected'"


def codings_in_scope(scope: Scope) -> Clause:
    """Return the condition on `codings g` for a coding to count, its case and domain aside."""
    parts, values = [], list[object]()
    parts.append(f"g.status {counted_status(scope)}")
    if scope.count_by is CountBy.FAMILY:
        parts.append("+g.case_key IN (SELECT id FROM cases WHERE family_key IS NOT NULL)")
    if scope.coder == MACHINE_KEY:
        parts.append("g.coder_key = ?")
        values.append(MACHINE_KEY)
    elif scope.coder is not None:
        parts.append(
            "(g.coder_key = ? OR g.status = 'accepted' AND EXISTS (SELECT 1 FROM decisions d"
            " WHERE d.segment_key = g.segment_key AND d.code_key = g.code_key AND d.coder_key = ?"
            " AND d.verdict = 'accept' AND d.start_char < g.end_char"
            " AND g.start_char < d.end_char))"
        )
        values += [scope.coder, scope.coder]
    return Clause(" AND ".join(parts), values)


def counted_codings(scope: Scope) -> Clause:
    """Return the whole condition on `codings g`, with case and domain."""
    codings, cases = codings_in_scope(scope), cases_in_scope(scope)
    # The plus sign keeps SQLite from looking up every case for every code: it is
    # quicker to read the codings of a code in order and test each one's case.
    sql = f"{codings.sql} AND +g.case_key IN (SELECT c.id FROM cases c WHERE {cases.sql})"
    values = codings.values + cases.values
    if scope.domain:
        sql += (
            " AND (g.case_key IN (SELECT case_key FROM case_relevance"
            " WHERE domain = ? AND level > 0)"
            " OR (g.case_key IN (SELECT id FROM cases WHERE declared = 0)"
            f" AND g.segment_key IN ({domain_segments(scope)})))"
        )
        values += [scope.domain, scope.domain]
    return Clause(sql, values)


def domain_segments(scope: Scope, column: str = "segment_key") -> str:
    """Return the query for the segments, or cases, coded with a domain (one value: its id)."""
    return (
        f"SELECT {column} FROM codings WHERE status {counted_status(scope)} AND code_key ="
        " (SELECT id FROM codes WHERE category = 'domain' AND code = ?)"
    )


def cases_of_domain(scope: Scope) -> Clause:
    """Return the condition on `cases c` to be in the denominator of the scope's domain."""
    clause = cases_in_scope(scope)
    if not scope.domain:
        return clause
    clause.sql += (
        " AND (c.id IN (SELECT case_key FROM case_relevance WHERE domain = ? AND level > 0)"
        f" OR c.declared = 0 AND c.id IN ({domain_segments(scope, 'case_key')}))"
    )
    clause.values += [scope.domain, scope.domain]
    return clause
