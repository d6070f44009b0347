"""Codings that people made elsewhere: long and wide tables into the store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.errors import QualkitError
from qualkit.importers.columns import squash
from qualkit.importers.rawrows import collapse
from qualkit.model import (
    Code,
    Codebook,
    CodingsResult,
    ParsedCodedRow,
    ParsedCoding,
    Rejection,
)
from qualkit.normalise import slug
from qualkit.project.base import ProjectBase
from qualkit.project.rejects import RejectsFile
from qualkit.store import codebooks, codings, deciding, handcoding, history
from qualkit.store.connection import transaction

if TYPE_CHECKING:
    from qualkit.importers.codings import WideCodings, WideOptions


@dataclass(frozen=True, slots=True)
class _Placed:
    """Where a row's codings stand, and its case."""

    case_key: int
    case_id: str
    codings: tuple[deciding.Stretch, ...]


class CodingsInPart(ProjectBase):
    """Past work as input: it counts as a coder's, and the machine can learn from it."""

    def import_codings(
        self,
        path: str | Path,
        coder: str,
        *,
        wide: WideOptions | None = None,
        new_codebook: str = "",
        done: bool = True,
    ) -> CodingsResult:
        """Import codings that a person made elsewhere; in one transaction.

        Parameters
        ----------
        path : path
            Long: a table with the columns case_id, segment_n, code and, if wanted,
            start and end (code points, end-exclusive) or quote; see `read_codings`.
            Wide: one case or segment a row, one code a column; see `WideOptions`.
        coder : str
            Who made them. What that coder has already is not added again.
        wide : WideOptions, optional
            Read the table as a wide one; codings then cover the whole segment.
        new_codebook : str
            Name of a codebook to make of a wide table's headers that no codebook
            knows; its category has the same name.
        done : bool
            Mark the table's cases as done by this coder, with each codebook that a long
            table takes codes from, or all of whose codes are columns of a wide one:
            what the table does not name counts as absent there.

        Returns
        -------
        CodingsResult
            Counts; rows that cannot be placed go to the rejects file.
        """
        path = Path(path)
        coder = collapse(coder)
        self._refuse_machine(coder)
        if new_codebook and wide is None:
            raise QualkitError(
                "only a wide table can become a codebook",
                where=str(path),
                to_do="add --wide --id COLUMN, or load the codebook first",
            )
        result = CodingsResult(path.name, coder)
        # The rejects file appears only once all is committed.
        with (
            RejectsFile(self.path, result.source) as rejects,
            self._plainly(),
            transaction(self._connection),
        ):
            if wide is None:
                spoiled: set[str] = set()
                rows = self._long(path, rejects, spoiled)
                self._save(rows, result, coder, None, spoiled, done=done)
            else:
                table, codes_of = self._open_wide(path, wide, new_codebook, result)
                rows = self._wide(table, codes_of, rejects)
                self._save(rows, result, coder, set(codes_of.values()), set(), done=done)
            rejects.outdated = True
        result.rejected = rejects.count
        if rejects.count:
            result.rejects_file = str(rejects.path)
        return result

    def _refuse_machine(self, coder: str) -> None:
        if not coder or coder in codings.fetch_machines(self._connection):
            raise QualkitError(
                "codings that are imported are a person's, and need a person's name",
                found=f"the coder '{coder}'",
                to_do="name who made them: --coder NAME",
            )

    def _save(
        self,
        placed: Iterator[_Placed],
        result: CodingsResult,
        coder: str,
        named: set[int] | None,
        spoiled: set[str],
        *,
        done: bool,
    ) -> None:
        """Store the codings, and mark their cases done with the codebooks that were looked at.

        These are the ones all of whose codes a wide table has (`named`), or those that a
        long table takes codes from.
        """
        cases: dict[int, str] = {}
        used: set[int] = set()

        def placed_codings() -> Iterator[deciding.Stretch]:
            for item in placed:
                cases[item.case_key] = item.case_id
                used.update(coding.code_key for coding in item.codings)
                yield from item.codings

        result.new, result.there = deciding.add_codings(self._connection, placed_codings(), coder)
        result.cases = len(cases)
        if not done:
            return
        books: dict[int, set[int]] = {}
        for code in codebooks.fetch_codes(self._connection):
            if not code.retired:
                books.setdefault(code.codebook_key, set()).add(code.key)
        # Of a case with a row set aside, not all is known.
        whole = sorted(key for key, name in cases.items() if name not in spoiled)
        looked_at = [
            book
            for book, codes in books.items()
            if (codes & used if named is None else codes <= named)
        ]
        # One import is one step, so that one undo takes it back.
        who = codings.coder_key(self._connection, coder)
        deciding.mark_done(
            self._connection,
            codebook_keys=looked_at,
            case_keys=whole,
            coder=coder,
            step=history.fetch_last_step(self._connection, who) if who and result.new else None,
        )
        result.done = len(looked_at) * len(whole)

    # --- long ------------------------------------------------------------------------

    def _long(self, path: Path, rejects: RejectsFile, spoiled: set[str]) -> Iterator[_Placed]:
        from qualkit.importers.codings import read_codings

        codes = self._codes_by_name()
        for item in read_codings(path):
            if isinstance(item, Rejection):
                rejects.add(item)
                spoiled.add(collapse(item.fields.get("case_id", "")))
                continue
            found = self._place(item, codes)
            if isinstance(found, str):
                rejects.add(Rejection(item.place, found, item.fields))
                spoiled.add(item.case_id)
            else:
                yield _Placed(found.case_key, item.case_id, (found,))

    def _place(self, item: ParsedCoding, codes: Mapping[str, list[int]]) -> deciding.Stretch | str:
        """Return where a row's coding stands, or why it stands nowhere."""
        keys = codes.get(item.code, [])
        if len(keys) != 1:
            return (
                "several categories have a code of this name: write category.code"
                if keys
                else "no loaded codebook has this code"
            )
        stored = handcoding.find_text(self._connection, item.case_id, item.segment_n)
        if stored is None:
            return "the project has no such case or segment with text"
        span = find_span(stored.text, item.start, item.end, item.quote)
        if isinstance(span, str):
            return span
        return deciding.Stretch(stored.case_key, stored.segment_key, keys[0], *span)

    def _codes_by_name(self) -> dict[str, list[int]]:
        codes: dict[str, list[int]] = {}
        for code in codebooks.fetch_codes(self._connection):
            if not code.retired:
                for name in (code.code, f"{code.category}.{code.code}"):
                    codes.setdefault(name, []).append(code.key)
        return codes

    # --- wide ------------------------------------------------------------------------

    def _open_wide(
        self, path: Path, options: WideOptions, new_codebook: str, result: CodingsResult
    ) -> tuple[WideCodings, dict[int, int]]:
        """Return the table and the code of each of its columns, made if need be."""
        known: dict[str, set[int]] = {}
        for code in codebooks.fetch_codes(self._connection):
            if not code.retired:
                for name in (code.code, code.name, f"{code.category}.{code.code}"):
                    known.setdefault(squash(name), set()).add(code.key)
        from qualkit.importers.codings import WideCodings

        table = WideCodings(path, options, frozenset(known))
        result.notes += table.notes
        headers = table.columns
        doubtful = [h for h in headers.values() if len(known.get(squash(h), ())) > 1]
        if doubtful:
            raise QualkitError(
                "several categories have a code that a column names",
                where=str(path),
                found=", ".join(f"'{header}'" for header in doubtful),
                to_do="write the header as category.code",
            )
        new = [header for header in headers.values() if squash(header) not in known]
        if new and not new_codebook:
            raise QualkitError(
                "no loaded codebook has codes that the table names",
                where=str(path),
                found=", ".join(f"'{header}'" for header in new[:8]),
                to_do="load their codebook, or make one of them: --new-codebook NAME",
            )
        if new:
            result.codebook = self._make_codebook(new_codebook, new, path)
            for code in codebooks.fetch_codes(self._connection):
                if code.codebook == result.codebook:
                    known[squash(code.name)] = {code.key}
        return table, {i: min(known[squash(header)]) for i, header in headers.items()}

    def _make_codebook(self, name: str, headers: list[str], path: Path) -> str:
        """Save a codebook whose codes are a table's headers; it has no patterns."""
        from qualkit.codebook.compile import compile_codebook, dump_compiled

        own = slug(name)
        ids = [slug(header) or f"code-{i}" for i, header in enumerate(headers, start=1)]
        twice = sorted({code for code in ids if ids.count(code) > 1})
        if not own or twice:
            raise QualkitError(
                "the headers cannot become a codebook",
                where=str(path),
                found=f"the name '{name}'" if not own else "twice: " + ", ".join(twice),
                expected="a name of letters, and headers that differ in letters and digits",
            )
        there = {book.name for book in codebooks.fetch_codebooks(self._connection)}
        if own in there:
            raise QualkitError(
                "there is a codebook of this name already, and it lacks codes of the table",
                where=str(path),
                found=", ".join(f"'{header}'" for header in headers[:8]),
                to_do="choose another name, or name the columns that are codes: --code COLUMN",
            )
        content = json.dumps([own, headers], ensure_ascii=False)
        codebook = Codebook(
            name=own,
            version="1",
            content_hash=hashlib.sha256(content.encode()).hexdigest(),
            codes=tuple(
                Code(code, own, header.strip()) for code, header in zip(ids, headers, strict=True)
            ),
            title=name,
            origin=f"headers of {path.name}",
        )
        compiled = dump_compiled(compile_codebook(codebook))
        codebooks.save_codebook(self._connection, codebook, compiled)
        return own

    def _wide(
        self, table: WideCodings, codes_of: Mapping[int, int], rejects: RejectsFile
    ) -> Iterator[_Placed]:
        for item in table.rows():
            if isinstance(item, Rejection):
                rejects.add(item)
                continue
            found = self._text_of(item)
            if isinstance(found, str):
                rejects.add(Rejection(item.place, found, item.fields))
                continue
            marked = (
                deciding.Stretch(
                    found.case_key, found.segment_key, codes_of[column], 0, len(found.text)
                )
                for column in item.marked
            )
            yield _Placed(found.case_key, item.case_id, tuple(marked))

    def _text_of(self, item: ParsedCodedRow) -> handcoding.StoredText | str:
        if item.segment_n is not None:
            stored = handcoding.find_text(self._connection, item.case_id, item.segment_n)
            return stored or "the project has no such case or segment with text"
        texts = handcoding.find_texts(self._connection, item.case_id)
        if not texts:
            return "the project has no such case with text"
        if len(texts) > 1:
            return (
                f"the case has {len(texts)} segments, and the table does not say which is meant:"
                " --segment COLUMN or NUMBER"
            )
        return texts[0]


def find_span(text: str, start: int | None, end: int | None, quote: str) -> tuple[int, int] | str:
    """Return the stretch of a text that a row means, or why there is none.

    Start and end hold where the words there are the quotation's, or none is
    given; otherwise the quotation's only place holds. Without any of them the
    whole text is meant.
    """
    if start is not None and end is not None:
        if 0 <= start < end <= len(text) and quote in ("", text[start:end].strip()):
            return start, end
        if not quote:
            return "start and end are not within the text"
    if not quote:
        return 0, len(text)
    at = text.find(quote)
    if at < 0:
        return "the words of quote do not stand in the text"
    if text.find(quote, at + 1) >= 0:
        return "the words of quote stand in the text more than once: give start and end"
    return at, at + len(quote)
