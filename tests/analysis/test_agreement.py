"""Measures of agreement: published worked examples, other programs, and laws."""

from __future__ import annotations

import itertools
import math
import random
import tracemalloc
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from qualkit.analysis.agreement import (
    Agreement,
    RatingsError,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from qualkit.analysis.patterns import (
    MEASURES,
    Measurer,
    Patterns,
    draw_groups,
    percentile_interval,
)
from qualkit.errors import QualkitError

Function = Callable[..., Agreement]
Table = Sequence[Sequence[Hashable | None]]

FUNCTIONS: dict[str, Function] = {
    "percent": percent_agreement,
    "cohen": cohen_kappa,
    "fleiss": fleiss_kappa,
    "alpha": krippendorff_alpha,
    "ac1": gwet_ac1,
}
SOME = None
# Krippendorff (2011), section C: four observers, twelve units, five values, gaps.
FOUR = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, SOME, SOME, SOME),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, SOME, 3),
    (SOME, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, SOME),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, SOME),
)
# Fleiss (1971), table 1: 30 patients, each with the diagnoses of six psychiatrists.
DIAGNOSES = """
444444 222555 233335 555555 222444 113333 333355 113334 114444 555555
144444 124444 222333 144444 224445 333335 111455 111112 224444 133555
555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
"""


def coders_of(cells: dict[tuple[Hashable, Hashable], int]) -> list[list[Hashable]]:
    """The ratings of two coders from a table of both."""
    pairs = [pair for pair, count in cells.items() for _ in range(count)]
    return [[first for first, _ in pairs], [second for _, second in pairs]]


def test_every_measure_has_a_function() -> None:
    assert set(FUNCTIONS) == set(MEASURES)


# --- published worked examples ----------------------------------------------------


def test_cohen_1960() -> None:
    # 200 patients, two judges; on the diagonal 88 + 40 + 12 = 140, so p_o = 0.70.
    # First judge 120, 60, 20; second 100, 60, 40: p_e = 0.6 × 0.5 + 0.3 × 0.3 + 0.1 × 0.2
    # = 0.41. kappa = 0.29 / 0.59 = 0.492.
    cells = {
        ("personality", "personality"): 88,
        ("personality", "neurosis"): 14,
        ("personality", "psychosis"): 18,
        ("neurosis", "personality"): 10,
        ("neurosis", "neurosis"): 40,
        ("neurosis", "psychosis"): 10,
        ("psychosis", "personality"): 2,
        ("psychosis", "neurosis"): 6,
        ("psychosis", "psychosis"): 12,
    }
    found = cohen_kappa(coders_of(cells))
    assert found.n == 200
    assert found.value == pytest.approx(29 / 59)
    assert found.value == pytest.approx(0.492, abs=0.0005)
    assert percent_agreement(coders_of(cells)).value == pytest.approx(0.70)


def test_fleiss_1971() -> None:
    ratings = list(zip(*DIAGNOSES.split(), strict=True))
    found = fleiss_kappa(ratings)
    # Of a patient's 30 ordered pairs agree, by how the six ratings fall: all alike 30, 5 + 1
    # 20, 4 + 2 14, 4 + 1 + 1 12, 3 + 3 12, 3 + 2 + 1 8. There are 5, 7, 7, 3, 3 and 5 such
    # patients: 150 + 140 + 98 + 36 + 36 + 40 = 500 pairs of 900, the paper's 0.556.
    assert (found.n, percent_agreement(ratings).value) == (30, pytest.approx(500 / 900))
    # The values have 26, 26, 30, 55 and 43 of 180 ratings: 7126 / 32400, the paper's 0.220.
    chance = (26**2 + 26**2 + 30**2 + 55**2 + 43**2) / 180**2
    assert found.value == pytest.approx((500 / 900 - chance) / (1 - chance))
    assert found.value == pytest.approx(0.430, abs=0.0005)


def test_krippendorff_2011_two_observers_binary() -> None:
    # 20 ratings, 6 ones and 14 noughts; 4 of 10 units disagree, 8 ratings in all:
    # 1 - 19 × 8 / (400 - 36 - 196) = 1 - 152 / 168 = 0.095.
    ratings = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
    found = krippendorff_alpha(ratings)
    assert found.value == pytest.approx(16 / 168)
    assert found.value == pytest.approx(0.095, abs=0.0005)


def test_krippendorff_2011_two_observers_five_values() -> None:
    # Of 24 ratings a has 4, b, c and d 6 each, e 2; 3 of 12 units disagree, 6 ratings in all:
    # 1 - 23 × 6 / (576 - 16 - 3 × 36 - 4) = 1 - 138 / 448 = 0.692.
    ratings = ["aabbdcccedda", "babbbccceddd"]
    assert krippendorff_alpha(ratings).value == pytest.approx(1 - 138 / 448)
    assert krippendorff_alpha(ratings).value == pytest.approx(0.692, abs=0.0005)


def test_krippendorff_2011_four_observers_with_gaps() -> None:
    # The unit with one rating is left out: 40 ratings, of the values 9, 13, 10, 5, 3;
    # agreeing ordered pairs / (m - 1) by unit: 3, 2, 4, 4, 4, 0, 4, 2, 4, 3, 2 = 32.
    # 1 - 39 × 8 / (1600 - 81 - 169 - 100 - 25 - 9) = 1 - 312 / 1216 = 0.743.
    found = krippendorff_alpha(FOUR)
    assert found.n == 11
    assert found.value == pytest.approx(1 - 312 / 1216)
    assert found.value == pytest.approx(0.743, abs=0.0005)
    assert found.notes == ("units without the ratings that it needs, left out: 1",)


def test_gwet_two_raters_where_nearly_all_is_one_value() -> None:
    # 118 both yes, 5 and 2 apart, 0 both no: p_a = 118 / 125 = 0.944. Yes: 243 of 250
    # ratings, 0.972: p_e = 2 × 0.972 × 0.028 = 0.054432; AC1 = 0.889568 / 0.945568 = 0.941.
    # Cohen's p_e = (123 × 120 + 2 × 5) / 15625 = 0.94528; kappa = -0.00128 / 0.05472 = -0.023.
    ratings = coders_of({(1, 1): 118, (1, 0): 5, (0, 1): 2})
    assert gwet_ac1(ratings).value == pytest.approx(0.889568 / 0.945568)
    assert cohen_kappa(ratings).value == pytest.approx(-0.0234, abs=0.0001)


def test_gwet_four_raters_with_gaps() -> None:
    # Agreeing pairs over 11 units: 1 + 1/2 + 1 + 1 + 1 + 0 + 1 + 1/2 + 1 + 1 + 1 = 9.
    # Shares of the values, summed over 12 units: 3, 3.25, 3.5, 1.25, 1; squares 34.375;
    # p_e = (1 - 34.375 / 144) / 4 = 0.190321; AC1 = (9/11 - p_e) / (1 - p_e) = 0.77544.
    chance = (1 - 34.375 / 144) / 4
    found = gwet_ac1(FOUR)
    assert found.value == pytest.approx((9 / 11 - chance) / (1 - chance))
    assert found.value == pytest.approx(0.77544, abs=0.000005)
    assert percent_agreement(FOUR).value == pytest.approx(9 / 11)


# --- other programs, and the papers' formulas in plain loops -------------------------

# Machines that do much else at once are slow now and then.
unhurried = settings(deadline=None, max_examples=60)

values = st.sampled_from("abcd")
tables = st.integers(2, 5).flatmap(
    lambda m: st.integers(1, 25).flatmap(
        lambda n: st.lists(
            st.lists(st.none() | values, min_size=n, max_size=n), min_size=m, max_size=m
        )
    )
)
pairs = st.lists(st.tuples(values, values), min_size=1, max_size=60).map(
    lambda units: [list(side) for side in zip(*units, strict=True)]
)


@given(pairs)
@unhurried
def test_cohen_is_scikit_learns(ratings: Table) -> None:
    found = cohen_kappa(ratings).value
    if len({value for row in ratings for value in row}) == 1:
        assert found is None
    else:
        assert found == pytest.approx(cohen_kappa_score(*ratings))


@given(tables)
@unhurried
def test_alpha_is_that_of_the_package_krippendorff(ratings: Table) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    units = [[v for v in unit if v is not None] for unit in zip(*ratings, strict=True)]
    pairable = {value for unit in units if len(unit) > 1 for value in unit}
    found = krippendorff_alpha(ratings).value
    if len(pairable) < 2:
        assert found is None
        return
    numbers = [[math.nan if v is None else float(ord(v)) for v in row] for row in ratings]
    assert found == pytest.approx(krippendorff.alpha(numbers, level_of_measurement="nominal"))


def plain(name: str, ratings: Table) -> float | None:
    """Fleiss' kappa, AC1 and percent agreement, unit by unit as the papers write them."""
    units = [[v for v in unit if v is not None] for unit in zip(*ratings, strict=True)]
    if name == "fleiss":
        units = [unit for unit in units if len(unit) == len(ratings)]
    paired = [unit for unit in units if len(unit) > 1]
    if not paired:
        return None
    shares = [
        sum(a == b for a, b in itertools.permutations(unit, 2)) / (len(unit) * (len(unit) - 1))
        for unit in paired
    ]
    observed = sum(shares) / len(shares)
    everything = [value for unit in units for value in unit]
    if name == "percent":
        return observed
    if len(set(everything)) < 2:
        return None
    if name == "fleiss":
        chance = sum((n / len(everything)) ** 2 for n in Counter(everything).values())
    else:
        rated = [unit for unit in units if unit]
        means = [
            sum(unit.count(value) / len(unit) for unit in rated) / len(rated)
            for value in set(everything)
        ]
        chance = sum(mean * (1 - mean) for mean in means) / (len(means) - 1)
    return (observed - chance) / (1 - chance)


@pytest.mark.parametrize("name", ["percent", "fleiss", "ac1"])
@given(ratings=tables)
@unhurried
def test_measures_are_the_papers_formulas(name: str, ratings: Table) -> None:
    found = FUNCTIONS[name](ratings).value
    assert found == (pytest.approx(plain(name, ratings)))


# --- laws -------------------------------------------------------------------------------


def of_shape(name: str, ratings: Table) -> Table:
    return ratings[:2] if name == "cohen" else ratings


@pytest.mark.parametrize("name", MEASURES)
@given(ratings=tables, chance=st.randoms(use_true_random=False))
@unhurried
def test_order_and_names_of_values_make_no_difference(
    name: str, ratings: Table, chance: random.Random
) -> None:
    rows = [list(row) for row in of_shape(name, ratings)]
    found = FUNCTIONS[name](rows)
    units = list(zip(*rows, strict=True))
    chance.shuffle(units)
    mixed = [list(row) for row in zip(*units, strict=True)]
    chance.shuffle(mixed)
    renamed = [[v if v is None else f"<{v}>" for v in row] for row in mixed]
    again = FUNCTIONS[name](renamed)
    assert again.n == found.n
    assert again.value == (pytest.approx(found.value) if found.value is not None else None)


@pytest.mark.parametrize("name", MEASURES)
@given(row=st.lists(values, min_size=2, max_size=30), n_coders=st.integers(2, 5))
@unhurried
def test_full_agreement_is_one(name: str, row: list[str], n_coders: int) -> None:
    found = FUNCTIONS[name](of_shape(name, [row] * n_coders), replicates=20)
    constant = len(set(row)) == 1
    assert found.value == (None if constant and name != "percent" else 1.0)
    assert found.interval == (None if found.value is None else (1.0, 1.0))


@pytest.mark.parametrize("name", MEASURES)
@given(ratings=tables, seed=st.integers(0, 99), n_groups=st.integers(1, 6))
@unhurried
def test_interval_holds_the_value_and_lies_in_the_range(
    name: str, ratings: Table, seed: int, n_groups: int
) -> None:
    rows = of_shape(name, ratings)
    groups = [i % n_groups for i in range(len(rows[0]))]
    for labels in (None, groups):
        found = FUNCTIONS[name](rows, replicates=30, seed=seed, groups=labels)
        assert found == FUNCTIONS[name](rows, replicates=30, seed=seed, groups=labels)
        if found.interval is not None:
            low, high = found.interval
            assert found.value is not None
            # Alpha alone has no fixed lower bound above -1.
            assert (-math.inf if name == "alpha" else -1.0) <= low <= found.value <= high
            assert high <= 1 + 1e-12


@given(tables)
@unhurried
def test_coder_who_rated_nothing_changes_only_fleiss(ratings: Table) -> None:
    more = [*ratings, [None] * len(ratings[0])]
    for name in ("percent", "alpha", "ac1"):
        assert FUNCTIONS[name](more).value == FUNCTIONS[name](ratings).value
    assert fleiss_kappa(more).value is None


# --- edges ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("ratings", [[[], []], [[None], [1]], [[None, 1], [None, None]]])
def test_without_a_unit_rated_twice_there_is_no_value(name: str, ratings: Table) -> None:
    found = FUNCTIONS[name](ratings, replicates=5)
    assert (found.value, found.interval, found.n) == (None, None, 0)


@pytest.mark.parametrize("name", MEASURES)
def test_one_unit_gives_no_interval(name: str) -> None:
    found = FUNCTIONS[name]([[1], [0]], replicates=5)
    assert found.value is not None
    assert found.interval is None
    assert found.notes == ("units of one group only, so there is no interval",)


def test_groups_without_a_usable_unit_do_not_count() -> None:
    ratings = [[1, 0, 1, None], [1, 0, 0, 1]]
    assert cohen_kappa(ratings, replicates=5, groups=["a", "a", "a", "b"]).interval is None
    assert cohen_kappa(ratings, replicates=5, groups=["a", "a", "b", "b"]).interval is not None


def test_nan_is_missing_too() -> None:
    assert krippendorff_alpha([[1, 0, math.nan], [1, 0, 1]]).n == 2


def test_one_coder_constant_is_kappa_nought() -> None:
    # p_o = p_e = 1/2.
    assert cohen_kappa([[1, 1, 1, 1], [1, 1, 0, 0]]).value == 0


def test_ac1_of_a_value_that_could_have_been_given() -> None:
    assert gwet_ac1([[0, 0], [0, 0]]).value is None
    assert gwet_ac1([[0, 0], [0, 0]], n_values=2).value == 1


def test_samples_without_a_value_are_said() -> None:
    # Half of the samples of two units hold one of them twice: no variation, no kappa.
    found = cohen_kappa([[1, 0], [1, 0]], replicates=200)
    assert found.value == 1
    (note,) = found.notes
    assert note.startswith("bootstrap samples without a value, left out: ")
    assert 60 < int(note.rsplit(" ", 1)[1]) < 140


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize(
    ("ratings", "options"),
    [
        pytest.param([[1, 0]], {}, id="one coder"),
        pytest.param([[1, 0], [1]], {}, id="lengths"),
        pytest.param([[1, 0], [1, 0]], {"groups": [1]}, id="groups"),
        pytest.param([[1, 0], [1, 0]], {"replicates": -1}, id="replicates"),
        pytest.param([[1, 0], [1, 0]], {"confidence": 1}, id="confidence"),
    ],
)
def test_wrong_shapes_are_refused(name: str, ratings: Table, options: dict[str, object]) -> None:
    with pytest.raises(RatingsError) as caught:
        FUNCTIONS[name](ratings, **options)
    assert isinstance(caught.value, QualkitError)
    assert isinstance(caught.value, ValueError)


def test_cohen_of_three_is_refused_with_the_way_out() -> None:
    with pytest.raises(RatingsError, match="two coders") as caught:
        cohen_kappa([[1], [1], [1]])
    assert "alpha" in caught.value.to_do


# --- the bootstrap ------------------------------------------------------------------------


def test_interval_is_that_of_whole_groups_drawn_one_by_one() -> None:
    chance = random.Random(3)
    groups = [chance.randrange(12) for _ in range(80)]
    groups[:12] = range(12)
    first = [chance.randrange(2) for _ in groups]
    second = [value if chance.random() < 0.8 else 1 - value for value in first]
    drawn = []
    # Groups are numbered as they come, here 0 to 11.
    for weights in draw_groups(12, 150, seed=7):
        for row in weights.astype(int):
            units = [i for i, group in enumerate(groups) for _ in range(row[group])]
            sample = [[side[i] for i in units] for side in (first, second)]
            drawn.append(cohen_kappa_score(*sample))
    found = cohen_kappa([first, second], replicates=150, seed=7, groups=groups)
    low, high = numpy.quantile(drawn, [0.025, 0.975])
    assert found.interval == pytest.approx((low, high))


def test_smaller_confidence_is_narrower() -> None:
    ratings = [[1, 0, 1, 0, 1, 1, 0, 0] * 5, [1, 0, 0, 0, 1, 1, 1, 0] * 5]
    wide = cohen_kappa(ratings, replicates=300).interval
    narrow = cohen_kappa(ratings, replicates=300, confidence=0.5).interval
    assert wide is not None
    assert narrow is not None
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_every_group_is_drawn_as_often_in_the_long_run() -> None:
    total = sum(weights.sum(axis=0) for weights in draw_groups(5, 2000, seed=1))
    assert sum(total) == 5 * 2000
    # Standard deviation of one group: sqrt(10000 × 0.2 × 0.8) = 40.
    assert all(abs(count - 2000) < 4 * 40 for count in total)


def test_many_groups_are_drawn_in_small_pieces() -> None:
    sizes = [weights.shape for weights in draw_groups(500_000, 5, seed=0)]
    assert sizes == [(4, 500_000), (1, 500_000)]


def test_memory_does_not_grow_with_the_replicates() -> None:
    chance = numpy.random.default_rng(0)
    ratings = chance.integers(0, 2, size=(2, 20_000)).tolist()
    groups = (numpy.arange(20_000) // 4).tolist()
    peaks = []
    for replicates in (100, 400):
        tracemalloc.start()
        krippendorff_alpha(ratings, replicates=replicates, groups=groups)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


def test_interval_is_widened_to_hold_the_value() -> None:
    drawn = numpy.array([0.2, 0.3, math.nan, 0.4])
    assert percentile_interval(0.9, drawn) == (pytest.approx(0.205), 0.9)
    assert percentile_interval(0.3, numpy.array([math.nan])) is None


def test_measures_of_many_counts_at_once() -> None:
    # Patterns yes-yes, yes-no, no-no; two tables: (2, 1, 1) and (0, 2, 0).
    patterns = Patterns(numpy.array([[1, 1, 0], [1, 0, 0]]), 2)
    counts = numpy.array([[2.0, 1.0, 1.0], [0.0, 2.0, 0.0]])
    assert Measurer("percent", patterns).values(counts) == pytest.approx([0.75, 0])
    # (4 × 3 - (3 × 2 + 1 × 2)) / (16 - 8) = 1/2; and one coder all yes, the other all no: 0.
    assert Measurer("cohen", patterns).values(counts) == pytest.approx([0.5, 0])
