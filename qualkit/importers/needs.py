"""Tables of needs: assessments of adults, children and families, one column a need.

Cells say yes, no, or nothing. A column says whom a row is about; without one a row is a
family, and all three are taken as assessed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from qualkit.errors import ColumnError
from qualkit.importers.columns import (
    find_column,
    find_columns,
    guess_family,
    name_list,
    shorten,
)
from qualkit.importers.dates import parse_date
from qualkit.importers.guess import family_column, parse_number, profile_table
from qualkit.importers.occasions import plain, read_words
from qualkit.importers.rawrows import Cells, collapse
from qualkit.importers.tables import Table, open_table
from qualkit.model import ParsedNeeds, Rejection
from qualkit.normalise import normalise_reference, slug

ABOUT = ("adult", "child", "family")
YES = frozenset({"1", "1.0", "y", "yes", "true", "x", "✓", "✔"})
NO = frozenset({"0", "0.0", "n", "no", "false"})
_LEAST_SHARE = 0.5
"""A column is a need where so many of its filled cells say yes or no, and none counts."""
_ABOUT_HEADERS = frozenset(
    {"about", "assessment of", "assessed", "who", "assessment type", "type of assessment"}
    | {"subject", "level", "adult child or family", "adult or child", "person type", "type"}
    | {"assessment", "assessment level", "member", "assessment about", "who is assessed"}
)
_PERSON_HEADERS = re.compile(
    r"(person|individual|member|child|adult|client|assessment)( unique)?"
    r"( (id|ref|reference|no|number|name|code|identifier))|person|name|initials"
)
_ABOUT_WORDS = {
    "adult": re.compile(r"\b(adults?|parents?|carers?|mother|father|mum|dad)\b"),
    "child": re.compile(r"\b(child|children|young (person|people)|yp|cyp|son|daughter)\b"),
    "family": re.compile(r"\b(family|families|whole family|household)\b"),
}


@dataclass(frozen=True, slots=True)
class NeedsOptions:
    """What the user said of a table of needs; None and () leave it to be guessed.

    Attributes
    ----------
    family, about, person, date : str, optional
        Headers. Of `about`, also adult, child or family itself, for the whole file.
    need : tuple of str
        Headers of the needs.
    header_row : int, optional
    sheet : str, optional
    """

    family: str | None = None
    about: str | None = None
    person: str | None = None
    date: str | None = None
    need: tuple[str, ...] = ()
    header_row: int | None = None
    sheet: str | None = None


@dataclass(slots=True)
class ParsedNeedsTable:
    """A table of needs, opened; `items` to be read once, `notes` complete after that.

    `names` maps a need's id to its header.
    """

    name: str
    items: Iterator[ParsedNeeds | Rejection]
    names: Mapping[str, str]
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Plan:
    family: int
    needs: dict[int, str]
    about: int | None = None
    always: tuple[str, ...] = ABOUT
    person: int | None = None
    date: int | None = None


def read_needs(path: Path, options: NeedsOptions | None = None) -> ParsedNeedsTable:
    """Read a table of needs (.csv, .tsv, .xlsx, .jsonl).

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A column named is not there, or none holds references, or needs.
    """
    options = options or NeedsOptions()
    table = open_table(
        path,
        header_row=options.header_row,
        sheet=options.sheet,
        suits=lambda each: int(guess_family(each.headers) is not None),
    )
    notes = list(table.notes)
    plan = _plan(table, options, notes)
    names = {need: collapse(table.headers[column]) for column, need in plan.needs.items()}
    return ParsedNeedsTable(path.name, _iter_needs(table, plan, notes), names, notes)


def _plan(table: Table, options: NeedsOptions, notes: list[str]) -> _Plan:
    headers, where = list(table.headers), table.where

    def told(header: str | None, option: str) -> int | None:
        if header is None:
            return None
        return headers.index(find_column(headers, header, where=where, option=option))

    family = headers.index(family_column(table, options.family))
    plan = _Plan(family, {}, person=told(options.person, "--person"))
    if options.about in ABOUT and options.about not in headers:
        plan.always = (str(options.about),)
    else:
        plan.about = told(options.about, "--about")
    plan.date = told(options.date, "--date")
    _guess(table, plan, options, notes)
    return plan


def _guess(table: Table, plan: _Plan, options: NeedsOptions, notes: list[str]) -> None:
    """Fill in the columns that were not named, and say which they are."""
    headers = list(table.headers)
    named = find_columns(headers, options.need, where=table.where, option="--need")
    profile = profile_table(table)
    taken = {plan.family, plan.about, plan.person, plan.date}
    answers = [i for i, h in enumerate(headers) if i not in taken and _is_need(profile.values[h])]
    for index, header in enumerate(headers):
        if index in taken or header in named or index in answers:
            continue
        words = read_words(header)
        if plan.date is None and words and words.date:
            plan.date = index
        elif plan.about is None and options.about is None and plain(header) in _ABOUT_HEADERS:
            plan.about = index
        elif plan.person is None and _PERSON_HEADERS.fullmatch(plain(header)):
            plan.person = index
    taken = {plan.family, plan.about, plan.person, plan.date}
    wanted = [headers.index(h) for h in named] if named else [i for i in answers if i not in taken]
    if not wanted:
        raise ColumnError(
            "no column of needs was found",
            where=table.where,
            found="columns " + name_list(headers),
            expected="columns whose cells are yes, no or blank (or 1, 0)",
            to_do="name them with --need COL",
        )
    used: set[str] = set()
    for index in wanted:
        need = slug(headers[index]) or f"need-{index + 1}"
        while need in used:
            need += "-2"
        used.add(need)
        plan.needs[index] = need
    _say(plan, headers, notes)


def _is_need(cells: Sequence[str]) -> bool:
    found = [cell.casefold() for cell in cells]
    others = [cell for cell in found if cell not in YES and cell not in NO]
    good = len(found) - len(others)
    if any(parse_number(cell) is not None for cell in others):
        return False
    return good > 0 and good >= _LEAST_SHARE * len(found)


def _say(plan: _Plan, headers: list[str], notes: list[str]) -> None:
    notes.append(f"family reference: column '{shorten(headers[plan.family])}'")
    if plan.about is not None:
        notes.append(f"whom an assessment is about: column '{shorten(headers[plan.about])}'")
    elif len(plan.always) == 1:
        notes.append(f"all rows are assessments of: {plan.always[0]}")
    else:
        notes.append(
            "no column says whom a row is about: adult, child and family are taken as assessed"
        )
    for what, column in (("person", plan.person), ("date", plan.date)):
        if column is not None:
            notes.append(f"{what}: column '{shorten(headers[column])}'")
    needs = [headers[index] for index in plan.needs]
    notes.append(f"needs, {len(needs)} columns: {name_list(needs, most=4)}")
    used = {plan.family, plan.about, plan.person, plan.date, *plan.needs}
    left = [header for index, header in enumerate(headers) if index not in used]
    if left:
        notes.append(f"columns left out: {name_list(left, most=8)}; keep one with --need COL")


# --- rows ------------------------------------------------------------------------------------


def _iter_needs(table: Table, plan: _Plan, notes: list[str]) -> Iterator[ParsedNeeds | Rejection]:
    nameless: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    for row in table.rows(notes):
        if isinstance(row, Rejection):
            yield row
            continue
        for item in _read_row(table, plan, *row):
            if isinstance(item, ParsedNeeds) and plan.person is None and len(item.about) == 1:
                # Two children of a family have two rows and no name: they are numbered.
                key = normalise_reference(item.ufrn), item.about, item.assessed_on
                nameless[key] += 1
                if nameless[key] > 1:
                    item = ParsedNeeds(
                        item.ufrn,
                        item.about,
                        f"#{nameless[key]}",
                        item.assessed_on,
                        item.needs,
                        item.place,
                        item.fields,
                    )
            yield item


def _read_row(
    table: Table, plan: _Plan, number: int, cells: Cells
) -> Iterator[ParsedNeeds | Rejection]:
    fields = dict(zip(table.headers, cells, strict=True))

    rejected = partial(table.rejection, number, cells)
    ufrn = collapse(cells[plan.family])
    about = plan.always
    if plan.about is not None:
        about = read_about(cells[plan.about])
    cell = collapse(cells[plan.date]) if plan.date is not None else ""
    dated = parse_date(cell) if cell else ""
    if not normalise_reference(ufrn):
        yield rejected("the row has no family reference")
    elif not about:
        yield rejected("it says neither adult nor child nor family", plan.about)
    elif dated is None:
        yield rejected("the date cannot be read", plan.date)
    else:
        needs: dict[str, bool] = {}
        for column, need in plan.needs.items():
            answer = cells[column].strip().casefold()
            if answer in YES:
                needs[need] = True
            elif answer in NO:
                needs[need] = False
            elif answer:
                yield rejected("the need is neither yes nor no", column)
        person = collapse(cells[plan.person]) if plan.person is not None else ""
        yield ParsedNeeds(ufrn, about, person, dated, needs, table.place(number), fields)


def read_about(cell: str) -> tuple[str, ...]:
    """Return whom a cell says an assessment is about: one of adult, child, family; or nothing."""
    text = plain(cell)
    if text in ("a", "c", "f"):
        return tuple(word for word in ABOUT if word[0] == text)
    found = tuple(word for word, pattern in _ABOUT_WORDS.items() if pattern.search(text))
    return found if len(found) == 1 else ()
