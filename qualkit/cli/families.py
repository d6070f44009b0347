"""qualkit families."""

from __future__ import annotations

from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    CoderOption,
    FormatOption,
    KindOption,
    OutputOption,
    ProjectOption,
    ReviewedOption,
    WhereOption,
    counting,
    open_project,
)
from qualkit.cli.output import choose_format, echo, show
from qualkit.cli.publishing import unpublishable

_STREAMED = (".csv", ".tsv", ".jsonl", ".xlsx")


@unpublishable(
    "rows of single families", "qualkit stars, progress or link with --publish --output FILE"
)
def families(
    stuck: Annotated[
        bool, typer.Option("--stuck", help="Only those open long without progress.")
    ] = False,
    deviant: Annotated[
        bool, typer.Option("--deviant", help="Only those whose progress is against their themes.")
    ] = False,
    months: Annotated[
        float, typer.Option("--months", min=0, help="--stuck: open longer than this.")
    ] = 12,
    opened_on: Annotated[
        str, typer.Option("--opened", help="Attribute of the date of opening; guessed.")
    ] = "",
    closed_on: Annotated[
        str, typer.Option("--closed", help="Attribute of the date of closing; guessed.")
    ] = "",
    as_of: Annotated[
        str, typer.Option("--as-of", help="Open families are open until this date; today.")
    ] = "",
    code: Annotated[
        list[str] | None, typer.Option("--code", help="Show this theme too; may be repeated.")
    ] = None,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="At most so many on the screen; 0 for all.")
    ] = 50,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show one row a family: cluster, attributes, progress, stages won or lost, themes.

    --where progress=higher chooses by progress, as by any attribute. The table tells who is
    who: it is for the researcher and cannot be published. Files hold all families and themes.

    Example: qualkit families --stuck --where cluster=A

    Example: qualkit families --output families.csv
    """
    from qualkit.errors import QualkitError
    from qualkit.project.familyrows import FamilyChoice

    chosen = choose_format(form, output) if output is None or form else ""
    until = ""
    if as_of:
        from qualkit.importers.dates import parse_date

        until = parse_date(as_of) or ""
        if not until:
            raise QualkitError("--as-of must be a date", found=as_of, expected="2017-08-31")
    choice = FamilyChoice(stuck, deviant, months, opened_on, closed_on, until, tuple(code or ()))
    options = counting(kind, "", where, coder, "case", reviewed_only, 5)
    with open_project(project) as opened:
        ending = output.suffix.lower() if output is not None else ""
        if output is not None and ending in _STREAMED and form in ("", ending[1:]):
            count = opened.export_families(output, choice=choice, **options)
            echo(f"{count} families written: {output}")
            return
        limit = rows if output is None and chosen == "table" else 0
        table = opened.families(choice=choice, limit=limit, **options)
    show(table, form, output)
