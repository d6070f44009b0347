"""A person going through codings: the queue, where she is, and what she does.

The terminal's app and the plain prompts in `qualkit.review` hold one `Review`; so may a
notebook. Every action is in the store when its method returns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.importers.rawrows import collapse
from qualkit.model import (
    ReviewCase,
    ReviewCode,
    ReviewCoding,
    ReviewFilter,
    ReviewItem,
)
from qualkit.project.base import ProjectBase
from qualkit.project.priorities import PriorityPart
from qualkit.store import codebooks, codings, deciding, reviewing
from qualkit.store.connection import transaction
from qualkit.store.history import OPPOSITES

ORDERS = ("case", "doubtful", "influential", "random")


class ReviewPart(PriorityPart):
    """Opens reviews."""

    def review(
        self, coder: str, wanted: ReviewFilter | None = None, *, resume: bool = False
    ) -> Review:
        """Return a person's way through the codings.

        Parameters
        ----------
        coder : str
            Who decides.
        wanted : ReviewFilter, optional
            What to go through and in which order; everything by case if left out.
        resume : bool
            Go on where this person left off, with the filter of then, if she has begun
            and `wanted` is not given.

        Raises
        ------
        UnknownNameError
            An order, a coder, a domain or a case that there is not.
        QualkitError
            The name is the machine's, or there is nothing to go through.
        """
        coder = collapse(coder)
        if not coder or coder in codings.fetch_machines(self._connection):
            raise QualkitError(
                "a review needs a person's name",
                found=f"the coder '{coder}'",
                to_do="say who you are: --coder NAME",
            )
        kept = reviewing.fetch_place(self._connection, coder)
        chosen = wanted or (_filter_of(kept) if resume else None) or ReviewFilter()
        self._refuse_unknown(chosen)
        influence = self._influence(chosen.kinds) if chosen.order == "influential" else {}
        own = Review(self, coder, chosen, influence)
        if not own.items:
            raise QualkitError(
                "there is nothing to review",
                where=str(self.path),
                expected="cases with text"
                + ("" if chosen.blind else ", coded by the machine, that the filter lets through"),
                to_do="qualkit code, or a wider filter",
            )
        if wanted is None and resume:
            own.return_to(kept)
        return own

    def people(self) -> list[str]:
        """Return the names of the coders who are people."""
        machines = codings.fetch_machines(self._connection)
        return [name for name in codings.fetch_coders(self._connection) if name not in machines]

    def code_rows(self, names: Iterable[str], categories: Iterable[str] = ()) -> tuple[int, ...]:
        """Return the rows of codes and of all codes of categories, for a `ReviewFilter`."""
        rows = [own.key for name in names for own in codebooks.find_codes(self._connection, name)]
        for category in categories:
            known = self._category(category)
            rows += [own.key for own in codebooks.fetch_codes(self._connection, known)]
        return tuple(dict.fromkeys(rows))

    def _refuse_unknown(self, wanted: ReviewFilter) -> None:
        if wanted.order not in ORDERS:
            raise UnknownNameError("order", wanted.order, ORDERS)
        if wanted.coder:
            self._coder(wanted.coder)
        if wanted.domain:
            self._domain(wanted.domain)
        if wanted.case_id:
            known = [i for (i,) in self._connection.execute("SELECT case_id FROM cases")]
            if wanted.case_id not in known:
                raise UnknownNameError("case", wanted.case_id, known)


class Review:
    """One person's way through a queue of codings, or when blind of cases.

    Attributes
    ----------
    items : list of ReviewItem
        The queue.
    at : int
        Where in it she is.
    codes : mapping of int to ReviewCode
        By row.
    """

    def __init__(
        self,
        project: ProjectBase,
        coder: str,
        wanted: ReviewFilter,
        influence: Mapping[int, float] | None = None,
    ) -> None:
        self.coder = coder
        self.wanted = wanted
        self._project = project
        self._connection = project.connection
        person = codings.coder_key(self._connection, coder)
        self.items: list[ReviewItem] = reviewing.fetch_queue(
            self._connection, wanted, person, influence
        )
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
        self._places: dict[int, list[int]] = defaultdict(list)
        for number, (case_key, _, _) in enumerate(self.items):
            self._places[case_key].append(number)
        self._numbers = {key: number for number, key in enumerate(self._places)}
        self.at = 0
        self.n_decided = sum(item.decided for item in self.items)
        self._shown: ReviewCase | None = None
        self.at = self._first_open(0) or 0

    # --- where she is ----------------------------------------------------------------

    @property
    def case(self) -> ReviewCase:
        """The case that is looked at.

        Raises
        ------
        QualkitError
            It was withdrawn or forgotten by somebody else meanwhile.
        """
        key = self.items[self.at].case_key
        if self._shown is None or self._shown.case_key != key:
            self._shown = self._fetch(key)
        return self._shown

    @property
    def coding(self) -> ReviewCoding | None:
        """The coding that is asked about, or None: a whole case, or it is gone."""
        wanted = self.items[self.at].coding
        return next((c for c in self.case.codings if c.coding == wanted), None)

    @property
    def n_cases(self) -> int:
        """How many cases the queue has."""
        return len(self._places)

    @property
    def case_number(self) -> int:
        """Which case of the queue is looked at, from 1 in order of first places."""
        return 1 + self._numbers[self.items[self.at].case_key]

    def cases(self) -> list[tuple[str, int, int]]:
        """Return the id of each case of the queue, its places, and how many are decided."""
        ids = reviewing.fetch_case_ids(self._connection)
        return [
            (ids.get(key, ""), len(places), sum(self.items[n].decided for n in places))
            for key, places in self._places.items()
        ]

    def go_to_case(self, number: int) -> None:
        """Go to the first place of a case, counted from 0 as in `cases`."""
        self._move(self._places[list(self._places)[number]][0])

    def go_to(self, at: int) -> None:
        """Go to a place in the queue; places beyond its ends mean its ends."""
        self._move(max(0, min(at, len(self.items) - 1)))

    def go_to_coding(self, coding: int) -> bool:
        """Go to a coding of the case that is looked at; False if the queue has it not."""
        for number in self._places.get(self.items[self.at].case_key, ()):
            if self.items[number].coding == coding:
                self._move(number)
                return True
        return False

    def next_open(self) -> bool:
        """Go to the next place that is not decided, from the front again; False if none is."""
        found = self._first_open(self.at + 1)
        if found is None:
            return False
        self._move(found)
        return True

    def next_case(self, step: int = 1) -> bool:
        """Go to the first place of the next case of the queue, or `step` cases on."""
        at = self._numbers[self.items[self.at].case_key] + step
        if not 0 <= at < len(self._places):
            return False
        self.go_to_case(at)
        return True

    def _first_open(self, start: int) -> int | None:
        n = len(self.items)
        for number in range(start, start + n):
            if not self.items[number % n].decided:
                return number % n
        return None

    def _move(self, at: int) -> None:
        if self.items[at].case_key != self.items[self.at].case_key:
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
            while lines and all(line.action in ("done", "reopen") for line in lines):
                lines = turn(self._connection, self.coder)
        if not lines:
            return ""
        key = lines[-1].case_key
        if key in self._places and key != self.items[self.at].case_key:
            self.at = self._places[key][0]
            self.refresh()
        # Redoing turns an undoing step round, so what it did again is the opposite of its lines.
        actions = [OPPOSITES[line.action] if redo else line.action for line in lines]
        code = self.codes.get(lines[-1].code_key or 0)
        what = lines[-1].verdict if actions[-1] == "decide" else actions[-1]
        return f"{word}: {what}" + (f" {code.name}" if code else "")

    def leave_case(self) -> list[int]:
        """Mark the case done with the codebooks in which nothing is open; return their rows.

        When blind nothing is open or decided, so a case is done only on one's word.
        """
        return [] if self.wanted.blind else self._mark(everything=False)

    def mark_done(self) -> list[int]:
        """Mark the case done with every codebook, on one's word; return their rows."""
        return self._mark(everything=True)

    def _mark(self, *, everything: bool) -> list[int]:
        key = self.items[self.at].case_key
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
        self._shown = self._fetch(self.items[self.at].case_key)
        by_key = {coding.coding: coding for coding in self._shown.codings}
        for number in self._places[self._shown.case_key]:
            item = self.items[number]
            if item.coding is None:
                decided = bool(self._shown.done)
            else:
                found = by_key.get(item.coding)
                decided = found is None or found.decided
            if decided != item.decided:
                self.n_decided += decided - item.decided
                self.items[number] = ReviewItem(item.case_key, item.coding, decided)

    def iterate_codes(self, letters: str) -> Iterator[ReviewCode]:
        """Yield the codes that a few letters may mean, the likeliest first.

        Codes whose name or id begins with them, then words of them that do, then those
        that hold the letters in order.
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
        item = self.items[self.at]
        place = {**asdict(self.wanted), "case_key": item.case_key, "coding": item.coding}
        with transaction(self._connection):
            reviewing.save_place(self._connection, self.coder, place)

    def return_to(self, place: Mapping[str, object]) -> None:
        """Go to a kept place, or stay where the first open one is."""
        for number, item in enumerate(self.items):
            if (item.case_key, item.coding) == (place.get("case_key"), place.get("coding")):
                self.at = number
                return

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


def _filter_of(place: Mapping[str, object]) -> ReviewFilter | None:
    """Return the filter that was kept with a place."""
    own = {key: place[key] for key in ReviewFilter.__dataclass_fields__ if key in place}
    if not own:
        return None
    lists = {key: tuple(value) if isinstance(value, list) else value for key, value in own.items()}
    return ReviewFilter(**lists)  # type: ignore[arg-type]


def _rank(letters: str, code: ReviewCode) -> int | None:
    name, own = code.name.lower(), code.code.lower()
    if name.startswith(letters) or own.startswith(letters):
        return 0
    words = [*name.replace("-", " ").split(), *own.replace("_", "-").split("-")]
    if any(word.startswith(letters) for word in words):
        return 1
    if letters in name or letters in own:
        return 2
    rest = iter(name)
    return 3 if all(letter in rest for letter in letters if not letter.isspace()) else None
