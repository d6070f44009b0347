"""Which families count: closed, with a review, assessed; and who goes out for what reason."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from qualkit.model import FlowStep
from qualkit.store.needrows import has_assessments
from qualkit.store.scope import marks

COHORT_SQL = "SELECT family_key FROM temp.cohort"
_CLOSED_KEYS = (
    *("closed", "is-closed", "case-closed", "closed-on", "closed-date", "date-closed"),
    *("date-case-closed", "closure-date", "date-of-closure", "case-closed-date", "close-date"),
    *("case-closure-date", "closing-date", "end-date", "status", "case-status", "family-status"),
)
_OPEN = re.compile(r"\b(open|opened|active|ongoing|current|live|not|no|n|false|reopened|0)\b")
_DATE = re.compile(r"\d{2,4}[-/]\d")
_MOST_NAMED = 4
SMALL_GROUP = 5
"""Values of fewer families are not named."""
_CLOSED = re.compile(r"\b(closed?|closure|ended|completed?|finished|yes|y|true|1)\b|\d{2,4}[-/]\d")


@dataclass(frozen=True, slots=True)
class CohortOptions:
    """Who counts; None leaves a condition to what the project can tell.

    Attributes
    ----------
    everybody : bool
        All families with readings; the conditions below are not asked.
    closed : bool, optional
        Whether a family must be closed; if left out, where an attribute says it.
    min_reviews : int
        Fewest reviews after the first assessment.
    assessed : bool, optional
        Whether an adult, a child and the family must have been assessed; if left out, where
        needs were imported.
    where : tuple of (str, tuple of str)
        Attributes of families, and the values allowed.
    readings : bool
        Whether a family must have readings.
    closed_by : str
        The attribute that says closed; guessed by its name if left out.
    closed_values : tuple of str
        Its values that do; by their words if left out.
    """

    everybody: bool = False
    closed: bool | None = None
    min_reviews: int = 1
    assessed: bool | None = None
    where: tuple[tuple[str, tuple[str, ...]], ...] = ()
    readings: bool = True
    closed_by: str = ""
    closed_values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cohort:
    """The families that count.

    Attributes
    ----------
    sql : str
        The query for their keys; good until the next cohort on this connection.
    n : int
        How many they are.
    families : int
        Families in the project, before anyone goes out.
    steps : tuple of FlowStep
        Who went out, in order.
    notes : tuple of str
        Conditions that the project cannot tell.
    """

    sql: str
    n: int
    families: int
    steps: tuple[FlowStep, ...]
    notes: tuple[str, ...] = ()


def closed_key(connection: sqlite3.Connection) -> str:
    """Return the family attribute that says whether a family is closed, or nothing."""
    for key in _CLOSED_KEYS:
        found = connection.execute(
            "SELECT 1 FROM family_attributes WHERE key = ? LIMIT 1", (key,)
        ).fetchone()
        if found:
            return key
    return ""


def says_closed(value: str) -> bool:
    """Whether an attribute's value says closed: the word, yes, or a date of closing."""
    text = value.casefold()
    return bool(_CLOSED.search(text)) and not _OPEN.search(text)


def cohort(connection: sqlite3.Connection, options: CohortOptions | None = None) -> Cohort:
    """Choose the families that count, and say why others do not.

    Fills a temporary table `cohort` with one column, `family_key`; the project is not changed.
    """
    options = options or CohortOptions()
    chooser = _Chooser(connection)
    families = chooser.count()
    for key, allowed in options.where:
        chooser.drop(
            f"{key} is not {' or '.join(allowed)}",
            "family_key NOT IN (SELECT family_key FROM family_attributes"
            f" WHERE key = ? AND value IN ({marks(allowed)}))",
            key,
            *allowed,
        )
    if options.readings:
        chooser.drop(
            "without a reading", "family_key NOT IN (SELECT family_key FROM star_families)"
        )
    if not options.everybody:
        if options.closed is not False:
            chooser.drop_open(options.closed_by, options.closed_values)
        if options.min_reviews:
            few = "a review" if options.min_reviews == 1 else f"{options.min_reviews} reviews"
            chooser.drop(
                f"without {few}",
                "family_key NOT IN (SELECT family_key FROM star_families WHERE reviews >= ?)",
                options.min_reviews,
            )
        if options.assessed is not False:
            chooser.drop_unassessed()
    return Cohort(COHORT_SQL, chooser.count(), families, tuple(chooser.steps), tuple(chooser.notes))


class _Chooser:
    """Takes families out of the temporary table, and keeps the account."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.steps: list[FlowStep] = []
        self.notes: list[str] = []
        connection.execute("DROP TABLE IF EXISTS temp.cohort")
        connection.execute("CREATE TEMP TABLE cohort (family_key INTEGER PRIMARY KEY)")
        connection.execute("INSERT INTO temp.cohort SELECT id FROM families ORDER BY id")

    def count(self) -> int:
        found = self.connection.execute("SELECT count(*) FROM temp.cohort").fetchone()
        return int(found[0])

    def drop(self, reason: str, condition: str, *values: object) -> None:
        gone = self.connection.execute(f"DELETE FROM temp.cohort WHERE {condition}", values)
        self.steps.append(FlowStep(reason, gone.rowcount))

    def drop_open(self, given: str, said: tuple[str, ...]) -> None:
        key = given or closed_key(self.connection)
        if not key:
            self.notes.append(
                "no attribute of families says whether they are closed (closed, closed-on,"
                " status …), so open and closed ones count; name one with --closed-by"
            )
            return
        values = self.connection.execute(
            "SELECT value, count(*) FROM family_attributes WHERE key = ? GROUP BY value"
            " ORDER BY 2 DESC, 1",
            (key,),
        ).fetchall()
        closed = [
            (value, n) for value, n in values if value in said or (not said and says_closed(value))
        ]
        self._note_closed(key, closed, guessed=not given)
        self.connection.execute("DROP TABLE IF EXISTS temp.closing")
        self.connection.execute("CREATE TEMP TABLE closing (value TEXT PRIMARY KEY) WITHOUT ROWID")
        self.connection.executemany(
            "INSERT INTO temp.closing VALUES (?)", [(value,) for value, _ in closed]
        )
        self.drop(
            f"not closed (by {key})",
            "family_key NOT IN (SELECT family_key FROM family_attributes"
            " WHERE key = ? AND value IN (SELECT value FROM temp.closing))",
            key,
        )

    def _note_closed(self, key: str, closed: Sequence[tuple[str, int]], *, guessed: bool) -> None:
        """Say by what families are taken as closed; values of few families are not named."""
        named = [value for value, n in closed if n >= SMALL_GROUP and not _DATE.search(value)]
        dates = sum(bool(_DATE.search(value)) for value, _ in closed)
        parts = [f"'{value}'" for value in named[:_MOST_NAMED]]
        parts += ["a date"] if dates else []
        parts += ["other values"] if len(closed) > len(named[:_MOST_NAMED]) + dates else []
        words = " or ".join(parts) or "none of its values"
        self.notes.append(
            f"closed: where {key} says {words}"
            + ("; guessed, another with --closed-by KEY=VALUE,VALUE" if guessed else "")
        )

    def drop_unassessed(self) -> None:
        if not has_assessments(self.connection):
            self.notes.append("no needs were imported, so families count without an assessment")
            return
        for about, who in (("adult", "an adult"), ("child", "a child"), ("family", "the family")):
            self.drop(
                f"without an assessment of {who}",
                "family_key NOT IN (SELECT family_key FROM assessments WHERE about = ?)",
                about,
            )
