"""Rows that could not be taken, kept beside the project for their owner to mend.

They hold participants' words, so the folder and files are for the owner only.
"""

from __future__ import annotations

import csv
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from qualkit.model import Rejection
from qualkit.normalise import slug


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
        if self._out is None:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self._temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            self._out = os.fdopen(handle, "w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._out)
            self._keys = list(rejection.fields)
            self._writer.writerow(["place", "reason", *self._keys])
        values = [rejection.fields.get(key, "") for key in self._keys]
        more = [f"{k}: {v}" for k, v in rejection.fields.items() if k not in self._keys]
        self._writer.writerow([rejection.place, rejection.reason, *values, *more])
        self.count += 1

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
                self.path.unlink(missing_ok=True)
            return
        self._out.close()
        if error is None:
            os.replace(self._temporary, self.path)
        else:
            self._temporary.unlink(missing_ok=True)
