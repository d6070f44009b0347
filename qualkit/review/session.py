"""What the app and the prompts drive: `qualkit.project.reviewing.Review`, as a protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from qualkit.model import ReviewCase, ReviewCode, ReviewCoding, ReviewFilter, ReviewItem


class Session(Protocol):
    """One person's way through a queue; see `Review` for what each method does and raises."""

    coder: str
    wanted: ReviewFilter
    at: int
    n_decided: int
    items: list[ReviewItem]
    codes: Mapping[int, ReviewCode]

    @property
    def case(self) -> ReviewCase:
        """The case that is looked at."""

    @property
    def coding(self) -> ReviewCoding | None:
        """The coding that is asked about."""

    @property
    def n_cases(self) -> int:
        """How many cases the queue has."""

    @property
    def case_number(self) -> int:
        """Which of them is looked at, from 1."""

    def cases(self) -> Sequence[tuple[str, int, int]]:
        """Id of each case of the queue, its places, and how many of these are decided."""

    def go_to(self, at: int) -> None: ...  # noqa: D102
    def go_to_coding(self, coding: int) -> bool: ...  # noqa: D102
    def go_to_case(self, number: int) -> None: ...  # noqa: D102
    def next_open(self) -> bool: ...  # noqa: D102
    def next_case(self, step: int = 1) -> bool: ...  # noqa: D102
    def accept(self, coding: ReviewCoding) -> None: ...  # noqa: D102
    def reject(self, coding: ReviewCoding) -> None: ...  # noqa: D102
    def recode(self, coding: ReviewCoding, code_key: int) -> int: ...  # noqa: D102
    def move(self, coding: ReviewCoding, start: int, end: int) -> int: ...  # noqa: D102
    def add(self, segment_key: int, code_key: int, start: int, end: int) -> int: ...  # noqa: D102
    def memo(  # noqa: D102
        self, text: str, about: str = "case", about_key: int | None = None
    ) -> None: ...
    def undo(self) -> str: ...  # noqa: D102
    def redo(self) -> str: ...  # noqa: D102
    def mark_done(self) -> list[int]: ...  # noqa: D102
    def iterate_codes(self, letters: str) -> Iterator[ReviewCode]: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


Reopen: TypeAlias = Callable[[ReviewFilter], Session]
"""Gives a session with another filter."""
