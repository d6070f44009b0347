"""Sample size for kappa, and the cases drawn."""

from __future__ import annotations

import math
from collections import Counter

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.doubleplan import (
    FrameCase,
    Wanted,
    allocate,
    draw_sample,
    expected_width,
    kappa_variance,
    plan_table,
    units_needed,
)
from qualkit.analysis.patterns import Measurer, Patterns
from qualkit.errors import QualkitError

SMALL = Wanted(width=1.2, kappa=0.7, prevalence=0.5)
"""4 × 1.96² × 0.51 / 1.44 = 5.44: six units."""


def frame(**strata: int) -> list[FrameCase]:
    """Cases of two segments each, so many a stratum."""
    return [
        FrameCase(f"{name}{i}", "msc", name, 2)
        for name, size in strata.items()
        for i in range(size)
    ]


def test_variance_at_a_half_is_one_less_kappa_squared() -> None:
    for kappa in (0.0, 0.4, 0.85):
        assert kappa_variance(kappa, 0.5) == pytest.approx(1 - kappa**2)


def test_sample_size_of_a_test_as_the_package_irr_prints_it() -> None:
    # N.cohen.kappa(0.5, 0.5, 0.7, 0.85) of the R package irr (Cantor 1996) gives 96:
    # ((1.645 × sqrt(0.2775) + 0.842 × sqrt(0.51)) / 0.15)² = 95.7.
    null, other = (math.sqrt(kappa_variance(kappa, 0.5)) for kappa in (0.85, 0.7))
    assert math.ceil(((1.644854 * null + 0.841621 * other) / 0.15) ** 2) == 96


@pytest.mark.parametrize(("kappa", "prevalence"), [(0.6, 0.2), (0.8, 0.05), (0.0, 0.4)])
def test_variance_is_that_of_simulated_coders(kappa: float, prevalence: float) -> None:
    # Two coders with one prevalence: yes-yes π² + κπ(1 - π), yes-no and no-yes (1 - κ)π(1 - π).
    apart = (1 - kappa) * prevalence * (1 - prevalence)
    shares = [prevalence - apart, apart, apart, 1 - prevalence - apart]
    counts = numpy.random.default_rng(5).multinomial(4000, shares, size=8000).astype(float)
    patterns = Patterns(numpy.array([[1, 1, 0, 0], [1, 0, 1, 0]]), 2)
    found = Measurer("cohen", patterns).values(counts)
    # The standard error of a standard deviation of 8000 values is below 1% of it.
    expected = math.sqrt(kappa_variance(kappa, prevalence) / 4000)
    assert found.std() == pytest.approx(expected, rel=0.04)


def test_units_needed_by_hand() -> None:
    # Spread 2 × 0.1 × 0.9 = 0.18; variance 0.3 × (0.3 × -0.4 + 0.7 × 1.3 / 0.18) = 1.480667;
    # 4 × 3.841459 × 1.480667 / 0.04 = 568.8.
    assert units_needed(Wanted(width=0.2, kappa=0.7, prevalence=0.1)) == 569
    assert units_needed(SMALL) == 6


@given(
    width=st.floats(0.05, 1.0),
    kappa=st.floats(0.0, 0.99),
    prevalence=st.floats(0.01, 0.99),
)
def test_units_needed_give_the_width_and_one_less_does_not(
    width: float, kappa: float, prevalence: float
) -> None:
    wanted = Wanted(width, kappa, prevalence)
    n = units_needed(wanted)
    assert expected_width(wanted, n) <= width * (1 + 1e-9)
    assert n == 2 or expected_width(wanted, n - 1) > width * (1 - 1e-9)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Wanted(0, 0.7, 0.1), "width"),
        (Wanted(0.2, 1, 0.1), "kappa"),
        (Wanted(0.2, -0.1, 0.1), "kappa"),
        (Wanted(0.2, 0.7, 0), "prevalence"),
        (Wanted(0.2, 0.7, 1), "prevalence"),
        (Wanted(0.2, math.nan, 0.1), "kappa"),
    ],
)
def test_numbers_out_of_range_are_refused(wanted: Wanted, said: str) -> None:
    with pytest.raises(QualkitError, match=f"the {said} is out of range"):
        units_needed(wanted)


def test_largest_remainders_by_hand() -> None:
    # Quotas of 7 among 10, 5 and 3: 3.89, 1.94, 1.17; rests to B (0.94), then A (0.89).
    sizes = {("msc", "A"): 10, ("msc", "B"): 5, ("msc", "C"): 3}
    assert list(allocate(sizes, 7).values()) == [4, 2, 1]


def test_equal_remainders_go_to_the_larger_then_by_name() -> None:
    # Quotas of 3 among 3, 1, 1, 1: 1.5, 0.5, 0.5, 0.5; two left: A, then B.
    sizes = {("msc", name): size for name, size in (("D", 1), ("C", 1), ("B", 1), ("A", 3))}
    assert allocate(sizes, 3) == {
        ("msc", "A"): 2,
        ("msc", "B"): 1,
        ("msc", "C"): 0,
        ("msc", "D"): 0,
    }


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.data())
def test_allocation_adds_up_and_is_within_one_of_the_quota(
    sizes: list[int], data: st.DataObject
) -> None:
    n = data.draw(st.integers(0, sum(sizes)))
    shares = allocate({("msc", str(i)): size for i, size in enumerate(sizes)}, n)
    assert sum(shares.values()) == n
    for size, share in zip(sizes, shares.values(), strict=True):
        assert share <= size
        assert abs(share - size * n / sum(sizes)) < 1


def test_sample_has_what_is_needed_and_no_case_more() -> None:
    # Six segments are three cases of two; quotas of 6, 3, 1 are 1.8, 0.9, 0.3: 2, 1, 0.
    drawn = draw_sample(frame(A=6, B=3, C=1), SMALL)
    assert Counter(case.stratum for case in drawn) == {"A": 2, "B": 1}
    assert len({case.case_id for case in drawn}) == 3


def test_short_cases_are_made_up_for() -> None:
    # 20 cases of one segment and one of 100: six segments are by their mean 1.05 cases, so
    # two are tried; the sample grows until it has six.
    cases = [FrameCase(f"s{i}", "msc", "A", 1) for i in range(20)]
    cases.append(FrameCase("long", "interview", "A", 100))
    for seed in range(20):
        drawn = draw_sample(cases, SMALL, seed)
        assert sum(case.n_segments for case in drawn) >= 6
        assert len(drawn) <= 12


def test_chance_is_the_seeds_and_the_order_of_cases_is_not() -> None:
    cases = frame(A=40, B=40)
    drawn = draw_sample(cases, SMALL, seed=3)
    assert drawn == draw_sample(cases[::-1], SMALL, seed=3)
    assert any(drawn != draw_sample(cases, SMALL, seed=seed) for seed in range(4, 9))


def test_every_case_is_as_likely() -> None:
    counts = Counter(
        case.case_id for seed in range(2000) for case in draw_sample(frame(A=6), SMALL, seed)
    )
    # Three of six, 2000 times: 1000 each, standard deviation sqrt(500) = 22.
    assert all(abs(count - 1000) < 4 * 22.4 for count in counts.values())


def test_by_case_a_unit_is_a_case() -> None:
    wanted = Wanted(width=1.2, kappa=0.7, prevalence=0.5, level="case")
    assert len(draw_sample(frame(A=20), wanted)) == 6


def test_foot_says_what_was_needed_and_drawn() -> None:
    table = plan_table(frame(A=10), SMALL, seed=4, prevalence_of="as given")
    assert table.notes[0] == (
        "segments needed: 6, for an interval of kappa 1.2 wide (95%), at kappa 0.7 and"
        " prevalence 0.5 (as given)"
    )
    assert table.notes[1] == "sampled: 3 of 10 cases with 6 segments; chance seed 4"
    assert len(table.notes) == 3
    assert table.n == {"msc": 10}


def test_too_few_texts_are_said_with_the_width_that_they_give() -> None:
    # Four segments: 2 × 1.96 × sqrt(0.51 / 4) = 1.40.
    table = plan_table(frame(A=2), SMALL)
    assert len(table.rows) == 2
    assert "there are no more, so the interval will be about 1.40 wide" in table.notes


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 9)), min_size=1, max_size=30))
@settings(deadline=None, max_examples=50)
def test_sample_is_enough_or_everything(cases: list[tuple[str, int]]) -> None:
    made = [FrameCase(f"c{i}", "msc", name, n) for i, (name, n) in enumerate(cases)]
    drawn = draw_sample(made, SMALL)
    assert sum(case.n_segments for case in drawn) >= 6 or len(drawn) == len(made)
