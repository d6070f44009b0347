"""qualkit cooccurrence and qualkit dependencies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    CoderOption,
    DomainOption,
    FormatOption,
    KindOption,
    OutputOption,
    ProjectOption,
    ReviewedOption,
    WhereOption,
    counting,
    open_project,
)
from qualkit.cli.output import fit_to_show, note, show
from qualkit.cli.publishing import publishable
from qualkit.cli.tables import Category
from qualkit.errors import QualkitError

PictureOption = Annotated[
    Path | None,
    typer.Option("--picture", help="Draw it into this file: .svg, .png, .pdf or .html."),
]


@publishable
def cooccurrence(
    category: Category,
    other: Annotated[
        str,
        typer.Argument(metavar="CATEGORY2", help="Pairs of the one with the other category."),
    ] = "",
    count_by: Annotated[
        str,
        typer.Option(
            "--count-by", "--within", help="In what they meet: a case, a family or a segment."
        ),
    ] = "case",
    by: Annotated[str, typer.Option("--by", help="domain: the pairs within each domain.")] = "",
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=0,
            help="Pairs shown, furthest from chance; 0 for all.  [default: 20; all in a matrix]",
        ),
    ] = None,
    least: Annotated[
        int, typer.Option("--min", min=0, help="Only pairs that meet at least so often.")
    ] = 0,
    picture: PictureOption = None,
    draw: Annotated[str, typer.Option("--draw", help="The picture: graph or matrix.")] = "graph",
    domain: DomainOption = "",
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show which themes meet in a case, a family or a segment more often than by chance.

    Lift: how often two are there together ÷ how often they would be if each went its own
    way. The picture draws the pairs of the table: a graph of those that stand after
    correction (dotted where none does), or a matrix of all. The words: qualkit quotes CODE
    --with CODE2.

    Example: qualkit cooccurrence enabler outcome --picture enablers.svg

    Example: qualkit cooccurrence barrier outcome --domain physical-health --within segment

    Example: qualkit cooccurrence barrier --picture barriers.svg --draw matrix
    """
    if draw not in ("graph", "matrix"):
        raise QualkitError("no such picture", found=f"--draw {draw}", expected="graph or matrix")
    if picture is not None and by:
        raise QualkitError(
            "a picture is of one domain, or of all together",
            found=f"--by {by} --picture",
            to_do="--domain ID --picture FILE",
        )
    _check(picture)
    options = counting(kind, domain, where, coder, count_by, reviewed_only, 5)
    pairs = (0 if picture and draw == "matrix" else 20) if top is None else top
    with open_project(project) as opened:
        table = opened.cooccurrence(category, other, by=by, pairs=pairs, least=least, **options)
    table = fit_to_show(table)
    show(table, form, output, fit=True)
    if picture is not None:
        from qualkit.project.cooccurrence import draw_themes

        draw_themes(table, picture, matrix=draw == "matrix")
        note(f"drawn: {picture}")


@publishable
def dependencies(
    of: Annotated[
        str,
        typer.Option("--of", help="relevance or progress; if left out, both where they are."),
    ] = "",
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=0,
            help="Pairs of each shown, furthest from chance; 0 for all."
            "  [default: 15; all for a picture]",
        ),
    ] = None,
    picture: PictureOption = None,
    kind: KindOption = None,
    where: WhereOption = None,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show which domains' changes go together: declared for one case, or made by one family.

    By relevance: cases for which both are declared fairly or very relevant. By progress:
    families who moved up a stage in both. Lift compares with chance, where `relevance`
    gives the plain share. The picture has the domains on a circle, joined where they go
    together after correction.

    Example: qualkit dependencies --picture domains.svg
    """
    _check(picture)
    pairs = (0 if picture else 15) if top is None else top
    options = counting(kind, "", where, "", "case", False, 5)
    with open_project(project) as opened:
        table = opened.dependencies(of=of, pairs=pairs, **options)
        names = opened.domain_order()
    table = fit_to_show(table)
    show(table, form, output, fit=True)
    if picture is not None:
        from qualkit.project.dependencies import draw_dependencies

        draw_dependencies(table, names, picture)
        note(f"drawn: {picture}")


def _check(picture: Path | None) -> None:
    if picture is not None:
        from qualkit.report.pictures import check_picture

        check_picture(picture)
