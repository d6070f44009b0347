"""How good coding is: a coder's codings beside a reference's, from a file or in the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.analysis.scores import REPLICATES
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import (
    CodedCase,
    ComparedCase,
    Mark,
    MarkDetail,
    ProposedCoding,
    Rejection,
    Segment,
    covers,
)
from qualkit.project.coding import CodingPart, Progress
from qualkit.store import codebooks, comparing
from qualkit.store.codebooks import StoredCodebook

if TYPE_CHECKING:
    from qualkit.analysis.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class _Frame:
    """The codes that could be given, and where."""

    books: Sequence[StoredCodebook]
    names: Mapping[tuple[str, str], str]
    of_code: Mapping[str, Sequence[str]]

    def open_to(self, kind: str, role: str) -> frozenset[str]:
        """Return the categories that may be coded in a segment of a kind and role."""
        return frozenset(
            category
            for book in self.books
            if covers(book.kinds, book.roles, kind, role)
            for category in book.categories
        )

    def resolve(self, mark: tuple[int, str, str, str], there: frozenset[str]) -> Mark | None:
        """Return the mark with its category; None where no loaded codebook has the code."""
        n, category, code, _ = mark
        if category:
            return (n, category, code) if (category, code) in self.names else None
        known = [own for own in self.of_code.get(code, ()) if own in there]
        return (n, known[0], code) if len(known) == 1 else None


class EvaluationPart(CodingPart):
    """Compares codings; writes nothing."""

    def evaluate(
        self,
        path: str | Path | None = None,
        *,
        coder: str = "qualkit",
        reference: str = "",
        method: str = "",
        used_codes: bool = False,
        progress: Progress | None = None,
        replicates: int = REPLICATES,
        seed: int = 0,
    ) -> Evaluation:
        """Compare a coder's codings with a reference's, by segment and by case.

        Parameters
        ----------
        path : path, optional
            A file of coded cases (see `read_coded_cases`), taken as the reference.
            Its texts are coded here and now by the machine, unless `coder` names
            a person: then those cases of the project are compared.
        coder : str
            Whose codings to judge; the machine's by default.
        reference : str
            Without a file: the coder taken as the truth. Compared are the cases
            that both have been through.
        method : {"", "rules", "model", "both"}
            How the machine codes the texts of a file; see `code`.
        used_codes : bool
            Leave out codes that the reference never uses.
        replicates, seed : int
            Of the bootstrap over cases.

        Raises
        ------
        QualkitError
            There is nothing to compare.
        """
        frame = self._frame()
        if path is not None and reference:
            raise QualkitError(
                "a file and a reference coder cannot both be the truth",
                to_do="leave out the file, or --reference; --coder says whose codings to judge",
            )
        if path is not None:
            cases, notes = self._beside_file(Path(path), frame, coder, method, progress)
            named = Path(path).name
        else:
            cases, notes = self._beside_coder(frame, reference, coder)
            named = reference
        names = dict(frame.names)
        there = {category for case in cases for own in case.segments.values() for category in own}
        names = {key: name for key, name in names.items() if key[0] in there}
        if used_codes:
            used = {mark[1:] for case in cases for mark in case.truth}
            left = len(names) - len(used)
            names = {key: name for key, name in names.items() if key in used}
            notes.append(f"codes that the reference never uses, left out: {left}")
        from qualkit.analysis.evaluation import Evaluation

        return Evaluation(
            cases,
            names,
            reference=named,
            coder=coder,
            notes=notes,
            replicates=replicates,
            seed=seed,
        )

    def code_keys(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """Return (category, code) of each code that a name may stand for.

        Raises
        ------
        UnknownNameError
            The project has no such code.
        """
        return [
            (code.category, code.code)
            for name in names
            for code in codebooks.find_codes(self._connection, name)
        ]

    def _frame(self) -> _Frame:
        if not codebooks.fetch_codebooks(self._connection):
            self.load_shipped_codebooks()
        of_code: dict[str, list[str]] = {}
        names = {}
        for code in codebooks.fetch_codes(self._connection):
            if not code.retired:
                names[code.category, code.code] = code.name
                of_code.setdefault(code.code, []).append(code.category)
        return _Frame(codebooks.fetch_codebooks(self._connection), names, of_code)

    # --- a file of coded cases -----------------------------------------------------

    def _beside_file(
        self, path: Path, frame: _Frame, coder: str, method: str, progress: Progress | None
    ) -> tuple[list[ComparedCase], list[str]]:
        coded, notes = _read_all(path)
        marked, unknown, misplaced = _marked(coded, frame)
        if unknown:
            notes.append(f"codes that no loaded codebook has, left out: {', '.join(unknown)}")
        if misplaced:
            notes.append(f"codings where their code may not be given, left out: {misplaced}")
        wanted = {(case.kind, category) for case in marked for _, category, _ in case.truth}
        if not wanted:
            raise QualkitError(
                "no code of the file is in a loaded codebook, so there is nothing to compare",
                where=str(path),
                found=", ".join(unknown[:8]) or "no codes",
                to_do="load the codebook first: qualkit codebook load FILE",
            )
        # A category that the file never uses for a kind was not on its coder's list.
        limited = [
            replace(
                case,
                segments={
                    n: frozenset(c for c in own if (case.kind, c) in wanted)
                    for n, own in case.segments.items()
                },
            )
            for case in marked
        ]
        if coder == "qualkit":
            found, how = self._machine_marks(coded, method, progress)
            notes.append(how)
        else:
            found = comparing.fetch_marks(self._connection, coder)
            through = comparing.fetch_through(self._connection, coder)
            limited = [
                replace(
                    case,
                    segments={n: own & through[case.case_id] for n, own in case.segments.items()},
                )
                for case in limited
                if case.case_id in through
            ]
            limited = [replace(case, truth=_within(case, case.truth)) for case in limited]
            if not limited:
                raise QualkitError(
                    "the coder has coded none of the file's cases in this project",
                    where=str(self.path),
                    found=coder,
                )
        return [_with_found(case, found.get(case.case_id, {})) for case in limited], notes

    def _machine_marks(
        self, coded: Sequence[CodedCase], method: str, progress: Progress | None
    ) -> tuple[dict[str, dict[Mark, MarkDetail]], str]:
        """Code the texts of the cases; return the marks by case id, and how it was done."""
        cases, places = [], {}
        key = 0
        for number, item in enumerate(coded):
            segments = []
            for own in item.case.segments:
                key += 1
                places[key] = (item.case.case_id, own.n, own.text)
                segments.append(
                    Segment(
                        key,
                        number,
                        own.n,
                        item.case.kind,
                        own.role,
                        own.text,
                        own.speaker,
                        own.label,
                    )
                )
            cases.append(segments)
        proposals, how = self.code_texts(cases, method=method, progress=progress)
        found: dict[str, dict[Mark, MarkDetail]] = {case.case.case_id: {} for case in coded}
        for proposal in proposals:
            case_id, n, text = places[proposal.segment_id]
            _keep_surest(found[case_id], n, proposal, text)
        return found, how

    # --- two coders of the project -----------------------------------------------------

    def _beside_coder(
        self, frame: _Frame, reference: str, coder: str
    ) -> tuple[list[ComparedCase], list[str]]:
        if not reference:
            raise QualkitError(
                "there is nothing to compare with",
                expected="a file of coded cases, or a coder of the project",
                to_do="qualkit evaluate FILE.jsonl, or qualkit evaluate --reference NAME",
            )
        known = comparing.fetch_coder_names(self._connection)
        for name in (reference, coder):
            if name not in known:
                raise UnknownNameError("coder", name, known)
        truth = comparing.fetch_marks(self._connection, reference)
        found = comparing.fetch_marks(self._connection, coder)
        cases = []
        for case in comparing.iterate_compared(self._connection, reference, coder):
            segments = {
                n: frame.open_to(case.kind, role) & case.categories for n, role in case.segments
            }
            compared = ComparedCase(case.kind, case.case_id, segments, {}, {})
            own = truth.get(case.case_id, {})
            compared = replace(compared, truth=_within(compared, own))
            cases.append(_with_found(compared, found.get(case.case_id, {})))
        if not cases:
            raise QualkitError(
                "no case has been coded by both",
                where=str(self.path),
                found=f"{reference} and {coder}",
                to_do="code the texts first: qualkit code; a person's cases count once they are"
                " coded or marked done",
            )
        return cases, [f"cases that both have been through: {len(cases)}"]


def _read_all(path: Path) -> tuple[list[CodedCase], list[str]]:
    from qualkit.importers.codedcases import read_coded_cases

    coded: list[CodedCase] = []
    rejected: list[str] = []
    for item in read_coded_cases(path):
        if isinstance(item, Rejection):
            rejected.append(f"{item.place}: {item.reason}")
        else:
            coded.append(item)
    if not coded:
        raise QualkitError(
            "the file holds no coded case",
            where=str(path),
            found="; ".join(rejected[:3]),
            expected='lines of {"id", "kind", "segments": [{"n", "text", "codes"}]}',
        )
    return coded, [f"left out, {line}" for line in rejected]


def _marked(coded: Sequence[CodedCase], frame: _Frame) -> tuple[list[ComparedCase], list[str], int]:
    """Return the cases with the file's marks resolved, codes unknown, and how many misplaced."""
    cases = []
    unknown: set[str] = set()
    misplaced = 0
    for item in coded:
        roles = {segment.n: segment.role for segment in item.case.segments}
        segments = {n: frame.open_to(item.case.kind, role) for n, role in roles.items()}
        truth: dict[Mark, MarkDetail] = {}
        for mark in item.marks:
            there = segments.get(mark[0], frozenset())
            resolved = frame.resolve(mark, there)
            if resolved is None and not mark[1] and mark[2] in frame.of_code:
                misplaced += 1
            elif resolved is None:
                unknown.add(f"{mark[1]}.{mark[2]}" if mark[1] else mark[2])
            elif resolved[1] in there:
                truth[resolved] = MarkDetail(quote=mark[3])
            else:
                misplaced += 1
        cases.append(ComparedCase(item.case.kind, item.case.case_id, segments, truth, {}))
    return cases, sorted(unknown), misplaced


def _keep_surest(
    marks: dict[Mark, MarkDetail], n: int, proposal: ProposedCoding, text: str
) -> None:
    mark = (n, proposal.category, proposal.code_id)
    known = marks.get(mark)
    if known is None or (known.score or 0) < proposal.score:
        quote = text[proposal.start : proposal.end]
        marks[mark] = MarkDetail(quote, proposal.rule, proposal.score)


def _within(case: ComparedCase, marks: Mapping[Mark, MarkDetail]) -> dict[Mark, MarkDetail]:
    """Return the marks whose category was open in their segment."""
    return {m: detail for m, detail in marks.items() if m[1] in case.segments.get(m[0], ())}


def _with_found(case: ComparedCase, marks: Mapping[Mark, MarkDetail]) -> ComparedCase:
    return replace(case, found=_within(case, marks))
