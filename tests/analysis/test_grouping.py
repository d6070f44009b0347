"""Families in three groups by their readings: k-means that passes over missing ones."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.cluster import KMeans

from qualkit.analysis.grouping import assign_groups, group_readings
from qualkit.errors import QualkitError

NONE = float("nan")


def _scattered(n: int, seed: int = 3) -> np.ndarray:
    generator = np.random.default_rng(seed)
    levels = generator.normal(5.5, 2, (n, 1))
    return np.clip(np.round(levels + generator.normal(0, 1.2, (n, 10))), 1, 10)


def test_groups_are_named_by_their_mean() -> None:
    readings = np.array([[9, 10], [1, 2], [5, 5], [2, 1], [6, 5], [10, 9]], dtype=float)
    found = group_readings(readings)
    assert found.groups.tolist() == [2, 0, 1, 0, 1, 2]
    # (1+2)/2, (2+1)/2; (5+6)/2, (5+5)/2; (9+10)/2, (10+9)/2
    assert found.centres.tolist() == [[1.5, 1.5], [5.5, 5.0], [9.5, 9.5]]


def test_a_missing_reading_counts_for_nothing() -> None:
    readings = np.array([[1, 1], [2, NONE], [5, 5], [5, NONE], [9, 9], [NONE, 8]], dtype=float)
    found = group_readings(readings)
    assert found.groups.tolist() == [0, 0, 1, 1, 2, 2]
    # Second domain of the lower group: only the one reading 1; first of the higher: only 9.
    assert found.centres.tolist() == [[1.5, 1.0], [5.0, 5.0], [9.0, 8.5]]


def test_a_family_without_a_reading_has_no_group() -> None:
    readings = np.array([[1, 1], [5, 5], [9, 9], [NONE, NONE]], dtype=float)
    assert group_readings(readings).groups.tolist() == [0, 1, 2, -1]


def test_a_domain_that_nobody_has_a_reading_in_has_no_mean() -> None:
    found = group_readings(np.array([[1, NONE], [5, NONE], [9, NONE]]))
    assert found.groups.tolist() == [0, 1, 2]
    assert np.isnan(found.centres[:, 1]).all()


def test_a_family_equally_near_to_two_groups_is_in_the_lower() -> None:
    centres = np.array([[2.0], [4.0], [9.0]])
    assert assign_groups(np.array([[3]], dtype=np.int8), centres).tolist() == [0]


def test_complete_readings_are_grouped_as_well_as_scikit_learn_does() -> None:
    readings = _scattered(600)
    oracle = KMeans(3, n_init=50, random_state=0).fit(readings)
    found = group_readings(readings)
    within = ((readings - found.centres[found.groups]) ** 2).sum()
    assert within <= oracle.inertia_ * 1.0005
    by_mean = np.argsort(np.argsort(oracle.cluster_centers_.mean(axis=1)))
    assert (by_mean[oracle.labels_] == found.groups).mean() > 0.98


def test_few_families_are_grouped_best_of_all_ways() -> None:
    readings = _scattered(7, seed=8)[:, :3]
    readings[2, 1] = NONE

    def within(groups: tuple[int, ...]) -> float:
        of = np.array(groups)
        parts = [readings[of == group] for group in set(groups)]
        return float(sum(np.nansum((part - np.nanmean(part, axis=0)) ** 2) for part in parts))

    ways = [way for way in product(range(3), repeat=7) if len(set(way)) == 3]
    ways = [w for w in ways if not any(
        np.isnan(readings[np.array(w) == g]).all(axis=0).any() for g in range(3)
    )]  # fmt: skip
    best = min(within(way) for way in ways)
    assert within(tuple(group_readings(readings).groups.tolist())) == pytest.approx(best)


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.int8, st.tuples(st.integers(4, 40), st.just(4)), elements=st.integers(0, 10)),
    st.randoms(use_true_random=False),
)
def test_the_order_of_families_does_not_matter(digits: np.ndarray, chance: object) -> None:
    readings = np.where(digits == 0, NONE, digits.astype(float))
    known = digits[digits.any(axis=1)]
    if len(np.unique(known, axis=0)) < 3:
        with pytest.raises(QualkitError):
            group_readings(readings)
        return
    order = list(range(len(readings)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    one, other = group_readings(readings), group_readings(readings[order])
    assert one.groups[order].tolist() == other.groups.tolist()
    assert np.array_equal(one.centres, other.centres, equal_nan=True)


@pytest.mark.parametrize("wrong", [0.0, 11.0, 2.5])
def test_what_is_no_reading_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="1 to 10"):
        group_readings(np.array([[1.0], [5.0], [wrong]]))


def test_fewer_than_three_different_families_are_refused() -> None:
    with pytest.raises(QualkitError, match="too few"):
        group_readings(np.array([[1.0], [1.0], [9.0]]))
