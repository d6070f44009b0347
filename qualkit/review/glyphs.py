"""Participants' words as they can be shown: one glyph for each code point, or none.

Offsets count code points, so nothing here may join or split them: what would command
the terminal is seen and not obeyed, and what would take no cell or two at will (joiners,
variation selectors, flags) is shown in a way whose width is certain.
"""

from __future__ import annotations

import unicodedata
from itertools import accumulate

from rich.cells import get_character_cell_size

_TURNING = frozenset((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of all that follows."""
_SELECTORS = frozenset((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x1F3FB, 0x1F400)))
"""What only chooses how the character before it looks."""
_FLAG_A = 0x1F1E6
_LONE_MARK = "◌"


class _Glyphs(dict[int, str]):
    """By code point, filled as they come up; fit for `str.translate`."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _glyph(code)
        return found


def _glyph(code: int) -> str:
    char = chr(code)
    category = unicodedata.category(char)
    if category in ("Zs", "Zl", "Zp") or char in "\t\n":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if category in ("Cc", "Cs") or code in _TURNING:
        return "�"
    if category == "Cf" or code in _SELECTORS:
        return ""
    if _FLAG_A <= code < _FLAG_A + 26:
        return chr(ord("A") + code - _FLAG_A)
    return char


class _Widths(dict[str, int]):
    def __missing__(self, glyph: str) -> int:
        self[glyph] = found = sum(map(get_character_cell_size, glyph))
        return found


GLYPHS = _Glyphs()
_WIDTHS = _Widths()


def shown(text: str) -> str:
    """Return a text as it can be put on one line of a terminal.

    >>> shown("a" + chr(27) + "[2Jb")
    'a␛[2Jb'
    """
    return text.translate(GLYPHS)


class Shown:
    """A text with the glyph and the width of each code point."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._simple = text.isascii() and text.replace("\n", " ").isprintable()
        if not self._simple:
            self._glyphs = [GLYPHS[ord(char)] for char in text]
            before = " "
            for number, char in enumerate(text):
                # A combining mark with nothing to stand on would sit on what comes before.
                if before.isspace() and unicodedata.category(char) in ("Mn", "Me"):
                    self._glyphs[number] = _LONE_MARK + char
                before = char
            self._sums = [0, *accumulate(_WIDTHS[glyph] for glyph in self._glyphs)]

    def slice(self, start: int, end: int) -> str:
        """Return what is shown for the code points from one to another."""
        if self._simple:
            return self.text[start:end].replace("\n", " ")
        return "".join(self._glyphs[start:end])

    def width(self, start: int, end: int) -> int:
        """Return how many cells they take."""
        return end - start if self._simple else self._sums[end] - self._sums[start]

    def fit(self, start: int, end: int, width: int) -> int:
        """Return how far from `start` one comes in so many cells, one code point at least."""
        if self._simple:
            return min(end, start + max(width, 1))
        at = start + 1
        while at < end and self.width(start, at + 1) <= width:
            at += 1
        return at

    def offset_at(self, start: int, end: int, cell: int) -> int:
        """Return which code point of a row from `start` to `end` stands at a cell of it."""
        at = start
        while at < end and self.width(start, at + 1) <= cell:
            at += 1
        return min(at, max(end - 1, start))
