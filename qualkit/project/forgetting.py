"""Forgetting a family for good: in the project, in the rows set aside, in the copies."""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qualkit.errors import ProjectError, UnknownNameError
from qualkit.project.base import ProjectBase
from qualkit.project.rejects import RejectsFile
from qualkit.store import forgetting
from qualkit.store.backups import list_backups, list_folder
from qualkit.store.connection import transaction
from qualkit.store.forgetting import Holdings
from qualkit.store.traces import Traces

_LONGEST_CELL = 2**31 - 1
_ID_HEADERS = ("case", "caseid", "id")


@dataclass(slots=True)
class ForgetResult:
    """What a family left in a project, or what was removed of it; no words of texts.

    Attributes
    ----------
    ufrn : str
        The family's reference as it was written; empty where only an earlier forgetting
        was finished.
    held : Holdings
        How much the project held, and where else its words or reference stand.
    rejected : int
        Rows that were set aside and are the family's.
    backups : int
        Copies of the project, which hold the family.
    in_tables : bool
        Whether the reference stood in a table of families.
    not_cleaned : list of Path
        Files that may still hold it, for their owner to clean.
    """

    ufrn: str
    held: Holdings = field(default_factory=Holdings)
    rejected: int = 0
    backups: int = 0
    in_tables: bool = False
    not_cleaned: list[Path] = field(default_factory=list)


class ForgettingPart(ProjectBase):
    """Removing a family, so that no byte of it is left."""

    def plan_forgetting(self, ufrn: str) -> ForgetResult:
        """Return what `forget` would remove; changes nothing.

        Parameters
        ----------
        ufrn : str
            The family's reference; case, spaces and punctuation do not count.

        Raises
        ------
        UnknownNameError
            There is no such family.
        """
        with self._plainly():
            family = forgetting.find_family(self._connection, ufrn)
            if family is None and forgetting.is_unfinished(self._connection):
                return ForgetResult("", backups=_count_copies(self._copies()))
            if family is None:
                known = forgetting.fetch_written(self._connection)
                raise UnknownNameError("family", ufrn, known, where=str(self.path))
            traces = forgetting.fetch_traces(self._connection, family)
            held = forgetting.count_holdings(self._connection, family, traces)
            sources = forgetting.fetch_own_sources(self._connection, family, traces)
        result = ForgetResult(family.written, held, in_tables=family.declared)
        result.backups = _count_copies(self._copies())
        for rejects in _rejects_files(self._file):
            whole = rejects in self._rejects_of(sources)
            with suppress(OSError, ValueError, csv.Error):
                result.rejected += _clean_rejects(rejects, traces, whole=whole, write=False)
        return result

    def forget(self, ufrn: str) -> ForgetResult:
        """Remove a family for good, with its cases and all that was coded in them.

        Its rows go from the project, the rows set aside and the copies beside it; the
        project file is written anew, so that no page keeps a word. Learned models go
        too. Where an earlier forgetting was stopped after its rows were gone, it is
        finished. Files that were imported or exported are not touched.

        Parameters
        ----------
        ufrn : str
            The family's reference; case, spaces and punctuation do not count.

        Returns
        -------
        ForgetResult
            Look at `not_cleaned`: those files may still hold the family.

        Raises
        ------
        UnknownNameError
            There is no such family.
        ProjectError
            Another program has the project open, or it cannot be written; nothing was
            removed.
        """
        self.plan_forgetting(ufrn)
        with self._plainly(), forgetting.alone(self._connection):
            with transaction(self._connection):
                family = forgetting.find_family(self._connection, ufrn)
                result = ForgetResult("")
                if family is not None:
                    traces = forgetting.fetch_traces(self._connection, family)
                    sources = forgetting.fetch_own_sources(self._connection, family, traces)
                    result = ForgetResult(family.written, in_tables=family.declared)
                    result.held = forgetting.delete_family(self._connection, family, traces)
                    # While its words are still known: what is stopped here begins anew.
                    self._forget_rejects(result, traces, sources)
            self._delete_copies(result)
            try:
                with self._plainly():
                    forgetting.clean(self._connection)
            except ProjectError:
                result.not_cleaned.append(self._file)
        return result

    @property
    def _file(self) -> Path:
        return self._connection.path

    def _copies(self) -> list[Path]:
        return list_backups(self._file)

    def _delete_copies(self, result: ForgetResult) -> None:
        copies = self._copies()
        for copy in copies:
            with suppress(OSError):
                copy.unlink(missing_ok=True)
        # Copies that somebody has renamed are hers.
        left = list_folder(self._file)
        result.not_cleaned += left
        result.backups = _count_copies([copy for copy in copies if copy not in left])
        if copies and not left:
            with suppress(OSError):
                copies[0].parent.rmdir()

    def _rejects_of(self, sources: Sequence[str]) -> set[Path]:
        return {RejectsFile(self._file, source).path for source in sources}

    def _forget_rejects(self, result: ForgetResult, traces: Traces, sources: Sequence[str]) -> None:
        own = self._rejects_of(sources)
        folder = None
        for rejects in _rejects_files(self._file):
            folder = rejects.parent
            try:
                result.rejected += _clean_rejects(rejects, traces, whole=rejects in own, write=True)
            except (OSError, ValueError, csv.Error):
                result.not_cleaned.append(rejects)
        if folder is not None:
            with suppress(OSError):
                folder.rmdir()


def _count_copies(copies: Sequence[Path]) -> int:
    return sum(copy.suffix == ".db" for copy in copies)


# --- rows set aside --------------------------------------------------------------------------


def _rejects_files(project: Path) -> list[Path]:
    folder = RejectsFile(project, "").folder
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _clean_rejects(path: Path, traces: Traces, *, whole: bool, write: bool) -> int:
    """Remove a family's rows from a file of rows set aside; return how many there are.

    `whole` is for a file of rows that are all the family's. One that qualkit did not
    write raises ValueError.
    """
    if path.name.endswith(".csv.part"):
        # Left by a killed import; of no use to anybody.
        if write:
            path.unlink()
        return 0
    if path.is_symlink() or not path.is_file() or path.suffix != ".csv":
        raise ValueError(path.name)
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.reader(file))
    header, body = rows[:1], rows[1:]
    whole = whole or traces.names(path.stem)
    kept = [] if whole else [row for row in body if not _is_own(header[0], row, traces)]
    if write and (not kept or len(kept) < len(body)):
        if kept:
            _replace(path, [*header, *kept])
        else:
            path.unlink()
    return len(body) - len(kept)


def _is_own(header: Sequence[str], row: Sequence[str], traces: Traces) -> bool:
    for number, cell in enumerate(row):
        name = header[number] if number < len(header) else ""
        if traces.hold(cell) or _is_case(name, cell, traces):
            return True
        if number >= len(header):
            # Cells of rows with other columns are written "column: value".
            name, _, value = cell.partition(": ")
            if traces.hold(value) or _is_case(name, value, traces):
                return True
    return False


def _is_case(header: str, cell: str, traces: Traces) -> bool:
    if cell not in traces.case_ids:
        return False
    # An id that is only a number is another thing in other columns.
    plain = "".join(char for char in header.lower() if char.isalpha())
    return not cell.isdecimal() or plain in _ID_HEADERS


def _replace(path: Path, rows: Sequence[Sequence[str]]) -> None:
    part = path.with_suffix(".csv.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as out:
            csv.writer(out).writerows(rows)
            out.flush()
            os.fsync(out.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
