"""Tables of Family Star readings, wide or long.

wide: one family or assessment a row, a column for each domain, or for each domain and assessment
long: one reading a row: family, domain, reading, and the date or which assessment it was
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path

from qualkit.errors import ColumnError
from qualkit.importers.columns import find_column, name_list, shorten
from qualkit.importers.dates import parse_date
from qualkit.importers.guess import family_column
from qualkit.importers.occasions import FIRST, NOT_TOLD, Words, find_domain, plain, read_words
from qualkit.importers.rawrows import Cells, collapse
from qualkit.importers.relevance import DOMAINS
from qualkit.importers.tables import Table, open_table
from qualkit.model import ParsedReadings, Rejection
from qualkit.normalise import normalise_reference

_DOMAIN_HEADERS = frozenset(
    {"domain", "star domain", "domain name", "family star domain", "area", "star area"}
    | {"outcome area", "outcome star domain"}
)
_READING_HEADERS = frozenset(
    {"reading", "score", "stage", "value", "star reading", "rating", "star score", "scale"}
    | {"domain score", "domain reading", "family star reading", "family star score"}
)
_ASSESSMENT_HEADERS = frozenset(
    {"assessment", "occasion", "assessment type", "assessment number", "assessment no", "review"}
    | {"review number", "review no", "reading number", "reading type", "star number", "star type"}
    | {"timepoint", "time point", "which assessment", "first or review", "type of assessment"}
    | {"assessment stage", "star", "time", "wave", "type"}
)
_SHORT = {
    "safety": "keeping-children-safe",
    "boundaries": "boundaries-and-behaviour",
    "behaviour": "boundaries-and-behaviour",
    "routine": "family-routine",
    "routines": "family-routine",
    "health": "physical-health",
    "wellbeing": "adult-wellbeing",
    "networks": "social-networks",
    "emotional needs": "childrens-emotional-needs",
    "education": "education-and-learning",
    "learning": "education-and-learning",
    "work": "progress-to-work",
    "home": "home-and-money",
    "money": "home-and-money",
}
_LOOKED_AT = 200
_MOST = 0.9
"""Of its first rows so many must say which assessment, where a header does not."""
_LEAST_SHORT = 5
"""Names as short as these are believed where so many domains are named."""


@dataclass(frozen=True, slots=True)
class StarsOptions:
    """What the user said of a table of readings; None leaves it to be guessed.

    Attributes
    ----------
    family, date, assessment, domain, reading : str, optional
        Headers of the family reference, the date, which assessment it was, and of a long
        table the domain and the reading.
    header_row : int, optional
        Row of the headers, as a spreadsheet numbers it.
    sheet : str, optional
    """

    family: str | None = None
    date: str | None = None
    assessment: str | None = None
    domain: str | None = None
    reading: str | None = None
    header_row: int | None = None
    sheet: str | None = None


@dataclass(slots=True)
class ParsedStars:
    """A table of readings, opened; `items` to be read once, `notes` complete after that."""

    name: str
    items: Iterator[ParsedReadings | Rejection]
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    """Which column is what.

    `readings` holds (column, domain or empty, review); `dates` columns by review, -1 for
    the row's own.
    """

    family: int
    readings: list[tuple[int, str, int]]
    dates: dict[int, int]
    domain: int | None = None
    assessment: int | None = None
    count_reviews: bool = False
    names: Mapping[str, str] = field(default_factory=dict)


def read_stars(
    path: Path,
    options: StarsOptions | None = None,
    domains: Mapping[str, Sequence[str]] | None = None,
) -> ParsedStars:
    """Read a table of Family Star readings (.csv, .tsv, .xlsx, .jsonl).

    Parameters
    ----------
    domains : mapping of str to sequence of str, optional
        Names of each domain, by id; the ten of the Family Star Plus if left out.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A column named is not there, or none holds references, or readings.
    """
    options = options or StarsOptions()
    names = domain_names(domains or dict.fromkeys(DOMAINS, ()))
    table = open_table(
        path,
        header_row=options.header_row,
        sheet=options.sheet,
        suits=lambda each: len(_reading_columns(each.headers, names, set())),
    )
    notes = list(table.notes)
    plan = _plan(table, options, names, notes)
    return ParsedStars(path.name, _iter_readings(table, plan, notes), notes)


def domain_names(domains: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return every name of a domain, as headers are compared, to its id."""
    found: dict[str, str] = {}
    for domain, names in domains.items():
        for name in (domain, *names, *DOMAINS.get(domain, ())):
            if plain(name):
                found.setdefault(plain(name), domain)
    return found


# --- columns ---------------------------------------------------------------------------------


def _plan(table: Table, options: StarsOptions, names: Mapping[str, str], notes: list[str]) -> _Plan:
    headers, where = list(table.headers), table.where

    def told(header: str | None, option: str) -> int | None:
        if header is None:
            return None
        return headers.index(find_column(headers, header, where=where, option=option))

    family = headers.index(family_column(table, options.family))
    assessment = told(options.assessment, "--assessment")
    domain, reading = told(options.domain, "--domain"), told(options.reading, "--reading")
    date = told(options.date, "--date")
    taken = {i for i in (family, assessment, domain, reading, date) if i is not None}
    readings = [] if domain is not None else _reading_columns(headers, names, taken)
    if not readings:
        domain = _named(headers, _DOMAIN_HEADERS, taken) if domain is None else domain
        taken |= {domain} if domain is not None else set()
        readings = _long_columns(headers, reading, taken) if domain is not None else []
    if not readings:
        raise _no_readings(table, names, domain)
    taken |= {index for index, _, _ in readings}
    # With the assessment in the headers, a column of it would say nothing of its own.
    if assessment is None and any(review == NOT_TOLD for _, _, review in readings):
        assessment = _named(headers, _ASSESSMENT_HEADERS, taken)
        if assessment is None:
            assessment = _by_cells(table, taken)
        taken |= {assessment} if assessment is not None else set()
    dates = _date_columns(headers, taken) if date is None else {NOT_TOLD: date}
    plan = _Plan(family, readings, dates, domain, assessment, names=names)
    if assessment is not None:
        plan.count_reviews = "review" in plain(headers[assessment]).split()
    _say(plan, headers, notes)
    return plan


def _reading_columns(
    headers: Sequence[str], names: Mapping[str, str], taken: set[int]
) -> list[tuple[int, str, int]]:
    found = _named_readings(headers, names, taken)
    ids = set(names.values())
    known = {short: domain for short, domain in _SHORT.items() if domain in ids}
    wider = _named_readings(headers, {**known, **names}, taken)
    if len({domain for _, domain, _ in wider}) >= _LEAST_SHORT:
        found = wider
    return found


def _named_readings(
    headers: Sequence[str], names: Mapping[str, str], taken: set[int]
) -> list[tuple[int, str, int]]:
    hits: list[tuple[int, str, Words]] = []
    for index, header in enumerate(headers):
        named = find_domain(header, names) if index not in taken else None
        words = read_words(named[1]) if named else None
        if named and words and not words.date:
            hits.append((index, named[0], words))
    columns: list[tuple[int, str, int]] = []
    seen: set[tuple[str, int]] = set()
    for index, domain, words in hits:
        review = words.review
        several = sum(other == domain for _, other, _ in hits) > 1
        if words.bare is not None and several:
            # "Physical health 1", "Physical health 2"; alone, the number is the domain's.
            review = max(words.bare - 1, FIRST)
        if (domain, review) not in seen:
            seen.add((domain, review))
            columns.append((index, domain, review))
    return columns


def _long_columns(
    headers: Sequence[str], reading: int | None, taken: set[int]
) -> list[tuple[int, str, int]]:
    if reading is not None:
        return [(reading, "", NOT_TOLD)]
    column = _named(headers, _READING_HEADERS, taken)
    if column is not None:
        return [(column, "", NOT_TOLD)]
    found: list[tuple[int, str, int]] = []
    for index, header in enumerate(headers):
        words = read_words(header) if index not in taken else None
        if words and not words.date and words.review != NOT_TOLD:
            found.append((index, "", words.review))
    return found


def _date_columns(headers: Sequence[str], taken: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for index, header in enumerate(headers):
        words = read_words(header) if index not in taken else None
        if words and words.date:
            found.setdefault(words.review, index)
    return found


def _named(headers: Sequence[str], wanted: frozenset[str], taken: set[int]) -> int | None:
    for index, header in enumerate(headers):
        if index not in taken and plain(header) in wanted:
            return index
    return None


def _by_cells(table: Table, taken: set[int]) -> int | None:
    """Return the column whose cells say which assessment, the first among them."""
    rows = [row[1] for row in islice(table.rows(), _LOOKED_AT) if not isinstance(row, Rejection)]
    for index in range(len(table.headers)):
        cells = (
            [cell for row in rows if (cell := collapse(row[index]))] if index not in taken else []
        )
        told = [words.review for cell in cells if (words := read_words(cell))]
        told = [review for review in told if review != NOT_TOLD]
        if len(set(told)) > 1 and FIRST in told and len(told) >= _MOST * len(cells):
            return index
    return None


def _no_readings(table: Table, names: Mapping[str, str], domain: int | None) -> ColumnError:
    if domain is not None:
        return ColumnError(
            "no column of readings was found",
            where=table.where,
            found="columns " + name_list(table.headers),
            expected="a header such as 'Reading' or 'Score'",
            to_do="name the column with --reading COL",
        )
    return ColumnError(
        "no column of Family Star readings was found",
        where=table.where,
        found="columns " + name_list(table.headers),
        expected="a column for each domain (" + name_list(sorted(set(names.values())), most=3) + ")"
        " with words such as Start or Review 1 beside it, or columns domain and reading",
        to_do="name the columns with --domain COL --reading COL, or mend the headers",
    )


def _say(plan: _Plan, headers: Sequence[str], notes: list[str]) -> None:
    notes.append(f"family reference: column '{shorten(headers[plan.family])}'")
    if plan.domain is not None:
        columns = name_list([headers[index] for index, _, _ in plan.readings])
        notes.append(f"domain: column '{shorten(headers[plan.domain])}'; readings: {columns}")
    else:
        domains = list(dict.fromkeys(domain for _, domain, _ in plan.readings))
        columns = name_list([headers[index] for index, _, _ in plan.readings], most=4)
        notes.append(f"readings of {len(domains)} domains: {columns}")
        missing = sorted(set(plan.names.values()) - set(domains))
        if missing:
            notes.append(
                f"no column of readings for: {', '.join(missing)}; if one is left out below, "
                "write the domain's name in its header"
            )
    if plan.assessment is not None:
        notes.append(f"which assessment: column '{shorten(headers[plan.assessment])}'")
    if plan.dates:
        notes.append(f"dates: {name_list([headers[index] for index in plan.dates.values()])}")
    told = plan.assessment is not None or any(review >= FIRST for _, _, review in plan.readings)
    if not told and not plan.dates:
        notes.append("neither dates nor which assessment: all readings are taken as first ones")
    used = {plan.family, plan.domain, plan.assessment, *plan.dates.values()}
    used |= {index for index, _, _ in plan.readings}
    left = [header for index, header in enumerate(headers) if index not in used]
    if left:
        notes.append(f"columns left out: {name_list(left, most=8)}")


# --- rows ------------------------------------------------------------------------------------


def _iter_readings(
    table: Table, plan: _Plan, notes: list[str]
) -> Iterator[ParsedReadings | Rejection]:
    for row in table.rows(notes):
        if isinstance(row, Rejection):
            yield row
        else:
            yield from _read_row(table, plan, *row)


def _read_row(
    table: Table, plan: _Plan, number: int, cells: Cells
) -> Iterator[ParsedReadings | Rejection]:
    fields = dict(zip(table.headers, cells, strict=True))

    rejected = partial(table.rejection, number, cells)
    ufrn = collapse(cells[plan.family])
    of_row, domain = _assessment_of(plan, cells), _domain_of(plan, cells)
    if not normalise_reference(ufrn):
        yield rejected("the row has no family reference")
    elif of_row is None:
        yield rejected("which assessment it was cannot be read", plan.assessment)
    elif domain is None:
        yield rejected("no domain of the codebook is called so", plan.domain)
    else:
        found: dict[int, dict[str, int]] = {}
        for place, own, told in plan.readings:
            reading = read_reading(cells[place])
            if isinstance(reading, str):
                yield rejected(reading, place)
            elif reading is not None:
                review = of_row if told == NOT_TOLD else told
                found.setdefault(review, {})[own or domain] = reading
        for review, readings in found.items():
            reason, at = _undated(plan, review, cells)
            if reason:
                yield rejected(reason, at)
            else:
                dated = _date_of(plan, review, cells) or ""
                which = FIRST if review == NOT_TOLD and not dated else review
                yield ParsedReadings(ufrn, dated, which, readings, table.place(number), fields)


def _undated(plan: _Plan, review: int, cells: Cells) -> tuple[str, int | None]:
    """Return why the date of an assessment cannot be taken, and its column; "" if it can."""
    dated = _date_of(plan, review, cells)
    if dated is None:
        return "the date cannot be read", plan.dates.get(review, plan.dates.get(NOT_TOLD))
    if not dated and review == NOT_TOLD and plan.dates:
        return "neither a date nor which assessment it was", None
    return "", None


def _assessment_of(plan: _Plan, cells: Cells) -> int | None:
    """Return which assessment a row says it is, -1 if it does not; None if unreadable."""
    cell = collapse(cells[plan.assessment]) if plan.assessment is not None else ""
    if not cell:
        return NOT_TOLD
    words = read_words(cell, reviews=plan.count_reviews and cell.isdecimal())
    if words is None or (words.review == NOT_TOLD and words.bare is None):
        return None
    return words.review if words.bare is None else max(words.bare - 1, FIRST)


def _domain_of(plan: _Plan, cells: Cells) -> str | None:
    """Return the domain that a row of a long table names; None if there is no such domain."""
    if plan.domain is None:
        return ""
    return plan.names.get(plain(cells[plan.domain]))


def _date_of(plan: _Plan, review: int, cells: Cells) -> str | None:
    """Return the ISO date of a row's assessment, empty where none is told, None if unreadable."""
    column = plan.dates.get(review)
    by_header = any(own >= FIRST for _, _, own in plan.readings)
    if column is None and not by_header:
        # With several assessments in a row, a lone date is not that of each.
        column = plan.dates.get(NOT_TOLD)
    if column is None or not (cell := collapse(cells[column])):
        return ""
    return parse_date(cell)


def read_reading(cell: str) -> int | str | None:
    """Return a reading, 1 to 10, None for a blank cell, or why it is none."""
    text = cell.strip()
    if not text:
        return None
    whole, point, rest = text.partition(".")
    if not whole.lstrip("-").isdecimal() or (point and rest.strip("0")):
        return "the reading is no whole number"
    number = int(whole[:6])
    return number if 1 <= number <= 10 else "the reading is not from 1 to 10"
