"""The queue of a review: places held in arrays, since a project may have hundreds of thousands."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from qualkit.model import ReviewItem

_WHOLE_CASE = 0
"""Stands for no coding; rows begin with 1."""


class Queue(Sequence[ReviewItem]):
    """Places in order; reads like a list of `ReviewItem`.

    Attributes
    ----------
    case_keys : array of int
        The case of each place.
    """

    def __init__(self, rows: Iterable[tuple[int, int | None, int]] = ()) -> None:
        self.case_keys = array("q")
        self._codings = array("q")
        self._decided = bytearray()
        for case, coding, decided in rows:
            self.case_keys.append(case)
            self._codings.append(coding or _WHOLE_CASE)
            self._decided.append(bool(decided))

    def __len__(self) -> int:
        return len(self.case_keys)

    @overload
    def __getitem__(self, at: int) -> ReviewItem: ...
    @overload
    def __getitem__(self, at: slice) -> list[ReviewItem]: ...
    def __getitem__(self, at: int | slice) -> ReviewItem | list[ReviewItem]:
        if isinstance(at, slice):
            return [self[own] for own in range(*at.indices(len(self)))]
        return ReviewItem(self.case_keys[at], self.coding(at), self.is_decided(at))

    def __iter__(self) -> Iterator[ReviewItem]:
        return (self[at] for at in range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Queue) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def coding(self, at: int) -> int | None:
        """Return the coding at a place; None for a whole case."""
        return self._codings[at] or None

    def is_decided(self, at: int) -> bool:
        """Return whether a place is decided."""
        return bool(self._decided[at])

    def decide(self, at: int, *, decided: bool) -> None:
        """Say whether a place is decided."""
        self._decided[at] = decided

    def decide_codings(self, codings: set[int]) -> None:
        """Call the places of these codings decided."""
        if codings:
            for at, coding in enumerate(self._codings):
                if coding in codings:
                    self._decided[at] = True

    @property
    def n_decided(self) -> int:
        """How many places are decided."""
        return self._decided.count(1)

    def first_open(self, start: int) -> int | None:
        """Return the first place that is not decided, from one on and from the front again."""
        found = self._decided.find(0, start)
        if found < 0:
            found = self._decided.find(0, 0, start)
        return found if found >= 0 else None

    def find(self, case_key: object, coding: object) -> int | None:
        """Return the place of a coding, or of a case if `coding` is None."""
        for at, own in enumerate(self._codings):
            if own == (coding or _WHOLE_CASE) and self.case_keys[at] == case_key:
                return at
        return None

    def take(self, order: Iterable[int]) -> Queue:
        """Return a queue of these places, in this order."""
        return Queue((self.case_keys[n], self._codings[n], self._decided[n]) for n in order)

    def sort_by(self, weights: dict[int, float]) -> Queue:
        """Return a queue with the codings of most weight first; what has none comes last."""
        return self.take(
            sorted(range(len(self)), key=lambda n: -weights.get(self._codings[n], 0.0))
        )
