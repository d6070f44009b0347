"""Forms that no tree of words can hold, and the Aho-Corasick automaton that finds them.

References
----------
Aho, A. V., and Corasick, M. J. (1975). Efficient string matching: an aid to
bibliographic search. Communications of the ACM 18(6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

from qualkit.coding.view import TextView
from qualkit.normalise import normalise_text

Entry = TypeVar("Entry")
Search: TypeAlias = Callable[[str], Iterator[tuple[int, Entry]]]
# Where a form stands, and its number.
Hit: TypeAlias = tuple[int, int, int]

# With this, as with an apostrophe, a form may begin inside a word.
AFTER_LETTER = "n't"
_NO_WORD = re.compile(r"[\W_]")
_ASCII_BLANKS = bytes(i if chr(i).isalnum() else 32 for i in range(128)) + bytes(128)
# A form as it is looked for: in small letters, whether it is open to the right, how it
# is written where its capitals matter, and its number.
OddEntry: TypeAlias = tuple[str, bool, str, int]


class OddForms:
    """Forms that do not begin and end with whole words, or that have capitals.

    A form ending in `*` goes on to the word's end. A form with a capital is
    compared with the text as written. A form that begins with an apostrophe or
    "n't" may follow a letter ("'s low").

    Parameters
    ----------
    forms : iterable of (form, number)
        The forms, and by what number `hits` is to report each.

    Attributes
    ----------
    sought : mapping of str to list
        What to look for in a text as `blanked` gives it, with a blank before it,
        and the entries to hand to `hits` where it stands.
    """

    def __init__(self, forms: Iterable[tuple[str, int]] = ()) -> None:
        self.sought: dict[str, list[OddEntry]] = {}
        self._within: Search[list[OddEntry]] | None = None
        # Of each form that may begin within a word, a character that it holds.
        self._marks: set[str] = set()
        within: dict[str, list[OddEntry]] = {}
        for form, number in forms:
            is_open = form[-1] == "*"
            stem = " ".join(form.rstrip("*").split())
            key = normalise_text(stem)
            written = stem if stem != key and stem != stem.lower() else ""
            entry = key, is_open, written, number
            if key[0].isalnum() and not key.startswith(AFTER_LETTER):
                self.sought.setdefault(f" {blanked(key)}", []).append(entry)
            else:
                self._marks.add("'" if key.startswith(AFTER_LETTER) else key[0])
                within.setdefault(key, []).append(entry)
        if within:
            self._within = automaton_of(within)

    def hits(self, view: TextView, blanks: str, met: list[tuple[int, list[OddEntry]]]) -> list[Hit]:
        """Return where forms stand in `view.plain`, and the number of each.

        Parameters
        ----------
        view : TextView
            The text.
        blanks : str
            The same text as `blanked` gives it.
        met : list of (int, entries)
            Where the strings of `sought` end in it.
        """
        hits: list[Hit] = []
        plain = view.plain
        if self._within and any(mark in plain for mark in self._marks):
            met = met + [(last + 1, entries) for last, entries in self._within(plain)]
        for end, entries in met:
            for key, is_open, written, number in entries:
                start = end - len(key)
                if not plain.startswith(key, start):
                    continue
                word_end = end
                if key[-1].isalnum():
                    word_end = _word_end(blanks, end)
                    if plain.startswith("'t", end) or (word_end > end and not is_open):
                        continue
                if not written or _is_written(written, view.cased[start:end]):
                    hits.append((start, word_end, number))
        return hits


def automaton_of(entries: Mapping[str, Entry]) -> Search[Entry]:
    """Return what yields the entries met in a text, each with its last position."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for key, entry in entries.items():
        automaton.add_word(key, entry)
    automaton.make_automaton()
    search: Search[Entry] = automaton.iter
    return search


def blanked(plain: str) -> str:
    """Return a text with a blank for each character that is no letter or digit."""
    if plain.isascii():
        return plain.encode("ascii").translate(_ASCII_BLANKS).decode("ascii")
    return _NO_WORD.sub(" ", plain)


def _word_end(blanks: str, position: int) -> int:
    end = blanks.find(" ", position)
    return end if end >= 0 else len(blanks)


def _is_written(stem: str, written: str) -> bool:
    """Whether a text has a form's letters; apostrophes and hyphens may be of another kind."""
    return all(a == b or not a.isalpha() for a, b in zip(stem, written, strict=True))
