"""qualkit merge."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    open_project,
)
from qualkit.cli.output import choose_format, show


def merge(
    other: Annotated[
        Path, typer.Argument(metavar="OTHER.db", help="The project coded on the other machine.")
    ],
    details: Annotated[
        bool,
        typer.Option(
            "--details", help="List what is contradictory, not placed or taken back, with its case."
        ),
    ] = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Join a project that was coded on another machine into this one; the other is only read.

    Nothing is doubled: merging again changes nothing. Of two verdicts by one person the
    later stands; where people disagree, both stay and are listed. A copy of this project
    is made before.

    Example: qualkit merge from-jo.db --details
    """
    from qualkit.model import Page

    # A wrong format is said before anything is merged.
    choose_format(form, output)
    with open_project(project) as opened:
        result = opened.merge(other)
    shown = Page("merge", result.table.title, (result.table, result.details))
    show(shown if details else result.table, form, output)
