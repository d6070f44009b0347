"""Sources, cases, segments and what an import brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What sort of evidence a case is."""

    MSC = "msc"
    INTERVIEW = "interview"
    SURVEY = "survey"
    DOCUMENT = "document"


class Role:
    """The roles that qualkit itself knows; any other lower-case word may be used."""

    INTERVIEWER = "interviewer"
    WORKER = "worker"
    STAFF = "staff"
    PARTNER = "partner"
    PARENT = "parent"
    CHILD = "child"
    PARTICIPANT = "participant"


class Relevance(StrEnum):
    """How much a case's change concerned a domain, as declared on the form."""

    NOT = "not"
    FAIRLY = "fairly"
    VERY = "very"


@dataclass(frozen=True, slots=True)
class ParsedSegment:
    """One answer or turn as an importer found it.

    `place` is where it stands in the source, for people: "row 14, column
    'What changed?'" or "paragraph 12" or "cue 7".
    """

    n: int
    text: str
    label: str = ""
    speaker: str = ""
    role: str = ""
    start_s: float | None = None
    end_s: float | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class ParsedCase:
    """One unit of evidence as an importer found it; `ufrn` is as written."""

    case_id: str
    kind: Kind
    segments: tuple[ParsedSegment, ...]
    ufrn: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    ratings: Mapping[str, float] = field(default_factory=dict)
    relevance: Mapping[str, Relevance] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFamily:
    """One row of a families table; `ufrn` is as written."""

    ufrn: str
    attributes: Mapping[str, str]
    place: str = ""


@dataclass(frozen=True, slots=True)
class ParsedCoding:
    """One coding that a person made elsewhere, as an importer found it.

    `start` and `end` are None where the row tells none; the quotation then says
    where the code stands, or without one the whole segment. `fields` holds the
    row's cells, for the rejects file only.
    """

    case_id: str
    segment_n: int
    code: str
    start: int | None = None
    end: int | None = None
    quote: str = ""
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedCodedRow:
    """One row of a wide table of codings: a case, and the columns that it marks.

    `segment_n` is None where the row does not say; then the case's only segment
    is meant. `marked` holds positions of columns.
    """

    case_id: str
    segment_n: int | None
    marked: tuple[int, ...]
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row or part of a file that could not be taken, with the reason.

    `fields` holds the row's own cells, for the rejects file only; it is never
    printed or logged. `reason` must not quote them.
    """

    place: str
    reason: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ParsedSource:
    """One file, read once: its cases come as they are read, so memory stays flat.

    Attributes
    ----------
    name : str
        Name of the source (file name, or as given).
    content_hash : str
        SHA-256 of the file's bytes, hexadecimal.
    options : str
        What the reading was told or guessed, in one stable line; the same file
        read otherwise is a new version.
    items : iterable of ParsedCase, ParsedFamily or Rejection
        To be read once, in file order.
    notes : list of str
        What was guessed or left aside, for the user; complete only when
        `items` is exhausted. Holds no participant's words.
    front_matter : str
        What stood before the first turn of a transcript.
    """

    name: str
    kind: Kind | None
    path: str
    content_hash: str
    options: str
    items: Iterable[ParsedCase | ParsedFamily | Rejection]
    notes: list[str] = field(default_factory=list)
    front_matter: str = ""


@dataclass(slots=True)
class ImportResult:
    """What an import did, for the user; counts only, no participant's words.

    `carried` and `unplaced` count codings of earlier text that were found
    again, or not, in the new text.
    """

    source: str
    kind: str
    version: int = 1
    unchanged: bool = False
    cases: int = 0
    new: int = 0
    updated: int = 0
    withdrawn: int = 0
    segments: int = 0
    without_text: int = 0
    with_family: int = 0
    families: int = 0
    rejected: int = 0
    rejects_file: str = ""
    carried: int = 0
    unplaced: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CodingsResult:
    """What an import of people's codings did; counts only.

    `cases` counts those that the table names, `done` the pairs of a case and a
    codebook that were marked done by it; `codebook` is the one made of the
    table's headers.
    """

    source: str
    coder: str
    new: int = 0
    there: int = 0
    rejected: int = 0
    rejects_file: str = ""
    cases: int = 0
    done: int = 0
    codebook: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stored segment, with what coding needs to know of its case."""

    segment_id: int
    case_id: int
    n: int
    kind: str
    role: str
    text: str
    speaker: str = ""
    label: str = ""
