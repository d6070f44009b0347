"""The desk that all keys work at: what is shown, what is in hand, what was just done."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import Container

from qualkit.errors import QualkitError
from qualkit.model import ReviewCase, ReviewCode, ReviewCoding, Segment
from qualkit.review.glyphs import shown
from qualkit.review.keys import keys_line
from qualkit.review.lines import Bar, Lines
from qualkit.review.painting import by_segment, selection_stretch
from qualkit.review.session import Reopen, Session
from qualkit.review.telling import (
    code_text,
    code_title,
    list_lines,
    message_line,
    top_line,
    why,
)
from qualkit.review.textview import TextView
from qualkit.review.words import Selection, Span, find_words


class Desk(App[None]):
    """Shows the case, and keeps what is in hand.

    Attributes
    ----------
    session : Session
        The way through the codings.
    focus_key : int or None
        The coding in hand; None where the case as a whole is.
    selection : Selection or None
        Words being selected.
    last_code : int or None
        The code that was given last.
    n_decided : int
        How many places were decided since the app began, in earlier filters too.
    fault : Exception or None
        What went wrong beyond mending; whoever ran the app raises it.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    CSS = """
    Screen { background: #16161e; }
    #top, #keys { background: #2a2c3d; }
    #desk { height: 1fr; layout: grid; grid-size: 2 2; }
    .-narrow #desk { grid-columns: 1fr 29; grid-rows: 1fr 8; }
    .-wide #desk { grid-columns: 1fr 46; grid-rows: 1fr 12; }
    .-wide #text { row-span: 2; }
    .-narrow #code { column-span: 2; border-top: solid #414868; padding: 0 1; }
    .-narrow #desk.tall { grid-rows: 1fr 13; }
    .-wide #desk.tall { grid-rows: 1fr 24; }
    .-wide #code { border-top: solid #414868; border-left: solid #414868; padding: 0 1; }
    #list { border-left: solid #414868; }
    """

    def __init__(self, session: Session, reopen: Reopen) -> None:
        super().__init__()
        self.top, self.message, self.keys = Bar(id="top"), Bar(id="message"), Bar(id="keys")
        self.desk = Container(id="desk")
        self.text = TextView(id="text")
        self.list, self.about = Lines(id="list"), Lines(id="code")
        self.is_leaving = False
        self.session = session
        self.reopen = reopen
        self.focus_key: int | None = None
        self.selection: Selection | None = None
        self.last_code: int | None = None
        self.fault: Exception | None = None
        self.draft = ""
        self._n_before = session.n_decided
        self._n_earlier = 0
        self._stands_for: list[int | None] = []
        self._kept_case: int | None = None
        self._words: dict[int, list[Span]] = {}
        self._message = Text()

    def compose(self) -> ComposeResult:
        """Lay the desk."""
        yield self.top
        with self.desk:
            yield self.text
            yield self.list
            yield self.about
        yield self.message
        yield self.keys

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print the values of variables, and so participants' words.
        self.fault = self.fault or error
        self._return_code = 1
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    # --- what is in hand -----------------------------------------------------------------

    @property
    def n_decided(self) -> int:
        """How many places were decided since the app began."""
        return self._n_earlier + self.session.n_decided - self._n_before

    def take(self, session: Session) -> None:
        """Go on with another way through the project."""
        self._n_earlier = self.n_decided
        self.session = session
        self._n_before = session.n_decided
        self.selection = None
        self.focus_here()

    @property
    def case(self) -> ReviewCase:
        """The case that is looked at."""
        return self.session.case

    @property
    def in_hand(self) -> ReviewCoding | None:
        """The coding in hand."""
        key = self.focus_key
        return next((c for c in self.case.codings if c.coding == key), None)

    def focus_here(self) -> None:
        """Take the coding that the session asks about in hand."""
        coding = self.session.coding
        self.focus_key = coding.coding if coding else None

    def code_of(self, coding: ReviewCoding) -> ReviewCode | None:
        """Return a coding's code, if it still stands."""
        return self.session.codes.get(coding.code_key)

    def name_of(self, code_key: int | None) -> str:
        """Return a code's name as it can be shown."""
        code = self.session.codes.get(code_key or 0)
        return shown(code.name) if code else "a code that is gone"

    def words_of(self, segment: int) -> list[Span]:
        """Return the words of a segment of the case, by its number in it."""
        own: Segment = self.case.segments[segment]
        if own.segment_id not in self._words:
            self._words[own.segment_id] = find_words(own.text)
        return self._words[own.segment_id]

    # --- doing -----------------------------------------------------------------------------

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say in one line what a key did."""
        self._message = Text(f" ! {text}" if wrong else f" {text}", "bold #ff8080" if wrong else "")

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do something in the project; say what refuses it, and go on."""
        try:
            work()
        except QualkitError as error:
            self.say(shown(". ".join(own for own in (error.what, error.to_do) if own)), wrong=True)
            self.bell()
            return False
        return True

    # --- showing ---------------------------------------------------------------------------

    def show(self) -> None:
        """Show everything as it is now."""
        case = self.case
        if case.case_key != self._kept_case:
            self._kept_case = case.case_key
            self._words.clear()
            # Kept as she goes, so that a pulled plug costs her no searching.
            self.attempt(self.session.save_place)
        if self.selection is None and self.focus_key is not None and self.in_hand is None:
            self.focus_here()
        self._show_text(case)
        self._show_list(case)
        self._show_code()
        width = self.size.width
        self.top.show(top_line(self.session, case, width))
        self.message.show(message_line(self._message, self.session, width))
        self.keys.show(
            keys_line(
                width,
                selecting=self.selection is not None,
                done=not self.session.wanted.consensus,
            )
        )

    def _show_text(self, case: ReviewCase) -> None:
        numbers = {segment.segment_id: at for at, segment in enumerate(case.segments)}
        chosen = self.selection
        coding = self.in_hand
        over = by_segment(case.codings, self.session.codes, None if chosen else self.focus_key)
        focus = None
        if chosen is not None:
            words = self.words_of(chosen.segment)
            start, end = chosen.span(words)
            begun = chosen.mark is not None
            key = case.segments[chosen.segment].segment_id
            over.setdefault(key, []).append(selection_stretch(start, end, begun=begun))
            focus = (chosen.segment, *words[chosen.cursor])
        elif coding is not None and coding.segment_key in numbers:
            focus = numbers[coding.segment_key], coding.start, coding.end
        self.text.show(case, over, focus)

    def _show_list(self, case: ReviewCase) -> None:
        own = self.list
        width = own.width or 28
        lines, self._stands_for = list_lines(case, self.session.codes, self.focus_key, width)
        at = self._stands_for.index(self.focus_key) if self.focus_key in self._stands_for else None
        own.show(lines, at)

    def _show_code(self) -> None:
        own = self.about
        width = max(own.width, 20)
        coding = self.in_hand
        if coding is None:
            own.show(self._whole_case_lines(width))
            return
        code = self.code_of(coding)
        title = code_title(code)
        reason = why(coding)
        if title.cell_len + len(reason) + 2 <= width:
            lines = [title.append(f"  {reason}", "#9aa5ce")]
        else:
            lines = [title, *Text(reason, "#9aa5ce").wrap(self.console, width)]
        if code is not None:
            lines += code_text(code).wrap(self.console, width)
        own.show(lines)

    def _whole_case_lines(self, width: int) -> list[Text]:
        n_open = sum(not coding.decided for coding in self.case.codings)
        if self.session.wanted.blind:
            text = (
                "Read the case. v selects words to code, . gives the last code again,"
                " d marks the case done and goes to the next."
            )
        elif self.session.wanted.consensus:
            text = (
                f"{n_open or 'None'} of the disagreements of this case are open: n goes to the"
                " next one. ↑ looks back over them. v adds a coding that you agree on."
            )
        elif n_open:
            text = f"{n_open} codings of this case are undecided: n goes to the next one."
        else:
            text = (
                "All codings of this case are decided. n goes on to the next case. Something"
                " missing? v selects words to code. ↑ looks back over the codings."
            )
        return list(Text(text).wrap(self.console, width))
