"""The status of a coding, and what a review shows and asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from qualkit.model.evidence import Segment


class Status(StrEnum):
    """What became of a coding."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which codings a person goes through, and in which order.

    Attributes
    ----------
    codes : tuple of int
        Rows of codes; all if empty.
    kinds : tuple of str
        All if empty.
    cases : tuple of str
        Only cases with these ids; all if empty.
    domain, coder : str
        Segments coded with this domain; codings of this coder.
    score : tuple of (float, float)
        Machine codings with a score from one to the other, both included.
    order : str
        case, doubtful, influential or random.
    sample : int or None
        At most so many codings, drawn at random with `seed`.
    blind : bool
        Show no other's codings: neither people's nor the machine's.
    consensus : tuple of str
        Coders whose disagreements are gone through, to be settled; none if empty.
    """

    codes: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    domain: str = ""
    coder: str = ""
    score: tuple[float, float] = (0.0, 1.0)
    order: str = "case"
    sample: int | None = None
    seed: int = 0
    blind: bool = False
    consensus: tuple[str, ...] = ()


class ReviewItem(NamedTuple):
    """One place in the queue: a machine coding, or a whole case where `coding` is None.

    A tuple, since a queue may have hundreds of thousands.
    """

    case_key: int
    coding: int | None = None
    decided: bool = False


class CountedCoding(NamedTuple):
    """A coding that counts in a ranking; `open` until a person has decided on it.

    `score` is the machine's, taken as the chance that a person would accept it; `domains`
    are those that it counts for.
    """

    coding: int
    case_key: int
    kind: str
    category: str
    code_key: int
    open: bool
    score: float | None
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewCoding:
    """A coding as a person sees it; offsets in its segment's text.

    `mine` says whether it is her own, `verdict` is what she has said of it (accept,
    reject or nothing), `others` names who else has said something, unless blind.

    Where coders differ and settle it, it stands for all codings of the code in its segment:
    `said` holds each coder and what she said, `also` where the further ones stand, and
    `verdict` is what was agreed on.
    """

    coding: int
    segment_key: int
    code_key: int
    start: int
    end: int
    score: float | None
    rule: str
    status: str
    flagged: bool
    coder: str
    mine: bool
    verdict: str = ""
    others: tuple[str, ...] = ()
    by_person: bool = False
    said: tuple[tuple[str, str], ...] = ()
    also: tuple[tuple[int, int], ...] = ()

    @property
    def decided(self) -> bool:
        """Whether she has nothing more to say on it."""
        if self.said:
            return bool(self.verdict)
        return self.mine or bool(self.verdict) or self.status in ("accepted", "rejected", "added")


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A case with its segments and the codings to be seen; `done` names codebooks."""

    case_key: int
    case_id: str
    kind: str
    segments: tuple[Segment, ...]
    codings: tuple[ReviewCoding, ...]
    done: tuple[str, ...]
    memos: int = 0


@dataclass(frozen=True, slots=True)
class ReviewCode:
    """A code as it is looked up while deciding."""

    key: int
    category: str
    code: str
    name: str
    definition: str
    include: str
    exclude: str
    codebook: str


@dataclass(frozen=True, slots=True)
class ReviewPlace:
    """A case of the queue: the first of its places, how many it has, how many are open."""

    at: int
    case_key: int
    case_id: str
    n: int
    n_open: int
    done: bool


@dataclass(frozen=True, slots=True)
class ReviewMemo:
    """A memo as it is read while deciding."""

    coder: str
    written_at: str
    text: str
