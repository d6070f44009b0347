"""One way of writing for what is compared: text, reference numbers, names.

Shared by every package that compares words, so that a form expanded from a
codebook and a stretch of a segment are written alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ONE_TO_ONE = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ`´＇", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‐‑–—", "-"),
        **dict.fromkeys("\t\n\r\v\f\u00a0\u2002\u2003\u2007\u2009\u202f", " "),
    }
)
_HYPHEN_IN_WORD = re.compile(r"(?<=[a-z0-9])-(?=[a-z0-9])")
_SEPARATORS = re.compile(r"[\W_]+")
_NO_REFERENCE = frozenset(
    {
        "NA", "NAN", "NIL", "NONE", "NULL", "NOTAPPLICABLE", "NOTKNOWN", "NOTGIVEN",
        "NOTRECORDED", "UNKNOWN", "TBC", "MISSING", "TOTAL", "TOTALS", "GRANDTOTAL",
    }
)  # fmt: skip


def normalise_text(text: str) -> str:
    """Return `text` as it is matched: lower case, plain apostrophes, spaces and hyphens.

    The result has the same length, so offsets in one hold in the other. A
    hyphen between letters or digits becomes a space.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        # A few capitals (such as İ) grow when lowered; offsets must not move.
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    # Most texts hold nothing to translate and no hyphen, which is seen quickly.
    if not (lowered.isascii() and lowered.isprintable() and "`" not in lowered):
        lowered = lowered.translate(_ONE_TO_ONE)
    return _HYPHEN_IN_WORD.sub(" ", lowered) if "-" in lowered else lowered


def normalise_reference(reference: str) -> str:
    """Return a family reference without case, spaces and punctuation ("F-12 " gives "F12").

    Nothing for words that say there is none ("N/A", "unknown", "Total" below a table):
    the cases that have them are not one family.
    """
    plain = _SEPARATORS.sub("", unicodedata.normalize("NFKC", reference)).upper()
    return "" if plain in _NO_REFERENCE else plain


def normalise_name(name: str) -> str:
    """Return a header or label for comparing: lower case, single spaces, no punctuation."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _SEPARATORS.sub(" ", plain).strip()


def alike(values: Iterable[str]) -> list[list[str]]:
    """Return the values that differ only in case, spaces or punctuation, together, sorted.

    Signs alone, and numbers such as -1 and 1, are left as they are.

    >>> alike(["South", "north", "south ", "A-B", "a b", "-1", "1"])
    [['A-B', 'a b'], ['South', 'south ']]
    """
    found: dict[str, list[str]] = {}
    for value in sorted(set(values)):
        plain = normalise_name(value)
        if any(letter.isalpha() for letter in plain):
            found.setdefault(plain, []).append(value)
    return [group for group in found.values() if len(group) > 1]


def slug(name: str) -> str:
    """Return `name` as an id: lower case words joined with hyphens."""
    plain = unicodedata.normalize("NFKD", name.replace("'", "").replace("’", ""))
    plain = plain.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


# --- cells of text files ----------------------------------------------------------
#
# A spreadsheet runs a cell of a CSV file that begins with = + - or @. An apostrophe
# before it makes it text again; `unguarded` takes it off, so that qualkit reads from
# its own files what it wrote.

_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# White space, control and format characters: a spreadsheet may pass over them.
_UNSEEN = (
    "\\x00-\\x20\\x7f-\\xa0\\xad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb"
)
_FORMULA = re.compile(f"[\\t\\r\\n]|[{_UNSEEN}]*[{_SIGNS}]")


def is_formula(text: str) -> bool:
    """Tell whether a spreadsheet could take a cell of a text file for a formula.

    >>> is_formula("=1+1"), is_formula(" ＝1"), is_formula("1-1")
    (True, True, False)
    """
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """Return a text as a cell that no spreadsheet runs: with an apostrophe where it needs one.

    A text that already has apostrophes there gets one more, so that every
    text can be told from every other.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("'tis")
    ("'=1+1", "''=1+1", "'tis")
    """
    return "'" + text if is_formula(text.lstrip("'")) else text


def unguarded(cell: str) -> str:
    """Return the text of a cell that `guarded` made.

    >>> unguarded("'=1+1"), unguarded("''=1+1"), unguarded("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return cell[1:] if cell.startswith("'") and is_formula(cell.lstrip("'")) else cell
