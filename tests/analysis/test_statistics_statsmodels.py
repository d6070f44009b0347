"""Statistics beside statsmodels, which works each of them out in its own way."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.statistics import (
    adjust_p,
    adjusted_residuals,
    chi_square,
    cohens_h,
    newcombe_interval,
    wilson_interval,
)

proportion = pytest.importorskip("statsmodels.stats.proportion", reason="needs statsmodels")
contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
multitest = pytest.importorskip("statsmodels.stats.multitest")

NEAR = 1e-9
ONE = st.integers(1, 50_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
GROUPS = st.lists(ONE, min_size=2, max_size=12)


def pearson(groups: list[tuple[int, int]]) -> object:
    counts = numpy.array(groups)
    rows = numpy.stack([counts[:, 0], counts[:, 1] - counts[:, 0]])
    return contingency.Table(rows, shift_zeros=False)


@given(ONE)
def test_wilson(pair: tuple[int, int]) -> None:
    expected = proportion.proportion_confint(*pair, alpha=0.05, method="wilson")
    assert wilson_interval(*pair) == pytest.approx(expected, abs=NEAR)


@given(ONE, ONE)
@settings(deadline=None)
def test_newcombe(first: tuple[int, int], last: tuple[int, int]) -> None:
    expected = proportion.confint_proportions_2indep(
        *last, *first, method="newcomb", compare="diff", alpha=0.05
    )
    assert newcombe_interval(*first, *last) == pytest.approx(expected, abs=NEAR)


@given(st.floats(0, 1), st.floats(0, 1))
def test_effect_size(one: float, other: float) -> None:
    assert cohens_h(one, other) == pytest.approx(
        proportion.proportion_effectsize(one, other), abs=NEAR
    )


@given(GROUPS)
@settings(deadline=None)
def test_adjusted_residuals_and_chi_square(groups: list[tuple[int, int]]) -> None:
    counts, sizes = zip(*groups, strict=True)
    if sum(counts) in (0, sum(sizes)):
        return
    table = pearson(groups)
    residuals = table.standardized_resids[0]
    assert adjusted_residuals(counts, sizes) == pytest.approx(residuals, rel=NEAR, abs=NEAR)
    expected = table.test_nominal_association().statistic
    assert chi_square(counts, sizes) == pytest.approx(expected, rel=NEAR, abs=NEAR)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_benjamini_hochberg(p_values: list[float]) -> None:
    expected = multitest.multipletests(p_values, method="fdr_bh")[1]
    assert adjust_p(p_values) == pytest.approx(list(expected), abs=NEAR)
