"""Copies beside the project: whole, private, before what cannot be undone."""

from __future__ import annotations

import logging
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from oldproject import old_project

from qualkit.errors import ProjectError
from qualkit.project import Project
from qualkit.store import backups, schema
from qualkit.store.backups import backup, list_backups
from qualkit.store.connection import open_connection, transaction


def test_older_project_keeps_everything_and_is_copied_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = old_project(tmp_path / "qualkit.db")
    with caplog.at_level(logging.WARNING), Project(path) as project:
        store = project.connection
        assert store.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []
        assert store.execute("SELECT * FROM decisions").fetchall() == [
            (7, 1, 1, 9, 14, 2, "accept", 0, "2026-11-25T10:00:00Z")
        ]
        assert [row["text"] for row in project.memos().rows] == ["Odd."]
        assert store.execute("SELECT id, guid, status FROM codings").fetchall() == [
            (1, None, "accepted"),
            (2, "guid", "added"),
        ]
        assert store.execute("SELECT * FROM done_cases").fetchall() == [(1, 1, 2, "")]
        assert len(project.find("debts").rows) == 1
        # A row that was given is not given again.
        project.decide(1, "reject", "Ann")
        assert store.execute("SELECT id, verdict FROM decisions").fetchall() == [(8, "reject")]
        project.undo()
        assert store.execute("SELECT id, verdict FROM decisions").fetchall() == [(7, "accept")]
    (copy,) = list_backups(path)
    assert copy.parent == tmp_path / "qualkit-backups"
    assert caplog.messages == [
        f"a copy of the project before it is brought to schema {schema.VERSION}: {copy}"
    ]
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (3,)
        assert opened.execute("SELECT id, verdict FROM decisions").fetchall() == [(7, "accept")]
    # It is a project again, by being put in place.
    with Project(copy.rename(tmp_path / "again.db")) as project:
        assert len(project.memos().rows) == 1


def test_migrated_project_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    tables = []
    for path in (old_project(tmp_path / "old.db"), tmp_path / "new.db"):
        with closing(open_connection(path, create=True)) as opened:
            tables.append(
                opened.execute("SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2").fetchall()
            )
    assert tables[0] == tables[1]


def test_project_that_holds_nothing_is_not_copied(tmp_path: Path) -> None:
    path = old_project(tmp_path / "qualkit.db", fill=())
    open_connection(path, create=False).close()
    open_connection(tmp_path / "new.db", create=True).close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new.db", "qualkit.db"]


def test_copy_is_private_and_has_what_lies_in_the_log_only(tmp_path: Path) -> None:
    path = tmp_path / "family stories.db"
    with closing(open_connection(path, create=True)) as opened:
        with transaction(opened):
            opened.execute("INSERT INTO coders (name, machine) VALUES ('Ann', 0)")
        assert path.with_name(path.name + "-wal").stat().st_size
        with transaction(opened):
            opened.execute("INSERT INTO coders (name, machine) VALUES ('Bob', 0)")
            # Not what is being done: the state before.
            copy = backup(path, "before a merge")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]
    assert copy.name.endswith(f"-schema{schema.VERSION}.db")
    with closing(sqlite3.connect(copy)) as opened:
        assert opened.execute("SELECT name FROM coders ORDER BY id").fetchall() == [
            ("qualkit",),
            ("Ann",),
        ]
        assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_copies_of_one_second_are_kept_apart(tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    open_connection(path, create=True).close()
    copies = {backup(path, "before a test") for _ in range(3)}
    assert len(copies) == 3
    assert set(list_backups(path)) == copies
    assert path.stat().st_mode & 0o777 == 0o600


def test_copies_are_listed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    assert list_backups(path) == []
    folder = tmp_path / "qualkit-backups"
    folder.mkdir()
    own = [
        "qualkit-20261125-101500-schema3.db",
        "qualkit-20261126-101500-schema4-2.db",
        "qualkit-20261127-101500-schema4.db.part",
        "qualkit-20261127-101500-schema4.db.part-journal",
    ]
    for name in [*own, "letter.txt", "other-20261125-101500-schema3.db", "qualkit.db"]:
        (folder / name).touch()
    assert [found.name for found in list_backups(path)] == own


def test_copy_that_fails_leaves_the_project_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_project(tmp_path / "qualkit.db")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "fsync", full)
    with pytest.raises(ProjectError, match="disk is full"):
        open_connection(path, create=False)
    assert list_backups(path) == []
    with closing(sqlite3.connect(path)) as opened:
        assert opened.execute("PRAGMA user_version").fetchone() == (3,)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    path = old_project(tmp_path / "qualkit.db")
    (tmp_path / "qualkit-backups").touch()
    with pytest.raises(ProjectError, match="cannot be used"):
        open_connection(path, create=False)


def test_two_programs_that_open_an_older_project_copy_it_once(tmp_path: Path) -> None:
    import threading

    path = old_project(tmp_path / "qualkit.db")
    ready = threading.Barrier(4)
    errors: list[BaseException] = []

    def open_it() -> None:
        ready.wait()
        try:
            open_connection(path, create=False).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(list_backups(path)) == 1
