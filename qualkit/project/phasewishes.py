"""What a person says of phases: on the command line, and in a table that was written for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import JourneySegment, Phase, PhaseWish, Rejection
from qualkit.normalise import normalise_name
from qualkit.project.phasestretches import Sentences, bounds

if TYPE_CHECKING:
    from qualkit.importers.tables import Table

_COLUMNS = ("case_id", "segment_n", "phase")
_STRETCH = normalise_name("sentences")
_WISH = re.compile(
    r"(?:(?P<case>.+):)?\s*(?P<first>\d+)"
    r"(?:-(?P<last>\d+)|\.(?P<from>\d+)(?:-(?P<to>\d+))?)?\s*=\s*(?P<phase>[A-Za-z]*)$"
)
_NUMBER = r"(\d+)(?:\.0)?"
_SENTENCES = re.compile(rf"{_NUMBER}(?:\s*(?:to|-|\u2013)\s*{_NUMBER})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A row of a table of phases: its number there, what it is of, and the phase or ''."""

    number: int
    case_id: str
    segment_n: int
    sentences: Sentences | None
    phase: str


def read_wish(text: str, by_case: dict[str, dict[int, JourneySegment]]) -> Iterator[PhaseWish]:
    """Yield what `--set` was given, segment by segment."""
    found = _WISH.match(text.strip().replace(" ", "") if ":" not in text else text.strip())
    if found is None:
        raise QualkitError(
            "a phase is set with SEGMENT=PHASE",
            found=text,
            to_do="for instance: --set 12=referral, --set 3-7=before, or for sentences 1 to 4"
            " of segment 2: --set 2.1-4=before",
        )
    phase = _phase(found["phase"], "--set")
    case_id = found["case"] or ""
    if not case_id and len(by_case) > 1:
        raise QualkitError(
            "this family has several cases, so the segment alone does not say which",
            found=text,
            to_do="--set CASE:SEGMENT=PHASE, with one of: " + ", ".join(by_case),
        )
    if case_id.isdigit() and case_id not in by_case:
        raise QualkitError(
            "there is no case of this name here",
            found=case_id,
            to_do=f"for sentences of segment {case_id} write --set {case_id}.1-4=before",
        )
    if case_id and case_id not in by_case:
        raise UnknownNameError("case of this family", case_id, by_case)
    own = by_case[case_id or next(iter(by_case))]
    first, last = int(found["first"]), int(found["last"] or found["first"])
    sentences = None
    if found["from"]:
        sentences = (int(found["from"]), int(found["to"] or found["from"]))
    numbers = [n for n in own if first <= n <= last]
    if not numbers or (not found["last"] and first not in own):
        there = f"segments 1 to {max(own)}" if own else ""
        raise QualkitError("the case has no such segment", found=text, expected=there)
    for n in numbers:
        yield PhaseWish(own[n].segment_key, phase, *bounds(own[n], sentences, "--set"))


def _holds_phases(table: Table) -> int:
    """Say which sheet of a workbook is meant."""
    headers = {normalise_name(header) for header in table.headers}
    return int(headers.issuperset(normalise_name(name) for name in _COLUMNS))


def _phase(word: str, where: str) -> str:
    plain = word.strip().lower()
    if plain and plain not in list(Phase):
        raise UnknownNameError("phase", word, list(Phase), where=where)
    return plain


def read_rows(path: Path) -> Iterator[PhaseRow]:
    """Yield the rows of a table of phases; a spreadsheet may have saved it."""
    from qualkit.importers.tables import open_table

    table = open_table(path, header_row=1, suits=_holds_phases)
    at = {normalise_name(header): index for index, header in enumerate(table.headers)}
    wanted = [normalise_name(name) for name in _COLUMNS]
    missing = [name for name, key in zip(_COLUMNS, wanted, strict=True) if key not in at]
    if missing:
        raise QualkitError(
            "the file is no table of phases",
            where=str(path),
            found="no column " + ", ".join(missing),
            expected="columns " + ", ".join(_COLUMNS),
            to_do="write it with `qualkit journey UFRN --output FILE.csv`, then edit `phase`",
        )
    for row in table.rows():
        if isinstance(row, Rejection):
            raise QualkitError(row.reason, where=f"{path}, {row.place}", to_do="mend the row")
        number, cells = row
        case_id, n, phase = (cells[at[key]].strip() for key in wanted)
        where = f"{path}, row {number}"
        if not re.fullmatch(r"\d+(?:\.0)?", n):
            raise QualkitError("the segment must be a number", where=where, found=n)
        stretch = cells[at[_STRETCH]].strip() if _STRETCH in at else ""
        sentences = _SENTENCES.fullmatch(stretch)
        if stretch and sentences is None:
            raise QualkitError(
                "the sentences cannot be read",
                where=where,
                found=stretch,
                expected="nothing, a number, or for instance 3 to 5",
            )
        told = (int(sentences[1]), int(sentences[2] or sentences[1])) if sentences else None
        yield PhaseRow(number, case_id, int(float(n)), told, _phase(phase, where))
