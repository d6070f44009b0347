"""Small windows over the desk: choose from a list by a few letters, or write a line.

A window takes its keys from the app, one after another, and does what follows at once:
so keys that are typed ahead of the screen reach the one that they were meant for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from qualkit.review.glyphs import shown
from qualkit.review.keys import help_page
from qualkit.review.lines import Bar, Lines

_MOST = 300
"""How many choices are listed; letters narrow the rest."""
_TEXT_CELLS = 92


class Window(ModalScreen[None]):
    """Has the keys while it is on top."""

    def typed(self, event: events.Key) -> None:
        """Take a key."""
        raise NotImplementedError

    def leave(self) -> None:
        """Give the keys back to what lies below."""
        self.app.pop_screen()


@dataclass(frozen=True, slots=True)
class Choice:
    """What can be chosen: a line, and what is told of it while it is the current one."""

    key: object
    line: Text
    detail: Text | None = None


class Picker(Window):
    """A list that letters narrow.

    Parameters
    ----------
    title : str
    find : function of str
        Returns the choices for the letters typed.
    then : function of object
        Gets the key of the choice, or None.
    at : object
        The key of the choice to begin with.
    """

    CSS = """
    Picker { align: center middle; }
    Picker > Vertical {
        width: 90%; max-width: 96; height: 90%; max-height: 30;
        border: round #7aa2f7; background: #1f2030;
    }
    Picker #choices { height: 1fr; }
    Picker #detail { height: 6; padding: 0 1; border-top: solid #414868; }
    Picker #detail.empty { display: none; }
    Picker #letters { background: #2a2c3d; }
    """

    def __init__(
        self,
        title: str,
        find: Callable[[str], Iterable[Choice]],
        then: Callable[[object], None],
        at: object = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._find = find
        self._then = then
        self._letters = ""
        self._choices: list[Choice] = []
        self._at = 0
        self._list()
        keys = [choice.key for choice in self._choices]
        if at in keys:
            self._at = keys.index(at)

    def compose(self) -> ComposeResult:
        """Lay out the window."""
        with Vertical():
            yield Bar(id="title")
            yield Bar(id="letters")
            yield Lines(id="choices")
            yield Lines(id="detail")

    def on_mount(self) -> None:
        """Show it."""
        self.call_after_refresh(self._show)

    def on_resize(self) -> None:
        """Show it at the new size."""
        self.call_after_refresh(self._show)

    def _list(self) -> None:
        self._choices = list(islice(self._find(self._letters), _MOST))
        self._at = 0

    def _show(self) -> None:
        if not self.is_mounted or not self.query("#detail"):
            return
        title = Text(f" {self._title}", "bold")
        self.query_one("#title", Bar).show(title.append("  ↑ ↓ Enter, Esc leaves", "not bold"))
        letters = Text(f" › {shown(self._letters)}▏")
        if not self._letters:
            letters.append("type a few letters", "#8a8f9c")
        self.query_one("#letters", Bar).show(letters)
        lines = []
        for number, choice in enumerate(self._choices):
            line = Text(" ▸ " if number == self._at else "   ").append_text(choice.line)
            if number == self._at:
                line.stylize("reverse")
            lines.append(line)
        if not lines:
            lines.append(Text("   nothing has these letters"))
        self.query_one("#choices", Lines).show(lines, self._at)
        self._tell()

    def _tell(self) -> None:
        detail = self._choices[self._at].detail if self._choices else None
        told = self.query_one("#detail", Lines)
        told.set_class(detail is None, "empty")
        if detail is not None:
            width = min(self.app.size.width * 9 // 10 - 6, _TEXT_CELLS)
            told.show(list(detail.wrap(self.app.console, max(width, 20))))

    def typed(self, event: events.Key) -> None:
        """Narrow the list, go up and down it, take or leave."""
        steps = {"up": -1, "ctrl+p": -1, "down": 1, "ctrl+n": 1, "pageup": -10, "pagedown": 10}
        if event.key == "escape":
            self._take(None)
            return
        if event.key == "enter":
            if self._choices:
                self._take(self._choices[self._at].key)
            return
        if event.key in steps:
            self._at = max(0, min(self._at + steps[event.key], len(self._choices) - 1))
        elif event.key in ("backspace", "ctrl+h"):
            self._narrow(self._letters[:-1])
        elif event.key == "ctrl+u":
            self._narrow("")
        elif event.is_printable and event.character:
            self._narrow(self._letters + event.character)
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        """Narrow by what was pasted."""
        self._narrow(self._letters + event.text.partition("\n")[0])
        self._show()

    def _narrow(self, letters: str) -> None:
        self._letters = letters
        self._list()

    def _take(self, key: object) -> None:
        self.leave()
        self._then(key)

    @on(Lines.Pressed)
    def press(self, event: Lines.Pressed) -> None:
        """Take the choice under the mouse."""
        if event.lines.id == "choices" and event.number < len(self._choices):
            self._take(self._choices[event.number].key)


class Ask(Window):
    """Asks for a line; what then follows gets it, or None."""

    CSS = """
    Ask { align: center middle; }
    Ask > Vertical {
        width: 90%; max-width: 76; height: 4; border: round #7aa2f7; background: #1f2030;
    }
    Ask #answer { background: #2a2c3d; }
    """

    def __init__(self, question: str, value: str, then: Callable[[str | None], None]) -> None:
        super().__init__()
        self._question = question
        self._value = value
        self._then = then

    def compose(self) -> ComposeResult:
        """Lay out the window."""
        with Vertical():
            yield Bar(id="question")
            yield Bar(id="answer")

    def on_mount(self) -> None:
        """Ask."""
        self._show()

    def _show(self) -> None:
        if self.is_mounted and self.query("#answer"):
            self.query_one("#question", Bar).show(Text(f" {self._question}"))
            self.query_one("#answer", Bar).show(Text(f" › {shown(self._value)}▏"))

    def typed(self, event: events.Key) -> None:
        """Write, take or leave."""
        if event.key in ("escape", "enter"):
            self.leave()
            self._then(self._value if event.key == "enter" else None)
            return
        if event.key in ("backspace", "ctrl+h"):
            self._value = self._value[:-1]
        elif event.key == "ctrl+u":
            self._value = ""
        elif event.is_printable and event.character:
            self._value += event.character
        self._show()


class Help(Window):
    """All keys on one page; any key closes it."""

    CSS = """
    Help { align: center middle; }
    Help Lines { width: 80; height: 22; background: #1f2030; }
    """

    def __init__(self, *, blind: bool, consensus: bool) -> None:
        super().__init__()
        self._page = help_page(blind=blind, consensus=consensus)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        yield Lines(id="help")

    def on_mount(self) -> None:
        """Show it."""
        lines = []
        for own in self._page.split("\n"):
            line = Text(" " + own)
            if own.startswith(("DECIDE", "ADD A")):
                line.stylize("bold #f2d479")
            lines.append(line)
        self.query_one("#help", Lines).show(lines)

    def typed(self, event: events.Key) -> None:
        """Close it, and do nothing else with the key."""
        self.leave()

    def on_click(self) -> None:
        """Close it."""
        self.leave()
