"""The app: the desk with all its keys."""

from __future__ import annotations

from textual import events, on

from qualkit.review.filtering import FilteringKeys
from qualkit.review.keys import KEYS
from qualkit.review.lines import Lines
from qualkit.review.windows import Window


class ReviewApp(FilteringKeys):
    """A person going through codings at the terminal.

    Parameters
    ----------
    session : Session
        Where she begins.
    reopen : function of ReviewFilter
        Begins another way through the same project.
    """

    TITLE = "qualkit review"

    def on_mount(self) -> None:
        """Begin where she left, at what is open."""
        coding = self.session.coding
        if coding is not None and coding.decided:
            self.attempt(self.session.next_open)
        self.focus_here()
        self.say("? shows all keys" if self.session.n_decided else "Welcome: ? shows all keys")
        # The widgets know their sizes only after the first layout.
        self.call_after_refresh(self.show)

    def on_resize(self) -> None:
        """Show it at the new size."""
        self.call_after_refresh(self.show)

    async def on_event(self, event: events.Event) -> None:
        """Take keys in the order in which they were pressed, each done before the next.

        Textual hands a key to the screen and back, in which time a window may have
        opened: what was typed ahead would be lost, or meant for something else.
        """
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
        elif self.is_leaving:
            pass
        elif event.key in ("ctrl+c", "ctrl+q"):
            self.action_leave_app()
        elif isinstance(self.screen, Window):
            self.screen.typed(event)
        elif event.key in KEYS:
            await self.run_action(KEYS[event.key], self)

    # --- keys that mean something else while words are selected ------------------------------

    def action_accept(self) -> None:
        """Accept, or choose the code of the selected words."""
        if self.selection is not None:
            self.action_code()
            return
        self.accept_coding()
        self.show()

    def action_space(self) -> None:
        """Go to the next undecided, or begin the quotation."""
        if self.selection is not None:
            self.action_select()
        else:
            self.action_next_open()

    def action_up(self) -> None:
        """Go to the coding or line before."""
        self._vertical(-1)

    def action_down(self) -> None:
        """Go to the coding or line after."""
        self._vertical(1)

    def _vertical(self, step: int, *, extend: bool = False) -> None:
        if self.selection is None:
            self.to_coding(step)
        else:
            self.step_line(step, extend=extend)
        self.show()

    def action_left(self) -> None:
        """Go to the case or word before."""
        self._horizontal(-1)

    def action_right(self) -> None:
        """Go to the case or word after."""
        self._horizontal(1)

    def _horizontal(self, step: int) -> None:
        if self.selection is None:
            self.to_case(step)
        else:
            self.step_word(step)
        self.show()

    def action_shift_left(self) -> None:
        """Select a word to the left, or end the quotation a word earlier."""
        self._extend(-1)

    def action_shift_right(self) -> None:
        """Select a word to the right, or end the quotation a word later."""
        self._extend(1)

    def _extend(self, step: int) -> None:
        if self.selection is None:
            self.action_move_end(step)
        else:
            self.step_word(step, extend=True)
            self.show()

    def action_shift_up(self) -> None:
        """Select a line up."""
        self._vertical(-1, extend=True)

    def action_shift_down(self) -> None:
        """Select a line down."""
        self._vertical(1, extend=True)

    # --- the screen ------------------------------------------------------------------------

    def page(self, step: int) -> None:
        """Scroll the text by most of a page."""
        view = self.text
        view.scroll_relative(y=step * max(1, view.size.height - 2), animate=False)

    def action_page(self, step: int) -> None:
        """Scroll the text."""
        self.page(step)

    def action_tall(self) -> None:
        """Give the code's meaning more room, or take it back."""
        self.desk.toggle_class("tall")
        self.call_after_refresh(self.show)

    @on(Lines.Pressed)
    def press_line(self, event: Lines.Pressed) -> None:
        """Take the coding under the mouse in hand."""
        if event.lines.id != "list" or event.number >= len(self._stands_for):
            return
        key = self._stands_for[event.number]
        if key is not None:
            self.selection = None
            self.take_in_hand(key)
            self.show()

    def action_leave_app(self) -> None:
        """Leave; the place is kept."""
        self.is_leaving = True
        self.attempt(self.session.close)
        self.exit()
