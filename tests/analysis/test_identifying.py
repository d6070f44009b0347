"""What could tell of somebody in a quotation: each by an invented sentence."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.identifying import bare, find_identifying, make_known

KNOWN = make_known(
    ["F2012", "FAM 0007", "narratives"], ["Jo Marsh", "Interviewer"], ["Lower Wick", "A", "worker"]
)


def found(text: str) -> dict[str, str]:
    """The marked words, with what they seem to be."""
    return {text[flag.start : flag.end]: flag.what for flag in find_identifying(text, KNOWN)}


@pytest.mark.parametrize(
    ("text", "words", "what"),
    [
        ("we told Jaden's teacher", "Jaden", "name"),
        ("we told jaden to wait", "jaden", "name"),
        ("Hope helps a lot", "Hope", "name"),
        ("then Mrs Okonedo-Pike rang", "Mrs Okonedo-Pike", "name"),
        ("and Thabiso came round", "Thabiso", "name or place"),
        ("what marsh wrote down", "marsh", "name"),
        ("he went to Hill Top Primary", "Hill Top Primary", "place"),
        ("moved to Alma Road last spring", "Alma Road", "place"),
        ("near St Wulfstan", "St Wulfstan", "place"),
        ("the bus from Lower Wick", "Lower Wick", "place or attribute"),
        ("family f-2012 said", "f-2012", "reference"),
        ("as in fam 7777", "fam 7777", "reference"),
        ("it was 12/03/2016 or so", "12/03/2016", "date"),
        ("on the 3rd of May it stopped", "3rd of May", "date"),
        ("until October it was fine", "October", "date"),
        ("since 2014", "2014", "date"),
        ("my son, aged 7, said", "aged 7", "age"),
        ("a nine-year-old in a cot", "nine-year-old", "age"),
        ("she was 14 when it began", "was 14", "age"),
        ("ring me on 07700 900123", "07700 900123", "telephone number"),
        ("her number is 943 476 5919", "943 476 5919", "NHS number"),
        ("they live in AB1 2CD", "AB1 2CD", "postcode"),
        ("write to a.person@example.org", "a.person@example.org", "e-mail address"),
        ("NI number QQ 12 34 56 C", "QQ 12 34 56 C", "National Insurance number"),
    ],
)
def test_what_has_a_form_is_marked(text: str, words: str, what: str) -> None:
    assert found(text).get(words) == what


@pytest.mark.parametrize(
    "text",
    [
        "It was a long wait. They will help, and I hope it works.",
        "We may go on a march; the worker came on a Monday.",
        "She was 5 minutes late and the GP and CAMHS said no.",
        "“Nobody asked me,” he said.",
    ],
)
def test_ordinary_words_are_not_marked(text: str) -> None:
    assert found(text) == {}


@given(st.text(max_size=200))
def test_marks_are_stretches_of_the_text_apart_from_each_other(text: str) -> None:
    flags = find_identifying(text, KNOWN)
    for flag in flags:
        assert 0 <= flag.start < flag.end <= len(text)
    for one, other in pairwise(flags):
        assert one.end <= other.start


def test_references_are_compared_by_letters_and_digits() -> None:
    assert bare(" FAM-00/12 ") == "fam0012"
