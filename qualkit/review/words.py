"""Moving by words: the ends of a quotation, and the words that she selects."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"\S+")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+[\"'’”)\]]*|$|(?=\n))", re.MULTILINE)

Span = tuple[int, int]


def find_words(text: str) -> list[Span]:
    """Return the words of a text, without the punctuation around them.

    >>> find_words("Well, (she) left!")
    [(0, 4), (7, 10), (12, 16)]
    """
    found = []
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        while start < end and _is_edge(text[start]):
            start += 1
        while end > start and _is_edge(text[end - 1]):
            end -= 1
        found.append((start, end) if start < end else token.span())
    return found


def _is_edge(char: str) -> bool:
    """Return whether a character only surrounds words; a combining mark is part of one."""
    return unicodedata.category(char)[0] in "PC"


def find_sentence(text: str, at: int) -> Span:
    """Return the sentence in which an offset stands."""
    for match in _SENTENCE.finditer(text):
        if match.start() <= at < match.end() or match.end() == at == len(text):
            start, end = match.span()
            start += len(match.group()) - len(match.group().lstrip())
            return (start, end) if start <= at else (at, end)
    return at, min(at + 1, len(text))


def move_start(words: list[Span], start: int, end: int, step: int) -> int | None:
    """Return where a quotation begins a word further left or right; None if it cannot."""
    starts = [own for own, _ in words]
    if step < 0:
        at = bisect_left(starts, start) - 1
        return starts[at] if at >= 0 else None
    at = bisect_right(starts, start)
    return starts[at] if at < len(starts) and starts[at] < end else None


def move_end(words: list[Span], start: int, end: int, step: int) -> int | None:
    """Return where a quotation ends a word further left or right; None if it cannot."""
    ends = [own for _, own in words]
    if step > 0:
        at = bisect_right(ends, end)
        return ends[at] if at < len(ends) else None
    at = bisect_left(ends, end) - 1
    return ends[at] if at >= 0 and ends[at] > start else None


@dataclass(frozen=True, slots=True)
class Selection:
    """The word that the cursor is on, and the one where the selecting began, if it did.

    Both are numbers of words of a segment, which is a number within the case.
    """

    segment: int
    cursor: int
    mark: int | None = None

    def span(self, words: list[Span]) -> Span:
        """Return the offsets of what is selected: the cursor's word, if nothing else."""
        other = self.cursor if self.mark is None else self.mark
        low, high = sorted((self.cursor, other))
        return words[low][0], words[high][1]

    def to_word(self, cursor: int, *, extend: bool = False) -> Selection:
        """Return it with the cursor on another word; `extend` selects from here to there."""
        mark = self.cursor if extend and self.mark is None else self.mark
        return replace(self, cursor=cursor, mark=mark)


def word_at(words: list[Span], offset: int) -> int:
    """Return the number of the word at an offset, or of the next one, or the last."""
    at = bisect_right([end for _, end in words], offset)
    return min(at, len(words) - 1)
