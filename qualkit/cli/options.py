"""Options that many commands share, and opening the project that they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.current import PUBLISHING

if TYPE_CHECKING:
    from qualkit.project import Project
    from qualkit.project.base import CountingOptions

ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project", "-p", envvar="QUALKIT_PROJECT", help="The project file.", show_default=True
    ),
]
FormatOption = Annotated[
    str,
    typer.Option("--format", "-f", help="table, csv, json or markdown.", show_default="table"),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write to this file; its ending may give the format."),
]
KindOption = Annotated[
    list[str] | None,
    typer.Option("--kind", help="msc, interview, survey, document or all; may be repeated."),
]
DomainOption = Annotated[str, typer.Option("--domain", help="Only this domain.")]
WhereOption = Annotated[
    list[str] | None,
    typer.Option("--where", help="KEY=VALUE, for instance cluster=A; may be repeated."),
]
CoderOption = Annotated[
    str, typer.Option("--coder", help="Only codings that this coder made or accepted.")
]
CountByOption = Annotated[
    str, typer.Option("--count-by", help="Count a theme once per case, family or segment.")
]
ReviewedOption = Annotated[
    bool, typer.Option("--reviewed-only", help="Only cases that a person marked done.")
]
MethodOption = Annotated[
    str,
    typer.Option(
        "--method",
        help="rules, model or both; if left out, both where the project has learned, else rules.",
    ),
]
TopOption = Annotated[int, typer.Option("--top", min=1, help="How many themes are in the top.")]

DEFAULT_PROJECT = Path("qualkit.db")


def open_project(path: Path, *, create: bool = False) -> Project:
    """Open the project that a command names."""
    from qualkit.project import Project

    opened = Project(path, create=create)
    opened.for_publishing = PUBLISHING.get() is not None
    return opened


@contextmanager
def filling_project(path: Path) -> Iterator[Project]:
    """Open the project to import into, made if there is none; a failed first import leaves none."""
    with open_project(path, create=True) as opened:
        yield opened


@contextmanager
def evaluating_project(path: Path, gold: Path | None) -> Iterator[Project]:
    """Open the project, or where there is none, for a file of coded cases, an empty one for once.

    That one has the shipped codebooks and is gone afterwards.
    """
    if gold is None or path.exists():
        with open_project(path) as opened:
            yield opened
        return
    import tempfile

    with (
        tempfile.TemporaryDirectory() as folder,
        open_project(Path(folder) / "qualkit.db", create=True) as opened,
    ):
        opened.load_shipped_codebooks()
        yield opened


def counting(
    kind: list[str] | None,
    domain: str,
    where: list[str] | None,
    coder: str,
    count_by: str,
    reviewed_only: bool,
    top: int,
) -> CountingOptions:
    """Return the counting options as the project takes them."""
    return {
        "kind": kind or [],
        "domain": domain,
        "where": where or [],
        "coder": coder,
        "count_by": count_by,
        "reviewed_only": reviewed_only,
        "top": top,
    }
