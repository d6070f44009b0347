"""Counts per theme, domain and group: the numbers that the tables are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from qualkit.model import CountBy, ThemeCount
from qualkit.store.scope import (
    DOMAIN_CODES,
    Scope,
    cases_in_scope,
    cases_of_domain,
    codings_in_scope,
    counted_codings,
    counted_status,
    covered_roles,
    domain_segments,
    unit_of,
)

CONFIRMED = "('accepted', 'added')"


def count_themes(
    connection: sqlite3.Connection, scope: Scope, category: str, *, by_group: bool = False
) -> list[ThemeCount]:
    """Return the count of every code of a category in the scope, zeros too.

    With `by_group` the codes are rolled up to their groups.
    """
    clause = counted_codings(scope)
    theme = "k.code_group" if by_group else "k.code"
    rows = connection.execute(
        f"SELECT {theme}, count(DISTINCT {unit_of(scope)}), count(*),"
        f" sum(g.status IN {CONFIRMED}) FROM codings g JOIN codes k ON k.id = g.code_key"
        f" WHERE k.category = ? AND {clause.sql} GROUP BY {theme}",
        [category, *clause.values],
    )
    return with_zeros(connection, category, by_group, {(row[0], ""): row[1:] for row in rows}, [""])


def count_themes_by_domain(
    connection: sqlite3.Connection, scope: Scope, category: str, *, by_group: bool = False
) -> list[ThemeCount]:
    """Return the counts of a category within each domain (`cell`), zeros too.

    A case with declared relevance counts in each domain that is fairly or very
    relevant; a case without counts where a theme and a domain share a segment.
    """
    codings, cases = codings_in_scope(scope), cases_in_scope(scope)
    theme = "k.code_group" if by_group else "k.code"
    in_scope = f"(SELECT c.id FROM cases c WHERE {cases.sql} AND c.declared = %d)"
    columns = f"{theme} AS theme, {unit_of(scope)} AS unit, g.id AS coding, g.status AS status"
    rows = connection.execute(
        "SELECT theme, domain, count(DISTINCT unit), count(DISTINCT coding),"
        f" count(DISTINCT CASE WHEN status IN {CONFIRMED} THEN coding END) FROM ("
        f"SELECT {columns}, r.domain AS domain FROM codings g"
        " JOIN codes k ON k.id = g.code_key JOIN case_relevance r ON r.case_key = g.case_key"
        f" WHERE k.category = ? AND r.level > 0 AND {codings.sql} AND +g.case_key IN {in_scope % 1}"
        f" UNION ALL SELECT {columns}, dk.code FROM codings g"
        " JOIN codes k ON k.id = g.code_key"
        f" JOIN codings d ON d.segment_key = g.segment_key AND d.status {counted_status(scope)}"
        f" AND d.code_key IN {DOMAIN_CODES} JOIN codes dk ON dk.id = d.code_key"
        f" WHERE k.category = ? AND {codings.sql} AND +g.case_key IN {in_scope % 0}"
        ") GROUP BY theme, domain",
        [category, *codings.values, *cases.values] * 2,
    )
    found = {(row[0], row[1]): row[2:] for row in rows}
    return with_zeros(connection, category, by_group, found, domains(connection))


def with_zeros(
    connection: sqlite3.Connection,
    category: str,
    by_group: bool,
    found: Mapping[tuple[str, str], tuple[int, int, int]],
    cells: list[str],
) -> list[ThemeCount]:
    """Return what was found of every theme of a category in every cell, zeros too."""
    themes: dict[str, str] = {}
    for code, name, group, retired in connection.execute(
        "SELECT code, name, code_group, retired FROM codes WHERE category = ?"
        " ORDER BY codebook_key, position",
        (category,),
    ):
        theme = group if by_group else code
        if not retired or any((theme, cell) in found for cell in cells):
            themes.setdefault(theme, _group_name(group) if by_group else name)
    return [
        ThemeCount(category, theme, name, *found.get((theme, cell), (0, 0, 0)), cell=cell)
        for cell in cells
        for theme, name in themes.items()
    ]


def _group_name(group: str) -> str:
    return group.replace("-", " ").capitalize() or "(no group)"


def domains(connection: sqlite3.Connection) -> list[str]:
    """Return the ids of the domains, in codebook order, else as declared on the forms."""
    found = [
        code
        for (code,) in connection.execute(
            "SELECT code FROM codes WHERE category = 'domain' AND retired = 0 ORDER BY position"
        )
    ]
    # From one domain to the next by the index: few domains, many rows of each.
    extra = connection.execute(
        "WITH RECURSIVE each (domain) AS (SELECT min(domain) FROM case_relevance UNION ALL"
        " SELECT (SELECT min(r.domain) FROM case_relevance r WHERE r.domain > each.domain)"
        " FROM each WHERE each.domain IS NOT NULL) SELECT domain FROM each"
        " WHERE domain IS NOT NULL"
    )
    return found + [domain for (domain,) in extra if domain not in found]


def count_units(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the denominator: cases, families or segments in scope."""
    clause = cases_of_domain(scope)
    if scope.count_by is CountBy.SEGMENT:
        return _count_segments(connection, scope)
    unit = "c.id" if scope.count_by is CountBy.CASE else "c.family_key"
    if scope.people:
        unit = "coalesce(c.family_key, -c.id)"
    return int(
        connection.execute(
            f"SELECT count(DISTINCT {unit}) FROM cases c WHERE {clause.sql}",
            clause.values,
        ).fetchone()[0]
    )


def _count_segments(connection: sqlite3.Connection, scope: Scope) -> int:
    clause = cases_of_domain(scope)
    sql = f"s.role <> 'interviewer' AND c.withdrawn = 0 AND {clause.sql}"
    values = list(clause.values)
    if scope.roles:
        covered = covered_roles("s", scope.roles)
        sql += f" AND {covered.sql}"
        values += covered.values
    if scope.domain:
        sql += f" AND (c.declared = 1 OR s.id IN ({domain_segments(scope)}))"
        values.append(scope.domain)
    return int(
        connection.execute(
            f"SELECT count(*) FROM segments s JOIN cases c ON c.id = s.case_key WHERE {sql}",
            values,
        ).fetchone()[0]
    )


def count_kinds(connection: sqlite3.Connection, scope: Scope) -> dict[str, int]:
    """Return the cases in scope (its domain too) by kind."""
    clause = cases_of_domain(scope)
    return dict(
        connection.execute(
            f"SELECT c.kind, count(*) FROM cases c WHERE {clause.sql} GROUP BY c.kind"
            " ORDER BY c.kind",
            clause.values,
        )
    )


def kinds_with_text(connection: sqlite3.Connection) -> list[str]:
    """Return the kinds of which the project has cases with text."""
    rows = connection.execute(
        "SELECT DISTINCT kind FROM cases WHERE withdrawn = 0 AND has_text = 1 ORDER BY kind"
    )
    return [kind for (kind,) in rows]


def count_outside_domains(
    connection: sqlite3.Connection, scope: Scope, category: str
) -> tuple[int, int]:
    """Return (codings, cases) of undeclared cases in segments of no domain."""
    codings, cases = codings_in_scope(scope), cases_in_scope(scope)
    undeclared = f"(SELECT c.id FROM cases c WHERE {cases.sql} AND c.declared = 0)"
    if not connection.execute(f"SELECT EXISTS {undeclared}", cases.values).fetchone()[0]:
        return 0, 0
    row = connection.execute(
        "SELECT count(*), count(DISTINCT g.case_key) FROM codings g"
        " JOIN codes k ON k.id = g.code_key"
        f" WHERE k.category = ? AND {codings.sql} AND +g.case_key IN {undeclared}"
        " AND g.segment_key NOT IN (SELECT segment_key FROM codings"
        f" WHERE status {counted_status(scope)} AND code_key IN {DOMAIN_CODES}"
        f" AND +case_key IN {undeclared})",
        [category, *codings.values, *cases.values, *cases.values],
    ).fetchone()
    return int(row[0]), int(row[1])


def count_uncoded(connection: sqlite3.Connection, scope: Scope, category: str) -> int:
    """Return the cases in scope that no coder has been through with the category's codebook."""
    clause = cases_of_domain(scope)
    return int(
        connection.execute(
            f"SELECT count(*) FROM cases c WHERE {clause.sql}"
            " AND c.id NOT IN (SELECT case_key FROM coded_cases WHERE codebook_key IN"
            " (SELECT codebook_key FROM codes WHERE category = ?))"
            " AND c.id NOT IN (SELECT case_key FROM done_cases WHERE codebook_key IN"
            " (SELECT codebook_key FROM codes WHERE category = ?))"
            " AND c.id NOT IN (SELECT case_key FROM codings WHERE code_key IN"
            " (SELECT id FROM codes WHERE category = ?))",
            [*clause.values, category, category, category],
        ).fetchone()[0]
    )


def runs_behind(connection: sqlite3.Connection, scope: Scope, category: str) -> list[str]:
    """Return one line a run behind the codings counted: coder, codebook, version, time."""
    clause = counted_codings(scope)
    codes = "(SELECT id FROM codes WHERE category = ?)"
    # One coding is enough to name a run, and the index finds it at once.
    rows = connection.execute(
        "SELECT r.id, p.name, b.name, v.version, r.method, r.finished_at FROM runs r"
        " JOIN coders p ON p.id = r.coder_key"
        " JOIN codebook_versions v ON v.id = r.codebook_version_key"
        " JOIN codebooks b ON b.id = v.codebook_key"
        " WHERE EXISTS (SELECT 1 FROM codings g WHERE g.run_key = r.id"
        f" AND g.code_key IN {codes} AND {clause.sql}) ORDER BY r.id",
        [category, *clause.values],
    )
    lines = [
        f"run {run}: {coder}, codebook {book} version {version}, {method}, {when}"
        for run, coder, book, version, method, when in rows
    ]
    people = connection.execute(
        "SELECT p.name, count(*) FROM codings g JOIN coders p ON p.id = g.coder_key"
        f" WHERE g.run_key IS NULL AND g.code_key IN {codes} AND {clause.sql}"
        " GROUP BY p.name ORDER BY 1",
        [category, *clause.values],
    )
    return lines + [
        f"{count} coding{'' if count == 1 else 's'} by {name}" for name, count in people
    ]


def changed_codebooks(connection: sqlite3.Connection, category: str) -> list[str]:
    """Return the codebooks of a category that were loaded anew since their last run."""
    older = connection.execute(
        "SELECT r.id FROM runs r JOIN codebook_versions v ON v.id = r.codebook_version_key"
        " WHERE v.codebook_key IN (SELECT codebook_key FROM codes WHERE category = ?)"
        " AND v.id <> (SELECT max(w.id) FROM codebook_versions w"
        " WHERE w.codebook_key = v.codebook_key)",
        (category,),
    ).fetchall()
    if not older:
        return []
    rows = connection.execute(
        "SELECT DISTINCT b.name FROM coded_cases d JOIN codebooks b ON b.id = d.codebook_key"
        " WHERE b.id IN (SELECT codebook_key FROM codes WHERE category = ?)"
        f" AND d.run_key IN ({','.join(str(run) for (run,) in older)}) ORDER BY b.name",
        (category,),
    )
    return [name for (name,) in rows]


def count_relevant_people(
    connection: sqlite3.Connection, scope: Scope
) -> dict[str, dict[str, int]]:
    """Return the families behind what the forms declare.

    Returns
    -------
    dict
        Domain to the families to which it is fairly or very relevant ('' both, 'fairly',
        'very'), and by another domain those to which both are.
    """
    clause = cases_in_scope(scope)
    family = "DISTINCT coalesce(c.family_key, -c.id)"
    base = (
        f" FROM case_relevance r JOIN cases c ON c.id = r.case_key {{}} WHERE r.level > 0"
        f" AND {clause.sql} AND c.declared = 1 GROUP BY r.domain"
    )
    found: dict[str, dict[str, int]] = {}
    rows = connection.execute(
        f"SELECT r.domain, r.level, count({family})" + base.format("") + ", r.level", clause.values
    )
    for domain, level, families in rows:
        found.setdefault(domain, {})["very" if level == 2 else "fairly"] = families
    rows = connection.execute(
        f"SELECT r.domain, '', count({family})"
        + base.format("")
        + f" UNION ALL SELECT r.domain, o.domain, count({family})"
        + base.format(
            "JOIN case_relevance o ON o.case_key = c.id AND o.level > 0 AND o.domain <> r.domain"
        )
        + ", o.domain",
        [*clause.values, *clause.values],
    )
    for domain, other, families in rows:
        found.setdefault(domain, {})[other] = families
    return found


def fetch_relevance(
    connection: sqlite3.Connection, scope: Scope
) -> tuple[list[tuple[str, str, int]], dict[str, tuple[int, int]], int]:
    """Return what the forms declare, for cases in scope that declare any.

    Returns
    -------
    tuple
        Pairs (domain, other domain, cases to which both are fairly or very
        relevant); per domain (cases fairly, cases very); declaring cases.
    """
    clause = cases_in_scope(scope)
    in_scope = f"(SELECT c.id FROM cases c WHERE {clause.sql} AND c.declared = 1)"
    pairs = connection.execute(
        "SELECT a.domain, b.domain, count(*) FROM case_relevance a"
        " JOIN case_relevance b ON b.case_key = a.case_key AND b.domain <> a.domain"
        f" WHERE a.level > 0 AND b.level > 0 AND a.case_key IN {in_scope} GROUP BY 1, 2",
        clause.values,
    ).fetchall()
    levels = {
        domain: (fairly, very)
        for domain, fairly, very in connection.execute(
            "SELECT domain, sum(level = 1), sum(level = 2) FROM case_relevance"
            f" WHERE case_key IN {in_scope} GROUP BY domain",
            clause.values,
        )
    }
    n_cases = connection.execute(
        f"SELECT count(*) FROM cases c WHERE {clause.sql} AND c.declared = 1",
        clause.values,
    ).fetchone()[0]
    return pairs, levels, int(n_cases)


def count_without_family(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the cases in scope that name no family."""
    clause = cases_of_domain(scope)
    return int(
        connection.execute(
            f"SELECT count(*) FROM cases c WHERE c.family_key IS NULL AND {clause.sql}",
            clause.values,
        ).fetchone()[0]
    )
