"""Codings laid on the stretches of a passage, and what is known of each code there."""

from __future__ import annotations

import numpy
import pytest

from qualkit.coding.lessons import UNKNOWN, Lesson, groups_of, lesson_of, truth_of
from qualkit.coding.passages import Passage, sentences
from qualkit.model import CodeKey

DEBT: CodeKey = ("barrier", "debt")
ALONE: CodeKey = ("barrier", "alone")
CALM: CodeKey = ("outcome", "calm")
CODES = (DEBT, ALONE, CALM)

TEXT = "They had debts. He was calm."
FIRST, SECOND = (0, 15), (16, 28)
PASSAGE = Passage("", TEXT, (FIRST, SECOND))


def lesson(
    given: set[CodeKey] = frozenset(),
    denied: set[CodeKey] = frozenset(),
    complete: set[str] = frozenset(),
    group: str = "g",
) -> Lesson:
    """A lesson of one stretch."""
    passage = Passage("", "x", ((0, 1),))
    return Lesson(
        passage, (frozenset(given),), (frozenset(denied),), frozenset(complete), group, True
    )


def test_passage_of_these_tests_has_the_sentences_it_says() -> None:
    assert sentences(TEXT) == (FIRST, SECOND)


def test_codings_stand_in_the_sentences_that_hold_them() -> None:
    # "debts" is 9 to 14; the second coding goes over both sentences.
    made = lesson_of(
        PASSAGE, [(DEBT, 9, 14), (CALM, 0, 28)], complete=frozenset({"barrier"}), group="case m1"
    )
    assert made.given == ({DEBT, CALM}, {CALM})
    assert made.denied == (set(), set())
    assert (made.complete, made.group, made.natural) == ({"barrier"}, "case m1", True)


def test_rejected_codings_are_denied_where_they_stood() -> None:
    made = lesson_of(PASSAGE, [], [(DEBT, *FIRST)], complete=frozenset(), group="g")
    assert made.denied == ({DEBT}, set())


def test_what_one_person_gives_another_cannot_deny() -> None:
    made = lesson_of(PASSAGE, [(DEBT, 9, 14)], [(DEBT, 0, 28)], complete=frozenset(), group="g")
    assert made.given == ({DEBT}, set())
    assert made.denied == (set(), {DEBT})


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (lesson(), [UNKNOWN, UNKNOWN, UNKNOWN]),
        (lesson(given={DEBT}), [1, UNKNOWN, UNKNOWN]),
        (lesson(denied={DEBT}), [0, UNKNOWN, UNKNOWN]),
        (lesson(complete={"barrier"}), [0, 0, UNKNOWN]),
        (lesson(given={DEBT}, complete={"barrier"}), [1, 0, UNKNOWN]),
        (lesson(given={CALM}, denied={DEBT}, complete={"barrier"}), [0, 0, 1]),
        (lesson(given={("domain", "home")}, complete={"domain"}), [UNKNOWN] * 3),
    ],
    ids=[
        "nothing known",
        "given",
        "denied",
        "complete",
        "given among complete",
        "all three",
        "other codes",
    ],
)
def test_truth_is_yes_no_or_unknown(one: Lesson, expected: list[int]) -> None:
    truth = truth_of([one], CODES)
    assert truth.dtype == numpy.int8
    assert truth.tolist() == [expected]


def test_truth_has_a_row_for_each_stretch_in_order() -> None:
    two = lesson_of(PASSAGE, [(CALM, *SECOND)], complete=frozenset({"outcome"}), group="g")
    truth = truth_of([lesson(given={DEBT}), two], CODES)
    assert truth.tolist() == [[1, -1, -1], [-1, -1, 0], [-1, -1, 1]]


def test_truth_of_nothing_is_empty() -> None:
    assert truth_of([], CODES).shape == (0, 3)


def test_every_stretch_has_its_lessons_group() -> None:
    two = lesson_of(PASSAGE, [], complete=frozenset(), group="b")
    assert groups_of([lesson(group="a"), two]) == ["a", "b", "b"]
