"""Widgets of ready-made lines: the list of codings, the code at hand, the bars."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget


def strip_of(widget: Widget, line: Text, width: int) -> Strip:
    """Return a line of text as a widget draws it, cut to its width."""
    console = widget.app.console
    base = widget.rich_style
    strip = Strip(line.render(console)).apply_style(base)
    return strip.adjust_cell_length(width, base)


class Lines(ScrollView, can_focus=False):
    """Lines that are scrolled over; one of them may be the current one."""

    DEFAULT_CSS = """
    Lines { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; }
    """

    class Pressed(Message):
        """The mouse was pressed on a line."""

        def __init__(self, lines: Lines, number: int) -> None:
            self.lines = lines
            self.number = number
            super().__init__()

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.lines: list[Text] = []

    @property
    def width(self) -> int:
        """How many cells a line may have."""
        return self.scrollable_content_region.width

    def show(self, lines: Sequence[Text], current: int | None = None) -> None:
        """Show lines, the current one in view."""
        self.lines = list(lines)
        self.virtual_size = Size(self.width, len(self.lines))
        top, height = self.scroll_offset.y, self.size.height
        if current is None:
            current = 0
        if height and not top <= current < top + height:
            target = max(0, current - height // 2)
            self.scroll_to(y=target, animate=False, force=True, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line."""
        number = y + self.scroll_offset.y
        if number >= len(self.lines):
            return Strip.blank(self.width, self.rich_style)
        return strip_of(self, self.lines[number], self.width)

    def on_click(self, event: events.Click) -> None:
        """Tell which line it was."""
        number = event.y + self.scroll_offset.y
        if number < len(self.lines):
            self.post_message(self.Pressed(self, number))


class Bar(Widget, can_focus=False):
    """One line across the screen."""

    DEFAULT_CSS = """
    Bar { height: 1; width: 100%; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.line = Text()

    def show(self, line: Text) -> None:
        """Show a line."""
        if line != self.line or line.spans != self.line.spans:
            self.line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw it."""
        return strip_of(self, self.line, self.size.width)
