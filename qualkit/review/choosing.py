"""Keys that open a window: choose a code, a case, a filter; write a memo; help."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from rich.text import Text

from qualkit.model import ReviewCode, ReviewMemo
from qualkit.review.deciding import DecidingKeys
from qualkit.review.glyphs import shown
from qualkit.review.telling import code_text, code_title
from qualkit.review.windows import Choice, Help, Picker


class ChoosingKeys(DecidingKeys):
    """Opens windows, and does what was chosen in them."""

    # --- codes -----------------------------------------------------------------------------

    def code_choices(self, letters: str) -> Iterator[Choice]:
        """Yield the codes that a few letters may mean."""
        for code in self.session.iterate_codes(letters):
            yield Choice(code.key, code_line(code), code_text(code))

    def action_code(self) -> None:
        """Choose a code for the selection, or another one for the coding in hand."""
        if self.selection is not None:
            self.pick_code("Code for the selected words", self.add_to_selection)
            return
        coding = self.in_hand
        if coding is None:
            self.say("No coding is in hand: v selects words to code")
        elif not self.is_anothers(coding):
            title = f"Instead of {self.name_of(coding.code_key)}"
            self.pick_code(title, partial(self._recode, coding.coding))
            return
        self.show()

    def action_code_too(self) -> None:
        """Choose a further code for the words of the coding in hand."""
        coding = self.in_hand
        if coding is None:
            self.say("No coding is in hand: v selects words to code")
            self.show()
            return
        place = coding.segment_key, coding.start, coding.end
        self.pick_code("A further code for these words", lambda key: self.add(key, *place))

    def pick_code(self, title: str, then: Callable[[int], object]) -> None:
        """Let her choose a code; what then follows gets its row."""

        def take(key: object) -> None:
            if isinstance(key, int):
                then(key)
            else:
                self.say("No code chosen")
            self.show()

        self.push_screen(Picker(title, self.code_choices, take, self.last_code))

    def action_repeat(self) -> None:
        """Give the last code to the selection, or in place of the coding in hand."""
        if self.last_code is None:
            self.say("No code has been chosen yet: c or Enter chooses one")
        elif self.selection is not None:
            self.add_to_selection(self.last_code)
        elif self.in_hand is not None and not self.is_anothers(self.in_hand):
            self._recode(self.in_hand.coding, self.last_code)
        self.show()

    def _recode(self, key: int, code_key: int) -> None:
        coding = next((own for own in self.case.codings if own.coding == key), None)
        if coding is None:
            self.say("That coding is gone", wrong=True)
            return
        if coding.code_key == code_key:
            self.say("It has that code already")
            return
        if self.attempt(lambda: self.session.recode(coding, code_key)):
            self.last_code = code_key
            self.go_on(f"Recoded as {self.name_of(code_key)}")

    def add_to_selection(self, code_key: int) -> None:
        """Code the selected words; a blind coder goes on selecting after them."""
        chosen = self.selection
        if chosen is None:
            return
        words = self.words_of(chosen.segment)
        start, end = chosen.span(words)
        if self.add(code_key, self.case.segments[chosen.segment].segment_id, start, end):
            self.selection = None

    def add(self, code_key: int, segment_key: int, start: int, end: int) -> bool:
        """Add a coding and take it in hand."""

        def do() -> None:
            self.focus_key = self.session.add(segment_key, code_key, start, end)

        if not self.attempt(do):
            return False
        self.last_code = code_key
        self.say(f"Added {self.name_of(code_key)}: + a further code, . again elsewhere, u undoes")
        return True

    # --- cases -----------------------------------------------------------------------------

    def action_cases(self) -> None:
        """List the cases of the queue; go to one."""
        places = self.session.list_places()

        def find(letters: str) -> Iterator[Choice]:
            wanted = letters.strip().lower()
            for place in places:
                if wanted in place.case_id.lower():
                    left = f"{place.n_open} of {place.n} left" if place.n_open else "all decided"
                    line = Text(f"{shown(place.case_id):<24} {left:<18}")
                    if place.done:
                        line.append("done", "bold")
                    yield Choice(place.at, line)

        def take(at: object) -> None:
            if isinstance(at, int) and self.attempt(lambda: self.session.go_to(at)):
                self.selection = None
                self.focus_here()
                self.say(f"Now case {shown(self.case.case_id)}")
            self.show()

        here = next((p.at for p in places if p.case_key == self.case.case_key), None)
        self.push_screen(Picker("Go to a case", find, take, here))

    # --- memo, help --------------------------------------------------------------------------

    def action_memo(self) -> None:
        """Write a memo on the case, the coding in hand or its code."""
        # Here: the field for longer texts takes a while to load, and few need it at once.
        from qualkit.review.memos import MemoWindow, Subject, Written

        subjects = [Subject("case", self.case.case_key, f"case {shown(self.case.case_id)}")]
        coding = self.in_hand
        if coding is not None:
            name = self.name_of(coding.code_key)
            subjects.append(Subject("coding", coding.coding, f"this coding ({name})"))
            subjects.append(Subject("code", coding.code_key, f"the code {name}"))

        def keep(written: Written) -> None:
            self.draft = "" if written.kept else written.text
            if written.kept and written.text.strip():
                own = written.subject
                if self.attempt(lambda: self.session.memo(written.text, own.about, own.key)):
                    self.say(f"Memo kept on {own.name}")
                else:
                    self.draft = written.text
            elif written.text.strip():
                self.say("Not kept; m has your text still")
            self.show()

        def fetch(own: Subject) -> list[ReviewMemo]:
            return self.session.list_memos(own.about, own.key)

        self.push_screen(MemoWindow(subjects, fetch, keep, self.draft))

    def action_help(self) -> None:
        """Show all keys."""
        wanted = self.session.wanted
        self.push_screen(Help(blind=wanted.blind, consensus=bool(wanted.consensus)))


def code_line(code: ReviewCode) -> Text:
    """Return a code as it stands in a list."""
    line = code_title(code)
    line.append(f"  {shown(code.code)}", "#8a8f9c")
    return line
