"""qualkit history, undo, memo, memos."""

from __future__ import annotations

from typing import Annotated

import typer

from qualkit.cli.options import (
    DEFAULT_PROJECT,
    FormatOption,
    OutputOption,
    ProjectOption,
    open_project,
)
from qualkit.cli.output import choose_format, echo, show

_ON_SCREEN = 50
_MOST_CHANGES = 12

WhoOption = Annotated[
    str, typer.Option("--coder", help="Who; may be left out where only one person works.")
]


def history(
    case: Annotated[str, typer.Option("--case", help="Only what was done to this case.")] = "",
    code: Annotated[str, typer.Option("--code", help="Only what was done with this code.")] = "",
    coder: Annotated[
        str, typer.Option("--coder", help="Only what this person, or qualkit, did.")
    ] = "",
    last: Annotated[
        int | None,
        typer.Option(
            "--last",
            min=0,
            help="Only the last so many lines, 0 for all; 50 on a screen if left out.",
        ),
    ] = None,
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Show who did what when, the newest last: names and places, never what somebody said.

    With --case also when a new version of its source changed its text.

    Example: qualkit history --coder "Jo Marsh" --last 20
    """
    if last is None and choose_format(form, output) == "table":
        last = _ON_SCREEN
    with open_project(project) as opened:
        show(opened.history(case=case, code=code, coder=coder, last=last or None), form, output)


def undo(
    coder: WhoOption = "",
    redo: Annotated[
        bool, typer.Option("--redo", help="Do again what was taken back last.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Take back a person's last action; again and again, as far back as her actions go.

    Decisions, codings, done marks, memos, imports of codings and groups kept by `clusters
    --use` can be taken back. What was done to a text that has changed since stays.

    Example: qualkit undo --coder "Jo Marsh"
    """
    with open_project(project) as opened:
        result = opened.redo(coder) if redo else opened.undo(coder)
    if result.passed:
        echo(f"passed over, since their texts or values have changed: {result.passed:,} later")
    if not result:
        whom = f" for {result.coder}" if result.coder else ""
        echo(f"nothing is left to {'do again' if redo else 'take back'}{whom}")
        return
    whose = f" of {result.coder}" if result.coder else ""
    echo(f"{'done again' if redo else 'taken back'}: step {result.step}{whose}")
    for change in result.changes[:_MOST_CHANGES]:
        echo(f"  {change}")
    if len(result.changes) > _MOST_CHANGES:
        echo(f"  and {len(result.changes) - _MOST_CHANGES:,} more")


def memo(
    text: Annotated[str, typer.Argument(help="What you noticed.")],
    coder: WhoOption = "",
    case: Annotated[str, typer.Option("--case", help="About this case.")] = "",
    source: Annotated[str, typer.Option("--source", help="About this source.")] = "",
    coding: Annotated[
        int | None,
        typer.Option("--coding", help="About this coding, by the number in `export codings`."),
    ] = None,
    code: Annotated[str, typer.Option("--code", help="About this code.")] = "",
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Keep a note on a case, source, coding or code, or on the project if none is named.

    Example: qualkit memo "Waiting lists come up with housing too." --code isolation --coder Jo
    """
    with open_project(project) as opened:
        number = opened.memo(text, coder, case=case, source=source, coding=coding, code=code)
    echo(f"memo {number} kept")


def memos(
    about: Annotated[
        str,
        typer.Option("--about", help="Only on this: project, source, case, coding or code."),
    ] = "",
    find: Annotated[str, typer.Option("--find", help="Only with all these words.")] = "",
    coder: Annotated[str, typer.Option("--coder", help="Only by this person.")] = "",
    case: Annotated[str, typer.Option("--case", help="Only on this case and its codings.")] = "",
    source: Annotated[
        str, typer.Option("--source", help="Only on this source, its cases and their codings.")
    ] = "",
    code: Annotated[
        str, typer.Option("--code", help="Only on this code and codings with it.")
    ] = "",
    form: FormatOption = "",
    output: OutputOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """List memos, the newest last, or search them.

    Example: qualkit memos --find housing --output memos.xlsx
    """
    with open_project(project) as opened:
        found = opened.memos(
            about=about, case=case, source=source, code=code, coder=coder, find=find
        )
        show(found, form, output)
