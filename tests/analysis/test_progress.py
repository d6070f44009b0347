"""Progress over all domains: labels, matrix, shares by group, stability."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from qualkit.analysis.progress import adjusted_rand, measure_progress, measure_stability
from qualkit.analysis.progresstables import centres_table, matrix_table, shares_table
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis

# One domain; start groups 1-2, 5-6, 9-10, end groups the same.
START = np.array([[1], [2], [5], [5], [6], [9], [10], [9], [5], [np.nan]])
END = np.array([[5], [10], [9], [6], [1], [5], [9], [10], [np.nan], [5]])
#                hi   hi    hi   same lo  lo   same same  none      none


def test_labels_say_whether_the_end_group_lies_above_the_start_group() -> None:
    labels = measure_progress(START, END).labels
    assert labels[:5] == ["higher", "higher", "higher", "same", "lower"]
    assert labels[5:] == ["lower", "same", "same", "", ""]


def test_the_matrix_has_shares_of_all_grouped_families_and_totals() -> None:
    rows = matrix_table(measure_progress(START, END), Basis()).rows
    found = {(row["start"], row["end"]): row["families"] for row in rows}
    assert found["lower", "middle"] == 1
    assert found["lower", "higher"] == 1
    assert found["middle", "total"] == 3
    assert found["total", "higher"] == 4
    assert found["total", "total"] == 8
    shares = {(row["start"], row["end"]): row["share"] for row in rows}
    assert shares["higher", "total"] == 3 / 8
    moved = {(row["start"], row["end"]): row["progress"] for row in rows}
    assert moved["lower", "middle"] == moved["middle", "higher"] == "higher"
    assert moved["higher", "middle"] == "lower"
    assert moved["middle", "middle"] == "same"
    assert moved["total", "middle"] == ""


def test_shares_stand_by_group_beside_the_overall_share() -> None:
    labels = measure_progress(START, END).labels
    groups = ["A", "A", "A", "A", "B", "B", "", "", "A", "B"]
    with pytest.warns(SmallSampleWarning):
        rows = shares_table(labels, groups, Basis(), by="cluster").rows
    found = {(row["group"], row["progress"]): row for row in rows}
    # Overall 3 of 8 moved up, 2 down; of A 3 of 4 up; both of B down.
    assert found["overall", "higher"]["share"] == 3 / 8
    assert found["A", "higher"]["share"] == 3 / 4
    assert found["B", "lower"]["share"] == 1.0
    assert found["(none)", "same"]["families"] == 2
    assert [row["group"] for row in rows][::3] == ["overall", "A", "B", "(none)"]


def test_group_means_show_what_lower_and_higher_stand_for() -> None:
    table = centres_table(measure_progress(START, END), ["money"], {"money": "Money"}, Basis())
    row = table.rows[0]
    # Of those with both: starts 1 2 | 5 5 6 | 9 10 9.
    assert row["start_lower"] == 1.5
    assert row["start_middle"] == pytest.approx(16 / 3)
    assert row["start_higher"] == pytest.approx(28 / 3)
    assert table.notes == ()


def test_groups_that_are_no_levels_in_some_domain_are_said() -> None:
    readings = np.array([[1, 9], [2, 9], [5, 1], [5, 2], [9, 9], [9, 10]], dtype=float)
    table = centres_table(
        measure_progress(readings, readings), ["a", "b"], {"a": "A", "b": "B"}, Basis()
    )
    # Lower is (5, 1.5), middle (1.5, 9): by their means 3.25 and 5.25.
    assert all(note.endswith("not in order: A") for note in table.notes)
    assert len(table.notes) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2]), ([0, 1, 0, 1, 2], [2, 0, 2, 0, 1])],
    ids=["some moved", "only other names"],
)
def test_adjusted_rand_is_scikit_learns(one: list[int], other: list[int]) -> None:
    found = adjusted_rand(np.array(one), np.array(other))
    assert found == pytest.approx(adjusted_rand_score(one, other))


def test_adjusted_rand_of_one_group_with_itself_is_one() -> None:
    assert adjusted_rand(np.zeros(4), np.zeros(4)) == 1.0
    assert adjusted_rand(np.zeros(1), np.zeros(1)) == 1.0


def test_groups_far_apart_are_stable_and_a_cloud_is_less_so() -> None:
    apart = np.repeat([[1, 2], [5, 6], [9, 10]], 20, axis=0).astype(float)
    sure = measure_stability(apart, apart, measure_progress(apart, apart), resamples=10)
    assert [each.what for each in sure] == ["start", "end", "progress"]
    assert all(each.kept == each.rand == (1.0, 1.0) for each in sure)
    cloud = np.random.default_rng(5).integers(1, 11, (60, 4)).astype(float)
    loose = measure_stability(cloud, cloud, measure_progress(cloud, cloud), resamples=10)
    assert loose[0].kept[1] < loose[0].kept[0] < 1
    assert loose[0].rand[0] < 0.9


def test_stability_does_not_hang_on_the_order_of_families() -> None:
    start = np.random.default_rng(5).integers(1, 11, (40, 3)).astype(float)
    end = np.random.default_rng(6).integers(1, 11, (40, 3)).astype(float)
    order = np.random.default_rng(7).permutation(40)
    one = measure_stability(start, end, measure_progress(start, end), resamples=4)
    start, end = start[order], end[order]
    assert measure_stability(start, end, measure_progress(start, end), resamples=4) == one
