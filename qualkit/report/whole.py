"""Files that are written whole or not at all, and that only their owner may read."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from qualkit.errors import QualkitError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def write_whole(path: Path, write: Callable[[IO[str]], object]) -> None:
    """Write a text file beside `path` and move it into place, so that none is half written.

    Raises
    ------
    QualkitError
        The file cannot be written; what stood there stands as before.
    """

    def fill(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="") as out:
            write(out)

    replace_whole(path, fill)


def replace_whole(path: Path, fill: Callable[[Path], object]) -> None:
    """Have a file filled beside `path` and move it into place once it is on the disk.

    The file may hold participants' words, so only its owner may read it.

    Raises
    ------
    QualkitError
        The file cannot be written; what stood there stands as before.
    """
    # A link stays one: the file that it leads to is replaced.
    target = Path(os.path.realpath(path))
    _check_target(path, target)
    try:
        # Made for the owner only (0600).
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".qualkit-", suffix=target.suffix)
        os.close(handle)
    except OSError as error:
        raise not_written(path, error) from error
    temporary = Path(name)
    try:
        fill(temporary)
        _to_disk(temporary)
        os.replace(temporary, target)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    _folder_to_disk(target.parent)


def _check_target(path: Path, target: Path) -> None:
    found = ""
    if target.is_dir():
        found = "a folder of that name"
    elif target.exists() and not target.is_file():
        found = "something of that name that is no file"
    elif target.exists() and not os.access(target, os.W_OK):
        # Renaming would overwrite it all the same.
        found = "a file that is protected against writing"
    elif not target.parent.is_dir():
        found = f"no folder '{target.parent}'"
    if found:
        raise QualkitError(
            "the file cannot be written",
            where=str(path),
            found=found,
            to_do="name another file, or make the folder first",
        )


def not_written(path: Path, error: OSError) -> QualkitError:
    """Return what to say when a file cannot be written."""
    found = error.strerror or type(error).__name__
    to_do = "check the folder and its permissions, or name another file"
    if error.errno in _FULL:
        with suppress(OSError):
            free = shutil.disk_usage(path.parent).free / (1 << 20)
            found += f" ({free:,.0f} MB free in {path.parent})"
        to_do = "free some space, or name a file on another drive"
    return QualkitError("the file cannot be written", where=str(path), found=found, to_do=to_do)


def _to_disk(path: Path) -> None:
    # Otherwise a power cut after the renaming could leave an empty file under the name.
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder_to_disk(folder: Path) -> None:
    # Windows cannot, and some network drives will not; the file itself is written.
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
