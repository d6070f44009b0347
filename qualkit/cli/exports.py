"""qualkit export …"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    CoderOption,
    DomainOption,
    KindOption,
    ProjectOption,
    ReviewedOption,
    WhereOption,
    counting,
    open_project,
)
from qualkit.cli.output import echo
from qualkit.cli.publishing import publishable, unpublishable

app = typer.Typer(
    no_args_is_help=True, help="Write codings, segments or counts: .csv .tsv .xlsx .json .jsonl"
)

Target = Annotated[Path, typer.Argument(help="The file to write; its ending gives the format.")]


@app.command("codings")
@publishable
def export_codings(
    file: Target,
    include_rejected: Annotated[bool, typer.Option("--all", help="Rejected ones too.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Write every coding, one a row, with its quotation and offsets.

    With --publish: only quotations that a person has cleared, without where they stand.

    Example: qualkit export codings codings.csv
    """
    with open_project(project) as opened:
        count = opened.export_codings(file, include_rejected=include_rejected)
    echo(f"{count} codings written: {file}")


@app.command("segments")
@unpublishable(
    "whole texts", "qualkit clear, then qualkit export codings FILE --publish for quotations"
)
def export_segments(file: Target, project: ProjectOption = DEFAULT_PROJECT) -> None:
    """Write every segment with its text, one a row.

    Example: qualkit export segments segments.xlsx
    """
    with open_project(project) as opened:
        count = opened.export_segments(file)
    echo(f"{count} segments written: {file}")


@app.command("counts")
@unpublishable(
    "counts of single families", "qualkit top, matrix or link with --publish --output FILE"
)
def export_counts(
    file: Target,
    by: Annotated[str, typer.Option("--by", help="A row for each family or case.")] = "family",
    domain: DomainOption = "",
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    reviewed_only: ReviewedOption = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Write one row a family or case: how many of its cases have each theme.

    Cells are blank, not 0, where there is no text.

    Example: qualkit export counts counts.csv --by family
    """
    options = counting(kind, domain, where, coder, "case", reviewed_only, 5)
    with open_project(project) as opened:
        count = opened.export_counts(file, by=by, **options)
    echo(f"{count} rows written: {file}")
