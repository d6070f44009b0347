"""Clusters, trees, journeys and what meets, over many families: seconds and memory.

    python benchmarks/exploring.py [TIMES]

The demonstration (787 families with needs and readings, their narratives and interviews,
coded) is laid down as often as it takes for 100,000 families, by plain inserts. Texts and
codings are those of the corpus; of the copies' needs one in twenty is turned, so that few
families answer alike.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from sqlite3 import Connection

from measure import Result, Timing, as_text, in_child, say, timed

from qualkit import Project

TIMES = 128
"""As many demonstrations as make 100,000 families."""
SECONDS, MANY_SECONDS = 30.0, 600.0
"""Limits: seconds for 787 families, minutes for 100,000."""
COMMANDS: dict[str, Callable[[Project], object]] = {
    "clusters": lambda project: project.clusters(),
    "chaid": lambda project: project.chaid(),
    "journey --by cluster": lambda project: project.journeys("cluster", kind="interview"),
    "journey --by cluster --kind msc": lambda project: project.journeys("cluster", kind="msc"),
    "cooccurrence barrier outcome": lambda project: project.cooccurrence("barrier", "outcome"),
    "cooccurrence barrier --by domain": lambda project: project.cooccurrence(
        "barrier", by="domain"
    ),
    "dependencies": lambda project: project.dependencies(),
}
# Table: columns to be shifted by the copy's number times a stride, the others as they are.
_SHIFTED = {
    "families": ("id",),
    "family_attributes": ("family_key",),
    "readings": ("family_key",),
    "star_families": ("family_key",),
    "assessments": ("id", "family_key"),
    "cases": ("id", "family_key"),
    "case_attributes": ("case_key",),
    "case_relevance": ("case_key",),
    "segments": ("id", "case_key"),
    "coded_cases": ("case_key",),
    "codings": ("id", "segment_key", "case_key"),
}
_NAMED = {"families": ("ufrn",), "cases": ("case_id", "ufrn")}
_EMPTY = {"codings": ("guid",)}
_NEEDS = """
    INSERT INTO family_needs
    SELECT family_key + ?1, need, CASE
        WHEN (family_key * 7919 + ?1 * 104729 + unicode(substr(need, 2)) * 31 + length(need) * 17)
            % 20 = 0 THEN 1 - present ELSE present END
    FROM family_needs WHERE family_key <= ?2
"""


def make_demonstration(folder: Path) -> None:
    """Make the demonstration's project in a folder, as `qualkit demo` does."""
    from qualkit.cli import main

    sys.argv = ["qualkit", "demo", str(folder)]
    with redirect_stdout(StringIO()):
        try:
            main.run()
        except SystemExit as stop:
            if stop.code:
                raise


def multiply(database: Path, times: int) -> int:
    """Lay a project's families and cases down so many times; return how many families it has."""
    with Project(database) as project:
        connection = project.connection
        strides = {
            name: int(connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0])
            for name, table in (
                ("family_key", "families"),
                ("case_key", "cases"),
                ("segment_key", "segments"),
                ("assessment_key", "assessments"),
                ("id", "codings"),
            )
        }
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("BEGIN")
        for copy in range(1, times):
            for table in _SHIFTED:
                connection.execute(_copying(connection, table, copy, strides))
            connection.execute(_NEEDS, (copy * strides["family_key"], strides["family_key"]))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("ANALYZE")
        return int(connection.execute("SELECT count(*) FROM families").fetchone()[0])


def _copying(connection: Connection, table: str, copy: int, strides: dict[str, int]) -> str:
    """Return the statement that lays the first copy of a table's rows down once more."""
    own = {
        "families": "family_key",
        "cases": "case_key",
        "segments": "segment_key",
        "assessments": "assessment_key",
    }
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    written = []
    for column in columns:
        stride = (
            strides[own.get(table, "id") if column == "id" else column]
            if (column in _SHIFTED[table])
            else 0
        )
        if stride:
            written.append(f"{column} + {copy * stride}")
        elif column in _NAMED.get(table, ()):
            written.append(f"CASE {column} WHEN '' THEN '' ELSE {column} || 'X{copy}' END")
        elif column in _EMPTY.get(table, ()):
            written.append("NULL")
        else:
            written.append(column)
    first = _SHIFTED[table][0]
    most = strides[own.get(table, "id") if first == "id" else first]
    chosen = ", ".join(written)
    return f"INSERT INTO {table} SELECT {chosen} FROM {table} WHERE {first} <= {most}"


def run_command(database: Path, command: str) -> Timing:
    """Do what a command does, without the terminal, in a process of its own."""
    with Project(database) as project:
        return timed(lambda: bool(COMMANDS[command](project)))


def measure_exploring(folder: Path, times: int = TIMES) -> list[Result]:
    """Return for each command its seconds and memory, for the demonstration and for many."""
    in_child(make_demonstration, folder / "demo")
    database = folder / "demo" / "qualkit.db"
    results = _timed_all(database, 787, SECONDS)
    if times > 1:
        results += _timed_all(database, in_child(multiply, database, times), MANY_SECONDS)
    return results


def _timed_all(database: Path, families: int, limit: float) -> list[Result]:
    results = []
    for command in COMMANDS:
        timing = in_child(run_command, database, command)
        say(f"  {command}, {families:,} families: {timing.wall_s:.2f} s, {timing.peak_mb:.0f} MB")
        note = f"{timing.cpu_s:.2f} s of processor time, {timing.peak_mb:.0f} MB"
        name = f"{command}, {families:,} families"
        results.append(Result(name, timing.wall_s, limit, unit="s", note=note))
    return results


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="qualkit-benchmark-") as made:
        found = measure_exploring(Path(made), int(sys.argv[1]) if len(sys.argv) > 1 else TIMES)
    print(as_text("Exploring many families", found))
    sys.exit(any(result.kept is False for result in found))
