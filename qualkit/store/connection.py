"""Opening a project file: made if wanted, for reading where it may not be written.

A file that is there is never made anew, and never removed unless it holds
nothing and nobody else has it open.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from qualkit.errors import ProjectError, SchemaTooNewError
from qualkit.store import schema
from qualkit.store.backups import backup
from qualkit.store.refusals import file_uri, in_plain_words
from qualkit.store.writing import (
    READ_WAIT_S,
    ProjectConnection,
    identify,
    moved,
    run_patiently,
    transaction,
)

__all__ = ["discard_if_empty", "on_shared_drive", "open_connection", "transaction"]

_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smbfs", "smb3", "fuse.sshfs", "9p", "davfs"}
_TRIES = 10
"""How often a file may vanish while it is opened: failing first imports remove theirs."""
_SYNCHRONISED_FOLDERS = ("onedrive", "dropbox", "google drive", "nextcloud", "icloud")


def open_connection(path: Path, *, create: bool) -> ProjectConnection:
    """Open, and when asked make, the project file at `path`.

    A file or folder that may not be written to is opened for reading.

    Raises
    ------
    ProjectError
        The file is missing, is no project, is damaged, is locked or cannot be written.
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
    with in_plain_words(path):
        for _ in range(_TRIES):
            connection = _open_once(path, create=create)
            if connection is not None:
                return connection
    raise moved(path)


def _open_once(path: Path, *, create: bool) -> ProjectConnection | None:
    """Open the project; None when another program removed or replaced the file meanwhile."""
    made = not path.exists()
    if made and not create:
        raise _no_project(path, "there is no project here")
    if made:
        made = _make_private(path)
    _refuse_no_file(path)
    identity = identify(path)
    connection: ProjectConnection | None = None
    try:
        connection = _connect(path)
        connection.made = made
        _prepare(connection, create=create)
        if identify(path) == identity:
            return connection
        connection.close()
    except BaseException as error:
        if connection is not None:
            connection.close()
        gone = identity is None or identify(path) != identity
        if not gone or not isinstance(error, sqlite3.Error | ProjectError):
            if made:
                discard_if_empty(path)
            raise
    return None


def _no_project(path: Path, what: str) -> ProjectError:
    return ProjectError(
        what,
        where=str(path.absolute()),
        to_do="start one with `qualkit import …`, try `qualkit demo`, or name one: --project",
    )


def _make_private(path: Path) -> bool:
    """Make the empty file with its mode, so that no one sees it open; False if it is there."""
    if not path.parent.is_dir():
        raise ProjectError(
            "the folder for the project does not exist",
            where=str(path.parent),
            to_do="make the folder, or name another file with --project",
        )
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        # Another program was quicker; what it made is used.
        return False
    return True


def _refuse_no_file(path: Path) -> None:
    if path.is_dir():
        raise ProjectError(
            "this is a folder, not a project file",
            where=str(path),
            to_do=f"name the file in it: --project {path / 'qualkit.db'}",
        )
    if path.exists() and not path.is_file():
        # A pipe would wait for ever.
        raise ProjectError("this is no file that can hold a project", where=str(path))
    log = path.with_name(path.name + "-wal")
    # The log first: in a project being made it appears once the file holds something.
    if log.is_file() and log.stat().st_size > 0 and path.stat().st_size == 0:
        raise ProjectError(
            "the project file is empty, but what was last written to it lies beside it",
            where=str(path),
            found=log.name,
            to_do="SQLite would delete it: keep both files, and go back to a copy of the project",
        )


def _connect(path: Path) -> ProjectConnection:
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)
    options = "mode=rw" if writable else _reading_options(path)
    connection = sqlite3.connect(
        file_uri(path, options),
        timeout=READ_WAIT_S,
        isolation_level=None,
        uri=True,
        factory=ProjectConnection,
    )
    connection.path, connection.identity = path.absolute(), identify(path)
    return connection


def _reading_options(path: Path) -> str:
    """Return how to open a file that may not be written, leaving nothing beside it."""
    with path.open("rb") as file:
        wal = file.read(20)[18:19] == b"\x02"
    if wal and not path.with_name(path.name + "-wal").exists():
        # Nobody has it open. Shared memory beside it, made by one who may not write the file,
        # would shut out its owner later; read as it stands it needs none.
        return "mode=ro&immutable=1"
    return "mode=ro"


def _prepare(connection: ProjectConnection, *, create: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    # A decision that was taken must outlive a power cut, not only a kill.
    connection.execute("PRAGMA synchronous = FULL")
    version, application, n_tables = _state(connection)
    path = connection.path
    if application not in (0, schema.APPLICATION_ID) or (n_tables and not application):
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
    if not n_tables and not create:
        raise _no_project(path, "this file is empty: there is no project in it yet")
    if version < schema.VERSION:
        _migrate(connection)


def _state(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return (schema version, application, tables) as they are at one moment."""
    connection.execute("BEGIN")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        n_tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    finally:
        connection.rollback()
    return version, application, n_tables


def _migrate(connection: ProjectConnection) -> None:
    """Bring the file to the current schema, in one transaction."""
    from sqlite_utils import Database

    from qualkit.store.migrations import migrations

    mode = "DELETE" if on_shared_drive(connection.path) else "WAL"
    run_patiently(connection, f"PRAGMA journal_mode = {mode}")
    with transaction(connection):
        # Another program may have done it in the meantime.
        if _user_version(connection) < schema.VERSION:
            if _user_version(connection) and _holds_something(connection):
                backup(connection.path, f"before it is brought to schema {schema.VERSION}")
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            migrations().apply(Database(connection, execute_plugins=False))


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


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


def discard_if_empty(path: Path) -> bool:
    """Remove a project that holds nothing, unless another program has it open.

    For a file made by an action that failed; says whether it is gone.
    """
    try:
        with closing(sqlite3.connect(file_uri(path, "mode=rw"), timeout=0.0, uri=True)) as opened:
            opened.isolation_level = None
            if _holds_something(opened):
                return False
            # SQLite refuses to leave WAL while anybody else has the file open.
            before = opened.execute("PRAGMA journal_mode").fetchone()[0]
            opened.execute("PRAGMA journal_mode = DELETE")
            gone = False
            try:
                opened.execute("BEGIN EXCLUSIVE")
                if not _holds_something(opened):
                    path.unlink()
                    gone = True
            finally:
                opened.rollback()
                if not gone:
                    opened.execute(f"PRAGMA journal_mode = {before}")
            return gone
    except (sqlite3.Error, OSError):
        # What cannot be removed safely stays; an empty project does no harm.
        return False


def _holds_something(connection: sqlite3.Connection) -> bool:
    tables = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%'"
        " ESCAPE '!' AND name NOT LIKE 'segments!_fts%' ESCAPE '!'"
    ).fetchall()
    # The machine is a coder of every project from its first moment.
    own = {"_sqlite_migrations": 10**9, "coders": 1}
    return any(
        connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] > own.get(name, 0)
        for (name,) in tables
    )
