"""Themes counted in groups of families or cases, and the words that stand for a cell.

The groups are the values of an attribute. Which case is in which group, for which unit, is
laid down once in a temporary table, `members`; everything else is counted from it, so that
memory does not grow with the codings.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from qualkit.model import CountBy, GroupSize, ThemeCount
from qualkit.store.counts import CONFIRMED, with_zeros
from qualkit.store.scope import Scope, cases_of_domain, counted_codings, families_in_scope

NO_GROUP = "(none)"
"""Where those stand that lack the attribute."""

# A coding that a person made or accepted first, then the surest, then the oldest.
_BEST_FIRST = (
    "CASE g.status WHEN 'added' THEN 0 WHEN 'accepted' THEN 1 ELSE 2 END,"
    " coalesce(nullif(g.score, 0), 1.0) DESC, g.id"
)


@dataclass(frozen=True, slots=True)
class Grouping:
    """What makes the groups: an attribute `key` of families or of cases, as `level` says."""

    level: str
    key: str

    @property
    def name(self) -> str:
        """How people write it: "family.cluster"."""
        return f"{self.level}.{self.key}"

    @property
    def by_case(self) -> bool:
        """Whether the cases of one family may be in several groups."""
        return self.level == "case"

    def sql(self) -> str:
        """Return the expression for the group of a row of `cases c`; one value, the key."""
        table, column, own = (
            ("case_attributes", "case_key", "c.id")
            if self.by_case
            else ("family_attributes", "family_key", "c.family_key")
        )
        return (
            f"coalesce((SELECT value FROM {table} WHERE {column} = {own} AND key = ?),"
            f" '{NO_GROUP}')"
        )


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Themes and units by group.

    Attributes
    ----------
    counts : list of ThemeCount
        Units with each theme by group (`cell`), zeros too; the cell '' is all together.
    sizes : list of GroupSize
        The units of each group, '' first; `(none)` holds those without the attribute.
    tested : mapping of (group, code) to int
        The same counts, of units that are in one named group alone.
    tested_sizes : mapping of group to int
        Those units.
    several : int
        Units in more than one named group, and so in no test.
    """

    counts: list[ThemeCount]
    sizes: list[GroupSize]
    tested: Mapping[tuple[str, str], int]
    tested_sizes: Mapping[str, int]
    several: int = 0


def count_links(
    connection: sqlite3.Connection, scope: Scope, category: str, grouping: Grouping
) -> GroupCounts:
    """Count families with each theme by group; only families with a coded case."""
    # Case by case in the indexes: as lists they would be sorted first, once for each project.
    books = "(SELECT codebook_key FROM codes WHERE category = ?)"
    coded = (
        "(EXISTS (SELECT 1 FROM coded_cases d WHERE d.case_key = c.id"
        f" AND d.codebook_key IN {books})"
        " OR EXISTS (SELECT 1 FROM done_cases d WHERE d.case_key = c.id"
        f" AND d.codebook_key IN {books})"
        " OR EXISTS (SELECT 1 FROM codings d WHERE d.case_key = c.id"
        " AND d.code_key IN (SELECT id FROM codes WHERE category = ?)))"
    )
    _gather(
        connection,
        scope,
        grouping,
        "c.family_key",
        # The plus sign: cases are read as they lie, not by family.
        f"+c.family_key IS NOT NULL AND {coded}",
        [category] * 3,
    )
    with_text = _sizes(connection)
    without = _families_without_text(connection, scope, grouping)
    return _counted(connection, scope, category, grouping, with_text, without)


def count_waves(
    connection: sqlite3.Connection, scope: Scope, category: str, grouping: Grouping
) -> GroupCounts:
    """Count cases or families, as the scope says, with each theme by group, coded or not."""
    by_family = scope.count_by is CountBy.FAMILY
    unit = "c.family_key" if by_family else "c.id"
    if scope.people:
        unit = "coalesce(c.family_key, -c.id)"
    _gather(connection, scope, grouping, unit, f"{unit} IS NOT NULL", [])
    return _counted(connection, scope, category, grouping, _sizes(connection), {})


def _gather(
    connection: sqlite3.Connection,
    scope: Scope,
    grouping: Grouping,
    unit: str,
    condition: str,
    values: list[str],
) -> None:
    base = cases_of_domain(scope)
    connection.execute("DROP TABLE IF EXISTS temp.members")
    connection.execute(
        "CREATE TEMP TABLE members (case_key INTEGER PRIMARY KEY, unit INTEGER, grp TEXT)"
    )
    connection.execute(
        f"INSERT INTO temp.members SELECT c.id, {unit}, {grouping.sql()} FROM cases c"
        f" WHERE {base.sql} AND {condition}",
        [grouping.key, *base.values, *values],
    )


def _counted(
    connection: sqlite3.Connection,
    scope: Scope,
    category: str,
    grouping: Grouping,
    with_text: Mapping[str, int],
    without: Mapping[str, int],
) -> GroupCounts:
    overlap = grouping.by_case and (scope.people or scope.count_by is CountBy.FAMILY)
    found = _themes(connection, scope, category)
    together = sum(with_text.values())
    if overlap:
        units = connection.execute("SELECT count(DISTINCT unit) FROM temp.members")
        together, most = units.fetchone()[0], together
        # Where nobody is in two groups, the codings need not be read again.
        overlap = together < most
    found |= _together(connection, scope, category) if overlap else _added_up(found)
    without_text = sum(without.values())
    if grouping.by_case:
        # A family without a case has no attribute of cases.
        without = {}
    names = sorted(set(with_text) | set(without), key=lambda name: (name == NO_GROUP, name))
    sizes = [
        GroupSize("", together, without_text),
        *[GroupSize(name, with_text.get(name, 0), without.get(name, 0)) for name in names],
    ]
    counts = with_zeros(connection, category, False, found, ["", *names])
    if overlap:
        return _in_one_group(connection, scope, category, counts, sizes)
    tested = {(group, code): row[0] for (code, group), row in found.items() if group}
    tested_sizes = {name: count for name, count in with_text.items() if name != NO_GROUP}
    return GroupCounts(counts, sizes, tested, tested_sizes)


def _themes(
    connection: sqlite3.Connection, scope: Scope, category: str, group: str = "m.grp"
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return (units, codings, confirmed codings) of each theme and group."""
    clause = counted_codings(scope)
    rows = connection.execute(
        f"SELECT k.code, {group}, count(DISTINCT m.unit), count(*),"
        f" sum(g.status IN {CONFIRMED}) FROM codings g JOIN codes k ON k.id = g.code_key"
        " JOIN temp.members m ON m.case_key = g.case_key"
        f" WHERE k.category = ? AND {clause.sql} GROUP BY k.code, {group}",
        [category, *clause.values],
    )
    return {(code, own): (units, codings, sure) for code, own, units, codings, sure in rows}


def _together(
    connection: sqlite3.Connection, scope: Scope, category: str
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return the same over all groups, whose units overlap."""
    return _themes(connection, scope, category, "''")


def _added_up(
    found: Mapping[tuple[str, str], tuple[int, int, int]],
) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return the same over all groups, where every unit is in one: no second reading."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for (code, _), (units, codings, sure) in found.items():
        before = sums.get((code, ""), (0, 0, 0))
        sums[code, ""] = (before[0] + units, before[1] + codings, before[2] + sure)
    return sums


def _in_one_group(
    connection: sqlite3.Connection,
    scope: Scope,
    category: str,
    counts: list[ThemeCount],
    sizes: list[GroupSize],
) -> GroupCounts:
    """Add the counts of units whose cases are in one named group alone."""
    several = connection.execute(
        "SELECT count(*) FROM (SELECT unit FROM temp.members WHERE grp <> ? GROUP BY unit"
        " HAVING count(DISTINCT grp) > 1)",
        [NO_GROUP],
    ).fetchone()[0]
    connection.execute(
        "DELETE FROM temp.members WHERE grp = ?1 OR unit IN (SELECT unit FROM temp.members"
        " WHERE grp <> ?1 GROUP BY unit HAVING count(DISTINCT grp) > 1)",
        [NO_GROUP],
    )
    found = _themes(connection, scope, category)
    tested = {(group, code): row[0] for (code, group), row in found.items() if group}
    return GroupCounts(counts, sizes, tested, _sizes(connection), int(several))


def _sizes(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(
        connection.execute("SELECT grp, count(DISTINCT unit) FROM temp.members GROUP BY grp")
    )


def _families_without_text(
    connection: sqlite3.Connection, scope: Scope, grouping: Grouping
) -> dict[str, int]:
    clause = families_in_scope(scope)
    return dict(
        connection.execute(
            f"SELECT coalesce(a.value, '{NO_GROUP}'), count(*) FROM families f"
            " LEFT JOIN family_attributes a ON a.family_key = f.id AND a.key = ?"
            f" WHERE f.id NOT IN (SELECT unit FROM temp.members) AND {clause.sql} GROUP BY 1",
            [grouping.key, *clause.values],
        )
    )


def best_codings(
    connection: sqlite3.Connection, scope: Scope, category: str, grouping: Grouping
) -> dict[tuple[str, str], int]:
    """Return for each group and code the counted coding that shows it best.

    A person's first, then the surest, then the oldest; of families that `link` counts.
    """
    clause = counted_codings(scope)
    base = cases_of_domain(scope)
    rows = connection.execute(
        "SELECT grp, code, id FROM (SELECT m.grp AS grp, k.code AS code, g.id AS id,"
        f" row_number() OVER (PARTITION BY k.code, m.grp ORDER BY {_BEST_FIRST}) AS place"
        " FROM codings g JOIN codes k ON k.id = g.code_key"
        f" JOIN (SELECT c.id AS case_key, {grouping.sql()} AS grp FROM cases c"
        f" WHERE c.family_key IS NOT NULL AND {base.sql}) m ON m.case_key = g.case_key"
        f" WHERE k.category = ? AND {clause.sql}) WHERE place = 1",
        [grouping.key, *base.values, category, *clause.values],
    )
    return {(group, code): coding for group, code, coding in rows}


def count_families_with_more(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return the families with more than one case in scope."""
    clause = cases_of_domain(scope)
    row = connection.execute(
        "SELECT count(*) FROM (SELECT c.family_key FROM cases c WHERE c.family_key IS NOT NULL"
        f" AND {clause.sql} GROUP BY c.family_key HAVING count(*) > 1)",
        clause.values,
    ).fetchone()
    return int(row[0])
