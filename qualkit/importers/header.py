"""Where the header of a table stands, and what its columns are called.

A header is the first row that is as full as the rows below it, of words, each
different; what stands above it is a title. Two or three rows under merged
cells are joined as "Upper - lower". Where no row is clearly one, the user is
asked with `--header-row`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.rawrows import Cells, Merge, NumberedRow, column_letter
from qualkit.normalise import normalise_name

LOOK_AHEAD = 60
_FULL = 0.6
_MOST_NUMBERS = 0.2
_LONGEST_NAME = 600
_MOST_HEADER_ROWS = 3
_GENERIC = frozenset({"response", "open ended response"})


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns and the rows (as a spreadsheet shows them) they came from."""

    names: tuple[str, ...]
    first_row: int
    last_row: int
    notes: tuple[str, ...] = ()


def find_header(
    path: Path,
    rows: Sequence[NumberedRow],
    merges: Sequence[Merge] = (),
    header_row: int | None = None,
    sheet: str = "",
) -> Header:
    """Return the header among the first rows of a table.

    Parameters
    ----------
    path, sheet
        For the message, where there is no header.
    rows : sequence of NumberedRow
        The first `LOOK_AHEAD` rows or more; up to `header_row` where it is given.
    merges : sequence of Merge
        The sheet's merged cells.
    header_row : int, optional
        The row that is the header, as a spreadsheet numbers it.

    Raises
    ------
    SourceFormatError
        No row looks like a header, or the row given is blank or not there.
    """
    where = f"{path}, sheet '{sheet}'" if sheet else str(path)
    filled = [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
    merges = _merges_near(filled, merges)
    if header_row is None:
        start = _first_header_row(filled, merges, where)
    else:
        start = _given_header_row(filled, header_row, where)
    block, labels = _header_block(filled, start, merges)
    names, unnamed, notes = _tidy_names(labels)
    counts = Counter(tidy(label) for label in labels)
    different = len(counts) - ("" in counts)
    # A title merged across a form is no header, though it covers many columns.
    if max(counts.values()) > max(3, 0.45 * len(names)) or len(unnamed) * 2 > len(names):
        raise SourceFormatError(
            "most of the columns have no header of their own",
            where=f"{where}, row {block[-1]}",
            found=f"{different} different headers for {len(names)} columns",
            expected="one row that names the columns",
            to_do="name the header's row with --header-row N, or copy the table to a new sheet",
        )
    above = [number for number, _ in filled[:start]]
    if above:
        notes.insert(0, f"above the header, left out: {_rows_phrase(above)}")
    if len(block) > 1:
        notes.insert(0, f"header: {_rows_phrase(block)} joined")
    return Header(names, block[0], block[-1], tuple(notes))


def _merges_near(filled: Sequence[NumberedRow], merges: Sequence[Merge]) -> list[Merge]:
    """Return the merged cells of the rows looked at, no more than they have cells."""
    last = filled[-1][0] if filled else 0
    near = [merge for merge in merges if merge[0] < last]
    return near[: sum(len(cells) for _, cells in filled)]


def tidy(cell: str) -> str:
    """Return a header's text with every run of white space as one space."""
    return " ".join(cell.split())


# --- which row ------------------------------------------------------------------


def _given_header_row(filled: Sequence[NumberedRow], header_row: int, where: str) -> int:
    for index, (number, _) in enumerate(filled):
        if number == header_row:
            return index
    raise SourceFormatError(
        f"row {header_row} cannot be the header",
        where=where,
        found="a blank row, or no row of that number",
        to_do="name the row of the column headers with --header-row, counted as Excel shows it",
    )


def _first_header_row(filled: Sequence[NumberedRow], merges: Sequence[Merge], where: str) -> int:
    if not filled:
        raise SourceFormatError(
            "there is nothing in the table", where=where, to_do="check that it is the right one"
        )
    counts = [_count_filled(number, cells, merges) for number, cells in filled]
    for index, (number, cells) in enumerate(filled):
        below = sorted(counts[index + 1 : index + 31])
        # The upper quartile, so that notes and half-filled rows do not count.
        typical = below[len(below) * 3 // 4] if below else counts[index]
        if counts[index] < _FULL * typical or (counts[index] < 2 and typical > 1):
            continue
        if _looks_like_header(cells):
            return index
        raise SourceFormatError(
            "the table has no row that looks like a header",
            where=f"{where}, row {number}",
            found="a full row of numbers, long text or repeated values",
            expected="one row that names the columns",
            to_do="give the table a header row, or name its row with --header-row N",
        )
    raise SourceFormatError(
        "the table has no row that looks like a header",
        where=where,
        found=f"{len(filled)} rows with text, none as full as the rows below it",
        expected="one row that names the columns",
        to_do="name the header's row with --header-row N, or another sheet with --sheet NAME",
    )


def _count_filled(number: int, cells: Cells, merges: Sequence[Merge]) -> int:
    """Count a row's filled cells; merged ones as all they cover, but a lone title as one."""
    filled = sum(1 for cell in cells if cell.strip())
    if filled < 2:
        return filled
    return sum(1 for cell in _expand(number, cells, merges) if cell.strip())


def _looks_like_header(cells: Cells) -> bool:
    words = [normalise_name(cell) or cell for cell in cells if cell.strip()]
    numbers = sum(1 for cell in cells if cell.strip() and _is_number(cell))
    return (
        numbers <= _MOST_NUMBERS * len(words)
        # Merged and repeated headers ("Footnotes") are common, so half may be alike.
        and (len(set(words)) * 2 >= len(words) or len(words) > 10)
        # The first header twice: two tables side by side.
        and words.count(words[0]) == 1
        and all(len(cell) <= _LONGEST_NAME for cell in cells)
    )


def _is_number(cell: str) -> bool:
    text = cell.strip()
    if text.isdigit() and len(text) == 4 and text[:2] in {"19", "20"}:
        return False  # a year may head a column
    try:
        float(text.replace(",", "").rstrip("%"))
    except ValueError:
        return False
    return True


# --- several header rows --------------------------------------------------------


def _header_block(
    filled: Sequence[NumberedRow], start: int, merges: Sequence[Merge]
) -> tuple[list[int], list[str]]:
    """Return the numbers of the header's rows and the joined label of each column."""
    number, cells = filled[start]
    survey = _survey_tool_header(filled, start)
    if survey is not None:
        return survey
    block = [number]
    labels = _expand(number, cells, merges)
    current, raw = number, cells
    for below_number, below in filled[start + 1 : start + _MOST_HEADER_ROWS]:
        wide = _wide_columns(current, merges, len(raw))
        lower = _expand(below_number, below, merges)
        if below_number != current + 1 or not wide or not _labels_below(wide, lower):
            break
        labels = [_join(*pair) for pair in _zip_padded(labels, lower)]
        block.append(below_number)
        current, raw = below_number, below
    if len(block) == 1:
        return block, list(cells)
    return block, labels


def _expand(number: int, cells: Cells, merges: Sequence[Merge]) -> list[str]:
    """Return a header row with the text of merged cells in each column they cover."""
    out = list(cells)
    for first_row, first, _, last in merges:
        if first_row == number - 1 and first < len(out):
            out[first : last + 1] = [out[first]] * (min(last + 1, len(out)) - first)
    return out


def _wide_columns(number: int, merges: Sequence[Merge], width: int) -> list[int]:
    """Return the columns under cells merged across this row (not those across all of it)."""
    return [
        column
        for first_row, first, last_row, last in merges
        if first_row <= number - 1 <= last_row and 0 < last - first < 0.9 * (width - 1)
        for column in range(first, last + 1)
    ]


def _labels_below(columns: Sequence[int], below: Cells) -> bool:
    texts = [below[column] for column in columns if column < len(below) and below[column].strip()]
    return len(texts) * 2 >= len(columns) and not any(_is_number(text) for text in texts)


def _join(upper: str, lower: str) -> str:
    upper, lower = tidy(upper), tidy(lower)
    if upper == lower or not lower:
        return upper
    return f"{upper} - {lower}" if upper else lower


def _zip_padded(upper: list[str], lower: list[str]) -> list[tuple[str, str]]:
    width = max(len(upper), len(lower))
    pad = [""] * width
    return list(zip((upper + pad)[:width], (lower + pad)[:width], strict=True))


def _survey_tool_header(
    filled: Sequence[NumberedRow], start: int
) -> tuple[list[int], list[str]] | None:
    """Join the header rows that two common survey services write.

    One writes the answers offered in a second row, with "Open-Ended Response"
    under free text; the other writes the questions in a second row and import
    marks in a third.
    """
    number, cells = filled[start]
    after = filled[start + 1 : start + 3]
    if len(after) == 2 and any(cell.startswith('{"ImportId"') for cell in after[1][1]):
        pairs = _zip_padded(list(cells), list(after[0][1]))
        return [number, after[0][0], after[1][0]], [lower or upper for upper, lower in pairs]
    if after and any(normalise_name(cell) in _GENERIC for cell in after[0][1]):
        labels, last = [], ""
        for upper, lower in _zip_padded(list(cells), list(after[0][1])):
            last = upper if upper.strip() else last
            generic = normalise_name(lower) in _GENERIC
            labels.append(_join(last, "" if generic else lower) if lower.strip() else upper)
        return [number, after[0][0]], labels
    return None


# --- names ----------------------------------------------------------------------


def _tidy_names(labels: Sequence[str]) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Return unique names (blanks by letter, repeats numbered), those of blanks, and notes."""
    names: list[str] = []
    unnamed, repeated = [], []
    cells = [tidy(label) for label in labels]
    while cells and not cells[-1]:
        cells.pop()
    taken = set(cells)
    seen: set[str] = set()
    copies: dict[str, int] = {}
    for index, cell in enumerate(cells):
        name = cell or f"column {column_letter(index)}"
        if not cell:
            unnamed.append(name)
        if name in seen:
            repeated.append(name)
            copy = copies.get(name, 2)
            while f"{name} ({copy})" in taken:
                copy += 1
            copies[name] = copy + 1
            name = f"{name} ({copy})"
            taken.add(name)
        seen.add(name)
        names.append(name)
    notes = []
    if repeated:
        notes.append(f"repeated headers, numbered: {', '.join(dict.fromkeys(repeated))}")
    if unnamed:
        notes.append(f"columns without a header: {', '.join(unnamed)}")
    return tuple(names), unnamed, notes


def _rows_phrase(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    return f"rows {numbers[0]} to {numbers[-1]}"
