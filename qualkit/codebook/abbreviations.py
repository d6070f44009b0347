"""What case notes write for longer words, and frequent misspellings: `hv: health visitor`.

From a file that users extend to short forms that stand for words; `variants`
adds them to the surface forms of patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from qualkit.codebook.inflect import FUNCTION_WORDS
from qualkit.codebook.nodes import Faults, is_blank, line_of, read_mapping, read_text, read_tree
from qualkit.codebook.shipped import shipped_folder
from qualkit.codebook.words import EVERYDAY
from qualkit.errors import CodebookError

ABBREVIATIONS_FILE = "abbreviations.yaml"
CAPITALS = "="
"""Before a short form: it counts only with the capitals as written (`=SALT`)."""

_SHORT = re.compile(r"[A-Za-z0-9]+(?:['/&:][A-Za-z0-9]+)*/?")
_LONG = re.compile(r"[a-z']+(?: [a-z']+)*")
# A misspelt word is about as long as the word; what is much shorter has no verb's endings.
_LETTERS_LOST = 2
_LEAST_MISSPELT = 5
_SIBILANTS = ("s", "x", "z", "ch", "sh")


def load_shipped_abbreviations() -> dict[str, str]:
    """Return the shipped short forms and the words they stand for; none without the file.

    Raises
    ------
    CodebookError
        With every fault of the file, each with its line.
    """
    path = shipped_folder() / ABBREVIATIONS_FILE
    return load_abbreviations(path) if path.is_file() else {}


def load_abbreviations(path: Path) -> dict[str, str]:
    """Return the short forms of a YAML file; those without words are empty (taken out).

    Raises
    ------
    CodebookError
        With every fault of the file, each with its line.
    """
    faults = Faults(str(path))
    found = read_abbreviations(Path(path), faults)
    if faults.problems:
        raise CodebookError(faults.by_line())
    return found


def abbreviations_beside(
    path: Path, shared: Mapping[str, str] | None = None, faults: Faults | None = None
) -> dict[str, str]:
    """Return the shared short forms with those beside a codebook's file added or put in place.

    Parameters
    ----------
    path : Path
        The codebook's file.
    shared : mapping of str to str, optional
        Those shipped with qualkit if left out.
    faults : Faults, optional
        Takes the faults of the file beside it, in place of the error.

    Raises
    ------
    CodebookError
        With every fault of a file, each with its line.
    """
    known = load_shipped_abbreviations() if shared is None else dict(shared)
    own = path.parent / ABBREVIATIONS_FILE
    if path.name and own.is_file() and own.resolve().parent != shipped_folder().resolve():
        found = load_abbreviations(own) if faults is None else read_abbreviations(own, faults)
        known.update(found)
    return {short: long for short, long in known.items() if long}


def read_abbreviations(path: Path, faults: Faults) -> dict[str, str]:
    """Return the short forms of a YAML file that are without fault; the others are noted."""
    tree, _ = read_tree(path, faults)
    if tree is None:
        return {}
    found: dict[str, str] = {}
    fields = read_mapping(tree, faults, "the abbreviations", None)
    for short, node in fields.items():
        long = "" if is_blank(node) else read_text(fields, short, faults)
        fault = _fault_of(short, long)
        if fault:
            faults.add(line_of(node), f"'{short[:40]}': {fault}")
        else:
            found[short] = long
    return found


def _fault_of(short: str, long: str) -> str:
    """Return what is wrong with an entry, or nothing."""
    written = short.removeprefix(CAPITALS)
    if not _SHORT.fullmatch(written):
        return "a short form is one word of letters and digits, with ' / & or : between them"
    if sum(map(str.isalnum, written)) < 2 and not written.endswith("/"):
        return "one letter stands for too much: write at least two"
    if written != written.lower() and written == short:
        return f"write it in small letters, or {CAPITALS}{short} if its capitals must stand"
    if written == written.lower() and written != short:
        return f"after {CAPITALS} it needs its capitals ({CAPITALS}{written.upper()})"
    if short in EVERYDAY or short in FUNCTION_WORDS:
        return f"an everyday word: write {CAPITALS}{short.upper()}, which needs its capitals"
    if long and not _LONG.fullmatch(long):
        return "stands for one or more words in small letters, without punctuation"
    return "stands for itself" if long == written else ""


def endings(short: str, long: str) -> Iterator[tuple[str, str]]:
    """Yield a short form and the words it stands for, then both with their endings.

    Examples
    --------
    >>> list(endings("hv", "health visitor"))
    [('hv', 'health visitor'), ('hvs', 'health visitors')]
    >>> list(endings("recieve", "receive"))[2:]
    [('recieved', 'received'), ('recieving', 'receiving')]
    """
    yield short, long
    if not short[-1].isalnum() or long.endswith(("ss", "ed", "ly", "ing")):
        return
    yield _plural(short) if _is_misspelling(short, long) else short + "s", _plural(long)
    if _is_misspelling(short, long):
        if short.endswith("e") and long.endswith("e"):
            yield short + "d", long + "d"
            yield short[:-1] + "ing", long[:-1] + "ing"
        else:
            yield short + "ed", long + "ed"
            yield short + "ing", long + "ing"


def _is_misspelling(short: str, long: str) -> bool:
    return (len(short) >= _LEAST_MISSPELT and len(short) >= len(long) - _LETTERS_LOST) and short[
        -1
    ] == long[-1]


def _plural(word: str) -> str:
    if word.endswith("child"):
        return word + "ren"
    if word.endswith("person"):
        return word.removesuffix("person") + "people"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(_SIBILANTS) else "s")
