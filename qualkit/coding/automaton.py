"""Many surface forms at once: one Aho-Corasick pass finds where each set of forms stands.

Aho, A. V., and Corasick, M. J. (1975). Efficient string matching: an aid to
bibliographic search. Communications of the ACM 18(6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from qualkit.coding.view import TextView
from qualkit.normalise import normalise_text

Place: TypeAlias = tuple[int, int]

# What is kept for each key: its length, whether the characters before and after
# matter, then the numbers of the sets that hold it as it stands, open to the
# right, or with capitals (and the spelling to compare).
_Entry: TypeAlias = tuple[
    int, bool, bool, tuple[int, ...], tuple[int, ...], tuple[tuple[str, bool, int], ...]
]


class PhraseIndex:
    """Sets of surface forms, all looked for in one pass.

    A set is known by the number that `add` returns; equal sets share one. A
    form must begin and end at the border of a word; it does not count before
    "'t" ("can" in "can't"). A form ending in `*` goes on to the word's end. A
    form with a capital is compared with the text as written. A form that
    begins with an apostrophe or "n't" may follow a letter ("'s low").
    """

    def __init__(self) -> None:
        self._set_numbers: dict[frozenset[str], int] = {}
        self._iterate: Callable[[str], Iterator[tuple[int, _Entry]]] | None = None

    def add(self, forms: Iterable[str]) -> int:
        """Take in a set of forms and return its number; to be done before `build`."""
        key = frozenset(form for form in forms if form.strip("* "))
        return self._set_numbers.setdefault(key, len(self._set_numbers))

    def build(self) -> None:
        """Make the automaton of all sets added."""
        import ahocorasick

        closed: dict[str, list[int]] = {}
        open_ended: dict[str, list[int]] = {}
        exact: dict[str, list[tuple[str, bool, int]]] = {}
        for forms, number in self._set_numbers.items():
            for form in sorted(forms):
                stem = " ".join(form.rstrip("*").split())
                key = normalise_text(stem)
                is_open = form.endswith("*")
                if stem != stem.lower():
                    exact.setdefault(key, []).append((stem, is_open, number))
                elif is_open:
                    open_ended.setdefault(key, []).append(number)
                else:
                    closed.setdefault(key, []).append(number)
        automaton = ahocorasick.Automaton()
        for key in {**closed, **open_ended, **exact}:
            entry: _Entry = (
                len(key),
                key[0].isalnum() and not key.startswith("n't"),
                key[-1].isalnum(),
                tuple(closed.get(key, ())),
                tuple(open_ended.get(key, ())),
                tuple(exact.get(key, ())),
            )
            automaton.add_word(key, entry)
        if len(automaton):
            automaton.make_automaton()
            self._iterate = automaton.iter

    def find(self, view: TextView) -> dict[int, list[Place]]:
        """Return where each set stands in the text: set number to places, in order of their ends.

        Parameters
        ----------
        view : TextView
            The text; places are positions in `view.plain`.
        """
        found: dict[int, list[Place]] = {}
        if self._iterate is None:
            return found
        plain = view.plain
        length = len(plain)
        for last, entry in self._iterate(plain):
            end = last + 1
            start = end - entry[0]
            if entry[1] and start and plain[start - 1].isalnum():
                continue
            inside = False
            if entry[2] and end < length:
                after = plain[end]
                inside = after.isalnum()
                if after == "'" and plain[end : end + 2] == "'t":
                    continue
            if not inside:
                for number in entry[3]:
                    found.setdefault(number, []).append((start, end))
            if entry[4] or entry[5]:
                _find_special(view, start, end, inside, entry, found)
        return found


def _find_special(
    view: TextView,
    start: int,
    end: int,
    inside: bool,
    entry: _Entry,
    found: dict[int, list[Place]],
) -> None:
    """Find forms open to the right and forms with capitals; `inside` when the word goes on."""
    word_end = _word_end(view.plain, end) if inside else end
    for number in entry[4]:
        found.setdefault(number, []).append((start, word_end))
    written = view.cased[start:end]
    for stem, is_open, number in entry[5]:
        if inside and not is_open:
            continue
        # Apostrophes and hyphens may be of another kind; letters may not.
        if all(a == b or not a.isalpha() for a, b in zip(stem, written, strict=True)):
            found.setdefault(number, []).append((start, word_end))


def _word_end(plain: str, position: int) -> int:
    while position < len(plain) and plain[position].isalnum():
        position += 1
    return position
