"""`top` and `link` over 1,500,000 codings beside plain SQL over the same file.

The queries are what somebody would write who knows the tables, with the
conditions that hold for this material: rejected codings never count, withdrawn
cases neither. (`CROSS JOIN` keeps SQLite from beginning with the families.)
Both run in one process on one connection, warm; what they count must be equal.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from corpora import DOMAIN_HEADERS, SEED, save_plain_codebook
from measure import Result, Timing, compare, in_child, in_turns, median_s, say, timed

from qualkit import Project
from qualkit.model import Code

LIMIT = 2.0
CODINGS_PER_CASE = 15
SEGMENTS_PER_CASE = 5
CODES_PER_CATEGORY = 25
CATEGORIES = ("activity", "barrier", "enabler", "outcome")
DECLARED_SHARE = 0.9
_WHEN = "2026-01-01T00:00:00Z"
_STATUSES = (("unreviewed", 0.85), ("accepted", 0.08), ("added", 0.03), ("rejected", 0.04))

_COUNTED = (
    "g.status <> 'rejected' AND c.withdrawn = 0 AND c.has_text = 1 AND c.kind = 'msc'"
    " AND k.category = ?1"
)
_TOP = f"""
    SELECT k.code, count(DISTINCT g.case_key), count(*), sum(g.status IN ('accepted', 'added'))
    FROM codes k JOIN codings g ON g.code_key = k.id JOIN cases c ON c.id = g.case_key
    WHERE {_COUNTED} GROUP BY k.code
"""
_CASES = "SELECT count(*) FROM cases WHERE withdrawn = 0 AND has_text = 1 AND kind = 'msc'"
_IN_DOMAIN = """
    (c.id IN (SELECT case_key FROM case_relevance WHERE domain = ?2 AND level > 0)
     OR c.declared = 0 AND g.segment_key IN (
        SELECT d.segment_key FROM codings d JOIN codes o ON o.id = d.code_key
        WHERE o.category = 'domain' AND o.code = ?2 AND d.status <> 'rejected'))
"""
_TOP_OF_DOMAIN = _TOP.replace("GROUP BY", f"AND {_IN_DOMAIN} GROUP BY")
_LINK = f"""
    SELECT k.code, a.value, count(DISTINCT c.family_key)
    FROM codes k JOIN codings g ON g.code_key = k.id JOIN cases c ON c.id = g.case_key
    CROSS JOIN family_attributes a ON a.family_key = c.family_key AND a.key = 'cluster'
    WHERE {_COUNTED} GROUP BY k.code, a.value
"""
_LINK_OVERALL = f"""
    SELECT k.code, '', count(DISTINCT c.family_key)
    FROM codes k JOIN codings g ON g.code_key = k.id JOIN cases c ON c.id = g.case_key
    WHERE {_COUNTED} AND c.family_key IS NOT NULL GROUP BY k.code
"""
_CODED_FAMILIES = """
    SELECT a.value, count(DISTINCT c.family_key)
    FROM cases c CROSS JOIN family_attributes a ON a.family_key = c.family_key AND a.key = 'cluster'
    WHERE c.withdrawn = 0 AND c.has_text = 1 AND c.kind = 'msc'
    AND c.id IN (SELECT d.case_key FROM coded_cases d JOIN codes k
        ON k.codebook_key = d.codebook_key WHERE k.category = ?1)
    GROUP BY a.value
"""


# --- the project ----------------------------------------------------------------------


def make_coded_project(database: Path, n_cases: int) -> None:
    """Make a project of so many coded cases by plain inserts."""
    with Project(database, create=True) as project:
        for category in (*CATEGORIES, "domain"):
            names = (
                list(DOMAIN_HEADERS)
                if category == "domain"
                else [f"{category}-{n}" for n in range(CODES_PER_CATEGORY)]
            )
            codes = [Code(name, category, name.replace("-", " ")) for name in names]
            save_plain_codebook(project, category, codes)
        connection = project.connection
        connection.execute("BEGIN")
        _insert_cases(connection, n_cases)
        _insert_codings(connection, n_cases)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert_cases(connection: Connection, n_cases: int) -> None:
    generator = random.Random(SEED)
    n_families = n_cases // 3
    families = range(1, n_families + 1)
    connection.executemany(
        "INSERT INTO families VALUES (?1, ?2, ?2, 1)", ((key, f"F{key}") for key in families)
    )
    connection.executemany(
        "INSERT INTO family_attributes VALUES (?, 'cluster', ?)",
        ((key, generator.choice("ABCDEFGHI")) for key in families),
    )
    connection.execute("INSERT INTO sources VALUES (1, 'made.csv', 'msc', ?)", (_WHEN,))
    connection.executemany(
        "INSERT INTO cases VALUES (?, ?, 1, 'msc', ?, ?, 0, 1, ?, '')",
        (
            (key, f"M{key}", f"F{family}", family, int(key <= DECLARED_SHARE * n_cases))
            for key in range(1, n_cases + 1)
            for family in [generator.randint(1, n_families)]
        ),
    )
    connection.executemany(
        "INSERT INTO case_relevance VALUES (?, ?, ?)",
        (
            (key, domain, generator.choice((0, 0, 1, 2)))
            for key in range(1, int(DECLARED_SHARE * n_cases) + 1)
            for domain in DOMAIN_HEADERS
        ),
    )
    connection.executemany(
        "INSERT INTO segments VALUES (?, ?, ?, '', '', 'worker', NULL, NULL, '', 'A text.')",
        (
            ((key - 1) * SEGMENTS_PER_CASE + n, key, n)
            for key in range(1, n_cases + 1)
            for n in range(1, SEGMENTS_PER_CASE + 1)
        ),
    )


def _insert_codings(connection: Connection, n_cases: int) -> None:
    books = connection.execute("SELECT codebook_key, max(id) FROM codebook_versions GROUP BY 1")
    for codebook, version in books.fetchall():
        connection.execute(
            "INSERT INTO runs (id, coder_key, codebook_version_key, method, settings,"
            " qualkit_version, started_at, finished_at) VALUES (?, 1, ?, 'rules', '', '', ?, ?)",
            (codebook, version, _WHEN, _WHEN),
        )
        connection.executemany(
            "INSERT INTO coded_cases VALUES (?, ?, ?)",
            ((codebook, case, codebook) for case in range(1, n_cases + 1)),
        )
    rows = _coding_rows(connection, n_cases)
    while batch := list(islice(rows, 20_000)):
        connection.executemany(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " score, coder_key, run_key, rule, status) VALUES (?, ?, ?, 0, 6, 'A text', 0.8, 1,"
            " ?, 'made', ?)",
            batch,
        )


def _coding_rows(connection: Connection, n_cases: int) -> Iterator[tuple[int, int, int, int, str]]:
    """Yield codings: codes by Zipf's law within a category, domains a fifth of all."""
    generator = random.Random(SEED)
    codes = connection.execute("SELECT id, codebook_key, position FROM codes").fetchall()
    weights = [1 / (position + 2) for _, _, position in codes]
    names, shares = zip(*_STATUSES, strict=True)
    for case in range(1, n_cases + 1):
        drawn = generator.choices(codes, weights, k=CODINGS_PER_CASE)
        statuses = generator.choices(names, shares, k=CODINGS_PER_CASE)
        for (code, book, _), status in zip(drawn, statuses, strict=True):
            segment = (case - 1) * SEGMENTS_PER_CASE + generator.randint(1, SEGMENTS_PER_CASE)
            yield segment, case, code, book, status


# --- both ways ------------------------------------------------------------------------

Answer = dict[Any, Any]


def _own_top(project: Project, **options: str) -> Answer:
    table = project.top("barrier", intervals=False, **options)  # type: ignore[arg-type]
    answer: Answer = {
        row["code"]: (row["count"], row["codings"], round(row["confirmed"] * row["codings"]))
        for row in table.rows
        if row["codings"]
    }
    return answer | {"cases": table.basis.denominator}


def _plain_top(connection: Connection) -> Answer:
    answer: Answer = {code: tuple(row) for code, *row in connection.execute(_TOP, ["barrier"])}
    return answer | {"cases": connection.execute(_CASES).fetchone()[0]}


def _plain_top_of_domain(connection: Connection, domain: str) -> Answer:
    rows = connection.execute(_TOP_OF_DOMAIN, ["barrier", domain])
    answer: Answer = {code: tuple(row) for code, *row in rows}
    cases = connection.execute(
        f"{_CASES} AND (id IN (SELECT case_key FROM case_relevance WHERE domain = ?1 AND level > 0)"
        " OR declared = 0 AND id IN (SELECT g.case_key FROM codings g JOIN codes k"
        " ON k.id = g.code_key WHERE k.category = 'domain' AND k.code = ?1"
        " AND g.status <> 'rejected'))",
        [domain],
    )
    return answer | {"cases": cases.fetchone()[0]}


def _own_link(project: Project) -> Answer:
    table = project.link("barrier")
    answer: Answer = {}
    for row in table.rows:
        answer[row["code"], row["group"]] = row["count"]
        answer[row["code"], ""] = row["overall_count"]
        answer["families", row["group"]] = row["denominator"]
    return {key: count for key, count in answer.items() if count}


def _plain_link(connection: Connection) -> Answer:
    answer: Answer = {}
    for query in (_LINK, _LINK_OVERALL):
        answer |= {(code, group): n for code, group, n in connection.execute(query, ["barrier"])}
    rows = connection.execute(_CODED_FAMILIES, ["barrier"])
    return answer | {("families", group): n for group, n in rows}


def count_in_turns(database: Path, turns: int) -> list[tuple[str, list[Timing], list[Timing]]]:
    """Time both ways of each command, in turns; the first turn warms both."""
    with Project(database) as project:
        plain = project.connection
        domain = next(iter(DOMAIN_HEADERS))
        pairs: dict[str, tuple[Callable[[], Answer], Callable[[], Answer]]] = {
            "top barrier": (lambda: _own_top(project), lambda: _plain_top(plain)),
            f"top barrier --domain {domain}": (
                lambda: _own_top(project, domain=domain),
                lambda: _plain_top_of_domain(plain, domain),
            ),
            "link barrier": (lambda: _own_link(project), lambda: _plain_link(plain)),
        }
        found = []
        for name, (own, other) in pairs.items():
            if own() != other():
                raise SystemExit(f"{name}: the command and the plain query differ")
            timings = in_turns(
                {name: lambda own=own: timed(own), "SQL": lambda other=other: timed(other)},
                turns,
            )
            found.append((name, timings[name], timings["SQL"]))
        return found


def time_pages(database: Path, turns: int) -> dict[str, list[Timing]]:
    """Time the ranking with its intervals, the matrix and the page of a domain."""
    with Project(database) as project:
        domain = next(iter(DOMAIN_HEADERS))
        return in_turns(
            {
                "top barrier with the intervals of ranks": lambda: timed(
                    lambda: len(project.top("barrier").rows)
                ),
                "matrix barrier": lambda: timed(lambda: len(project.matrix("barrier").rows)),
                f"domain {domain}": lambda: timed(lambda: len(project.domain(domain).tables)),
            },
            turns,
        )


def measure_counting(folder: Path, n_cases: int, turns: int) -> list[Result]:
    """Return the ratios of `top` and `link`, and the seconds of the larger tables."""
    database = folder / "counting.db"
    n_codings = n_cases * CODINGS_PER_CASE
    say(f"counting over {n_codings:,} codings of {n_cases:,} cases")
    in_child(make_coded_project, database, n_cases)
    of = f"{n_codings:,} codings"
    results = [
        compare(f"{name}, {of}", (name.split()[0], own), ("SQL", other), limit=LIMIT)
        for name, own, other in in_child(count_in_turns, database, turns)
    ]
    pages = in_child(time_pages, database, max(1, turns // 3))
    results += [
        Result(f"{name}, {of}", median_s(timings), unit="s") for name, timings in pages.items()
    ]
    database.unlink()
    return results
