"""Which decisions matter to a top five: worked by hand, and laws that always hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.priorities import Material, influence, outlooks
from qualkit.model import CountedCoding


def coding(
    number: int, case: int, code: int, *, open_: bool = True, score: float | None = 0.5
) -> CountedCoding:
    return CountedCoding(number, case, "msc", "barrier", code, open_, score)


def sure(code: int, n: int, first: int) -> list[CountedCoding]:
    """A code that people found in n cases."""
    return [coding(first + k, 1000 * code + k, code, open_=False) for k in range(n)]


def test_only_codings_at_the_cut_have_influence() -> None:
    # With a top of one: code 1 has two sure cases, code 2 one sure case and one open, code 3
    # one open. Code 2 may reach 2, a tie; the variances are 0, 0.25 and 0.25.
    material = Material([*sure(1, 2, 1), *sure(2, 1, 11), coding(20, 1, 2), coding(30, 2, 3)])
    weights = influence(material, 1)
    # Expected 2, 1.5 and 0.5. Code 2 against code 1: z = -0.5 / 0.5 = -1, density
    # exp(-0.5) / sqrt(2 pi) / 0.5 = 0.48394; times 2 p (1 - p) = 0.5.
    assert weights[20] == pytest.approx(0.5 * math.exp(-0.5) / math.sqrt(2 * math.pi) / 0.5)
    # Code 3: z = -1.5 / 0.5 = -3.
    assert weights[30] == pytest.approx(0.5 * math.exp(-4.5) / math.sqrt(2 * math.pi) / 0.5)


def test_second_coding_of_a_pair_matters_less() -> None:
    one = Material([*sure(1, 2, 1), *sure(2, 2, 11), coding(20, 1, 2)])
    two = Material([*sure(1, 2, 1), *sure(2, 2, 11), coding(20, 1, 2), coding(21, 1, 2)])
    assert influence(two, 1)[20] < influence(one, 1)[20]


def test_coding_of_a_pair_that_is_sure_has_no_influence() -> None:
    # The case counts for the code whatever is said of the second coding.
    material = Material([*sure(1, 1, 1), coding(20, 2000, 2, open_=False), coding(21, 2000, 2)])
    assert influence(material, 1) == {21: 0.0}


def test_with_no_more_codes_than_places_nothing_matters() -> None:
    material = Material([coding(1, 1, 1), coding(2, 1, 2)])
    assert set(influence(material, 2).values()) == {0.0}


def test_domains_add_to_the_weight() -> None:
    codings = [*sure(1, 2, 1), *sure(2, 1, 11), coding(20, 1, 2), *sure(3, 1, 30)]
    plain = influence(Material(codings), 1)[20]
    # In the domain only the open pair stands, so it is alone and always first there.
    alone = influence(Material(codings, {1: ("home",)}), 1)[20]
    assert alone == pytest.approx(plain)
    cases = {own.case_key: ("home",) for own in codings}
    assert influence(Material(codings, cases), 1)[20] == pytest.approx(2 * plain)


def test_everything_decided_stays() -> None:
    (own,) = outlooks(Material([*sure(1, 3, 1), *sure(2, 1, 11)]), top=1)
    assert (own.open, own.stays, own.left) == (0, 1.0, 0)


def test_one_coding_that_settles_the_first_place_is_left() -> None:
    # Counted as it stands code 2 ties with code 1, so both are first; it is right half of the
    # time. After the one decision the table is the final one.
    (own,) = outlooks(Material([*sure(1, 1, 1), coding(20, 1, 2)]), top=1, replicates=2000, seed=1)
    assert own.open == 1
    # Three standard errors of 2,000 draws of one half.
    assert own.stays == pytest.approx(0.5, abs=3 * math.sqrt(0.25 / 2000))
    assert own.left == 1


def test_far_ahead_stays_without_a_decision() -> None:
    (own,) = outlooks(Material([*sure(1, 9, 1), coding(20, 1, 2), coding(21, 2, 3)]), top=1)
    assert (own.stays, own.left) == (1.0, 0)


CODINGS = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 8), st.booleans(), st.none() | st.floats(0, 1)),
    min_size=1,
    max_size=40,
).map(
    lambda rows: [
        coding(n, case, code, open_=is_open, score=score)
        for n, (case, code, is_open, score) in enumerate(rows)
    ]
)


@settings(deadline=None)
@given(CODINGS)
def test_decided_codings_have_no_weight_and_no_weight_is_negative(
    codings: list[CountedCoding],
) -> None:
    weights = influence(Material(codings), 2)
    assert set(weights) == {own.coding for own in codings if own.open}
    assert all(weight >= 0 and math.isfinite(weight) for weight in weights.values())


@settings(deadline=None, max_examples=30)
@given(CODINGS)
def test_no_more_decisions_are_left_than_codings_are_open(codings: list[CountedCoding]) -> None:
    for own in outlooks(Material(codings), top=2, replicates=20):
        assert 0 <= own.left <= own.open
        assert 0 <= own.stays <= 1
        assert (own.left == 0) == (own.stays >= 0.95)
