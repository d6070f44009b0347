"""Families as codes, and conditions in words."""

from __future__ import annotations

import pytest

from qualkit.analysis.chaidrows import condition, encode, name_levels
from qualkit.model import Predictor


def made(values: list[str]) -> tuple[Predictor, list[int]]:
    found = encode("family.x", "x", "attribute", values)
    assert not isinstance(found, str)
    return found[0], found[1].tolist()


def test_words_are_categories_in_order_of_the_alphabet() -> None:
    predictor, codes = made(["b", "a", "", "b"])
    assert predictor.categories == ("a", "b")
    assert not predictor.ordered
    # What is not known is a category of its own, the last.
    assert codes == [1, 0, 2, 1]


def test_few_numbers_are_ordered_by_their_value() -> None:
    predictor, codes = made(["10", "9", "1.5", ""])
    assert predictor.ordered
    assert predictor.categories == ("1.5", "9", "10")
    assert codes == [2, 1, 0, 3]


def test_many_numbers_are_cut_into_ten_bands() -> None:
    predictor, codes = made([str(number) for number in range(1, 101)])
    assert len(predictor.categories) == 10
    assert predictor.bounds[0] == (1, 10)
    assert predictor.bounds[-1] == (91, 100)
    assert [codes.count(code) for code in range(10)] == [10] * 10


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["a", "a"], "all alike"),
        ([], "all alike"),
        (["", ""], "all alike"),
        ([f"2017-01-{day:02}" for day in range(1, 20)], "more than 12 values"),
    ],
)
def test_what_is_no_predictor_says_why(values: list[str], why: str) -> None:
    assert encode("family.x", "x", "attribute", values) == why


def test_one_value_and_gaps_are_two_categories() -> None:
    assert made(["a", "", "a"])[1] == [0, 1, 0]


NEED = Predictor("need.debt", "Debt", "need", ("without", "with"))
AGE = Predictor(
    "family.age", "age", "attribute", ("1", "2", "3", "4"), ((1, 1), (2, 2), (3, 3), (4, 9))
)
THEME = Predictor(
    "barrier.home", "the barrier Home", "theme", ("without", "with"), unknown="no barrier text"
)


@pytest.mark.parametrize(
    ("predictor", "codes", "words"),
    [
        (NEED, (1,), "with Debt"),
        (NEED, (0, 2), "without Debt or Debt not known"),
        (AGE, (0, 1), "age up to 2"),
        (AGE, (1, 2), "age 2 to 3"),
        (AGE, (2, 3), "age 3 or more"),
        (AGE, (0, 4), "age up to 1 or not known"),
        (AGE, (0, 2, 3), "age up to 1 or 3 or more"),
        (THEME, (2,), "no barrier text"),
        (THEME, (0, 2), "without the barrier Home or no barrier text"),
    ],
)
def test_conditions_in_words(predictor: Predictor, codes: tuple[int, ...], words: str) -> None:
    assert condition(predictor, codes) == words


def test_numbers_that_are_told_apart_are_few_or_quarters() -> None:
    assert name_levels(["10", "9", "10", ""]) == (("9", "10"), ["10", "9", "10", ""], False)
    levels, told, bands = name_levels([str(n) for n in range(1, 9)])
    # Two of eight a quarter; the ends tell nobody's number.
    assert bands
    assert levels == ("up to 2", "3 to 4", "5 to 6", "7 or more")
    assert told == [levels[n // 2] for n in range(8)]
    assert name_levels(["b", "a"]) == (("a", "b"), ["b", "a"], False)
    assert name_levels(["", ""]) == ((), ["", ""], False)
