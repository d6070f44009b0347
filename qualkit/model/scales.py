"""Scales of ratings in words, lowest level first: "never" to "all of the time"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qualkit.normalise import normalise_name


@dataclass(frozen=True, slots=True)
class Scale:
    """Levels in words, lowest first.

    Attributes
    ----------
    levels : tuple of tuple of str
        Each level's ways to be said, in lower case without punctuation.
    confident_from : int
        The first level, from 0, that counts as confident.
    """

    levels: tuple[tuple[str, ...], ...]
    confident_from: int

    def place(self, answer: str) -> int | None:
        """Return an answer's level, from 0, or None."""
        plain = normalise_name(answer)
        return next((at for at, words in enumerate(self.levels) if plain in words), None)


def _scale(confident: str, *levels: str) -> Scale:
    parts = tuple(tuple(normalise_name(word) for word in level.split("|")) for level in levels)
    return Scale(parts, next(at for at, words in enumerate(parts) if confident in words))


COMMON_SCALES = (
    _scale(
        "most of the time",
        "never|none of the time|not at any time",
        "rarely|hardly ever|seldom|almost never|a little of the time",
        "some of the time|sometimes|occasionally",
        "often|a lot of the time|a good bit of the time",
        "most of the time|usually|mostly|nearly always|almost always",
        "all of the time|always|all the time",
    ),
    _scale(
        "tend to agree",
        "strongly disagree|completely disagree",
        "disagree",
        "slightly disagree|tend to disagree|somewhat disagree",
        "neither agree nor disagree|neither|neutral|neither disagree nor agree",
        "slightly agree|tend to agree|somewhat agree",
        "agree",
        "strongly agree|completely agree",
    ),
    _scale(
        "confident",
        "not at all confident|not confident at all|not at all",
        "not very confident|not confident|a little confident|slightly confident",
        "somewhat confident|moderately confident",
        "fairly confident|quite confident|confident",
        "very confident",
        "extremely confident|completely confident|fully confident",
    ),
    _scale(
        "satisfied",
        "very dissatisfied|very unsatisfied",
        "dissatisfied|unsatisfied|fairly dissatisfied|quite dissatisfied",
        "neither satisfied nor dissatisfied|neither|neutral",
        "satisfied|fairly satisfied|quite satisfied",
        "very satisfied",
    ),
)
"""Ratings in words that surveys use. A scale of a survey has some of the levels."""


def make_scale(words: Sequence[str], confident_from: int | None = None) -> Scale:
    """Return the scale that a user gives, lowest first; confident are its two highest levels.

    Of three levels or fewer the highest alone is confident.
    """
    highest = len(words) - (2 if len(words) > 3 else 1)
    levels = tuple((normalise_name(word),) for word in words)
    return Scale(levels, highest if confident_from is None else confident_from)


def guess_scale(
    answers: Mapping[str, int] | Iterable[str],
    least: float = 0.9,
    scales: Sequence[Scale] = COMMON_SCALES,
) -> Scale | None:
    """Return the scale that most answers are of, if so large a share is, of two levels or more.

    Parameters
    ----------
    answers : iterable of str, or mapping of str to int
        As they stand, or how often each does.
    """
    found = Counter(answers)
    best, most = None, least * found.total()
    for scale in scales:
        places = {answer: scale.place(answer) for answer in found}
        of_scale = sum(n for answer, n in found.items() if places[answer] is not None)
        several = len({place for place in places.values() if place is not None}) > 1
        if several and of_scale >= most and (best is None or of_scale > most):
            best, most = scale, of_scale
    return best
