"""A case as rows of a given width: headings, and rows of text that know their offsets."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from qualkit.model import Segment
from qualkit.review.glyphs import Shown, shown

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a heading, or the code points from `start` to `end` of a segment's text."""

    segment: int
    start: int = 0
    end: int = 0
    heading: str = ""
    is_text: bool = True


class Layout:
    """The rows of a case at a width.

    Attributes
    ----------
    segments : tuple of Segment
        As they stand in the case.
    texts : list of Shown
        Theirs.
    rows : list of Row
        From top to bottom.
    """

    def __init__(self, segments: tuple[Segment, ...], width: int) -> None:
        self.segments = segments
        self.width = max(width, 8)
        self.texts = [Shown(segment.text) for segment in segments]
        self.number = {segment.segment_id: at for at, segment in enumerate(segments)}
        self.rows: list[Row] = []
        self._first: list[int] = []
        self._starts: list[list[int]] = []
        for at, segment in enumerate(segments):
            if at and (segment.label or not segment.speaker):
                self.rows.append(Row(at, is_text=False))
            title = Shown(heading(segment))
            self.rows += [
                Row(at, heading=title.slice(*span), is_text=False)
                for span in wrap(title, self.width)
            ]
            self._first.append(len(self.rows))
            spans = list(wrap(self.texts[at], self.width))
            self._starts.append([start for start, _ in spans])
            self.rows += [Row(at, start, end) for start, end in spans]

    def row_of(self, segment: int, offset: int) -> int:
        """Return the row on which an offset of a segment stands."""
        return self._first[segment] + max(0, bisect_right(self._starts[segment], offset) - 1)

    def place_at(self, y: int, cell: int) -> tuple[int, int] | None:
        """Return segment and offset at a cell of a row; None where there is no text."""
        if not 0 <= y < len(self.rows) or not self.rows[y].is_text:
            return None
        row = self.rows[y]
        if row.start == row.end:
            return None
        return row.segment, self.texts[row.segment].offset_at(row.start, row.end, max(cell, 0))


def heading(segment: Segment) -> str:
    """Return what stands above a segment: its number, question and speaker."""
    who = shown(segment.speaker)
    role = shown(segment.role)
    if who and role and role.lower() != who.lower():
        who = f"{who} ({role})"
    parts = [str(segment.n), shown(segment.label), who]
    return " · ".join(part for part in parts if part)


def wrap(text: Shown, width: int) -> Iterator[tuple[int, int]]:
    """Yield the offsets of the rows of a text, broken between words where that is possible."""
    start = 0
    for line in text.text.split("\n"):
        yield from _wrap_line(text, start, start + len(line), width)
        start += len(line) + 1


def _wrap_line(text: Shown, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    for word in _WORD.finditer(text.text, start, end):
        if text.width(start, word.end()) <= width:
            continue
        if word.start() > start:
            yield start, word.start()
            start = word.start()
        while text.width(start, word.end()) > width:
            cut = text.fit(start, word.end(), width)
            yield start, cut
            start = cut
    yield start, end
