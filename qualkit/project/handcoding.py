"""What people code and decide: at the terminal or in a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import ParsedCoding, Rejection, Table
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks, deciding, handcoding


class HandCodingPart(ProjectBase):
    """A person's say: decisions, codings of one's own, cases done."""

    def decide(self, coding_id: int, verdict: str, coder: str, *, consensus: bool = False) -> str:
        """Accept or reject a machine coding; return its new status.

        Parameters
        ----------
        verdict : {"accept", "reject"}
        coder : str
            Who decides.
        consensus : bool
            Whether this is what the coders agreed on; it outranks their own.
        """
        if verdict not in ("accept", "reject"):
            raise UnknownNameError("verdict", verdict, ["accept", "reject"])
        try:
            with self._plainly():
                return deciding.decide(
                    self._connection, coding_id, verdict, coder, consensus=consensus
                )
        except deciding.StaleError as error:
            raise QualkitError(
                "there is no such machine coding",
                found=str(coding_id),
                to_do="the numbers stand in `qualkit export codings` as coding_id",
            ) from error

    def add_coding(
        self, case_id: str, segment_n: int, code: str, start: int, end: int, coder: str
    ) -> int:
        """Add a person's coding of a stretch (code points, end-exclusive); return its id."""
        found = codebooks.find_codes(self._connection, code)
        if len({item.category for item in found}) > 1:
            raise UnknownNameError("code", code, [f"{c.category}.{c.code}" for c in found])
        stored = handcoding.find_text(self._connection, case_id, segment_n)
        length = len(stored.text) if stored else 0
        if stored is None or not 0 <= start < end <= length:
            raise QualkitError(
                "there is no such stretch of text",
                where=f"case {case_id}, segment {segment_n}",
                found=f"{start} to {end}",
                expected=f"within 0 to {length}" if stored else "a case and segment of the project",
            )
        with self._plainly():
            return deciding.add_coding(
                self._connection,
                segment_key=stored.segment_key,
                code_key=found[0].key,
                start=start,
                end=end,
                coder=coder,
            )

    def mark_done(self, case_id: str, coder: str, codebook: str = "") -> None:
        """Record that `coder` has been through a case, with one codebook or all."""
        row = self._connection.execute(
            "SELECT id FROM cases WHERE case_id = ?", (case_id,)
        ).fetchone()
        if row is None:
            names = [name for (name,) in self._connection.execute("SELECT case_id FROM cases")]
            raise UnknownNameError("case", case_id, names)
        books = {book.name: book.key for book in codebooks.fetch_codebooks(self._connection)}
        if codebook and codebook not in books:
            raise UnknownNameError("codebook", codebook, books)
        keys = [key for name, key in books.items() if codebook in ("", name)]
        with self._plainly():
            deciding.mark_done(
                self._connection, codebook_keys=keys, case_keys=[row[0]], coder=coder
            )

    def compare_codings(
        self, paths: Iterable[str | Path], *, coder: str = "qualkit", title: str = ""
    ) -> Table:
        """Return how near a coder comes to codings in files, taken as the truth, by case.

        Parameters
        ----------
        paths : iterable of path
            Tables as for `import_codings`; the categories and cases that they name
            are compared. Codes are written `category.code`.
        coder : str
            Whose codings to compare; the machine's by default.

        Raises
        ------
        QualkitError
            A row names a case that the project has not, or no category.
        """
        from qualkit.analysis.accuracy import accuracy_table
        from qualkit.importers.codings import read_codings

        kinds = handcoding.fetch_kinds(self._connection)
        truth: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for path in map(Path, paths):
            for item in read_codings(path):
                known = isinstance(item, ParsedCoding) and item.case_id in kinds
                if isinstance(item, Rejection) or not known or "." not in item.code:
                    raise QualkitError(
                        "a row cannot be compared",
                        where=f"{path}, {item.place}",
                        expected="a case of the project, and its code as category.code",
                    )
                category, _, code = item.code.partition(".")
                truth.setdefault((kinds[item.case_id], category), set()).add((item.case_id, code))
        found: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for kind, category, case_id, code in handcoding.fetch_pairs(self._connection, coder):
            found.setdefault((kind, category), set()).add((case_id, code))
        return accuracy_table(truth, found, title=title or f"Codings of {coder} beside the files")
