"""Profile, groups and crosswalk: residuals by hand, what sets apart, small groups, publishing."""

from __future__ import annotations

import math

import numpy
import pytest

from qualkit.analysis.clusteringcrosswalk import crosswalk_table
from qualkit.analysis.clusteringgrid import Stability
from qualkit.analysis.clusteringtables import (
    GroupedNeeds,
    groups_table,
    level_of_need,
    profile_table,
    sets_apart,
)
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis


def grouped() -> GroupedNeeds:
    """Forty families with needs as shared/reference has none: 30 in the first group, 10 in 2."""
    debt = [1] * 6 + [0] * 24 + [1] * 9 + [0]
    illness = [1] * 15 + [0] * 15 + [1] * 5 + [0] * 5
    answers = numpy.array([debt, illness]).T
    groups = numpy.array([0] * 30 + [1] * 10)
    return GroupedNeeds(groups, numpy.full(40, 0.9), answers, ["Debt", "Illness"], 2)


def test_profile_residuals_by_hand() -> None:
    rows = {(r["need"], r["group"]): r for r in profile_table(grouped(), Basis()).rows}
    debt = rows["Debt", "2"]
    # 15 of 40 have debts, 9 of 10 in group 2. Expected 3.75; variance
    # 3.75 × (1 - 15/40) × (1 - 10/40) = 1.7578; (9 - 3.75) / 1.3258 = 3.96.
    assert debt["residual"] == pytest.approx((9 - 3.75) / math.sqrt(3.75 * 0.625 * 0.75))
    assert (debt["yes"], debt["answered"], debt["share"]) == (9, 10, 0.9)
    assert debt["overall_share"] == 15 / 40
    assert (debt["sets_apart"], rows["Debt", "1"]["sets_apart"]) == ("more", "less")
    assert rows["Illness", "1"]["residual"] == pytest.approx(0)
    assert rows["Illness", "1"]["sets_apart"] == ""


def test_profile_has_the_most_frequent_need_first_and_all_families_before_groups() -> None:
    rows = profile_table(grouped(), Basis()).rows
    # 20 of 40 are ill, 15 in debt.
    assert [(r["need"], r["group"]) for r in rows[:3]] == [
        ("Illness", "all"), ("Illness", "1"), ("Illness", "2"),
    ]  # fmt: skip


def test_answers_not_known_are_in_no_share() -> None:
    answers = numpy.array([[1], [-1], [0], [1]])
    own = GroupedNeeds(numpy.array([0, 0, 1, 1]), numpy.ones(4), answers, ["Debt"], 2)
    rows = {r["group"]: r for r in profile_table(own, Basis()).rows}
    assert (rows["1"]["yes"], rows["1"]["answered"]) == (1, 1)
    assert (rows["all"]["yes"], rows["all"]["answered"]) == (2, 3)


@pytest.mark.parametrize(
    ("residual", "own", "overall", "told"),
    [
        (3.0, 0.5, 0.4, "more"),
        (-3.0, 0.3, 0.4, "less"),
        (2.9, 0.9, 0.4, ""),
        (30.0, 0.49, 0.4, ""),
        (None, None, 0.4, ""),
    ],
    ids=["at both limits", "less", "small residual", "small difference", "nobody answered"],
)
def test_sets_apart(residual: float | None, own: float | None, overall: float, told: str) -> None:
    assert sets_apart(residual, own, overall) == told


def test_level_is_mid_within_half_a_standard_deviation() -> None:
    levels = [level_of_need(own, 10.0, 4.0) for own in (7.9, 8.0, 12.0, 12.1)]
    assert levels == ["low", "mid", "mid", "high"]


def test_groups_say_size_level_and_what_sets_apart() -> None:
    with pytest.warns(SmallSampleWarning, match="group 2"):
        table = groups_table(grouped(), Basis(), stable=Stability(0.9, 0.8, (0.9, 0.5)))
    first, second, everybody = table.rows
    assert (first["families"], second["families"], everybody["families"]) == (30, 10, 40)
    # 21 and 14 needs: 0.7 and 1.4 a family, 35 / 40 = 0.875 of all.
    assert (first["mean_needs"], second["mean_needs"]) == pytest.approx((0.7, 1.4))
    assert everybody["mean_needs"] == pytest.approx(0.875)
    assert (second["more"], second["less"]) == (("Debt",), ())
    # Numbers of needs: of 30 families 6 have two (debt goes to the first six, illness to the
    # first fifteen), 9 one, 15 none; of ten 5 two, 4 one, 1 none. Mean of squares
    # (11 × 4 + 13) / 40 = 1.425, less 0.875² = 0.659; half of its root is 0.406.
    assert (first["level"], second["level"]) == ("mid", "high")
    assert any("under 20): group 2" in note for note in table.notes)
    assert any("not stable" in note and note.endswith("group 2") for note in table.notes)


def test_families_in_no_group_are_in_no_table() -> None:
    answers = numpy.array([[1], [0], [-1]])
    own = GroupedNeeds(numpy.array([0, 1, -1]), numpy.ones(3), answers, ["Debt"], 2)
    with pytest.warns(SmallSampleWarning):
        rows = groups_table(own, Basis()).rows
    assert [row["families"] for row in rows] == [1, 1, 2]


def test_crosswalk_counts_and_says_the_index() -> None:
    groups = numpy.array([0, 0, 1, 1, -1, 0])
    table = crosswalk_table(groups, 2, ["A", "A", "B", "B", "A", ""], Basis(), by="cluster")
    found = {(r["group"], r["given"]): r["families"] for r in table.rows}
    assert found["1", "A"] == 2
    assert found["1", "(none)"] == 1
    assert found["all", "all"] == 5
    # Of the four in groups of both kinds the groups are the same.
    assert "1.000" in table.notes[1]
    assert "over 4 families" in table.notes[1]


def test_published_profile_and_crosswalk_hide_small_counts_and_one_more() -> None:
    own = grouped()
    with pytest.warns(SmallSampleWarning):
        groups = groups_table(own, Basis(), for_publishing=True)
    others = ["A"] * 28 + ["B"] * 2 + ["A"] * 5 + ["B"] * 5
    cross = crosswalk_table(own.groups, 2, others, Basis(), by="cluster")
    told = publish([groups, profile_table(own, Basis()), cross], Rules(5))
    profile = {(r["need"], r["group"]): r for r in told[1].rows}
    # 9 of 10: all but one, so it goes, and the 6 of 30 that would give it back.
    assert profile["Debt", "2"]["yes"] == LEFT_OUT
    assert profile["Debt", "1"]["yes"] == LEFT_OUT
    assert profile["Debt", "2"]["sets_apart"] == LEFT_OUT
    assert profile["Illness", "1"]["yes"] == 15
    walk = {(r["group"], r["given"]): r["families"] for r in told[2].rows}
    # 2 is small; in its row and column one more each, and theirs.
    assert [walk[g, c] for g in "12" for c in "AB"] == [LEFT_OUT] * 4
    # No mean for ten families, whole ones for others; no words on what is left out.
    assert [row["mean_needs"] for row in told[0].rows] == [1.0, None, 1.0]
    assert "more" not in told[0].rows[0]
