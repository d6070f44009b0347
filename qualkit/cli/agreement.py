"""qualkit agreement, plan-double."""

from __future__ import annotations

from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    KindOption,
    OutputOption,
    ProjectOption,
    open_project,
)
from qualkit.cli.output import show
from qualkit.cli.publishing import publishable

LevelOption = Annotated[
    str, typer.Option("--level", help="segment or case: where a code is there or not.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Of chance; the same seed gives the same result.")
]


@publishable
def agreement(
    coder: Annotated[
        list[str] | None,
        typer.Option(
            "--coder",
            help="Compare these; repeatable. If left out, everybody who has done cases.",
        ),
    ] = None,
    reference: Annotated[
        str,
        typer.Option("--reference", help="Compare each with this one alone; qualkit: the machine."),
    ] = "",
    level: LevelOption = "segment",
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only this category; repeatable.")
    ] = None,
    kind: KindOption = None,
    by_code: Annotated[
        bool, typer.Option("--codes", help="A row for each code, lowest kappa first.")
    ] = False,
    disagreements: Annotated[
        bool, typer.Option("--disagreements", help="Every place where coders differ, with words.")
    ] = False,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="With --disagreements: this code; repeatable."),
    ] = None,
    replicates: Annotated[
        int, typer.Option("--replicates", min=0, help="Samples behind the intervals; 0 for none.")
    ] = 1000,
    seed: SeedOption = 0,
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Say how far coders agree: percent agreement, kappa, alpha and AC1, with intervals.

    Compared are the cases that they have marked done; the machine's are those that it
    has coded. A code that nobody gave counts as absent.

    Example: qualkit agreement --coder Ann --coder Bob --codes
    """
    with open_project(project) as opened:
        if disagreements or code:
            found = opened.disagreements(
                coder or (),
                reference=reference,
                level=level,
                categories=category or (),
                codes=code or (),
                kind=kind or (),
            )
        else:
            found = opened.agreement(
                coder or (),
                reference=reference,
                level=level,
                categories=category or (),
                kind=kind or (),
                by_code=by_code,
                replicates=replicates,
                seed=seed,
            )
        show(found, form, output)


def plan_double(
    width: Annotated[
        float, typer.Option("--width", help="Wanted width of kappa's 95% interval, end to end.")
    ] = 0.2,
    kappa: Annotated[float, typer.Option("--kappa", help="Kappa as you expect it.")] = 0.7,
    prevalence: Annotated[
        float | None,
        typer.Option(
            "--prevalence",
            help="Share of units with the code, 0 to 1; if left out, as the project is coded.",
        ),
    ] = None,
    code: Annotated[str, typer.Option("--code", help="Plan for this code.")] = "",
    category: Annotated[
        str, typer.Option("--category", help="Plan for the codes of this category.")
    ] = "",
    level: LevelOption = "segment",
    kind: KindOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="Attribute to draw by, beside the kind; cluster if left out and there.",
        ),
    ] = "",
    seed: SeedOption = 0,
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Draw the cases that two people should code, so that kappa comes out precise enough.

    How many are needed, and what was drawn, stands under the table.

    Example: qualkit plan-double --code isolation --width 0.2 --output double.csv
    """
    with open_project(project) as opened:
        found = opened.plan_double(
            width=width,
            kappa=kappa,
            prevalence=prevalence,
            code=code,
            category=category,
            level=level,
            kind=kind or (),
            by=by,
            seed=seed,
        )
        show(found, form, output)
