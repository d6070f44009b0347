"""Codebooks in a project: loaded, shown, checked, and made ready to code by."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import CodebookError, QualkitError, QualkitWarning
from qualkit.model import CodeKey, Column, Problem, ProposedCoding, Segment, Table
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks
from qualkit.store.connection import transaction

if TYPE_CHECKING:
    from qualkit.coding.engine import RuleCoder


class CodebookPart(ProjectBase):
    """From codebook files to codes in the store."""

    def load_codebook(self, path: str | Path) -> bool:
        """Load a codebook file, or its new version; False when nothing changed.

        Raises
        ------
        CodebookError
            With every fault of the file, or codes that belong to another one.

        Warns
        -----
        QualkitWarning
            The file has changed, its version has not.
        """
        from qualkit.codebook import load
        from qualkit.codebook.compile import compile_to_text
        from qualkit.codebook.examples import dump_sets, own_examples

        _require_file(Path(path))
        loaded = load.load_codebook_with_lines(Path(path))
        codebook = loaded.codebook
        sets = [own_examples(codebook)]
        if loaded.examples is not None and not load.is_shipped(Path(path)):
            # The shipped sets are read where they lie; a user's file may move away.
            sets.append(loaded.examples)
        compiled = compile_to_text(codebook)
        for book in codebooks.fetch_codebooks(self._connection):
            changed = book.content_hash != codebook.content_hash
            if changed and (book.name, book.version) == (codebook.name, codebook.version):
                warnings.warn(
                    f"the codebook '{book.name}' has changed and is still called version"
                    f" {book.version}: raise its version, so that tables can tell them apart",
                    QualkitWarning,
                    stacklevel=2,
                )
        with self._plainly():
            return codebooks.save_codebook(self._connection, codebook, compiled, dump_sets(sets))

    def load_shipped_codebooks(self) -> list[str]:
        """Load the codebooks that come with qualkit; return the names of those that changed."""
        from qualkit.codebook import load

        with self._plainly(), transaction(self._connection):
            return [p.stem for p in load.shipped_codebooks() if self.load_codebook(p)]

    def codebooks(self) -> Table:
        """Return the loaded codebooks, one a row."""
        keys = ("name", "title", "version", "n_codes", "loaded_at", "path")
        rows = [
            {
                **{key: getattr(book, key) for key in keys},
                "categories": book.categories,
                "applies_to": (*book.kinds, *book.roles),
            }
            for book in codebooks.fetch_codebooks(self._connection)
        ]
        columns = (
            Column("name", "codebook"),
            Column("title", "title"),
            Column("categories", "categories", "list"),
            Column("version", "version"),
            Column("n_codes", "codes", "count"),
            Column("applies_to", "applies to", "list"),
            Column("loaded_at", "loaded", detail=True),
            Column("path", "file", detail=True),
        )
        return Table("codebooks", "Codebooks", columns, tuple(rows))

    def codes(self, name: str) -> Table:
        """Return the codes of a codebook or category, or one code, with their definitions."""
        every = [c for c in codebooks.fetch_codes(self._connection) if not c.retired]
        found = [code for code in every if name in (code.codebook, code.category)]
        found = found or codebooks.find_codes(self._connection, name)
        keys = ("category", "code", "name", "about", "group", "definition", "include", "exclude")
        columns = tuple(
            Column(key, key, detail=key in ("group", "about") and len(found) > 1) for key in keys
        )
        rows = tuple({key: getattr(code, key) for key in keys} for code in found)
        return Table("codes", f"Codes: {name}", columns, rows, trace="qualkit quotes CODE")

    def _rule_coder(self) -> RuleCoder:
        """Return a coder by the rules of every loaded codebook."""
        from qualkit.codebook.compile import read_compiled
        from qualkit.coding.engine import RuleCoder

        return RuleCoder(
            [
                read_compiled(codebooks.fetch_compiled(self._connection, book.version_key))
                for book in codebooks.fetch_codebooks(self._connection)
            ]
        )

    def _rule_hits(
        self, cases: Iterable[Sequence[Segment]]
    ) -> dict[tuple[int, CodeKey], list[ProposedCoding]]:
        """Return what rules propose in cases, by segment and code."""
        coder = self._rule_coder()
        hits: dict[tuple[int, CodeKey], list[ProposedCoding]] = {}
        for case in cases:
            for coding in coder.code_case(case):
                key = coding.segment_id, (coding.category, coding.code_id)
                hits.setdefault(key, []).append(coding)
        return hits

    def check_codebook(self, path: str | Path) -> list[Problem]:
        """Return every fault and doubt of a codebook file; see `qualkit.project.check_file`."""
        return check_file(path)


def check_file(path: str | Path) -> list[Problem]:
    """Return every fault and doubt of a codebook file, by line; no project is needed.

    Faults that hinder loading come alone; otherwise doubts and the lint of the
    examples by the coding engine.
    """
    from qualkit.codebook import check, load
    from qualkit.coding.engine import RuleCoder

    _require_file(Path(path))
    shipped = load.is_shipped(Path(path))
    try:
        loaded = load.load_codebook_with_lines(Path(path))
        return check.check_codebook(
            loaded,
            shipped=shipped,
            find=lambda compiled, texts, role: RuleCoder([compiled]).find(texts, role),
        )
    except CodebookError as error:
        return [problem for problem in error.problems if isinstance(problem, Problem)]


def _require_file(path: Path) -> None:
    if not path.is_file():
        raise QualkitError(
            "there is no such codebook file",
            where=str(path),
            to_do="name a YAML file; the shipped ones can be copied: qualkit codebook list",
        )
