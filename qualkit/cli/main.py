"""The program `qualkit`: all commands composed, and errors turned into one clear message."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from qualkit import __version__
from qualkit.cli import codebooks, exports, imports, tables
from qualkit.cli.output import echo, progress_bar, report_imports, show
from qualkit.errors import QualkitError, QualkitWarning

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Plain help starts twice as fast as rich panels, and screen readers can read it.
    rich_markup_mode=None,
    help="Qualitative evidence: import, code, rank, link, and trace every number to words.",
)
app.add_typer(imports.app, name="import")
app.add_typer(codebooks.app, name="codebook")
app.command("reconcile")(imports.reconcile)
app.command("code")(codebooks.code)
for name in ("top", "matrix", "domain", "relevance", "link", "quotes", "find", "status"):
    app.command(name)(getattr(tables, name))
app.add_typer(exports.app, name="export")


def _version(wanted: bool) -> None:
    if wanted:
        echo(f"qualkit {__version__}")
        raise typer.Exit


@app.callback()
def qualkit(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Qualitative evidence: import, code, rank, link, and trace every number to words.

    Begin with `qualkit demo`, or with your own files: import, code, top.
    """


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the project goes.")] = Path(
        "qualkit-demo"
    ),
) -> None:
    """Make a project from the demonstration corpus: imported, coded, ranked, linked, shown.

    Example: qualkit demo
    """
    from qualkit.project.demo import run_demo

    with progress_bar("coding") as progress:
        demonstration = run_demo(folder, progress)
    report_imports(demonstration.imports)
    for result in demonstration.shown:
        show(result)
    echo("")
    echo(
        "The corpus was written by hand for this demonstration: no real family is in it, and its"
        "\ntables say nothing about any real one."
    )
    echo(f"Go on with this project: {demonstration.path.resolve()}")
    echo(f"  qualkit quotes isolation -p {demonstration.path}     the words behind a number")
    echo(f"  qualkit top enabler -p {demonstration.path}          another ranking")
    echo(f"  qualkit find swimming -p {demonstration.path}        words in context")


def run() -> None:
    """Run the program: 0 done, 1 an error that the user can mend, 2 wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        # A table has characters that an old code page cannot write.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    # Doubts stand in the foot of the table concerned.
    warnings.simplefilter("ignore", QualkitWarning)
    try:
        app()
    except QualkitError as error:
        sys.stderr.write(f"qualkit: {error.message}\n")
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
