"""qualkit review."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qualkit.cli.options import DEFAULT_PROJECT, KindOption, ProjectOption, open_project
from qualkit.cli.output import echo
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    from qualkit.project import Project
    from qualkit.project.reviewing import Review
    from qualkit.review.session import Session

_NO_TERMINAL = "run it in a terminal; or one question at a time with --plain; or decide on a sheet"


def review(
    coders: Annotated[
        list[str] | None,
        typer.Argument(
            help="With --consensus: who is to agree; all who have done cases if left out.",
            show_default=False,
        ),
    ] = None,
    coder: Annotated[
        str, typer.Option("--coder", envvar="QUALKIT_CODER", help="Who you are.")
    ] = "",
    case: Annotated[
        list[str] | None, typer.Option("--case", help="Only this case; may be repeated.")
    ] = None,
    cases: Annotated[
        Path | None,
        typer.Option("--cases", help="Only the cases of a table with the column case_id."),
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", help="Only this code; may be repeated.")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only codes of this category.")
    ] = None,
    kind: KindOption = None,
    domain: Annotated[
        str, typer.Option("--domain", help="Only segments coded with this domain.")
    ] = "",
    by: Annotated[str, typer.Option("--by", help="Only codings that this coder decided.")] = "",
    score: Annotated[
        str, typer.Option("--score", metavar="LOW-HIGH", help="Only these scores: 0.4-0.7.")
    ] = "",
    order: Annotated[
        str, typer.Option("--order", help="case, doubtful, influential or random.")
    ] = "case",
    sample: Annotated[
        int | None, typer.Option("--sample", min=1, help="At most so many, drawn at random.")
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Another seed draws another sample or order.")
    ] = 0,
    blind: Annotated[
        bool, typer.Option("--blind", help="Whole cases, without anybody else's codings.")
    ] = False,
    consensus: Annotated[
        bool,
        typer.Option("--consensus", help="What coders of the same cases differ on, to settle it."),
    ] = False,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="One question at a time: for screen readers and pipes."),
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Go through the proposed codings, one key a decision: accept, reject, recode, add.

    Each decision is kept at once and can be taken back. Without a filter you go on
    where you left off. Press ? in it for all keys.

    Example: qualkit review --category barrier --order doubtful

    Example, after two have coded blind: qualkit review --consensus Ann Bob
    """
    if coders and not consensus:
        raise typer.BadParameter(
            "names of coders go with --consensus; who you are is --coder NAME",
            param_hint="CODERS",
        )
    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not (on_terminal or plain):
        raise QualkitError(
            "qualkit review needs a terminal",
            found="input or output that is a file or a pipe",
            to_do=_NO_TERMINAL + ": qualkit sheet",
        )
    with open_project(project) as opened:
        who = coder.strip() or _only_person(opened, ask=on_terminal)
        wanted = opened.review_filter(
            codes=code or (),
            categories=category or (),
            kinds=kind or (),
            score=_score(score),
            cases=(*(case or ()), *(opened.read_case_ids(cases) if cases else ())),
            domain=domain,
            coder=by,
            order=order,
            sample=sample,
            seed=seed,
            blind=blind,
            consensus=opened.consensus_coders(coders or ()) if consensus else (),
        )
        goes_on = wanted == opened.review_filter()
        session = opened.review(who, None if goes_on else wanted, resume=goes_on)
        at_end, n_decided = (_prompt if plain else _show)(opened, who, session)
    for line in _parting(at_end, n_decided, project):
        echo(line)


def _show(opened: Project, who: str, session: Review) -> tuple[Session, int]:
    from qualkit.review.app import ReviewApp

    app = ReviewApp(session, lambda wanted: opened.review(who, wanted))
    app.run()
    if app.fault is not None:
        raise app.fault
    return app.session, app.n_decided


def _prompt(opened: Project, who: str, session: Review) -> tuple[Session, int]:
    from qualkit.review.plain import Prompts

    before = session.n_decided
    Prompts(session, sys.stdin, sys.stdout).run()
    return session, session.n_decided - before


def _only_person(opened: Project, *, ask: bool) -> str:
    """Return the project's only person; else ask, once, on a terminal."""
    people = opened.people()
    if len(people) == 1:
        return people[0]
    if not ask:
        raise QualkitError(
            "it is not clear who decides",
            found=f"{len(people)} people in the project" if people else "nobody in it yet",
            to_do="say who you are: --coder NAME, or the environment variable QUALKIT_CODER",
        )
    if people:
        echo("In this project: " + ", ".join(people))
    return str(typer.prompt("Your name, kept with each decision", default=_login()))


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        # No name is known where there is no account, for instance in a container.
        return "me"


def _score(text: str) -> tuple[float, float]:
    if not text:
        return 0.0, 1.0
    low, dash, high = text.partition("-")
    try:
        found = float(low), float(high if dash else "1")
    except ValueError:
        found = -1.0, -1.0
    if not 0 <= found[0] <= found[1] <= 1:
        raise QualkitError(
            "the scores cannot be read",
            found=text,
            expected="two numbers from 0 to 1, the lower first",
            to_do="for instance: --score 0.4-0.7",
        )
    return found


def _parting(session: Session, n_decided: int, project: Path) -> Iterator[str]:
    """Yield how many are decided, how many are left, and how to go on."""
    left = len(session.items) - session.n_decided
    from qualkit.review.telling import noun

    what, agreeing = noun(session.wanted), session.wanted.consensus
    did = "settled" if agreeing else "decided"
    now = f"{n_decided:,} {did} now" if n_decided >= 0 else "some taken back"
    if left:
        where = "" if project == DEFAULT_PROJECT else f" -p {project}"
        again = f"qualkit review{where} --coder {_quoted(session.coder)}"
        if agreeing:
            again += " --consensus " + " ".join(map(_quoted, agreeing))
        rest = f"{left:,} {what} left; go on with: {again}"
    else:
        rest = f"all {len(session.items):,} {what} are {did}"
    yield f"{now}, {rest}"


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
