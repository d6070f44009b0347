"""Opening a project file: pragmas, file mode, migrations, and errors in plain words."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qualkit.errors import ProjectError, SchemaTooNewError
from qualkit.store import schema

_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "davfs"}
_SYNCHRONISED_FOLDERS = ("onedrive", "dropbox", "google drive", "nextcloud", "icloud")
_BUSY_WAIT_S = 30.0


def open_connection(path: Path, *, create: bool) -> sqlite3.Connection:
    """Open, and when asked make, the project file at `path`.

    Raises
    ------
    ProjectError
        The file is missing, is no project, is locked or cannot be written.
    SchemaTooNewError
        A newer qualkit wrote it.
    """
    if sqlite3.sqlite_version_info < (3, 37, 0):
        raise ProjectError(
            "this Python's SQLite is too old",
            found=sqlite3.sqlite_version,
            expected="3.37 or newer",
            to_do="install a newer Python",
        )
    new = not path.exists()
    if new and not create:
        raise ProjectError(
            "there is no project here",
            where=str(path.absolute()),
            to_do="start one with `qualkit import …`, try `qualkit demo`, or name one: --project",
        )
    with in_plain_words(path):
        if new:
            _make_private(path)
        connection = sqlite3.connect(path, timeout=_BUSY_WAIT_S, isolation_level=None)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            if new:
                path.unlink(missing_ok=True)
            raise
    return connection


def _make_private(path: Path) -> None:
    if not path.parent.is_dir():
        raise ProjectError(
            "the folder for the project does not exist",
            where=str(path.parent),
            to_do="make the folder, or name another file with --project",
        )
    # Made empty with its mode first, so that no reader sees it open to others.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    has_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] > 0
    if has_tables and application != schema.APPLICATION_ID:
        raise ProjectError(
            "this is a database, but no qualkit project",
            where=str(path),
            to_do="name the project file with --project, or choose another name for a new one",
        )
    if version > schema.VERSION:
        raise SchemaTooNewError(
            "a newer qualkit wrote this project",
            where=str(path),
            found=f"schema {version}",
            expected=f"schema {schema.VERSION} or older",
            to_do="install the newer qualkit: pip install --upgrade qualkit",
        )
    if version < schema.VERSION:
        _migrate(connection, path)


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    from sqlite_utils import Database

    from qualkit.store.migrations import migrations

    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    mode = "DELETE" if on_shared_drive(path) else "WAL"
    connection.execute(f"PRAGMA journal_mode = {mode}")
    migrations().apply(Database(connection))


def on_shared_drive(path: Path) -> bool:
    """Say whether `path` lies on a network or synchronised drive, as far as can be told.

    WAL needs shared memory that such drives do not give.
    """
    folder = str(path.resolve().parent)
    if any(name in folder.lower() for name in _SYNCHRONISED_FOLDERS):
        return True
    if os.name == "nt":
        return folder.startswith("\\\\")
    mounts = Path("/proc/mounts")
    if not mounts.is_file():
        return False
    best, file_system = "", ""
    for line in mounts.read_text(errors="replace").splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ")
        inside = folder == point or folder.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, file_system = point, fields[2]
    return file_system in _NETWORK_FILE_SYSTEMS


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's refusals into a ProjectError."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _explain(error, path) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise ProjectError(
            "the file cannot be read as a project",
            where=str(path),
            found=str(error),
            to_do="name the project file with --project, or go back to a copy of it",
        ) from error
    except OSError as error:
        raise ProjectError(
            "the project file cannot be opened",
            where=str(path),
            found=error.strerror or type(error).__name__,
            to_do="check that you may write in this folder, or name another file with --project",
        ) from error


def _explain(error: sqlite3.OperationalError, path: Path) -> ProjectError:
    text = str(error)
    if "locked" in text or "busy" in text:
        what, to_do = "another program is writing to the project", "wait for it, then try again"
    elif "readonly" in text or "unable to open" in text:
        what = "the project cannot be written"
        to_do = "check that you may write to the file and its folder"
    elif "full" in text:
        what, to_do = "the disk is full; nothing was changed", "free some space, then try again"
    elif "disk I/O" in text:
        what, to_do = "the disk refused to read or write", "check the drive, then try again"
    else:
        raise error
    return ProjectError(what, where=str(path), found=text, to_do=to_do)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One user action: there whole when the block ends, or not at all.

    Inside another transaction it is part of that one.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
