"""A coder's codings beside a reference's, as `qualkit evaluate` shows them.

compared cases -> counts by case and code (scores.py) -> measures
-> tables, quotations (evaluation_tables.py)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.accuracy import top_shared
from qualkit.analysis.evaluation_tables import (
    codes_table,
    errors_table,
    figures_table,
    report_table,
)
from qualkit.analysis.scores import (
    APART,
    LEVELS,
    POOLED,
    REPLICATES,
    Counts,
    GroupResult,
    draw_cases,
    measure_of,
    measures,
    rank_correlation,
)
from qualkit.errors import UnknownNameError
from qualkit.model import CodeKey, ComparedCase, Page, Table

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


class Evaluation:
    """A coder's codings beside a reference's, over the cases that both have been through.

    Parameters
    ----------
    cases : sequence of ComparedCase
    names : mapping of CodeKey to str
        Every code that could have been given, in order of the codebooks.
    reference, coder : str
        Whose codings are compared.
    seed, replicates : int
        Of the bootstrap.
    """

    def __init__(
        self,
        cases: Sequence[ComparedCase],
        names: Mapping[CodeKey, str],
        *,
        reference: str,
        coder: str,
        notes: Iterable[str] = (),
        seed: int = 0,
        replicates: int = REPLICATES,
    ) -> None:
        self.cases = tuple(cases)
        self.names = dict(names)
        self.reference = reference
        self.coder = coder
        self.notes = tuple(notes)
        self._seed = seed
        self._replicates = replicates
        self._counts: dict[tuple[str, str], Counts] = {}

    @property
    def kinds(self) -> list[str]:
        """The kinds of cases, in alphabetical order."""
        return sorted({case.kind for case in self.cases})

    def groups(self, kind: str) -> list[tuple[str, list[int]]]:
        """Return the groups of codes with their columns: pooled, apart, then each category."""
        open_here = {
            category
            for case in self.cases
            if case.kind == kind
            for categories in case.segments.values()
            for category in categories
        }
        keys = list(self.names)
        categories = [c for c in dict.fromkeys(c for c, _ in keys) if c in open_here]
        pooled = [c for c in categories if c not in APART]
        groups: list[tuple[str, list[int]]] = []
        if len(pooled) > 1:
            groups.append((POOLED, [i for i, (c, _) in enumerate(keys) if c in pooled]))
        order = [*(pooled if len(pooled) == 1 else ()), *(c for c in categories if c in APART)]
        order += pooled if len(pooled) > 1 else []
        groups += [(c, [i for i, (own, _) in enumerate(keys) if own == c]) for c in order]
        return groups

    def counts(self, kind: str, level: str) -> Counts:
        """Return the counts by case and code, made once."""
        if (kind, level) not in self._counts:
            own = [case for case in self.cases if case.kind == kind]
            self._counts[kind, level] = Counts(own, list(self.names), level)
        return self._counts[kind, level]

    def results(self) -> list[GroupResult]:
        """Return the measures of every kind, group and level."""
        return [
            result
            for kind in self.kinds
            for level in LEVELS
            for result in self._measured(kind, level, self.groups(kind))
        ]

    def code_results(self, level: str = "segment") -> list[GroupResult]:
        """Return the measures of each code that either coder used, group `category.code`."""
        found = []
        for kind in self.kinds:
            counts = self.counts(kind, level)
            used = (counts.both + counts.found_only + counts.truth_only).sum(axis=0)
            groups = [
                (f"{category}.{code}", [i])
                for i, (category, code) in enumerate(self.names)
                if used[i]
            ]
            found += list(self._measured(kind, level, groups))
        return found

    def _measured(
        self, kind: str, level: str, groups: Sequence[tuple[str, list[int]]]
    ) -> Iterator[GroupResult]:
        import numpy

        counts = self.counts(kind, level)
        n_cases = counts.units.shape[0]
        whole = counts.sums(numpy.ones((1, n_cases)))
        drawn: dict[str, dict[str, list[Array]]] = {name: {} for name, _ in groups}
        for weights in draw_cases(n_cases, self._replicates, self._seed):
            sums = counts.sums(weights)
            for name, columns in groups:
                for key, values in measures(*(s[:, columns] for s in sums)).items():
                    drawn[name].setdefault(key, []).append(values)
        for name, columns in groups:
            both, found_only, truth_only, units = (s[:, columns] for s in whole)
            value = measures(both, found_only, truth_only, units)
            b, f, t = (int(s.sum()) for s in (both, found_only, truth_only))
            yield GroupResult(
                kind=kind,
                group=name,
                level=level,
                codes=len(columns),
                cases=int((counts.units[:, columns].max(axis=1) > 0).sum()),
                units=self._open_units(kind, level, columns),
                truth=b + t,
                found=b + f,
                both=b,
                **{
                    key: measure_of(values[0], numpy.concatenate(drawn[name][key]))
                    for key, values in value.items()
                },
            )

    def _open_units(self, kind: str, level: str, columns: Iterable[int]) -> int:
        keys = list(self.names)
        categories = {keys[i][0] for i in columns}
        counts = (
            sum(not categories.isdisjoint(own) for own in case.segments.values())
            for case in self.cases
            if case.kind == kind
        )
        return sum(min(n, 1) if level == "case" else n for n in counts)

    # --- tables ---------------------------------------------------------------------

    def summary(self, top: int = 5) -> Page:
        """Return what a researcher asks first: the measures, and what a report would feel."""
        title = f"Codings of {self.coder} beside those of {self.reference}"
        figures = figures_table(self.results(), title, self._n_by_kind(), self.notes)
        return Page("evaluation", title, (figures, self.report_table(top)))

    def codes_table(self, level: str = "segment") -> Table:
        """Return the measures of each code that either used, worst F1 first.

        Raises
        ------
        UnknownNameError
            `level` is neither segment nor case.
        """
        if level not in LEVELS:
            raise UnknownNameError("level", level, LEVELS)
        title = f"By code, by {level}: {self.coder} beside {self.reference}"
        results = self.code_results(level)
        return codes_table(results, self.names, level, title, self._n_by_kind(), self.notes)

    def errors_table(self, codes: Iterable[CodeKey] = ()) -> Table:
        """Return every false alarm and miss, by segment, with the words; `codes` limits them."""
        title = f"Where {self.coder} and {self.reference} differ"
        wanted = set(codes) or set(self.names)
        return errors_table(self.cases, wanted, self.names, title, self._n_by_kind())

    def report_table(self, top: int = 5) -> Table:
        """Return what a report would feel: top themes shared and the rank correlation."""
        keys = list(self.names)
        rows = [
            self._felt(kind, category, [keys[i][1] for i in members], top)
            for kind in self.kinds
            for category, members in self.groups(kind)
            if category != POOLED
        ]
        return report_table(rows, top, self._n_by_kind())

    def _felt(self, kind: str, category: str, codes: Sequence[str], top: int) -> dict[str, Any]:
        own = [case for case in self.cases if case.kind == kind]
        sides = [_case_pairs(own, category, side) for side in ("truth", "found")]
        shared, of = top_shared(sides[0], sides[1], top)
        counts = [Counter(code for _, code in side) for side in sides]
        truth, found = ([side[code] for code in codes] for side in counts)
        return {
            "kind": kind,
            "category": category,
            "codes": len(codes),
            "shared": shared,
            "of": of,
            "correlation": rank_correlation(truth, found),
        }

    def _n_by_kind(self) -> dict[str, int]:
        return dict(sorted(Counter(case.kind for case in self.cases).items()))


def _case_pairs(cases: Iterable[ComparedCase], category: str, side: str) -> set[tuple[str, str]]:
    return {
        (case.case_id, code)
        for case in cases
        for _, own, code in getattr(case, side)
        if own == category
    }
