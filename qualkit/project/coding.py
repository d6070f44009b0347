"""Codebooks and coding: load, check, run, and a person's decisions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from qualkit import __version__
from qualkit.errors import (
    UnknownNameError,
)
from qualkit.model import (
    CompiledCodebook,
    ProposedCoding,
    Segment,
    covers,
)
from qualkit.project.learning import LearningPart
from qualkit.store import codebooks, codings, models, overview
from qualkit.store.codebooks import StoredCodebook
from qualkit.store.connection import transaction

if TYPE_CHECKING:
    from qualkit.coding.learned import LearnedCoder
    from qualkit.project.workers import Batch

_BATCH = 500
_METHODS = ("rules", "model", "both")

Progress = Callable[[int, int], None]
"""Told (cases done, cases in all) now and then."""


@dataclass(frozen=True, slots=True)
class CodingResult:
    """What one run of the machine did with one codebook."""

    codebook: str
    version: str
    run: int
    cases: int
    segments: int
    codings: int
    dropped: int
    method: str = "rules"


@dataclass(frozen=True, slots=True)
class _Book:
    stored: StoredCodebook
    compiled: CompiledCodebook
    writer: codings.RunWriter


class CodingPart(LearningPart):
    """From codebook files to codings in the store."""

    def code(
        self,
        names: Sequence[str] = (),
        *,
        method: str = "",
        spacy_model: str | None = None,
        workers: int = 1,
        progress: Progress | None = None,
    ) -> list[CodingResult]:
        """Code every case by the machine; one transaction, replacing its earlier codings.

        Parameters
        ----------
        names : sequence of str
            Codebooks; all loaded ones, or the shipped ones where none is
            loaded, when left out.
        method : {"", "rules", "model", "both"}
            By rules, by what was learned, or by both weighed together. If left out,
            both where the project has learned (see `learn`), else rules. "model" and
            "both" learn first where nothing was learned yet.
        spacy_model : str, optional
            An installed spaCy pipeline for token patterns; the blank English
            tokenizer when left out.
        workers : int
            Processes to code in; 0 for as many as are worth it. In a script of your
            own more than one needs `if __name__ == "__main__":` around what runs.

        Raises
        ------
        UnknownNameError
            A codebook is not loaded.
        ModelMissingError
            There is no learned model, or no such spaCy pipeline.
        """
        if not codebooks.fetch_codebooks(self._connection):
            self.load_shipped_codebooks()
        if self._connection.in_transaction or not overview.readers_see_while_writing(
            self._connection
        ):
            # Other processes would see nothing, or wait for this one.
            workers = 1
        chosen = self._method(method)
        with self._plainly(), transaction(self._connection):
            learned, how = None, ""
            if chosen != "rules":
                learned, how = self._learned_coder(chosen, names)
            books = self._books(names, spacy_model or "", chosen, how)
            self._run(books, spacy_model, workers, progress, learned)
            for book in books:
                book.writer.finish()
        return [
            CodingResult(
                book.stored.name,
                book.stored.version,
                book.writer.run_key,
                book.writer.n_cases,
                book.writer.n_segments,
                book.writer.n_codings,
                book.writer.n_dropped,
                chosen,
            )
            for book in books
        ]

    def code_texts(
        self,
        cases: Sequence[Sequence[Segment]],
        *,
        method: str = "",
        progress: Progress | None = None,
    ) -> tuple[list[ProposedCoding], str]:
        """Code texts that are not in the project; nothing is stored.

        Parameters
        ----------
        cases : sequence of sequences of Segment
            The segments of each case in order.
        method : {"", "rules", "model", "both"}
            See `code`.

        Returns
        -------
        list of ProposedCoding
        str
            How it was done, for the foot of a table.
        """
        books = codebooks.fetch_codebooks(self._connection)
        coder = self._rule_coder()
        chosen = self._method(method)
        learned, how = None, ""
        if chosen != "rules":
            learned, how = self._learned_coder(chosen)
        proposals = []
        for start in range(0, len(cases), _BATCH):
            batch = cases[start : start + _BATCH]
            by_rules = [proposal for case in batch for proposal in coder.code_case(case)]
            proposals += by_rules if learned is None else learned.code_cases(batch, by_rules)
            if progress:
                progress(start + len(batch), len(cases))
        versions = ", ".join(f"{book.name} {book.version}" for book in books)
        by = {"rules": "rules", "model": "the learned model", "both": "rules and model"}[chosen]
        how = f" ({how})" if how else ""
        return proposals, f"the file's texts coded by {by}{how}; codebooks: {versions}"

    def _method(self, asked: str) -> str:
        """Return the method to code by; learns where that is needed for it."""
        if asked not in ("", *_METHODS):
            raise UnknownNameError("method", asked, _METHODS)
        there = models.fetch_model(self._connection) is not None
        if not asked:
            return "both" if there else "rules"
        if asked != "rules" and not there:
            self.learn()
        return asked

    def _books(self, names: Sequence[str], spacy_model: str, method: str, how: str) -> list[_Book]:
        from qualkit.codebook.compile import read_compiled

        loaded = {book.name: book for book in codebooks.fetch_codebooks(self._connection)}
        for name in names:
            if name not in loaded:
                raise UnknownNameError("codebook", name, loaded)
        chosen = [loaded[name] for name in dict.fromkeys(names)] or list(loaded.values())
        settings = "; ".join(
            filter(None, (f"spacy_model={spacy_model}" if spacy_model else "", how))
        )
        return [
            _Book(
                book,
                read_compiled(codebooks.fetch_compiled(self._connection, book.version_key)),
                codings.RunWriter(
                    self._connection,
                    codebook_key=book.key,
                    version_key=book.version_key,
                    method=method,
                    settings=settings,
                    qualkit_version=__version__,
                ),
            )
            for book in chosen
        ]

    def _run(
        self,
        books: Sequence[_Book],
        spacy_model: str | None,
        workers: int,
        progress: Progress | None,
        learned: LearnedCoder | None,
    ) -> None:
        from qualkit.project.workers import suitable_workers

        owner = {
            (code.category, code.code_id): number
            for number, book in enumerate(books)
            for code in book.compiled.codes
        }
        total, n_segments = overview.coding_work(self._connection)
        done = 0
        batches = _batches(codings.iterate_cases(self._connection))
        coded = self._coded(books, spacy_model, batches, workers or suitable_workers(n_segments))
        for batch, by_rules in coded:
            proposed = by_rules if learned is None else learned.code_cases(batch, by_rules)
            proposals: dict[int, list[ProposedCoding]] = defaultdict(list)
            for proposal in proposed:
                proposals[owner[proposal.category, proposal.code_id]].append(proposal)
            segments = [segment for case in batch for segment in case]
            for number, book in enumerate(books):
                kinds, roles = book.stored.kinds, book.stored.roles
                covered = [s for s in segments if covers(kinds, roles, s.kind, s.role)]
                book.writer.write(segments, covered, proposals[number])
            done += len(batch)
            if progress:
                progress(done, total)

    def _coded(
        self,
        books: Sequence[_Book],
        spacy_model: str | None,
        batches: Iterator[Batch],
        workers: int,
    ) -> Iterator[tuple[Batch, list[ProposedCoding]]]:
        """Yield each batch with its codings, coded here or by other processes."""
        if workers > 1:
            from qualkit.project.workers import code_in_processes

            versions = [book.stored.version_key for book in books]
            yield from code_in_processes(self.path, versions, spacy_model, batches, workers)
            return
        from qualkit.coding.engine import RuleCoder

        coder = RuleCoder([book.compiled for book in books], spacy_model=spacy_model)
        for batch in batches:
            yield batch, [proposal for case in batch for proposal in coder.code_case(case)]


def _batches(cases: Iterator[list[Segment]]) -> Iterator[Batch]:
    while batch := list(islice(cases, _BATCH)):
        yield batch
