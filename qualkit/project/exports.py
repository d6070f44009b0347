"""Exports: codings, segments and counts as rows for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Unpack

from qualkit.errors import UnknownNameError
from qualkit.model import Counting
from qualkit.project.base import CountingOptions, ProjectBase
from qualkit.report.files import export_rows
from qualkit.store import clearing, codebooks, reading

CODING_COLUMNS = (
    "coding_id",
    "case_id",
    "segment_n",
    "segment_label",
    "speaker",
    "role",
    "category",
    "code",
    "start",
    "end",
    "quote",
    "coder",
    "run",
    "status",
    "decided_by",
    "score",
)
PUBLISHED_COLUMNS = ("number", "kind", "category", "code", "quote")
SEGMENT_COLUMNS = (
    "case_id",
    "ufrn",
    "kind",
    "segment_n",
    "segment_label",
    "speaker",
    "role",
    "start_s",
    "end_s",
    "text",
)


class ExportPart(ProjectBase):
    """Writes whole files or none; the ending chooses the format."""

    def export_codings(self, path: str | Path, *, include_rejected: bool = False) -> int:
        """Write every coding, one a row; return how many. Rejected ones only when asked.

        With `for_publishing` only quotations that a person has cleared, as she cleared them,
        and nothing that tells where they stand.
        """
        if self.for_publishing:
            return export_rows(Path(path), PUBLISHED_COLUMNS, self._cleared_rows())
        rows = reading.iterate_codings(self._connection, include_rejected=include_rejected)
        return export_rows(
            Path(path),
            CODING_COLUMNS,
            ({column: getattr(row, column) for column in CODING_COLUMNS} for row in rows),
        )

    def _cleared_rows(self) -> Iterator[dict[str, Any]]:
        """Yield cleared quotations by code and words, numbered so.

        The order and ids of codings follow the cases: they would tell which quotations are
        of one family.
        """
        answers = clearing.fetch_cleared(self._connection)
        cleared = list[tuple[str, str, str, str]]()
        for row in reading.iterate_codings(self._connection):
            answer = answers.get((row.case_id, row.segment_n, row.start, row.end))
            if answer is not None and answer.shown is not None:
                cleared.append((str(row.kind), row.category, row.code, answer.shown))
        for number, values in enumerate(sorted(cleared), start=1):
            yield dict(zip(PUBLISHED_COLUMNS, (number, *values), strict=True))

    def export_segments(self, path: str | Path) -> int:
        """Write every segment with its text, one a row; return how many."""
        return export_rows(
            Path(path),
            SEGMENT_COLUMNS,
            (
                {
                    "case_id": row.case_id,
                    "ufrn": row.ufrn,
                    "kind": row.kind,
                    "segment_n": row.n,
                    "segment_label": row.label,
                    "speaker": row.speaker,
                    "role": row.role,
                    "start_s": row.start_s,
                    "end_s": row.end_s,
                    "text": row.text,
                }
                for row in reading.iterate_segments(self._connection)
            ),
        )

    def export_counts(
        self,
        path: str | Path,
        *,
        by: str = "family",
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> int:
        """Write one row a family or case: counts of cases by `category.code`; return how many.

        A cell is blank, not 0, where the family or case has no text in scope.
        """
        if by not in ("family", "case"):
            raise UnknownNameError("way to export counts", by, ["family", "case"])
        _, scope = self._counting(counting, options)
        # A codebook of other kinds has nothing to say of these cases, not even 0.
        fitting = {
            book.name
            for book in codebooks.fetch_codebooks(self._connection)
            if not book.kinds or set(book.kinds) & set(scope.kinds)
        }
        codes = [
            code
            for code in codebooks.fetch_codes(self._connection)
            if not code.retired and code.codebook in fitting
        ]
        columns = [f"{code.category}.{code.code}" for code in codes]
        first = ["ufrn", "cases"] if by == "family" else ["case_id", "ufrn", "cases"]
        cells = groupby(reading.count_cells(self._connection, scope, by), key=lambda c: c[0])

        def rows() -> Iterator[dict[str, Any]]:
            # Both streams are in the order of the unit's name, so neither is held in memory.
            ahead = next(cells, None)
            for unit, cases, ufrn in reading.count_rows(self._connection, scope, by):
                found: dict[str, int] = {}
                if ahead and ahead[0] == unit:
                    found = {column: count for _, column, count in ahead[1]}
                    ahead = next(cells, None)
                row: dict[str, Any] = {column: found.get(column, 0) for column in columns}
                if not cases:
                    row = dict.fromkeys(columns)
                own = {"ufrn": unit} if by == "family" else {"case_id": unit, "ufrn": ufrn}
                yield {**own, "cases": cases, **row}

        return export_rows(Path(path), [*first, *columns], rows())
