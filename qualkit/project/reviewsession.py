"""One person's way through a queue of codings: where she is, and what she does.

Every action is in the store when its method returns.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict

from qualkit.errors import QualkitError
from qualkit.model import (
    ReviewCase,
    ReviewCode,
    ReviewCoding,
    ReviewFilter,
    ReviewMemo,
    ReviewPlace,
)
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks, codings, deciding, reviewing
from qualkit.store.connection import transaction
from qualkit.store.history import OPPOSITES, Line
from qualkit.store.queue import Queue

_MEANT = 3
"""From so many letters on, codes are found by what they mean too."""


WEIGHED_EVERY = 10
"""After so many decisions influence is weighed anew; benchmarks/deciding.py says what it brings."""

_LONGEST_PAUSE_S = 0.05


class Review:
    """One person's way through a queue of codings, or when blind of cases.

    Attributes
    ----------
    items : Queue
        The queue; reads like a list of `qualkit.model.ReviewItem`.
    at : int
        Where in it she is.
    codes : mapping of int to ReviewCode
        By row.
    touched : int or None
        The coding that the last undo or redo was about, if it stands.
    """

    def __init__(
        self,
        project: ProjectBase,
        coder: str,
        wanted: ReviewFilter,
        weigh: Callable[[], Mapping[int, float]] | None = None,
    ) -> None:
        self.coder = coder
        self.wanted = wanted
        self._project = project
        self._connection = project.connection
        person = codings.coder_key(self._connection, coder)
        self._weigh = weigh
        began = time.perf_counter()
        influence = weigh() if weigh else None
        self._weighing_s = time.perf_counter() - began
        self.items = self._fetch_queue(person, influence)
        self.codes: Mapping[int, ReviewCode] = {
            code.key: ReviewCode(
                code.key,
                code.category,
                code.code,
                code.name,
                code.definition,
                code.include,
                code.exclude,
                code.codebook,
            )
            for code in codebooks.fetch_codes(self._connection)
            if not code.retired
        }
        self._find_places()
        self.n_decided = self._weighed_at = self.items.n_decided
        self._shown: ReviewCase | None = None
        self._done_on_word: set[int] = set()
        self.touched: int | None = None
        self.at = self.items.first_open(0) or 0

    def _fetch_queue(self, person: int | None, influence: Mapping[int, float] | None) -> Queue:
        return reviewing.fetch_queue(self._connection, self.wanted, person, influence)

    def _find_places(self) -> None:
        """Note where in the queue each case stands."""
        places = defaultdict[int, list[int]](list)
        for number, key in enumerate(self.items.case_keys):
            places[key].append(number)
        self._places = dict(places)
        self._firsts = [numbers[0] for numbers in places.values()]
        self._ranks = {key: rank for rank, key in enumerate(places, start=1)}

    def _weigh_anew(self) -> None:
        """Order what is left by what is decided by now, where that takes no time to notice."""
        decided = abs(self.n_decided - self._weighed_at)
        if self._weigh is None or decided < WEIGHED_EVERY or self._weighing_s > _LONGEST_PAUSE_S:
            return
        self._weighed_at = self.n_decided
        here = self.items[self.at]
        began = time.perf_counter()
        self.items = self.items.sort_by(dict(self._weigh()))
        self._weighing_s = time.perf_counter() - began
        self._find_places()
        self.at = self.items.find(here.case_key, here.coding) or 0

    # --- where she is ----------------------------------------------------------------

    @property
    def _case_key(self) -> int:
        return self.items.case_keys[self.at]

    @property
    def case(self) -> ReviewCase:
        """The case that is looked at.

        Raises
        ------
        QualkitError
            It was withdrawn or forgotten by somebody else meanwhile.
        """
        key = self._case_key
        if self._shown is None or self._shown.case_key != key:
            self._shown = self._fetch(key)
        return self._shown

    @property
    def coding(self) -> ReviewCoding | None:
        """The coding that is asked about, or None: a whole case, or it is gone."""
        wanted = self.items.coding(self.at)
        return next((c for c in self.case.codings if c.coding == wanted), None)

    @property
    def n_cases(self) -> int:
        """How many cases the queue has."""
        return len(self._places)

    @property
    def case_number(self) -> int:
        """Which case of the queue is looked at, from 1."""
        return self._ranks[self._case_key]

    def list_places(self) -> list[ReviewPlace]:
        """Return the cases of the queue, in its order, with what is open in each."""
        person = codings.coder_key(self._connection, self.coder)
        ids = reviewing.fetch_case_ids(self._connection, person)
        places = []
        for key, numbers in self._places.items():
            case_id, done = ids.get(key, ("", False))
            n_open = sum(not self.items.is_decided(number) for number in numbers)
            places.append(ReviewPlace(numbers[0], key, case_id, len(numbers), n_open, done))
        return places

    def list_people(self) -> list[str]:
        """Return the names of the people who have coded or decided in the project."""
        return reviewing.fetch_people(self._connection)

    def list_memos(self, about: str, about_key: int | None = None) -> list[ReviewMemo]:
        """Return the memos on something, oldest first."""
        return reviewing.fetch_memos(self._connection, about, about_key)

    def go_to(self, at: int) -> None:
        """Go to a place in the queue; places beyond its ends mean its ends."""
        self._move(max(0, min(at, len(self.items) - 1)))

    def go_to_coding(self, coding: int) -> bool:
        """Go to a coding of the case that is looked at; False if the queue has it not."""
        for number in self._places.get(self._case_key, ()):
            if self.items.coding(number) == coding:
                self._move(number)
                return True
        return False

    def next_open(self) -> bool:
        """Go to the next place that is not decided, from the front again; False if none is.

        By influence: to the one that weighs most, after what was decided since.
        """
        self._weigh_anew()
        found = self.items.first_open(self.at + 1 if self._weigh is None else 0)
        if found is None:
            return False
        self._move(found)
        return True

    def next_case(self, step: int = 1) -> bool:
        """Go to the first place of the next case of the queue, or `step` cases on."""
        at = self.case_number - 1 + step
        if not 0 <= at < len(self._firsts):
            return False
        self._move(self._firsts[at])
        return True

    def _move(self, at: int) -> None:
        if self.items.case_keys[at] != self._case_key:
            self.leave_case()
        self.at = at

    def _fetch(self, key: int) -> ReviewCase:
        person = codings.coder_key(self._connection, self.coder)
        found = reviewing.fetch_review_case(self._connection, key, self.wanted, person)
        if found is None:
            raise QualkitError(
                "the case is no longer in the project",
                to_do="close the review and open it again",
            )
        return found

    # --- what she does -----------------------------------------------------------------

    def accept(self, coding: ReviewCoding) -> None:
        """Say that a machine coding is right."""
        self._decide(coding, "accept")

    def reject(self, coding: ReviewCoding) -> None:
        """Say that a machine coding is wrong; a coding of one's own is taken back."""
        if coding.mine:
            with self._meant(coding):
                deciding.remove_coding(self._connection, coding.coding, self.coder)
        else:
            self._decide(coding, "reject")

    def _decide(self, coding: ReviewCoding, verdict: str) -> None:
        if coding.mine:
            return
        with self._meant(coding):
            deciding.decide(self._connection, coding.coding, verdict, self.coder)

    def recode(self, coding: ReviewCoding, code_key: int) -> int:
        """Give the stretch another code; return the new coding."""
        with self._meant(coding):
            return deciding.recode(self._connection, coding.coding, self.coder, code_key=code_key)

    def move(self, coding: ReviewCoding, start: int, end: int) -> int:
        """Widen or narrow the quotation; return the new coding.

        Raises
        ------
        ValueError
            The stretch is not within the segment.
        """
        with self._meant(coding):
            return deciding.recode(
                self._connection, coding.coding, self.coder, start=start, end=end
            )

    def add(self, segment_key: int, code_key: int, start: int, end: int) -> int:
        """Add a coding of one's own; return it. See `move` for what is raised."""
        with self._meant(None):
            return deciding.add_coding(
                self._connection,
                segment_key=segment_key,
                code_key=code_key,
                start=start,
                end=end,
                coder=self.coder,
            )

    def memo(self, text: str, about: str = "case", about_key: int | None = None) -> None:
        """Keep a memo on the case that is looked at, or on something else.

        Parameters
        ----------
        about : {"project", "case", "coding", "code"}
        about_key : int, optional
            Its row; the case's if left out.
        """
        key = self.case.case_key if about == "case" and about_key is None else about_key
        with self._meant(None):
            deciding.write_memo(self._connection, about, key, text.strip(), self.coder)

    def undo(self) -> str:
        """Take back one's last step; return it in words, empty if there is none left."""
        return self._turn_round("undone", redo=False)

    def redo(self) -> str:
        """Do again what was undone last; return it in words, empty if there is none."""
        return self._turn_round("done again", redo=True)

    def _turn_round(self, word: str, *, redo: bool) -> str:
        turn = deciding.redo if redo else deciding.undo
        with self._meant(None):
            lines = turn(self._connection, self.coder)
            # A case is marked done in passing; she means what she did before that.
            while self._is_in_passing(lines):
                lines = turn(self._connection, self.coder)
        self.touched = None
        if not lines:
            return ""
        key = lines[-1].case_key
        if key in self._places and key != self._case_key:
            self.at = self._places[key][0]
            self.refresh()
        self._touch(lines)
        # Redoing turns an undoing step round, so what it did again is the opposite of its lines.
        actions = [OPPOSITES[line.action] if redo else line.action for line in lines]
        code = self.codes.get(lines[-1].code_key or 0)
        what = lines[-1].verdict if actions[-1] == "decide" else actions[-1]
        return f"{word}: {what}" + (f" {code.name}" if code else "")

    def _is_in_passing(self, lines: Sequence[Line]) -> bool:
        """Return whether a step only marked a case, and not on her word of this sitting."""
        return bool(lines) and all(
            line.action in ("done", "reopen") and line.case_key not in self._done_on_word
            for line in lines
        )

    def _touch(self, lines: Sequence[Line]) -> None:
        """Go to the coding that a step was about."""
        person = codings.coder_key(self._connection, self.coder) or 0
        for line in lines:
            if line.segment_key is None or line.code_key is None:
                continue
            place = line.segment_key, line.code_key, line.start or 0, line.end or 0
            found = reviewing.find_coding_at(self._connection, *place, person)
            if found is not None:
                self.touched = found
                self.go_to_coding(found)
                return

    def leave_case(self) -> list[int]:
        """Mark the case done with the codebooks in which nothing is open; return their rows.

        When blind nothing is open or decided, so a case is done only on one's word.
        """
        return [] if self.wanted.blind else self._mark(everything=False)

    def mark_done(self) -> list[int]:
        """Mark the case done with every codebook, on one's word; return their rows."""
        self._done_on_word.add(self._case_key)
        return self._mark(everything=True)

    def _mark(self, *, everything: bool) -> list[int]:
        key = self._case_key
        with self._meant(None), transaction(self._connection):
            person = deciding.person(self._connection, self.coder)
            if everything:
                books = [book.key for book in codebooks.fetch_codebooks(self._connection)]
            else:
                books, _ = reviewing.fetch_undecided_codebooks(self._connection, key, person)
            deciding.mark_done(
                self._connection, codebook_keys=books, case_keys=[key], coder=self.coder
            )
        return books

    # --- keeping up --------------------------------------------------------------------

    def _meant(self, coding: ReviewCoding | None) -> _Meant:
        return _Meant(self, coding)

    def refresh(self) -> None:
        """Read the case that is looked at anew, and what of the queue it settles."""
        self._shown = self._fetch(self._case_key)
        by_key = {coding.coding: coding for coding in self._shown.codings}
        for number in self._places[self._shown.case_key]:
            coding = self.items.coding(number)
            found = by_key.get(coding or 0)
            gone = found is None or found.decided
            decided = bool(self._shown.done) if coding is None else gone
            if decided != self.items.is_decided(number):
                self.n_decided += 1 if decided else -1
                self.items.decide(number, decided=decided)

    def iterate_codes(self, letters: str) -> Iterator[ReviewCode]:
        """Yield the codes that a few letters may mean, the likeliest first.

        Codes whose name or id begins with them, then words of them that do, then those
        that hold them, those of whose meaning a word begins with them, and those that
        hold the letters in order.
        """
        wanted = letters.strip().lower()
        ranked = []
        for code in self.codes.values():
            rank = _rank(wanted, code)
            if rank is not None:
                ranked.append((rank, code.name.lower(), code.category, code))
        yield from (code for *_, code in sorted(ranked, key=lambda own: own[:3]))

    def save_place(self) -> None:
        """Keep where she is, so that `resume` finds it."""
        coding = self.items.coding(self.at)
        place = {**asdict(self.wanted), "case_key": self._case_key, "coding": coding}
        with transaction(self._connection):
            reviewing.save_place(
                self._connection, self.coder, place, consensus=bool(self.wanted.consensus)
            )

    def return_to(self, place: Mapping[str, object]) -> None:
        """Go to a kept place, or stay where the first open one is."""
        found = self.items.find(place.get("case_key"), place.get("coding"))
        if found is not None:
            self.at = found

    def close(self) -> None:
        """Leave: mark the case if nothing is open in it, and keep the place."""
        self.leave_case()
        self.save_place()


class _Meant:
    """Around an action: what is gone meanwhile is said, what changed is read anew."""

    def __init__(self, review: Review, coding: ReviewCoding | None) -> None:
        self.review = review
        self.coding = coding

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Read the case anew; say in plain words that the thing has changed."""
        if error is None or isinstance(error, deciding.StaleError):
            self.review.refresh()
        if isinstance(error, deciding.StaleError):
            number = f" {self.coding.coding}" if self.coding else ""
            raise QualkitError(
                f"the coding{number} has changed or gone since it was shown",
                to_do="look at it again: it is shown as it is now",
            ) from error


def _rank(letters: str, code: ReviewCode) -> int | None:
    name, own = code.name.lower(), code.code.lower()
    if name.startswith(letters) or own.startswith(letters):
        return 0
    words = [*name.replace("-", " ").split(), *own.replace("_", "-").split("-")]
    if any(word.startswith(letters) for word in words):
        return 1
    if letters in name or letters in own:
        return 2
    meaning = f" {code.definition} {code.include}".lower()
    if len(letters) >= _MEANT and any(f"{edge}{letters}" in meaning for edge in " (-"):
        return 3
    rest = iter(name)
    return 4 if all(letter in rest for letter in letters if not letter.isspace()) else None
