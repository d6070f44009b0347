"""Rows that could not be taken, kept beside the project for their owner to mend.

They hold participants' words, so the folder and files are for the owner only.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from qualkit.errors import QualkitError
from qualkit.model import Rejection
from qualkit.normalise import guarded, slug


def _file_stem(source: str) -> str:
    """Return a file's stem for a source; a name that no slug can hold gets a hash."""
    plain = slug(source)
    if plain and source.isascii():
        return plain
    digest = hashlib.sha256(source.encode(errors="surrogateescape")).hexdigest()[:6]
    return f"{plain or 'source'}-{digest}"


class RejectsFile:
    """Collects rejections as they come; the file appears only if the import succeeds."""

    def __init__(self, project: Path, source: str) -> None:
        self.folder = project.with_name(f"{project.stem}-rejects")
        self.path = self.folder / f"{_file_stem(source)}.csv"
        self._temporary = self.path.with_suffix(".csv.part")
        self._out: IO[str] | None = None
        self._writer: Any = None
        self._keys: list[str] = []
        self.count = 0
        self.outdated = False
        """Set once the source was read anew: an older file of it says nothing any more."""

    def add(self, rejection: Rejection) -> None:
        """Write one rejection; its own cells follow the place and the reason."""
        with self._plainly():
            if self._out is None:
                self._open(list(rejection.fields))
            values = [rejection.fields.get(key, "") for key in self._keys]
            more = [f"{k}: {v}" for k, v in rejection.fields.items() if k not in self._keys]
            self._write(rejection.place, rejection.reason, *values, *more)
        self.count += 1

    def _open(self, keys: list[str]) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        # What a killed run has left is of no use; a link that somebody put there is not followed.
        self._temporary.unlink(missing_ok=True)
        handle = os.open(self._temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        # Each line is written at once, so that a full disk shows before the import is committed.
        # Halves of characters, which JSON can hold and UTF-8 cannot, are written as \\ud83d.
        self._out = os.fdopen(
            handle, "w", encoding="utf-8", errors="backslashreplace", newline="", buffering=1
        )
        self._writer = csv.writer(self._out)
        self._keys = keys
        self._write("place", "reason", *keys)

    def _write(self, *cells: str) -> None:
        self._writer.writerow(map(guarded, cells))

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise QualkitError(
                "the rows that are set aside cannot be written",
                where=str(self.path),
                found=error.strerror or type(error).__name__,
                to_do="free some space, or make the folder one that you may write to",
            ) from error

    def __enter__(self) -> Self:
        """Begin collecting."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Keep the file when all went well, else leave nothing behind."""
        if self._out is None:
            if error is None and self.outdated:
                with self._plainly():
                    self.path.unlink(missing_ok=True)
            return
        kept = False
        try:
            if error is None:
                with self._plainly():
                    self._keep(self._out)
                kept = True
        finally:
            # What could not be written is thrown away; the first error is the one to tell.
            with suppress(OSError):
                self._out.close()
            if not kept:
                with suppress(OSError):
                    self._temporary.unlink(missing_ok=True)

    def _keep(self, out: IO[str]) -> None:
        out.flush()
        os.fsync(out.fileno())
        out.close()
        # Another import of the same source, that began since, may have taken it away.
        with suppress(FileNotFoundError):
            os.replace(self._temporary, self.path)
