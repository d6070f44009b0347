"""From the tree of a phrase to stretches of surface forms with gaps between them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from qualkit.codebook.divide import ADJACENT, divided
from qualkit.codebook.forms import TooManyFormsError, surface_forms
from qualkit.codebook.phrases import Choice, Gap, Item, ListName, Phrase, Word

MOST_FORMS = 4_000
MOST_VARIANTS = 200

_Variant: TypeAlias = tuple[Item, ...]
_Parts: TypeAlias = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Parts with their surface forms, and the most words between neighbours."""

    parts: tuple[frozenset[str], ...]
    gaps: tuple[int, ...]


class ExpansionError(ValueError):
    """A phrase expands to too much, or names lists in a circle."""


def expand_phrase(
    phrase: Phrase, lists: Mapping[str, tuple[Phrase, ...]], *, divide: bool = True
) -> list[Stretches]:
    """Return the stretches of a phrase; several where gaps stand inside alternatives.

    Parameters
    ----------
    phrase : Phrase
        As read by `parse_phrase`.
    lists : mapping of str to tuple of Phrase
        The lists that may be named, read.
    divide : bool
        Whether a stretch of many forms is kept as parts that follow each other
        directly (a gap of 0 words), so that forms add up and do not multiply.

    Returns
    -------
    list of Stretches
        In a stable order.

    Raises
    ------
    ExpansionError
        When a part has more than `MOST_FORMS` forms, or there are more than
        `MOST_VARIANTS` ways through alternatives with gaps.
    """
    resolved = _resolve(phrase, lists, ())
    found: list[Stretches] = []
    for variant in _variants(resolved, divide=divide):
        found.extend(_stretches(variant))
    return _merged(found)


def expand_flat(phrase: Phrase, lists: Mapping[str, tuple[Phrase, ...]]) -> set[str]:
    """Return the forms of a phrase without gaps (`needs` and `unless`).

    Raises
    ------
    ExpansionError
        When the phrase has a gap, or a `*` before its end.
    """
    forms: set[str] = set()
    for stretches in expand_phrase(phrase, lists, divide=False):
        if any(stretches.gaps):
            raise ExpansionError("`...` cannot be used in needs and unless")
        if any(form.endswith("*") for part in stretches.parts[:-1] for form in part):
            raise ExpansionError("in needs and unless a * may only stand at the end")
        forms.update(" ".join(words) for words in itertools.product(*stretches.parts))
        _check_count(len(forms))
    return forms


def _resolve(
    phrase: Phrase, lists: Mapping[str, tuple[Phrase, ...]], within: tuple[str, ...]
) -> Phrase:
    """Put the lists' phrases in the place of their names."""
    items: list[Item] = []
    for item in phrase.items:
        if isinstance(item, ListName):
            if item.name in within:
                raise ExpansionError("lists name each other in a circle: " + " > ".join(within))
            if item.name not in lists:
                raise ExpansionError(f"there is no list called '{item.name}'")
            inner = (*within, item.name)
            items.append(Choice(tuple(_resolve(p, lists, inner) for p in lists[item.name])))
        elif isinstance(item, Choice):
            options = tuple(_resolve(option, lists, within) for option in item.options)
            items.append(Choice(options, item.optional))
        else:
            items.append(item)
    return Phrase(tuple(items))


def _variants(phrase: Phrase, *, divide: bool) -> list[_Variant]:
    """Return the ways through a phrase on which choices hold no gaps any more."""
    ways: list[_Variant] = [()]
    for item in divided(phrase.items) if divide else phrase.items:
        if isinstance(item, Choice):
            steps = _choice_variants(item, divide=divide)
        elif isinstance(item, Word) and item.has_capital:
            # A form with a capital is compared letter by letter, so it stands alone.
            steps = [(ADJACENT, item, ADJACENT)]
        elif isinstance(item, Word) and item.open_end:
            # Only the end of a part can be open.
            steps = [(item, ADJACENT)]
        else:
            steps = [(item,)]
        if len(ways) * len(steps) > MOST_VARIANTS:
            raise ExpansionError(
                f"has more than {MOST_VARIANTS} ways through its alternatives: split the pattern"
            )
        ways = [way + step for way in ways for step in steps]
    return ways


def _choice_variants(choice: Choice, *, divide: bool) -> list[_Variant]:
    plain: list[Phrase] = []
    steps: list[_Variant] = []
    for option in choice.options:
        variants = _variants(option, divide=divide)
        if len(variants) == 1 and not any(isinstance(item, Gap) for item in variants[0]):
            plain.append(option)
        else:
            steps.extend(variants)
    if not steps:
        return [(choice,)]
    if plain:
        steps.insert(0, (Choice(tuple(plain)),))
    if choice.optional:
        steps.append(())
    return steps


def _stretches(variant: _Variant) -> list[Stretches]:
    """Return one variant's stretches; more where a whole stretch is optional."""
    runs: list[list[Item]] = [[]]
    gaps: list[int] = []
    for item in variant:
        if isinstance(item, Gap):
            runs.append([])
            gaps.append(item.most)
        else:
            runs[-1].append(item)
    options: list[list[frozenset[str] | None]] = []
    for run in runs:
        sequences = _word_sequences(run)
        forms: set[str] = set()
        for words in sequences:
            if words:
                forms |= _forms(words)
                _check_count(len(forms))
        choices: list[frozenset[str] | None] = [frozenset(forms)] if forms else []
        if () in sequences:
            choices.append(None)
        options.append(choices)
    ways = itertools.product(*options)
    return [found for way in ways if (found := _without_empty(way, gaps)) is not None]


def _without_empty(way: tuple[frozenset[str] | None, ...], gaps: list[int]) -> Stretches | None:
    """Leave out empty parts; the gaps on both sides of one add up."""
    parts: list[frozenset[str]] = []
    kept: list[int] = []
    between = 0
    for i, part in enumerate(way):
        if i:
            between += gaps[i - 1]
        if part is None:
            continue
        if parts:
            kept.append(between)
        parts.append(part)
        between = 0
    return Stretches(tuple(parts), tuple(kept)) if parts else None


def _forms(words: tuple[Word, ...]) -> set[str]:
    try:
        return surface_forms(words, MOST_FORMS)
    except TooManyFormsError as error:
        raise ExpansionError(_too_many(error.count)) from error


def _check_count(count: int) -> None:
    if count > MOST_FORMS:
        raise ExpansionError(_too_many(count))


def _too_many(count: int) -> str:
    return f"expands to {count:,} forms or more (at most {MOST_FORMS:,}): split the pattern"


def _word_sequences(items: list[Item]) -> set[tuple[Word, ...]]:
    sequences: set[tuple[Word, ...]] = {()}
    for item in items:
        steps: set[tuple[Word, ...]] = set()
        if isinstance(item, Word):
            steps.add((item,))
        elif isinstance(item, Choice):
            for option in item.options:
                steps |= _word_sequences(list(option.items))
            if item.optional:
                steps.add(())
        _check_count(len(sequences) * len(steps))
        sequences = {before + after for before in sequences for after in steps}
    return sequences


def _merged(found: list[Stretches]) -> list[Stretches]:
    """Join stretches that differ in one part only, so that fewer rules come out."""
    merged = list(dict.fromkeys(found))
    longest = max((len(stretches.parts) for stretches in merged), default=0)
    for i in reversed(range(longest)):
        groups: dict[tuple[_Parts, _Parts, tuple[int, ...]], frozenset[str]] = {}
        short = [stretches for stretches in merged if len(stretches.parts) <= i]
        for stretches in merged:
            if len(stretches.parts) > i:
                key = (stretches.parts[:i], stretches.parts[i + 1 :], stretches.gaps)
                groups[key] = groups.get(key, frozenset()) | stretches.parts[i]
        joined = [
            Stretches((*before, part, *after), gaps)
            for (before, after, gaps), part in groups.items()
        ]
        merged = joined + short
    for stretches in merged:
        for part in stretches.parts:
            _check_count(len(part))
    return merged
