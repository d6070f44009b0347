"""Which assessment a header or a cell speaks of: the first, a review, the latest; and of what.

"Physical health (start)" -> the domain physical-health, the first assessment
"Review 2 date" -> the date of the second review
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from qualkit.normalise import normalise_name

FIRST = 0
LATEST = 999
"""Later than every numbered review."""
NOT_TOLD = -1

_FIRST = frozenset({"start", "first", "initial", "baseline", "entry", "opening", "pre", "before"})
_LATEST = frozenset(
    {"end", "latest", "last", "final", "exit", "closing", "closure", "post", "after", "finish"}
)
_REVIEWS = frozenset({"review", "rev", "r", "followup", "subsequent"})
_ASSESSMENTS = frozenset({"assessment", "reading", "star", "score", "stage", "time", "t", "wave"})
_FILLERS = frozenset(
    {
        *_ASSESSMENTS,
        *("family", "plus", "fsp", "fs", "domain", "area", "outcome", "scale", "value", "rating"),
        *("readings", "scores", "at", "of", "the", "on", "in", "for", "no", "number", "completed"),
        *("level", "point", "a", "assessed", "completed", "done"),
    }
)
_DATES = frozenset({"date", "dated", "dates", "when"})
_ORDINALS = {
    **{word: n for n, word in enumerate(("1st", "2nd", "3rd", "4th", "5th", "6th"), start=1)},
    **{word: n for n, word in enumerate(("second", "third", "fourth", "fifth"), start=2)},
}
_DONE_ON = re.compile(r"\b(assessed|completed|done) (on|at)\b")
_NUMBERED = re.compile(r"([a-z]+)(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Words:
    """What words beside a domain's name say.

    `review` is 0 for the first assessment, n for the nth review, 999 for the latest, -1
    where nothing is told. `bare` is a number that stands alone.
    """

    review: int = NOT_TOLD
    date: bool = False
    bare: int | None = None


@lru_cache(maxsize=4096)
def read_words(text: str, *, reviews: bool = False) -> Words | None:
    """Return what words tell of an assessment; None where some word is about something else.

    `reviews` says that numbers count reviews, not assessments.
    """
    told = plain(text).replace("follow up", "followup")
    words = _DONE_ON.sub("date", told).split()
    words = [part for word in words for part in _split(word)]
    number: int | None = None
    first = latest = date = False
    review = reviews
    for word in words:
        if word in _ORDINALS or word.isdecimal():
            if number is not None:
                return None
            number = _ORDINALS.get(word) if word in _ORDINALS else int(word)
        elif word in _FIRST:
            first = True
        elif word in _LATEST:
            latest = True
        elif word in _REVIEWS:
            review = True
        elif word in _DATES:
            date = True
        elif word not in _FILLERS:
            return None
    if number is not None and number >= LATEST:
        return None
    return _told(number, first, latest, date, review, any(w in _ASSESSMENTS for w in words))


def _told(
    number: int | None, first: bool, latest: bool, date: bool, review: bool, assessment: bool
) -> Words | None:
    if first and latest:
        return None
    if review and not latest:
        # "First review" is a review; a review 0 is what it reviews.
        return Words(1 if number is None else number, date)
    if first:
        return Words(FIRST, date) if number in (None, 1) else None
    if latest:
        return Words(LATEST, date)
    if number is None:
        return Words(NOT_TOLD, date)
    if assessment:
        return Words(max(number - 1, FIRST), date)
    return Words(NOT_TOLD, date, number)


def _split(word: str) -> list[str]:
    """Return "review1" or "t2" as two words."""
    found = _NUMBERED.fullmatch(word)
    return [found[1], found[2]] if found else [word]


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Return a header or name for comparing: small letters, single spaces, no apostrophes."""
    text = text.replace("&", " and ").replace("'", "").replace("’", "")
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return normalise_name(text).replace("well being", "wellbeing").replace("behavior", "behaviour")


def find_domain(text: str, names: Mapping[str, str]) -> tuple[str, str] | None:
    """Return (domain, the words beside its name) of a header; None where it names none.

    Parameters
    ----------
    names : mapping
        Names as `plain` writes them to domain ids; of several that fit, the longest is meant.
    """
    header = f" {plain(text)} "
    for name in sorted(names, key=len, reverse=True):
        at = header.find(f" {name} ")
        if at >= 0:
            rest = header[:at] + " " + header[at + len(name) + 1 :]
            return names[name], " ".join(rest.split())
    return None
