"""Groups and waves of the table in conftest.py, counted by hand."""

from __future__ import annotations

import numpy
import pytest

from qualkit.analysis.ranking import MOST_LOTS
from qualkit.errors import QualkitError, SmallSampleWarning
from qualkit.project import Project
from qualkit.store import groups, lots
from qualkit.store.groups import Grouping


@pytest.fixture
def quarters(project: Project) -> Project:
    """m1, m2 and m3 are of Q1, m4 of Q2: family F3 has cases in both."""
    project.connection.executemany(
        "INSERT INTO case_attributes (case_key, key, value)"
        " SELECT id, 'quarter', ? FROM cases WHERE case_id = ?",
        [("Q1", "m1"), ("Q1", "m2"), ("Q1", "m3"), ("Q2", "m4")],
    )
    return project


def test_families_in_two_groups_count_in_each_and_are_in_no_test(quarters: Project) -> None:
    _, scope = quarters._counting(None, {"count_by": "family"}, "barrier")
    found = groups.count_links(quarters.connection, scope, "barrier", Grouping("case", "quarter"))
    sizes = {size.group: size.with_text for size in found.sizes}
    assert sizes == {"": 3, "Q1": 3, "Q2": 1}
    counts = {(c.cell, c.code): c.count for c in found.counts}
    assert (counts["Q1", "debt"], counts["Q1", "isolation"], counts["Q2", "debt"]) == (2, 2, 0)
    # F1 and F2 are in Q1 alone: debts of F1, both are lonely.
    assert (found.several, found.tested_sizes) == (1, {"Q1": 2})
    assert found.tested == {("Q1", "debt"): 1, ("Q1", "isolation"): 2}
    with pytest.warns(SmallSampleWarning):
        table = quarters.link("barrier", by="case.quarter")
    assert any("1 families are in more than one group" in note for note in table.notes)


def test_waves_count_cases(quarters: Project) -> None:
    table = quarters.compare("barrier", "quarter")
    rows = {row["code"]: row for row in table.rows}
    # Debts in m1 and m3, loneliness in m1 and m2, of three cases; m4 has neither.
    assert (rows["debt"]["count_Q1"], rows["debt"]["of_Q1"], rows["debt"]["count_Q2"]) == (2, 3, 0)
    assert rows["isolation"]["change"] == pytest.approx(-2 / 3)
    assert rows["debt"]["finding"] == "too little to say"
    assert any("1 families have several cases" in note for note in table.notes)


def test_waves_by_family_leave_out_of_the_change_who_is_in_two(quarters: Project) -> None:
    table = quarters.compare("barrier", "quarter", count_by="family")
    rows = {row["code"]: row for row in table.rows}
    assert (rows["debt"]["count_Q1"], rows["debt"]["of_Q1"], rows["debt"]["of_Q2"]) == (2, 3, 1)
    # Without F3 nobody is left in Q2.
    assert rows["debt"].get("change") is None
    assert any("1 families are in more than one wave" in note for note in table.notes)


def test_waves_need_two_values_and_no_segments(quarters: Project) -> None:
    with pytest.raises(QualkitError, match="fewer than two values"):
        quarters.compare("barrier", "quarter", where="quarter=Q1")
    with pytest.raises(QualkitError, match="segments of one case belong together"):
        quarters.compare("barrier", "quarter", count_by="segment")


def test_joint_display_leads_to_a_coding_of_the_cell(project: Project) -> None:
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier", joint=True)
    for row in table.rows:
        quotations = project.quotes(
            row["code"], count_by="family", where=f"cluster={row['group']}"
        ).rows
        numbers = {item["coding_id"]: item["quote"] for item in quotations}
        if row["count"]:
            assert numbers[row["coding_id"]] == row["quote"]
        else:
            assert row["quote"] is None


def test_joint_display_takes_a_persons_coding_first(project: Project) -> None:
    coding = project.quotes("isolation", where="cluster=A").rows[-1]["coding_id"]
    project.decide(int(coding), "accept", "Ann")
    with pytest.warns(SmallSampleWarning):
        table = project.link("barrier", joint=True)
    row = next(r for r in table.rows if (r["code"], r["group"]) == ("isolation", "A"))
    assert (row["coding_id"], row["status"]) == (coding, "accepted")


@pytest.mark.parametrize("count_by", ["case", "family", "segment"])
@pytest.mark.parametrize("by_group", [False, True])
@pytest.mark.parametrize("domain", ["", "home"])
def test_lots_add_up_to_the_counts(
    project: Project, count_by: str, by_group: bool, domain: str
) -> None:
    options = {"count_by": count_by, "kind": "all", "domain": domain}
    table = project.top("barrier", by_group=by_group, **options)  # type: ignore[arg-type]
    _, scope = project._counting(None, options, "barrier")  # type: ignore[arg-type]
    for most in (MOST_LOTS, 2):
        themes, found = lots.count_by_lot(
            project.connection, scope, "barrier", most=most, by_group=by_group
        )
        sums = dict(zip(themes, found.sum(axis=0).tolist(), strict=True))
        assert {row["code"]: row["count"] for row in table.rows} == {
            theme: n for theme, n in sums.items() if n
        }
    assert len(found) == 2


def test_lots_are_of_one_size(project: Project) -> None:
    # Seven cases with text (m1 to m4, i1, i2, s1) in three lots: 3, 2 and 2.
    project.connection.execute("UPDATE codings SET code_key = (SELECT min(id) FROM codes)")
    _, scope = project._counting(None, {"kind": "all"}, "barrier")
    _, found = lots.count_by_lot(project.connection, scope, "barrier", most=3)
    # Six of them are coded.
    assert found.sum() == 6
    assert numpy.all(found <= 3)


def test_top_says_how_sure_the_ranks_are_unless_told_not_to(project: Project) -> None:
    row = project.top("barrier").rows[0]
    assert row["rank_low"] <= row["rank"] <= row["rank_high"]
    assert 0 <= row["in_top"] <= 1
    assert "rank_low" not in [c.key for c in project.top("barrier", intervals=False).columns]
