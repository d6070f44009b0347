"""The program `qualkit`: all commands composed, and errors turned into one clear message."""

from __future__ import annotations

import errno
import os
import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from qualkit import __version__
from qualkit.cli import (
    agreement,
    chaid,
    clusters,
    codebooks,
    confidence,
    cooccurrence,
    exports,
    families,
    history,
    imports,
    journey,
    learning,
    merging,
    progress,
    publishing,
    review,
    sheets,
    stars,
    tables,
    upkeep,
)
from qualkit.cli.output import echo, progress_bar, report_imports, show
from qualkit.errors import QualkitError, QualkitWarning
from qualkit.report.cells import visible

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    # Plain help starts twice as fast as rich panels, and screen readers can read it.
    rich_markup_mode=None,
    help="Qualitative evidence: import, code, rank, link, and trace every number to words.",
)
imports.app.command("stars")(stars.import_stars)
imports.app.command("needs")(stars.import_needs)
app.add_typer(imports.app, name="import")
app.add_typer(codebooks.app, name="codebook")
app.command("reconcile")(imports.reconcile)
app.command("code")(codebooks.code)
app.command("learn")(learning.learn)
app.command("evaluate")(learning.evaluate)
app.command("explain")(learning.explain)
for name in ("history", "undo", "memo", "memos"):
    app.command(name)(getattr(history, name))
app.command("agreement")(agreement.agreement)
app.command("plan-double")(agreement.plan_double)
for name in ("top", "matrix", "domain", "relevance", "link", "quotes", "find", "status"):
    app.command(name)(getattr(tables, name))
app.command("cooccurrence")(cooccurrence.cooccurrence)
app.command("dependencies")(cooccurrence.dependencies)
app.command("stars")(stars.stars)
app.command("progress")(progress.progress)
app.command("clusters")(clusters.clusters)
app.command("chaid")(chaid.chaid)
app.command("confidence")(confidence.confidence)
app.command("families")(families.families)
app.command("journey")(journey.journey)
app.add_typer(exports.app, name="export")
app.command("sheet")(sheets.sheet)
app.command("clear")(publishing.clear)
app.command("review")(review.review)
app.command("merge")(merging.merge)
app.command("forget")(upkeep.forget)


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
    planted: Annotated[
        bool,
        typer.Option(
            "--planted", help="Count the codings that the corpus was made to carry instead."
        ),
    ] = False,
) -> None:
    """Make a project from the demonstration corpus: imported, coded, ranked, linked, shown.

    Example: qualkit demo
    """
    from qualkit.project.demo import run_demo

    with progress_bar("coding") as bar:
        demonstration = run_demo(folder, bar, planted=planted)
    report_imports(demonstration.imports, briefly=True)
    for taken in demonstration.family_data:
        echo(f"{taken.source}: {taken.new + taken.there:,} {taken.what}, {taken.families} families")
    for result in demonstration.shown:
        show(result)
    path = demonstration.path
    echo("")
    echo(_PLANTED if planted else _COMPARED)
    echo("The corpus is invented: its tables say nothing about any real family.")
    echo("")
    echo(f"Go on with this project: {path.resolve()}")
    echo(f"  qualkit quotes isolation -p {path}     the words behind a number")
    echo(f"  qualkit top enabler -p {path}          another ranking")
    echo(f"  qualkit find swimming -p {path}        words in context")
    if not planted:
        echo("The tables as they would be if every text had been coded as it was meant:")
        echo(f"  qualkit demo {folder} --planted")


_PLANTED = (
    "These are the codings that the texts were written to carry, entered as a person's."
    "\nRelevance, rankings and linked domains come out as the evaluation published them."
)
_COMPARED = (
    "The last table is no measure of accuracy: the texts were written for this corpus, by the"
    "\nauthors of the codebooks. What the coding is worth on your texts, hand coding shows."
)


_STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


def run() -> None:
    """Run the program: 0 done, 1 an error that the user can mend, 2 wrong usage, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        # A table has characters that an old code page cannot write.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")
    # Doubts stand in the foot of the table concerned.
    warnings.simplefilter("ignore", QualkitWarning)
    try:
        try:
            app()
        finally:
            # Here a full disk can still be told of; at the very end Python only mutters.
            sys.stdout.flush()
    except QualkitError as error:
        sys.stderr.write(visible(f"qualkit: {error.message}\n"))
        sys.exit(1)
    except (KeyboardInterrupt, SystemExit) as stop:
        if isinstance(stop, SystemExit) and stop.code != _STOPPED:
            raise
        # Terminals leave the cursor behind the ^C that they show.
        first = "\n" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{first}qualkit: stopped; what was not finished is undone\n")
        sys.exit(_STOPPED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO):
            raise
        sys.stderr.write(f"qualkit: the output cannot be written\n  found: {error.strerror}\n")
        # What is left in the buffer would be tried again when the program ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(1)
