"""The case's text: wrapped, with its codings marked, the current quotation in view."""

from __future__ import annotations

from rich.segment import Segment as Piece
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from qualkit.model import ReviewCase
from qualkit.review.layout import Layout, Row
from qualkit.review.painting import Stretch, paint

_GUTTER = 2
_HEADING = Style(bold=True, color="#9aa5ce")
_QUIET = Style(color="#8a8f9c")
_PLAIN = Style(color="#e6e6e6")
_SIGN = Style(bold=True)


class TextView(ScrollView, can_focus=False):
    """Shows a case; knows which code points stand where."""

    DEFAULT_CSS = """
    TextView { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    class Pressed(Message):
        """The mouse was pressed, or released without having moved, on a place of the text."""

        def __init__(self, segment: int, offset: int) -> None:
            self.segment = segment
            self.offset = offset
            super().__init__()

    class Dragged(Message):
        """The mouse was dragged from one place to another of a segment."""

        def __init__(self, segment: int, start: int, end: int, *, ended: bool) -> None:
            self.segment = segment
            self.start = start
            self.end = end
            self.ended = ended
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.laid_out: Layout | None = None
        self._case: ReviewCase | None = None
        self._over: dict[int, list[Stretch]] = {}
        self._focus: tuple[int, int, int] | None = None
        self._pressed: tuple[int, int] | None = None
        self._is_dragging = False

    # --- what is shown -----------------------------------------------------------------

    def show(
        self,
        case: ReviewCase,
        over: dict[int, list[Stretch]],
        focus: tuple[int, int, int] | None,
    ) -> None:
        """Show a case with what lies over its text; `focus` is segment, start and end."""
        is_other = self._case is None or self._case.case_key != case.case_key
        is_new = is_other or self._case is None or self._case.segments != case.segments
        moved = focus is not None and focus != self._focus
        self._case, self._over, self._focus = case, over, focus
        if is_new:
            self._lay_out()
        if is_other and focus is None:
            self.scroll_to(y=0, animate=False)
        if moved or (is_other and focus is not None):
            self.keep_in_view()
        self.refresh()

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _lay_out(self) -> None:
        if self._case is None or not self.size.width:
            return
        width = self._width - _GUTTER
        self.laid_out = Layout(self._case.segments, width)
        self.virtual_size = Size(self._width, len(self.laid_out.rows))

    def on_resize(self) -> None:
        """Wrap anew."""
        if self.laid_out is None or self.laid_out.width != max(self._width - _GUTTER, 8):
            self._lay_out()
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """Scroll so that the quotation and, where there is room, what surrounds it are seen."""
        if self.laid_out is None or self._focus is None:
            return
        segment, start, end = self._focus
        first = self.laid_out.row_of(segment, start)
        last = self.laid_out.row_of(segment, max(start, end - 1))
        height = self.size.height
        top = self.scroll_offset.y
        around = 1 if height > 4 else 0
        low = first - around
        high = last + around
        if low < top or high - low >= height:
            target = low
        elif high >= top + height:
            # From further down it comes to the upper third: one reads on from there.
            target = min(low, high - height // 2)
        else:
            return
        limit = max(len(self.laid_out.rows) - height, 0)
        self.scroll_to(y=max(0, min(target, limit)), animate=False, force=True, immediate=True)

    def first_seen(self) -> tuple[int, int] | None:
        """Return segment and offset of the first text that is in view."""
        if self.laid_out is None:
            return None
        for y in range(self.scroll_offset.y, len(self.laid_out.rows)):
            place = self.laid_out.place_at(y, 0)
            if place is not None:
                return place
        return None

    # --- drawing -----------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        base = self.rich_style
        width = self._width
        row_number = y + self.scroll_offset.y
        if self.laid_out is None or row_number >= len(self.laid_out.rows):
            return Strip.blank(width, base)
        row = self.laid_out.rows[row_number]
        pieces = [Piece("▸ " if self._is_focused(row) else "  ", base + _SIGN)]
        if row.is_text:
            segment = self.laid_out.segments[row.segment]
            style = _QUIET if segment.role == "interviewer" else _PLAIN
            over = self._over.get(segment.segment_id, ())
            text = self.laid_out.texts[row.segment]
            pieces += paint(text, (row.start, row.end), over, base + style)
        elif row.heading:
            pieces.append(Piece(row.heading, base + _HEADING))
        return Strip(pieces).adjust_cell_length(width, base)

    def _is_focused(self, row: Row) -> bool:
        if self._focus is None or not row.is_text:
            return False
        segment, start, end = self._focus
        return row.segment == segment and row.start < end and start < row.end

    # --- the mouse ---------------------------------------------------------------------

    def _place(self, event: events.MouseEvent) -> tuple[int, int] | None:
        if self.laid_out is None:
            return None
        return self.laid_out.place_at(event.y + self.scroll_offset.y, event.x - _GUTTER)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin a selection."""
        self._pressed = self._place(event)
        self._is_dragging = False
        if self._pressed is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select on."""
        place = self._place(event)
        if self._pressed is None or place is None or place[0] != self._pressed[0]:
            return
        if place != self._pressed:
            self._is_dragging = True
        if self._is_dragging:
            start, end = sorted((self._pressed[1], place[1]))
            self.post_message(self.Dragged(place[0], start, end, ended=False))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the selection, or take it as a press."""
        if self._pressed is None:
            return
        self.release_mouse()
        segment, offset = self._pressed
        if self._is_dragging:
            place = self._place(event)
            other = place[1] if place is not None and place[0] == segment else offset
            start, end = sorted((offset, other))
            self.post_message(self.Dragged(segment, start, end, ended=True))
        else:
            self.post_message(self.Pressed(segment, offset))
        self._pressed = None
