"""Phrases at the borders of words."""

from __future__ import annotations

import pytest

from qualkit.coding.spotting import Spotter

SPOTTER = Spotter(
    {"no": "no", "not only": "not only", "never": "never", ", and": "and", " - ": "dash"},
    {"other mums at": (["the school gate", "the school"], "others")},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", [("no", "no")]),
        ("no, never", [("no", "no"), ("never", "never")]),
        ("nobody, nevertheless", []),
        ("(no) 'not only", [("no", "no"), ("not only", "not only")]),
        ("not. only", []),
        ("one, and - two", [(", and", "and"), (" - ", "dash")]),
        ("other mums at the school gate", [("other mums at the school gate", "others")]),
        ("other mums at the school, no", [("other mums at the school", "others"), ("no", "no")]),
        ("other mums at the schools", []),
        ("other mums at home", []),
        ("other mums at", []),
    ],
)
def test_spot(text, expected):
    spotted = SPOTTER.spot(text, 0, len(text))
    assert [(text[start:-minus_end], entry) for start, minus_end, entry in spotted] == expected


def test_spot_within_a_stretch_gives_positions_of_the_whole_text():
    text = "no one. No never. no"
    assert SPOTTER.spot(text.lower(), 7, 17) == [(8, -10, "no"), (11, -16, "never")]


def test_phrase_with_a_tail_is_no_phrase_without():
    with pytest.raises(ValueError, match="'no' counts with a tail and without"):
        Spotter({"no": 1}, {"no": (["one"], 2)})
