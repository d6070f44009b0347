"""Many surface forms at once: one Aho-Corasick pass finds where each form stands.

Forms belong to sets, the alternatives of a part of a rule. A common word may
belong to hundreds of sets, so that places are noted per form; the places of a
set are gathered only when they are asked for. Of each rule one set is watched:
its forms lead to the rule. The others are required: whether they stand is
gathered when the first such rule is met.

References
----------
Aho, A. V., and Corasick, M. J. (1975). Efficient string matching: an aid to
bibliographic search. Communications of the ACM 18(6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from qualkit.coding.view import TextView
from qualkit.normalise import normalise_text

Place: TypeAlias = tuple[int, int]

_NO_FORM = -1
_NOWHERE: tuple[Place, ...] = ()
# What is kept for each key: its length, whether the characters before and after
# matter, then the numbers of the forms it stands for: as it is, open to the right,
# and with capitals (the spelling to compare, whether open, the number).
_Entry: TypeAlias = tuple[int, bool, bool, int, int, tuple[tuple[str, bool, int], ...]]


class Found:
    """Where forms stand in one text."""

    __slots__ = ("_here", "_index", "_places", "_standing", "by_form")

    def __init__(self, index: PhraseIndex) -> None:
        self._index = index
        self._places: dict[int, Sequence[Place]] = {}
        self._standing: set[int] | None = None
        self._here: frozenset[int] = frozenset()
        self.by_form: dict[int, list[Place]] = {}

    def standing(self) -> set[int]:
        """Return the required sets of which a form stands in the text."""
        standing = self._standing
        if standing is None:
            requirers = self._index.requirers
            standing = self._standing = set()
            for form in self.by_form:
                sets = requirers.get(form)
                if sets is not None:
                    standing.update(sets)
        return standing

    def places(self, number: int) -> Sequence[Place]:
        """Return where the forms of set `number` stand, in order and each place once."""
        places = self._places.get(number)
        if places is None:
            forms = self._index.sets[number]
            if len(forms) == 1:
                (form,) = forms
                places = self.by_form.get(form, _NOWHERE)
            else:
                if not self._here:
                    self._here = frozenset(self.by_form)
                here = self._here & forms
                if len(here) == 1:
                    (form,) = here
                    places = self.by_form[form]
                elif here:
                    places = sorted({place for form in here for place in self.by_form[form]})
                else:
                    places = _NOWHERE
            self._places[number] = places
        return places

    def watched(self) -> list[int]:
        """Return the watched sets of which a form stands in the text, in order."""
        watchers = self._index.watchers
        found: set[int] = set()
        for form in self.by_form:
            sets = watchers.get(form)
            if sets is not None:
                found.update(sets)
        return sorted(found) if len(found) > 1 else list(found)


class PhraseIndex:
    """Sets of surface forms, all looked for in one pass.

    A set is known by the number that `add` returns; equal sets share one. A
    form must begin and end at the border of a word; it does not count before
    "'t" ("can" in "can't"). A form ending in `*` goes on to the word's end. A
    form with a capital is compared with the text as written. A form that
    begins with an apostrophe or "n't" may follow a letter ("'s low").

    Attributes
    ----------
    sets : list of frozenset of int
        The numbers of each set's forms.
    watchers, requirers : dict
        For a form, the watched or required sets that hold it.
    """

    def __init__(self) -> None:
        self.sets: list[frozenset[int]] = []
        self.watchers: dict[int, tuple[int, ...]] = {}
        self.requirers: dict[int, tuple[int, ...]] = {}
        self._set_numbers: dict[frozenset[int], int] = {}
        self._known: dict[tuple[str, ...], int] = {}
        self._form_numbers: dict[str, int] = {}
        self._watched: set[int] = set()
        self._required: set[int] = set()
        self._iterate: Callable[[str], Iterator[tuple[int, _Entry]]] | None = None

    def add(self, forms: Iterable[str]) -> int:
        """Take in a set of forms and return its number; to be done before `build`."""
        forms = tuple(forms)
        known = self._known.get(forms)
        if known is not None:
            return known
        numbers = self._form_numbers
        key = frozenset(
            numbers.setdefault(form, len(numbers)) for form in forms if form.strip("* ")
        )
        number = self._set_numbers.setdefault(key, len(self.sets))
        if number == len(self.sets):
            self.sets.append(key)
        self._known[forms] = number
        return number

    def watch(self, number: int) -> None:
        """Have a set looked up for every text; to be done before `build`."""
        self._watched.add(number)

    def require(self, numbers: Iterable[int]) -> None:
        """Have `Found.standing` know of sets; to be done before `build`."""
        self._required.update(numbers)

    def build(self) -> None:
        """Make the automaton of all forms added."""
        import ahocorasick

        closed: dict[str, int] = {}
        open_ended: dict[str, int] = {}
        exact: dict[str, list[tuple[str, bool, int]]] = {}
        for form, number in self._form_numbers.items():
            is_open = form[-1] == "*"
            stem = " ".join(form.rstrip("*").split()) if is_open or "  " in form else form.strip()
            key = normalise_text(stem)
            if stem != key and stem != stem.lower():
                exact.setdefault(key, []).append((stem, is_open, number))
            elif is_open:
                open_ended[key] = number
            else:
                closed[key] = number
        automaton = ahocorasick.Automaton()
        add_word = automaton.add_word
        special = {**open_ended, **exact}
        for key, number in closed.items():
            if key not in special:
                add_word(key, _entry(key, number, _NO_FORM, ()))
        for key in special:
            number = closed.get(key, _NO_FORM)
            number_of_open = open_ended.get(key, _NO_FORM)
            add_word(key, _entry(key, number, number_of_open, tuple(exact.get(key, ()))))
        if len(automaton):
            automaton.make_automaton()
            self._iterate = automaton.iter
        self.watchers = self._holders(self._watched)
        self.requirers = self._holders(self._required)

    def _holders(self, numbers: set[int]) -> dict[int, tuple[int, ...]]:
        """Return, for each form, which of these sets hold it."""
        holders: dict[int, list[int]] = {}
        for number in sorted(numbers):
            for form in self.sets[number]:
                holders.setdefault(form, []).append(number)
        return {form: tuple(sets) for form, sets in holders.items()}

    def find(self, view: TextView) -> Found:
        """Return where forms stand in a text; places are positions in `view.plain`."""
        found = Found(self)
        if self._iterate is None:
            return found
        by_form = found.by_form
        plain = view.plain
        length = len(plain)
        for last, (size, left, right, closed, open_ended, exact) in self._iterate(plain):
            end = last + 1
            start = end - size
            if left and start and plain[start - 1].isalnum():
                continue
            inside = False
            if right and end < length:
                after = plain[end]
                inside = after.isalnum()
                if after == "'" and plain[end : end + 2] == "'t":
                    continue
            if closed >= 0 and not inside:
                by_form.setdefault(closed, []).append((start, end))
            if open_ended >= 0 or exact:
                _find_special(view, (start, end), inside, open_ended, exact, by_form)
        return found


def _entry(
    key: str, closed: int, open_ended: int, exact: tuple[tuple[str, bool, int], ...]
) -> _Entry:
    left = key[0].isalnum() and not key.startswith("n't")
    return len(key), left, key[-1].isalnum(), closed, open_ended, exact


def _find_special(
    view: TextView,
    place: Place,
    inside: bool,
    open_ended: int,
    exact: tuple[tuple[str, bool, int], ...],
    by_form: dict[int, list[Place]],
) -> None:
    """Find forms open to the right and forms with capitals; `inside` when the word goes on."""
    start, end = place
    word_end = _word_end(view.plain, end) if inside else end
    if open_ended >= 0:
        by_form.setdefault(open_ended, []).append((start, word_end))
    written = view.cased[start:end]
    for stem, is_open, number in exact:
        if inside and not is_open:
            continue
        # Apostrophes and hyphens may be of another kind; letters may not.
        if all(a == b or not a.isalpha() for a, b in zip(stem, written, strict=True)):
            by_form.setdefault(number, []).append((start, word_end))


def _word_end(plain: str, position: int) -> int:
    while position < len(plain) and plain[position].isalnum():
        position += 1
    return position
