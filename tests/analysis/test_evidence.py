from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.evidence import context


def test_context_is_cut_on_whole_words() -> None:
    text = "one two three four five"
    # Ten characters before "four" are "two three " less its first word's rest.
    assert context(text, 14, 18, width=8) == ("…three ", " five")


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80), st.integers(1, 20))
def test_context_without_cuts_stands_in_the_text(text: str, a: int, b: int, width: int) -> None:
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    before, after = context(text, start, end, width)
    assert text[:start].endswith(before.removeprefix("…"))
    assert text[end:].startswith(after.removesuffix("…")) or after.endswith("……")
