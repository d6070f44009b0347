"""Surface forms with abbreviations and misspellings in the place of the words they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from qualkit.codebook.abbreviations import CAPITALS, endings

# The words that a short form stands for, and the short form.
_Entry: TypeAlias = tuple[tuple[str, ...], str]


class Variants:
    """Adds to forms what notes write for their words.

    Parameters
    ----------
    abbreviations : mapping of str to str
        Short forms and the words they stand for.
    """

    def __init__(self, abbreviations: Mapping[str, str]) -> None:
        self._by_first: dict[str, list[_Entry]] = {}
        # Compared letter by letter, so they stand for whole forms only.
        self._of_whole: dict[str, list[str]] = {}
        for written, long in abbreviations.items():
            for short, meant in endings(written.removeprefix(CAPITALS), long):
                if written.startswith(CAPITALS):
                    self._of_whole.setdefault(meant, []).append(short)
                else:
                    words = tuple(meant.split(" "))
                    self._by_first.setdefault(words[0], []).append((words, short))
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}

    def added(self, forms: tuple[str, ...], most: int) -> tuple[str, ...]:
        """Return the forms with their variants, sorted; as they are if more than `most`."""
        found = self._known.get(forms)
        if found is None:
            found = tuple(sorted(self.of_forms(forms).union(forms)))
            self._known[forms] = found
        return found if len(found) <= most else forms

    def of_forms(self, forms: Iterable[str]) -> set[str]:
        """Return the variants of some forms, without the forms."""
        found: set[str] = set()
        for form in forms:
            words = form.split(" ")
            if not self._by_first.keys().isdisjoint([_stem(word) for word in words]):
                found.update(self._ways(words))
                found.discard(form)
            found.update(self._of_whole.get(form, ()))
        return found

    def _ways(self, words: list[str]) -> list[str]:
        """Return every way to write some words, long or short."""
        if not words:
            return [""]
        ways = [f"{words[0]} {rest}".rstrip() for rest in self._ways(words[1:])]
        for meant, short in self._by_first.get(_stem(words[0]), ()):
            size = len(meant)
            last = words[size - 1] if len(words) >= size else ""
            if _same(words[:size], meant):
                written = short + last[len(meant[-1]) :]
                ways += [f"{written} {rest}".rstrip() for rest in self._ways(words[size:])]
        return ways


def _stem(word: str) -> str:
    """Return a word without the 's of an owner."""
    return word.removesuffix("'s")


def _same(words: list[str], meant: tuple[str, ...]) -> bool:
    """Whether words are those meant, the last one perhaps an owner's."""
    return (
        len(words) == len(meant)
        and tuple(words[:-1]) == meant[:-1]
        and words[-1] in (meant[-1], meant[-1] + "'s")
    )
