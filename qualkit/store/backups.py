"""Copies of a project before what cannot be undone: a new schema, a merge.

They lie beside it in `<stem>-backups/`, hold all that it held, and are their owner's alone.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from qualkit.store.refusals import file_uri, in_plain_words
from qualkit.store.writing import READ_WAIT_S

_log = logging.getLogger(__name__)


def backup(path: Path, reason: str) -> Path:
    """Copy a project, and say so in a line on stderr; return the copy.

    What was committed last is in it, also where it still lies in the log. It is there
    whole or not at all. The project may be open, also in a transaction of the caller: the
    copy is then of the state before.

    Parameters
    ----------
    path : Path
        The project file.
    reason : str
        What it is a copy before, for instance "before a merge".

    Raises
    ------
    ProjectError
        The disk is full, or the folder may not be written to.
    """
    with in_plain_words(path):
        folder = _folder(path)
        folder.mkdir(mode=0o700, exist_ok=True)
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        uri = file_uri(path, "mode=rw" if writable else "mode=ro")
        with closing(sqlite3.connect(uri, timeout=READ_WAIT_S, uri=True)) as source:
            version = source.execute("PRAGMA user_version").fetchone()[0]
            moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
            part = _make_private(folder / f"{path.stem}-{moment}-schema{version}.db")
            try:
                with closing(sqlite3.connect(part)) as target:
                    source.backup(target)
                with part.open("rb+") as written:
                    os.fsync(written.fileno())
                copy = part.rename(part.with_suffix(""))
            except BaseException:
                for beside in ("", "-journal", "-wal", "-shm"):
                    part.with_name(part.name + beside).unlink(missing_ok=True)
                raise
    _log.warning("a copy of the project %s: %s", reason, copy)
    return copy


def list_backups(path: Path) -> list[Path]:
    """Return the copies of a project, oldest first, and what a killed copying has left of one."""
    folder = _folder(path)
    if not folder.is_dir():
        return []
    name = re.compile(
        re.escape(path.stem) + r"-\d{8}-\d{6}-schema\d+(-\d+)?\.db(\.part)?(-wal|-shm|-journal)?"
    )
    return sorted(own for own in folder.iterdir() if name.fullmatch(own.name))


def list_folder(path: Path) -> list[Path]:
    """Return all that lies in the folder of a project's copies, whoever put it there."""
    folder = _folder(path)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _folder(path: Path) -> Path:
    return path.absolute().with_name(f"{path.stem}-backups")


def _make_private(path: Path) -> Path:
    """Make an empty file for a copy, with its mode; two in one second get a number."""
    number = 1
    while True:
        own = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        part = own.with_name(f"{own.name}.part")
        if not own.exists():
            try:
                os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            except FileExistsError:
                pass
            else:
                return part
        number += 1
