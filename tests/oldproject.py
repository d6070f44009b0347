"""A project as an earlier qualkit left it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from qualkit.store import schema
from qualkit.store.migrations import migrations

FILL = (
    "INSERT INTO sources VALUES (1, 'a.csv', 'msc', '')",
    "INSERT INTO source_versions VALUES (1, 1, 1, 'h', '', '', '', '', 1, 1, 0)",
    "INSERT INTO cases (id, case_id, source_key, kind, ufrn, has_text, declared, place)"
    " VALUES (1, 'm1', 1, 'msc', '', 1, 0, '')",
    "INSERT INTO segments VALUES (1, 1, 1, '', '', 'worker', NULL, NULL, '', 'They had debts.')",
    "INSERT INTO segments_fts (rowid, text) VALUES (1, 'They had debts.')",
    "INSERT INTO codebooks VALUES (1, 'small', '')",
    "INSERT INTO codes VALUES (1, 1, 'barrier', 'debt', 'Debt', 0, '', '', '', '', '', 0)",
    "INSERT INTO coders VALUES (2, 'Ann', 0)",
    "INSERT INTO codings VALUES"
    " (1, NULL, 1, 1, 1, 9, 14, 'debts', 0.8, 1, NULL, 'r', 'accepted', 0),"
    " (2, 'guid', 1, 1, 1, 0, 4, 'They', NULL, 2, NULL, '', 'added', 0)",
    "INSERT INTO decisions VALUES (7, 1, 1, 9, 14, 2, 'accept', 0, '2026-11-25T10:00:00Z')",
    "INSERT INTO done_cases VALUES (1, 1, 2, '')",
    "INSERT INTO memos VALUES (1, 2, 'project', NULL, 'Odd.', '')",
)


def old_project(path: Path, version: int = 3, fill: tuple[str, ...] = FILL) -> Path:
    """A project as an earlier qualkit left it; in WAL mode, as those were."""
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = WAL")
        made.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        later = [m.name for m in migrations().pending(Database(made, execute_plugins=False))]
        migrations().apply(Database(made, execute_plugins=False), stop_before=later[version])
        for statement in fill:
            made.execute(statement)
        assert made.execute("PRAGMA user_version").fetchone() == (version,)
    return path
