"""What a coding sheet shows: gathered from the project, and counted as it is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from qualkit.errors import QualkitError
from qualkit.importers.codingsheet import ALL_DONE, HEADERS, HIDDEN_SHEET, RowKey, SheetHead
from qualkit.importers.columns import squash
from qualkit.model import Role, Segment, covers
from qualkit.project.base import ProjectBase
from qualkit.project.sheetanswers import hash_text, hash_texts
from qualkit.report.codingsheet import SheetCode, SheetContent, SheetProposal, SheetText
from qualkit.store import codebooks, codings, sheets
from qualkit.store.codebooks import StoredCode


@dataclass(slots=True)
class SheetWritten:
    """How much a coding sheet holds; counts only."""

    coder: str
    cases: int = 0
    texts: int = 0
    proposals: int = 0
    codes: int = 0


class SheetMaking:
    """Gathers what a sheet shows, and counts it as it is written."""

    def __init__(
        self,
        project: ProjectBase,
        coder: str,
        chosen: Sequence[StoredCode],
        cases: Mapping[int, sheets.SheetCase],
        *,
        narrow: bool,
        undecided: bool,
        blind: bool,
    ) -> None:
        self._project = project
        self._connection = project.connection
        self._cases = cases
        self._narrow, self._undecided, self._blind = narrow, undecided, blind
        kinds = {case.kind for case in cases.values()}
        names = {code.codebook for code in chosen}
        self._books = [
            book
            for book in codebooks.fetch_codebooks(self._connection)
            # A codebook of other kinds has nothing to say of these texts.
            if book.name in names and (not book.kinds or kinds & set(book.kinds))
        ]
        applying = {book.key for book in self._books}
        chosen = [code for code in chosen if code.codebook_key in applying]
        keys = {code.key for code in chosen}
        every = [
            code
            for code in codebooks.fetch_codes(self._connection)
            if not code.retired and code.codebook_key in applying
        ]
        self._codes = {code.key: code for code in every}
        # Who decides may find that any other code of the codebook fits.
        self._offered = [code for code in every if not blind or code.key in keys]
        self._labels = _labels(self._offered)
        self._whole = {
            book.name: not narrow
            and all(code.key in keys for code in every if code.codebook_key == book.key)
            for book in self._books
        }
        person = codings.coder_key(self._connection, coder)
        self._proposals: dict[int, list[sheets.Proposal]] = (
            {} if blind else sheets.fetch_proposals(self._connection, keys, person)
        )
        self._sent: dict[str, tuple[int, str]] = {}
        self._coder = coder
        self.written = SheetWritten(coder, codes=len(self._offered))

    def content(self) -> SheetContent:
        """Return what is to be written; texts are gathered while it is."""
        return SheetContent(
            coder=self._coder,
            blind=self._blind,
            asks_done=any(self._whole.values()),
            headers=HEADERS,
            all_done=ALL_DONE,
            texts=self._texts(),
            codes=[
                SheetCode(
                    self._labels[code.key],
                    *(code.category, code.code, code.name),
                    *(code.definition, code.include, code.exclude),
                )
                for code in self._offered
            ],
            hidden_sheet=HIDDEN_SHEET,
            hidden=self._hidden(),
        )

    def _hidden(self) -> Iterator[list[str]]:
        yield from SheetHead(self._coder, self._blind, self._whole, self._sent).rows()

    def _texts(self) -> Iterator[SheetText]:
        for segments in codings.iterate_cases(self._connection):
            case = self._cases.get(segments[0].case_id)
            if case is not None:
                yield from self._texts_of(case, segments)
        # Here nothing is in place yet, so that a sheet with nothing to do is never seen.
        if not self.written.texts or not (self.written.proposals or self._blind):
            some = self._narrow or self._undecided
            raise QualkitError(
                "there is nothing to put into a coding sheet",
                where=str(self._project.path),
                found="no text" if self._blind else "no proposal of the program's",
                to_do=("ask for more" if some or self._blind else "qualkit code")
                + ("" if self._blind else ", or --blind for a sheet of texts alone"),
            )

    def _texts_of(self, case: sheets.SheetCase, segments: Sequence[Segment]) -> Iterator[SheetText]:
        proposed = {
            s.segment_id: [
                p
                for p in self._proposals.get(s.segment_id, ())
                if not (self._undecided and p.decided)
            ]
            for s in segments
        }
        if (self._narrow or self._undecided) and not any(proposed.values()):
            return
        first = True
        for number, segment in enumerate(segments):
            own = proposed[segment.segment_id]
            if not own and (self._narrow or not self._covered(segment)):
                continue
            before = segments[number - 1] if number else None
            question = segment.label
            if not question and before is not None and before.role == Role.INTERVIEWER:
                question = before.text
            text_hash = hash_text(segment.text)
            yield SheetText(
                RowKey(case.case_id, segment.n, text_hash).dump(),
                case.case_id,
                segment.n,
                segment.speaker or segment.role,
                question,
                segment.text,
                first,
                [self._proposal(case.case_id, segment, text_hash, p) for p in own],
            )
            self.written.cases += first
            self.written.texts += 1
            self.written.proposals += len(own)
            first = False
        if not first:
            proposals = sum(map(len, proposed.values()))
            self._sent[case.case_id] = proposals, hash_texts(s.text for s in segments)

    def _covered(self, segment: Segment) -> bool:
        return any(covers(b.kinds, b.roles, segment.kind, segment.role) for b in self._books)

    def _proposal(
        self, case_id: str, segment: Segment, text_hash: str, proposal: sheets.Proposal
    ) -> SheetProposal:
        code = self._codes[proposal.code_key]
        key = RowKey(
            case_id,
            segment.n,
            text_hash,
            proposal.coding,
            f"{code.category}.{code.code}",
            proposal.start,
            proposal.end,
            hash_text(segment.text[proposal.start : proposal.end]),
        )
        decide = {"accept": "yes", "reject": "no"}.get(proposal.verdict, "")
        return SheetProposal(
            key.dump(),
            self._labels[code.key],
            code.definition,
            proposal.start,
            proposal.end,
            decide,
        )


def _labels(codes: Sequence[StoredCode]) -> dict[int, str]:
    """Return what stands in the drop-down for each code: its name where that is clear."""
    labels = {code.key: f"{code.category}: {code.name}" for code in codes}
    alike = Counter(squash(label) for label in labels.values())
    return {
        code.key: f"{code.category}.{code.code}"
        # A semicolon stands between codes, and a cell of several lines is hard to choose.
        if alike[squash(labels[code.key])] > 1 or re.search(r"[;\n]", code.name)
        else labels[code.key]
        for code in codes
    }
