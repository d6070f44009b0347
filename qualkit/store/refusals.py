"""What SQLite and the system refuse, said in plain words; and whether a file is damaged."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from qualkit.errors import ProjectError
from qualkit.store import schema

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Those of the full-text index differ between versions of SQLite.
_TABLES = (
    "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
    " AND name NOT LIKE 'segments!_fts!_%' ESCAPE '!'"
)
_NO_TEXT = "text that is no UTF-8"
_GO_BACK = (
    "keep the file and what lies beside it (-wal, -shm), and go back to a copy; what can still be"
    ' read comes out with: sqlite3 FILE ".recover"'
)


def primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's result code of an error; 0 where Python raised it by itself."""
    # The lower byte; the rest tells the kind more closely.
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def file_uri(path: Path, options: str) -> str:
    """Return the address of a file as SQLite takes it, with options like `mode=ro`."""
    name = path.absolute().as_posix()
    return f"file://{quote(os.fsencode(name if name[0] == '/' else '/' + name))}?{options}"


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's refusals into a ProjectError."""
    try:
        yield
    except sqlite3.Error as error:
        explained = _explain(error, path) or _damage_error(path, error)
        if explained is None:
            raise
        raise explained from error
    except UnicodeDecodeError as error:
        # SQLite's own message may quote bytes of a damaged file.
        refuse_damaged(path, error)
        raise
    except OSError as error:
        # Without a number it is no refusal of the system but some library's own.
        if error.errno is None or isinstance(error, BrokenPipeError):
            raise
        raise _explain_system(error, path) from error


def refuse_damaged(path: Path, error: BaseException) -> None:
    """Raise a ProjectError if the file's damage explains an error that nothing else does."""
    damaged = _damage_error(path, error)
    if damaged is not None:
        raise damaged from error


def _damage_error(path: Path, error: BaseException) -> ProjectError | None:
    text = str(error)
    if not (isinstance(error, sqlite3.OperationalError) and text.startswith("Could not decode")):
        text = find_damage(path)
    if not text:
        return None
    # What Python could not decode would be quoted after the first words.
    found = _NO_TEXT if text.startswith("Could not decode") else text
    return ProjectError("the project file is damaged", where=str(path), found=found, to_do=_GO_BACK)


def find_damage(path: Path) -> str:
    """Return the first fault that SQLite finds in a project file; empty when it finds none."""
    try:
        uri = file_uri(path, "mode=ro")
        with closing(sqlite3.connect(uri, timeout=5.0, isolation_level=None, uri=True)) as opened:
            for check in ("integrity_check(1)", "foreign_key_check"):
                row = opened.execute(f"PRAGMA {check}").fetchone()
                if row and row[0] != "ok":
                    return str(row[0]) if check[0] == "i" else "rows that belong to no other"
            (version,) = opened.execute("PRAGMA user_version").fetchone()
            if version == schema.VERSION and not _tables() <= set(opened.execute(_TABLES)):
                return "tables that are not as qualkit makes them"
    except sqlite3.Error as error:
        return str(error) if primary_code(error) in _DAMAGED else ""
    except UnicodeDecodeError:
        return _NO_TEXT
    return ""


def _tables() -> set[tuple[str, str]]:
    """Return the tables and indexes of a new project, with their SQL."""
    from sqlite_utils import Database

    from qualkit.store.migrations import migrations

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        migrations().apply(Database(fresh, execute_plugins=False))
        return set(fresh.execute(_TABLES))


def _explain(error: sqlite3.Error, path: Path) -> ProjectError | None:
    code, found = primary_code(error), str(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or "is locked" in found:
        what = "another program is writing to the project"
        to_do = (
            "wait until it is done, or close it (another qualkit, a database browser, a"
            " synchronising drive), then try again"
        )
    elif code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        log = path.with_name(path.name + "-wal")
        if code == sqlite3.SQLITE_CANTOPEN and path.exists() and log.exists():
            return _log_not_read(path, log)
        return _not_writable(path, found)
    elif code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _is_full(path)):
        return no_space(path, found)
    elif code == sqlite3.SQLITE_IOERR:
        what = "the disk refused to read or write; nothing was changed"
        found = f"{found}; {_free_space(path)}"
        to_do = "check the drive, its free space and your quota, then try again"
    elif code == sqlite3.SQLITE_NOTADB:
        what = "the file cannot be read as a project"
        to_do = "name the project file with --project, or go back to a copy of it"
    elif code == sqlite3.SQLITE_CORRUPT:
        what, to_do = "the project file is damaged", _GO_BACK
    else:
        return None
    return ProjectError(what, where=str(path), found=found, to_do=to_do)


def _not_writable(path: Path, found: str) -> ProjectError:
    if not path.exists():
        return ProjectError(
            "the project file is gone",
            where=str(path),
            found=found,
            to_do="was it moved or removed just now? name the project with --project",
        )
    folder = path.parent
    if not os.access(path, os.R_OK):
        found = "you may not read this file"
    elif not os.access(path, os.W_OK):
        found = "the file is read-only"
    elif not os.access(folder, os.W_OK):
        # SQLite needs a journal beside the file even to change a file that may be written.
        found = "its folder is read-only"
    return ProjectError(
        "the project cannot be written",
        where=str(path),
        found=found,
        to_do="check that you may write to the file and its folder, or work on a copy elsewhere",
    )


def _log_not_read(path: Path, log: Path) -> ProjectError:
    return ProjectError(
        "the project cannot be read here: what was last written lies beside it, and reading that"
        " needs a folder that may be written to",
        where=str(path),
        found=log.name,
        to_do="copy both files to a folder of your own, and name the copy with --project",
    )


def no_space(path: Path, found: str) -> ProjectError:
    """Return the error for a disk that is full, with the space that is free."""
    return ProjectError(
        "the disk is full; nothing was changed",
        where=str(path),
        found=f"{found}; {_free_space(path)}",
        to_do="free some space (or ask for a larger quota), then try again",
    )


def _free_bytes(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return None


def _is_full(path: Path) -> bool:
    free = _free_bytes(path)
    # The least that SQLite needs beside a project is the 32 kB of its shared memory.
    return free is not None and free < 100_000


def _free_space(path: Path) -> str:
    free = _free_bytes(path)
    return "free space unknown" if free is None else f"free there: {free / 1e6:,.1f} MB"


def _explain_system(error: OSError, path: Path) -> ProjectError:
    reason = error.strerror or type(error).__name__
    place = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
    if error.errno in _NO_SPACE:
        return no_space(place, reason)
    own = place in (path, path.parent)
    return ProjectError(
        "the project file cannot be opened" if own else "a file or folder cannot be used",
        where=str(place),
        found=reason,
        to_do="check that you may write in this folder, or name another file with --project"
        if own
        else "check that it is there and that you may read or write it, then try again",
    )
