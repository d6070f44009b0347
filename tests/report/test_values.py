from __future__ import annotations

import pytest

from qualkit.report.values import percent, shown


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
