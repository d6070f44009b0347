"""What a merge keeps in hand: which row here is which row there, and what it has found.

Every part of a merge works inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field

from qualkit.store.codings import coder_key
from qualkit.store.history import Line
from qualkit.store.otherproject import OtherProject

SORTS = (
    "sources",
    "families",
    "readings",
    "needs",
    "cases",
    "codebooks",
    "machine codings",
    "codings",
    "decisions",
    "done marks",
    "memos",
    "phases",
)
"""What is merged, in the order in which a report tells of it."""


@dataclass(slots=True)
class Tally:
    """How many of one sort of thing in the other project came to what.

    `contradictory` ones are among the others: something stands here all the same.
    """

    new: int = 0
    same: int = 0
    taken_back: int = 0
    not_placed: int = 0
    contradictory: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a person should know of; places and names, no words of texts.

    Attributes
    ----------
    what : str
        One of `SORTS`.
    came_to : str
        contradictory, not placed or taken back.
    """

    what: str
    came_to: str
    why: str
    case_id: str = ""
    segment_n: int | None = None
    code: str = ""
    start: int | None = None
    end: int | None = None
    coder: str = ""


@dataclass(slots=True)
class MergeState:
    """Rows of the other project and what they are here, and what was found so far.

    Attributes
    ----------
    sources, cases, books, codes : dict
        Row there to row here; missing where it is nothing here.
    segments : dict
        Only those whose text is the very same here.
    whole : set of int
        Cases there all of whose segments stand here word for word, and no others.
    same_files : set of int
        Sources there whose latest file is the latest one here.
    forgotten : set of int
        Cases there that were in the same file here, or are of a family refused.
    refused : set of int
        Families there that were forgotten here.
    codings : dict
        Codings there that memos are about, to codings here.
    noted : set of int
        Codings there that memos are about.
    people : dict
        Names to rows of coders here, as far as they were asked for.
    touched : set of (segment, code)
        Rows here where decisions or machine codings changed.
    lines : dict
        What is to be told in the history, by row of the coder: when it was done, and the line.
    """

    ours: sqlite3.Connection
    other: OtherProject
    tallies: dict[str, Tally] = field(default_factory=lambda: {sort: Tally() for sort in SORTS})
    findings: list[Finding] = field(default_factory=list)
    sources: dict[int, int] = field(default_factory=dict)
    cases: dict[int, int] = field(default_factory=dict)
    segments: dict[int, int] = field(default_factory=dict)
    whole: set[int] = field(default_factory=set)
    same_files: set[int] = field(default_factory=set)
    forgotten: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    books: dict[int, int] = field(default_factory=dict)
    codes: dict[int, int] = field(default_factory=dict)
    codings: dict[int, int] = field(default_factory=dict)
    noted: set[int] = field(default_factory=set)
    people: dict[str, int] = field(default_factory=dict)
    touched: set[tuple[int, int]] = field(default_factory=set)
    lines: dict[int, list[tuple[str, Line]]] = field(default_factory=lambda: defaultdict(list))

    def person(self, name: str) -> int:
        """Return the row of a person here, made if need be."""
        if name not in self.people:
            self.people[name] = int(coder_key(self.ours, name, create=True) or 0)
        return self.people[name]

    def place_coding(self, there: int, here: int) -> None:
        """Keep which coding here is one there, if a memo asks for it."""
        if there in self.noted:
            self.codings[there] = here

    def tell(self, who: int, at: str, *lines: Line) -> None:
        """Have the history tell what a person did, in the other project at that time."""
        self.lines[who] += [(at, line) for line in lines]

    def find(self, finding: Finding) -> None:
        """Keep a finding, and count it with its sort."""
        self.findings.append(finding)
        tally = self.tallies[finding.what]
        if finding.came_to == "contradictory":
            tally.contradictory += 1
        elif finding.came_to == "not placed":
            tally.not_placed += 1
        else:
            tally.taken_back += 1
