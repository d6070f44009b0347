"""A way through what coders differ on: what is decided here outranks what each has said alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualkit.errors import QualkitError
from qualkit.model import ReviewCase, ReviewCoding, ReviewFilter
from qualkit.project.base import ProjectBase
from qualkit.project.reviewsession import Review
from qualkit.store import consensus, deciding, reviewing
from qualkit.store.consensus import Dispute, Place
from qualkit.store.history import Line
from qualkit.store.queue import Queue


class Consensus(Review):
    """One person's way through the places where coders differ; she writes what they agree on.

    A place is a segment and a code, and is settled once for all codings of it. Nothing
    here changes what the coders made of the texts, or marks a case done.
    """

    def __init__(
        self,
        project: ProjectBase,
        coder: str,
        wanted: ReviewFilter,
        disputes: Sequence[Dispute],
    ) -> None:
        self._disputes = list(disputes)
        self._by_case: dict[int, list[Dispute]] = {}
        self._by_coding: dict[int, Dispute] = {}
        self._by_place: dict[Place, Dispute] = {}
        for dispute in self._disputes:
            self._by_case.setdefault(dispute.case_key, []).append(dispute)
            self._by_coding.update(dict.fromkeys(dispute.codings, dispute))
            self._by_place[dispute.place] = dispute
        super().__init__(project, coder, wanted)

    def _fetch_queue(self, person: int | None, influence: Mapping[int, float] | None) -> Queue:
        agreed = consensus.fetch_agreed(self._connection, self._disputes)
        queue = Queue(
            (own.case_key, own.codings[0], int(own.place in agreed)) for own in self._disputes
        )
        return reviewing.draw(queue, self.wanted)

    def _fetch(self, key: int) -> ReviewCase:
        queued = {self.items.coding(number) for number in self._places[key]}
        own = [dispute for dispute in self._by_case[key] if dispute.codings[0] in queued]
        return consensus.show_disputes(self._connection, super()._fetch(key), own)

    # --- what is agreed on ---------------------------------------------------------------

    def _decide(self, coding: ReviewCoding, verdict: str) -> None:
        dispute = self._by_coding.get(coding.coding)
        if dispute is not None and coding.verdict != verdict:
            with self._meant(coding):
                consensus.settle(self._connection, dispute.codings, verdict, self.coder)

    def recode(self, coding: ReviewCoding, code_key: int) -> int:
        """Agree on another code for the stretch; return the new coding."""
        return self._put(coding, code_key=code_key)

    def move(self, coding: ReviewCoding, start: int, end: int) -> int:
        """Agree on another stretch for the code; return the new coding. See `Review.move`."""
        return self._put(coding, start=start, end=end)

    def _put(
        self,
        coding: ReviewCoding,
        *,
        code_key: int | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> int:
        dispute = self._by_coding.get(coding.coding)
        with self._meant(coding):
            if dispute is None:
                key = deciding.recode(
                    self._connection,
                    coding.coding,
                    self.coder,
                    code_key=code_key,
                    start=start,
                    end=end,
                    consensus=True,
                )
            else:
                key = consensus.put_instead(
                    self._connection,
                    dispute.codings,
                    self.coder,
                    code_key=code_key,
                    start=start,
                    end=end,
                )
        return self._shown_as(key)

    def add(self, segment_key: int, code_key: int, start: int, end: int) -> int:
        """Add a coding that was agreed on; return it. See `Review.move` for what is raised."""
        with self._meant(None):
            key = deciding.add_coding(
                self._connection,
                segment_key=segment_key,
                code_key=code_key,
                start=start,
                end=end,
                coder=self.coder,
                consensus=True,
            )
        return self._shown_as(key)

    def _shown_as(self, key: int) -> int:
        """Return the coding that stands for one in the case as it is shown."""
        dispute = self._by_coding.get(key)
        return dispute.codings[0] if dispute else key

    def leave_case(self) -> list[int]:
        """Mark nothing: who is done with a case is part of what each did alone."""
        return []

    def mark_done(self) -> list[int]:
        """Refuse to mark a case done.

        Raises
        ------
        QualkitError
            Always: being done belongs to what each coder did alone.
        """
        raise QualkitError(
            "in a consensus no case is marked done",
            to_do="each coder marks it done in a review of her own",
        )

    def _turn_round(self, word: str, *, redo: bool) -> str:
        # What she did alone is not taken back from here.
        if not consensus.is_agreed_next(self._connection, self.coder, redo=redo):
            return ""
        return super()._turn_round(word, redo=redo)

    def _touch(self, lines: Sequence[Line]) -> None:
        for line in lines:
            place = line.segment_key or 0, line.code_key or 0
            dispute = self._by_place.get(place)
            if dispute is not None and self.go_to_coding(dispute.codings[0]):
                self.touched = dispute.codings[0]
                return
        super()._touch(lines)
