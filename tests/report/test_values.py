from __future__ import annotations

import pytest

from qualkit.model import Column, Pivot, Table
from qualkit.report.values import percent, pivoted, shown


@pytest.mark.parametrize(
    ("share", "places", "text"),
    [
        (0.125, 0, "13%"),
        (0.285, 0, "29%"),
        (0.195, 1, "19.5%"),
        (0.07645, 1, "7.6%"),
        (1.0, 0, "100%"),
        (0.0, 0, "0%"),
        (None, 0, "–"),
        (1e-7, 1, "0.0%"),
    ],
)
def test_percent_rounds_half_up(share: float | None, places: int, text: str) -> None:
    assert percent(share, places) == text


def test_pair_shows_group_and_overall() -> None:
    assert shown((0.195, 0.076), "pair") == "19.5% : 7.6%"
    assert shown((None, 0.076), "pair") == "– : 7.6%"


def test_missing_value_is_blank() -> None:
    assert shown(None, "count") == ""


def test_sign_stands_before_a_cell_that_has_one() -> None:
    rows = tuple(
        {"need": "Debt", "group": group, "share": 0.5, "apart": apart}
        for group, apart in (("1", "more"), ("2", ""))
    )
    columns = (Column("need", "need"), Column("group", "group"), Column("share", "s", "share"))
    pivot = Pivot("need", "need", "group", "share", sign="apart", signs={"more": "▲"})
    assert pivoted(Table("t", "t", columns, rows, pivot=pivot))[1] == [["Debt", "▲50%", "50%"]]


def test_themes_of_one_name_keep_a_line_each() -> None:
    rows = tuple(
        {"code": code, "name": "Support", "domain": "home", "share": share}
        for code, share in (("support", 0.5), ("support-2", 0.25))
    )
    columns = tuple(Column(key, key) for key in ("code", "name", "domain"))
    pivot = Pivot("name", "theme", "domain", "share")
    table = Table("matrix", "t", (*columns, Column("share", "s", "share")), rows, pivot=pivot)
    assert pivoted(table)[1] == [["Support", "50%"], ["Support", "25%"]]
