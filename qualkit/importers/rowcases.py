"""From a row of a table to a case: its id, segments and attributes."""

from __future__ import annotations

from collections.abc import Mapping

from qualkit.importers.layout import Layout
from qualkit.importers.rawrows import Cells, clean_text, collapse
from qualkit.importers.tables import Table
from qualkit.model import Kind, ParsedCase, ParsedSegment, Rejection, Relevance


class RowReader:
    """Makes cases of rows, and remembers the ids given, so that none is given twice.

    Parameters
    ----------
    table, layout
        The table and what its columns hold.
    kind : Kind
        Of the cases.
    stem : str
        What a case id begins with where there is no id column.
    """

    def __init__(self, table: Table, layout: Layout, kind: Kind, stem: str) -> None:
        at = {header: index for index, header in enumerate(table.headers)}
        self._table = table
        self._kind = kind
        self._stem = stem
        self._id = None if layout.id is None else at[layout.id]
        self._family = None if layout.family is None else at[layout.family]
        self._text = [(n, header, at[header]) for n, header in enumerate(layout.text, start=1)]
        self._attributes = [(key, at[header]) for header, key in layout.attributes.items()]
        self._seen: dict[str, int] = {}
        self._without_text = 0

    def case_id(self, number: int, cells: Cells) -> str | Rejection:
        """Return a row's case id, or why the row cannot be taken."""
        if self._id is None:
            return f"{self._stem}-{number}"
        case_id = collapse(cells[self._id])
        reason = ""
        if not case_id:
            reason = "the row has no case id"
        elif case_id in self._seen:
            first = self._table.place(self._seen[case_id])
            reason = f"the case id already stands in {first}"
        if reason:
            return self._table.rejection(number, cells, reason)
        self._seen[case_id] = number
        return case_id

    def ufrn(self, cells: Cells) -> str:
        """Return the family reference as written, or nothing."""
        return "" if self._family is None else cells[self._family].strip()

    def case(
        self,
        case_id: str,
        number: int,
        cells: Cells,
        *,
        role: str,
        ratings: Mapping[str, float] | None = None,
        relevance: Mapping[str, Relevance] | None = None,
    ) -> ParsedCase:
        """Return the row's case; blank text cells leave a gap in the segments' numbers."""
        segments = tuple(
            ParsedSegment(
                n=n, text=text, label=header, role=role, place=self._table.place(number, header)
            )
            for n, header, index in self._text
            if (text := clean_text(cells[index]))
        )
        if not segments:
            self._without_text += 1
        return ParsedCase(
            case_id=case_id,
            kind=self._kind,
            segments=segments,
            ufrn=self.ufrn(cells),
            attributes={
                key: value for key, index in self._attributes if (value := collapse(cells[index]))
            },
            ratings=ratings or {},
            relevance=relevance or {},
            place=self._table.place(number),
        )

    def notes(self) -> list[str]:
        """Return what the user should know when all rows are read."""
        return [f"cases without text: {self._without_text}"] if self._without_text else []
