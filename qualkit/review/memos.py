"""The window for memos: on the case, the coding in hand, or its code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TextArea

from qualkit.model import ReviewMemo
from qualkit.review.glyphs import shown
from qualkit.review.lines import Bar, Lines
from qualkit.review.windows import Window


@dataclass(frozen=True, slots=True)
class Subject:
    """What a memo may be about: a word and a row for the store, and how it is called."""

    about: str
    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written about what; `kept` is False where she left without keeping it."""

    subject: Subject
    text: str
    kept: bool


_EDITING = {
    "left": "cursor_left",
    "right": "cursor_right",
    "up": "cursor_up",
    "down": "cursor_down",
    "home": "cursor_line_start",
    "end": "cursor_line_end",
    "ctrl+left": "cursor_word_left",
    "ctrl+right": "cursor_word_right",
    "backspace": "delete_left",
    "ctrl+h": "delete_left",
    "delete": "delete_right",
    "ctrl+w": "delete_word_left",
    "ctrl+u": "delete_to_start_of_line",
    "ctrl+k": "delete_to_end_of_line",
}


class MemoWindow(Window):
    """Shows the memos that are there, and takes a new one."""

    CSS = """
    MemoWindow { align: center middle; }
    MemoWindow > Vertical {
        width: 90%; max-width: 90; height: 80%; max-height: 24;
        border: round #7aa2f7; background: #1f2030;
    }
    MemoWindow Lines { height: 1fr; padding: 0 1; }
    MemoWindow TextArea { height: 6; border: solid #414868; }
    MemoWindow Bar { background: #1f2030; }
    """

    def __init__(
        self,
        subjects: Sequence[Subject],
        fetch: Callable[[Subject], Sequence[ReviewMemo]],
        then: Callable[[Written], None],
        draft: str = "",
    ) -> None:
        super().__init__()
        self._then = then
        self._subjects = subjects
        self._fetch = fetch
        self._draft = draft
        self._at = 0
        self._writing: TextArea | None = None

    def compose(self) -> ComposeResult:
        """Lay out the window."""
        with Vertical():
            yield Bar(id="about")
            yield Lines(id="there")
            yield TextArea(id="writing", soft_wrap=True)
            yield Bar(id="how")

    def on_mount(self) -> None:
        """Show what is there."""
        other = "Tab another subject, " if len(self._subjects) > 1 else ""
        how = f" Enter keeps it, {other}Ctrl+J new line, Esc leaves"
        self.query_one("#how", Bar).show(Text(how))
        self._writing = self.query_one("#writing", TextArea)
        self._writing.text = self._draft
        # Shows where one writes; the keys come through the window.
        self._writing.focus()
        self._writing.move_cursor(self._writing.document.end)
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        if self._writing is None:
            return
        subject = self._subjects[self._at]
        self.query_one("#about", Bar).show(Text(f" Memo on {subject.name}", "bold"))
        lines: list[Text] = []
        width = max(20, self.query_one("#there", Lines).size.width - 1)
        for memo in self._fetch(subject):
            lines.append(Text(f"{memo.written_at[:10]} {shown(memo.coder)}", "#8a8f9c"))
            for line in memo.text.split("\n"):
                lines += Text(shown(line)).wrap(self.app.console, width)
        if not lines:
            lines.append(Text("No memos on this yet.", "#8a8f9c"))
        self.query_one("#there", Lines).show(lines, len(lines) - 1)

    def typed(self, event: events.Key) -> None:
        """Write, turn to another subject, keep or leave."""
        if event.key in ("enter", "escape"):
            self.leave()
            kept = event.key == "enter"
            self._then(Written(self._subjects[self._at], self._text, kept))
        elif event.key == "tab":
            self._at = (self._at + 1) % len(self._subjects)
            self._show()
        elif self._writing is None:
            # Written ahead of the screen.
            self._draft += event.character if event.is_printable and event.character else ""
        elif event.key == "ctrl+j":
            self._writing.insert("\n")
        elif event.key in _EDITING:
            getattr(self._writing, f"action_{_EDITING[event.key]}")()
        elif event.is_printable and event.character:
            self._writing.insert(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Write what was pasted."""
        if self._writing is not None:
            event.stop()
            self._writing.insert(event.text)

    @property
    def _text(self) -> str:
        return self._draft if self._writing is None else self._writing.text
