"""qualkit confidence."""

from __future__ import annotations

from pathlib import Path
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
from qualkit.cli.output import choose_format, show
from qualkit.cli.publishing import publishable
from qualkit.errors import UnknownNameError


@publishable
def confidence(
    question: Annotated[
        list[str] | None, typer.Option("--question", help="Only this rating; may be repeated.")
    ] = None,
    by: Annotated[
        str, typer.Option("--by", help="An attribute: locality, service, case.KEY.")
    ] = "",
    pair: Annotated[
        list[str] | None,
        typer.Option(
            "--pair", help="RATING=TEXT, two headers: this text explains this rating; repeatable."
        ),
    ] = None,
    confident_from: Annotated[
        str,
        typer.Option(
            "--confident-from", help="Ratings from this on, a number or a level, are confident."
        ),
    ] = "70",
    below: Annotated[
        str, typer.Option("--below", help="Ratings under this, a number or a level, are low.")
    ] = "70",
    levels: Annotated[
        list[str] | None,
        typer.Option(
            "--levels",
            help='Ratings in words: the levels in order, "never,sometimes,always"; guessed.',
        ),
    ] = None,
    invited: Annotated[
        Path | None,
        typer.Option(
            "--invited",
            help="Table of how many were invited: columns of attributes, and invited.",
        ),
    ] = None,
    invited_count: Annotated[
        str | None, typer.Option("--invited-count", help="Its column of numbers, if not guessed.")
    ] = None,
    only: Annotated[
        str, typer.Option("--only", help="One table: confidence, reason, agency or response.")
    ] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="Only so many ranks.")] = 1_000,
    kind: KindOption = None,
    where: WhereOption = None,
    coder: CoderOption = "",
    reviewed_only: ReviewedOption = False,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show how confident respondents are, question by question, and what lessens it.

    Confident all or most of the time: a rating of --confident-from or more, in numbers or in
    words (--levels gives their order). Reasons and
    agencies are counted in the texts that go with a rating; which do is guessed from the
    headers, and the guess is printed. CSV and JSON hold one table, the first or --only.

    Example: qualkit confidence --by locality

    Example: qualkit confidence --only reason --invited invited.csv
    """
    chosen = choose_format(form, output)
    options = counting(kind, "", where, coder, "case", reviewed_only, top)
    with open_project(project) as opened:
        page = opened.confidence(
            question=question or [],
            by=by,
            pair=pair or [],
            confident_from=confident_from,
            below=below,
            levels=levels or [],
            invited=invited,
            invited_count=invited_count,
            **options,
        )
    if not only and chosen not in ("csv", "json"):
        show(page, form, output)
        return
    tables = {table.name.removeprefix("confidence-"): table for table in page.tables}
    if only and only not in tables:
        raise UnknownNameError("table", only, tables)
    show(tables[only or "confidence"], form, output)
