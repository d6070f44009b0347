"""What a cue is, and the short notation in which cues are written.

A phrase may hold alternatives: `(a|b)` stands for either, an empty alternative
for nothing; they may nest.
"""

from __future__ import annotations

from dataclasses import dataclass

from qualkit.normalise import normalise_text

CHECKS = ("negation", "question", "wish", "plan", "hypothetical", "others", "failed")

# Kinds of marks that are no check.
HIDES = "hides"  # hides the cues inside it
CONDITION = "condition"  # "if": makes a bare "would" hypothetical
HABIT = "habit"  # "every night": makes "would be" a habit


@dataclass(frozen=True, slots=True)
class Cue:
    """Phrases that fail a check.

    Attributes
    ----------
    kind : str
        The check, or one of the kinds above.
    phrases : tuple of str
        In the short notation of this module.
    after : bool
        The cue stands after what it is about, not before.
    reach : int
        Most words between the cue and the hit.
    flag : str
        What else `context` must look at: `state`, `without`, `would`,
        `would be`, `motion`, `lower`, `own`, `friend`, `any more`,
        `last`; `both`: begins with a denial, which covers what stands
        after it too.
    """

    kind: str
    phrases: tuple[str, ...]
    after: bool = False
    reach: int = 6
    flag: str = ""
    tail: str = ""


def words(block: str) -> frozenset[str]:
    """Return the words of a block of text."""
    return frozenset(block.split())


def lines(block: str) -> tuple[str, ...]:
    """Return the phrases of a block of text, one a line or parted by commas."""
    return tuple(phrase.strip() for phrase in block.replace("\n", ",").split(",") if phrase.strip())


def spell(pattern: str) -> list[str]:
    """Return every phrase of a pattern in the short notation of this module.

    Examples
    --------
    >>> spell("(waiting|waits) (long |)to")
    ['waiting long to', 'waiting to', 'waits long to', 'waits to']
    """
    ways, rest = _ways(pattern, 0)
    if rest != len(pattern):
        raise ValueError(f"unbalanced brackets in the cue pattern {pattern!r}")
    # " - " and ": " are matched with their spaces, so only inner runs are joined.
    phrases = {normalise_text(_single_spaces(way)): None for way in ways}
    return [phrase for phrase in phrases if phrase.strip()]


def _single_spaces(phrase: str) -> str:
    while "  " in phrase:
        phrase = phrase.replace("  ", " ")
    return phrase if phrase.strip(" -:;,") == "" else phrase.strip()


def _ways(pattern: str, position: int) -> tuple[list[str], int]:
    """Return the ways to write a pattern from `position` to its closing bracket."""
    options: list[str] = []
    ways = [""]
    while position < len(pattern):
        char = pattern[position]
        if char == "(":
            inner, position = _ways(pattern, position + 1)
            ways = [way + word for way in ways for word in inner]
            position += 1
        elif char == ")":
            break
        elif char == "|":
            options.extend(ways)
            ways = [""]
            position += 1
        else:
            ways = [way + char for way in ways]
            position += 1
    return options + ways, position
