"""Phrases at the borders of words, found in one Aho-Corasick pass over a stretch of text.

For the words of this package's own lists: cues, ends of clauses, people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

Entry = TypeVar("Entry")
# What must follow a phrase, the longest first, and what the two together stand for.
Tails: TypeAlias = tuple[Sequence[str], Entry]

# Marks in which no phrase has a part, and that stand before or after words.
_MARKS = '"()[]{}.?!/*_<>'
_BLANKS = str.maketrans(dict.fromkeys(_MARKS + "\u2026", " "))
_ASCII_BLANKS = bytes.maketrans(_MARKS.encode(), b" " * len(_MARKS))
# Words up to this length begin too many others to be looked at each time.
_SHORT = 4
_AFTER_SHORT = (" ", ",", ";", ":", "'s", "'r", "'m", "'v", "'l", "'d", "' ", "-")
# Where a phrase ends: nowhere to look at, at the border of a word, or after a tail.
_KNOWN, _BORDER, _TAIL = range(3)
# For each key: how far its start lies before its last character, its length without
# the added space, how it ends, and its entry (or tails).
_Key: TypeAlias = tuple[int, int, int, Any]


class Spotter(Generic[Entry]):
    """Looks for phrases.

    Parameters
    ----------
    entries : mapping
        What each phrase stands for.
    tails : mapping, optional
        Phrases that count only with a tail; then entries must have an order.
    """

    def __init__(
        self, entries: Mapping[str, Entry], tails: Mapping[str, Tails[Entry]] | None = None
    ) -> None:
        import ahocorasick

        automaton = ahocorasick.Automaton()
        for phrase, entry in entries.items():
            size = len(phrase)
            key = f" {phrase}" if phrase[0].isalnum() else phrase
            if size <= _SHORT and phrase.isalnum():
                for after in _AFTER_SHORT:
                    automaton.add_word(key + after, (size + len(after), size, _KNOWN, entry))
            else:
                # The text begins with an added space, so positions in it are one higher.
                ending = _BORDER if phrase[-1].isalnum() else _KNOWN
                automaton.add_word(key, (size, size, ending, entry))
        for phrase, with_tail in (tails or {}).items():
            if phrase in entries:
                raise ValueError(f"{phrase!r} counts with a tail and without")
            automaton.add_word(f" {phrase}", (len(phrase), len(phrase), _TAIL, with_tail))
        automaton.make_automaton()
        self._iterate: Callable[[str], Iterator[tuple[int, _Key]]] = automaton.iter

    def spot(self, plain: str, start: int, end: int) -> list[tuple[int, int, Entry]]:
        """Return the phrases between two positions, at which words or sentences part.

        Returns
        -------
        list of (int, int, entry)
            Start, minus end, and what the phrase stands for; by start, longest first.
        """
        # A space before each word, and after the last, so that the automaton itself sees
        # where words begin, and where short ones end. An opening quotation mark is a blank.
        text = f" {_blanked(plain[start:end])} ".replace(" '", "  ")
        found: list[tuple[int, int, Entry]] = []
        for last, (back, size, ending, entry) in self._iterate(text):
            begins = last - back
            ends = begins + size
            if ending:
                if not _is_border(text, ends + 1):
                    continue
                if ending == _TAIL:
                    tails, entry = entry
                    ends = _end_of_tail(text, ends + 1, tails) - 1
                    if ends < 0:
                        continue
            found.append((start + begins, -start - ends, entry))
        # Only with tails can two have both start and end in common, and be compared.
        found.sort()
        return found


def _blanked(plain: str) -> str:
    if plain.isascii():
        # Much quicker by bytes.
        return plain.encode("ascii").translate(_ASCII_BLANKS).decode("ascii")
    return plain.translate(_BLANKS)


def _is_border(text: str, position: int) -> bool:
    after = text[position]
    return not (after.isalnum() or (after == "'" and text.startswith("'t", position)))


def _end_of_tail(text: str, position: int, tails: Sequence[str]) -> int:
    """Return where the longest tail at a position ends, or -1."""
    for tail in tails:
        if text.startswith(tail, position + 1) and _is_border(text, position + 1 + len(tail)):
            return position + 1 + len(tail)
    return -1
