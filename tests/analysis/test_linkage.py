from __future__ import annotations

import pytest

from qualkit.analysis.linkage import link_table
from qualkit.errors import SmallSampleWarning
from qualkit.model import Basis, GroupSize, ThemeCount

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
