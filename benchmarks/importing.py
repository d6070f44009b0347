"""`import msc` beside a plain loader of the same rows into the same tables.

The plain loader is what somebody would write who knows the file: the csv module,
one `executemany` a table and batch, the same schema with its indexes and the
full-text index. What both write is compared, table by table.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from corpora import DOMAIN_HEADERS, LEVELS, LOW, QUESTIONS, write_table
from measure import Result, Timing, compare, in_child, in_turns, median_cpu_s, say, timed

from qualkit import Project

LIMIT = 3.0
MOST_MB = 600.0
MOST_GROWTH = 1.25
BATCH = 2_000
_COMPARED = {
    "families": "ufrn, written, declared",
    "cases": "case_id, kind, ufrn, (SELECT f.ufrn FROM families f WHERE f.id = family_key),"
    " has_text, declared, place",
    "case_attributes": "case_key, key, value",
    "case_relevance": "case_key, domain, level",
    "segments": "id, case_key, n, label, speaker, role, start_s, end_s, place, text",
}


def load_plainly(connection: Connection, path: Path) -> None:
    """Write a table of narratives into a new project's tables, knowing its columns."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO sources VALUES (1, ?, 'msc', '2026-01-01T00:00:00Z')", (path.name,)
    )
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        header = next(rows)
        columns = {name: position for position, name in enumerate(header)}
        numbered = enumerate(rows, start=2)
        while batch := list(islice(numbered, BATCH)):
            if "UFRN" in columns:
                _load_families(connection, batch, columns)
            _load_cases(connection, batch, columns)
            if "UFRN" in columns:
                _load_details(connection, batch, columns)
            connection.executemany(
                "INSERT INTO segments VALUES (?, ?, ?, ?, '', 'worker', NULL, NULL, ?, ?)",
                _segment_rows(batch, columns),
            )
    connection.execute("INSERT INTO segments_fts (rowid, text) SELECT id, text FROM segments")
    connection.execute("COMMIT")


_Batch = list[tuple[int, list[str]]]


def _load_families(connection: Connection, batch: _Batch, columns: dict[str, int]) -> None:
    at = columns["UFRN"]
    connection.executemany(
        "INSERT OR IGNORE INTO families (ufrn, written, declared) VALUES (?1, ?1, 0)",
        ((row[at],) for _, row in batch),
    )


def _load_cases(connection: Connection, batch: _Batch, columns: dict[str, int]) -> None:
    # Without a UFRN column the reference is empty, and so is the family found by it.
    at = columns.get("UFRN", -1)
    connection.executemany(
        "INSERT INTO cases (id, case_id, source_key, kind, ufrn, family_key, has_text, declared,"
        " place) VALUES (?1, ?2, 1, 'msc', ?3, (SELECT id FROM families WHERE ufrn = ?3), 1, ?4,"
        " ?5)",
        (
            (number - 1, row[0], row[at] if at > 0 else "", int(at > 0), f"row {number}")
            for number, row in batch
        ),
    )


def _load_details(connection: Connection, batch: _Batch, columns: dict[str, int]) -> None:
    connection.executemany(
        "INSERT INTO case_attributes VALUES (?, ?, ?)",
        (
            (number - 1, key, row[columns[header]])
            for number, row in batch
            for key, header in (("quarter", "Quarter"), ("locality", "Locality"))
        ),
    )
    levels = {name: level for level, name in enumerate(LEVELS)}
    connection.executemany(
        "INSERT INTO case_relevance VALUES (?, ?, ?)",
        (
            (number - 1, domain, levels[row[columns[header]]])
            for number, row in batch
            for domain, header in DOMAIN_HEADERS.items()
        ),
    )


def _segment_rows(
    batch: _Batch, columns: dict[str, int]
) -> Iterator[tuple[int, int, int, str, str, str]]:
    asked = [(n, name, columns[name]) for n, name in enumerate(QUESTIONS, start=1)]
    for number, row in batch:
        case = number - 1
        for n, name, at in asked:
            place = f"row {number}, column '{name}'"
            yield (case - 1) * len(asked) + n, case, n, name, place, row[at]


# --- in a process of their own --------------------------------------------------------


def import_once(table: Path, database: Path, way: str) -> Timing:
    """Import the table into a new project, by `qualkit` or `plain`."""
    database.unlink(missing_ok=True)
    with Project(database, create=True) as project:
        if way == "plain":
            return timed(lambda: load_plainly(project.connection, table))
        return timed(lambda: _import(project, table))


def _import(project: Project, table: Path) -> int:
    return project.import_msc(table)[0].segments


def digest(database: Path) -> dict[str, str]:
    """Return a hash of what an import wrote, by table, and of what the index finds."""
    found = {}
    with Project(database) as project:
        for table, columns in _COMPARED.items():
            known = hashlib.sha256()
            order = "ufrn" if table == "families" else ", ".join(columns.split(", ")[:2])
            query = f"SELECT {columns} FROM {table} ORDER BY {order}"
            for row in project.connection.execute(query):
                known.update(repr(row).encode())
            found[table] = known.hexdigest()
        found["index"] = repr(
            project.connection.execute(
                "SELECT count(*), sum(rowid) FROM segments_fts WHERE segments_fts MATCH 'mum'"
            ).fetchone()
        )
    return found


def measure_import(folder: Path, sizes: tuple[int, ...], turns: dict[int, int]) -> list[Result]:
    """Return the ratios of both tables at each size, with memory and growth."""
    results = []
    for form in (False, True):
        name = "whole forms" if form else "id and five texts"
        timings: dict[int, list[Timing]] = {}
        for size in sizes:
            say(f"import of {size:,} segments, {name}")
            table = folder / "narratives.csv"
            write_table(table, LOW, size, form=form)
            found = in_turns(
                {
                    way: partial(in_child, import_once, table, folder / f"{way}.db", way)
                    for way in ("qualkit", "plain")
                },
                turns[size],
            )
            same = in_child(digest, folder / "qualkit.db") == in_child(digest, folder / "plain.db")
            if not same:
                raise SystemExit("the plain loader and the import wrote different rows")
            timings[size] = found["qualkit"]
            results.append(
                compare(
                    f"import, {size:,} segments, {name}",
                    ("qualkit", found["qualkit"]),
                    ("plain", found["plain"]),
                    limit=LIMIT,
                )
            )
        results += growth(f"import, {name}", timings)
    return results


def growth(subject: str, timings: dict[int, list[Timing]]) -> list[Result]:
    """Return peak memory at the largest size, and how time and memory grow from the least."""
    least, most = min(timings), max(timings)
    peaks = {size: max(timing.peak_mb for timing in timings[size]) for size in timings}
    told = ", ".join(f"{size:,}: {peak:.0f} MB" for size, peak in peaks.items())
    results = [Result(f"{subject}: peak memory at {most:,}", peaks[most], MOST_MB, unit="MB")]
    if most > least:
        # By processor time, for the sizes are not timed in turns.
        each = {size: median_cpu_s(timings[size]) / size for size in timings}
        results += [
            Result(
                f"{subject}: processor time a segment at {most:,} to {least:,}",
                each[most] / each[least],
                MOST_GROWTH,
            ),
            Result(
                f"{subject}: peak memory at {most:,} to {least:,}",
                peaks[most] / peaks[least],
                note=told,
            ),
        ]
    return results
