"""What each code could do when it was learned, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from qualkit.model import Basis, CodeKey, Column, Table

_SHOWN = 2


class Trial(Protocol):
    """What a code could do on cases held out; see `qualkit.coding.combining.CodeTrial`."""

    @property
    def code(self) -> CodeKey:
        """Its category and id."""

    @property
    def coded(self) -> int:
        """How many segments of whole cases carry it."""

    @property
    def threshold(self) -> float | None:
        """Least probability at which it is proposed; None where it never is."""


def trial_row(trial: Trial) -> dict[str, Any]:
    """Return a trial as a row of the table, without the code's name."""
    category, code = trial.code
    keys = ("examples", "coded", "found", "right", "precision", "precision_low", "recall", "f1")
    return {
        "category": category,
        "code": code,
        **{key: getattr(trial, key) for key in keys},
        "threshold": trial.threshold,
    }


def trials_table(
    trials: Sequence[Trial],
    names: Mapping[CodeKey, str],
    *,
    min_precision: float,
    encoder: str,
    model: int,
) -> Table:
    """Return one row a code: what it could do, and whether it will be proposed.

    Parameters
    ----------
    trials : sequence of Trial
    names : mapping of CodeKey to str
    min_precision : float
        What a code's precision had to be shown to be above.
    encoder : str
        The sentence encoder, or empty.
    model : int
        The model's number in the project.
    """
    rows = []
    for trial in trials:
        proposed = "no" if trial.threshold is None else "yes" if trial.coded else "untried"
        rows.append({**trial_row(trial), "name": names[trial.code], "proposed": proposed})
    notes = [_proposed_note(rows, min_precision)]
    untried = sum(row["proposed"] == "untried" for row in rows)
    if untried:
        notes.append(
            f"Untried, since no coded case has them: {untried} codes, proposed from definition and"
            " examples alone; check these first"
        )
    notes.append("Sentence vectors: " + (encoder or "none (pip install 'qualkit[semantic]')"))
    notes.append(f"Kept as model {model}; `qualkit code` uses it from now on")
    rule = (
        "each code tried on segments of cases that it had not learned from, together with the"
        " rules; texts of one author, and one's own cases, were held out whole; lower bound:"
        " Wilson's 95% interval"
    )
    columns = (
        Column("category", "category", spare=2),
        Column("code", "code", "id", detail=True),
        Column("name", "name"),
        Column("examples", "examples", "count", spare=4),
        Column("coded", "coded", "count", spare=1),
        Column("found", "found", "count", spare=3),
        Column("right", "right", "count", detail=True),
        Column("precision", "precision", "score"),
        Column("precision_low", "lower bound", "score", spare=_SHOWN),
        Column("recall", "recall", "score"),
        Column("f1", "F1", "score"),
        Column("threshold", "threshold", "score", spare=5),
        Column("proposed", "proposed"),
    )
    basis = Basis(rule=rule, unit="segments")
    return Table("learned", "What was learned", columns, tuple(rows), basis, tuple(notes))


def _proposed_note(rows: Sequence[Mapping[str, Any]], least: float) -> str:
    by_category: dict[str, list[int]] = {}
    for row in rows:
        counts = by_category.setdefault(str(row["category"]), [0, 0])
        counts[0] += row["proposed"] != "no"
        counts[1] += 1
    parts = ", ".join(f"{c} {done} of {of}" for c, (done, of) in by_category.items())
    apart = {"domain", "reason", "agency"}
    pooled = [counts for category, counts in by_category.items() if category not in apart]
    done, of = sum(c[0] for c in pooled), sum(c[1] for c in pooled)
    bound = f"precision above {least:g} with 95% confidence" if least else "no least precision"
    return (
        f"The model proposes {done} of {of} codes ({parts}; {bound}); the others are left to rules"
    )
