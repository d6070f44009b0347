"""Options that say which families count by their Family Star readings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from qualkit.project.stars import CohortChoice

EverybodyOption = Annotated[
    bool, typer.Option("--all", help="All families with readings; no condition is asked.")
]
ClosedOption = Annotated[
    bool | None,
    typer.Option(
        "--closed/--no-closed",
        help="Only closed families; if left out, where an attribute of families says it.",
    ),
]
ClosedByOption = Annotated[
    str,
    typer.Option(
        "--closed-by",
        help="KEY or KEY=VALUE,VALUE: the attribute, and values, that say closed; guessed.",
    ),
]
ReviewsOption = Annotated[
    int, typer.Option("--min-reviews", min=0, help="Fewest reviews after the first assessment.")
]
AssessedOption = Annotated[
    bool | None,
    typer.Option(
        "--assessed/--no-assessed",
        help="Only families with an adult, a child and a family assessment; if left out, where"
        " needs were imported.",
    ),
]


def cohort_choice(
    everybody: bool,
    closed: bool | None,
    min_reviews: int,
    assessed: bool | None,
    where: list[str] | None,
    closed_by: str = "",
) -> CohortChoice:
    """Return who counts as the project takes it."""
    return {
        "everybody": everybody,
        "closed": closed,
        "closed_by": closed_by,
        "min_reviews": min_reviews,
        "assessed": assessed,
        "where": where or [],
    }
