from __future__ import annotations

import pytest
from scipy.stats import chi2_contingency

from qualkit.analysis.differences import compare_table, in_order
from qualkit.analysis.findings import Compared
from qualkit.model import Basis, Table, ThemeCount
from qualkit.report.files import render


def test_waves_stand_in_order_of_their_numbers() -> None:
    assert in_order(["wave 10", "wave 9", "2017Q2", "2016Q4"]) == [
        "2016Q4",
        "2017Q2",
        "wave 9",
        "wave 10",
    ]


@pytest.fixture
def compared() -> Table:
    """Debt in 48 of 80 cases, then in 56 of 70; a cold in one."""
    found = {"debt": {"Q1": 48, "Q2": 56}, "cold": {"Q1": 1, "Q2": 0}}
    counts = [
        ThemeCount("barrier", code, code.title(), n, n, 0, wave)
        for code, own in found.items()
        for wave, n in (("", sum(own.values())), *own.items())
    ]
    sizes = {"Q2": 70, "Q1": 80}
    tested = Compared({(w, code): n for code, own in found.items() for w, n in own.items()}, sizes)
    basis = Basis(denominator=150, unit="cases")
    return compare_table(counts, sizes, tested, basis, by="case.quarter", top=1, title="t")


def test_change_has_newcombes_interval_and_a_test(compared: Table) -> None:
    debt, cold = compared.rows
    # Newcombe (1998), table II, contrast (a): 56/70 - 48/80, method 10.
    assert debt["change"] == pytest.approx(0.2, abs=1e-9)
    assert (debt["change_low"], debt["change_high"]) == pytest.approx((0.0524, 0.3339), abs=5.1e-5)
    expected = chi2_contingency([[48, 56], [32, 14]], correction=False)
    assert debt["theme_p"] == pytest.approx(expected.pvalue, abs=1e-9)
    assert debt["finding"] == "differs"
    assert (debt["share_Q1"], debt["share_Q2"]) == (0.6, 0.8)
    # Half a case is expected in each wave.
    assert (cold["finding"], cold["theme_p"]) == ("too little to say", None)


def test_themes_beyond_the_top_are_in_files_and_named_below(compared: Table) -> None:
    assert [row["featured"] for row in compared.rows] == ["top", "also"]
    text = render(compared, "markdown")
    assert "+20.0 (+5.2 to +33.4)" in text
    assert "Also featured: Cold (1)" in text
    assert len(render(compared, "csv").splitlines()) == 3
