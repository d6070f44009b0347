"""Of the matches of a code that overlap, the longest that stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from qualkit.coding.matcher import Match, Place


def longest_standing(
    matches: Sequence[Match], fault: Callable[[Match], Place | None]
) -> tuple[list[Match], list[Match]]:
    """Return the matches that count and, of the others, the longest at each place.

    Where a longer match of a code falls, a shorter one may still count; not so
    if what speaks against the longer stands within either, since "CAMHS did not
    help" is no "CAMHS".

    Parameters
    ----------
    matches : sequence of Match
        Of any codes.
    fault : callable
        Where the words stand that speak against a match: None when it stands, an
        empty place when no words do. Not asked of what a longer match hides.

    Returns
    -------
    list of Match, list of Match
        Of each code, standing matches that overlap no longer standing one; then
        fallen ones that overlap no longer one. Equally placed ones stay beside
        each other.
    """
    kept: list[Match] = []
    fallen: list[Match] = []
    if len(matches) == 1 or len({match.rule.key for match in matches}) == len(matches):
        for match in matches:
            (kept if fault(match) is None else fallen).append(match)
        return kept, fallen
    of_code: dict[int, list[Match]] = {}
    for match in matches:
        of_code.setdefault(match.rule.key, []).append(match)
    for of_one in of_code.values():
        for group in _touching(of_one):
            standing, dropped = _standing_of_group(group, fault)
            kept += standing
            fallen += dropped
    return kept, fallen


def _touching(matches: list[Match]) -> Iterator[list[Match]]:
    """Yield the matches in groups that no other overlaps, so that each is small."""
    matches.sort(key=_start)
    group: list[Match] = []
    end = 0
    for match in matches:
        if group and match.start >= end:
            yield group
            group = []
        group.append(match)
        end = max(end, match.end)
    yield group


def _start(match: Match) -> int:
    return match.start


def _standing_of_group(
    matches: list[Match], fault: Callable[[Match], Place | None]
) -> tuple[list[Match], list[Match]]:
    """Do what `longest_standing` says for matches of one code that lie together."""
    matches.sort(key=_length_first)
    standing: list[Match] = []
    dropped: list[tuple[Match, Place]] = []
    for match in matches:
        if any(_shares_words(match, other) for other in standing):
            continue
        longer = [(other, cue) for other, cue in dropped if _shares_words(match, other)]
        if any(_stands_in(cue, other) or _stands_in(cue, match) for other, cue in longer):
            continue
        place = fault(match)
        if place is None:
            standing.append(match)
        elif not longer:
            dropped.append((match, place))
    return standing, [match for match, _ in dropped]


def _shares_words(match: Match, other: Match) -> bool:
    """Whether two matches overlap, but are not at the very same place."""
    return (
        match.start < other.end
        and other.start < match.end
        and (match.start != other.start or match.end != other.end)
    )


def _stands_in(cue: Place, match: Match) -> bool:
    return cue[0] < cue[1] and cue[0] < match.end and match.start < cue[1]


def _length_first(match: Match) -> tuple[int, int, float, str, tuple[Place, ...]]:
    rule = match.rule
    return match.start - match.end, match.start, -rule.score, rule.rule_id, match.parts
