"""Who agrees on which code: coders of the same cases compared, code by code.

cases coded by several -> presence of each code in each unit -> agreement; tables in
`doublecodingtables`

References
----------
Byrt, T., Bishop, J. and Carlin, J. B. (1993). Bias, prevalence and kappa, section 3
(the prevalence index). The measures: see `qualkit.analysis.agreement`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.patterns import Measurer, Patterns, draw_groups, percentile_interval
from qualkit.analysis.scores import APART, POOLED, REPLICATES, Measure
from qualkit.model import CodeKey, Mark

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

FEW = 5
"""With fewer coded units than this nothing can be said of a code."""
ONE_SIDED = 0.9
"""Prevalence index above which kappa says more about the prevalence than about the coders."""


@dataclass(frozen=True, slots=True)
class SharedCode:
    """A code that could have been given: its name, and the codebook that it is in."""

    name: str
    codebook: str


@dataclass(frozen=True, slots=True)
class CodedCase:
    """A case that coders have been through.

    Attributes
    ----------
    segments : mapping of int to frozenset of str
        By segment number, the codebooks that apply there.
    done : mapping of str to frozenset of int
        By codebook, positions of the coders who have been through the case with it.
    marks : tuple of mapping of Mark to str, one a coder
        What each coded, with the quotation.
    """

    kind: str
    case_id: str
    segments: Mapping[int, frozenset[str]]
    done: Mapping[str, frozenset[int]]
    marks: tuple[Mapping[Mark, str], ...]

    def units(self, codebook: str, level: str) -> list[int]:
        """Return the units open to a codebook: segment numbers, or 0 for the case."""
        found = [n for n, books in self.segments.items() if codebook in books]
        return found if level == "segment" or not found else [0]


@dataclass(frozen=True, slots=True)
class CodeAgreement:
    """How far coders agree on a code or a group of codes, in cases of one kind.

    Attributes
    ----------
    group : str
        `codes` for all together, a category, or `category.code`.
    cases, units : int
        Cases that two or more have been through, and their units open to some code.
    by_any, by_all : int
        Pairs of a unit and a code that somebody coded, and that everybody did.
    percent, kappa, alpha, ac1 : Measure
        Kappa is Cohen's for two coders, Fleiss' for more.
    warning : {"", "rare", "constant"}
    """

    kind: str
    group: str
    codes: int
    cases: int
    units: int
    by_any: int
    by_all: int
    percent: Measure
    kappa: Measure
    alpha: Measure
    ac1: Measure
    warning: str


@dataclass(frozen=True, slots=True, eq=False)
class _Tally:
    """How often each pattern of coders occurs, by case and code.

    `counts` is sparse, shape (n_cases, n_codes × n_patterns).
    """

    patterns: Patterns
    counts: Any


class DoubleCoding:
    """What coders made of the cases that at least two of them have been through.

    Parameters
    ----------
    cases : sequence of CodedCase
    codes : mapping of CodeKey to SharedCode
        Every code that could have been given, in order of the codebooks.
    coders : sequence of str
        In the order of `CodedCase.marks`.
    level : {"segment", "case"}
        The unit in which a code is there or not.
    """

    def __init__(
        self,
        cases: Sequence[CodedCase],
        codes: Mapping[CodeKey, SharedCode],
        coders: Sequence[str],
        *,
        level: str = "segment",
        replicates: int = REPLICATES,
        seed: int = 0,
    ) -> None:
        self.cases = tuple(cases)
        self.codes = dict(codes)
        self.coders = tuple(coders)
        self.level = level
        self._replicates = replicates
        self._seed = seed
        self._at = {key: i for i, key in enumerate(self.codes)}

    @cached_property
    def kinds(self) -> dict[str, list[CodedCase]]:
        """The cases by kind, kinds in alphabetical order."""
        kinds: dict[str, list[CodedCase]] = {}
        for case in sorted(self.cases, key=lambda case: case.kind):
            kinds.setdefault(case.kind, []).append(case)
        return kinds

    def results(self, *, by_code: bool = False) -> list[CodeAgreement]:
        """Return the measures of all codes, of each category, or of each code, by kind."""
        found = []
        for kind, cases in self.kinds.items():
            there = {book for case in cases for book in case.done if case.units(book, self.level)}
            keys = [key for key, code in self.codes.items() if code.codebook in there]
            groups = {f"{c}.{code}": [(c, code)] for c, code in keys} if by_code else _groups(keys)
            if groups:
                found += list(self._measured(kind, cases, groups))
        return found

    def _measured(
        self, kind: str, cases: Sequence[CodedCase], groups: Mapping[str, Sequence[CodeKey]]
    ) -> Iterator[CodeAgreement]:
        import numpy
        from scipy.sparse import csr_array, eye_array, kron

        tally = self._tally(cases)
        patterns, n_groups = tally.patterns, len(groups)
        n_patterns = patterns.ratings.shape[1]
        places = [(self._at[key], g) for g, keys in enumerate(groups.values()) for key in keys]
        rows, columns = zip(*places, strict=True)
        member = csr_array((numpy.ones(len(places)), (rows, columns)), (len(self.codes), n_groups))
        # Codes of a group are added up before anything is drawn.
        by_case = tally.counts @ kron(member, eye_array(n_patterns), format="csr")
        whole = numpy.asarray(by_case.sum(axis=0)).reshape(n_groups, n_patterns)
        measured = self._with_intervals(patterns, by_case, whole)
        sizes: dict[frozenset[str], tuple[int, int]] = {}
        for g, (name, keys) in enumerate(groups.items()):
            books = frozenset(self.codes[key].codebook for key in keys)
            if books not in sizes:
                sizes[books] = self._size(cases, books)
            own_cases, units = sizes[books]
            by_any, by_all, prevalence = _shares(patterns, whole[g])
            yield CodeAgreement(
                kind=kind,
                group=name,
                codes=len(keys),
                cases=own_cases,
                units=units,
                by_any=by_any,
                by_all=by_all,
                warning=_warning(by_any, prevalence, single=len(keys) == 1),
                **{key: own[g] for key, own in measured.items()},
            )

    def _with_intervals(
        self, patterns: Patterns, by_case: Any, whole: Array
    ) -> dict[str, list[Measure]]:
        """Return each measure of each group of codes.

        `by_case` is sparse, shape (n_cases, n_groups × n_patterns); `whole` its sum over
        cases, shape (n_groups, n_patterns).
        """
        import numpy

        n_groups, n_patterns = whole.shape
        kappa = "cohen" if len(self.coders) == 2 else "fleiss"
        names = {"percent": "percent", "kappa": kappa, "alpha": "alpha", "ac1": "ac1"}
        measurers = {key: Measurer(name, patterns) for key, name in names.items()}
        drawn: dict[str, list[Array]] = {key: [numpy.empty((0, n_groups))] for key in names}
        for weights in draw_groups(by_case.shape[0], self._replicates, self._seed):
            counts = (weights @ by_case).reshape(-1, n_patterns)
            for key, measurer in measurers.items():
                drawn[key].append(measurer.values(counts).reshape(-1, n_groups))
        apart = _cases_with_units(by_case, n_groups, n_patterns)
        found = {}
        for key, measurer in measurers.items():
            samples, values = numpy.concatenate(drawn[key]), measurer.values(whole)
            found[key] = [
                _measure(float(values[g]), samples[:, g], int(apart[g])) for g in range(n_groups)
            ]
        return found

    def _tally(self, cases: Sequence[CodedCase]) -> _Tally:
        import numpy
        from scipy.sparse import csr_array

        seen: dict[tuple[int, ...], int] = {}
        uncoded: dict[str, list[tuple[int, int, int]]] = {}
        changes: list[tuple[int, int, int, int]] = []
        n_coders = len(self.coders)
        for row, case in enumerate(cases):
            nobody: dict[str, int] = {}
            for book, done in case.done.items():
                pattern = tuple(0 if i in done else -1 for i in range(n_coders))
                nobody[book] = seen.setdefault(pattern, len(seen))
                n_units = len(case.units(book, self.level))
                uncoded.setdefault(book, []).append((row, nobody[book], n_units))
            for (_, key), who in self._coded(case).items():
                book, at = self.codes[key].codebook, self._at[key]
                there = (int(i in who) if i in case.done[book] else -1 for i in range(n_coders))
                changes.append((row, at, nobody[book], -1))
                changes.append((row, at, seen.setdefault(tuple(there), len(seen)), 1))
        # First as if nobody had coded anything, a line for each case and code of the book.
        lines = [numpy.array(changes, dtype=numpy.int64).reshape(-1, 4)]
        for book, places in uncoded.items():
            own = [self._at[key] for key, code in self.codes.items() if code.codebook == book]
            base = numpy.repeat(numpy.array(places, dtype=numpy.int64), len(own), axis=0)
            lines.append(numpy.insert(base, 1, numpy.tile(own, len(places)), axis=1))
        rows, codes, patterns, counts = numpy.concatenate(lines).T
        ratings = numpy.array(list(seen), dtype=numpy.int64).reshape(len(seen), -1).T
        # What stands in one cell is added up.
        matrix = csr_array(
            (counts.astype(float), (rows, codes * len(seen) + patterns)),
            shape=(len(cases), len(self.codes) * len(seen)),
        )
        return _Tally(Patterns(ratings, 2), matrix)

    def _coded(self, case: CodedCase) -> dict[tuple[int, CodeKey], dict[int, tuple[int, str]]]:
        """Return by unit and code who coded it: positions of coders, segment and quotation.

        Only where the codebook applies and the coder has been through the case with it.
        """
        coded: dict[tuple[int, CodeKey], dict[int, tuple[int, str]]] = {}
        for coder, marks in enumerate(case.marks):
            for (n, category, code), quote in sorted(marks.items()):
                key = (category, code)
                known = self.codes.get(key)
                if (
                    known is not None
                    and known.codebook in case.segments.get(n, ())
                    and coder in case.done.get(known.codebook, ())
                ):
                    unit = n if self.level == "segment" else 0
                    coded.setdefault((unit, key), {}).setdefault(coder, (n, quote))
        return coded

    def _size(self, cases: Sequence[CodedCase], books: frozenset[str]) -> tuple[int, int]:
        """Return how many cases and units are open to any of the codebooks."""
        sizes = [
            len({unit for book in books & set(case.done) for unit in case.units(book, self.level)})
            for case in cases
        ]
        return sum(size > 0 for size in sizes), sum(sizes)

    def disagreements(self, codes: Iterable[CodeKey] = ()) -> Iterator[dict[str, Any]]:
        """Yield each unit and code that some coder has and another has not, with the words."""
        wanted = set(codes) or set(self.codes)
        for kind, cases in self.kinds.items():
            for case in cases:
                for (_, key), who in sorted(self._coded(case).items()):
                    done = case.done[self.codes[key].codebook]
                    lacking = sorted(done - set(who))
                    if not lacking or key not in wanted:
                        continue
                    first = min(who)
                    yield {
                        "kind": kind,
                        "case_id": case.case_id,
                        "n": who[first][0],
                        "category": key[0],
                        "code": key[1],
                        "name": self.codes[key].name,
                        "with_code": tuple(self.coders[i] for i in sorted(who)),
                        "without_code": tuple(self.coders[i] for i in lacking),
                        "quote": who[first][1],
                    }


def _groups(keys: Sequence[CodeKey]) -> dict[str, list[CodeKey]]:
    """Return all codes pooled, then each category; those that stand apart are not pooled."""
    groups: dict[str, list[CodeKey]] = {}
    for key in keys:
        groups.setdefault(key[0], []).append(key)
    pooled = [key for key in keys if key[0] not in APART]
    if len({category for category, _ in pooled}) > 1:
        return {POOLED: pooled, **groups}
    return groups


def _cases_with_units(by_case: Any, n_groups: int, n_patterns: int) -> Array:
    """Return for each group of codes how many cases have a unit of it."""
    import numpy

    coo = by_case.tocoo()
    there = coo.data != 0
    places = numpy.stack([coo.row[there], coo.col[there] // n_patterns], axis=1)
    return numpy.bincount(numpy.unique(places, axis=0)[:, 1], minlength=n_groups)


def _shares(patterns: Patterns, counts: Array) -> tuple[int, int, float]:
    """Return units coded by any, by all who have been through them, and the share of "there"."""
    there, given = (patterns.ratings == 1).sum(axis=0), patterns.n_ratings
    by_any, by_all = counts[there > 0].sum(), counts[there == given].sum()
    return round(by_any), round(by_all), float(counts @ there / (counts @ given))


def _warning(by_any: int, prevalence: float, *, single: bool) -> str:
    if prevalence in (0.0, 1.0):
        return "constant"
    # Codes together are rare by nature: most codes do not fit most units.
    one_sided = single and abs(2 * prevalence - 1) > ONE_SIDED
    return "rare" if by_any < FEW or one_sided else ""


def _measure(value: float, drawn: Array, n_cases: int) -> Measure:
    import numpy

    if numpy.isnan(value):
        return Measure(None, None, None)
    interval = percentile_interval(value, drawn) if n_cases > 1 else None
    low, high = interval or (None, None)
    return Measure(value, low, high)
