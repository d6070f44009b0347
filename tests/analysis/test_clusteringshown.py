"""Groups as they are published: what sets them apart, and the index, of shown numbers alone."""

from __future__ import annotations

import numpy
import pytest

from qualkit.analysis.clusteringcrosswalk import crosswalk_table
from qualkit.analysis.clusteringshown import from_shown
from qualkit.analysis.clusteringtables import GroupedNeeds, groups_table, profile_table
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish_page
from qualkit.model import Basis, Page, Table

# Two groups of 40 and 30 families.
GROUPS = numpy.array([0] * 40 + [1] * 30)


def grouped(**needs: tuple[int, int]) -> GroupedNeeds:
    """Needs by how many of the first and of the second group have them."""
    answers = numpy.array(
        [[1] * one + [0] * (40 - one) + [1] * two + [0] * (30 - two) for one, two in needs.values()]
    ).T
    return GroupedNeeds(GROUPS, numpy.ones(70), answers, list(needs), 2)


def published(*tables: Table, base: int = 0) -> dict[str, Table]:
    page = publish_page(Page("clusters", "T", tables, anew=from_shown), Rules(base=base))
    return {table.name: table for table in page.tables}


def page_of(needs: GroupedNeeds, base: int = 0) -> dict[str, Table]:
    basis = Basis(denominator=70, unit="families")
    return published(
        groups_table(needs, basis, for_publishing=True), profile_table(needs, basis), base=base
    )


def residuals(table: Table) -> dict[tuple[str, str], object]:
    return {(row["need"], row["group"]): row["residual"] for row in table.rows}


def test_lists_name_the_needs_that_the_profile_shows() -> None:
    tables = page_of(grouped(debt=(30, 6), illness=(8, 20), rare=(30, 2)))
    profile, groups = tables["cluster-profile"], tables["cluster-groups"]
    # 2 of 30 are few, so both groups lack `rare`; it is in no list.
    assert residuals(profile)["rare", "1"] == LEFT_OUT
    assert groups.rows[0]["more"] == ("debt",)
    assert groups.rows[0]["less"] == ("illness",)
    assert groups.rows[1]["more"] == ("illness",)
    assert groups.rows[-1]["more"] == ()
    assert [column.key for column in groups.columns][-2:] == ["more", "less"]


def test_residuals_of_shown_numbers_are_those_of_the_whole() -> None:
    needs = grouped(debt=(30, 6), illness=(8, 20))
    exact = residuals(profile_table(needs, Basis()))
    shown = residuals(page_of(needs)["cluster-profile"])
    assert shown == {place: pytest.approx(value) for place, value in exact.items()}


def test_a_residual_does_not_give_back_how_many_there_are_in_all() -> None:
    # 0 is shown, 3 of all are not: from 0, both sizes and a residual the 3 would follow.
    tables = page_of(grouped(debt=(30, 6), rare=(3, 0)))
    rows = {(row["need"], row["group"]): row for row in tables["cluster-profile"].rows}
    assert rows["rare", "2"]["yes"] == 0
    assert rows["rare", "all"]["yes"] == LEFT_OUT
    assert rows["rare", "2"]["residual"] == rows["rare", "2"]["sets_apart"] == LEFT_OUT


def test_rounded_numbers_have_residuals_of_their_own() -> None:
    tables = page_of(grouped(debt=(31, 7), illness=(8, 20)), base=5)
    # 31, 7 and 38 of 40, 30 and 70 are rounded to 30, 5 and 40: 30 of 40 and 10 of 30 are left.
    # Expected 40 × 40 / 70 = 22.857; variance 22.857 × (30 / 70) × (30 / 70) = 4.198.
    row = tables["cluster-profile"].rows[1]
    assert (row["need"], row["group"], row["yes"]) == ("debt", "1", 30)
    assert row["residual"] == pytest.approx((30 - 22.857143) / 4.198251**0.5, abs=1e-5)
    assert "debt" in tables["cluster-groups"].rows[0]["more"]


def test_small_groups_are_said_to_be_where_their_size_is_shown() -> None:
    needs = grouped(debt=(30, 6))
    needs.groups[:] = [0] * 55 + [1] * 15
    with pytest.warns(UserWarning, match="too few"):
        tables = page_of(needs)
    assert any("too few families" in note for note in tables["cluster-groups"].notes)


def walk(*counts: tuple[int, int]) -> Table:
    """Families of new groups in A and B."""
    groups = numpy.array([at for at, own in enumerate(counts) for _ in range(sum(own))])
    given = ["A" if n < a else "B" for a, b in counts for n in range(a + b)]
    return crosswalk_table(groups, len(counts), given, Basis(), by="cluster")


def test_index_is_told_where_all_that_it_is_made_of_is_shown() -> None:
    exact = next(note for note in walk((30, 10), (6, 24)).notes if "Rand" in note)
    assert exact in published(walk((30, 10), (6, 24)))["cluster-crosswalk"].notes


def test_index_is_not_told_where_numbers_are_left_out_and_that_is_said() -> None:
    notes = published(walk((30, 10), (2, 24)))["cluster-crosswalk"].notes
    assert [note for note in notes if "Rand" in note] == [
        "adjusted Rand index: none, since numbers of the crosswalk are left out, and it could give"
        " them back"
    ]


def test_what_is_mostly_one_given_group_is_said_of_shown_numbers() -> None:
    # 30 of 40 and 24 of 30.
    said = "more than half of a new group is of one given group: 1 of A (75%), 2 of B (80%)"
    assert said in walk((30, 10), (6, 24)).notes
    assert said in published(walk((30, 10), (6, 24)))["cluster-crosswalk"].notes
