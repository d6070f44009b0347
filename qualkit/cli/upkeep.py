"""qualkit forget."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.options import DEFAULT_PROJECT, ProjectOption, open_project
from qualkit.cli.output import echo
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    from qualkit.project.forgetting import ForgetResult


def forget(
    ufrn: Annotated[str, typer.Argument(metavar="UFRN", help="The family's reference.")],
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Remove a family for good: its cases, their codings and memos, and every copy of them.

    Rows set aside go too, and all copies in the backups folder. Learned models are
    dropped. It cannot be undone. Files that you imported or exported are not touched.

    Example: qualkit forget F2024
    """
    with open_project(project) as opened:
        if not yes:
            if not _has_terminal():
                # A name that is wrong is said first.
                opened.plan_forgetting(ufrn)
                raise QualkitError(
                    "forgetting cannot be undone, and there is no terminal to ask on;"
                    " nothing was removed",
                    to_do="run it in a terminal, or say --yes",
                )
            _show(opened.plan_forgetting(ufrn), done=False)
            if not _is_sure():
                echo("nothing was removed")
                raise typer.Exit(1)
        result = opened.forget(ufrn)
    _show(result, done=True)
    if result.not_cleaned:
        again = any(path.name == project.name for path in result.not_cleaned)
        raise QualkitError(
            "not everything could be cleaned; these files may still hold the family",
            where=", ".join(map(str, result.not_cleaned)),
            to_do="close other programs, free some space, then run the command again"
            if again
            else "look through them and delete them, or what they hold of the family, yourself",
        )


def _has_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _is_sure() -> bool:
    sys.stdout.write("Remove all this for good? Type yes: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip().lower() == "yes"


def _show(result: ForgetResult, *, done: bool) -> None:
    for line in _lines(result, done=done):
        echo(line)


def _lines(result: ForgetResult, *, done: bool) -> Iterator[str]:
    held = result.held
    if not result.ufrn:
        yield "an earlier forgetting that was stopped " + ("is finished" if done else "goes on")
        yield f"  {_count(result.backups, 'copy', 'copies')} in the backups folder"
        return
    yield f"family {result.ufrn}: " + ("removed" if done else "to be removed")
    yield (
        f"  {_count(held.cases, 'case')}, {_count(held.segments, 'segment')},"
        f" {_count(held.codings, 'coding')}, {_count(held.decisions, 'decision')},"
        f" {_count(held.memos, 'memo')}, {_count(held.attributes, 'attribute')},"
        f" {_count(held.readings, 'reading')}, {_count(held.needs, 'answer')} on needs"
        + (f", {_count(held.phases, 'phase')} set by hand" if held.phases else "")
    )
    yield (
        f"  {_count(result.rejected, 'row')} set aside,"
        f" {_count(result.backups, 'copy', 'copies')} of the project"
    )
    if held.models:
        yield "  the learned model, which was made of everybody's words; anew: qualkit learn"
    yield from _elsewhere(result)


def _elsewhere(result: ForgetResult) -> Iterator[str]:
    """Say where the family stands that is the user's own to clean."""
    held = result.held
    if held.paths or result.in_tables:
        yield "not touched; importing them again would bring the family back:"
        for path in held.paths:
            yield f"  {path}"
        if result.in_tables:
            yield "  the table of families that it stands in"
    if held.codebooks:
        yield "an example repeats its words; change and load anew: " + ", ".join(held.codebooks)
    if held.repeated_in:
        yield "the same text stands in other cases, which stay: " + ", ".join(held.repeated_in)
    if held.named_in:
        tables = ", ".join(f"{table} ({count:,})" for table, count in held.named_in.items())
        yield f"the reference is still named in rows of others, which stay: {tables}"
    yield "files that you exported, and sheets, are not looked for"


def _count(number: int, noun: str, several: str = "") -> str:
    return f"{number:,} {noun if number == 1 else several or noun + 's'}"
