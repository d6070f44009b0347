"""Where commands print: tables to the terminal, a pipe or a file; progress to a terminal only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

from qualkit.cli.current import PUBLISHING
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.report.cells import visible

if TYPE_CHECKING:
    from rich.console import Console

    from qualkit.model import CodingsResult, ImportResult, Page, Table

_Shown = TypeVar("_Shown", bound="Table | Page")

_ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".xlsx": "xlsx",
}
_FORMATS = ("table", "csv", "json", "markdown")
_PIPE_WIDTH = 110


def console() -> Console:
    """Return the console that tables go to; wide enough for tables in a pipe."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else _PIPE_WIDTH
    return Console(width=width, highlight=False)


def show(
    result: Table | Page, form: str = "", output: Path | None = None, *, fit: bool = False
) -> None:
    """Print a result, or write it to a file, in the format asked for.

    `fit` says that it went through `fit_to_show` already.
    """
    from qualkit.model import Page

    chosen = choose_format(form, output)
    if not fit:
        result = fit_to_show(result)
    if output is not None:
        from qualkit.report.files import save

        save(result, chosen, output)
        echo(f"written: {output}")
    elif chosen == "table":
        from qualkit.report.terminal import print_page, print_table

        if isinstance(result, Page):
            print_page(result, console())
        else:
            print_table(result, console())
    else:
        from qualkit.report.files import render

        text = render(result, chosen)
        sys.stdout.write(visible(text) if sys.stdout.isatty() else text)


def fit_to_show(result: _Shown) -> _Shown:
    """Return a result as it may be shown: with --publish, without what tells of few people."""
    wanted = PUBLISHING.get()
    if wanted is None:
        return result
    from qualkit.project.publishing import publish_result

    return cast("_Shown", publish_result(result, wanted.limit, wanted.round_to))


def choose_format(form: str, output: Path | None) -> str:
    """Return the format that the option, or the file's ending, asks for."""
    if form and form not in _FORMATS:
        raise UnknownNameError("format", form, _FORMATS)
    if output is None:
        return form or "table"
    by_ending = _ENDINGS.get(output.suffix.lower())
    chosen = form or by_ending or ""
    if chosen in ("", "table"):
        if by_ending:
            return by_ending
        raise QualkitError(
            "the file's ending does not say which format it should have",
            where=str(output),
            expected=".csv, .json, .md or .xlsx, or --format csv, json or markdown",
        )
    return chosen


def echo(text: str) -> None:
    """Print a line to the user; what would command the terminal is only shown."""
    sys.stdout.write(visible(text) + "\n")


def note(text: str) -> None:
    """Tell the user what is being done, beside the output and not in it."""
    sys.stderr.write(visible(text) + "\n")


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal, nothing in a pipe; gives a function (done, total)."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def report_imports(results: list[ImportResult], *, briefly: bool = False) -> None:
    """Say what an import did: guesses, counts, rows set aside, codings carried over.

    `briefly` leaves out what was guessed.
    """
    for result in results:
        for number, line in enumerate(import_lines(result)):
            if not briefly or number == 0:
                echo(line)
    if len(results) > 1:
        cases = sum(result.cases for result in results)
        segments = sum(result.segments for result in results)
        echo(f"in all: {len(results)} sources, {cases} cases, {segments} segments")


def import_lines(result: ImportResult) -> Iterator[str]:
    """Yield the lines that say what one import did."""
    if result.kind == "families":
        yield (
            f"{result.source}: {result.families} families"
            f" ({result.new} new, {result.updated} changed)"
        )
    elif result.unchanged:
        yield f"{result.source}: unchanged since version {result.version}; nothing to do"
    else:
        version = f" as version {result.version}" if result.version > 1 else ""
        yield (
            f"{result.source}: {_count(result.cases, 'case')} ({result.kind}),"
            f" {_count(result.segments, 'segment')}{version}"
        )
        if result.version > 1:
            yield (
                f"  {result.new} new, {result.updated} changed, {result.withdrawn} withdrawn;"
                f" codings carried over: {result.carried}, no longer placed: {result.unplaced}"
            )
        yield (
            f"  with a family reference: {result.with_family};"
            f" without any text: {result.without_text}"
        )
    for note in result.notes:
        yield f"  {note}"
    if result.rejected:
        yield f"  set aside: {result.rejected}, with the reason for each: {result.rejects_file}"


def report_codings(result: CodingsResult) -> None:
    """Say what an import of codings did."""
    there = f", {result.there:,} there already" if result.there else ""
    echo(
        f"{result.source}: {_count(result.new, 'new coding')} of {result.coder}"
        f" in {_count(result.cases, 'case')}{there}"
    )
    if result.codebook:
        echo(f"  codebook made of the headers: {result.codebook}")
    if result.done:
        echo(f"  marked done by {result.coder}: {_count(result.done, 'pair')} of case and codebook")
    for note in result.notes:
        echo(f"  {note}")
    if result.rejected:
        echo(f"  set aside: {result.rejected}, with the reason for each: {result.rejects_file}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
