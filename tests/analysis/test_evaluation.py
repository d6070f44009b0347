"""Measures of one coder beside another: against scikit-learn, textbooks and counts by hand."""

from __future__ import annotations

from collections.abc import Iterable

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata
from sklearn.metrics import cohen_kappa_score, precision_recall_fscore_support

from qualkit.analysis.evaluation import Evaluation
from qualkit.analysis.scores import (
    GroupResult,
    Measure,
    draw_cases,
    measures,
    rank_correlation,
)
from qualkit.model import ComparedCase, MarkDetail

NAMES = {
    ("barrier", "debt"): "Debt",
    ("barrier", "isolation"): "Isolation",
    ("outcome", "calm"): "Calm",
    ("domain", "home"): "Home",
}


def compared(
    case_id: str,
    truth: Iterable[str],
    found: Iterable[str],
    *segments: str,
    kind: str = "msc",
) -> ComparedCase:
    """A case; marks as "1 barrier.debt"; `segments`: the categories open in each, in words."""
    opened = {n: frozenset(own.split()) for n, own in enumerate(segments or ("barrier",), start=1)}

    def marks(written: Iterable[str]) -> dict[tuple[int, str, str], MarkDetail]:
        parts = [mark.replace(".", " ").split() for mark in written]
        return {(int(n), category, code): MarkDetail() for n, category, code in parts}

    return ComparedCase(kind, case_id, opened, marks(truth), marks(found))


def evaluation(*cases: ComparedCase, seed: int = 0, replicates: int = 20) -> Evaluation:
    return Evaluation(
        cases, NAMES, reference="Ann", coder="qualkit", seed=seed, replicates=replicates
    )


def result(made: Evaluation, group: str, level: str = "segment") -> GroupResult:
    (found,) = [r for r in made.results() if (r.group, r.level) == (group, level)]
    return found


# --- the measures themselves ------------------------------------------------------


@st.composite
def matrices(draw: st.DrawFn) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Two 0/1 matrices of units and codes; two codes at least, or sklearn sees no labels."""
    shape = draw(st.tuples(st.integers(1, 8), st.integers(2, 5)))
    size = shape[0] * shape[1]
    cells = st.lists(st.integers(0, 1), min_size=size, max_size=size)
    return numpy.reshape(draw(cells), shape), numpy.reshape(draw(cells), shape)


def measured(truth: numpy.ndarray, found: numpy.ndarray) -> dict[str, float]:
    both = (truth & found).sum(axis=0)
    counts = (both, found.sum(axis=0) - both, truth.sum(axis=0) - both)
    units = numpy.full(truth.shape[1], len(truth))
    values = measures(*(numpy.array([row], dtype=float) for row in (*counts, units)))
    return {key: float(value[0]) for key, value in values.items()}


@given(matrices())
def test_micro_averages_equal_scikit_learns(pair: tuple[numpy.ndarray, numpy.ndarray]) -> None:
    precision, recall, f1, _ = precision_recall_fscore_support(
        *pair, average="micro", zero_division=numpy.nan
    )
    own = measured(*pair)
    assert own["precision"] == pytest.approx(precision, nan_ok=True)
    assert own["recall"] == pytest.approx(recall, nan_ok=True)
    assert own["f1"] == pytest.approx(f1, nan_ok=True)


@given(matrices())
def test_macro_f1_equals_scikit_learns_over_codes_in_use(
    pair: tuple[numpy.ndarray, numpy.ndarray],
) -> None:
    truth, found = pair
    used = numpy.flatnonzero((truth | found).any(axis=0))
    own = measured(truth, found)["macro_f1"]
    if not len(used):
        assert numpy.isnan(own)
        return
    *_, f1, _ = precision_recall_fscore_support(
        truth, found, labels=used, average="macro", zero_division=0
    )
    assert own == pytest.approx(f1)


@given(matrices())
def test_kappa_equals_scikit_learns_over_all_cells(
    pair: tuple[numpy.ndarray, numpy.ndarray],
) -> None:
    truth, found = (matrix.ravel() for matrix in pair)
    own = measured(*pair)["kappa"]
    if len({*truth, *found}) == 1:
        # Both always say the same: chance agreement is 1, kappa 0 / 0.
        assert numpy.isnan(own)
    else:
        assert own == pytest.approx(cohen_kappa_score(truth, found))


@given(matrices())
def test_exchange_of_the_coders_exchanges_precision_and_recall_only(
    pair: tuple[numpy.ndarray, numpy.ndarray],
) -> None:
    one, other = measured(*pair), measured(*reversed(pair))
    assert one["precision"] == pytest.approx(other["recall"], nan_ok=True)
    for key in ("f1", "macro_f1", "kappa"):
        assert one[key] == pytest.approx(other[key], nan_ok=True)


@pytest.mark.parametrize(
    ("both", "first", "second", "neither", "kappa"),
    [
        # Viera and Garrett (2005), Understanding interobserver agreement, Family Medicine
        # 37: two residents, 100 lectures; observed (15 + 70) / 100 = .85, by chance
        # .20 x .25 + .80 x .75 = .65; (.85 - .65) / (1 - .65) = 4/7, printed as .57.
        pytest.param(15, 5, 10, 70, 4 / 7, id="Viera and Garrett"),
        # Feinstein and Cicchetti (1990), High agreement but low kappa I: both tables agree
        # in .85. First: .49 x .46 + .51 x .54 = .5008; .3492 / .4992, printed as .70.
        pytest.param(40, 9, 6, 45, 0.3492 / 0.4992, id="Feinstein and Cicchetti, balanced"),
        # Second: .90 x .85 + .10 x .15 = .78; .07 / .22, printed as .32.
        pytest.param(80, 10, 5, 5, 0.07 / 0.22, id="Feinstein and Cicchetti, unbalanced"),
    ],
)
def test_kappa_of_published_tables(
    both: int, first: int, second: int, neither: int, kappa: float
) -> None:
    counts = (both, second, first, both + first + second + neither)
    value = measures(*(numpy.array([[n]], dtype=float) for n in counts))["kappa"]
    assert value == pytest.approx(kappa)


# --- units ------------------------------------------------------------------------


def test_code_in_another_segment_agrees_by_case_only() -> None:
    made = evaluation(compared("m1", ["1 barrier.debt"], ["2 barrier.debt"], "barrier", "barrier"))
    by_segment, by_case = (result(made, "barrier", level) for level in ("segment", "case"))
    assert (by_segment.units, by_segment.truth, by_segment.found, by_segment.both) == (2, 1, 1, 0)
    assert (by_case.units, by_case.truth, by_case.found, by_case.both) == (1, 1, 1, 1)


def test_segments_where_a_category_is_not_open_are_no_units() -> None:
    cases = [
        compared("m1", ["1 barrier.debt"], ["1 barrier.debt"], "barrier", "outcome"),
        compared("m2", [], ["1 barrier.isolation"], "barrier"),
        compared("m3", ["1 outcome.calm"], [], "outcome"),
    ]
    barrier = result(evaluation(*cases), "barrier")
    assert (barrier.cases, barrier.units) == (2, 2)
    # Two units and two codes: 4 pairs, agreed in 3 (m1 debt, m1 isolation, m2 debt).
    # By chance: 1/4 x 2/4 + 3/4 x 2/4 = .5; kappa (.75 - .5) / .5 = .5.
    assert barrier.kappa.value == pytest.approx(0.5)


def test_kappa_by_case_counts_a_case_once() -> None:
    cases = [
        compared("m1", ["1 barrier.debt", "2 barrier.debt"], ["2 barrier.debt"], *["barrier"] * 2),
        compared("m2", ["1 barrier.debt"], ["1 barrier.isolation"]),
    ]
    # 4 pairs of case and code: both 1, truth alone 1, found alone 1, neither 1.
    # Observed 2/4; by chance .5 x .5 + .5 x .5; kappa 0.
    assert result(evaluation(*cases), "barrier", "case").kappa.value == pytest.approx(0)


# --- groups -----------------------------------------------------------------------


def test_categories_are_pooled_but_those_that_stand_apart() -> None:
    one = compared("m1", ["1 barrier.debt", "1 domain.home"], [], "barrier outcome domain")
    made = evaluation(one)
    assert made.groups("msc") == [
        ("codes", [0, 1, 2]),
        ("domain", [3]),
        ("barrier", [0, 1]),
        ("outcome", [2]),
    ]
    assert (result(made, "codes").truth, result(made, "domain").truth) == (1, 1)


def test_one_category_is_not_pooled_with_itself() -> None:
    made = evaluation(compared("m1", [], [], "barrier domain"))
    assert [name for name, _ in made.groups("msc")] == ["barrier", "domain"]


def test_category_that_a_kind_never_opens_has_no_group_there() -> None:
    made = evaluation(
        compared("m1", [], [], "barrier"), compared("s1", [], [], "outcome", kind="survey")
    )
    assert made.kinds == ["msc", "survey"]
    assert [name for name, _ in made.groups("survey")] == ["outcome"]
    assert {(r.kind, r.group, r.cases) for r in made.results()} == {
        ("msc", "barrier", 1),
        ("survey", "outcome", 1),
    }


# --- intervals --------------------------------------------------------------------

# Ten cases of one or two segments: (segment, code) of the reference and of the coder.
PATTERN = [("1d", "1d"), ("1d 2i", "1d"), ("2d", "2d 1i"), ("", "1d"), ("1i", "1i")]
PATTERN += [("1d 1i", "1d 1i"), ("2i", ""), ("", ""), ("1d", "1d 2d"), ("1i 2i", "2i")]
_CODES = {"d": "debt", "i": "isolation"}


def ordinary() -> list[ComparedCase]:
    def marks(written: str) -> list[str]:
        return [f"{mark[0]} barrier.{_CODES[mark[1]]}" for mark in written.split()]

    return [
        compared(f"m{i}", marks(truth), marks(found), "barrier", "barrier")
        for i, (truth, found) in enumerate(PATTERN)
    ]


def test_same_seed_gives_the_same_intervals_and_another_gives_others() -> None:
    one, same, other = (result(evaluation(*ordinary(), seed=s), "barrier") for s in (3, 3, 4))
    assert one == same
    assert (one.f1.low, one.f1.high) != (other.f1.low, other.f1.high)


def test_interval_contains_the_value() -> None:
    found = result(evaluation(*ordinary(), replicates=200), "barrier")
    # Reference 1+2+1+0+1+2+1+0+1+2 = 11, coder 1+1+2+1+1+2+0+0+2+1 = 11, in both
    # 1+1+1+0+1+2+0+0+1+1 = 8; F1 2 x 8 / 22.
    assert found.f1.value == pytest.approx(16 / 22)
    for measure in (found.precision, found.recall, found.f1, found.macro_f1, found.kappa):
        assert measure.low < measure.value < measure.high


def test_interval_of_cases_all_alike_has_no_width() -> None:
    cases = [compared(f"m{i}", ["1 barrier.debt"], ["1 barrier.isolation"]) for i in range(5)]
    found = result(evaluation(*cases), "barrier")
    assert found.f1 == Measure(0.0, 0.0, 0.0)
    # 10 pairs, none agreed; by chance .5; kappa (0 - .5) / .5 = -1.
    assert (found.kappa.low, found.kappa.value, found.kappa.high) == pytest.approx((-1, -1, -1))


def test_draws_are_those_of_one_multinomial_in_chunks() -> None:
    chunks = list(draw_cases(7, 230, 5))
    assert [len(chunk) for chunk in chunks] == [100, 100, 30]
    drawn = numpy.random.default_rng(5).multinomial(7, [1 / 7] * 7, size=230)
    assert numpy.array_equal(numpy.concatenate(chunks), drawn)


def test_intervals_equal_those_of_cases_drawn_again_one_by_one() -> None:
    n, replicates, seed = len(PATTERN), 120, 11
    cells = numpy.zeros((2, n, 4), dtype=int)  # side, case, segment and code
    for i, sides in enumerate(PATTERN):
        for side, marks in enumerate(sides):
            for mark in marks.split():
                cells[side, i, 2 * (int(mark[0]) - 1) + "di".index(mark[1])] = 1
    drawn = numpy.random.default_rng(seed).multinomial(n, [1 / n] * n, size=replicates)
    f1, kappa = [], []
    for times in drawn:
        truth, found = (numpy.repeat(side, times, axis=0).ravel() for side in cells)
        f1.append(2 * (truth & found).sum() / (truth.sum() + found.sum()))
        kappa.append(cohen_kappa_score(truth, found))
    own = result(evaluation(*ordinary(), seed=seed, replicates=replicates), "barrier")
    assert (own.f1.low, own.f1.high) == pytest.approx(tuple(numpy.quantile(f1, [0.025, 0.975])))
    assert (own.kappa.low, own.kappa.high) == pytest.approx(
        tuple(numpy.quantile(kappa, [0.025, 0.975]))
    )


@given(st.permutations(ordinary()))
@settings(max_examples=10)
def test_values_do_not_depend_on_the_order_of_cases(cases: list[ComparedCase]) -> None:
    found, usual = (result(evaluation(*c, replicates=1), "barrier") for c in (cases, ordinary()))
    assert (found.f1.value, found.kappa.value) == pytest.approx((usual.f1.value, usual.kappa.value))


# --- rank correlation -------------------------------------------------------------

COUNTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12)


@given(COUNTS)
def test_rank_correlation_is_pearsons_of_scipys_ranks(pairs: list[tuple[int, int]]) -> None:
    one, other = zip(*pairs, strict=True)
    own = rank_correlation(one, other)
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert own is None
    else:
        assert own == pytest.approx(numpy.corrcoef(rankdata(one), rankdata(other))[0, 1])


def test_rank_correlation_by_hand_and_of_a_constant() -> None:
    # Ranks 1 2 3 4 and 2 1 3 4: 1 - 6 x (1 + 1) / (4 x 15) = .8.
    assert rank_correlation([10, 20, 30, 40], [2, 1, 7, 9]) == pytest.approx(0.8)
    assert rank_correlation([1, 1, 1], [1, 2, 3]) is None
    assert rank_correlation([], []) is None
