"""One question at a time: for screen readers, braille lines, pipes and old terminals.

Every choice is a number or its letter, then Enter. Nothing moves the cursor, nothing is told by
colour, and an empty line only asks again.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TextIO

from qualkit.errors import QualkitError
from qualkit.model import ReviewCode, ReviewCoding, Segment
from qualkit.review.glyphs import shown
from qualkit.review.layout import heading
from qualkit.review.session import Session
from qualkit.review.telling import code_text, noun, why

_AROUND = 160
"""How many characters are read before and after a quotation."""
_LISTED = 9
_WIDTH = 78

_CODING = (
    ("1", "a", "accept"),
    ("2", "r", "reject"),
    ("3", "c", "another code"),
    ("4", "w", "other words"),
    ("5", "v", "add a coding"),
    ("6", "m", "memo"),
    ("7", "u", "undo"),
    ("8", "U", "redo"),
    ("9", "n", "next, undecided as it is"),
    ("10", "b", "back"),
    ("11", "d", "case done"),
    ("12", "t", "read the case again"),
    ("13", "i", "what the code means"),
    ("0", "q", "quit"),
)
_CASE = (
    *(own for own in _CODING if own[1] in "vmuUdtq"),
    ("9", "n", "next case"),
    ("10", "b", "case before"),
    ("14", "x", "remove a coding of yours"),
)
_QUESTION = "1 accept, 2 reject, 9 next, 0 quit, ? all choices: "
_CASE_QUESTION = "5 add a coding, 9 next, 11 done, 0 quit, ? all choices: "


class _EndError(Exception):
    """There is no more input."""


class Prompts:
    """Asks about one coding after another, or when blind about one case after another.

    Parameters
    ----------
    session : Session
    read, write : text streams
    """

    def __init__(self, session: Session, read: TextIO, write: TextIO) -> None:
        self.session = session
        self._read = read
        self._write = write
        self._case: int | None = None
        self._explained: set[int] = set()
        self._knows_choices = False
        self._actions: dict[str, Callable[[], bool | None]] = {
            "a": lambda: self._decide(self.session.accept, "Accepted"),
            "r": lambda: self._decide(self.session.reject, "Rejected"),
            "c": self._recode,
            "w": self._move,
            "v": self._add,
            "m": self._memo,
            "u": lambda: self._turn(self.session.undo, "Nothing to undo."),
            "U": lambda: self._turn(self.session.redo, "Nothing to do again."),
            "n": self._next,
            "b": self._back,
            "d": self._done,
            "t": self._read_case,
            "i": lambda: self._explain(again=True),
            "x": self._remove,
            "q": lambda: True,
        }

    def run(self) -> None:
        """Ask until she quits or the input ends; the place is kept."""
        if self._coding is not None and self._coding.decided:
            self.session.next_open()
        try:
            while not self._ask():
                pass
        except _EndError:
            self._say("")
        finally:
            self.session.close()

    # --- asking ------------------------------------------------------------------------------

    def _ask(self) -> bool:
        """Ask one question; return whether she is through."""
        if self.session.case.case_key != self._case:
            self._case = self.session.case.case_key
            self._read_case()
        coding = self._coding
        choices = _CASE if coding is None else _CODING
        if self.session.wanted.consensus:
            choices = tuple(own for own in choices if own[1] != "d")
        if coding is not None:
            self._tell(coding)
        if not self._knows_choices:
            self._knows_choices = True
            listed = sorted(choices, key=_place)
            self._say(", ".join(f"{number} {word}" for number, _, word in listed))
        answer = self._input(_QUESTION if coding else _CASE_QUESTION)
        letter = next((own[1] for own in choices if answer in own[:2]), None)
        if letter is None:
            if answer not in ("", "?"):
                self._say("That is none of the choices.")
            self._knows_choices = False
            return False
        try:
            return bool(self._actions[letter]())
        except QualkitError as error:
            self._say(". ".join(own for own in (error.what, error.to_do) if own))
            return False

    @property
    def _coding(self) -> ReviewCoding | None:
        return self.session.coding

    def _input(self, question: str) -> str:
        self._write.write(question)
        self._write.flush()
        line = self._read.readline()
        if not line:
            raise _EndError
        return line.strip()

    def _say(self, text: str) -> None:
        for line in text.split("\n"):
            self._write.write("\n".join(textwrap.wrap(shown(line), _WIDTH)) + "\n")

    # --- telling -------------------------------------------------------------------------------

    def _read_case(self) -> None:
        session, case = self.session, self.session.case
        left = len(session.items) - session.n_decided
        what = noun(session.wanted)
        number = f"{session.case_number} of {session.n_cases}"
        done = " Done." if case.done else ""
        self._say(f"\nCase {case.case_id}, {number}.{done} {left} {what} left.")
        for segment in case.segments:
            self._say(f"\n{heading(segment)}\n{segment.text}")
        self._say("")
        for coding in case.codings:
            if session.wanted.blind or coding.rule == "consensus":
                self._say(f"Coded: {self._name(coding)}: {self._quote(coding)}")

    def _tell(self, coding: ReviewCoding) -> None:
        codings = self.session.case.codings
        segment = self._segment(coding.segment_key)
        text = segment.text
        before, after = _around(text, coding.start, coding.end)
        what = "Disagreement" if coding.said else "Coding"
        if coding.said:
            codings = tuple(own for own in codings if own.said)
        at = next((n for n, own in enumerate(codings, 1) if own.coding == coding.coding), 0)
        self._say(
            f"{what} {at} of {len(codings)} in this case: {self._name(coding)}, {why(coding)}."
        )
        self._explain()
        self._say(f"Answer {segment.n}: {before}[[{text[coding.start : coding.end]}]]{after}")
        for start, end in coding.also:
            self._say(f"Other words: [[{text[start:end]}]]")

    def _explain(self, *, again: bool = False) -> None:
        coding = self._coding
        if coding is None or (coding.code_key in self._explained and not again):
            return
        self._explained.add(coding.code_key)
        code = self.session.codes.get(coding.code_key)
        if code is not None:
            self._say(code_text(code).plain)

    def _name(self, coding: ReviewCoding) -> str:
        return _called(self.session.codes.get(coding.code_key))

    def _quote(self, coding: ReviewCoding) -> str:
        return self._segment(coding.segment_key).text[coding.start : coding.end]

    def _segment(self, key: int) -> Segment:
        return next(own for own in self.session.case.segments if own.segment_id == key)

    # --- doing -----------------------------------------------------------------------------------

    def _decide(self, decide: Callable[[ReviewCoding], None], word: str) -> bool:
        coding = self._coding
        if coding is None:
            return False
        decide(coding)
        by = " by consensus" if coding.said else ""
        self._say(f"{word}{by}: {self._name(coding)}.")
        return self._next()

    def _next(self) -> bool:
        if not self.session.next_open():
            self._say("Everything is decided.")
            return self._input("q quits, anything else stays: ") == "q"
        return False

    def _back(self) -> None:
        if self.session.at == 0:
            self._say("This is the first.")
        self.session.go_to(self.session.at - 1)

    def _recode(self) -> None:
        coding = self._coding
        key = self._choose_code()
        if coding is not None and key is not None:
            self.session.recode(coding, key)
            self._say(f"Recoded as {_called(self.session.codes[key])}.")
            self.session.next_open()

    def _move(self) -> None:
        coding = self._coding
        if coding is None:
            return
        span = self._choose_words(self._segment(coding.segment_key))
        if span is not None:
            self.session.move(coding, *span)
            self._say("The quotation is changed.")
            self.session.next_open()

    def _add(self) -> None:
        segments = self.session.case.segments
        numbers = {str(own.n): own for own in segments}
        segment: Segment | None = segments[0]
        if len(segments) > 1:
            answer = self._input(f"Number of the answer ({segments[0].n} to {segments[-1].n}): ")
            segment = numbers.get(answer)
        if segment is None:
            self._say("There is no answer of that number here.")
            return
        span = self._choose_words(segment)
        key = self._choose_code() if span is not None else None
        if span is not None and key is not None:
            self.session.add(segment.segment_id, key, *span)
            self._say(f"Added: {_called(self.session.codes[key])}.")

    def _choose_words(self, segment: Segment) -> tuple[int, int] | None:
        asked = self._input("Its words as they stand there, or * for the whole answer: ")
        if asked == "*":
            return 0, len(segment.text)
        if not asked:
            return None
        pattern = r"\s+".join(map(re.escape, asked.split()))
        found = [own.span() for own in re.finditer(pattern, segment.text, re.IGNORECASE)]
        if not found:
            self._say(f"These words do not stand in answer {segment.n}.")
            return None
        if len(found) == 1:
            return found[0]
        answer = self._input(f"They stand there {len(found)} times; which (1 to {len(found)}): ")
        at = int(answer) if answer.isdecimal() else 0
        return found[at - 1] if 1 <= at <= len(found) else None

    def _choose_code(self) -> int | None:
        letters = self._input("A few letters of the code: ")
        while letters:
            found = list(islice(self.session.iterate_codes(letters), _LISTED))
            self._list(_called(code) for code in found)
            letters = self._input("Its number, other letters, or nothing to leave: ")
            if letters.isdecimal() and 1 <= int(letters) <= len(found):
                return found[int(letters) - 1].key
        self._say("No code chosen.")
        return None

    def _list(self, lines: Iterable[str]) -> None:
        listed = [f"{number} {line}" for number, line in enumerate(lines, 1)]
        self._say("\n".join(listed) or "No code has these letters.")

    def _remove(self) -> None:
        own = [coding for coding in self.session.case.codings if coding.mine]
        self._list(f"{self._name(coding)}: {self._quote(coding)}" for coding in own)
        answer = self._input("Number of the one to remove, or nothing to leave: ")
        if answer.isdecimal() and 1 <= int(answer) <= len(own):
            self.session.reject(own[int(answer) - 1])
            self._say("Removed.")

    def _memo(self) -> None:
        coding = self._coding
        for memo in self.session.list_memos("case", self.session.case.case_key):
            self._say(f"{memo.written_at[:10]} {memo.coder}: {memo.text}")
        about = "case"
        if coding is not None:
            about = {"2": "coding", "3": "code"}.get(
                self._input("On 1 the case, 2 this coding, 3 its code: "), "case"
            )
        text = self._input("Memo, or nothing to leave: ")
        if text:
            keys = {"coding": coding.coding, "code": coding.code_key} if coding else {}
            self.session.memo(text, about, keys.get(about))
            self._say("Memo kept.")

    def _turn(self, turn: Callable[[], str], nothing: str) -> None:
        said = turn()
        self._say(f"{said[:1].upper()}{said[1:]}." if said else nothing)

    def _done(self) -> None:
        self.session.mark_done()
        self._say(f"{self.session.case.case_id} is done.")
        if not (
            self.session.next_open() if self.session.wanted.blind else self.session.next_case()
        ):
            self._say("It was the last case.")


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return some whole words before and after a quotation."""
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = "… " + before.partition(" ")[2]
    if end + _AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return before, after


def _called(code: ReviewCode | None) -> str:
    return f"{code.category.capitalize()}: {code.name}" if code else "a code that is gone"


def _place(choice: tuple[str, str, str]) -> int:
    """Return where a choice stands in the list; leaving comes last."""
    return int(choice[0]) or 99
