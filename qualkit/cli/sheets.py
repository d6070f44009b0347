"""qualkit sheet, and what `qualkit import codings` does with one that comes back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.options import DEFAULT_PROJECT, KindOption, ProjectOption, open_project
from qualkit.cli.output import echo

if TYPE_CHECKING:
    from qualkit.project import Project
    from qualkit.project.sheetanswers import SheetResult


def sheet(
    file: Annotated[Path, typer.Argument(metavar="OUT.xlsx", help="The workbook to write.")],
    coder: Annotated[str, typer.Option("--coder", help="Whom it is for: her name.")],
    kind: KindOption = None,
    case: Annotated[list[str] | None, typer.Option("--case", help="This case; repeatable.")] = None,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", help="Only texts with this code proposed; repeatable."),
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Codes of this category; repeatable.")
    ] = None,
    codebook: Annotated[
        list[str] | None, typer.Option("--codebook", help="Codes of this codebook; repeatable.")
    ] = None,
    undecided: Annotated[
        bool, typer.Option("--undecided", help="Only what nobody has decided.")
    ] = False,
    blind: Annotated[
        bool, typer.Option("--blind", help="The texts alone, without what the program proposes.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Write a workbook for a colleague who codes in Excel or LibreOffice.

    She says yes or no to each proposed code, and adds codes that are missing. What she
    fills in comes back by `qualkit import codings`. The file holds people's words, and no
    family references.

    Example: qualkit sheet for-jo.xlsx --coder "Jo Marsh" --category barrier
    """
    with open_project(project) as opened:
        written = opened.sheet(
            file,
            coder,
            kind=kind or (),
            case=case or (),
            code=code or (),
            category=category or (),
            codebook=codebook or (),
            undecided=undecided,
            blind=blind,
        )
    proposals = "" if blind else f", {_count(written.proposals, 'proposal')}"
    echo(
        f"written: {file}, for {written.coder}: {_count(written.cases, 'case')},"
        f" {_count(written.texts, 'text')}{proposals}, {_count(written.codes, 'code')} to choose"
    )
    echo("  it holds people's words: send it in a safe way")
    echo(f"  when it comes back: qualkit import codings {file}")


def take_back(project: Project, file: Path, coder: str) -> None:
    """Import a coding sheet and say what it did."""
    _report(project.import_sheet(file, coder))


def _report(result: SheetResult) -> None:
    echo(f"{result.source}: coding sheet of {result.coder}")
    echo(
        f"  accepted {result.accepted:,}, rejected {result.rejected:,},"
        f" recoded {result.recoded:,}, added {result.added:,},"
        f" memos {result.memos:,}; there already {result.there:,}"
    )
    echo(
        f"  left undecided: {_count(result.undecided, 'proposal')};"
        f" newly marked done: {_count(result.done, 'case')}"
    )
    if result.missing:
        echo(f"  not in the sheet any more (rows deleted): {_count(result.missing, 'proposal')}")
    for note in result.notes:
        echo(f"  {note}")
    if result.set_aside:
        rows = _count(result.set_aside, "row")
        echo(f"  set aside: {rows}, with the reason for each: {result.rejects_file}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
