"""Tables of survey responses: one case a row, with ratings, and the role of who answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import near_matches
from qualkit.importers.caseform import is_case_form, read_cases
from qualkit.importers.columns import guess_respondent, shorten
from qualkit.importers.files import check_readable, hash_file
from qualkit.importers.guess import Profile
from qualkit.importers.layout import Layout, Wanted
from qualkit.importers.msc import open_cases
from qualkit.importers.ratings import RatingReader
from qualkit.importers.rowcases import RowReader
from qualkit.importers.tables import Table
from qualkit.model import Kind, ParsedCase, ParsedSource, Rejection, Role
from qualkit.normalise import slug

_ROLES = (
    # The first that fits: a worker of a partner agency is a partner, a family worker is staff.
    (Role.PARTNER, r"partners?|partner agency|other agency|external"),
    (
        Role.STAFF,
        r"staff|workers?|practitioners?|professionals?|managers?|employees?|officers?",
    ),
    (
        Role.PARENT,
        r"parents?|carers?|mothers?|fathers?|mums?|dads?|guardians?|grandparents?"
        r"|family|families",
    ),
    (Role.CHILD, r"child|children|young (person|people)|pupils?|youth"),
)
_KNOWN_ROLES = tuple(role for role, _ in _ROLES)
_ROLE_WORDS = tuple((role, re.compile(rf"\b({words})\b")) for role, words in _ROLES)


@dataclass(frozen=True, slots=True)
class SurveyOptions:
    """What the user said of a table of responses; None and () leave it to be guessed.

    Attributes
    ----------
    id, family : str, optional
        Headers of the response id and of the family reference.
    text, rating, attribute : tuple of str
        Headers of the free-text answers, of the ratings, of what else to keep.
    rating_range : str, optional
        Lowest and highest rating, "0-100"; others are set aside. Guessed column by column.
    role : str, optional
        Role of every respondent (staff, parent …).
    header_row : int, optional
        Row of the headers, as a spreadsheet numbers it.
    sheet : str, optional
        Name of the sheet.
    """

    id: str | None = None
    family: str | None = None
    text: tuple[str, ...] = ()
    rating: tuple[str, ...] = ()
    attribute: tuple[str, ...] = ()
    role: str | None = None
    header_row: int | None = None
    sheet: str | None = None
    rating_range: str = ""


def read_survey(path: Path, options: SurveyOptions | None = None, name: str = "") -> ParsedSource:
    """Read a table of responses (.csv, .tsv, .xlsx, .jsonl), or a file in the case form.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A column named is not there, or there is no text.
    ChoiceNeededError
        Several sheets may be meant.
    """
    options = options or SurveyOptions()
    check_readable(path)
    if is_case_form(path):
        return read_cases(path, name, Kind.SURVEY)
    wanted = Wanted(
        id=options.id,
        family=options.family,
        text=options.text,
        rating=options.rating,
        attribute=options.attribute,
        with_ratings=True,
    )
    table, layout, profile = open_cases(path, wanted, options.header_row, options.sheet)
    role_of, rule = _role_rule(table, layout, profile, options.role)
    ratings = RatingReader(table, layout, profile, options.rating_range)
    notes = [*table.notes, *layout.notes]
    if not options.rating_range:
        notes += ratings.planned()
    if options.role is None:
        notes.append(f"role of respondents: {rule}; another with --role")
    elif rule not in _KNOWN_ROLES:
        near = near_matches(rule, _KNOWN_ROLES)
        meant = f"; did you mean {' or '.join(near)}?" if near else ""
        notes.append(f"role of respondents: '{rule}', a role of your own{meant}")
    return ParsedSource(
        name=name or path.name,
        kind=Kind.SURVEY,
        path=str(path),
        content_hash=hash_file(path),
        options=layout.describe(table, role=rule, rating_range=options.rating_range),
        items=_iter_cases(table, layout, name or path.stem, role_of, ratings, notes),
        notes=notes,
    )


def parse_role(cell: str) -> str:
    """Return the role that a respondent's own words name, else those words as one word."""
    name = cell.casefold()
    for role, pattern in _ROLE_WORDS:
        if pattern.search(name):
            return role
    return slug(cell)


RoleRule = Callable[[str, list[str]], str]
"""From a family reference and a row's cells to the role."""


def _role_rule(
    table: Table, layout: Layout, profile: Profile, given: str | None
) -> tuple[RoleRule, str]:
    """Return how the role of a row is found, and that in words."""
    if given is not None:
        role = parse_role(given)
        return (lambda _ufrn, _cells: role), role
    header = guess_respondent(table.headers)
    known = {role for role, _ in _ROLES}
    if header is not None and header not in layout.text:
        cells = Counter(parse_role(cell) in known for cell in profile.values[header])
        if cells[True] > cells[False]:
            index = table.headers.index(header)

            def from_column(ufrn: str, cells: list[str]) -> str:
                return parse_role(cells[index]) or _role_by_family(ufrn, cells)

            return from_column, f"column '{shorten(header)}'"
    if layout.family is None:
        return _role_by_family, "all taken as staff, since no row has a family reference"
    return _role_by_family, "parent where there is a family reference, staff elsewhere"


def _role_by_family(ufrn: str, _cells: list[str]) -> str:
    return Role.PARENT if ufrn else Role.STAFF


def _iter_cases(
    table: Table,
    layout: Layout,
    stem: str,
    role_of: RoleRule,
    ratings: RatingReader,
    notes: list[str],
) -> Iterator[ParsedCase | Rejection]:
    reader = RowReader(table, layout, Kind.SURVEY, stem)
    for row in table.rows(notes):
        if isinstance(row, Rejection):
            yield row
            continue
        number, cells = row
        case_id = reader.case_id(number, cells)
        if isinstance(case_id, Rejection):
            yield case_id
            continue
        found, problems = ratings.read(number, cells)
        role = role_of(reader.ufrn(cells), cells)
        yield reader.case(case_id, number, cells, role=role, ratings=found)
        yield from problems
    notes.extend(ratings.notes())
    notes.extend(reader.notes())
