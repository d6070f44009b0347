from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from qualkit.errors import ProjectError, SchemaTooNewError
from qualkit.store import schema
from qualkit.store.connection import on_shared_drive, open_connection, transaction
from qualkit.store.migrations import migrations


def test_open_makes_a_private_wal_file_with_the_current_schema(tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    connection = open_connection(path, create=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    tables = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '\\_%'"
        " ESCAPE '\\' AND name NOT LIKE 'segments_fts%' AND name <> 'sqlite_sequence'"
    ).fetchall()
    assert tables
    assert all("STRICT" in sql for _, sql in tables)


def test_version_counts_the_migrations() -> None:
    assert len(migrations()._migrations) == schema.VERSION


def test_open_without_create_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no project here"):
        open_connection(tmp_path / "none.db", create=False)
    assert not (tmp_path / "none.db").exists()


def test_open_refuses_another_programs_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE a (b)")
    other.commit()
    other.close()
    with pytest.raises(ProjectError, match="no qualkit project"):
        open_connection(path, create=True)


def test_open_refuses_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear all, " * 200)
    with pytest.raises(ProjectError, match="cannot be read as a project"):
        open_connection(path, create=False)
    assert path.read_text().startswith("Dear all")


def test_open_refuses_a_newer_schema(tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    connection = open_connection(path, create=True)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(SchemaTooNewError):
        open_connection(path, create=False)


def test_transaction_undoes_all_on_an_error(connection: sqlite3.Connection) -> None:
    def fail() -> None:
        with transaction(connection):
            connection.execute("INSERT INTO coders (name, machine) VALUES ('Ann', 0)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert connection.execute("SELECT count(*) FROM coders").fetchone()[0] == 1


@pytest.mark.parametrize("folder", ["OneDrive - Council", "Dropbox"])
def test_synchronised_folders_are_known_by_name(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    assert on_shared_drive(tmp_path / folder / "qualkit.db")


def test_commit_that_fails_leaves_no_transaction_open(connection: sqlite3.Connection) -> None:
    def fail() -> None:
        with transaction(connection):
            connection.execute("PRAGMA defer_foreign_keys = ON")
            # No source 99: found out only when the transaction is to be committed.
            connection.execute(
                "INSERT INTO cases (case_id, source_key, kind, ufrn, has_text, declared, place)"
                " VALUES ('a', 99, 'msc', '', 0, 0, '')"
            )

    with pytest.raises(sqlite3.IntegrityError):
        fail()
    assert not connection.in_transaction
