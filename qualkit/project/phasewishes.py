"""What a person says of phases: on the command line, and in a table that was written for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Phase, Rejection
from qualkit.normalise import normalise_name

if TYPE_CHECKING:
    from qualkit.importers.tables import Table

_COLUMNS = ("case_id", "segment_n", "phase")
_WISH = re.compile(r"(?:(?P<case>.+):)?(?P<first>\d+)(?:-(?P<last>\d+))?=(?P<phase>[a-z]*)$")


def read_wish(text: str, by_case: dict[str, dict[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield segment and phase of what `--set` was given."""
    found = _WISH.match(text.strip().replace(" ", "") if ":" not in text else text.strip())
    if found is None:
        raise QualkitError(
            "a phase is set with SEGMENT=PHASE",
            found=text,
            to_do="for instance: --set 12=referral, --set 3-7=before",
        )
    phase = _phase(found["phase"], "--set")
    case_id = found["case"] or ""
    if not case_id and len(by_case) > 1:
        raise QualkitError(
            "this family has several cases, so the segment alone does not say which",
            found=text,
            to_do="--set CASE:SEGMENT=PHASE, with one of: " + ", ".join(by_case),
        )
    if case_id and case_id not in by_case:
        raise UnknownNameError("case of this family", case_id, by_case)
    own = by_case[case_id or next(iter(by_case))]
    first, last = int(found["first"]), int(found["last"] or found["first"])
    numbers = [n for n in own if first <= n <= last]
    if not numbers or (not found["last"] and first not in own):
        raise QualkitError("the case has no such segment", found=text)
    for n in numbers:
        yield own[n], phase


def _holds_phases(table: Table) -> int:
    """Say which sheet of a workbook is meant."""
    headers = {normalise_name(header) for header in table.headers}
    return int(headers.issuperset(normalise_name(name) for name in _COLUMNS))


def _phase(word: str, where: str) -> str:
    plain = word.strip().lower()
    if plain and plain not in list(Phase):
        raise UnknownNameError("phase", word, list(Phase), where=where)
    return plain


def read_rows(path: Path) -> Iterator[tuple[int, str, int, str]]:
    """Yield row, case, segment and phase of a table of phases; a spreadsheet may have saved it."""
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
        yield number, case_id, int(float(n)), _phase(phase, where)
