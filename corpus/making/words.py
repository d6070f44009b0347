"""The word bank: fragments by code and voice, their slots, and how they are joined."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

CORPUS = Path(__file__).resolve().parent.parent
BANK = CORPUS / "wordbank"
CATEGORIES = {
    "barrier": "barriers",
    "activity": "activities",
    "enabler": "enablers",
    "outcome": "outcomes",
}
VOICES = ("notes", "report", "speech", "second")
FIRST_PERSON = ("speech", "second")
# No more narratives may hold one fragment, nor one sentence.
MOST_USES = 3
_PRONOUNS = {"{He}": "{he}", "{She}": "{she}", "{His}": "{his}", "{Hers}": "{hers}"}


@cache
def load(name: str) -> dict[str, dict[str, list[str]]]:
    """Return one file of the word bank."""
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(
        (BANK / f"{name}.yaml").read_text(encoding="utf-8")
    )
    return loaded


@dataclass(frozen=True)
class Household:
    """An invented family: what the slots of its fragments stand for."""

    child: str
    child_is_girl: bool
    sibling: str
    parent_is_mother: bool
    worker: str
    school: str
    town: str
    age: int
    number: str
    month: str

    def slots(self, voice: str) -> dict[str, str]:
        """Return what stands in each slot; parents do not write "Dad" as workers do."""
        he, him, his = ("she", "her", "her") if self.child_is_girl else ("he", "him", "his")
        she, her, hers = ("she", "her", "her") if self.parent_is_mother else ("he", "him", "his")
        parent, other = ("Mum", "Dad") if self.parent_is_mother else ("Dad", "Mum")
        if voice in FIRST_PERSON:
            other = other.lower()
        return {
            "child": self.child,
            "he": he,
            "him": him,
            "his": his,
            "He": he.capitalize(),
            "His": his.capitalize(),
            "sibling": self.sibling,
            "parent": parent,
            "she": she,
            "her": her,
            "hers": hers,
            "She": she.capitalize(),
            "Hers": hers.capitalize(),
            "other": other,
            "worker": self.worker,
            "school": self.school,
            "town": self.town,
            "age": str(self.age),
            "number": self.number,
            "month": self.month,
        }


class Bank:
    """Gives out fragments, the least used first, none more than three times."""

    def __init__(self, generator: random.Random) -> None:
        self._generator = generator
        self._uses: Counter[tuple[str, str, str]] = Counter()
        self._codes = {
            code: fragments
            for category in CATEGORIES.values()
            for code, fragments in load(category).items()
        }

    def room(self, code: str, voice: str) -> int:
        """Return how many more times the code can be said in the voice."""
        return sum(MOST_USES - self._uses[code, voice, text] for text in self._codes[code][voice])

    def take(self, code: str, voice: str) -> str:
        """Return a fragment of the code in the voice, slots unfilled.

        Raises
        ------
        ValueError
            All of them have been used three times.
        """
        options = self._codes[code][voice]
        least = min(self._uses[code, voice, text] for text in options)
        if least >= MOST_USES:
            raise ValueError(f"the word bank has too few fragments of {code} in voice {voice}")
        text = self._generator.choice(
            [text for text in options if self._uses[code, voice, text] == least]
        )
        self._uses[code, voice, text] += 1
        return text


def lowered(fragment: str, proper: frozenset[str]) -> str:
    """Return a fragment as it stands after a linking word: its capital gone, unless a name's."""
    for slot, low in _PRONOUNS.items():
        if fragment.startswith(slot):
            return low + fragment[len(slot) :]
    first = fragment.split(" ", 1)[0].strip(",.;:")
    is_name = first in proper or first.split("'")[0] in proper or sum(map(str.isupper, first)) > 1
    if fragment.startswith("{") or is_name:
        return fragment
    return fragment[0].lower() + fragment[1:]
