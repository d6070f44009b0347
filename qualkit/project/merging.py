"""Merging: a project coded on another machine joined into this one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.model import Table
from qualkit.project.base import ProjectBase
from qualkit.store.backups import backup

if TYPE_CHECKING:
    from qualkit.store.merging import Merged


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did.

    Attributes
    ----------
    table : Table
        For each sort of thing how much was new, the same, contradictory, not placed or
        taken back.
    details : Table
        Each contradiction, and each thing that was not placed or was taken back, with case
        and segment. No words of texts.
    changed : bool
        Whether the project is other than before.
    backup : Path or None
        The copy of the project as it was; None where nothing changed.
    """

    table: Table
    details: Table
    changed: bool
    backup: Path | None


class MergingPart(ProjectBase):
    """Work of several machines in one project."""

    def merge(self, path: str | Path) -> MergeResult:
        """Join a project that was coded on another machine into this one.

        Sources are known by name and content, cases by id, segments by number and text,
        codes by category and id, people's codings and memos by guid or place. What is in
        both stays once; of two verdicts by one person on one stretch the later stands;
        what somebody took back in one project stays so. The machine's codings come only
        for cases that it has not coded here. All in one transaction, after a copy of the
        project was made; the other file is only read.

        Parameters
        ----------
        path : path
            The other project file, of this qualkit or an older one.

        Raises
        ------
        ProjectError
            It is this very project, no project, damaged, or cannot be read.
        SchemaTooNewError
            A newer qualkit wrote it.
        """
        from qualkit.analysis.merged import findings_table, merge_table
        from qualkit.store.merging import merge_project

        path = Path(path)
        copies: list[Path] = []
        with self._plainly():
            merged = merge_project(
                self._connection,
                path,
                lambda: copies.append(backup(self._connection.path, "before a merge")),
            )
        rows = [{"what": sort, **asdict(tally)} for sort, tally in merged.tallies.items()]
        return MergeResult(
            merge_table(rows, path.name, _notes(merged)),
            findings_table([asdict(finding) for finding in merged.findings], path.name),
            merged.changed,
            copies[0] if copies else None,
        )


def _notes(merged: Merged) -> list[str]:
    notes = []
    if not merged.changed:
        notes.append("nothing was new; the project is as it was")
    if merged.findings:
        notes.append("each contradiction, and what was not placed or was taken back: --details")
    if merged.forgotten_before and merged.tallies["cases"].new:
        notes.append("a family that was forgotten here may be in what came: qualkit forget UFRN")
    return notes
