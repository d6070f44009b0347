"""qualkit evaluate, learn, explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    MethodOption,
    OutputOption,
    ProjectOption,
    evaluating_project,
    open_project,
)
from qualkit.cli.output import note, progress_bar, show
from qualkit.cli.publishing import publishable


@publishable
def evaluate(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="GOLD.jsonl", help="Coded cases; see docs/guide.md for the form."),
    ] = None,
    reference: Annotated[
        str, typer.Option("--reference", help="Instead of a file: the coder taken as the truth.")
    ] = "",
    coder: Annotated[str, typer.Option("--coder", help="Whose codings to judge.")] = "qualkit",
    method: MethodOption = "",
    by_code: Annotated[
        bool, typer.Option("--codes", help="A row for each code instead of each group.")
    ] = False,
    errors: Annotated[
        bool, typer.Option("--errors", help="Every false alarm and miss with its words.")
    ] = False,
    code: Annotated[
        list[str] | None, typer.Option("--code", help="With --errors: this code; repeatable.")
    ] = None,
    level: Annotated[
        str, typer.Option("--level", help="With --codes: segment or case.")
    ] = "segment",
    used_codes: Annotated[
        bool, typer.Option("--used-codes", help="Leave out codes the reference never uses.")
    ] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many themes are in the top.")] = 5,
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Say how near coding comes to a person's: precision, recall, F1, kappa, with intervals.

    A file's texts are coded here and now by the project's codebooks (the shipped ones
    without a project); nothing is stored. With --reference, two coders of the project
    are compared over the cases that both have been through.

    Example: qualkit evaluate gold.jsonl --errors --code isolation
    """
    with evaluating_project(project, file) as opened:
        with progress_bar("coding") as progress:
            evaluation = opened.evaluate(
                file,
                coder=coder,
                reference=reference,
                method=method,
                used_codes=used_codes,
                progress=progress,
            )
        if errors or code:
            show(evaluation.errors_table(opened.code_keys(code or ())), form, output)
        elif by_code:
            show(evaluation.codes_table(level), form, output)
        else:
            show(evaluation.summary(top), form, output)


def learn(
    min_precision: Annotated[
        float,
        typer.Option(
            "--min-precision",
            help="Propose a code only if its precision is above this with 95% confidence.",
        ),
    ] = 0.5,
    coder: Annotated[
        list[str] | None,
        typer.Option("--coder", help="Learn from this person only; may be repeated."),
    ] = None,
    semantic: Annotated[
        bool | None,
        typer.Option(
            "--semantic/--no-semantic",
            help="Use sentence vectors; if left out, where qualkit[semantic] is installed.",
        ),
    ] = None,
    encoder: Annotated[
        str, typer.Option("--encoder", help="Another sentence encoder: a folder or package.")
    ] = "",
    tune: Annotated[
        bool | None,
        typer.Option(
            "--tune/--no-tune",
            help="Fine-tune the encoder on your coded cases; if left out, from 1,000 segments on.",
        ),
    ] = None,
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Learn from examples and from people's codings and decisions; `code` uses it from then on.

    Shows for each code what it can do on cases held out. Nothing leaves the machine.

    Example: qualkit learn --min-precision 0.6
    """
    from qualkit.project.learning import LearningOptions

    options = LearningOptions(
        min_precision=min_precision,
        coders=tuple(coder or ()),
        semantic=semantic,
        encoder=encoder,
        tune=tune,
    )
    with open_project(project) as opened:
        with progress_bar("learning") as progress:
            table = opened.learn(options, progress=progress, say=note)
        show(table, form, output)


def explain(
    coding_id: Annotated[
        int, typer.Argument(metavar="CODING_ID", help="As in `export codings` and `quotes`.")
    ],
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Say why a coding is there: the rule and its checks, or what was learned, in words.

    Example: qualkit explain 1042
    """
    with open_project(project) as opened:
        show(opened.explain(coding_id), form, output)
