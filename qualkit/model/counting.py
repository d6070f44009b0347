"""What is counted: units, options, counts per theme and group."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CountBy(StrEnum):
    """What a theme counts once for."""

    CASE = "case"
    FAMILY = "family"
    SEGMENT = "segment"


@dataclass(frozen=True, slots=True)
class Counting:
    """The counting options that every counting command takes.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of cases; empty means the default of DESIGN: msc where there is
        any, otherwise the only kind there is.
    domain : str
        Only cases, or segments, that belong to this domain.
    where : tuple of (key, value)
        Attributes that cases must have; the same key twice means either value.
    coder : str
        Only codings that this coder made or accepted.
    count_by : CountBy
        The unit in which a theme counts once.
    reviewed_only : bool
        Only cases marked done, and of the machine's codings only accepted ones.
    top : int
        How many themes a ranking shows before the also-featured ones.
    """

    kinds: tuple[str, ...] = ()
    domain: str = ""
    where: tuple[tuple[str, str], ...] = ()
    coder: str = ""
    count_by: CountBy = CountBy.CASE
    reviewed_only: bool = False
    top: int = 5


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How often a theme was found.

    `count` is in the unit asked for, `codings` the codings behind it and
    `confirmed` those of them that a person accepted or added. `cell` is the
    domain, group or cluster counted within, or empty; `people` the families behind
    `count`, where they were asked for.
    """

    category: str
    code: str
    name: str
    count: int
    codings: int
    confirmed: int
    cell: str = ""
    people: int | None = None


@dataclass(frozen=True, slots=True)
class GroupSize:
    """Families of a group: those with a coded case, and those without text."""

    group: str
    with_text: int
    without_text: int


@dataclass(frozen=True, slots=True)
class ReferenceUse:
    """A family reference and where it stands: cases with it, and the families table."""

    ufrn: str
    written: str
    declared: bool
    n_cases: int
    case_ids: tuple[str, ...]
