"""What the app and the prompts drive: a person's way through the codings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from qualkit.model import (
    ReviewCase,
    ReviewCode,
    ReviewCoding,
    ReviewFilter,
    ReviewItem,
    ReviewMemo,
    ReviewPlace,
)


class Session(Protocol):
    """See `qualkit.project.reviewing.Review`, which is one."""

    at: int

    @property
    def coder(self) -> str:
        """Who decides."""

    @property
    def wanted(self) -> ReviewFilter:
        """What she goes through, in which order."""

    @property
    def items(self) -> Sequence[ReviewItem]:
        """The queue."""

    @property
    def codes(self) -> Mapping[int, ReviewCode]:
        """All codes, by row."""

    @property
    def n_decided(self) -> int:
        """How many places of the queue are decided."""

    @property
    def n_cases(self) -> int:
        """How many cases the queue has."""

    @property
    def case(self) -> ReviewCase:
        """The case that is looked at."""

    @property
    def coding(self) -> ReviewCoding | None:
        """The coding that is asked about."""

    @property
    def touched(self) -> int | None:
        """The coding that the last undo or redo was about."""

    @property
    def case_number(self) -> int:
        """Which case of the queue is looked at, from 1."""

    def go_to(self, at: int) -> None:
        """Go to a place in the queue."""

    def go_to_coding(self, coding: int) -> bool:
        """Go to a coding of the case; False if the queue has it not."""

    def next_open(self) -> bool:
        """Go to the next open place; False if there is none."""

    def next_case(self, step: int = 1) -> bool:
        """Go to another case; False at the end."""

    def list_places(self) -> list[ReviewPlace]:
        """Return the cases of the queue."""

    def accept(self, coding: ReviewCoding) -> None:
        """Say that a coding is right."""

    def reject(self, coding: ReviewCoding) -> None:
        """Say that a coding is wrong, or take back one's own."""

    def recode(self, coding: ReviewCoding, code_key: int) -> int:
        """Give the stretch another code; return the new coding."""

    def move(self, coding: ReviewCoding, start: int, end: int) -> int:
        """Give the code another stretch; return the new coding."""

    def add(self, segment_key: int, code_key: int, start: int, end: int) -> int:
        """Add a coding; return it."""

    def memo(self, text: str, about: str = "case", about_key: int | None = None) -> None:
        """Keep a memo."""

    def list_memos(self, about: str, about_key: int | None = None) -> list[ReviewMemo]:
        """Return the memos on something."""

    def list_people(self) -> list[str]:
        """Return the names of the people who have coded or decided."""

    def undo(self) -> str:
        """Take back one's last step; return it in words, empty if there is none."""

    def redo(self) -> str:
        """Do it again; return it in words, empty if there is none."""

    def mark_done(self) -> list[int]:
        """Mark the case done, on one's word."""

    def iterate_codes(self, letters: str) -> Iterable[ReviewCode]:
        """Yield the codes that a few letters may mean."""

    def save_place(self) -> None:
        """Keep where she is."""

    def close(self) -> None:
        """Leave, and keep the place."""


Reopen = Callable[[ReviewFilter], Session]
"""Begins another way through the same project, with another filter."""
