"""Where sets of forms stand in a text."""

from __future__ import annotations

import pytest

from qualkit.coding.automaton import PhraseIndex
from qualkit.coding.view import TextView


def found(forms: list[str], text: str) -> list[str]:
    index = PhraseIndex()
    number = index.add(forms)
    index.build()
    view = TextView(text)
    places = index.find(view).places(number)
    return [text[slice(*view.original(start, end))] for start, end in places]


@pytest.mark.parametrize(
    ("forms", "text", "expected"),
    [
        (["low"], "Low. Slow, lower (low) low5", ["Low", "low"]),
        (["can"], "He can, she can't, I can’t", ["can"]),
        (["can't"], "He can’t", ["can’t"]),
        (["mum"], "mum's here", ["mum"]),
        (["depress*"], "depressed, depressing depress undepressed", None),
        (["DASH"], "a DASH, a dash, the Dash", ["DASH"]),
        (["DA*"], "DASHes dash", ["DASHes"]),
        (["'s low"], "she's low", ["'s low"]),
        (["n't sleep"], "doesn't sleep", ["n't sleep"]),
        (["well being"], "well-being and well  being", ["well-being", "well  being"]),
        (["no friends"], "no\nfriends, no \t friends", ["no\nfriends", "no \t friends"]),
        (["a&e"], "in A&E now", ["A&E"]),
        (["low", "low mood"], "low mood", ["low", "low mood"]),
        (["low"], "", []),
        (["low"], "low", ["low"]),
    ],
)
def test_find(forms, text, expected):
    if expected is None:
        expected = ["depressed", "depressing", "depress"]
    assert found(forms, text) == expected


def test_equal_sets_share_a_number():
    index = PhraseIndex()
    assert index.add(["a", "b"]) == index.add(("b", "a"))
    assert index.add(["a"]) != index.add(["b"])


def test_index_without_forms_finds_nothing():
    index = PhraseIndex()
    index.build()
    assert index.find(TextView("anything")).by_form == {}


def test_form_in_two_sets_is_found_for_both():
    index = PhraseIndex()
    one, two = index.add(["low"]), index.add(["low", "flat"])
    index.build()
    found = index.find(TextView("low"))
    assert found.places(one) == found.places(two) == [(0, 3)]
