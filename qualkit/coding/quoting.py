"""The stretch of text that a coding quotes: the clause of its hit, within limits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from qualkit.coding.landmarks import Layout
from qualkit.coding.matcher import Match

MOST_WORDS = 30
WORDS_AROUND = 12

# Outer marks that say nothing; question and exclamation marks do, at the end.
_OUTER_START = " \t\n\r\v\f,;:.!?-–—…)]\"'“”‘’"
_OUTER_END = " \t\n\r\v\f,;:.-–—…([\"'“”‘’"
_JOINING = ("and ", "but ", "so ", "then ", "because ", "also ")


def quotation(layout: Layout, match: Match) -> tuple[int, int]:
    """Return the positions in the view's text that a coding of `match` quotes.

    The clause that holds the match (from the first to the last, if it runs over
    several), without white space and punctuation around it. Of a clause of more
    than 30 words, the match with up to 12 words on either side.
    """
    cased = layout.view.cased
    sentence = layout.sentence(match.start)
    start, end = sentence.clause(match.start)
    if match.end > end:
        end = max(layout.sentence(match.end - 1).clause(match.end - 1)[1], match.end)
    if layout.view.plain.count(" ", start, end) + 1 > MOST_WORDS:
        start, end = _window(cased, match, start, end)
    start, end = _trimmed(cased, match, start, end)
    if start < match.start and cased[start] in "([":
        start, end = _trimmed(cased, match, start + 1, end)
    if end > match.end and cased[end - 1] in ")]" and not _opened(cased, start, end):
        start, end = _trimmed(cased, match, start, end - 1)
    return _without_joining_word(layout.view.plain, start, match.start), end


def _trimmed(cased: str, match: Match, start: int, end: int) -> tuple[int, int]:
    while start < match.start and cased[start] in _OUTER_START:
        start += 1
    while end > match.end and cased[end - 1] in _OUTER_END:
        end -= 1
    return start, end


def _opened(cased: str, start: int, end: int) -> bool:
    """Whether the bracket that closes at the end was opened within ("Ellie (7)")."""
    return cased.rfind("(", start, end) >= 0 or cased.rfind("[", start, end) >= 0


def _window(cased: str, match: Match, start: int, end: int) -> tuple[int, int]:
    """Return the match with so many words around it, within the clause."""
    spaces = [i for i in range(start, end) if cased[i].isspace()]
    # The space before the match's first word does not count, so one more is needed.
    before = bisect_right(spaces, match.start - 1) - (WORDS_AROUND + 1)
    after = bisect_left(spaces, match.end) + WORDS_AROUND
    if before >= 0:
        start = spaces[before] + 1
    if after < len(spaces):
        end = spaces[after]
    return start, end


def _without_joining_word(plain: str, start: int, latest: int) -> int:
    if not plain.startswith(_JOINING, start):
        return start
    for word in _JOINING:
        if plain.startswith(word, start) and start + len(word) <= latest:
            return start + len(word)
    return start
