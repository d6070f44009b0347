"""qualkit codebook …, and code."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    MethodOption,
    OutputOption,
    ProjectOption,
    filling_project,
    open_project,
)
from qualkit.cli.output import echo, progress_bar, show
from qualkit.errors import QualkitWarning

app = typer.Typer(no_args_is_help=True, help="Check, load, list and show codebooks.")


LOADED = "loaded; `qualkit code` applies it"
UNCHANGED = "unchanged; nothing to do"


@app.command("check")
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Codebook files; the shipped ones if left out.")
    ] = None,
) -> None:
    """Report every fault of codebook files at once, with file and line.

    The lint runs each code's patterns over its own examples. Ends with 1 when there
    are errors or examples that the lint finds missed.

    Example: qualkit codebook check my-codes.yaml
    """
    from qualkit.codebook.load import shipped_codebooks
    from qualkit.project.books import check_file

    found = False
    for path in files or shipped_codebooks():
        problems = check_file(path)
        for problem in problems:
            echo(str(problem))
        serious = [problem for problem in problems if problem.level != "warning"]
        found = found or bool(serious)
        counts = dict.fromkeys(("error", "lint", "warning"), 0)
        for problem in problems:
            counts[problem.level] += 1
        summary = ", ".join(_counted(count, level) for level, count in counts.items() if count)
        echo(f"{path}: {summary or 'no fault found'}")
    if found:
        raise typer.Exit(1)


def _counted(count: int, level: str) -> str:
    return f"{count} {level}" if count == 1 or level == "lint" else f"{count} {level}s"


@app.command("load")
def load(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Codebook files; the shipped ones if left out.")
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Load codebooks, or their new versions, into the project.

    Example: qualkit codebook load my-codes.yaml
    """
    with filling_project(project) as opened:
        if not files:
            changed = opened.load_shipped_codebooks()
            echo("loaded: " + ", ".join(changed) if changed else UNCHANGED)
        for path in files or ():
            with warnings.catch_warnings(record=True) as doubts:
                warnings.simplefilter("always", QualkitWarning)
                changed_one = opened.load_codebook(path)
            echo(f"{path}: {LOADED if changed_one else UNCHANGED}")
            for doubt in doubts:
                echo(f"  {doubt.message}")


@app.command("list")
def list_codebooks(
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """List the codebooks of the project.

    Example: qualkit codebook list
    """
    from qualkit.codebook.shipped import shipped_folder

    with open_project(project) as opened:
        show(opened.codebooks(), form, output)
    if not form and output is None:
        echo(f"The shipped codebooks, to copy from: {shipped_folder()}")


@app.command("show")
def show_codes(
    name: Annotated[str, typer.Argument(help="A codebook, category or code.")],
    output: OutputOption = None,
    form: FormatOption = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show the codes of a codebook or category, or one code, with definitions.

    Example: qualkit codebook show isolation
    """
    with open_project(project) as opened:
        show(opened.codes(name), form, output)


def code(
    codebook: Annotated[
        list[str] | None,
        typer.Option("--codebook", help="Only this codebook; may be repeated."),
    ] = None,
    method: MethodOption = "",
    spacy_model: Annotated[
        str | None,
        typer.Option("--spacy-model", help="An installed spaCy pipeline for token patterns."),
    ] = None,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Processes; 0 for as many as are worth it.")
    ] = 0,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Code all texts by the machine; loads the shipped codebooks if none is loaded.

    Decisions and codings of people stay; running it again changes nothing.

    Example: qualkit code --codebook barriers
    """
    with open_project(project) as opened, progress_bar("coding") as progress:
        results = opened.code(
            codebook or (),
            method=method,
            spacy_model=spacy_model,
            workers=workers,
            progress=progress,
        )
    for result in results:
        dropped = f", {result.dropped} of earlier runs dropped" if result.dropped else ""
        echo(
            f"{result.codebook} version {result.version}: {result.codings} codings in"
            f" {result.segments} segments of {result.cases} cases{dropped} (run {result.run})"
        )
    if results and results[0].method == "rules" and not method:
        echo("Coded by rules alone; `qualkit learn` adds what examples teach, then code again.")
