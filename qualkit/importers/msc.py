"""Tables of Most Significant Change narratives: one case a row.

table -> layout -> cases with a segment for each text column, declared relevance, attributes
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qualkit.importers.caseform import is_case_form, read_cases
from qualkit.importers.columns import case_id_candidates, guess_family, known_key, squash
from qualkit.importers.files import check_readable, hash_file
from qualkit.importers.guess import Profile, guess_text, names_ids, profile_table
from qualkit.importers.layout import Layout, Wanted, plan_layout
from qualkit.importers.relevance import DOMAINS, Domains, guess_relevance, parse_relevance
from qualkit.importers.roles import role_of
from qualkit.importers.rowcases import RowReader
from qualkit.importers.tables import Table, open_table
from qualkit.model import (
    Kind,
    ParsedCase,
    ParsedSource,
    Rejection,
    Relevance,
    Role,
)


@dataclass(frozen=True, slots=True)
class MscOptions:
    """What the user said of a table of narratives; None and () leave it to be guessed.

    Attributes
    ----------
    id, family : str, optional
        Headers of the case id and of the family reference.
    text : tuple of str
        Headers of the narrative's parts, in order.
    relevance : str, optional
        What the headers of the relevance columns begin with.
    attribute : tuple of str
        Headers of the columns to keep as attributes of the case.
    header_row : int, optional
        Row of the headers, as a spreadsheet numbers it.
    sheet : str, optional
        Name of the sheet.
    domains : mapping
        Names of each domain, by id; the ten of the Family Star Plus.
    """

    id: str | None = None
    family: str | None = None
    text: tuple[str, ...] = ()
    relevance: str | None = None
    attribute: tuple[str, ...] = ()
    header_row: int | None = None
    sheet: str | None = None
    domains: Domains = field(default_factory=lambda: DOMAINS)


def read_msc(path: Path, options: MscOptions | None = None, name: str = "") -> ParsedSource:
    """Read a table of narratives (.csv, .tsv, .xlsx, .jsonl), or a file in the case form.

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A column named is not there, or there is no text.
    ChoiceNeededError
        Several sheets may be meant.
    """
    options = options or MscOptions()
    check_readable(path)
    if is_case_form(path):
        return read_cases(path, name, Kind.MSC)
    wanted = Wanted(
        id=options.id,
        family=options.family,
        text=options.text,
        attribute=options.attribute,
        relevance=options.relevance,
        domains=options.domains,
    )
    table, layout, _ = open_cases(path, wanted, options.header_row, options.sheet)
    notes = [*table.notes, *layout.notes]
    return ParsedSource(
        name=name or path.name,
        kind=Kind.MSC,
        path=str(path),
        content_hash=hash_file(path),
        options=layout.describe(table),
        items=_iter_cases(table, layout, name or path.stem, notes),
        notes=notes,
    )


def open_cases(
    path: Path, wanted: Wanted, header_row: int | None, sheet: str | None
) -> tuple[Table, Layout, Profile]:
    """Open a table of cases on the sheet that suits best, and plan its columns."""
    table = open_table(
        path, header_row=header_row, sheet=sheet, suits=lambda each: suits_cases(each, wanted)
    )
    return table, *plan_layout(table, wanted)


def suits_cases(table: Table, wanted: Wanted) -> int:
    """Say how far a sheet looks like a table of cases: 0 without text, more with ids."""
    squashed = {squash(header) for header in table.headers}
    named = [*wanted.text, *([wanted.id] if wanted.id else [])]
    if named:
        return int(all(squash(each) in squashed for each in named))
    profile = profile_table(table)
    text = guess_text(profile, table.headers)
    # One filled cell is a sheet of notes sooner than a table of cases.
    if not any(len(profile.values[header]) > 1 for header in text):
        return 0
    relevance = guess_relevance(table.headers, profile.values, wanted.domains)
    return (
        1
        + bool(guess_family(table.headers))
        + any(names_ids(profile, each) for each in case_id_candidates(table.headers))
        + bool(relevance.columns)
    )


def _iter_cases(
    table: Table, layout: Layout, stem: str, notes: list[str]
) -> Iterator[ParsedCase | Rejection]:
    reader = RowReader(table, layout, Kind.MSC, stem)
    author = _author_column(table)
    doubtful = 0
    for row in table.rows(notes):
        if isinstance(row, Rejection):
            yield row
            continue
        number, cells = row
        case_id = reader.case_id(number, cells)
        if isinstance(case_id, Rejection):
            yield case_id
            continue
        relevance, problems = _declared(table, layout, number, cells)
        doubtful += len(problems)
        role = Role.WORKER if author is None else author_role(cells[author])
        yield reader.case(case_id, number, cells, role=role, relevance=relevance)
        yield from problems
    if doubtful:
        notes.append(f"relevance cells not understood, left out: {doubtful}")
    notes.extend(reader.notes())


def _author_column(table: Table) -> int | None:
    """Return the column that says who told the narrative: staff, a partner, a parent."""
    for index, header in enumerate(table.headers):
        if known_key(header) == "staff-or-partner":
            return index
    return None


def author_role(cell: str) -> str:
    """Return the role of who told a narrative, in the words of the form; a worker if unsaid."""
    if "partner" in cell.casefold():
        return Role.PARTNER
    role = role_of(cell)
    return role if role in (Role.PARENT, Role.CHILD, Role.PARTNER) else Role.WORKER


def _declared(
    table: Table, layout: Layout, number: int, cells: list[str]
) -> tuple[dict[str, Relevance], list[Rejection]]:
    """Return the relevance that a row declares; a blank beside declared ones means not."""
    declared: dict[str, Relevance] = {}
    blank = []
    problems = []
    for domain, header in layout.relevance.items():
        cell = cells[table.headers.index(header)].strip()
        parsed = parse_relevance(cell)
        if not cell:
            blank.append(domain)
        elif parsed is not None:
            declared[domain] = parsed
        else:
            problems.append(
                Rejection(
                    place=table.place(number, header),
                    reason="the relevance is none of not, fairly, very; the cell is left out",
                    fields={header: cell},
                )
            )
    if declared:
        declared |= dict.fromkeys(blank, Relevance.NOT)
    return declared, problems
