"""Which columns of a table are a case's id, family reference, texts and attributes.

What the user names is taken; the rest is guessed, column by column, each
column used once: id, family, relevance, texts, ratings, attributes. Whatever
is used for nothing is named in a note.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qualkit.errors import ColumnError, SourceFormatError
from qualkit.importers.columns import (
    attribute_keys,
    case_id_candidates,
    find_column,
    find_columns,
    guess_family,
    name_list,
    shorten,
)
from qualkit.importers.guess import (
    Profile,
    bare_family,
    coding_columns,
    guess_ratings,
    guess_text,
    guess_worded,
    in_words,
    is_attribute,
    names_ids,
    parse_number,
    profile_table,
)
from qualkit.importers.relevance import (
    Domains,
    RelevanceColumns,
    columns_by_prefix,
    common_start,
    guess_relevance,
)
from qualkit.importers.tables import Table
from qualkit.normalise import slug

_LEAST_DIFFERENT_IDS = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user said of the columns; None and () leave the guess to us."""

    id: str | None = None
    family: str | None = None
    text: tuple[str, ...] = ()
    rating: tuple[str, ...] = ()
    attribute: tuple[str, ...] = ()
    relevance: str | None = None
    domains: Domains = field(default_factory=dict)
    with_ratings: bool = False


@dataclass(slots=True)
class Layout:
    """The columns of a table by what they hold; headers throughout.

    `ratings` and `attributes` map headers to keys, `relevance` domain ids to
    headers; `worded` are the attributes that are ratings in words.
    """

    id: str | None = None
    family: str | None = None
    text: tuple[str, ...] = ()
    ratings: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    worded: Mapping[str, str] = field(default_factory=dict)
    relevance: Mapping[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def describe(self, table: Table, **more: str) -> str:
        """Return all that decides the reading, in one stable line."""
        parts = {
            "sheet": table.sheet,
            "header_row": table.header_row,
            "id": self.id,
            "family": self.family,
            "text": self.text,
            "ratings": dict(self.ratings),
            "attributes": dict(self.attributes),
            "worded": dict(self.worded),
            "relevance": dict(self.relevance),
            **more,
        }
        return json.dumps(
            {key: value for key, value in parts.items() if value},
            ensure_ascii=False,
            sort_keys=True,
        )


def plan_layout(table: Table, wanted: Wanted) -> tuple[Layout, Profile]:
    """Return the layout of a table of cases, and the profile that it was guessed from.

    Raises
    ------
    ColumnError
        A column named is not there, or no column of text can be found.
    """
    headers, where = table.headers, table.where
    layout = Layout()
    candidates = [] if wanted.id is not None else case_id_candidates(headers)
    profile = profile_table(table, candidates)
    if wanted.family is not None:
        layout.family = find_column(headers, wanted.family, where=where, option="--family")
    else:
        layout.family = guess_family(headers) or bare_family(profile)
    if wanted.id is not None:
        layout.id = find_column(headers, wanted.id, where=where, option="--id")
        _refuse_repeating(layout.id, profile, where)
    else:
        candidates = [
            header
            for header in candidates
            if header != layout.family and names_ids(profile, header)
        ]
        layout.id = next((header for header in candidates if header in profile.keys), None)
    named = _Named(table, wanted)
    free = _Free(profile, [*_filled([layout.id, layout.family]), *named.all])
    relevance = _plan_relevance(table, wanted, profile, free)
    _refuse_other_scale(table, profile, relevance)
    layout.relevance = relevance.columns
    free.take(relevance.columns.values())
    worded = _worded(wanted, named, profile, free)
    free.take(worded)
    layout.text = named.text or guess_text(profile, free.headers)
    if not layout.text and not named.rating:
        _refuse_without_text(table)
    free.take(layout.text)
    coding = _plan_rest(layout, wanted, named, profile, free, worded)
    used_ids = [header for header in candidates if header != layout.id]
    _note_choices(layout, wanted, [header for header in used_ids if header not in profile.keys])
    layout.notes.extend(relevance.notes)
    _note_rest(layout, profile, free, coding)
    return layout, profile


class _Named:
    """The columns that the user named, found in the table."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        def find(names: Iterable[str], option: str) -> tuple[str, ...]:
            return find_columns(table.headers, names, where=table.where, option=option)

        self.text = find(wanted.text, "--text")
        self.rating = find(wanted.rating, "--rating")
        self.attribute = find(wanted.attribute, "--attribute")
        self.all = (*self.text, *self.rating, *self.attribute)


class _Free:
    """The filled columns that nothing has been made of yet, in file order."""

    def __init__(self, profile: Profile, taken: Iterable[str]) -> None:
        used = set(taken) | profile.empty
        self.headers = [header for header in profile.headers if header not in used]

    def take(self, headers: Iterable[str]) -> None:
        """Take columns out."""
        used = set(headers)
        self.headers = [header for header in self.headers if header not in used]


def _filled(headers: Iterable[str | None]) -> list[str]:
    return [header for header in headers if header is not None]


def _plan_relevance(
    table: Table, wanted: Wanted, profile: Profile, free: _Free
) -> RelevanceColumns:
    if wanted.relevance is not None:
        return columns_by_prefix(table.headers, wanted.relevance, wanted.domains, where=table.where)
    if not wanted.domains:
        return RelevanceColumns({})
    # Empty columns too: a domain that was never relevant is declared by its blanks.
    empty = [header for header in table.headers if header in profile.empty]
    return guess_relevance([*free.headers, *empty], profile.values, wanted.domains)


def _refuse_other_scale(table: Table, profile: Profile, relevance: RelevanceColumns) -> None:
    """Refuse numbers from 1 up to more than 2: read as 0 to 2, not would turn into fairly."""
    cells = {cell for header in relevance.columns.values() for cell in profile.values[header]}
    numbers = {number for cell in cells if (number := parse_number(cell)) is not None}
    if numbers and max(numbers) > 2 and 0 not in numbers:
        raise SourceFormatError(
            "the relevance is written in numbers on another scale",
            where=table.where,
            found=f"numbers from {min(numbers):g} to {max(numbers):g}",
            expected="not, fairly, very; or 0, 1, 2",
            to_do="replace the numbers by these words, or name the right columns: --relevance",
        )


def _worded(wanted: Wanted, named: _Named, profile: Profile, free: _Free) -> tuple[str, ...]:
    """Return the columns of ratings in words: named, or on a scale that surveys use."""
    if named.rating:
        return tuple(header for header in named.rating if in_words(profile, header))
    return guess_worded(profile, free.headers) if wanted.with_ratings else ()


def _plan_rest(
    layout: Layout,
    wanted: Wanted,
    named: _Named,
    profile: Profile,
    free: _Free,
    worded: tuple[str, ...],
) -> tuple[str, ...]:
    """Settle ratings and attributes; return the columns that look like a coding table."""
    coding = coding_columns(profile, free.headers)
    free.take(coding)
    ratings = tuple(header for header in named.rating if header not in worded)
    if not named.rating and wanted.with_ratings:
        ratings = guess_ratings(profile, free.headers)
    free.take(ratings)
    layout.ratings = _rating_keys(ratings)
    attributes = named.attribute
    if not attributes:
        attributes = tuple(header for header in free.headers if is_attribute(profile, header))
    free.take(attributes)
    layout.attributes = attribute_keys([*worded, *attributes])
    layout.worded = {header: layout.attributes[header] for header in worded}
    return coding


def _rating_keys(headers: Sequence[str]) -> dict[str, str]:
    keys: dict[str, str] = {}
    copies: dict[str, int] = {}
    used: set[str] = set()
    for header in headers:
        base = key = slug(header) or "rating"
        copy = copies.get(base, 2)
        while key in used:
            key, copy = f"{base}-{copy}", copy + 1
        copies[base] = copy
        used.add(key)
        keys[header] = key
    return keys


def _refuse_repeating(header: str, profile: Profile, where: str) -> None:
    """Refuse a case id that mostly repeats: taking it would set nearly every row aside."""
    if profile.different(header) < _LEAST_DIFFERENT_IDS:
        cells = profile.values[header]
        raise ColumnError(
            f"the column '{shorten(header)}' does not tell one row from another",
            where=where,
            found=f"{len(set(cells))} different values in {len(cells)} rows",
            expected="one value a row, filled and unique",
            to_do="name another column with --id, or leave --id out",
        )


def _refuse_without_text(table: Table) -> None:
    raise ColumnError(
        "no column of free text was found",
        where=table.where,
        found="columns " + name_list(table.headers),
        expected="a column of answers in people's own words",
        to_do="name it with --text COL (or another sheet with --sheet NAME)",
    )


# --- notes ------------------------------------------------------------------------


def _note_choices(layout: Layout, wanted: Wanted, no_ids: Sequence[str]) -> None:
    notes = layout.notes
    if wanted.id is None:
        if no_ids:
            notes.append(f"not unique and filled, so no case ids: {name_list(no_ids)}")
        notes.append(
            f"case id: column '{shorten(layout.id)}'"
            if layout.id
            else "case id: none found, source name and row number"
        )
    if wanted.family is None:
        notes.append(
            f"family reference: column '{shorten(layout.family)}'"
            if layout.family
            else "family reference: none found"
        )
    if not wanted.text and layout.text:
        notes.append(f"text: {name_list(layout.text)}")
    if wanted.relevance is None and layout.relevance:
        notes.append(f"relevance: {_relevance_line(layout.relevance)}")
    if not wanted.rating and layout.ratings:
        notes.append(f"ratings: {_key_list(layout.ratings)}")
    if layout.worded:
        notes.append(f"ratings in words: {_key_list(layout.worded)}")
    left = {header: key for header, key in layout.attributes.items() if header not in layout.worded}
    if not wanted.attribute and left:
        notes.append(f"attributes: {_key_list(left)}")


def _relevance_line(relevance: Mapping[str, str]) -> str:
    """Return how the relevance columns begin where all begin alike, else each of them."""
    begun = common_start(relevance.values())
    if begun.strip() and len(relevance) > 1:
        return f"{len(relevance)} columns beginning '{shorten(begun)}'"
    return _key_list({header: domain for domain, header in relevance.items()})


def _key_list(keys: Mapping[str, str]) -> str:
    """Return the keys, with the header behind each that is not called so."""
    return ", ".join(
        key if slug(header) == key else f"{key} (from '{shorten(header)}')"
        for header, key in keys.items()
    )


def _note_rest(layout: Layout, profile: Profile, free: _Free, coding: Sequence[str]) -> None:
    if coding:
        layout.notes.append(
            f"{len(coding)} columns of 0/1 left out: a coding table? "
            f"{name_list(coding, 3)}; name those you want with --attribute"
        )
    if free.headers:
        layout.notes.append(f"columns left out: {name_list(free.headers)}")
    used = set(layout.relevance.values()) | {*layout.text, *layout.ratings, *layout.attributes}
    empty = [header for header in profile.headers if header in profile.empty - used]
    if empty:
        noun = "column" if len(empty) == 1 else "columns"
        layout.notes.append(f"{len(empty)} empty {noun} left out: {name_list(empty)}")
