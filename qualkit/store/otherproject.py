"""Opening another project beside this one, to read it and leave it as it is."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualkit.errors import ProjectError, SchemaTooNewError
from qualkit.store import schema
from qualkit.store.refusals import file_uri, in_plain_words, primary_code
from qualkit.store.writing import READ_WAIT_S

_WAL = b"\x02"
_FORMAT_BYTE = 18
"""Where a database file says whether it is written through a log."""


@dataclass(frozen=True, slots=True)
class OtherProject:
    """Another project, open for reading; what is wrong with it is said with its name."""

    path: Path
    connection: sqlite3.Connection

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows of a query."""
        with in_plain_words(self.path):
            return self.connection.execute(sql, values).fetchall()

    def each(self, sql: str, *values: object) -> Iterator[Any]:
        """Yield the rows of a query one by one."""
        with in_plain_words(self.path):
            cursor = self.connection.execute(sql, values)
        while True:
            with in_plain_words(self.path):
                rows = cursor.fetchmany(1000)
            if not rows:
                return
            yield from rows

    def value(self, sql: str, *values: object) -> Any:
        """Return the first value of a query; None where it gives no row."""
        found = self.rows(sql, *values)
        return found[0][0] if found else None


@contextmanager
def open_other(path: Path) -> Iterator[OtherProject]:
    """Open another project for reading, as it is at this moment.

    Nothing in it changes, and nothing is left beside it. One that an older qualkit wrote
    is copied to a private temporary file, and the copy brought to the current schema.

    Raises
    ------
    ProjectError
        The file is missing, no project, damaged, or cannot be read.
    SchemaTooNewError
        A newer qualkit wrote it.
    """
    with in_plain_words(path):
        if not path.is_file():
            raise ProjectError(
                "there is no project to merge here",
                where=str(path),
                to_do="name the project file that a colleague sent, for instance theirs.db",
            )
        opened = sqlite3.connect(
            file_uri(path, _reading_options(path)),
            timeout=READ_WAIT_S,
            isolation_level=None,
            uri=True,
        )
    with closing(opened):
        with in_plain_words(path):
            opened.execute("BEGIN")
            version = _check(opened, path)
        if version == schema.VERSION:
            yield OtherProject(path, opened)
            return
        with (
            tempfile.TemporaryDirectory(prefix="qualkit-") as folder,
            closing(sqlite3.connect(Path(folder) / "older.db", isolation_level=None)) as copy,
        ):
            with in_plain_words(path):
                _bring_up(opened, copy)
            yield OtherProject(path, copy)


def _reading_options(path: Path) -> str:
    """Return how to open a file without leaving SQLite's shared memory beside it."""
    with path.open("rb") as file:
        wal = file.read(_FORMAT_BYTE + 1)[_FORMAT_BYTE:] == _WAL
    # Nobody has it open where there is no log, so it can be read as it stands.
    alone = wal and not path.with_name(path.name + "-wal").exists()
    return "mode=ro&immutable=1" if alone else "mode=ro"


def _check(opened: sqlite3.Connection, path: Path) -> int:
    """Return the schema of a sound project that this qualkit can read; refuse any other file."""
    try:
        version = int(opened.execute("PRAGMA user_version").fetchone()[0])
        application = opened.execute("PRAGMA application_id").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if primary_code(error) != sqlite3.SQLITE_NOTADB:
            raise
        application, version = 0, 0
    if application != schema.APPLICATION_ID or not version:
        raise ProjectError(
            "this file is no qualkit project",
            where=str(path),
            to_do="name the project file that a colleague sent, for instance theirs.db",
        )
    if version > schema.VERSION:
        raise SchemaTooNewError(
            "a newer qualkit wrote the project to merge",
            where=str(path),
            found=f"schema {version}",
            expected=f"schema {schema.VERSION} or older",
            to_do="install the newer qualkit here: pip install --upgrade qualkit",
        )
    fault = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    if fault != "ok" or opened.execute("PRAGMA foreign_key_check").fetchone():
        raise ProjectError(
            "the project to merge is damaged",
            where=str(path),
            found=str(fault) if fault != "ok" else "rows that belong to no other",
            to_do="ask for another copy of it; nothing was merged",
        )
    return version


def _bring_up(opened: sqlite3.Connection, copy: sqlite3.Connection) -> None:
    from sqlite_utils import Database

    from qualkit.store.migrations import migrations

    opened.backup(copy)
    # The copy of a file with a log would want one too.
    copy.execute("PRAGMA journal_mode = DELETE")
    copy.execute("PRAGMA foreign_keys = ON")
    migrations().apply(Database(copy, execute_plugins=False))
