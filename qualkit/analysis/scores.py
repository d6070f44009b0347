"""How near marks come to a reference: counts by case and code, measures, bootstrap intervals.

References
----------
Manning, C. D., Raghavan, P., and Schütze, H. (2008). Introduction to Information
Retrieval, sections 8.3 (precision, recall, F) and 13.6 (micro and macro averages).
Cohen, J. (1960). A coefficient of agreement for nominal scales, equation 1.
Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap, chapter 13
(percentile intervals), over cases as clusters (section 8.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.model import CodeKey, ComparedCase

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

REPLICATES = 1000
LEVEL = 0.95
APART = ("domain", "reason", "agency")
"""Categories that say what a text is about, not what happened: never pooled with others."""
POOLED = "codes"
"""Name of the group that pools every category that does not stand apart."""
LEVELS = ("segment", "case")
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """A value with its bootstrap interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """Measures of a group of codes over units of one kind.

    Attributes
    ----------
    kind, group, level : str
        Kind of cases; a category or `codes` for several; segment or case.
    units, cases : int
        Units that were open to some code of the group, and the cases that they belong to.
    truth, found, both : int
        Pairs of a unit and a code: the reference's, the coder's, shared ones.
    precision, recall, f1, macro_f1, kappa : Measure
        Precision, recall and F1 are micro averages, 0 to 1; the macro average
        is over the codes that either uses; kappa, -1 to 1, is over all pairs of a
        unit and a code.
    """

    kind: str
    group: str
    level: str
    codes: int
    cases: int
    units: int
    truth: int
    found: int
    both: int
    precision: Measure
    recall: Measure
    f1: Measure
    macro_f1: Measure
    kappa: Measure


class Counts:
    """Pairs of unit and code counted by case, so that cases can be drawn anew.

    Parameters
    ----------
    cases : sequence of ComparedCase
        Of one kind.
    codes : sequence of CodeKey
        Every code that could have been given, in order.
    level : {"segment", "case"}
    """

    def __init__(self, cases: Sequence[ComparedCase], codes: Sequence[CodeKey], level: str) -> None:
        import numpy
        from scipy.sparse import csr_array

        self.codes = tuple(codes)
        at = {key: i for i, key in enumerate(self.codes)}
        shape = (len(cases), len(self.codes))
        cells: tuple[list[tuple[int, int]], ...] = ([], [], [])
        units = numpy.zeros(shape, dtype=numpy.int32)
        for row, case in enumerate(cases):
            for column, (category, _) in enumerate(self.codes):
                n_open = sum(category in open_here for open_here in case.segments.values())
                units[row, column] = min(n_open, 1) if level == "case" else n_open
            truth, found = (_pairs(marks, level) for marks in (case.truth, case.found))
            for target, pairs in zip(
                cells, (truth & found, found - truth, truth - found), strict=True
            ):
                target += [(row, at[key]) for _, key in pairs if key in at]
        self.units = units
        self.both, self.found_only, self.truth_only = (
            csr_array(
                (
                    numpy.ones(len(pairs), dtype=numpy.float64),
                    numpy.array(pairs, dtype=numpy.int64).reshape(-1, 2).T,
                ),
                shape=shape,
            )
            for pairs in cells
        )

    def sums(self, weights: Array) -> tuple[Array, Array, Array, Array]:
        """Return both, found only, truth only and units by code, cases weighted.

        `weights` has shape (n, n_cases); each result (n, n_codes).
        """
        return (
            weights @ self.both,
            weights @ self.found_only,
            weights @ self.truth_only,
            weights @ self.units,
        )


def _pairs(marks: Iterable[tuple[int, str, str]], level: str) -> set[tuple[int, CodeKey]]:
    return {(0 if level == "case" else n, (category, code)) for n, category, code in marks}


def measures(both: Array, found_only: Array, truth_only: Array, units: Array) -> dict[str, Array]:
    """Return the measures of codes taken together, for each row of counts.

    Parameters
    ----------
    both, found_only, truth_only, units : array, shape (n, n_codes)
        Pairs in both, in one alone, and the units that were open to each code.

    Returns
    -------
    dict of str to array, shape (n,)
        precision, recall, f1, macro_f1, kappa; nan where not defined: precision
        without anything found, recall without any truth, kappa where both
        coders are constant. The macro average leaves out codes without a pair.
    """
    import numpy

    b, f, t, n = (counts.sum(axis=1) for counts in (both, found_only, truth_only, units))
    with numpy.errstate(invalid="ignore", divide="ignore"):
        by_code = 2 * both / (2 * both + found_only + truth_only)
        used = ~numpy.isnan(by_code)
        macro = numpy.where(used, by_code, 0.0).sum(axis=1) / used.sum(axis=1)
        agreed = (n - f - t) / n
        true_share, found_share = (b + t) / n, (b + f) / n
        chance = true_share * found_share + (1 - true_share) * (1 - found_share)
        return {
            "precision": b / (b + f),
            "recall": b / (b + t),
            "f1": 2 * b / (2 * b + f + t),
            "macro_f1": macro,
            "kappa": numpy.where(chance < 1, (agreed - chance) / (1 - chance), numpy.nan),
        }


def draw_cases(n_cases: int, replicates: int, seed: int) -> Iterator[Array]:
    """Yield how often each case is drawn, shape (up to 100, n_cases), `replicates` rows in all."""
    import numpy

    rng = numpy.random.default_rng(seed)
    for start in range(0, replicates, _CHUNK):
        rows = min(_CHUNK, replicates - start)
        yield rng.multinomial(n_cases, [1 / n_cases] * n_cases, size=rows).astype(numpy.float64)


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation, -1 to 1; None where either side is constant."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)


def measure_of(value: float, drawn: Array) -> Measure:
    """Return a value with the percentile interval of its replicates; nan is none."""
    import numpy

    if numpy.isnan(value):
        return Measure(None, None, None)
    defined = drawn[~numpy.isnan(drawn)]
    if not len(defined):
        return Measure(float(value), None, None)
    low, high = numpy.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Measure(float(value), float(low), float(high))
