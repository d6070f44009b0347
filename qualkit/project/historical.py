"""Who did what when, taking back and doing again, and memos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from qualkit.analysis.records import describe_turn, history_table, memos_table
from qualkit.errors import ChoiceNeededError, QualkitError, UnknownNameError
from qualkit.model import Table
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks, codings, deciding, memos
from qualkit.store import history as record


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What an undo or redo did; names and offsets, no words of texts.

    Attributes
    ----------
    coder : str
        Whose step it was; empty for what was done in nobody's name.
    step : int or None
        The step that was taken back or done again; None where none is left.
    changes : tuple of str
        What was done, a line each, in words.
    passed : int
        Her later steps that stay as they are, since their texts have changed or gone.
    """

    coder: str
    step: int | None
    changes: tuple[str, ...]
    passed: int

    def __bool__(self) -> bool:
        """Whether anything was done."""
        return self.step is not None


class HistoryPart(ProjectBase):
    """The record of what was done, and researchers' notes."""

    def history(
        self, *, case: str = "", code: str = "", coder: str = "", last: int | None = None
    ) -> Table:
        """Return who did what when, oldest first.

        Parameters
        ----------
        case, code, coder : str
            Only what was done to a case, with a code, or by a coder.
        last : int, optional
            Only the last so many lines.

        Returns
        -------
        Table
            Columns step, at (UTC), coder, action, case_id, segment_n, category, code,
            start, end (offsets of then), verdict, agreed (0 or 1), about, undoes, redoes
            (steps; 0 for none). An action of several lines is one step. No words of texts.

        Raises
        ------
        UnknownNameError
            A case, code or coder that there is not.
        """
        if last is not None and last < 1:
            raise QualkitError("the number of lines must be at least 1", found=str(last))
        wanted: dict[str, Any] = {
            "case_key": self._row_of("case", case),
            "code_keys": self._rows_of_code(code),
            "coder": self._coder(coder),
        }
        entries = record.iterate_history(self._connection, **wanted, last=last)
        rows = [_row(entry) for entry in entries]
        notes = []
        if last is not None:
            n_lines = record.count_history(self._connection, **wanted)
            if n_lines > len(rows):
                notes.append(f"the last {len(rows):,} of {n_lines:,} lines")
        return history_table(rows, notes)

    def undo(self, coder: str = "") -> UndoResult:
        """Take back a person's last step, again and again as far as there are any.

        Parameters
        ----------
        coder : str
            Whose; the project's only person's if left out. What was done in nobody's name
        (groups that were kept) is anybody's to take back.

        Raises
        ------
        ChoiceNeededError
            Several people have worked here and none is named.
        UnknownNameError
            There is no such coder.
        """
        return self._turn_round(coder, redo=False)

    def redo(self, coder: str = "") -> UndoResult:
        """Do again what a person took back last, unless she did something new since."""
        return self._turn_round(coder, redo=True)

    def _turn_round(self, coder: str, *, redo: bool) -> UndoResult:
        unnamed = record.was_done_unnamed(self._connection)
        name = "" if unnamed and not coder and not self._people() else self._person(coder)
        with self._plainly():
            turned = deciding.turn_round(self._connection, name, redo=redo, of_all=unnamed)
            done = list(record.iterate_history(self._connection, step=turned.by))
            changes = tuple(describe_turn(_row(entry)) for entry in done)
        return UndoResult(done[0].coder if done else name, turned.about, changes, turned.passed)

    def _person(self, name: str) -> str:
        """Return a person's name; the project's only person's if none is given."""
        people = self._people()
        wanted = " ".join(name.split())
        if wanted:
            if wanted not in people:
                raise UnknownNameError("person", wanted, people)
            return wanted
        if len(people) == 1:
            return people[0]
        if not people:
            raise QualkitError(
                "nobody has coded or decided anything by hand in this project yet",
                where=str(self.path),
                to_do="say who you are: --coder NAME",
            )
        raise ChoiceNeededError(
            "several people have worked in this project",
            found=", ".join(people),
            to_do="say who: --coder NAME",
        )

    def _people(self) -> list[str]:
        machines = codings.fetch_machines(self._connection)
        return [own for own in codings.fetch_coders(self._connection) if own not in machines]

    # --- memos -----------------------------------------------------------------------

    def memo(
        self,
        text: str,
        coder: str = "",
        *,
        case: str = "",
        source: str = "",
        coding: int | None = None,
        code: str = "",
    ) -> int:
        """Keep a memo on one thing, or on the project if none is named; return its number.

        Parameters
        ----------
        text : str
            Anything but blank.
        coder : str
            Who writes it; the project's only person if left out.
        case, source, code : str
            By name.
        coding : int
            By its number. The memo stays when the coding goes.

        Raises
        ------
        QualkitError
            The text is blank, or more than one thing is named.
        UnknownNameError
            There is no such thing.
        """
        if not text.strip():
            raise QualkitError("a memo needs words", to_do='qualkit memo "what you noticed"')
        named: list[tuple[str, Callable[[], int | None]]] = []
        if case:
            named.append(("case", lambda: self._row_of("case", case)))
        if source:
            named.append(("source", lambda: self._row_of("source", source)))
        if coding is not None:
            named.append(("coding", lambda: coding))
        if code:
            named.append(("code", lambda: self._row_of_code(code)))
        if len(named) > 1:
            raise QualkitError(
                "a memo is about one thing",
                found=", ".join(about for about, _ in named),
                to_do="write one on each",
            )
        name = " ".join(coder.split()) or self._person("")
        about, find = named[0] if named else ("project", lambda: None)
        try:
            with self._plainly():
                return deciding.write_memo(self._connection, about, find(), text.strip(), name)
        except deciding.StaleError as error:
            raise QualkitError(
                f"there is no such {about}",
                found=str(coding or ""),
                to_do="the numbers stand in `qualkit export codings` as coding_id",
            ) from error

    def memos(
        self,
        *,
        about: str = "",
        case: str = "",
        source: str = "",
        code: str = "",
        coder: str = "",
        find: str = "",
    ) -> Table:
        """Return the memos that were not taken back, oldest first.

        Parameters
        ----------
        about : {"", "project", "source", "case", "coding", "code"}
            Only memos on this sort of thing.
        case, source, code : str
            Only on this case or its codings, this source or its cases, this code or
            codings with it.
        coder : str
            Only by this person.
        find : str
            Only with all these words, in upper or lower case, also within words.

        Returns
        -------
        Table
            Columns memo, at (UTC), coder, about, source, case_id, segment_n, category,
            code, coding_id (as it stands now; None where it is gone), start, end, text.
        """
        if about and about not in memos.ABOUT:
            raise UnknownNameError("sort of memo", about, memos.ABOUT)
        found = memos.iterate_memos(
            self._connection,
            about=about,
            case_key=self._row_of("case", case),
            source_key=self._row_of("source", source),
            code_keys=self._rows_of_code(code),
            coder=self._coder(" ".join(coder.split())),
            words=find.split(),
        )
        rows = [asdict(memo) for memo in found]
        return memos_table([{**row, "coding_id": row.pop("coding")} for row in rows])

    # --- names -----------------------------------------------------------------------

    def _row_of(self, word: str, name: str) -> int | None:
        """Return the row of a case or source; None if none is named."""
        if not name:
            return None
        known = memos.fetch_keys(self._connection, word)
        if name not in known:
            raise UnknownNameError(word, name, known)
        return known[name]

    def _rows_of_code(self, code: str) -> list[int]:
        return [own.key for own in codebooks.find_codes(self._connection, code)] if code else []

    def _row_of_code(self, code: str) -> int:
        found = codebooks.find_codes(self._connection, code)
        if len(found) > 1:
            raise ChoiceNeededError(
                f"several categories have a code '{code}'",
                to_do="say which: " + " or ".join(f"{own.category}.{own.code}" for own in found),
            )
        return found[0].key


def _row(entry: record.Entry) -> dict[str, Any]:
    row = asdict(entry)
    return {**row, "agreed": row.pop("consensus")}
