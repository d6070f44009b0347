"""Codings that count, for tests of what is worth deciding."""

from __future__ import annotations

from hypothesis import strategies as st

from qualkit.model import CountedCoding


def coding(
    number: int,
    case: int,
    code: int,
    *,
    open_: bool = True,
    score: float | None = 0.5,
    domains: tuple[str, ...] = (),
) -> CountedCoding:
    """A barrier in a narrative."""
    return CountedCoding(number, case, "msc", "barrier", code, open_, score, domains)


def sure(code: int, n: int, first: int) -> list[CountedCoding]:
    """A code that people found in n cases; codings numbered from `first`."""
    return [coding(first + k, 1000 * code + k, code, open_=False) for k in range(n)]


CODINGS = st.lists(
    st.tuples(
        st.integers(1, 6),
        st.integers(1, 8),
        st.booleans(),
        st.none() | st.floats(0, 1),
        st.sets(st.sampled_from(["home", "health"])),
    ),
    min_size=1,
    max_size=40,
).map(
    lambda rows: [
        coding(n, case, code, open_=is_open, score=score, domains=tuple(sorted(domains)))
        for n, (case, code, is_open, score, domains) in enumerate(rows)
    ]
)
"""Up to 40 barriers of six cases and eight codes."""
