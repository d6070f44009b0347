"""Double coding: how far coders agree, where they differ, and what to code twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from qualkit.analysis.scores import LEVELS, REPLICATES
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import CodeKey, Kind, Mark, Table, covers
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks, codings, comparing, doublecoding, overview
from qualkit.store.codebooks import StoredCodebook
from qualkit.store.doublecoding import Pair

if TYPE_CHECKING:
    from qualkit.analysis.doublecoding import CodedCase, DoubleCoding, SharedCode

Names: TypeAlias = str | Sequence[str]
"""One name or several."""

_NO_STRATUM = "none"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is compared: codes of books, kinds (empty for all), and the unit."""

    books: Mapping[int, StoredCodebook]
    codes: Mapping[CodeKey, SharedCode]
    kinds: frozenset[str]
    level: str


class AgreementPart(ProjectBase):
    """Compares coders who have done the same cases; writes nothing."""

    def agreement(
        self,
        coders: Names = (),
        *,
        reference: str = "",
        level: str = "segment",
        categories: Names = (),
        kind: Names = (),
        by_code: bool = False,
        replicates: int = REPLICATES,
        seed: int = 0,
    ) -> Table:
        """Return how far coders agree: each category and all codes together, or each code.

        Parameters
        ----------
        coders : str or sequence of str
            People, or `qualkit` for the machine; everybody who has done cases if left out.
        reference : str
            Compare each of the others with this coder alone, pair by pair.
        level : {"segment", "case"}
            The unit in which a code is there or not.
        categories, kind : str or sequence of str
            Only these; all if left out. Kinds are never mixed.
        by_code : bool
            A row for each code, lowest kappa first.
        replicates, seed : int
            Of the bootstrap over cases.

        Returns
        -------
        Table
            See `agreement_table`.

        Raises
        ------
        QualkitError
            No two coders have done the same case.
        UnknownNameError
            A coder, category, kind or level is not there.
        """
        from qualkit.analysis.doublecodingtables import agreement_table

        asked = self._asked(categories, kind, level)
        parts, notes, runs = self._parts(coders, reference, asked, replicates, seed)
        return agreement_table(
            parts,
            by_code=by_code,
            notes=notes,
            runs=runs,
            trace=_trace(coders, reference, asked),
        )

    def disagreements(
        self,
        coders: Names = (),
        *,
        reference: str = "",
        level: str = "segment",
        categories: Names = (),
        codes: Names = (),
        kind: Names = (),
    ) -> Table:
        """Return each place where coders differ on a code, with the words of who has it.

        Parameters
        ----------
        codes : str or sequence of str
            Only these codes; the others are as for `agreement`.

        Returns
        -------
        Table
            See `disagreement_table`.
        """
        from qualkit.analysis.doublecodingtables import disagreement_table

        asked = self._asked(categories, kind, level)
        keys = [
            (code.category, code.code)
            for name in _listed(codes)
            for code in codebooks.find_codes(self._connection, name)
        ]
        parts, notes, runs = self._parts(coders, reference, asked)
        return disagreement_table(parts, keys, notes=notes, runs=runs)

    def plan_double(
        self,
        *,
        width: float = 0.2,
        kappa: float = 0.7,
        prevalence: float | None = None,
        code: str = "",
        category: str = "",
        level: str = "segment",
        kind: Names = (),
        by: str = "",
        seed: int = 0,
    ) -> Table:
        """Return cases to code twice, as many as give kappa's interval the wanted width.

        Parameters
        ----------
        width : float
            Of the 95% interval of kappa, from end to end.
        kappa : float
            As expected, 0 to below 1.
        prevalence : float, optional
            Share of units with the code, between 0 and 1. If left out, as the project
            is coded now: of `code`, or the mean over the codes of `category`, or of all
            codebooks, that are in use.
        code, category : str
            What will be coded; only segments that its codebook applies to are counted.
        level : {"segment", "case"}
            What kappa will be counted over.
        kind : str or sequence of str
            Only these; all if left out.
        by : str
            Attribute to stratify by beside the kind; `cluster` if left out and there.
        seed : int
            Of the draw.

        Returns
        -------
        Table
            Columns case_id, kind, stratum, n_segments.
        """
        from qualkit.analysis.doubleplan import FrameCase, Wanted, plan_table

        asked = self._asked(category, kind, level)
        if code:
            asked = self._of_code(asked, code)
        strata, strata_by = self._strata(by)
        stored = list(doublecoding.iterate_cases(self._connection))
        open_segments = {case.key: own for case in stored if (own := _open_segments(case, asked))}
        frame = [
            FrameCase(
                case.case_id,
                case.kind,
                strata.get(case.key, _NO_STRATUM) if strata_by else "",
                len(open_segments[case.key]),
            )
            for case in stored
            if case.key in open_segments
        ]
        if not frame:
            raise QualkitError(
                "there is no text to code under these options",
                where=str(self.path),
                to_do="import texts first, or ask for another --kind",
            )
        said = "as given"
        if prevalence is None:
            prevalence, said = self._prevalence(asked, open_segments, code or category)
        return plan_table(
            frame,
            Wanted(width, kappa, prevalence, level),
            seed=seed,
            prevalence_of=said,
            strata_by=f"kind and {strata_by}" if strata_by else "kind",
        )

    # --- what is asked for ------------------------------------------------------------

    def _asked(self, categories: Names, kind: Names, level: str) -> _Asked:
        from qualkit.analysis.doublecoding import SharedCode

        if level not in LEVELS:
            raise UnknownNameError("level", level, LEVELS)
        kinds = {name.strip().lower() for name in _listed(kind)}
        for name in sorted(kinds - {"all"}):
            if name not in list(Kind):
                raise UnknownNameError("kind", name, [*Kind, "all"])
        wanted = {self._category(name) for name in _listed(categories)}
        codes = {
            (code.category, code.code): SharedCode(code.name, code.codebook)
            for code in codebooks.fetch_codes(self._connection)
            if not code.retired and (not wanted or code.category in wanted)
        }
        there = {code.codebook for code in codes.values()}
        books = {
            book.key: book
            for book in codebooks.fetch_codebooks(self._connection)
            if book.name in there
        }
        return _Asked(books, codes, frozenset() if "all" in kinds else frozenset(kinds), level)

    def _of_code(self, asked: _Asked, name: str) -> _Asked:
        found = [
            (code.category, code.code)
            for code in codebooks.find_codes(self._connection, name)
            if (code.category, code.code) in asked.codes
        ]
        if len(found) != 1:
            options = [".".join(key) for key in found or asked.codes]
            raise UnknownNameError("code", name, options)
        own = asked.codes[found[0]]
        books = {key: book for key, book in asked.books.items() if book.name == own.codebook}
        return replace(asked, codes={found[0]: own}, books=books)

    def _compared(self, coders: Names, reference: str) -> list[tuple[str, ...]]:
        """Return the sets of coders to compare: one, or with a reference a pair each."""
        named = list(dict.fromkeys(_listed(coders)))
        known = comparing.fetch_coder_names(self._connection)
        for name in (*named, *([reference] if reference else [])):
            if name not in known:
                raise UnknownNameError("coder", name, known)
        people = named or doublecoding.fetch_people_done(self._connection)
        sets: list[tuple[str, ...]] = [tuple(people)] if len(people) > 1 else []
        if reference:
            sets = [(reference, name) for name in people if name != reference]
        if not sets:
            raise QualkitError(
                "agreement needs two coders who have done the same cases",
                where=str(self.path),
                found=", ".join(dict.fromkeys([*([reference] if reference else []), *people]))
                or "nobody has marked a case done",
                to_do=_TO_DO,
            )
        return sets

    # --- who has done what ------------------------------------------------------------

    def _parts(
        self,
        coders: Names,
        reference: str,
        asked: _Asked,
        replicates: int = 0,
        seed: int = 0,
    ) -> tuple[list[DoubleCoding], list[str], list[str]]:
        """Return what each set of coders shares, notes, and the runs behind it."""
        from qualkit.analysis.doublecoding import DoubleCoding

        sets = self._compared(coders, reference)
        names = dict.fromkeys(name for own in sets for name in own)
        done = {name: doublecoding.fetch_done(self._connection, name) for name in names}
        shared = {pair for own in sets for pair in _shared([done[name] for name in own])}
        keys = {case for _, case in shared}
        stored = [c for c in doublecoding.iterate_cases(self._connection) if c.key in keys]
        marks = {name: self._quotes(name) for name in names}
        parts, notes = [], []
        for own in sets:
            cases = [
                coded
                for case in stored
                if (coded := _coded_case(case, asked, own, done, marks)) is not None
            ]
            both = f"{own[0]} and {own[1]}" if len(own) == 2 else f"at least two of {len(own)}"
            notes.append(f"cases done by {both}: {len(cases)}")
            if cases:
                part = DoubleCoding(
                    cases, asked.codes, own, level=asked.level, replicates=replicates, seed=seed
                )
                parts.append(part)
        if not parts:
            raise QualkitError(
                "no case has been done by two of the coders",
                where=", kind ".join([str(self.path), *sorted(asked.kinds)]),
                found=", ".join(names),
                expected="two coders who have done the same cases with the same codebook",
                to_do=_TO_DO,
            )
        machines = set(codings.fetch_machines(self._connection)) & set(names)
        run_pairs = {
            pair for name in machines for pair in done[name] & shared if pair[0] in asked.books
        }
        return parts, notes, doublecoding.fetch_runs(self._connection, run_pairs)

    def _quotes(self, coder: str) -> dict[str, dict[Mark, str]]:
        """Return a coder's marks by case id, with the quotation of each."""
        marks = comparing.fetch_marks(self._connection, coder)
        return {
            case_id: {mark: detail.quote for mark, detail in own.items()}
            for case_id, own in marks.items()
        }

    # --- planning ---------------------------------------------------------------------

    def _strata(self, by: str) -> tuple[dict[int, str], str]:
        """Return each case's value of the attribute to stratify by, and its name or ""."""
        if by:
            level, key = self._attribute(by)
        else:
            keys = overview.attribute_keys(self._connection)
            holders = [own for own in ("family", "case") if "cluster" in keys[own]]
            if not holders:
                return {}, ""
            level, key = holders[0], "cluster"
        return doublecoding.fetch_attribute(self._connection, level, key), f"{level}.{key}"

    def _prevalence(
        self,
        asked: _Asked,
        open_segments: Mapping[int, Mapping[int, frozenset[str]]],
        said: str,
    ) -> tuple[float, str]:
        """Return the share of units with a code, mean over codes in use, and whose it is."""
        units: dict[str, int] = {}
        for book, case in doublecoding.fetch_anybody(self._connection):
            if book in asked.books and case in open_segments:
                name = asked.books[book].name
                n = sum(name in here for here in open_segments[case].values())
                units[name] = units.get(name, 0) + (n if asked.level == "segment" else min(n, 1))
        found: dict[CodeKey, set[tuple[int, int]]] = {}
        for mark in doublecoding.iterate_standing(self._connection):
            key = (mark.category, mark.code)
            if key not in asked.codes:
                continue
            here = open_segments.get(mark.case_key, {}).get(mark.n, frozenset())
            if asked.codes[key].codebook in here:
                unit = (mark.case_key, mark.n if asked.level == "segment" else 0)
                found.setdefault(key, set()).add(unit)
        if not found:
            raise QualkitError(
                "the project has no codings to take the prevalence from",
                where=str(self.path),
                found=said or "no codings",
                to_do="say how common the code is, for instance --prevalence 0.1, or code first:"
                " qualkit code",
            )
        shares = [len(own) / units[asked.codes[key].codebook] for key, own in found.items()]
        return sum(shares) / len(shares), (
            "as coded in the project"
            if len(asked.codes) == 1
            else f"mean of the {len(shares)} codes in use"
        )


_TO_DO = (
    "let two people code the same cases under their own names and mark them done (codings from a"
    " file: qualkit import codings FILE --coder NAME), or compare with the machine:"
    " --reference qualkit"
)


def _listed(names: Names) -> list[str]:
    return ([names] if names else []) if isinstance(names, str) else list(names)


def _trace(coders: Names, reference: str, asked: _Asked) -> str:
    """Return the command that shows the disagreements behind a table."""
    parts = ["qualkit agreement --disagreements"]
    parts += [f'--coder "{name}"' for name in _listed(coders)]
    parts += [f'--reference "{reference}"'] if reference else []
    parts += [f"--kind {kind}" for kind in sorted(asked.kinds)]
    parts += [f"--level {asked.level}"] if asked.level != LEVELS[0] else []
    return " ".join(parts)


def _shared(done: Sequence[set[Pair]]) -> set[Pair]:
    """Return the pairs of codebook and case that at least two have done."""
    once: set[Pair] = set()
    twice: set[Pair] = set()
    for own in done:
        twice |= once & own
        once |= own
    return twice


def _coded_case(
    case: doublecoding.StoredCase,
    asked: _Asked,
    coders: Sequence[str],
    done: Mapping[str, set[Pair]],
    marks: Mapping[str, Mapping[str, Mapping[Mark, str]]],
) -> CodedCase | None:
    """Return a case as these coders share it; None where no two have done the same of it."""
    from qualkit.analysis.doublecoding import CodedCase

    through = _done_in(case.key, [done[name] for name in coders], asked.books)
    segments = _open_segments(case, asked, through)
    if not segments:
        return None
    applied = {book for here in segments.values() for book in here}
    return CodedCase(
        case.kind,
        case.case_id,
        segments,
        {book: who for book, who in through.items() if book in applied},
        tuple(marks[name].get(case.case_id, {}) for name in coders),
    )


def _done_in(
    case: int, done: Sequence[set[Pair]], books: Mapping[int, StoredCodebook]
) -> dict[str, frozenset[int]]:
    """Return by codebook the positions of the coders who have done a case, if two or more."""
    found = {}
    for key, book in books.items():
        through = frozenset(i for i, own in enumerate(done) if (key, case) in own)
        if len(through) > 1:
            found[book.name] = through
    return found


def _open_segments(
    case: doublecoding.StoredCase, asked: _Asked, books: Iterable[str] | None = None
) -> dict[int, frozenset[str]]:
    """Return by segment the codebooks that apply there; segments without any are left out.

    Without any codebook in the project, every segment but an interviewer's counts.
    """
    if asked.kinds and case.kind not in asked.kinds:
        return {}
    wanted = None if books is None else set(books)
    known = [book for book in asked.books.values() if wanted is None or book.name in wanted]
    found = {}
    for n, role in case.segments:
        if not asked.books and covers((), (), case.kind, role):
            found[n] = frozenset({""})
            continue
        here = frozenset(
            book.name for book in known if covers(book.kinds, book.roles, case.kind, role)
        )
        if here:
            found[n] = here
    return found
