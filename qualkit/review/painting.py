"""How codings look in the text: by category in colour, and legible without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from rich.segment import Segment as Piece
from rich.style import Style

from qualkit.model import ReviewCode, ReviewCoding
from qualkit.review.glyphs import Shown

_COLOURS = {
    "activity": "#7dcfff",
    "enabler": "#9ece6a",
    "barrier": "#ff9e64",
    "outcome": "#e8c468",
    "domain": "#bb9af7",
    "reason": "#f7a0b4",
    "agency": "#73daca",
}
_OTHERS = ("#8fb8ff", "#d7e07a", "#ffb38a", "#d8a8e8", "#90e0c0")

MARKS = {"unreviewed": "?", "accepted": "✓", "rejected": "✗", "added": "+"}
"""The sign of each status, in the list of codings and at the prompt."""


def colour(category: str) -> str:
    """Return the colour of a category, the same one every time."""
    return _COLOURS.get(category) or _OTHERS[sum(map(ord, category)) % len(_OTHERS)]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where something is to be painted over the text; a higher rank lies on top."""

    start: int
    end: int
    rank: int
    style: Style


_CURRENT = Style(bold=True, reverse=True)
_SELECTED = Style(color="#101010", bgcolor="#f2d479", bold=True)
_CURSOR = Style(reverse=True, underline=True)
_UNDERLINED = Style(underline=True)
_OPEN = Style(underline=True, bold=True)
_TOP = 1 << 30


def coding_stretch(
    coding: ReviewCoding, code: ReviewCode | None, *, current: bool
) -> Stretch | None:
    """Return how a coding lies over the text; a rejected one is only seen while it is current."""
    tint = Style(color=colour(code.category if code else ""))
    if current:
        return Stretch(coding.start, coding.end, _TOP, tint + _CURRENT)
    if coding.status == "rejected":
        return None
    style = tint + (_UNDERLINED if coding.decided else _OPEN)
    # Of codings over one another the shortest is seen.
    return Stretch(coding.start, coding.end, coding.start - coding.end, style)


def selection_stretch(start: int, end: int, *, begun: bool) -> Stretch:
    """Return how the cursor's word or the selected words lie over the text."""
    return Stretch(start, end, _TOP + 1, _SELECTED if begun else _CURSOR)


def paint(text: Shown, span: tuple[int, int], over: Iterable[Stretch], base: Style) -> list[Piece]:
    """Return a row's text in pieces, each in the style of what lies over it."""
    first, last = span
    here = [own for own in over if own.start < last and own.end > first]
    if not here:
        return [Piece(text.slice(first, last), base)]
    here.sort(key=lambda own: own.rank)
    cuts = {first, last}
    for own in here:
        cuts.update((max(own.start, first), min(own.end, last)))
    edges = sorted(cuts)
    pieces = []
    for start, end in pairwise(edges):
        style = base
        for own in here:
            if own.start <= start and end <= own.end:
                style += own.style
        pieces.append(Piece(text.slice(start, end), style))
    return pieces


def by_segment(
    codings: Iterable[ReviewCoding], codes: Mapping[int, ReviewCode], current: int | None
) -> dict[int, list[Stretch]]:
    """Return what lies over each segment's text, by the segment's row in the store."""
    found: dict[int, list[Stretch]] = {}
    for coding in codings:
        is_current = coding.coding == current
        stretch = coding_stretch(coding, codes.get(coding.code_key), current=is_current)
        if stretch is not None:
            found.setdefault(coding.segment_key, []).append(stretch)
        found.setdefault(coding.segment_key, []).extend(
            replace(own, start=start, end=end)
            for start, end in coding.also
            if (own := coding_stretch(coding, codes.get(coding.code_key), current=False))
        )
    return found
