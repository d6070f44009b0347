"""qualkit review."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.options import DEFAULT_PROJECT, KindOption, ProjectOption, open_project
from qualkit.cli.output import echo
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    from qualkit.model import ReviewFilter
    from qualkit.project import Project
    from qualkit.project.reviewing import Review


def review(
    coder: Annotated[
        str, typer.Option("--coder", envvar="QUALKIT_CODER", help="Who decides.")
    ] = "",
    case: Annotated[str, typer.Option("--case", help="Only this case.")] = "",
    code: Annotated[
        list[str] | None, typer.Option("--code", help="Only this code; may be repeated.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only this category; may be repeated.")
    ] = None,
    kind: KindOption = None,
    domain: Annotated[
        str, typer.Option("--domain", help="Only segments coded with this domain.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Only what this coder has decided on.")] = "",
    score: Annotated[
        str, typer.Option("--score", help="LOW-HIGH, for instance 0.3-0.6: only scores between.")
    ] = "",
    order: Annotated[
        str, typer.Option("--order", help="case, doubtful, influential or random.")
    ] = "case",
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="So many, drawn by chance.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of chance; the same draws the same.")] = 0,
    blind: Annotated[
        bool, typer.Option("--blind", help="Show nobody's codings but your own.")
    ] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="One question at a time, for screen readers.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Go through the codings: accept, reject, recode, add; undo without limit.

    Without filters it goes on where you left off. Press ? in it for the keys.

    Example: qualkit review --coder Ann --order doubtful
    """
    from qualkit.model import ReviewFilter

    _refuse_no_terminal(plain=plain)
    with open_project(project) as opened:
        wanted = ReviewFilter(
            codes=opened.code_rows(code or (), category or ()),
            kinds=tuple(kind or ()),
            case_id=case,
            domain=domain,
            coder=by,
            score=_span(score),
            order=order,
            sample=sample,
            seed=seed,
            blind=blind,
        )
        who = coder or _who(opened)
        resume = wanted == ReviewFilter()
        session = opened.review(who, None if resume else wanted, resume=resume)
        before = session.n_decided
        session = _run(opened, session, plain=plain)
        left = len(session.items) - session.n_decided
        here = f" -p {project}" if project != DEFAULT_PROJECT else ""
        echo(
            f"{session.coder}: {max(0, session.n_decided - before):,} decided now, {left:,} left;"
            f" go on with qualkit review --coder {_quoted(session.coder)}{here}"
        )


def _run(opened: Project, session: Review, *, plain: bool) -> Review:
    """Run the app or the prompts; return the session at its end."""
    if plain:
        from qualkit.review.plain import run_plain

        run_plain(session, _ask, echo)
        return session
    from qualkit.review.app import ReviewApp

    def reopen(wanted: ReviewFilter) -> Review:
        return opened.review(session.coder, wanted)

    app = ReviewApp(session, reopen)
    app.run()
    return app.session  # type: ignore[return-value]


def _ask(question: str) -> str | None:
    try:
        return input(question)
    except EOFError:
        return None


def _refuse_no_terminal(*, plain: bool) -> None:
    if not plain and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise QualkitError(
            "the review app needs a terminal",
            to_do="run it in one, or ask and answer: --plain; for a colleague without the"
            " program: qualkit sheet OUT.xlsx",
        )


def _who(opened: Project) -> str:
    """Return who decides when she has not said: the only person there, or the login's name."""
    people = opened.people()
    if len(people) == 1:
        return people[0]
    if people or not sys.stdin.isatty():
        raise QualkitError(
            "it is not clear who decides",
            found=", ".join(people) if people else "no coder yet",
            to_do="say who you are: --coder NAME, or set QUALKIT_CODER",
        )
    try:
        login = getpass.getuser()
    except (KeyError, OSError):
        login = os.environ.get("USER", "")
    offered = f" [{login}]" if login else ""
    return (_ask(f"Your name, as it shall stand beside your decisions{offered}: ") or "") or login


def _span(score: str) -> tuple[float, float]:
    if not score:
        return 0.0, 1.0
    low, dash, high = score.partition("-")
    try:
        span = float(low or 0), float(high or 1)
    except ValueError:
        span = (1.0, 0.0)
    if not dash or not 0 <= span[0] <= span[1] <= 1:
        raise QualkitError(
            "a range of scores must be written LOW-HIGH",
            found=score,
            expected="numbers from 0 to 1, for instance 0.3-0.6",
        )
    return span


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
