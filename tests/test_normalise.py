"""One way of writing for what is compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.normalise import normalise_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Low Mood", "low mood"),
        ("doesn’t, doesn`t", "doesn't, doesn't"),
        ("“No”\tmoney\nleft", '"no" money left'),
        ("well-being 0-2 - end -", "well being 0 2 - end -"),
        ("well–being", "well being"),
        ("a\u00a0b", "a b"),
        ("İ", "İ"),
        ("", ""),
    ],
)
def test_normalise_text(text, expected):
    assert normalise_text(text) == expected


@given(st.text(st.characters(max_codepoint=0x2FF) | st.sampled_from(" -`'’–\u00a0\n")))
def test_normalised_text_has_the_same_length_and_stays_as_it_is(text):
    once = normalise_text(text)
    assert len(once) == len(text)
    assert normalise_text(once) == once
