"""Where a stretch with many forms may be cut into parts that follow each other directly.

A stretch of three alternatives of twenty forms each has 8,000 forms; cut in
three it has 60. It is not cut where two words shape each other (short forms,
denials).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qualkit.codebook.forms import VERBS_OF_DENIAL
from qualkit.codebook.inflect import inflections
from qualkit.codebook.phrases import Choice, Gap, Item, Word

ADJACENT = Gap(0)
# A stretch of no more forms stays in one piece.
FORMS_IN_ONE_PIECE = 120
# Cut off from its denial, a verb is found in every form ("did not slept"): a last resort.
FORMS_WITH_DENIAL = 1_500

_JOINS_WORD_BEFORE = frozenset(("be", "have", "not", "will", "would"))
_SHAPED_BY_WORD_AFTER = frozenset(("have",))
_SHAPES_WORD_AFTER = frozenset(("cannot", "not"))
# About how many ways there are to write these.
_NOT = Word("not")
_WAYS_OF_DENIAL = 9
_WAYS = {"be": 14, "cannot": 8, "have": 8, "not": 36}


def divided(items: Sequence[Item]) -> list[Item]:
    """Return the items with a gap of 0 words wherever a stretch is cut."""
    result: list[Item] = []
    run: list[Item] = []
    for item in items:
        if isinstance(item, Gap):
            result += [*_divided_run(run), item]
            run = []
        else:
            run.append(item)
    return result + _divided_run(run)


def _divided_run(run: list[Item]) -> list[Item]:
    if len(run) < 2 or _ways(run) <= FORMS_IN_ONE_PIECE:
        return run
    cuts = [i for i in range(1, len(run)) if _may_cut(run[:i], run[i:])]
    kindest = [i for i in cuts if not _last_words(run[:i]) & _SHAPES_WORD_AFTER]
    if not kindest and _ways(run) <= FORMS_WITH_DENIAL:
        return run
    cuts = kindest or cuts
    if not cuts:
        return run
    best = min(cuts, key=lambda i: _ways(run[:i]) + _ways(run[i:]))
    return [*_divided_run(run[:best]), ADJACENT, *_divided_run(run[best:])]


def _ways(items: Iterable[Item]) -> int:
    """Estimate the forms of items side by side."""
    ways = 1
    before: Item | None = None
    for item in items:
        if item == _NOT and isinstance(before, Word) and before.text in VERBS_OF_DENIAL:
            # "do not" is one denial of nine forms, not the product of both words' forms.
            ways = ways // _ways_of_item(before) * _WAYS_OF_DENIAL
        else:
            ways *= _ways_of_item(item)
        before = item
    return ways


def _ways_of_item(item: Item) -> int:
    if isinstance(item, Choice):
        return sum(_ways(option.items) for option in item.options) + item.optional
    if not isinstance(item, Word) or item.open_end or item.exact:
        return 1
    return _WAYS.get(item.text) or len(inflections(item.text))


def _may_cut(before: Sequence[Item], after: Sequence[Item]) -> bool:
    first, _ = _outer_words(after, from_end=False)
    return not _last_words(before) & _SHAPED_BY_WORD_AFTER and not any(
        word in _JOINS_WORD_BEFORE or word.startswith("'") for word in first
    )


def _last_words(items: Sequence[Item]) -> set[str]:
    return _outer_words(items, from_end=True)[0]


def _outer_words(items: Sequence[Item], *, from_end: bool) -> tuple[set[str], bool]:
    """Return the words at one end of the items, and whether all of them may be missing."""
    words: set[str] = set()
    for item in reversed(items) if from_end else items:
        if isinstance(item, Choice):
            found = [_outer_words(option.items, from_end=from_end) for option in item.options]
            words.update(*(outer for outer, _ in found))
            if not item.optional and not any(may_miss for _, may_miss in found):
                return words, False
        elif isinstance(item, Word):
            words.add(item.text)
            return words, False
    return words, True
