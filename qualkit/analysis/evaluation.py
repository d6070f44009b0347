"""A coder's codings beside a reference's: the tables of `qualkit evaluate`.

compared cases -> counts by case and code (scores.py) -> measures -> tables, quotations
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.accuracy import top_shared
from qualkit.analysis.scores import (
    APART,
    LEVELS,
    POOLED,
    REPLICATES,
    Counts,
    GroupResult,
    Measure,
    draw_cases,
    measure_of,
    measures,
    rank_correlation,
)
from qualkit.errors import UnknownNameError
from qualkit.model import Basis, CodeKey, Column, ComparedCase, Page, Table

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
        rows = [_row(result) for result in self.results()]
        basis = Basis(self._n_by_kind(), rule=_RULE, unit="pairs of a unit and a code")
        figures = Table("evaluation", title, _COLUMNS, tuple(rows), basis, self.notes)
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
        rows = []
        for result in self.code_results(level):
            category, _, code = result.group.partition(".")
            missed, false = result.truth - result.both, result.found - result.both
            rows.append(
                {
                    **_row(result),
                    "category": category,
                    "code": code,
                    "name": self.names[category, code],
                    "missed": missed,
                    "false_alarms": false,
                }
            )
        rows.sort(key=lambda r: (r["kind"], r["f1"], -r["missed"] - r["false_alarms"], r["code"]))
        title = f"By code, by {level}: {self.coder} beside {self.reference}"
        basis = Basis(self._n_by_kind(), rule=_RULE, unit=f"{level}s")
        trace = "qualkit evaluate … --errors --code {code}"
        return Table("codes", title, _CODE_COLUMNS, tuple(rows), basis, self.notes, trace=trace)

    def errors_table(self, codes: Iterable[CodeKey] = ()) -> Table:
        """Return every false alarm and miss, by segment, with the words; `codes` limits them."""
        wanted = set(codes) or set(self.names)
        rows = [row for case in self.cases for row in _errors(case, wanted, self.names)]
        rows.sort(key=lambda r: (r["category"], r["code"], r["error"], r["case_id"], r["n"]))
        title = f"Where {self.coder} and {self.reference} differ"
        rule = (
            "missed: the reference has the code in the segment, the coder has not;"
            " false alarm: the other way round"
        )
        return Table(
            "errors", title, _ERROR_COLUMNS, tuple(rows), Basis(self._n_by_kind(), rule=rule)
        )

    def report_table(self, top: int = 5) -> Table:
        """Return what a report would feel: top themes shared and the rank correlation."""
        rows = []
        for kind in self.kinds:
            own = [case for case in self.cases if case.kind == kind]
            for category, members in self.groups(kind):
                if category == POOLED:
                    continue
                codes = [list(self.names)[i][1] for i in members]
                sides = [_case_pairs(own, category, side) for side in ("truth", "found")]
                shared, of = top_shared(sides[0], sides[1], top)
                counts = [Counter(code for _, code in side) for side in sides]
                rows.append(
                    {
                        "kind": kind,
                        "category": category,
                        "codes": len(codes),
                        "shared": shared,
                        "of": of,
                        "correlation": rank_correlation(
                            [counts[0][code] for code in codes], [counts[1][code] for code in codes]
                        ),
                    }
                )
        columns = (
            Column("kind", "kind"),
            Column("category", "category"),
            Column("codes", "codes", "count", spare=1),
            Column("shared", f"top {top} shared", "count"),
            Column("of", "of", "count"),
            Column("correlation", "rank correlation", "score"),
        )
        rule = (
            "themes counted once a case; ties at the cut are in the top whole; Spearman's rank"
            " correlation over all codes of the category"
        )
        title = "What a report would feel"
        basis = Basis(self._n_by_kind(), rule=rule)
        return Table("report", title, columns, tuple(rows), basis)

    def _n_by_kind(self) -> dict[str, int]:
        return dict(sorted(Counter(case.kind for case in self.cases).items()))


def _row(result: GroupResult) -> dict[str, Any]:
    row: dict[str, Any] = {
        key: getattr(result, key)
        for key in ("kind", "group", "level", "codes", "cases", "units", "truth", "found")
    }
    for key in ("precision", "recall", "f1", "macro_f1", "kappa"):
        measure: Measure = getattr(result, key)
        row |= {key: measure.value, f"{key}_low": measure.low, f"{key}_high": measure.high}
    row["f1_interval"] = _interval(result.f1)
    return row


def _interval(measure: Measure) -> str:
    if measure.low is None or measure.high is None:
        return ""
    return f"{measure.low:.2f} to {measure.high:.2f}"


def _case_pairs(cases: Iterable[ComparedCase], category: str, side: str) -> set[tuple[str, str]]:
    return {
        (case.case_id, code)
        for case in cases
        for _, own, code in getattr(case, side)
        if own == category
    }


def _errors(
    case: ComparedCase, wanted: set[CodeKey], names: Mapping[CodeKey, str]
) -> Iterator[dict[str, Any]]:
    for error, own, other in (
        ("missed", case.truth, case.found),
        ("false alarm", case.found, case.truth),
    ):
        for mark in sorted(set(own) - set(other)):
            n, category, code = mark
            if (category, code) not in wanted or (category, code) not in names:
                continue
            detail = own[mark]
            yield {
                "category": category,
                "code": code,
                "name": names[category, code],
                "error": error,
                "kind": case.kind,
                "case_id": case.case_id,
                "n": n,
                "quote": detail.quote,
                "rule": detail.rule,
                "score": detail.score,
            }


_RULE = (
    "pairs of a unit and a code, each counted once; F1 is the micro average, the macro average"
    " is over the codes in use; intervals are 95% bootstrap intervals over cases"
)


def _with_interval(key: str, label: str, spare: int) -> tuple[Column, ...]:
    return (
        Column(key, label, "score", spare=spare),
        Column(f"{key}_low", f"{label}, low", "score", detail=True),
        Column(f"{key}_high", f"{label}, high", "score", detail=True),
    )


_F1 = (
    Column("f1", "F1", "score"),
    Column("f1_interval", "95% interval", spare=2),
    Column("f1_low", "F1, low", "score", detail=True),
    Column("f1_high", "F1, high", "score", detail=True),
)
_COLUMNS = (
    Column("kind", "kind"),
    Column("group", "group"),
    Column("level", "by"),
    Column("codes", "codes", "count", detail=True),
    Column("cases", "cases", "count", spare=5),
    Column("units", "units", "count", spare=4),
    Column("truth", "reference", "count", spare=3),
    Column("found", "found", "count", spare=3),
    *_with_interval("precision", "precision", 0),
    *_with_interval("recall", "recall", 0),
    *_F1,
    *_with_interval("macro_f1", "macro F1", 1),
    *_with_interval("kappa", "kappa", 1),
)
_CODE_COLUMNS = (
    Column("kind", "kind", spare=4),
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    Column("truth", "reference", "count", spare=1),
    Column("found", "found", "count", spare=1),
    Column("missed", "missed", "count"),
    Column("false_alarms", "false alarms", "count"),
    *_with_interval("precision", "precision", 0),
    *_with_interval("recall", "recall", 0),
    *_F1,
    *_with_interval("kappa", "kappa", 2),
)
_ERROR_COLUMNS = (
    Column("category", "category", spare=3),
    Column("code", "code", "id", detail=True),
    Column("name", "name"),
    Column("error", "error"),
    Column("kind", "kind", spare=4, detail=True),
    Column("case_id", "case", "id"),
    Column("n", "segment", "count", spare=1),
    Column("quote", "words", "quote"),
    Column("rule", "rule", spare=2),
    Column("score", "score", "score", detail=True),
)
