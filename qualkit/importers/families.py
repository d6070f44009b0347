"""Tables of families: one family a row, with its reference, cluster and other attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from qualkit.importers.columns import (
    attribute_keys,
    find_column,
    find_columns,
    guess_family,
    known_key,
    name_list,
    shorten,
    squash,
)
from qualkit.importers.files import hash_file
from qualkit.importers.guess import family_column, guess_free_text, profile_table
from qualkit.importers.rawrows import Cells, collapse
from qualkit.importers.tables import Table, open_table
from qualkit.model import ParsedFamily, ParsedSource, Rejection
from qualkit.normalise import normalise_name, normalise_reference

CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class FamiliesOptions:
    """What the user said of a table of families; None and () leave it to be guessed.

    Attributes
    ----------
    family, cluster : str, optional
        Headers of the family reference and of the cluster.
    attribute : tuple of str
        Headers of what else to keep; all other columns if none is named.
    header_row : int, optional
        Row of the headers, as a spreadsheet numbers it.
    sheet : str, optional
        Name of the sheet.
    """

    family: str | None = None
    cluster: str | None = None
    attribute: tuple[str, ...] = ()
    header_row: int | None = None
    sheet: str | None = None


def read_families(
    path: Path, options: FamiliesOptions | None = None, name: str = ""
) -> ParsedSource:
    """Read a table of families (.csv, .tsv, .xlsx, .jsonl).

    Raises
    ------
    SourceFormatError
        The file cannot be read, or holds no table.
    ColumnError
        A column named is not there, or none holds family references.
    ChoiceNeededError
        Several sheets may be meant.
    """
    options = options or FamiliesOptions()
    table = open_table(
        path,
        header_row=options.header_row,
        sheet=options.sheet,
        suits=lambda each: _suits_families(each, options),
    )
    notes = list(table.notes)
    family, keys = _plan(table, options, notes)
    described = {
        "sheet": table.sheet,
        "header_row": table.header_row,
        "family": family,
        "attributes": keys,
    }
    return ParsedSource(
        name=name or path.name,
        kind=None,
        path=str(path),
        content_hash=hash_file(path),
        options=json.dumps(
            {key: value for key, value in described.items() if value},
            ensure_ascii=False,
            sort_keys=True,
        ),
        items=_iter_families(table, family, keys, notes),
        notes=notes,
    )


def _suits_families(table: Table, options: FamiliesOptions) -> int:
    squashed = {squash(header) for header in table.headers}
    if options.family is not None:
        found = squash(options.family) in squashed
    else:
        found = guess_family(table.headers) is not None
    if not found:
        return 0
    return 1 + (_guess_cluster(table) is not None)


def _guess_cluster(table: Table) -> str | None:
    known = [header for header in table.headers if known_key(header) == CLUSTER]
    if known:
        return known[0]
    named = [header for header in table.headers if CLUSTER in normalise_name(header).split()]
    return named[0] if len(named) == 1 else None


def _plan(
    table: Table, options: FamiliesOptions, notes: list[str]
) -> tuple[str, Mapping[str, str]]:
    """Return the column of references, and the key of each attribute column."""
    headers, where = table.headers, table.where
    family = family_column(table, options.family)
    if options.family is None:
        notes.append(f"family reference: column '{shorten(family)}'")
    cluster = _guess_cluster(table)
    if options.cluster is not None:
        cluster = find_column(headers, options.cluster, where=where, option="--cluster")
    else:
        notes.append(f"cluster: column '{shorten(cluster)}'" if cluster else "cluster: none found")
    named = find_columns(headers, options.attribute, where=where, option="--attribute")
    others = [header for header in named or headers if header not in {family, cluster}]
    if not named:
        others = _without_long_texts(table, others, notes)
    keys = {cluster: CLUSTER} if cluster else {}
    keys |= attribute_keys(others, taken=[CLUSTER] if cluster else [])
    if named:
        left = [header for header in headers if header != family and header not in keys]
        if left:
            notes.append(f"columns left out: {name_list(left)}")
    else:
        notes.extend(f"attribute {keys[header]}: column '{shorten(header)}'" for header in others)
    return family, keys


def _without_long_texts(table: Table, headers: list[str], notes: list[str]) -> list[str]:
    """Leave out columns of people's own words: they group nobody, and this may be another file."""
    texts = guess_free_text(profile_table(table), headers)
    if texts:
        notes.append(
            f"columns of free text left out: {name_list(texts)}; keep one with --attribute COL; "
            "if these are narratives or answers: `qualkit import msc` or `import survey`"
        )
    return [header for header in headers if header not in texts]


def _iter_families(
    table: Table, family: str, keys: Mapping[str, str], notes: list[str]
) -> Iterator[ParsedFamily | Rejection]:
    at = {header: index for index, header in enumerate(table.headers)}
    columns = [(key, at[header]) for header, key in keys.items()]
    seen: dict[str, tuple[int, Mapping[str, str]]] = {}
    same = 0
    for row in table.rows(notes):
        if isinstance(row, Rejection):
            yield row
            continue
        number, cells = row
        ufrn = collapse(cells[at[family]])
        reference = normalise_reference(ufrn)
        if not reference:
            yield _rejected(table, number, cells, "the row has no family reference")
            continue
        attributes = {key: value for key, index in columns if (value := collapse(cells[index]))}
        if reference not in seen:
            seen[reference] = number, attributes
            yield ParsedFamily(ufrn=ufrn, attributes=attributes, place=table.place(number))
            continue
        first, known = seen[reference]
        if attributes == known:
            same += 1
            continue
        differing = ", ".join(
            sorted(key for key in {*known, *attributes} if known.get(key) != attributes.get(key))
        )
        reason = f"the family already stands in {table.place(first)}, with another {differing}"
        yield _rejected(table, number, cells, reason)
    if same:
        notes.append(f"rows that repeat a family with the same attributes, ignored: {same}")


def _rejected(table: Table, number: int, cells: Cells, reason: str) -> Rejection:
    fields = dict(zip(table.headers, cells, strict=True))
    return Rejection(place=table.place(number), reason=reason, fields=fields)
