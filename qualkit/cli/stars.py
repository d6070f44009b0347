"""qualkit stars, and qualkit import stars and needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    WhereOption,
    filling_project,
    open_project,
)
from qualkit.cli.output import choose_format, echo, show
from qualkit.cli.publishing import publishable
from qualkit.cli.whocounts import (
    AssessedOption,
    ClosedByOption,
    ClosedOption,
    EverybodyOption,
    ReviewsOption,
    cohort_choice,
)

if TYPE_CHECKING:
    from qualkit.model import FamilyDataResult

FileArgument = Annotated[Path, typer.Argument(help="Table: .csv .tsv .xlsx .jsonl.")]
FamilyOption = Annotated[
    str | None, typer.Option("--family", help="Column of the family reference (UFRN).")
]
DateOption = Annotated[str | None, typer.Option("--date", help="Column of the date.")]
HeaderOption = Annotated[
    int | None, typer.Option("--header-row", help="Row of the header, as a spreadsheet counts.")
]
SheetOption = Annotated[str | None, typer.Option("--sheet", help="Sheet of a workbook.")]


def import_stars(
    file: FileArgument,
    family: FamilyOption = None,
    date: DateOption = None,
    assessment: Annotated[
        str | None,
        typer.Option("--assessment", help="Column that says first, review 1, latest …"),
    ] = None,
    domain: Annotated[
        str | None, typer.Option("--domain", help="Long table: column of the domain.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option("--reading", help="Long table: column of the reading.")
    ] = None,
    header_row: HeaderOption = None,
    sheet: SheetOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import Family Star readings, 1 to 10: a row a family, an assessment, or a reading.

    Wide: a column for each domain, or for each domain and assessment ("Physical health
    start", "Physical health review 1"). Long: columns family, domain, reading, and the
    date or which assessment. Columns are guessed when left out, and the guess is printed.

    Example: qualkit import stars readings.xlsx
    """
    from qualkit.importers.stars import StarsOptions

    options = StarsOptions(family, date, assessment, domain, reading, header_row, sheet)
    with filling_project(project) as opened:
        _report(opened.import_stars(file, options=options))


def import_needs(
    file: FileArgument,
    family: FamilyOption = None,
    about: Annotated[
        str | None,
        typer.Option(
            "--about", help="Column that says adult, child or family; or that word for all rows."
        ),
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", help="Column of the person assessed.")
    ] = None,
    date: DateOption = None,
    need: Annotated[
        list[str] | None, typer.Option("--need", help="Column of a need; may be repeated.")
    ] = None,
    header_row: HeaderOption = None,
    sheet: SheetOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Import needs, yes or no: an assessment of an adult, a child or the family a row.

    Without a column that says whom a row is about, a row is a family, and all three are
    taken as assessed. A family has a need if any of its assessments says yes.

    Example: qualkit import needs needs.csv --about "Assessment of"
    """
    from qualkit.importers.needs import NeedsOptions

    options = NeedsOptions(family, about, person, date, tuple(need or ()), header_row, sheet)
    with filling_project(project) as opened:
        _report(opened.import_needs(file, options=options))


@publishable
def stars(
    domain: Annotated[
        str, typer.Option("--domain", help="The matrix of first and last stages of this domain.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="An attribute of families: cluster, family.KEY.")
    ] = "",
    flow: Annotated[
        bool, typer.Option("--flow", help="Only who counts: families in and out, with reasons.")
    ] = False,
    everybody: EverybodyOption = False,
    closed: ClosedOption = None,
    closed_by: ClosedByOption = "",
    min_reviews: ReviewsOption = 1,
    assessed: AssessedOption = None,
    where: WhereOption = None,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show the progress of families by the Family Star, domain by domain.

    Progress: families who moved up at least one stage, of those who could; higher and
    lower: of all with a first and a last reading. CSV and JSON hold the main table only.

    Example: qualkit stars --by cluster
    """
    chosen = choose_format(form, output)
    choice = cohort_choice(everybody, closed, min_reviews, assessed, where, closed_by)
    with open_project(project) as opened:
        if flow:
            show(opened.star_flow(**choice), form, output)
            return
        page = opened.star_page(domain=domain, by=by, **choice)
    show(page.tables[0] if chosen in ("csv", "json") else page, form, output)


def _report(result: FamilyDataResult) -> None:
    """Say what an import of readings or needs did."""
    families = f"{result.families:,} {'family' if result.families == 1 else 'families'}"
    if result.new or result.changed:
        changed = f", {result.changed:,} changed" if result.changed else ""
        there = f", {result.there:,} there already" if result.there else ""
        echo(f"{result.source}: {result.new:,} new {result.what} of {families}{changed}{there}")
    elif result.rejected and not result.there:
        echo(f"{result.source}: no {result.what} could be taken")
    else:
        echo(
            f"{result.source}: nothing new; {result.there:,} {result.what} of {families} were"
            " there already"
        )
    for line in result.notes:
        echo(f"  {line}")
    if result.rejected:
        echo(f"  set aside: {result.rejected}, with the reason for each: {result.rejects_file}")
