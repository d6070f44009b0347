"""Named lists of phrases: which are used, which are faulty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from qualkit.codebook.nodes import Faults
from qualkit.codebook.phrases import PhraseError, has_gap, list_names, parse_phrase
from qualkit.errors import near_matches

Lists = Mapping[str, tuple[str, ...]]


def check_lists(
    lists: Lists, shared: Lists, faults: Faults, lines: Mapping[str, tuple[int, ...]]
) -> None:
    """Note phrases that cannot be read, gaps, unknown names and circles in `lists`."""
    known = {**shared, **lists}
    for name, items in lists.items():
        for item, line in zip(items, lines[name], strict=True):
            where = f"list '{name}'"
            try:
                phrase = parse_phrase(item)
            except PhraseError as error:
                faults.add(line, f'{where}, "{item[:60]}": {error}')
                continue
            if has_gap(phrase):
                faults.add(line, f'{where}, "{item[:60]}": a list holds no gaps (...)')
            for unknown in unknown_names(item, known):
                faults.add(line, f"{where}: {unknown}")
        if items and name in set(_reached(items, known)):
            faults.add(
                lines[name][0], f"the list '{name}' names itself, directly or through others"
            )


def unknown_names(text: str, lists: Lists) -> Iterator[str]:
    """Yield what to say of each list that a readable phrase names but nobody has."""
    for named in list_names(parse_phrase(text)):
        if named.name not in lists:
            near = near_matches(named.name, lists, most=1)
            hint = f" (did you mean {{{near[0]}}}?)" if near else ""
            yield f"there is no list {{{named.name}}}{hint}"


def names_used(phrases: Iterable[str], lists: Lists) -> set[str]:
    """Return the lists that phrases name, directly or through other lists."""
    return set(_reached(phrases, lists))


def _reached(phrases: Iterable[str], lists: Lists) -> Iterator[str]:
    waiting = list(phrases)
    seen: set[str] = set()
    while waiting:
        try:
            phrase = parse_phrase(waiting.pop())
        except PhraseError:
            # Named as a fault where it stands.
            continue
        for named in list_names(phrase):
            if named.name not in seen:
                seen.add(named.name)
                yield named.name
                waiting.extend(lists.get(named.name, ()))
