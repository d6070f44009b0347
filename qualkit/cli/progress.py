"""qualkit progress."""

from __future__ import annotations

from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    WhereOption,
    open_project,
)
from qualkit.cli.output import choose_format, show
from qualkit.cli.publishing import publishable
from qualkit.cli.whocounts import (
    AssessedOption,
    ClosedByOption,
    ClosedOption,
    EverybodyOption,
    ReviewsOption,
    cohort_choice,
)


@publishable
def progress(
    by: Annotated[
        str, typer.Option("--by", help="An attribute of families: cluster, family.KEY.")
    ] = "",
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help="Resamples for stability; 0 for none.")
    ] = 100,
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
    """Group families by all their readings at start and end, and show who moved between groups.

    Families are grouped into lower, middle and higher by their start readings, and again by
    their end readings. Higher than average progress: the end group lies above the start
    group. CSV and JSON hold one table: the matrix, or with --by the shares by group.

    Example: qualkit progress --by cluster
    """
    chosen = choose_format(form, output)
    choice = cohort_choice(everybody, closed, min_reviews, assessed, where, closed_by)
    one = chosen in ("csv", "json")
    with open_project(project) as opened:
        page = opened.progress(by=by, resamples=0 if one else resamples, **choice)
    show(page.tables[1 if by else 0] if one else page, form, output)
