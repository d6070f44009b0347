"""Which decisions matter to a top five: worked by hand, and laws that always hold."""

from __future__ import annotations

import math

import pytest
from counted import CODINGS, coding, sure
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.analysis.priorities import Material, influence
from qualkit.model import CountedCoding


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


def test_coding_that_decides_the_fifth_place_weighs_most() -> None:
    # Codes 1 to 4 are found nine times each. Codes 5 and 6 have three cases that are sure, and
    # code 6 one more that is open: it is the fifth alone, or shares the place.
    codings = [own for code in (1, 2, 3, 4) for own in sure(code, 9, 100 * code)]
    codings += [*sure(5, 3, 500), *sure(6, 3, 600), coding(1, 1, 6), coding(2, 1, 1)]
    codings += [coding(3, 1, 7)]
    weights = influence(Material(codings))
    assert max(weights, key=lambda row: weights[row]) == 1
    # Expected 3.5 against 3, spread 0.5: z = 1.
    assert weights[1] == pytest.approx(0.5 * math.exp(-0.5) / math.sqrt(2 * math.pi) / 0.5)
    # Code 1 cannot leave (9.5 against 3, spread 0.5: z = 13) and code 7 hardly reaches it
    # (0.5 against 3.5, spread sqrt(0.5): z = -4.24, density 0.0001).
    assert weights[2] == pytest.approx(0, abs=1e-12)
    assert weights[3] < 1e-4


def test_second_coding_of_a_case_shares_the_weight() -> None:
    one = Material([*sure(1, 2, 1), *sure(2, 2, 11), coding(20, 1, 2)])
    two = Material([*sure(1, 2, 1), *sure(2, 2, 11), coding(20, 1, 2), coding(21, 1, 2)])
    assert influence(two, 1)[20] < influence(one, 1)[20]


def test_coding_in_a_case_that_is_sure_has_no_influence() -> None:
    # The case counts for the code whatever is said of the second coding.
    material = Material([*sure(1, 1, 1), coding(20, 2000, 2, open_=False), coding(21, 2000, 2)])
    assert influence(material, 1) == {21: 0.0}


def test_with_fewer_codes_than_places_it_matters_whether_a_theme_is_there() -> None:
    # Code 1 is there without coding 1; code 2 only if coding 2 is right. Against the cut
    # between none and one: expected 0.5, spread 0.5, so z = 0.
    weights = influence(Material([*sure(1, 9, 10), coding(1, 1, 1), coding(2, 1, 2)]))
    assert weights[1] == pytest.approx(0, abs=1e-12)
    assert weights[2] == pytest.approx(0.5 / math.sqrt(2 * math.pi) / 0.5)


def test_rankings_of_domains_add_to_the_weight() -> None:
    def codings(*domains: str) -> list[CountedCoding]:
        own = [*sure(1, 2, 1), *sure(2, 1, 11), coding(20, 1, 2), *sure(3, 1, 30)]
        return [one._replace(domains=domains) for one in own]

    plain = influence(Material(codings()), 1)[20]
    assert influence(Material(codings("home", "health")), 1)[20] == pytest.approx(3 * plain)


def test_case_counts_for_a_domain_by_the_codings_that_stand_in_it() -> None:
    # Two codings of one case; one of them in a segment on home. There it stands alone.
    material = Material([coding(1, 1, 1), coding(2, 1, 1, domains=("home",))])
    over_all, home = material.rankings
    assert (over_all.domain, home.domain) == ("", "home")
    assert material.none_right()[over_all.units].tolist() == pytest.approx([0.25])
    assert material.none_right()[home.units].tolist() == pytest.approx([0.5])


def test_no_codings_have_no_rankings() -> None:
    material = Material([])
    assert material.rankings == []
    assert influence(material) == {}


@settings(deadline=None)
@given(CODINGS)
def test_decided_codings_have_no_weight_and_no_weight_is_negative(
    codings: list[CountedCoding],
) -> None:
    weights = influence(Material(codings), 2)
    assert set(weights) == {own.coding for own in codings if own.open}
    assert all(weight >= 0 and math.isfinite(weight) for weight in weights.values())


@settings(deadline=None)
@given(CODINGS, st.randoms(use_true_random=False))
def test_order_of_codings_does_not_matter(codings: list[CountedCoding], chance: object) -> None:
    mixed = list(codings)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    weights, others = influence(Material(codings), 2), influence(Material(mixed), 2)
    assert others == {row: pytest.approx(weight) for row, weight in weights.items()}


@settings(deadline=None)
@given(CODINGS)
def test_far_from_the_cut_nothing_matters(codings: list[CountedCoding]) -> None:
    # Two codes of a hundred sure cases above all that can be reached: the top two are settled.
    settled = [*sure(91, 100, 10_000), *sure(92, 100, 20_000)]
    open_ = [own._replace(domains=()) for own in codings]
    weights = influence(Material([*settled, *open_]), 2)
    assert all(weight < 1e-9 for weight in weights.values())
