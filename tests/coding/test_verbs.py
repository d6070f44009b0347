"""Where "and" begins a new assertion after a denial."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.coding.verbs import new_verb

# The cue stands between slashes; what is asked about begins at the bar.
CASES = [
    # After do, can and the like only a base form goes on.
    ("she did /not/ go out and |stopped", True),
    ("she did /not/ eat and |sleep", False),
    ("he does /not/ wash and |refuses", True),
    ("/unable to/ settle and |lost weight", True),
    ("she /couldn't/ do it alone and gladly |accepted it", True),
    ("she /couldnt/ do it alone and |gladly accepted it", True),
    ("she could /not/ feel safe and |supported", False),
    ("he /can't/ get himself washed and |dressed", False),
    ("she did /not/ feel well and |cancelled the visit", True),
    # After "was not" like goes with like.
    ("he was /not/ excluded and |bullied", False),
    ("he was /not/ offered any help and |supported", False),
    ("he was /not/ at home and |stayed away", True),
    ("he /wasn't/ sleeping and |lost weight", True),
    ("she was /not/ seen and |went home", True),
    ("it could /not/ be mended and |cleaned", False),
    # After "has not" a further participle is denied, unless it has its own object.
    ("she has /not/ smoked and |slept", False),
    ("she /hadn't/ paid it and |lost the house", True),
    ("she /would have/ lost it and |moved the boys", False),
    # After "no" and "of" a noun is denied.
    ("/no/ money and |borrowed", True),
    ("/no/ friends and |needed company", True),
    ("/no/ cot and |bed", False),
    ("/no/ worker called and |helped", False),
    ("at /risk of/ eviction and |accepted help", True),
    ("at /risk of/ being evicted and |moved", False),
    # After "never" one word may be meant with the other.
    ("she /never/ drank and |smoked", False),
    ("she /never/ missed a day and |passed", True),
    # Whole clauses may be joined.
    ("/if/ he shouted and |moved", False),
    ("/nobody/ came and |helped", False),
    # No new verb stands before it.
    ("did /not/ go out and |accepted, and later moved", True),
    ("did /not/ go |out and accepted", False),
    ("did /not/ see mum and |dad", False),
    ("did /not/ see mum and dad and |moved", True),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_new_verb(text, expected):
    before, cue, rest = text.split("/")
    start, end = len(before), len(before) + len(cue)
    target = end + rest.index("|")
    assert new_verb(before + cue + rest.replace("|", ""), start, end, target) is expected


WORDS = st.sampled_from(["not", "did", "was", "no", "never", "help", "accepted", "went", ",", "he"])


@given(st.lists(WORDS))
def test_without_and_nothing_begins(words):
    plain = " ".join(["not", *words])
    assert not any(new_verb(plain, 0, 3, target) for target in range(3, len(plain)))
