"""Texts as they are safe to show, with every offset kept, and wrapped into lines.

One code point stays one character, so that an offset in the text is an offset in what
is shown: what would command the terminal is shown as a sign of its own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len

_WORD = re.compile(r"\S+")
_CONTROL_SIGNS = 0x2400
"""Where Unicode has signs for the control characters, in their order."""
_DELETE = 0x7F


def shown(text: str) -> str:
    """Return a text without characters that command a terminal, as long as before."""
    return "".join(map(_safe, text))


@lru_cache(maxsize=4096)
def _safe(character: str) -> str:
    code = ord(character)
    if character == "\n":
        return character
    if character == "\t":
        return " "
    if code < 32:
        return chr(_CONTROL_SIGNS + code)
    if code == _DELETE:
        return "\u2421"
    # Marks that turn the direction of writing would show words in another order.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return "\ufffd"
    return character


@dataclass(frozen=True, slots=True)
class Row:
    """One line as shown: of which text, and from where to where."""

    text: int
    start: int
    end: int
    head: str = ""
    """A line that is no part of a text: what was asked, who speaks."""


def wrap(text: str, width: int) -> list[tuple[int, int]]:
    """Return where the lines of a text begin and end, none wider than `width` cells.

    Broken at white space where there is some; white space at a break is in no line.
    """
    lines: list[tuple[int, int]] = []
    start = 0
    for paragraph in text.split("\n"):
        lines += [(start + a, start + b) for a, b in _wrap_line(paragraph, max(1, width))]
        start += len(paragraph) + 1
    return lines


def _wrap_line(text: str, width: int) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    begin: int | None = None
    last = used = 0
    for found in _WORD.finditer(text):
        start, end = found.span()
        cells = cell_len(found.group())
        if begin is not None and used + cell_len(text[last:start]) + cells <= width:
            used += cell_len(text[last:start]) + cells
            last = end
            continue
        if begin is not None:
            lines.append((begin, last))
        begin, last, used = start, end, cells
        while used > width:
            cut = _fitting(text, begin, end, width)
            lines.append((begin, cut))
            begin = cut
            used = cell_len(text[begin:end])
    lines.append((begin, last) if begin is not None else (0, 0))
    return lines


def _fitting(text: str, start: int, end: int, width: int) -> int:
    """Return how far a word fits; at least one character."""
    used = 0
    for at in range(start, end):
        used += cell_len(text[at])
        if used > width:
            return max(at, start + 1)
    return end


def lay_out(texts: Sequence[tuple[str, str]], width: int) -> list[Row]:
    """Return the lines of several texts, each under its heading, a blank line between."""
    rows: list[Row] = []
    for number, (head, text) in enumerate(texts):
        if rows:
            rows.append(Row(number, 0, 0, " "))
        for start, end in wrap(head, width) if head else ():
            rows.append(Row(number, 0, 0, head[start:end]))
        rows += [Row(number, start, end) for start, end in wrap(text, width)]
    return rows


def words(text: str) -> list[tuple[int, int]]:
    """Return where the words of a text stand."""
    return [found.span() for found in _WORD.finditer(text)]


def word_step(text: str, at: int, step: int, *, end: bool) -> int:
    """Return the nearest beginning (or end) of a word before (-1) or after (1) an offset."""
    edges = [span[1] if end else span[0] for span in words(text)]
    later = [edge for edge in edges if edge > at]
    earlier = [edge for edge in edges if edge < at]
    if step > 0:
        return later[0] if later else at
    return earlier[-1] if earlier else at


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch widened to whole words."""
    touched = [span for span in words(text) if span[0] < max(end, start + 1) and span[1] > start]
    return (touched[0][0], touched[-1][1]) if touched else (start, end)
