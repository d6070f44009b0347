"""What a column holds, judged from its header and a sample of its cells.

One pass over the table keeps a bounded sample from its whole length, and
checks on every row what must hold for all of them: that ids are filled and
unique, and that an empty column is empty.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qualkit.importers.columns import find_family, guess_family, known_key, squash
from qualkit.importers.rawrows import Cells, collapse
from qualkit.importers.tables import Table
from qualkit.model import Rejection
from qualkit.model.scales import guess_scale
from qualkit.normalise import normalise_name

SAMPLE_ROWS = 2000
# Very wide or wordy rows are sampled more thinly, so that the sample stays under 100 MB or so.
SAMPLE_SIZE = 50_000_000
_CELL_SIZE = 8
CODING_COLUMNS = 5
_ONE_HOT = frozenset({"0", "1"})
_BARE_IDS = frozenset({"case", "response", "record", "narrative", "story", "no", "number"})
_BARE_FAMILIES = frozenset({"family", "household"})
_BARE_SHARE = 0.9
_RUNNING = 8
"""So many numbers that only rise are no ratings."""
_DIGIT = re.compile(r"\d")
_TEXT_HEADER = re.compile(
    r"\b(text|answers?|comments?|feedback|responses?|stor(y|ies)|narratives?|reasons?|verbatim"
    r"|details?|describe|description|explain|tell us|what|why|how|notes?|quote|free)\b"
)
_RATING_HEADER = re.compile(
    r"\b(confiden(t|ce)|rat(e|es|ed|ing|ings)|scores?|scale|satisf(ied|action)|how)\b"
)
_MOSTLY_INSIDE = 0.95
_LONG_WORDS = 6.0
_FEW_WORDS = 2.5
_MANY_DIFFERENT = 0.3
_MOST_ATTRIBUTE_WORDS = 25.0


@dataclass(frozen=True, slots=True)
class Profile:
    """A sample of a table's filled cells, and what is known of every row.

    Attributes
    ----------
    values : mapping
        Filled cells of the sample by header, white space collapsed.
    empty : frozenset of str
        Headers under which no row has anything.
    keys : frozenset of str
        Of the columns asked about, those filled and unique in every row.
    """

    headers: tuple[str, ...]
    values: Mapping[str, Sequence[str]]
    empty: frozenset[str]
    keys: frozenset[str]

    def words(self, header: str) -> float:
        """Mean words a filled cell."""
        cells = self.values[header]
        return sum(len(cell.split()) for cell in cells) / len(cells) if cells else 0.0

    def different(self, header: str) -> float:
        """Share of the filled cells that differ from each other."""
        cells = self.values[header]
        return len(set(cells)) / len(cells) if cells else 0.0


def profile_table(table: Table, key_columns: Collection[str] = ()) -> Profile:
    """Return the profile of a table; `key_columns` are checked for being unique.

    Memory: `SAMPLE_ROWS` rows at most twice over, and the cells of the key
    columns until they first repeat.
    """
    sample: list[Cells] = []
    stride, count, held = 1, 0, 0
    unfilled = list(range(len(table.headers)))
    first: dict[int, str] = {}
    seen: dict[int, set[str]] = {table.headers.index(column): set() for column in key_columns}
    for row in table.rows():
        if isinstance(row, Rejection):
            continue
        cells = row[1]
        if count % stride == 0:
            sample.append(cells)
            held += _size(cells)
            while len(sample) > 2 * SAMPLE_ROWS or (held > SAMPLE_SIZE and len(sample) > 1):
                # Every other row from now on, so that the sample spans the whole table.
                sample, stride = sample[::2], stride * 2
                held = sum(map(_size, sample))
        count += 1
        if unfilled:
            found = {index: text for index in unfilled if (text := collapse(cells[index]))}
            if found:
                first |= found
                unfilled = [index for index in unfilled if index not in found]
        for index, known in list(seen.items()):
            key = cells[index].strip()
            if not key or key in known:
                del seen[index]
            else:
                known.add(key)
    values = {
        header: [text for cells in sample if (text := collapse(cells[index]))]
        # A column so thinly filled that the sample missed it is judged by its first cell.
        or [*filter(None, [first.get(index)])]
        for index, header in enumerate(table.headers)
    }
    return Profile(
        headers=table.headers,
        values=values,
        empty=frozenset(table.headers[index] for index in unfilled),
        keys=frozenset(table.headers[index] for index in seen) if count else frozenset(),
    )


def _size(cells: Cells) -> int:
    return sum(map(len, cells)) + _CELL_SIZE * len(cells)


def guess_text(profile: Profile, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of free text among the candidates, in file order.

    Free text is long or stands under a question, and differs from row to row.
    Where no column is so, the wordiest under a header that asks for words.
    """
    candidates = [header for header in candidates if profile.values[header]]
    found = list(guess_free_text(profile, candidates))
    if not found:
        asked = [
            header
            for header in candidates
            if _asks_for_words(header)
            and profile.words(header) >= 1.5
            and profile.different(header) >= _MANY_DIFFERENT
        ]
        found = sorted(asked, key=profile.words, reverse=True)[:1]
    return tuple(found)


def guess_free_text(profile: Profile, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of long or asked-for words that differ from row to row."""
    return tuple(
        header for header in candidates if profile.values[header] and _is_free_text(profile, header)
    )


def guess_ratings(profile: Profile, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of mostly numbers from 0 to 100 (but not of 0 and 1 alone).

    Where the header speaks of a rating, one number in twenty may lie outside.
    """
    return tuple(
        header
        for header in candidates
        if _is_rating(profile.values[header], bool(_RATING_HEADER.search(normalise_name(header))))
        and known_key(header) is None
    )


def in_words(profile: Profile, header: str) -> bool:
    """Tell whether fewer than half of a column's filled cells are numbers."""
    cells = profile.values[header]
    return bool(cells) and 2 * sum(parse_number(cell) is not None for cell in cells) < len(cells)


def guess_worded(profile: Profile, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of ratings in words, such as never to all of the time."""
    return tuple(
        header
        for header in candidates
        if profile.values[header] and guess_scale(profile.values[header]) is not None
    )


def coding_columns(profile: Profile, candidates: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of 0, 1 and blanks where there are many: a coding table, it seems."""
    found = tuple(
        header
        for header in candidates
        if profile.values[header] and set(profile.values[header]) <= _ONE_HOT
    )
    return found if len(found) >= CODING_COLUMNS else ()


def names_ids(profile: Profile, header: str) -> bool:
    """Tell whether a header that may name case ids does; "Case" and "Response" may also not.

    Alone they do over one or two words a cell, and where the header asks for
    words ("Response"), with a digit in each.
    """
    if squash(header) not in _BARE_IDS:
        return True
    asks = _asks_for_words(header)
    return all(
        len(cell.split()) <= 2 and not (asks and _DIGIT.search(cell) is None)
        for cell in profile.values[header]
    )


def bare_family(profile: Profile) -> str | None:
    """Return a column called "Family" alone, where nine cells in ten are a word with a digit."""
    for header in profile.headers:
        cells = profile.values[header] if squash(header) in _BARE_FAMILIES else ()
        references = sum(bool(_DIGIT.search(c)) and len(c.split()) == 1 for c in cells)
        if cells and references >= _BARE_SHARE * len(cells):
            return header
    return None


def family_column(table: Table, named: str | None) -> str:
    """Return the header of family references: named, of that name, or "Family" over references.

    Raises
    ------
    ColumnError
        The column named is not there, or none is named and none is found.
    """
    if named is None and guess_family(table.headers) is None:
        named = bare_family(profile_table(table))
    return find_family(table.headers, named, where=table.where)


def is_attribute(profile: Profile, header: str) -> bool:
    """Tell whether a column holds few words, or few different values of no great length."""
    words = profile.words(header)
    if known_key(header) is not None or words < _LONG_WORDS:
        return True
    return words <= _MOST_ATTRIBUTE_WORDS and profile.different(header) < _MANY_DIFFERENT


def parse_number(cell: str) -> float | None:
    """Return a cell's number, or None where it is not one (nor are 'nan' and 'inf')."""
    text = cell.strip()
    if not text or not (text[-1].isdigit() or text[-1] == "."):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_free_text(profile: Profile, header: str) -> bool:
    if known_key(header) is not None:
        return False
    words, different = profile.words(header), profile.different(header)
    # Long words that repeat are still somebody's words; short ones are categories.
    repeated = different < _MANY_DIFFERENT and len(profile.values[header]) > 3
    if repeated:
        return words >= (_LONG_WORDS if _asks_for_words(header) else _MOST_ATTRIBUTE_WORDS)
    return words >= (_FEW_WORDS if _asks_for_words(header) else _LONG_WORDS)


def _asks_for_words(header: str) -> bool:
    return header.rstrip().endswith("?") or bool(_TEXT_HEADER.search(normalise_name(header)))


def _is_rating(cells: Sequence[str], asked: bool) -> bool:
    if not cells or set(cells) <= _ONE_HOT:
        return False
    numbers = [number for cell in cells if (number := parse_number(cell)) is not None]
    if len(numbers) >= _RUNNING and all(a < b for a, b in pairwise(numbers)):
        # Rows that are numbered one after the other rate nothing.
        return False
    inside = sum(0 <= number <= 100 for number in numbers)
    least = _MOSTLY_INSIDE * len(numbers) if asked else len(numbers)
    return len(numbers) >= 0.8 * len(cells) and inside >= max(1, least)
