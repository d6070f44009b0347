"""The words of qualkit as frozen dataclasses; every package speaks in these.

Nothing here reads a file, a database or a setting. Offsets count Unicode code
points of a segment's text, from 0, end-exclusive. Times are seconds. Shares
run from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import pandas

# --- evidence ---------------------------------------------------------------


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


# --- codebooks --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault or a doubt found in a codebook file."""

    file: str
    line: int
    text: str
    code: str = ""
    level: str = "error"

    def __str__(self) -> str:
        code = f"{self.code}: " if self.code else ""
        return f"{self.file}:{self.line}: {self.level}: {code}{self.text}"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of a code, as its author wrote it (see docs/codebooks.md).

    Exactly one of `match` (a phrase of the pattern language) and `token` (a
    spaCy Matcher pattern, as JSON text) is set.
    """

    match: str = ""
    token: str = ""
    score: float = 0.8
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    negation: str = "drop"
    checks: tuple[str, ...] | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a codebook. `code_id` is unique within its category."""

    code_id: str
    category: str
    name: str
    definition: str = ""
    include: str = ""
    exclude: str = ""
    about: str = "any"
    group: str = ""
    patterns: tuple[Pattern, ...] = ()
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()
    line: int = 0


def split_roles(roles: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return (roles that a codebook is limited to, roles that it leaves out).

    A codebook writes the latter as "not staff".
    """
    listed = list(roles)
    left_out = tuple(role.removeprefix("not ") for role in listed if role.startswith("not "))
    return tuple(role for role in listed if not role.startswith("not ")), left_out


def covers(kinds: Sequence[str], roles: Sequence[str], kind: str, role: str) -> bool:
    """Say whether a codebook's kinds and roles cover a segment; interviewers' never are."""
    limited, left_out = split_roles(roles)
    return (
        role != Role.INTERVIEWER
        and role not in left_out
        and (not kinds or kind in kinds)
        and (not limited or role in limited)
    )


@dataclass(frozen=True, slots=True)
class Codebook:
    """A versioned file of codes. Empty `kinds` or `roles` means all (but interviewers).

    A role written "not staff" leaves out that role instead (see `covers`).
    """

    name: str
    version: str
    content_hash: str
    codes: tuple[Code, ...]
    title: str = ""
    language: str = "en"
    authors: tuple[str, ...] = ()
    origin: str = ""
    licence: str = ""
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    inherit_question: bool = False
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    path: str = ""


CodeKey: TypeAlias = tuple[str, str]
"""A category and a code of it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text written for a codebook: the codes that it carries, and those it only seems to."""

    text: str
    given: tuple[CodeKey, ...]
    near: tuple[CodeKey, ...] = ()
    voice: str = ""
    question: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """The examples of one file; of the categories in `complete` every code is named."""

    file: str
    complete: tuple[str, ...]
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One pattern made ready for matching.

    Attributes
    ----------
    rule_id : str
        `category.code#k`, k counting the code's patterns from 1.
    code : int
        Position of the code in `CompiledCodebook.codes`.
    parts : tuple of tuple of str
        The stretches between gaps; each is the set of surface forms (normalised
        as `coding.normalise` does) that may stand there. A form ending in `*`
        is open to the right. A form with a capital is compared letter by
        letter with the text.
    gaps : tuple of int
        Most words between part i and part i + 1; len(parts) - 1 of them.
    token : str
        A spaCy Matcher pattern as JSON, or empty; then `parts` holds one part,
        the words one of which must stand in the segment.
    needs, unless : tuple of rule parts
        Forms of which one must, or none may, stand in the same sentence.
    """

    rule_id: str
    code: int
    parts: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...] = ()
    token: str = ""
    score: float = 0.8
    needs: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    negation: str = "drop"
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledCode:
    """What matching needs to know of a code."""

    code_id: str
    category: str
    about: str


@dataclass(frozen=True, slots=True)
class CompiledCodebook:
    """A codebook expanded once into surface forms; plain data, stored as JSON."""

    name: str
    content_hash: str
    codes: tuple[CompiledCode, ...]
    rules: tuple[CompiledRule, ...]
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    inherit_question: bool = False


@dataclass(frozen=True, slots=True)
class ProposedCoding:
    """A coding as the machine proposes it; `rule` says which rule found it."""

    segment_id: int
    category: str
    code_id: str
    start: int
    end: int
    score: float
    rule: str


# --- codings compared -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarkDetail:
    """What stands behind a code in a segment: the words, the rule, how sure."""

    quote: str = ""
    rule: str = ""
    score: float | None = None


Mark: TypeAlias = tuple[int, str, str]
"""A segment's number, a category and a code."""


@dataclass(frozen=True, slots=True)
class ComparedCase:
    """One case as a reference coded it and as another coder did.

    Attributes
    ----------
    segments : mapping of int to frozenset of str
        By segment number, the categories that were open to coding there.
    truth, found : mapping of Mark to MarkDetail
        Codes of the reference, and of the coder compared with it.
    """

    kind: str
    case_id: str
    segments: Mapping[int, frozenset[str]]
    truth: Mapping[Mark, MarkDetail]
    found: Mapping[Mark, MarkDetail]


@dataclass(frozen=True, slots=True)
class CodedCase:
    """A case as a file has it, with the codes that a person gave its segments.

    `marks` holds (segment number, category or empty where the file does not say,
    code, quotation or empty).
    """

    case: ParsedCase
    marks: tuple[tuple[int, str, str, str], ...]


# --- status of a coding -------------------------------------------------------


class Status(StrEnum):
    """What became of a coding."""

    UNREVIEWED = "unreviewed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ADDED = "added"


# --- review -------------------------------------------------------------------


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


# --- counting -----------------------------------------------------------------


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


# --- Family Star --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the Family Star: readings from `lowest` to `highest`, both included."""

    stage_id: str
    name: str
    lowest: int
    highest: int


class SpanCount(NamedTuple):
    """Families by their first and last reading, or stage, in a domain; `group` may be empty.

    A tuple, since they are summed.
    """

    domain: str
    start: int
    end: int
    families: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class ParsedReadings:
    """Readings of one family at one assessment, as an importer found them.

    Attributes
    ----------
    ufrn : str
        As written.
    read_on : str
        ISO date, or empty.
    review : int
        0 for the first assessment, n for the nth review, 999 for the latest, -1 where only
        the date tells.
    readings : mapping of str to int
        Domain id to reading, 1 to 10.
    place : str
        Where it stands in the source, for people.
    fields : mapping
        The row's cells, for the rejects file only.
    """

    ufrn: str
    read_on: str
    review: int
    readings: Mapping[str, int]
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedNeeds:
    """One assessment of a family's needs, as an importer found it.

    `about` holds what was assessed: adult, child, family; `person` whom, or nothing;
    `needs` maps a need's id to whether it is there.
    """

    ufrn: str
    about: tuple[str, ...]
    person: str
    assessed_on: str
    needs: Mapping[str, bool]
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FamilyDataResult:
    """What an import of readings or needs did; counts only.

    `what` names the things counted: readings or answers. `there` counts those that the
    project had already, `changed` those that had another value before.
    """

    source: str
    what: str
    families: int = 0
    new: int = 0
    there: int = 0
    changed: int = 0
    rejected: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)


class FlowStep(NamedTuple):
    """One step of who counts: so many families went out, and why."""

    reason: str
    out: int


# --- tables -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    `form` says how people see it: text, count, share (0 to 1, shown as a
    percentage), score, id, quote or list; pair (two shares, and a mark where there
    is one), range (two numbers) and change (a difference of shares and its
    interval) are for reading alone and stand in no CSV or JSON. `detail` columns stay out of
    what people read but are in CSV and JSON. On a narrow terminal columns are
    left out, those with the highest `spare` first; never those with 0.
    """

    key: str
    label: str
    form: str = "text"
    detail: bool = False
    spare: int = 0


@dataclass(frozen=True, slots=True)
class Pivot:
    """How a long table is laid out for reading: rows × columns, one value a cell.

    `shade` names a column of numbers by which a terminal shades the cells.
    """

    row: str
    row_label: str
    column: str
    value: str
    mark: str = ""
    column_labels: Mapping[str, str] = field(default_factory=dict)
    shade: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a table was counted from; printed at its foot.

    Attributes
    ----------
    n_by_kind : mapping
        Cases in scope, by kind.
    denominator : int or None
        What shares are of; None where rows have their own.
    unit : str
        cases, families or segments.
    rule : str
        The counting rule in one sentence.
    runs : tuple of str
        The runs behind the codings counted: coder, codebook, version, time.
    confirmed : float or None
        Share of the counted codings that a person accepted or added.
    """

    n_by_kind: Mapping[str, int] = field(default_factory=dict)
    denominator: int | None = None
    unit: str = "cases"
    rule: str = ""
    runs: tuple[str, ...] = ()
    confirmed: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A count that could point at few people, and what gives it back.

    Attributes
    ----------
    count : str
        Key of the count in a row; a key without a column will do.
    of : tuple of str
        Keys of what it is a part of: with them printed, "all but few" tells as much.
    share : str
        Column of its share of the first of `of`; worked out anew from rounded counts.
    derived : tuple of str
        Further columns that are computed from it: intervals, tests, codings behind it.
    people : str
        Key of the families behind the count, where they may be fewer than what is
        counted (cases, segments); the limit holds for them too.
    """

    count: str
    of: tuple[str, ...] = ()
    share: str = ""
    derived: tuple[str, ...] = ()
    people: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """Counts that add up to another one, so that a hidden one could be worked out.

    For every set of rows with the same values in the columns `same` (none: all rows;
    None: each row by itself) the keys `parts` of all these rows add up to `total`. With
    `total_row`, the rows that have these values hold the total and the others the parts.
    Not `exact`: the parts overlap, so that each is at most the total and together they
    are at least as much.
    """

    total: str
    parts: tuple[str, ...]
    same: tuple[str, ...] | None = None
    total_row: Mapping[str, Any] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """How rows stand in the order of counts, which tells of counts that are hidden.

    `item` is the column whose values are ordered, by the column `by`; `rank` and `mark`
    are columns that say a rank (within the same values of `within`) and, in words, that
    it is within the `top` or not. Rows that differ in the columns `apart` are in orders
    and ranks of their own, one after the other.
    """

    item: str
    by: str = "count"
    rank: str = ""
    mark: str = ""
    words: tuple[str, str] = ("yes", "")
    top: int = 0
    within: str = ""
    apart: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What a table tells of how many people; by this it is made fit to be published.

    What is not declared is taken for the worst: every count column is a count of people,
    every column of numbers is given back by the row's counts.

    Attributes
    ----------
    shared : mapping of str to tuple of str
        A key whose number stands in several rows, to the columns that tell which number
        it is: {"overall_count": ("code",), "denominator": ("group",), "n": ()}.
    names : mapping of str to str
        A key whose number also stands in other tables of the page, to its name there.
    at_most : tuple of (str, str)
        Keys of a row of which the first is never more than the second, where that is known.
    pairs : mapping of str to (str, str)
        A column of pairs, to the two columns of shares that it shows.
    free : tuple of str
        Columns of numbers that tell of nobody.
    private : tuple of str
        Columns that name somebody, or hold words that nobody could clear; left out.
    harmless : bool
        The whole table tells of nobody: codes of a codebook.
    unfit : bool
        The whole table tells of numbers that others leave out; a page goes out without it.
    """

    measures: tuple[Measure, ...] = ()
    sums: tuple[Sum, ...] = ()
    at_most: tuple[tuple[str, str], ...] = ()
    shared: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    order: Order | None = None
    free: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    harmless: bool = False
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Suppressed:
    """What was left out of a published table; never what it was.

    `cells` are (row from 1, column); `numbers` counts the numbers left out, not how many of
    them are small: of two that add up to 8, both small, each would be known to be 4.
    `quotations` says whether any is not cleared.
    """

    limit: int
    rounded_to: int
    numbers: int
    cells: tuple[tuple[int, str], ...] = ()
    columns: tuple[str, ...] = ()
    quotations: bool = False


@dataclass(frozen=True)
class Table:
    """A result: rows of plain values, the columns' meaning, and the basis.

    `rows` are mappings from column key to str, int, float, None or a tuple of
    str. Nothing is rounded. `trace` is the command that leads from a row to
    its quotations, with `{column}` where a row's value goes.
    `disclosure` says which columns are counts of people and what adds up, for
    publishing; `suppressed` what publishing left out.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    basis: Basis = Basis()
    notes: tuple[str, ...] = ()
    pivot: Pivot | None = None
    trace: str = ""
    disclosure: Disclosure | None = None
    suppressed: Suppressed | None = None

    @property
    def n(self) -> Mapping[str, int]:
        """Cases in scope by kind."""
        return self.basis.n_by_kind

    @property
    def rule(self) -> str:
        """The counting rule in one sentence."""
        return self.basis.rule

    @property
    def runs(self) -> tuple[str, ...]:
        """The runs behind the codings counted."""
        return self.basis.runs

    def to_frame(self) -> pandas.DataFrame:
        """Return the rows as a DataFrame, one column a `Column.key`, shares 0 to 1."""
        import pandas

        keys = [column.key for column in self.columns]
        return pandas.DataFrame([[row.get(key) for key in keys] for row in self.rows], columns=keys)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        import html

        frame = self.to_frame().to_html(index=False, border=0)
        foot = html.escape(self.basis.rule)
        return f"<h4>{html.escape(self.title)}</h4>{frame}<p><small>{foot}</small></p>"


@dataclass(frozen=True)
class Page:
    """Several tables under one title: the page of a domain, the demonstration."""

    name: str
    title: str
    tables: Sequence[Table]
    notes: tuple[str, ...] = ()
