"""What is known of chosen families, one column at a time: attributes, needs, themes of texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.store.scope import Scope, cases_in_scope, counted_codings

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


def fetch_needs(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the needs that any family was asked about, and what they are called."""
    return dict(
        connection.execute(
            "SELECT need, name FROM needs WHERE EXISTS"
            " (SELECT 1 FROM family_needs f WHERE f.need = needs.need) ORDER BY need"
        )
    )


def fetch_need_answers(
    connection: sqlite3.Connection, need: str, families: Sequence[int]
) -> list[str]:
    """Return "with", "without" or nothing for each family, in their order."""
    found = dict(
        connection.execute("SELECT family_key, present FROM family_needs WHERE need = ?", (need,))
    )
    words = {1: "with", 0: "without", None: ""}
    return [words[found.get(family)] for family in families]


def fetch_values(connection: sqlite3.Connection, key: str, families: Sequence[int]) -> list[str]:
    """Return the value of an attribute for each family, in their order; empty if it has none."""
    found = dict(
        connection.execute(
            "SELECT family_key, value FROM main.family_attributes WHERE key = ?", (key,)
        )
    )
    return [found.get(family, "").strip() for family in families]


def fetch_families(connection: sqlite3.Connection, where: str = "") -> list[int]:
    """Return the keys of all families, or of those of a query, rising."""
    among = f" WHERE id IN ({where})" if where else ""
    return [key for (key,) in connection.execute(f"SELECT id FROM families{among} ORDER BY id")]


def families_with_text(connection: sqlite3.Connection, scope: Scope, category: str) -> set[int]:
    """Return the families with a case in scope that was coded for a category."""
    cases = cases_in_scope(scope)
    books = "(SELECT codebook_key FROM codes WHERE category = ?)"
    rows = connection.execute(
        f"SELECT DISTINCT c.family_key FROM cases c WHERE c.family_key IS NOT NULL AND {cases.sql}"
        f" AND c.id IN (SELECT case_key FROM coded_cases WHERE codebook_key IN {books}"
        f" UNION SELECT case_key FROM done_cases WHERE codebook_key IN {books}"
        " UNION SELECT case_key FROM codings WHERE code_key IN"
        " (SELECT id FROM codes WHERE category = ?))",
        [*cases.values, category, category, category],
    )
    return {family for (family,) in rows}


def families_by_theme(
    connection: sqlite3.Connection, scope: Scope, category: str
) -> Iterator[tuple[str, str, set[int]]]:
    """Yield (code, name, families with the theme) of a category's themes that any family has."""
    counted = counted_codings(scope)
    rows = connection.execute(
        "SELECT DISTINCT k.code, k.name, c.family_key FROM codings g"
        " JOIN codes k ON k.id = g.code_key JOIN cases c ON c.id = g.case_key"
        f" WHERE k.category = ? AND c.family_key IS NOT NULL AND {counted.sql}",
        [category, *counted.values],
    )
    found: dict[tuple[str, str], set[int]] = {}
    for code, name, family in rows:
        found.setdefault((code, name), set()).add(family)
    for (code, name), families in sorted(found.items()):
        yield code, name, families
