"""Many surface forms at once: where in a text each of them stands.

Forms belong to sets, the alternatives of a part of a rule. Forms that belong to
the very same sets make a bundle, so that what follows from one of them is worked
out once for all. Forms stand in a tree of dictionaries, a word a step, and most
words of a text begin none. Forms of another shape are left to `automaton`, which
also finds where the forms of the tree may begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from qualkit.coding.automaton import (
    AFTER_LETTER,
    Hit,
    OddEntry,
    OddForms,
    Search,
    automaton_of,
    blanked,
)
from qualkit.coding.view import TextView
from qualkit.normalise import normalise_text

# A word with what parts it from the word before.
_STEP = re.compile(r"[\W_]*[^\W_]+")
_BORDER = "|"
_AT_A_TIME = 1_000
_NO_BUNDLE = -1


class _Node:
    """Some words with which forms begin: whether they are one, and how forms go on."""

    __slots__ = ("bundle", "following", "size")

    def __init__(self, bundle: int, following: dict[str, _Node] | None, size: int) -> None:
        self.bundle = bundle
        self.following = following
        # The letters of a first word; nothing to know for words that follow.
        self.size = size


# What may begin with a word: the forms of the tree, and odd ones.
_Start: TypeAlias = tuple[_Node | None, list[OddEntry] | None]
_NO_START: _Start = (None, None)


class FormIndex:
    """Sets of surface forms, all looked for at once.

    A set is known by the number that `add` returns. A form must begin and end
    at the border of a word; it does not count before "'t" ("can" in "can't").
    For what else a form may be, see `automaton.OddForms`.

    Attributes
    ----------
    bundles : list of tuple of int
        The sets to which the forms of each bundle belong.
    n_plain : int
        The bundles from here on are single odd forms, places of which may be
        places of other forms too.
    """

    def __init__(self) -> None:
        self.bundles: list[tuple[int, ...]] = []
        self.n_plain = 0
        self._set_numbers: dict[tuple[str, ...], int] = {}
        self._odd: OddForms | None = None
        self._search: Search[_Start] = lambda text: iter(())

    def add(self, forms: Iterable[str]) -> int:
        """Take in a set of forms and return its number; to be done before `build`."""
        return self._set_numbers.setdefault(tuple(forms), len(self._set_numbers))

    def build(self) -> None:
        """Make the tree of all forms added."""
        classes, members = _classes(self._set_numbers)
        plain: dict[str, int] = {}
        odd: list[tuple[str, int]] = []
        bundles: dict[int, int] = {}
        for (form, old), key in zip(classes.items(), _normalised(list(classes)), strict=True):
            if form == key and _is_plain(key):
                bundle = bundles.get(old)
                if bundle is None:
                    bundle = bundles[old] = self._bundle(members(old))
                plain[key] = bundle
            elif form.strip("* "):
                odd.append((form, old))
        self.n_plain = len(self.bundles)
        if odd:
            self._odd = OddForms((form, self._bundle(members(old))) for form, old in odd)
        starts: dict[str, _Start] = {
            f" {word} ": (node, None) for word, node in _tree(plain).items()
        }
        if self._odd is not None:
            for key, entries in self._odd.sought.items():
                starts[key] = (starts.get(key, _NO_START)[0], entries)
        if starts:
            self._search = automaton_of(starts)
        self._set_numbers = {}

    def _bundle(self, sets: tuple[int, ...]) -> int:
        self.bundles.append(sets)
        return len(self.bundles) - 1

    def find(self, view: TextView) -> list[Hit]:
        """Return where forms stand in `view.plain`, and of which bundle each is, in order."""
        hits: list[Hit] = []
        plain = view.plain
        blanks = blanked(plain)
        denials = "'t" in plain
        met: list[tuple[int, list[OddEntry]]] = []
        # Of the blank before the text and the one after it, the first moves positions by one.
        for last, (node, odd) in self._search(f" {blanks} "):
            if odd:
                met.append((last, odd))
            if node is None:
                continue
            end = last - 1
            start = end - node.size
            while True:
                if node.bundle >= 0 and not (denials and plain.startswith("'t", end)):
                    hits.append((start, end, node.bundle))
                if node.following is None:
                    break
                before = end
                end = _next_word_end(blanks, end)
                node = node.following.get(plain[before:end])
                if node is None:
                    break
        if self._odd is not None:
            more = self._odd.hits(view, blanks, met)
            if more:
                hits += more
                hits.sort()
        return hits


def _next_word_end(blanks: str, end: int) -> int:
    """Return where the word after `end` ends, or the text."""
    length = len(blanks)
    start = end + 1
    while start < length and blanks[start] == " ":
        start += 1
    end = blanks.find(" ", start)
    return end if end >= 0 else length


def _is_plain(key: str) -> bool:
    """Whether a form consists of whole words with single spaces."""
    return (
        key[:1].isalnum()
        and key[-1].isalnum()
        and "  " not in key
        and key[: len(AFTER_LETTER)] != AFTER_LETTER
    )


def _normalised(forms: Sequence[str]) -> Sequence[str]:
    """Return the forms as `normalise_text` writes them, many at a time where that can be."""
    normalised: list[str] = []
    for first in range(0, len(forms), _AT_A_TIME):
        some = forms[first : first + _AT_A_TIME]
        together = normalise_text(_BORDER.join(some)).split(_BORDER)
        normalised += together if len(together) == len(some) else map(normalise_text, some)
    return normalised


def _classes(
    sets: Iterable[Iterable[str]],
) -> tuple[dict[str, int], Callable[[int], tuple[int, ...]]]:
    """Return a class for each form, and what tells the sets of a class.

    Forms are of one class when they belong to the same sets. Classes are split
    again and again: the forms of each set leave theirs for new ones.
    """
    classes: dict[str, int] = {}
    steps: list[tuple[int, int]] = [(0, 0)]
    for number, forms in enumerate(sets):
        moved: dict[int, int] = {}
        for form in forms:
            old = classes.get(form, 0)
            new = moved.get(old)
            if new is None:
                new = moved[old] = len(steps)
                steps.append((old, number))
            classes[form] = new

    def members(one: int) -> tuple[int, ...]:
        numbers = []
        while one:
            one, number = steps[one]
            numbers.append(number)
        return tuple(numbers)

    return classes, members


def _tree(bundles: Mapping[str, int]) -> dict[str, _Node]:
    """Return the tree of forms, word by word; `bundles` says of which bundle each is."""
    homes: dict[str, dict[str, _Node]] = {"": {}}
    leaves: dict[int, _Node] = {}
    steps: dict[str, str] = {}

    def home(begun: str) -> dict[str, _Node]:
        """Return what may follow on some words."""
        before, step = _last_step(begun)
        siblings = homes.get(before)
        if siblings is None:
            siblings = home(before)
        node = siblings.get(step)
        following = homes[begun] = {}
        siblings[step] = _Node(_NO_BUNDLE if node is None else node.bundle, following, len(step))
        return following

    for form, bundle in bundles.items():
        before, blank, word = form.rpartition(" ")
        if word.isalnum() and (not blank or before[-1].isalnum()):
            step = blank + word
        else:
            before, step = _last_step(form)
        siblings = homes.get(before)
        if siblings is None:
            siblings = home(before)
        node = siblings.get(step)
        if node is not None:
            node.bundle = bundle
        elif not before:
            siblings[step] = _Node(bundle, None, len(step))
        else:
            # Longer forms are many, and those of a bundle end alike.
            leaf = leaves.get(bundle)
            if leaf is None:
                leaf = leaves[bundle] = _Node(bundle, None, 0)
            siblings[steps.setdefault(step, step)] = leaf
    return homes[""]


def _last_step(form: str) -> tuple[str, str]:
    """Part a form before its last word."""
    *_, last = _STEP.finditer(form)
    return form[: last.start()], last.group()
