"""Where a stretch with many forms may be cut into parts that follow each other directly.

A stretch of three alternatives of twenty forms each has 8,000 forms; cut in
three it has 60. It is not cut where two words shape each other (short forms,
denials).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from qualkit.codebook.inflect import inflections
from qualkit.codebook.phrases import Choice, Gap, Item, Word

ADJACENT = Gap(0)
# A stretch of no more forms stays in one piece.
FORMS_IN_ONE_PIECE = 300

_JOINS_WORD_BEFORE = frozenset(("be", "have", "not", "will", "would"))
_SHAPED_BY_WORD_AFTER = frozenset(("have",))
# About how many ways there are to write these.
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
    if not cuts:
        return run
    best = min(cuts, key=lambda i: _ways(run[:i]) + _ways(run[i:]))
    return [*_divided_run(run[:best]), ADJACENT, *_divided_run(run[best:])]


def _ways(items: Iterable[Item]) -> int:
    """Estimate the forms of items side by side."""
    return math.prod(_ways_of_item(item) for item in items)


def _ways_of_item(item: Item) -> int:
    if isinstance(item, Choice):
        return sum(_ways(option.items) for option in item.options) + item.optional
    if not isinstance(item, Word) or item.open_end or item.exact:
        return 1
    return _WAYS.get(item.text) or len(inflections(item.text))


def _may_cut(before: Sequence[Item], after: Sequence[Item]) -> bool:
    last, _ = _outer_words(before, from_end=True)
    first, _ = _outer_words(after, from_end=False)
    return not any(word in _SHAPED_BY_WORD_AFTER for word in last) and not any(
        word in _JOINS_WORD_BEFORE or word.startswith("'") for word in first
    )


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
