"""`--publish` on commands that print tables or write files; qualkit clear."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from qualkit.cli.current import PUBLISHING, Wanted
from qualkit.cli.options import DEFAULT_PROJECT, ProjectOption, open_project
from qualkit.cli.output import echo, note
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    from qualkit.project.publishing import Flagged

Command = TypeVar("Command", bound=Callable[..., None])

_PUBLISH = Annotated[
    bool,
    typer.Option(
        "--publish",
        help="Fit to be published: small numbers, references and words not cleared are left out.",
    ),
]
_LIMIT = Annotated[
    int | None,
    typer.Option("--limit", help="With --publish: leave out numbers under this.  [default: 5]"),
]
_ROUND = Annotated[
    int | None,
    typer.Option("--round", help="With --publish: round counts to multiples of this."),
]


_OF_SOME = (
    "published with --where: whoever has the table of all can subtract this one from it, and has"
    " those left over. Publish one of the two, or a table with --by"
)


def publishable(command: Command) -> Command:
    """Give a command the options --publish, --limit and --round; `show` does as they say.

    A command that has a --limit of its own gets the first only: it prints words, no counts.
    """
    signature = inspect.signature(command, eval_str=True)
    own = dict(signature.parameters)
    extra: dict[str, tuple[Any, Any]] = {"publish": (_PUBLISH, False)}
    if "limit" not in own:
        extra |= {"hide_under": (_LIMIT, None), "round_to": (_ROUND, None)}

    @wraps(command)
    def run(**given: Any) -> None:
        publish = given.pop("publish", False)
        limit, base = given.pop("hide_under", None), given.pop("round_to", None)
        if not publish:
            for name, value in (("--limit", limit), ("--round", base)):
                if value is not None:
                    raise QualkitError(
                        f"{name} is for tables that are published",
                        found=f"{name} {value}",
                        to_do=f"--publish {name} {value}, or leave it out",
                    )
            command(**given)
            return
        if given.get("where"):
            note(_OF_SOME)
        token = PUBLISHING.set(Wanted(5 if limit is None else limit, base or 0))
        try:
            command(**given)
        finally:
            PUBLISHING.reset(token)

    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in extra.items()
    ]
    parameters = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own.values()] + added
    run.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run  # type: ignore[return-value]


_REFUSED = "Refused, with a way out."


def unpublishable(what: str, to_do: str) -> Callable[[Command], Command]:
    """Refuse --publish with a way out; it stands in no help, since there is nothing to choose."""

    def refusing(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)

        @wraps(command)
        def run(**given: Any) -> None:
            if given.pop("publish", False):
                raise QualkitError(f"{what} cannot be published", found="--publish", to_do=to_do)
            command(**given)

        hidden = Annotated[bool, typer.Option("--publish", hidden=True, help=_REFUSED)]
        own = [
            parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for parameter in signature.parameters.values()
        ]
        own.append(
            inspect.Parameter(
                "publish", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=hidden
            )
        )
        run.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in own}
        return run  # type: ignore[return-value]

    return refusing


def refuse_to_publish(what: str, to_do: str) -> None:
    """Refuse under --publish what is of words that nobody could clear.

    Raises
    ------
    QualkitError
        The command was given --publish.
    """
    if PUBLISHING.get() is not None:
        raise QualkitError(f"{what} cannot be published", found="--publish", to_do=to_do)


def clear(
    code: Annotated[
        str, typer.Argument(help="Quotations of this code, category.code or group; all if none.")
    ] = "",
    coder: Annotated[str, typer.Option("--coder", help="Who clears; your name.")] = "",
    listed: Annotated[
        bool, typer.Option("--list", help="Only list them, with what was found in each.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Those too that have been answered already.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many; 0: all.")] = 0,
    project: ProjectOption = DEFAULT_PROJECT,
) -> None:
    """Go through quotations and say which may be published, and in which words.

    What could tell of somebody is marked: names, references, places, dates. The marks are
    a help: what is not marked may still tell. y: as it stands; e: in words that you type;
    n: not; s: later; q: stop.

    Example: qualkit clear isolation --coder Jo --list
    """
    with open_project(project) as opened:
        found = opened.quotations_to_clear(code, again=again, limit=limit)
        if not found:
            echo("no quotation waits to be cleared")
            return
        if listed:
            for item in found:
                _show(item)
            echo(f"{len(found)} quotations")
            return
        who = opened.clearing_coder(coder)
        tally = {"y": 0, "e": 0, "n": 0}
        for number, item in enumerate(found, start=1):
            echo(f"\n{number} of {len(found)}")
            _show(item)
            answer = _ask()
            if answer == "q":
                break
            if answer in ("y", "n"):
                opened.clear_quotation(item, who, item.quote if answer == "y" else None)
            elif answer == "e":
                opened.clear_quotation(item, who, typer.prompt("in these words"))
            tally[answer] = tally.get(answer, 0) + 1
    echo(
        f"cleared as they stand: {tally['y']}; in other words: {tally['e']};"
        f" not to be published: {tally['n']}"
    )


def _show(item: Flagged) -> None:
    echo(f"  {item.code} (coding {item.coding_id})")
    echo(f"  “{item.shown or item.quote}”")
    if item.shown and item.shown != item.quote:
        echo(f"  (said: “{item.quote}”)")
    for flag in item.flags:
        echo(f"    {flag.what}: {item.quote[flag.start : flag.end]}")
    if not item.flags:
        echo("    nothing found; read it all the same")


def _ask() -> str:
    while True:
        answer = str(typer.prompt("publish? [y/e/n/s/q]", default="s", show_default=False))
        answer = answer.strip().lower()[:1]
        if answer in ("y", "e", "n", "s", "q"):
            return answer
