"""Keys that decide, go on, go round, and take back."""

from __future__ import annotations

from collections.abc import Callable

from qualkit.model import ReviewCoding
from qualkit.review.desk import Desk
from qualkit.review.glyphs import shown
from qualkit.review.words import move_end, move_start


class DecidingKeys(Desk):
    """One key, one decision."""

    # --- decide ----------------------------------------------------------------------------

    def accept_coding(self) -> None:
        """Accept the coding in hand and go on."""
        coding = self.in_hand
        if coding is None:
            self.go_on("")
        elif coding.mine:
            self.go_on("Your own coding stays")
        elif not self.is_anothers(coding) and self.attempt(lambda: self.session.accept(coding)):
            self.go_on(f"Accepted {self.name_of(coding.code_key)}")

    def action_reject(self) -> None:
        """Reject the coding in hand and go on; one's own is removed."""
        coding = self.in_hand
        if self.selection is not None:
            self.say("You are selecting words: Esc stops that")
        elif coding is None:
            self.say("No coding is in hand: ↑ ↓ choose one")
        elif coding.mine:
            self.remove(coding)
        elif not self.is_anothers(coding) and self.attempt(lambda: self.session.reject(coding)):
            self.go_on(f"Rejected {self.name_of(coding.code_key)}")
        self.show()

    def is_anothers(self, coding: ReviewCoding) -> bool:
        """Say so if another person made a coding: it is hers, unless it is being settled."""
        if not coding.by_person or coding.mine or coding.said:
            return False
        self.say(f"{shown(coding.coder)} added this: + gives the words a code of your own")
        return True

    def action_remove(self) -> None:
        """Remove one's own coding."""
        coding = self.in_hand
        if coding is None or not coding.mine:
            self.say("Only a coding of your own can be removed; r rejects a proposed one")
        else:
            self.remove(coding)
        self.show()

    def remove(self, coding: ReviewCoding) -> None:
        """Take a coding of one's own away, and the one beside it in hand."""
        keys = [own.coding for own in self.case.codings]
        at = keys.index(coding.coding)
        if self.attempt(lambda: self.session.reject(coding)):
            rest = [own.coding for own in self.case.codings]
            self.focus_key = rest[min(at, len(rest) - 1)] if rest else None
            self.say(f"Removed {self.name_of(coding.code_key)}; u brings it back")

    # --- the ends of the quotation -----------------------------------------------------------

    def action_move_start(self, step: int) -> None:
        """Begin the quotation a word earlier or later."""
        self._move_end_of(lambda words, start, end: (move_start(words, start, end, step), end))

    def action_move_end(self, step: int) -> None:
        """End the quotation a word later or earlier."""
        self._move_end_of(lambda words, start, end: (start, move_end(words, start, end, step)))

    def _move_end_of(
        self,
        find: Callable[[list[tuple[int, int]], int, int], tuple[int | None, int | None]],
    ) -> None:
        coding = self.in_hand
        if coding is None:
            self.say("No coding is in hand: ↑ ↓ choose one")
        elif not self.is_anothers(coding):
            numbers = {own.segment_id: at for at, own in enumerate(self.case.segments)}
            words = self.words_of(numbers[coding.segment_key])
            start, end = find(words, coding.start, coding.end)
            if start is None or end is None:
                self.say("The quotation cannot go further that way")
            else:
                self._move(coding, start, end)
        self.show()

    def _move(self, coding: ReviewCoding, start: int, end: int) -> None:
        def move() -> None:
            self.focus_key = self.session.move(coding, start, end)

        if self.attempt(move):
            n = end - start
            self.say(f"The quotation has {n} characters now; Enter goes on, u takes it back")

    # --- go on -----------------------------------------------------------------------------

    @property
    def takes_whole_cases(self) -> bool:
        """Whether she goes through all of a case before the next one."""
        wanted = self.session.wanted
        if wanted.consensus:
            return False
        narrowed = wanted.codes or wanted.domain or wanted.coder or wanted.sample is not None
        return wanted.order == "case" and not narrowed and wanted.score == (0.0, 1.0)

    def go_on(self, said: str) -> None:
        """Say what was done and go to the next undecided coding.

        At the end of a case it stays there, so that what is missing can be added.
        """
        was = self.case.case_key
        said = f"{said}. " if said else ""
        is_looked_through = all(own.decided for own in self.case.codings)
        if self.takes_whole_cases and is_looked_through and self.focus_key is not None:
            self.focus_key = None
            left = len(self.session.items) - self.session.n_decided
            self.say(
                f"{said}{shown(self.case.case_id)} is all decided: n goes on, v adds a coding"
                if left
                else f"{said}Everything is decided"
            )
            return
        if not self._to_next_open():
            self.focus_key = None
            self.say(f"{said}Everything is decided: g lists the cases, q leaves")
        elif self.case.case_key != was:
            self.say(f"{said}Now case {shown(self.case.case_id)}")
        else:
            self.say(said.removesuffix(" "))

    def _to_next_open(self) -> bool:
        found = False

        def go() -> None:
            nonlocal found
            found = self.session.next_open()
            self.focus_here()

        return self.attempt(go) and found

    def action_next_open(self) -> None:
        """Go to the next undecided coding, leaving this one as it is."""
        self.selection = None
        was, case = self.session.at, self.case.case_key
        if not self._to_next_open():
            self.focus_key = None
            self.say("Everything is decided: g lists the cases, q leaves")
        elif self.session.at == was:
            self.say("This is the only one that is left")
        elif self.case.case_key != case:
            self.say(f"Now case {shown(self.case.case_id)}")
        else:
            self.say("")
        self.show()

    def to_coding(self, step: int) -> None:
        """Take the previous or next coding of the case in hand."""
        keys = [own.coding for own in self.case.codings]
        if not keys:
            self.page(step)
            return
        if self.focus_key in keys:
            at = keys.index(self.focus_key) + step
        else:
            at = 0 if step > 0 else len(keys) - 1
        if 0 <= at < len(keys):
            self.take_in_hand(keys[at])
            self.say("")
        else:
            end = "last" if step > 0 else "first"
            self.say(f"That is the {end} coding of the case; ← → go to other cases")

    def take_in_hand(self, key: int) -> None:
        """Take a coding of the case in hand, and its place in the queue if it has one."""
        self.focus_key = key
        self.session.go_to_coding(key)

    def to_case(self, step: int) -> None:
        """Go to the previous or next case."""
        moved = False

        def go() -> None:
            nonlocal moved
            moved = self.session.next_case(step)

        if not self.attempt(go):
            return
        if moved:
            self.focus_here()
            self.say(f"Now case {shown(self.case.case_id)}")
        else:
            self.say("That is the last case" if step > 0 else "That is the first case")

    def page(self, step: int) -> None:
        """Scroll the text."""
        raise NotImplementedError

    def action_done(self) -> None:
        """Mark the case done and go to the next."""
        self.selection = None
        name = shown(self.case.case_id)
        if self.attempt(self.session.mark_done):
            blind = self.session.wanted.blind
            moved = self._to_next_open() if blind else self._to_other_case()
            now = f"now {shown(self.case.case_id)}" if moved else "it was the last"
            self.say(f"{name} is done; {now}. u takes that back")
        self.show()

    def _to_other_case(self) -> bool:
        moved = False

        def go() -> None:
            nonlocal moved
            moved = self.session.next_case()
            self.focus_here()

        self.attempt(go)
        return moved

    # --- take back -------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Take back the last step."""
        self._turn_round(self.session.undo, "There is nothing to undo")

    def action_redo(self) -> None:
        """Do again what was taken back."""
        self._turn_round(self.session.redo, "There is nothing to do again")

    def _turn_round(self, turn: Callable[[], str], nothing: str) -> None:
        self.selection = None
        said = ""

        def do() -> None:
            nonlocal said
            said = turn()

        if self.attempt(do):
            if said:
                touched = self.session.touched
                if touched is None:
                    self.focus_here()
                else:
                    self.focus_key = touched
            self.say(shown(said[:1].upper() + said[1:]) if said else nothing)
        self.show()
