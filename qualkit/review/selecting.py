"""Keys and mouse that select words and give them a code."""

from __future__ import annotations

from textual import on

from qualkit.review.choosing import ChoosingKeys
from qualkit.review.textview import TextView
from qualkit.review.words import Selection, find_sentence, word_at


class SelectingKeys(ChoosingKeys):
    """Word by word, line by line, or by the sentence."""

    def begin_selecting(self) -> bool:
        """Put the cursor on the quotation in hand, or on the first word in view."""
        coding = self.in_hand
        numbers = {own.segment_id: at for at, own in enumerate(self.case.segments)}
        if coding is not None and coding.segment_key in numbers:
            # After a coding of one's own one goes on; a proposed one one may want wider.
            at = coding.end if coding.mine else coding.start
            place: tuple[int, int] | None = (numbers[coding.segment_key], at)
        else:
            place = self.text.first_seen()
        if place is None or not self.words_of(place[0]):
            self.say("There are no words to select")
            return False
        words = self.words_of(place[0])
        self.selection = Selection(place[0], word_at(words, place[1]))
        return True

    def action_select(self) -> None:
        """Begin to select: first the cursor, then from here."""
        chosen = self.selection
        if chosen is None:
            if self.begin_selecting():
                self.say("Arrows go to a word; v begins the quotation there; s takes the sentence")
        elif chosen.mark is None:
            self.selection = Selection(chosen.segment, chosen.cursor, chosen.cursor)
            self.say("Arrows select on; Enter chooses the code")
        else:
            self.selection = Selection(chosen.segment, chosen.cursor)
            self.say("Begun anew: v begins the quotation")
        self.show()

    def action_sentence(self) -> None:
        """Select the sentence at the cursor, or the next one too."""
        if self.selection is None and not self.begin_selecting():
            self.show()
            return
        chosen = self.selection
        if chosen is None:
            return
        words = self.words_of(chosen.segment)
        text = self.case.segments[chosen.segment].text
        first = words[chosen.cursor][0]
        if chosen.mark is not None and chosen.mark < chosen.cursor < len(words) - 1:
            first = words[chosen.cursor + 1][0]
        start, end = find_sentence(text, first)
        last = word_at(words, max(start, end - 1))
        if words[last][0] >= end:
            last = max(0, last - 1)
        mark = word_at(words, start)
        if chosen.mark is not None:
            mark = min(mark, chosen.mark)
        self.selection = Selection(chosen.segment, last, mark)
        self.say("The sentence is selected; s takes the next too, Enter chooses the code")
        self.show()

    def step_word(self, step: int, *, extend: bool = False) -> None:
        """Move by a word; while nothing is begun, on into the next segment."""
        chosen = self.selection
        if chosen is None:
            return
        words = self.words_of(chosen.segment)
        at = chosen.cursor + step
        if 0 <= at < len(words):
            self.selection = chosen.to_word(at, extend=extend)
        elif chosen.mark is None and not extend:
            self._to_segment(chosen.segment + step, last=step < 0)
        else:
            self.say("A quotation lies within one answer")

    def _to_segment(self, segment: int, *, last: bool) -> None:
        if 0 <= segment < len(self.case.segments) and self.words_of(segment):
            n = len(self.words_of(segment))
            self.selection = Selection(segment, n - 1 if last else 0)

    def step_line(self, step: int, *, extend: bool = False) -> None:
        """Move by a line."""
        chosen = self.selection
        layout = self.text.laid_out
        if chosen is None or layout is None:
            return
        words = self.words_of(chosen.segment)
        offset = words[chosen.cursor][0]
        y = layout.row_of(chosen.segment, offset)
        row = layout.rows[y]
        cell = layout.texts[chosen.segment].width(row.start, offset)
        y += step
        while 0 <= y < len(layout.rows):
            place = layout.place_at(y, cell)
            if place is not None:
                if place[0] == chosen.segment:
                    self.selection = chosen.to_word(word_at(words, place[1]), extend=extend)
                elif chosen.mark is None and not extend:
                    own = self.words_of(place[0])
                    self.selection = Selection(place[0], word_at(own, place[1]))
                else:
                    to_end = len(words) - 1 if step > 0 else 0
                    self.selection = chosen.to_word(to_end, extend=extend)
                return
            y += step

    def action_leave(self) -> None:
        """Stop selecting."""
        self.selection = None
        self.say("")
        self.show()

    # --- the mouse -------------------------------------------------------------------------

    @on(TextView.Dragged)
    def drag(self, event: TextView.Dragged) -> None:
        """Select the words under the mouse."""
        words = self.words_of(event.segment)
        if not words:
            return
        first, last = word_at(words, event.start), word_at(words, event.end)
        if last > first and words[last][0] > event.end:
            last -= 1
        self.selection = Selection(event.segment, last, first)
        if event.ended:
            self.say("Enter chooses the code, . gives the last one, Esc stops")
        self.show()

    @on(TextView.Pressed)
    def press(self, event: TextView.Pressed) -> None:
        """Take the coding under the mouse in hand; while selecting, move the cursor there."""
        if self.selection is not None:
            words = self.words_of(event.segment)
            if words:
                self.selection = Selection(event.segment, word_at(words, event.offset))
        else:
            key = self.case.segments[event.segment].segment_id
            here = [
                own
                for own in self.case.codings
                if own.segment_key == key and own.start <= event.offset < own.end
            ]
            if here:
                keys = [own.coding for own in here]
                # Pressed again, the next of those that lie over one another.
                at = keys.index(self.focus_key) + 1 if self.focus_key in keys else 0
                self.take_in_hand(keys[at % len(keys)])
                self.say("")
        self.show()
