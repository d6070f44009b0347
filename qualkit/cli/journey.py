"""qualkit journey."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    KindOption,
    OutputOption,
    ProjectOption,
    ReviewedOption,
    TopOption,
    WhereOption,
    counting,
    open_project,
)
from qualkit.cli.output import choose_format, echo, fit_to_show, show
from qualkit.cli.publishing import publishable, refuse_to_publish
from qualkit.errors import QualkitError


@publishable
def journey(
    name: Annotated[
        str, typer.Argument(metavar="[UFRN]", help="A family's reference, or a case's id.")
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="Journeys of groups laid over each other: cluster …")
    ] = "",
    wanted: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="SEGMENT=PHASE, 3-7=PHASE, or 2.1-4=PHASE for sentences 1 to 4 of segment 2;"
            " may be repeated. 12= takes back.",
        ),
    ] = None,
    apply: Annotated[
        Path | None,
        typer.Option("--apply", help="Take the phases that you changed in this table."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw it: .svg, .png, .pdf or .html.")
    ] = None,
    top: TopOption = 5,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: Annotated[
        str,
        typer.Option(
            "--coder",
            help="Only codings that this coder made or accepted; with --set or --apply, you.",
        ),
    ] = "",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show a family's story in phases: before, referral, during, ending, after.

    With themes and agencies at each phase, high and low points in the family's words, and
    what the telling ties to what. Phases are found by cues and can be corrected: a CSV or
    XLSX file holds one row a segment; change the column phase, and give it back. A story
    in one long segment is read sentence by sentence, with a row for each stretch. One
    family's journey tells who it is: it cannot be published, groups with --by can.

    Example: qualkit journey F2105 --picture journey.svg

    Example: qualkit journey F2105 --output phases.csv, then qualkit journey --apply phases.csv

    Example: qualkit journey F2105 --set int09_F2105:4-6=referral --coder "Jo Marsh"

    Example: qualkit journey --by cluster --kind interview --publish
    """
    correcting = bool(wanted) or apply is not None
    _check(name, by, correcting=correcting, named=bool(wanted) or not correcting)
    if picture is not None:
        from qualkit.report.pictures import check_picture

        check_picture(picture)
    chosen = choose_format(form, output)
    options = counting(kind, "", where, "" if correcting else coder, "case", reviewed_only, top)
    with open_project(project) as opened:
        if correcting:
            person = opened.phase_coder(coder)
            changed = opened.apply_phases(apply, person) if apply is not None else 0
            changed += opened.set_phases(name, wanted, person) if wanted else 0
            echo(f"phases changed: {changed}, by {person}")
            return
        if by:
            page = opened.journeys(by, **options)
        else:
            found = opened.read_journey(name, **options)
    if by:
        page = fit_to_show(page)
        if picture is not None:
            from qualkit.report.journeygrouppictures import save_journeys

            save_journeys(page, picture)
            echo(f"written: {picture}")
        show(page.tables[1] if chosen == "csv" else page, form, output, fit=True)
        return
    if picture is not None:
        from qualkit.report.journeypictures import save_journey

        save_journey(found.map, picture)
        echo(f"written: {picture}")
    if chosen in ("csv", "xlsx"):
        show(found.phases(), form, output)
    else:
        show(found.page(top, all_links=chosen == "json"), form, output)


def _check(name: str, by: str, *, correcting: bool, named: bool) -> None:
    """Raise where it is not said whose journey, or it would be told to others."""
    if (name and by) or (by and correcting) or (named and not name and not by):
        raise QualkitError(
            "a journey is of one family, or of groups",
            found="both" if by else "neither a reference nor --by",
            to_do="qualkit journey UFRN, or qualkit journey --by cluster",
        )
    if not by:
        refuse_to_publish(
            "the journey of a single family", "qualkit journey --by cluster --publish"
        )
