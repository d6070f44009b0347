"""qualkit chaid."""

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
    WhereOption,
    open_project,
)
from qualkit.cli.output import choose_format, console, echo, fit_to_show, progress_bar, show
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
def chaid(
    on: Annotated[
        str,
        typer.Option(
            "--on",
            help="What is told apart: progress, stars (with --domain), an attribute of families"
            " (at most 12 values; numbers are cut into bands) or a need.",
        ),
    ] = "progress",
    domain: Annotated[
        str, typer.Option("--domain", help="Stages moved in this domain of the Family Star.")
    ] = "",
    among: Annotated[
        list[str] | None,
        typer.Option(
            "--from", help="Only by these: needs, attributes, themes, or names; may be repeated."
        ),
    ] = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", help="Not by these; may be repeated.")
    ] = None,
    themes: Annotated[
        list[str] | None,
        typer.Option("--themes", help="Also by themes of this category; may be repeated."),
    ] = None,
    kind: KindOption = None,
    alpha: Annotated[
        float, typer.Option("--alpha", help="Level for merging and splitting.")
    ] = 0.05,
    min_node: Annotated[
        int, typer.Option("--min-node", help="Fewest families of a segment; at least 5.")
    ] = 30,
    min_split: Annotated[
        int, typer.Option("--min-split", help="Fewest families of a segment that is split.")
    ] = 60,
    depth: Annotated[int, typer.Option("--depth", help="Most splits one below the other.")] = 3,
    correction: Annotated[
        str,
        typer.Option(
            "--correction",
            help="node: for merging and the number of predictors; categories: for merging only, as"
            " SPSS does; none.",
        ),
    ] = "node",
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help="Resamples for what holds; 0 for none.")
    ] = 100,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw the tree to this file: .svg .png .pdf .html."),
    ] = None,
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
    """Split families into the segments that differ most in progress, or in any attribute.

    A tree (CHAID): at each step by the need, attribute, cluster or theme that tells most
    apart. Findings stand in words, segment : overall share, with n; those that do not hold
    when families are drawn anew are marked. CSV and JSON hold a row a segment and value.

    Example: qualkit chaid --on progress --domain physical-health --picture tree.svg
    """
    chosen = choose_format(form, output)
    if picture is not None:
        from qualkit.report.pictures import check_picture

        check_picture(picture)
    from qualkit.project.chaid import TreeChoice, make_growing

    choice = TreeChoice(
        on, domain, tuple(among or ()), tuple(without or ()), tuple(themes or ()), tuple(kind or ())
    )
    growing = make_growing(alpha, min_node, min_split, depth, correction)
    cohort = cohort_choice(everybody, closed, min_reviews, assessed, where, closed_by)
    with open_project(project) as opened, progress_bar("drawing families anew") as told:
        result = opened.chaid(
            choice=choice, growing=growing, resamples=resamples, progress=told, **cohort
        )
    shown = fit_to_show(result.table)
    if picture is not None:
        from qualkit.report.treepictures import draw_tree

        draw_tree(result.tree, result.shown(shown), shown, picture)
    if chosen == "table" and output is None:
        from qualkit.report.treeterminal import print_tree

        print_tree(result.tree, result.shown(shown), result.page(shown), console())
    else:
        one = chosen in ("csv", "json")
        show(shown if one else result.page(shown), form, output, fit=True)
    if picture is not None:
        echo(f"written: {picture}")
