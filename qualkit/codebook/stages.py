"""The names of the Family Star's stages: a small table that a user may put their own beside.

A `stages.csv` in the project's folder takes the place of the shipped one.
"""

from __future__ import annotations

import csv
from pathlib import Path

from qualkit.codebook.shipped import shipped_folder
from qualkit.errors import SourceFormatError
from qualkit.model import Stage

STAGES_FILE = "stages.csv"
LOWEST, HIGHEST = 1, 10
_COLUMNS = ("id", "name", "lowest", "highest")


def load_stages(folder: Path | None = None) -> tuple[Stage, ...]:
    """Return the stages, lowest first: those of the folder, else the shipped ones.

    Raises
    ------
    SourceFormatError
        The folder's file is not one, or its stages leave a reading out or have one twice.
    """
    own = folder / STAGES_FILE if folder is not None else None
    path = own if own is not None and own.is_file() else shipped_folder() / STAGES_FILE
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            stages = tuple(_stage(row) for row in csv.DictReader(lines))
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise _refused(path, "a row lacks a column, or a number") from error
    after = LOWEST
    for stage in stages:
        if stage.lowest != after or stage.highest < stage.lowest:
            raise _refused(path, f"'{stage.stage_id}' does not begin at {after}, or ends before")
        after = stage.highest + 1
    if after != HIGHEST + 1 or len({stage.stage_id for stage in stages}) < len(stages):
        raise _refused(path, "readings that are in no stage, or two stages of one id")
    return stages


def _stage(row: dict[str, str]) -> Stage:
    if not row["id"].strip():
        raise ValueError
    name = row["name"].strip() or row["id"].strip()
    return Stage(row["id"].strip(), name, int(row["lowest"]), int(row["highest"]))


def _refused(path: Path, found: str) -> SourceFormatError:
    return SourceFormatError(
        "the stages cannot be read",
        where=str(path),
        found=found,
        expected=f"columns {', '.join(_COLUMNS)}; each reading {LOWEST} to {HIGHEST} in one stage,"
        " the lowest first",
        to_do="mend the file, or take it away to have the shipped names",
    )
