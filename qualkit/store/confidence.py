"""Ratings of surveys counted by question and group, and what was said beside each rating."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from qualkit.store.counts import CONFIRMED
from qualkit.store.groups import Grouping
from qualkit.store.scope import (
    Clause,
    Scope,
    cases_of_domain,
    counted_codings,
    covered_roles,
    marks,
)

_PERSON = "coalesce(c.family_key, -c.id)"
"""Families count once; a respondent without one for himself."""


class RatingCount(NamedTuple):
    """Answers to one question in one group ('' for all), and the people behind each count.

    `confident` are ratings from the threshold on, `below` those under the other; `total` is
    the sum of the ratings, `lowest` and `highest` the range.
    """

    key: str
    group: str
    n: int
    confident: int
    below: int
    total: float
    lowest: float
    highest: float
    people: int
    confident_people: int
    below_people: int


@dataclass(frozen=True, slots=True)
class SaidCount:
    """Respondents with a code in the texts of one question and group ('' for all)."""

    question: str
    group: str
    code: str
    count: int
    codings: int
    confirmed: int
    people: int


@dataclass(frozen=True, slots=True)
class Said:
    """What was said beside ratings.

    Attributes
    ----------
    counts : list of SaidCount
    answered : mapping of (question, group) to (int, int)
        Respondents with words in the texts of the question, and the families behind them.
    """

    counts: list[SaidCount]
    answered: Mapping[tuple[str, str], tuple[int, int]]


def fetch_rating_headers(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the keys of all ratings with the header that they were imported from, or the key."""
    keys = fetch_number_keys(connection)
    headers = _told(connection, "ratings")
    worded = {k: h for k, h in fetch_worded_headers(connection).items() if k not in keys}
    return {key: headers.get(key, key) for key in keys} | worded


def fetch_number_keys(connection: sqlite3.Connection) -> list[str]:
    """Return the keys of ratings in numbers."""
    rows = connection.execute("SELECT DISTINCT key FROM case_ratings ORDER BY key")
    return [key for (key,) in rows]


def fetch_worded_headers(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the keys of ratings in words, which are kept as attributes, with their headers."""
    there = {
        key
        for (key,) in connection.execute("SELECT DISTINCT key FROM case_attributes ORDER BY key")
    }
    return {k: h for k, h in _told(connection, "worded").items() if k in there}


def _told(connection: sqlite3.Connection, what: str) -> dict[str, str]:
    """Return keys to headers, as the imports were told or guessed."""
    headers: dict[str, str] = {}
    for (options,) in connection.execute("SELECT options FROM source_versions ORDER BY id"):
        try:
            told = json.loads(options or "{}").get(what, {})
        except (ValueError, AttributeError):
            continue
        if isinstance(told, dict):
            headers |= {str(key): str(header) for header, key in told.items()}
    return headers


def fetch_answers(
    connection: sqlite3.Connection, key: str, kinds: tuple[str, ...]
) -> dict[str, int]:
    """Return the answers to a question in words, and how many gave each."""
    rows = connection.execute(
        "SELECT a.value, count(*) FROM case_attributes a JOIN cases c ON c.id = a.case_key"
        f" WHERE a.key = ? AND c.withdrawn = 0 AND c.kind IN ({marks(kinds)})"
        " GROUP BY a.value ORDER BY 2 DESC, 1",
        [key, *kinds],
    )
    return dict(rows.fetchall())


def lay_down_ratings(
    connection: sqlite3.Connection,
    limits: Mapping[str, tuple[float, float]],
    levels: Mapping[str, Mapping[str, int]],
) -> None:
    """Lay down what `count_ratings` counts, in temporary tables: ratings in numbers and words.

    Parameters
    ----------
    limits : mapping of str to (float, float)
        For each question the rating from which on one is confident, and under which it is low.
    levels : mapping of str to mapping of str to int
        For each question in words the level of each answer.
    """
    connection.execute("DROP VIEW IF EXISTS temp.rated")
    connection.execute("DROP TABLE IF EXISTS temp.worded")
    connection.execute("DROP TABLE IF EXISTS temp.limits")
    connection.execute(
        "CREATE TEMP TABLE limits (key TEXT PRIMARY KEY, confident REAL, below REAL)"
    )
    connection.executemany(
        "INSERT INTO temp.limits VALUES (?, ?, ?)", [(key, *own) for key, own in limits.items()]
    )
    connection.execute(
        "CREATE TEMP TABLE worded (case_key INTEGER, key TEXT, value REAL,"
        " PRIMARY KEY (case_key, key)) WITHOUT ROWID"
    )
    connection.executemany(
        "INSERT INTO temp.worded SELECT case_key, key, ? FROM case_attributes"
        " WHERE key = ? AND value = ?",
        [(level, key, answer) for key, own in levels.items() for answer, level in own.items()],
    )
    connection.execute(
        "CREATE TEMP VIEW rated AS SELECT case_key, key, value FROM main.case_ratings"
        " UNION ALL SELECT case_key, key, value FROM temp.worded"
    )


def fetch_text_labels(connection: sqlite3.Connection, kinds: tuple[str, ...]) -> list[str]:
    """Return the labels of the texts of these kinds, in the order of their columns."""
    rows = connection.execute(
        "SELECT s.label, min(s.n) FROM segments s JOIN cases c ON c.id = s.case_key"
        f" WHERE c.withdrawn = 0 AND s.label <> '' AND c.kind IN ({marks(kinds)})"
        " GROUP BY s.label ORDER BY 2, 1",
        kinds,
    )
    return [label for label, _ in rows]


def count_ratings(
    connection: sqlite3.Connection,
    scope: Scope,
    grouping: Grouping | None = None,
) -> list[RatingCount]:
    """Return the ratings of each question laid down: of all, and of each group."""
    clause = _respondents(scope)
    found = []
    for own in (None, grouping) if grouping else (None,):
        group, values = _group(own)
        found += [
            RatingCount(*row)
            for row in connection.execute(
                f"SELECT r.key, {group}, count(*), sum(r.value >= l.confident),"
                " sum(r.value < l.below), sum(r.value), min(r.value), max(r.value),"
                f" count(DISTINCT {_PERSON}),"
                f" count(DISTINCT CASE WHEN r.value >= l.confident THEN {_PERSON} END),"
                f" count(DISTINCT CASE WHEN r.value < l.below THEN {_PERSON} END)"
                " FROM temp.rated r JOIN temp.limits l ON l.key = r.key"
                f" JOIN cases c ON c.id = r.case_key WHERE {clause.sql} GROUP BY 1, 2",
                [*values, *clause.values],
            )
        ]
    return found


def _respondents(scope: Scope) -> Clause:
    """Return the condition on `cases c` to have answered: in words or by a rating."""
    parts = [
        "c.withdrawn = 0",
        "(c.has_text = 1 OR EXISTS (SELECT 1 FROM temp.rated x WHERE x.case_key = c.id))",
        f"c.kind IN ({marks(scope.kinds)})",
    ]
    values: list[object] = list(scope.kinds)
    for table, column, own, where in (
        ("family_attributes", "family_key", "c.family_key", scope.family_where),
        ("case_attributes", "case_key", "c.id", scope.case_where),
    ):
        for key, allowed in where:
            parts.append(
                f"{own} IN (SELECT {column} FROM {table}"
                f" WHERE key = ? AND value IN ({marks(allowed)}))"
            )
            values += [key, *allowed]
    return Clause(" AND ".join(parts), values)


def _group(grouping: Grouping | None) -> tuple[str, list[object]]:
    return (grouping.sql(), [grouping.key]) if grouping else ("''", [])


def count_respondents(connection: sqlite3.Connection, scope: Scope) -> int:
    """Return how many answered, in words or by a rating."""
    clause = _respondents(scope)
    row = connection.execute(f"SELECT count(*) FROM cases c WHERE {clause.sql}", clause.values)
    return int(row.fetchone()[0])


def count_responses(
    connection: sqlite3.Connection, scope: Scope, grouping: Grouping
) -> dict[str, tuple[int, int]]:
    """Return (respondents, families behind them) of each group."""
    clause = _respondents(scope)
    group, values = _group(grouping)
    return {
        name: (n, people)
        for name, n, people in connection.execute(
            f"SELECT {group}, count(*), count(DISTINCT {_PERSON}) FROM cases c"
            f" WHERE {clause.sql} GROUP BY 1",
            [*values, *clause.values],
        )
    }


def count_said(
    connection: sqlite3.Connection,
    scope: Scope,
    category: str,
    texts: Mapping[str, Sequence[str]],
    grouping: Grouping | None = None,
) -> Said:
    """Count respondents by code in the texts of each question, of all and of each group.

    Parameters
    ----------
    texts : mapping of str to sequence of str
        Question to the labels of its texts.
    """
    _lay_down(connection, ((label, question) for question, own in texts.items() for label in own))
    codings, cases = counted_codings(scope), cases_of_domain(scope)
    covered = covered_roles("s", scope.roles) if scope.roles else Clause("1")
    counts: list[SaidCount] = []
    answered: dict[tuple[str, str], tuple[int, int]] = {}
    for own in (None, grouping) if grouping else (None,):
        group, values = _group(own)
        counts += [
            SaidCount(*row)
            for row in connection.execute(
                f"SELECT a.question, {group}, k.code, count(DISTINCT g.case_key), count(*),"
                f" sum(g.status IN {CONFIRMED}), count(DISTINCT {_PERSON})"
                " FROM codings g JOIN codes k ON k.id = g.code_key"
                " JOIN segments s ON s.id = g.segment_key JOIN temp.asked a ON a.label = s.label"
                f" JOIN cases c ON c.id = g.case_key WHERE k.category = ? AND {codings.sql}"
                " GROUP BY 1, 2, 3",
                [*values, category, *codings.values],
            )
        ]
        for question, name, n, people in connection.execute(
            f"SELECT a.question, {group}, count(DISTINCT c.id), count(DISTINCT {_PERSON})"
            " FROM segments s JOIN temp.asked a ON a.label = s.label"
            f" JOIN cases c ON c.id = s.case_key WHERE {cases.sql} AND {covered.sql}"
            " GROUP BY 1, 2",
            [*values, *cases.values, *covered.values],
        ):
            answered[question, name] = n, people
    return Said(counts, answered)


def _lay_down(connection: sqlite3.Connection, pairs: Iterable[tuple[str, str]]) -> None:
    connection.execute("DROP TABLE IF EXISTS temp.asked")
    connection.execute("CREATE TEMP TABLE asked (label TEXT, question TEXT)")
    connection.executemany("INSERT INTO temp.asked VALUES (?, ?)", sorted(set(pairs)))
