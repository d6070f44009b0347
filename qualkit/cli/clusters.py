"""qualkit clusters."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.current import PUBLISHING
from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    WhereOption,
    open_project,
)
from qualkit.cli.output import choose_format, note, progress_bar, show
from qualkit.cli.publishing import publishable
from qualkit.cli.whocounts import (
    AssessedOption,
    ClosedByOption,
    ClosedOption,
    EverybodyOption,
    ReviewsOption,
    cohort_choice,
)
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    from qualkit.model import Table
    from qualkit.project.clusters import Clusters


@publishable
def clusters(
    groups: Annotated[
        str, typer.Option("--groups", help="How many groups: a number, or a range to choose from.")
    ] = "1-12",
    method: Annotated[
        str,
        typer.Option(
            "--method", help="lca (latent classes), stepmix (the same by StepMix), kmodes."
        ),
    ] = "lca",
    beside: Annotated[
        str,
        typer.Option("--with", help="Beside these groups: an attribute of families, as cluster."),
    ] = "",
    resamples: Annotated[
        int, typer.Option("--resamples", min=0, help="Resamples for stability; 0 for none.")
    ] = 20,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that goes by lot.")] = 0,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", help="Draw the profile to this .svg, .png, .pdf or .html."),
    ] = None,
    use: Annotated[
        str, typer.Option("--use", help="Keep the groups as an attribute of families of this name.")
    ] = "",
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="With --use: in the place of an attribute that families have."
        ),
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
    """Group families by their yes/no needs, and say what each group is like.

    Latent class analysis; the number of groups by hierarchical BIC, with BIC and stability
    under resampling beside it. Groups that were given stay what other commands use: new ones
    are kept only with --use. CSV and JSON hold one table: the profile, or with --with the
    crosswalk.

    Example: qualkit clusters --with cluster
    """
    from qualkit.project.clusters import ClusterChoice

    chosen = choose_format(form, output)
    lowest, highest = _range(groups)
    if replace and not use:
        raise QualkitError("--replace is for groups that are kept", to_do="--use NAME --replace")
    if picture is not None:
        from qualkit.report.pictures import check_picture

        check_picture(picture)
    one = chosen in ("csv", "json")
    choice = ClusterChoice(lowest, highest, method, seed, 0 if one else resamples)
    who = cohort_choice(everybody, closed, min_reviews, assessed, where, closed_by)
    key = ""
    with open_project(project) as opened:
        if use:
            key = opened.check_cluster_name(use, replace=replace)
        with progress_bar("grouping") as bar:
            found = opened.clusters(choice, beside=beside, progress=bar, **who)
        if picture is not None:
            opened.draw_clusters(_profile_to_draw(found, alone=one), picture)
        show(found.main if one else found.page, form, output)
        if picture is not None:
            note(f"drawn: {picture}")
        if use:
            if opened.use_clusters(found, use, replace=replace):
                note(f"kept as {key}: {len(found.members):,} families; qualkit undo takes it back")
            else:
                note(f"families have these groups as {key} already; nothing to do")
            note(f"go on with: qualkit link CATEGORY --by {key}, qualkit families --where {key}=1")


def _profile_to_draw(found: Clusters, *, alone: bool) -> Table:
    """Return the profile, under --publish as it is published: with the page, or alone.

    Left out otherwise than in the table that goes out with it, the two could be put together.
    """
    wanted = PUBLISHING.get()
    if wanted is None:
        return found.profile
    from qualkit.model import Page
    from qualkit.project.publishing import publish_result

    if alone and found.main is not found.profile:
        raise QualkitError(
            "a picture of the profile and a file of the crosswalk are not published at once",
            found="--publish, --picture and --with",
            to_do="--format markdown, or leave --with out",
        )
    told = publish_result(found.profile if alone else found.page, wanted.limit, wanted.round_to)
    tables = told.tables if isinstance(told, Page) else [told]
    return next(table for table in tables if table.name == found.profile.name)


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,4})\s*(?:(?:-|–|to|\.\.)\s*(\d{1,4}))?\s*", text)
    if found is None:
        raise QualkitError(
            "this is no number of groups, nor a range of numbers",
            found=text,
            expected="--groups 9, or --groups 2-12",
        )
    return int(found[1]), int(found[2] or found[1])
