"""Where sets of forms stand in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding.forms import FormIndex
from qualkit.coding.view import TextView


def found(forms: list[str], text: str) -> list[str]:
    index = FormIndex()
    number = index.add(forms)
    index.build()
    view = TextView(text)
    hits = index.find(view)
    assert all(number in index.bundles[bundle] for _, _, bundle in hits)
    return [text[slice(*view.original(start, end))] for start, end, _ in hits]


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
    index = FormIndex()
    assert index.add(["a", "b"]) == index.add(("a", "b"))
    assert index.add(["a"]) != index.add(["b"])


def test_index_without_forms_finds_nothing():
    index = FormIndex()
    index.build()
    assert index.find(TextView("anything")) == []


def test_form_in_two_sets_is_found_for_both():
    index = FormIndex()
    one, two = index.add(["low"]), index.add(["low", "flat"])
    index.build()
    ((start, end, bundle),) = index.find(TextView("low"))
    assert (start, end) == (0, 3)
    assert set(index.bundles[bundle]) == {one, two}


def test_forms_of_the_same_sets_share_a_bundle_but_odd_ones_do_not():
    index = FormIndex()
    index.add(["low", "flat", "glum*", "sad*"])
    index.add(["flat", "low", "grey"])
    index.build()
    bundles = {
        text: index.find(TextView(text))[0][2] for text in ("low", "flat", "grey", "glum", "sad")
    }
    assert bundles["low"] == bundles["flat"]
    assert len(set(bundles.values())) == 4
    assert {text for text, bundle in bundles.items() if bundle >= index.n_plain} == {"glum", "sad"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("low mood at home", ["low", "low mood", "low mood at home"]),
        ("low mood at school", ["low", "low mood"]),
        ("low mood, at home", ["low", "low mood"]),
        ("don't know", ["don't know"]),
        ("don't", []),
        ("don t know", []),
        ("a & e", []),
    ],
)
def test_forms_that_begin_alike(text, expected):
    assert found(["low", "low mood", "low mood at home", "don't know", "a&e"], text) == expected


FORMS = ["low", "low mood", "mum's low", "no", "no-one", "no one", "depress*", "'s low", "5", "5 a"]
WORDS = ["low", "mood", "mum", "mum's", "no", "one", "depressed", "she's", "5", "a", "lower", "é"]


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from([" ", ", ", "-", "  ", "'"]))))
def test_each_form_is_found_as_if_it_were_alone(pairs):
    text = "".join(word + after for word, after in pairs)
    alone = [(form, place) for form in FORMS for place in found([form], text)]
    assert sorted(place for _, place in alone) == sorted(found(FORMS, text))
