"""Families, readings and themes together: how time and memory grow with the families.

A project is made by plain inserts: each family has a cluster, two readings in ten domains,
one narrative of one quarter, and three codings in four categories. Nothing may grow faster
than the families, and no command may need a large project's codings in memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from sqlite3 import Connection

from corpora import SEED, save_plain_codebook
from counting import CATEGORIES, CODES_PER_CATEGORY
from measure import Result, Timing, in_child, say, timed

from qualkit import Project
from qualkit.importers.relevance import DOMAINS
from qualkit.model import Code
from qualkit.store.starspans import domain_places, pack

SIZES = (10_000, 100_000, 1_000_000)
CODINGS_PER_FAMILY = 3
MOST_GROWTH = 1.25
"""Processor time a family in the larger project to that in the smaller."""
MOST_MB = 500
"""Memory at any size: readings of a million families are grouped at once, codings never held."""
_QUARTERS = ("2016-Q1", "2016-Q2", "2016-Q3", "2016-Q4")
_WHEN = "2026-01-01T00:00:00Z"
_BATCH = 20_000
COMMANDS = (
    "link barrier --by cluster",
    "link barrier --by cluster --joint",
    "link barrier --by progress",
    "link barrier --by case.quarter",
    "top barrier --compare quarter",
    "stars --by cluster",
    "progress --by cluster",
    "families --output families.csv",
)


def make_family_project(database: Path, n_families: int) -> None:
    """Make a project of so many families by plain inserts."""
    with Project(database, create=True) as project:
        for category in CATEGORIES:
            codes = [
                Code(f"{category}-{n}", category, f"{category} {n}")
                for n in range(CODES_PER_CATEGORY)
            ]
            save_plain_codebook(project, category, codes)
        connection = project.connection
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        _insert_families(connection, n_families)
        _insert_readings(connection, n_families)
        _insert_texts(connection, n_families)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _insert_families(connection: Connection, n_families: int) -> None:
    generator = random.Random(SEED)
    keys = range(1, n_families + 1)
    connection.executemany(
        "INSERT INTO families VALUES (?1, ?2, ?2, 1)", ((key, f"F{key:07d}") for key in keys)
    )
    connection.executemany(
        "INSERT INTO family_attributes VALUES (?, 'cluster', ?)",
        ((key, generator.choice("ABCDEFGHI")) for key in keys),
    )


def _insert_readings(connection: Connection, n_families: int) -> None:
    generator = random.Random(SEED + 1)
    places = domain_places(connection, sorted(DOMAINS))
    keys = iter(range(1, n_families + 1))
    while batch := list(islice(keys, _BATCH)):
        rows: list[tuple[object, ...]] = []
        whole: list[tuple[object, ...]] = []
        for key in batch:
            spans = {}
            level = generator.randint(1, 6)
            for domain in sorted(DOMAINS):
                start = min(10, max(1, level + generator.randint(-2, 2)))
                end = min(10, max(1, start + generator.randint(-1, 3)))
                spans[domain] = (start, end)
                rows += [
                    (key, domain, "2016-01-10", 0, start),
                    (key, domain, "2016-11-10", 1, end),
                ]
            whole.append((key, 1, "2016-01-10", "2016-11-10", pack(spans, places)))
        connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?, ?)", rows)
        connection.executemany("INSERT INTO star_families VALUES (?, ?, ?, ?, ?)", whole)


def _insert_texts(connection: Connection, n_families: int) -> None:
    generator = random.Random(SEED + 2)
    keys = range(1, n_families + 1)
    connection.execute("INSERT INTO sources VALUES (1, 'made.csv', 'msc', ?)", (_WHEN,))
    connection.executemany(
        "INSERT INTO cases VALUES (?1, ?2, 1, 'msc', ?3, ?1, 0, 1, 0, '')",
        ((key, f"M{key}", f"F{key:07d}") for key in keys),
    )
    connection.executemany(
        "INSERT INTO case_attributes VALUES (?, 'quarter', ?)",
        ((key, generator.choice(_QUARTERS)) for key in keys),
    )
    connection.executemany(
        "INSERT INTO segments VALUES (?1, ?1, 1, '', '', 'worker', NULL, NULL, '', 'A text.')",
        ((key,) for key in keys),
    )
    books = connection.execute("SELECT codebook_key, max(id) FROM codebook_versions GROUP BY 1")
    for codebook, version in books.fetchall():
        connection.execute(
            "INSERT INTO runs (id, coder_key, codebook_version_key, method, settings,"
            " qualkit_version, started_at, finished_at) VALUES (?, 1, ?, 'rules', '', '', ?, ?)",
            (codebook, version, _WHEN, _WHEN),
        )
        connection.executemany(
            "INSERT INTO coded_cases VALUES (?, ?, ?)", ((codebook, key, codebook) for key in keys)
        )
    rows = _coding_rows(connection, n_families)
    while batch := list(islice(rows, _BATCH)):
        connection.executemany(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " score, coder_key, run_key, rule, status) VALUES (?1, ?1, ?2, 0, 6, 'A text', 0.8, 1,"
            " ?3, 'made', ?4)",
            batch,
        )


def _coding_rows(connection: Connection, n_families: int) -> Iterator[tuple[int, int, int, str]]:
    generator = random.Random(SEED + 3)
    codes = connection.execute("SELECT id, codebook_key, position FROM codes").fetchall()
    weights = [1 / (position + 2) for _, _, position in codes]
    for key in range(1, n_families + 1):
        drawn = generator.choices(codes, weights, k=CODINGS_PER_FAMILY)
        for code, book, _ in drawn:
            yield key, code, book, "accepted" if generator.random() < 0.1 else "unreviewed"


def run_command(database: Path, command: str) -> Timing:
    """Do what a command does, without the terminal, in a process of its own."""
    with Project(database) as project:
        work = {
            "link barrier --by cluster": lambda: len(project.link("barrier").rows),
            "link barrier --by cluster --joint": lambda: len(
                project.link("barrier", joint=True).rows
            ),
            "link barrier --by progress": lambda: len(project.link("barrier", by="progress").rows),
            "link barrier --by case.quarter": lambda: len(
                project.link("barrier", by="case.quarter").rows
            ),
            "top barrier --compare quarter": lambda: len(
                project.compare("barrier", "quarter").rows
            ),
            "stars --by cluster": lambda: len(project.stars(by="cluster").rows),
            "progress --by cluster": lambda: len(project.progress(by="cluster").tables),
            "families --output families.csv": partial(
                project.export_families, database.parent / "families.csv"
            ),
        }
        return timed(work[command])


def measure_linking(folder: Path, sizes: tuple[int, ...] = SIZES) -> list[Result]:
    """Return for each command its seconds and memory at the sizes, and how they grow."""
    found: dict[int, dict[str, Timing]] = {}
    for size in sizes:
        database = folder / f"families-{size}.db"
        say(f"linking {size:,} families")
        in_child(make_family_project, database, size)
        found[size] = {}
        for command in COMMANDS:
            timing = in_child(run_command, database, command)
            say(
                f"  {command}: {timing.wall_s:.2f} s, {timing.cpu_s:.2f} s of processor,"
                f" {timing.peak_mb:.0f} MB"
            )
            found[size][command] = timing
        database.unlink()
    return [result for command in COMMANDS for result in _results(command, found)]


def _results(command: str, found: dict[int, dict[str, Timing]]) -> list[Result]:
    small, large = min(found), max(found)
    results = [
        Result(
            f"{command}, {size:,} families",
            found[size][command].wall_s,
            unit="s",
            note=f"{found[size][command].cpu_s:.2f} s of processor time,"
            f" {found[size][command].peak_mb:.0f} MB",
        )
        for size in found
    ]
    if small != large:
        grown = found[large][command].cpu_s / found[small][command].cpu_s / (large / small)
        of = f"{large:,} to {small:,}"
        results += [
            Result(f"{command}: processor time a family, {of}", grown, MOST_GROWTH),
            Result(
                f"{command}: peak memory at {large:,}",
                found[large][command].peak_mb,
                MOST_MB,
                unit="MB",
            ),
        ]
    return results
