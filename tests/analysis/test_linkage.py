from __future__ import annotations

import pytest
from scipy.stats import binomtest, chi2_contingency, fisher_exact

from qualkit.analysis.linkage import joint_table, link_table
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis, GroupSize, Table, ThemeCount
from qualkit.report.files import render

SIZES = [GroupSize("", 20, 4), GroupSize("A", 8, 1), GroupSize("B", 12, 3)]


def _counts(a: int, b: int) -> list[ThemeCount]:
    return [
        ThemeCount("barrier", "debt", "Debt", n, n, 0, cell)
        for cell, n in (("", a + b), ("A", a), ("B", b))
    ]


def test_shares_are_of_the_groups_families_with_text() -> None:
    table = link_table(_counts(2, 3), SIZES, Basis(), by="family.cluster", title="t")
    rows = {row["group"]: row for row in table.rows}
    # 2 of 8 and 3 of 12 families, 5 of 20 in all; families without text stand beside.
    assert (rows["A"]["share"], rows["B"]["share"]) == (0.25, 0.25)
    assert rows["A"]["pair"] == (0.25, 0.25)
    assert rows["A"]["families_without_text"] == 1
    assert any("A: 8 with text and 1 without" in note for note in table.notes)


def test_small_group_is_said_to_be_small() -> None:
    sizes = [GroupSize("", 3, 0), GroupSize("A", 3, 0)]
    with pytest.warns(SmallSampleWarning, match="too few families"):
        table = link_table(_counts(1, 0)[:2], sizes, Basis(), by="x", title="t")
    assert any("too few" in note for note in table.notes)


def test_group_without_text_has_no_share() -> None:
    sizes = [GroupSize("", 8, 2), GroupSize("A", 8, 0), GroupSize("B", 0, 2)]
    table = link_table(_counts(2, 0), sizes, Basis(), by="x", title="t")
    assert {row["group"]: row["share"] for row in table.rows} == {"A": 0.25, "B": None}


def test_theme_of_no_family_is_left_out() -> None:
    assert link_table(_counts(0, 0), SIZES, Basis(), by="x", title="t").rows == ()


def _two_themes() -> tuple[list[ThemeCount], list[GroupSize]]:
    """Debt in 30 of A's 40 families, 5 of B's 40 and 3 of C's 4; a cold in one of B's."""
    counts = {"debt": {"": 38, "A": 30, "B": 5, "C": 3}, "cold": {"": 1, "B": 1}}
    sizes = [GroupSize("", 84, 0), GroupSize("A", 40, 0), GroupSize("B", 40, 0)]
    sizes.append(GroupSize("C", 4, 0))
    return [
        ThemeCount("barrier", code, code.title(), own.get(group, 0), 0, 0, group)
        for code, own in counts.items()
        for group in ("", "A", "B", "C")
    ], sizes


@pytest.fixture
def linked() -> Table:
    with pytest.warns(SmallSampleWarning):
        return link_table(*_two_themes(), Basis(), by="family.cluster", title="t")


def test_groups_are_tested_against_the_others_that_are_large_enough(linked: Table) -> None:
    rows = {(row["code"], row["group"]): row for row in linked.rows}
    # C has four families: what is compared is 30 of 40 and 5 of 40, on both sides the same.
    expected = chi2_contingency([[30, 5], [10, 35]], correction=False)
    for group, sign in (("A", 1), ("B", -1)):
        row = rows["debt", group]
        assert row["p"] == pytest.approx(expected.pvalue, abs=1e-9)
        # Two tests with one p-value: the larger is multiplied by 2/2, the other no more.
        assert row["p_adjusted"] == pytest.approx(expected.pvalue, abs=1e-9)
        assert row["residual"] == pytest.approx(sign * expected.statistic**0.5, abs=1e-9)
        assert row["test"] == "chi-square"
    assert rows["debt", "A"]["finding"] == "higher"
    assert rows["debt", "B"]["finding"] == "lower"
    assert rows["debt", "A"]["pair"] == (0.75, 38 / 84, "▲")
    assert rows["debt", "B"]["pair"][2] == "▼"
    assert rows["debt", "A"]["theme_p"] == pytest.approx(expected.pvalue, abs=1e-9)
    assert rows["debt", "A"]["theme_finding"] == "groups differ"


def test_too_little_material_is_said_and_not_tested(linked: Table) -> None:
    rows = {(row["code"], row["group"]): row for row in linked.rows}
    # C has four families; of a theme of one family half a family is expected in A and in B.
    for cell in (("debt", "C"), ("cold", "A"), ("cold", "B"), ("cold", "C")):
        assert rows[cell]["finding"] == "too little material to say"
        assert rows[cell]["p"] is None
        assert rows[cell]["pair"][2] == "?"
    assert rows["cold", "A"]["theme_p"] is None
    assert rows["cold", "A"]["theme_finding"] == "too little material to say"


def test_foot_says_how_many_tests_and_what_they_describe(linked: Table) -> None:
    foot = " ".join(linked.notes)
    assert "2 tests, false discovery rate 5%" in foot
    assert "1 of 1 themes tested differ" in foot
    assert "cases chosen by staff are no sample: this describes the material" in foot


def test_share_has_wilsons_interval(linked: Table) -> None:
    row = next(row for row in linked.rows if row["group"] == "A")
    expected = binomtest(30, 40).proportion_ci(0.95, "wilson")
    assert (row["share_low"], row["share_high"]) == pytest.approx(
        (expected.low, expected.high), abs=1e-9
    )


def test_families_without_the_attribute_are_in_no_test() -> None:
    counts = _counts(6, 6)
    counts.append(ThemeCount("barrier", "debt", "Debt", 0, 0, 0, "(none)"))
    table = link_table(
        counts, [*SIZES, GroupSize("(none)", 9, 0)], Basis(), by="family.cluster", title="t"
    )
    row = next(row for row in table.rows if row["group"] == "(none)")
    assert (row["finding"], row.get("p")) == ("", None)
    # 6 of 8 and 6 of 12 alone: Fisher's exact test, since 3.2 are expected without.
    own = next(row for row in table.rows if row["group"] == "A")
    assert own["p"] == pytest.approx(fisher_exact([[6, 6], [2, 6]]).pvalue, abs=1e-9)


def test_joint_display_has_one_quotation_a_cell(linked: Table) -> None:
    words = {"coding_id": 7, "case_id": "m1", "quote": "Deep in debt."}
    joint = joint_table(linked, {("A", "debt"): words}, title="t")
    found = {(row["group"], row["code"]): row["quote"] for row in joint.rows}
    assert found["A", "debt"] == "Deep in debt."
    assert found["B", "debt"] is None
    assert len(joint.rows) == len(linked.rows)
    text = render(joint, "markdown")
    assert "| Debt | A | ▲75.0% : 45.2% | Deep in debt. | 7 | m1 |" in text
    assert render(joint, "csv").startswith("name,group,quote,coding_id,case_id,")


def test_joint_display_marks_groups_too_small_to_be_compared() -> None:
    # Three families of C: fewer than five, so its share says little.
    counts = [*_counts(6, 6), ThemeCount("barrier", "debt", "Debt", 1, 1, 0, "C")]
    with pytest.warns(SmallSampleWarning):
        table = link_table(
            counts, [*SIZES, GroupSize("C", 3, 0)], Basis(), by="family.cluster", title="t"
        )
    row = next(row for row in joint_table(table, {}, title="t").rows if row["group"] == "C")
    assert row["pair"][2] == "?"
