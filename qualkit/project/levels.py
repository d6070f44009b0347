"""Which ratings count as confident and which as low, in numbers and in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model.scales import COMMON_SCALES, Scale, guess_scale, make_scale

_MOST_NAMED = 8
_LONGEST_NAMED = 40
_SO_MANY = 2
"""Answers that so many gave may be named: they are levels, not somebody's own words."""


@dataclass(slots=True)
class Levels:
    """What was settled of the questions asked about.

    Attributes
    ----------
    limits : dict of str to (float, float)
        Question to the rating from which on one is confident, and under which it is low.
    places : dict of str to dict of str to int
        Question in words to the level of each answer.
    numbers : (float, float)
        The limits of questions in numbers.
    notes : list of str
    """

    numbers: tuple[float, float]
    limits: dict[str, tuple[float, float]] = field(default_factory=dict)
    places: dict[str, dict[str, int]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def rule(self) -> str:
        """What counts as confident and as low, in words."""
        least, low = self.numbers
        parts = []
        if len(self.limits) > len(self.places):
            parts.append(
                f"confident (all or most of the time): a rating of {least:g} or more; low: under"
                f" {low:g}"
            )
        if self.places:
            parts.append("ratings in words: confident from the level said below, low under it")
        return "; ".join(parts)

    def one_limit(self) -> bool | None:
        """Whether every rating is either confident or low: of all questions, or None of some."""
        found = {confident == low for confident, low in self.limits.values()}
        return found.pop() if len(found) == 1 else None


def settle_levels(
    headers: Mapping[str, str],
    answers: Mapping[str, Mapping[str, int]],
    limits: tuple[float | str | None, float | str | None],
    default: tuple[float, float],
    given: Sequence[str] = (),
    *,
    quiet: bool = False,
) -> Levels:
    """Return the limits of each question.

    Parameters
    ----------
    headers : mapping of str to str
        The questions by key.
    answers : mapping
        Of those in words, the answers and how many gave each.
    limits : pair
        From which rating on one is confident, and under which it is low: a number for
        questions in numbers, a level for those in words, None for neither.
    default : (float, float)
        For questions in numbers.
    given : sequence of str
        Scales, each "lowest level,…,highest level"; otherwise common ones are guessed.
    quiet : bool
        Do not name answers.

    Raises
    ------
    QualkitError
        A scale has fewer than two levels or one twice, or a level named is of no scale.
    """
    words = tuple(_word(limit) for limit in limits)
    numbers = [default[at] if limits[at] is None else _number(limits[at]) for at in (0, 1)]
    least, low = (
        own if number is None else number for own, number in zip(default, numbers, strict=True)
    )
    settled = Levels((least, low))
    scales = [_read_scale(text) for text in given]
    met: set[str] = set()
    for key, header in headers.items():
        if key not in answers:
            settled.limits[key] = settled.numbers
            continue
        scale = guess_scale(answers[key], 0.0, scales) if scales else None
        scale = scale or guess_scale(answers[key], 0.5)
        if scale is None:
            settled.notes.append(_unknown(header, answers[key], quiet))
            continue
        # For publishing, who answered what is not told by the levels that are there.
        told = {own[0]: 1 for own in scale.levels} if quiet else {}
        _settle_words(settled, key, header, {**told, **answers[key]}, scale, words, met)
        outside = sum(n for word, n in answers[key].items() if scale.place(word) is None)
        if outside:
            number = "some" if quiet else outside
            settled.notes.append(
                f"{header}: {number} answers are no level of this scale and are not counted:"
                " --levels"
            )
    missing = [word for word in words if word and word not in met]
    if missing:
        raise UnknownNameError("level", missing[0], _all_levels(scales, answers))
    return settled


def _settle_words(
    settled: Levels,
    key: str,
    header: str,
    answers: Mapping[str, int],
    scale: Scale,
    words: tuple[str, ...],
    met: set[str],
) -> None:
    places = {word: place for word in answers if (place := scale.place(word)) is not None}
    at = [scale.place(word) if word else None for word in words]
    met |= {word for word, place in zip(words, at, strict=True) if place is not None}
    confident = scale.confident_from if at[0] is None else at[0]
    low = confident if at[1] is None else at[1]
    settled.places[key] = places
    settled.limits[key] = (confident, low)
    shown: dict[int, str] = {}
    for word, place in places.items():
        shown.setdefault(place, word)
    levels = ", ".join(shown[place] for place in sorted(shown))
    first = next((shown[place] for place in sorted(shown) if place >= confident), "none of these")
    under = ""
    if low != confident:
        last = next((shown[place] for place in sorted(shown) if place >= low), "")
        under = f", low under '{last}'" if last else ""
    settled.notes.append(
        f"{header}: in words, lowest first: {levels}; confident from '{first}'{under};"
        " another order with --levels, another level with --confident-from"
    )


def _unknown(header: str, answers: Mapping[str, int], quiet: bool) -> str:
    named = [word for word, n in answers.items() if n >= _SO_MANY and len(word) <= _LONGEST_NAMED][
        :_MOST_NAMED
    ]
    those = f" ({', '.join(named)} …)" if named and not quiet else ""
    return (
        f"{header}: answers in words of no scale that is known{those}, so it is not counted;"
        ' give the levels in order: --levels "lowest,…,highest"'
    )


def _read_scale(text: str) -> Scale:
    words = [word.strip() for word in text.split(",") if word.strip()]
    scale = make_scale(words)
    if len(words) < 2 or len(set(scale.levels)) < len(words) or ("",) in scale.levels:
        raise QualkitError(
            "a scale needs two levels or more, each once",
            found=text,
            expected='--levels "never,some of the time,most of the time,all of the time"',
        )
    return scale


def _number(limit: float | str | None) -> float | None:
    try:
        return None if limit is None else float(limit)
    except ValueError:
        return None


def _word(limit: float | str | None) -> str:
    return limit.strip() if isinstance(limit, str) and _number(limit) is None else ""


def _all_levels(scales: Sequence[Scale], answers: Collection[str]) -> list[str]:
    used = scales or (COMMON_SCALES if answers else ())
    return [words[0] for scale in used for words in scale.levels]
