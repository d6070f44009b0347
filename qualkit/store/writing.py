"""Writing to a project: whole actions, one program at a time, into the file that was opened.

Each user action is one transaction, on the disk when it returns.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from qualkit.errors import ProjectError
from qualkit.store.progresslabels import drop_progress
from qualkit.store.refusals import primary_code

READ_WAIT_S = 15.0
"""How long a read waits for a program that has the whole file to itself."""
WRITE_WAIT_S = 120.0
"""How long a writing action waits for another one; coding some thousand texts takes less."""
_SAY_AFTER_S = 3.0
_BUSY_SNAPSHOT = 517

_log = logging.getLogger(__name__)


class ProjectConnection(sqlite3.Connection):
    """An open project, which knows its file.

    Attributes
    ----------
    path : Path
        The file, absolute: a notebook may change its folder.
    made : bool
        Whether the file was made when it was opened.
    identity : tuple of (int, int) or None
        Drive and number of the file as it was opened.
    joint_steps : dict of int to int, or None
        By coder the step that all of hers belongs to now; see `history.one_step`.
    """

    path: Path = Path()
    made: bool = False
    identity: tuple[int, int] | None = None
    joint_steps: dict[int | None, int] | None = None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One user action: there whole when the block ends, or not at all.

    Inside another transaction it is part of that one. Waits for other programs
    that write.

    Raises
    ------
    ProjectError
        The file was moved, replaced or removed while it was open.
    """
    if connection.in_transaction:
        yield
        return
    # What is worked out from the project is out of date with the next change to it.
    drop_progress(connection)
    try:
        # The right to write comes before the first read, so that what is read cannot grow old.
        run_patiently(connection, "BEGIN IMMEDIATE")
        _require_same_file(connection)
        yield
        run_patiently(connection, "COMMIT")
    except BaseException:
        connection.rollback()
        raise
    _require_same_file(connection)


def run_patiently(connection: sqlite3.Connection, statement: str) -> None:
    """Run a statement that must wait its turn, in short waits, so that Ctrl-C is heard."""
    began = time.monotonic()
    said = False
    connection.execute("PRAGMA busy_timeout = 200")
    try:
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                waited = time.monotonic() - began
                busy = primary_code(error) == sqlite3.SQLITE_BUSY
                # An open reading of an older state will not end by waiting.
                stale = getattr(error, "sqlite_errorcode", 0) == _BUSY_SNAPSHOT
                if not busy or stale or waited > WRITE_WAIT_S:
                    raise
                if waited > _SAY_AFTER_S and not said:
                    said = True
                    _log.warning("another program is writing to the project; waiting for it")
                time.sleep(0.02)
            else:
                return
    finally:
        connection.execute(f"PRAGMA busy_timeout = {round(READ_WAIT_S * 1000)}")


def identify(path: Path) -> tuple[int, int] | None:
    """Return drive and number of a file; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _require_same_file(connection: sqlite3.Connection) -> None:
    """Refuse to write into a file that is no longer where it was opened."""
    if not isinstance(connection, ProjectConnection):
        return
    if identify(connection.path) != connection.identity:
        raise moved(connection.path)


def moved(path: Path) -> ProjectError:
    """Return the error for a file that is no longer where it was opened."""
    return ProjectError(
        "the project file was moved, replaced or removed while it was in use",
        where=str(path),
        to_do="what this command did is not in it: see that the right file is in its place,"
        " then run the command again",
    )


def now() -> str:
    """Return the time as UTC ISO 8601, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
