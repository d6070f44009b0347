"""The case's text with its codings marked: scrolls to them, and lets words be selected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment as Piece
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qualkit.review.display import Row, lay_out, shown, whole_words, words

PLAIN = Style()
HEAD = Style(dim=True, italic=True)
CURSOR = Style(reverse=True, underline=True)
_ROOM_ABOVE = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one of the texts, and how it is shown; of several the last counts."""

    text: int
    start: int
    end: int
    style: Style


@dataclass(frozen=True, slots=True)
class Selected:
    """Words of one text that are about to be coded."""

    text: int
    start: int
    end: int


class TextPane(ScrollView, can_focus=False):
    """Shows texts under headings; offsets are those of the texts as they were given."""

    class Picked(Message):
        """Words were selected with the mouse."""

        def __init__(self, selected: Selected) -> None:
            super().__init__()
            self.selected = selected

    class Clicked(Message):
        """A place was clicked."""

        def __init__(self, text: int, at: int) -> None:
            super().__init__()
            self.text = text
            self.at = at

    def __init__(self) -> None:
        super().__init__(id="text")
        self._texts: list[tuple[str, str]] = []
        self._marks: list[Mark] = []
        self._rows: list[Row] = []
        self._wrapped = -1
        self._wanted: tuple[int, int, int] | None = None
        self.selected: Selected | None = None
        self._anchor: tuple[int, int] | None = None

    # --- what is shown ---------------------------------------------------------------

    def show(self, texts: Sequence[tuple[str, str]]) -> None:
        """Show other texts, each with its heading."""
        self._texts = [(shown(head).replace("\n", " "), shown(text)) for head, text in texts]
        self._wrapped = -1
        self.selected = None
        self._lay_out()
        self.scroll_to(y=0, animate=False)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Mark stretches anew."""
        self._marks = list(marks)
        self.refresh()

    def bring(self, text: int, start: int, end: int) -> None:
        """Scroll so that a stretch is in view, if it is not."""
        self._wanted = text, start, end
        lines = [
            y
            for y, row in enumerate(self._rows)
            if row.text == text
            and not row.head
            and row.start < max(end, start + 1)
            and (row.end > start or row.end == row.start == start)
        ]
        if not lines:
            return
        top, height = int(self.scroll_offset.y), max(1, self.size.height)
        if lines[0] < top or lines[-1] >= top + height:
            self.scroll_to(y=max(0, lines[0] - _ROOM_ABOVE), animate=False)

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width > 0 and width != self._wrapped:
            self._rows = lay_out(self._texts, width)
            self._wrapped = width
            self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def on_resize(self) -> None:
        """Wrap the texts anew; what was in view stays there."""
        self._lay_out()
        if self._wanted:
            self.bring(*self._wanted)

    def render_line(self, y: int) -> Strip:
        """Return one line of the view."""
        number = y + int(self.scroll_offset.y)
        width = self.size.width
        if not 0 <= number < len(self._rows):
            return Strip.blank(width)
        row = self._rows[number]
        if row.head:
            return Strip([Piece(row.head, HEAD)]).adjust_cell_length(width)
        return Strip(self._pieces(row)).adjust_cell_length(width)

    def _pieces(self, row: Row) -> list[Piece]:
        text = self._texts[row.text][1]
        touching = [
            mark
            for mark in self._marks
            if mark.text == row.text and mark.start < row.end and mark.end > row.start
        ]
        chosen = self.selected
        if chosen and chosen.text == row.text:
            touching.append(Mark(chosen.text, chosen.start, chosen.end, CURSOR))
        edges = {row.start, row.end}
        for mark in touching:
            edges |= {max(row.start, mark.start), min(row.end, mark.end)}
        places = sorted(edges)
        pieces = []
        for start, end in pairwise(places):
            style = PLAIN
            for mark in touching:
                if mark.start <= start and end <= mark.end:
                    style += mark.style
            pieces.append(Piece(text[start:end], style))
        return pieces

    # --- selecting ---------------------------------------------------------------------

    def begin(self, text: int, at: int) -> None:
        """Begin to select at the word that stands there, or next to it."""
        spans = words(self._texts[text][1])
        if not spans:
            return
        start, end = next((span for span in spans if span[1] > at), spans[-1])
        self._anchor = None
        self._select(Selected(text, start, end))

    def fix(self) -> None:
        """From now on moving widens the selection."""
        if self.selected:
            self._anchor = self.selected.start, self.selected.end

    @property
    def fixed(self) -> bool:
        """Whether moving widens the selection."""
        return self._anchor is not None

    def step(self, by: int, *, lines: bool = False) -> None:
        """Move by words, or to the word above or below; into the next text at an end."""
        if not self.selected:
            return
        text = self.selected.text
        spans = words(self._texts[text][1])
        here = self._moving(spans)
        to = self._beside(text, spans, here, by) if lines else here + by
        if not 0 <= to < len(spans):
            beyond = text + (1 if to >= len(spans) else -1)
            if self._anchor is None and 0 <= beyond < len(self._texts):
                own = words(self._texts[beyond][1])
                if own:
                    self._select(Selected(beyond, *own[0 if beyond > text else -1]))
            return
        start, end = spans[to]
        if self._anchor:
            start, end = min(start, self._anchor[0]), max(end, self._anchor[1])
        self._moved = spans[to]
        self._select(Selected(text, start, end))

    _moved: tuple[int, int] = (0, 0)

    def _moving(self, spans: Sequence[tuple[int, int]]) -> int:
        """Return which word the moving end of the selection is at."""
        assert self.selected
        at = self.selected.start
        if self._anchor and self._moved in spans:
            return spans.index(self._moved)
        return next((n for n, span in enumerate(spans) if span[1] > at), len(spans) - 1)

    def _beside(self, text: int, spans: Sequence[tuple[int, int]], here: int, by: int) -> int:
        rows = [row for row in self._rows if row.text == text and not row.head]
        at = spans[here][0]
        line = next((n for n, row in enumerate(rows) if row.start <= at < row.end), 0)
        if not 0 <= line + by < len(rows):
            return -1 if by < 0 else len(spans)
        target = rows[line + by]
        wanted = target.start + (at - rows[line].start)
        inside = [n for n, span in enumerate(spans) if target.start <= span[0] < target.end]
        if not inside:
            return here
        return min(inside, key=lambda n: abs(spans[n][0] - wanted))

    def _select(self, selected: Selected) -> None:
        self.selected = selected
        self.bring(selected.text, selected.start, selected.end)
        self.refresh()

    def clear(self) -> None:
        """Select nothing."""
        self.selected = None
        self._anchor = None
        self.refresh()

    # --- mouse -------------------------------------------------------------------------

    def _place(self, event: events.MouseEvent) -> tuple[int, int] | None:
        """Return text and offset under the mouse."""
        y = int(event.y) + int(self.scroll_offset.y)
        if not 0 <= y < len(self._rows) or self._rows[y].head:
            return None
        row = self._rows[y]
        text = self._texts[row.text][1]
        used = 0
        for at in range(row.start, row.end):
            used += cell_len(text[at])
            if used > event.x:
                return row.text, at
        return row.text, max(row.start, row.end - 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to select."""
        self._pressed = self._place(event)
        if self._pressed:
            self.capture_mouse()

    _pressed: tuple[int, int] | None = None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Widen the selection to the words under the mouse."""
        place = self._place(event)
        if not self._pressed or not place or place[0] != self._pressed[0]:
            return
        if place == self._pressed and self.selected is None:
            return
        first, last = sorted((self._pressed[1], place[1]))
        span = whole_words(self._texts[place[0]][1], first, last + 1)
        self._select(Selected(place[0], *span))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End selecting."""
        self.release_mouse()
        pressed, self._pressed = self._pressed, None
        if pressed is None:
            return
        if self.selected:
            self.post_message(self.Picked(self.selected))
        else:
            self.post_message(self.Clicked(*pressed))
