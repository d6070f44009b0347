"""One question at a time at the prompt: for screen readers, and where no app can run."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from qualkit.errors import QualkitError
from qualkit.model import ReviewCode, ReviewCoding, Segment
from qualkit.review.display import shown
from qualkit.review.session import Session

Ask = Callable[[str], str | None]
"""Gives the answer to a question; None at the end of the input."""
Tell = Callable[[str], None]

_AROUND = 240
"""Characters of the text shown before and after the quotation."""
_MOST_CODES = 9
QUESTION = "accept, reject, code, next, undo, memo, text, help or quit? "
HELP = """\
a  accept: the code is right for these words
r  reject: it is not
c  another code: you are asked for a few letters of it
n  next, and leave this one undecided
u  undo the last thing you did
m  write a memo on this coding
t  read the whole text
q  leave; you come back here"""
BLIND_QUESTION = "words to code, done, next, text, undo, help or quit? "
BLIND_HELP = """\
w  code words: you are asked for the words, as they stand in the text, and the code
d  done with this case
n  next case, and leave this one open
t  read the text again
u  undo the last thing you did
q  leave; you come back here"""


def run_plain(session: Session, ask: Ask, tell: Tell) -> None:
    """Go through the session's queue by question and answer, until it ends or she leaves."""
    Prompt(session, ask, tell).run()


class Prompt:
    """Asks about one place of the queue after the other."""

    def __init__(self, session: Session, ask: Ask, tell: Tell) -> None:
        self.session = session
        self.ask = ask
        self.tell = tell
        self._told_case = -1

    def run(self) -> None:
        """Ask until she leaves; the place is kept then, however it ends."""
        try:
            going = True
            while going:
                going = self._blind() if self.session.wanted.blind else self._coding()
        finally:
            self.session.close()

    # --- codings -----------------------------------------------------------------------

    def _coding(self) -> bool:
        coding = self.session.coding
        if coding is None:
            return self._go_on()
        self._tell_coding(coding)
        answers: dict[str, Callable[[], bool | None]] = {
            "a": lambda: self._did(lambda: self.session.accept(coding), "accepted"),
            "r": lambda: self._did(lambda: self.session.reject(coding), "rejected"),
            "c": lambda: self._recode(coding),
            "n": self._go_on,
            "u": self._undo,
            "m": lambda: self._ask_memo(coding.coding),
            "t": self._tell_text,
        }
        while True:
            answer = self._answer(QUESTION)
            if answer in (None, "q"):
                return False
            going = answers.get(answer or "", lambda: self.tell(HELP))()
            # None: the same coding is still asked about.
            if going is not None:
                return going

    def _recode(self, coding: ReviewCoding) -> bool | None:
        code = self._ask_code()
        if code is None:
            return None
        return self._did(lambda: self.session.recode(coding, code.key), f"now {code.name}")

    def _undo(self) -> bool:
        self.tell(self.session.undo() or "there is nothing to undo")
        return True

    def _did(self, what: Callable[[], object], said: str) -> bool:
        try:
            what()
        except (QualkitError, ValueError) as error:
            self.tell(str(getattr(error, "message", error)))
            return True
        self.tell(said)
        return self._go_on()

    def _go_on(self) -> bool:
        if not self.session.next_open():
            self.tell("everything is decided")
            return False
        return True

    def _tell_coding(self, coding: ReviewCoding) -> None:
        own = self.session
        case = own.case
        if case.case_key != self._told_case:
            self._told_case = case.case_key
            self.tell(f"\nCase {shown(case.case_id)}, {own.case_number} of {own.n_cases}.")
        segment = next(s for s in case.segments if s.segment_id == coding.segment_key)
        code = own.codes[coding.code_key]
        before = segment.text[max(0, coding.start - _AROUND) : coding.start]
        after = segment.text[coding.end : coding.end + _AROUND]
        self.tell(
            f"\n{own.n_decided:,} of {len(own.items):,} decided. {_heading(segment)}"
            f"\nBefore: {shown(before.strip()) or 'nothing'}"
            f"\nWords: {shown(segment.text[coding.start : coding.end])}"
            f"\nAfter: {shown(after.strip()) or 'nothing'}"
            f"\nCode: {code.name} ({code.category}). {code.definition}"
        )

    # --- blind -------------------------------------------------------------------------

    def _blind(self) -> bool:
        case = self.session.case
        if case.case_key != self._told_case:
            self._told_case = case.case_key
            self.tell(
                f"\nCase {shown(case.case_id)}, {self.session.case_number} of"
                f" {self.session.n_cases}."
            )
            self._tell_text()
        answer = self._answer(BLIND_QUESTION)
        if answer in (None, "q"):
            return False
        if answer == "w":
            self._code_words()
        elif answer == "d":
            return self._did(self.session.mark_done, "done")
        elif answer == "n":
            if not self.session.next_case():
                self.tell("this is the last case")
        elif answer == "t":
            self._tell_text()
        elif answer == "u":
            self._undo()
        else:
            self.tell(BLIND_HELP)
        return True

    def _code_words(self) -> None:
        words = (self.ask("Which words? ") or "").strip()
        if not words:
            return
        places = [
            (segment, at)
            for segment in self.session.case.segments
            if (at := segment.text.find(words)) >= 0
        ]
        if not places:
            self.tell("these words do not stand in the text: write them as they stand there")
            return
        code = self._ask_code()
        if code:
            segment, at = places[0]
            self.session.add(segment.segment_id, code.key, at, at + len(words))
            self.tell(f"added: {code.name}")

    # --- asking --------------------------------------------------------------------------

    def _answer(self, question: str) -> str | None:
        answer = self.ask(question)
        return None if answer is None else answer.strip().lower()[:1]

    def _ask_code(self) -> ReviewCode | None:
        letters = (self.ask("A few letters of the code: ") or "").strip()
        found = list(islice(self.session.iterate_codes(letters), _MOST_CODES))
        if not letters or not found:
            self.tell("no code has these letters" if letters else "no code chosen")
            return None
        for number, code in enumerate(found, start=1):
            self.tell(f"{number}  {code.name} ({code.category})")
        answer = (self.ask("Which number? ") or "").strip()
        if answer.isdecimal() and 1 <= int(answer) <= len(found):
            return found[int(answer) - 1]
        self.tell("no code chosen")
        return None

    def _ask_memo(self, coding: int) -> None:
        text = (self.ask("Memo: ") or "").strip()
        if text:
            self.session.memo(text, "coding", coding)
            self.tell("memo kept")

    def _tell_text(self) -> None:
        for segment in self.session.case.segments:
            self.tell(f"{_heading(segment)}\n{shown(segment.text)}")


def _heading(segment: Segment) -> str:
    who = segment.speaker or segment.role
    return ", ".join(filter(None, (f"Part {segment.n}", shown(segment.label), shown(who)))) + "."
