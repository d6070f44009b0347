"""Participants' words as cells of other programs: never run as formulas, never commands.

A spreadsheet runs a cell of a CSV file that begins with = + - or @. An
apostrophe before it makes it text again; `unguarded` takes it off, so that
qualkit reads from its own files what it wrote.
"""

from __future__ import annotations

import re

_SIGNS = "=+\\-@＝＋－＠﹦﹢﹣﹫"
# White space, control and format characters: a spreadsheet may pass over them.
_UNSEEN = (
    "\\x00-\\x20\\x7f-\\xa0\\xad\\u061c\\u1680\\u180e\\u2000-\\u200f\\u2028-\\u202f"
    "\\u205f-\\u206f\\u3000\\ufeff\\ufff9-\\ufffb"
)
_FORMULA = re.compile(f"[\\t\\r\\n]|[{_UNSEEN}]*[{_SIGNS}]")

_CONTROLS = {
    # Control characters have pictures of their own: ␛ for the escape character.
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "␡",
    # The second set of them begins commands too, and has no pictures.
    **dict.fromkeys(range(0x80, 0xA0), "�"),
    # What turns the direction of all that follows.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "�"),
    **dict.fromkeys((0x2028, 0x2029), " "),
}
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


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


def visible(text: str) -> str:
    """Return a text whose control characters can be seen and do nothing; line ends and tabs stay.

    An escape sequence in somebody's words could else colour, hide or overwrite
    what stands on a terminal.

    >>> visible("a" + chr(27) + "[2Jb")
    'a␛[2Jb'
    """
    if _CONTROL.search(text) is None:
        return text
    text = text.replace("\r\n", "\n").translate(_CONTROLS)
    return text.encode("utf-8", "replace").decode("utf-8")
