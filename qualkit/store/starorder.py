"""What a family's readings come to: which stand, which are set aside, first and last.

A reading is known by its date, or, without one, by which assessment it was. One without a
date stands before all others if it is of the first assessment, else after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

FIRST = 0
TWICE = (
    "another row has this reference and assessment with other readings; two families may have"
    " one reference, and neither row is taken"
)
EARLY = "a review that is dated before the first reading"
LATE = "a first reading that is dated after a review which the project has"

Occasion: TypeAlias = tuple[str, int]
"""ISO date or empty, and which assessment it was said to be (see `ParsedReadings`)."""


class Told(NamedTuple):
    """Readings of one family at one assessment, as a row tells them.

    `n` numbers them; a wide row tells of several, all of which have its `row`.
    """

    n: int
    occasion: Occasion
    readings: Mapping[str, int]
    row: str = ""


class Stored(NamedTuple):
    """One reading as the project has it."""

    domain: str
    occasion: Occasion
    reading: int


class Settled(NamedTuple):
    """What rows come to beside what was there.

    `readings` are all that stand now; `new`, `changed` and `there` count those of the rows;
    `aside` maps a row's number to the reason.
    """

    readings: dict[tuple[str, Occasion], int]
    new: int
    changed: int
    there: int
    aside: dict[int, str]


def known_by(occasion: Occasion) -> Occasion:
    """Return what makes two occasions one: the date, or without one which assessment it was."""
    return (occasion[0], -1) if occasion[0] else occasion


def order(occasion: Occasion) -> tuple[int, str, int]:
    """Return what occasions are sorted by."""
    read_on, review = occasion
    if read_on:
        return 1, read_on, 0
    return (0 if review == FIRST else 2), "", review


def settle(stored: Iterable[Stored], told: Iterable[Told]) -> Settled:
    """Return what a family's rows come to beside the readings that are there already.

    Rows that contradict each other are all set aside; a row that contradicts what an
    earlier import brought changes it.
    """
    rows = list(told)
    was: dict[tuple[str, Occasion], tuple[Occasion, int]] = {
        (item.domain, known_by(item.occasion)): (item.occasion, item.reading) for item in stored
    }
    aside = _contradictory(rows)
    kept = [row for row in rows if row.n not in aside]
    aside |= _out_of_order([occasion for occasion, _ in was.values()], kept)
    new = changed = there = 0
    seen: set[tuple[str, Occasion]] = set()
    for row in kept:
        if row.n in aside:
            continue
        for domain, reading in row.readings.items():
            key = domain, known_by(row.occasion)
            before = was.get(key)
            if key not in seen:
                seen.add(key)
                new += before is None
                changed += before is not None and before[1] != reading
                there += before is not None and before[1] == reading
            # What says more of which assessment it was is kept, whichever row comes first.
            was[key] = max(before[0], row.occasion) if before else row.occasion, reading
    readings = {(domain, occasion): reading for (domain, _), (occasion, reading) in was.items()}
    return Settled(readings, new, changed, there, aside)


def _contradictory(rows: Sequence[Told]) -> dict[int, str]:
    """Return the rows that tell other readings of one domain and assessment than another row."""
    told: dict[tuple[str, Occasion], set[int]] = {}
    for row in rows:
        for domain, reading in row.readings.items():
            told.setdefault((domain, known_by(row.occasion)), set()).add(reading)
    aside = {
        row.n: TWICE
        for row in rows
        if any(len(told[domain, known_by(row.occasion)]) > 1 for domain in row.readings)
    }
    # Where one assessment of a row may be another family's, so may the rest of it.
    doubtful = {row.row for row in rows if row.n in aside and row.row}
    return aside | {row.n: TWICE for row in rows if row.row in doubtful}


def _out_of_order(stored: Iterable[Occasion], rows: Iterable[Told]) -> dict[int, str]:
    """Return the rows of reviews dated before the first reading."""
    here, told = list(stored), list(rows)
    dated = [o for o in (*here, *(row.occasion for row in told)) if o[0] and o[1] == FIRST]
    if not dated:
        return {}
    first_on = min(dated)[0]
    before = [o for o in here if o[0] and o[1] > FIRST and o[0] < first_on]
    if before:
        # Only a row of this import can have made it so.
        return {row.n: LATE for row in told if row.occasion[0] and row.occasion[1] == FIRST}
    return {
        row.n: EARLY
        for row in told
        if row.occasion[0] and row.occasion[1] > FIRST and row.occasion[0] < first_on
    }


def find_spans(
    readings: Mapping[tuple[str, Occasion], int],
) -> tuple[dict[str, tuple[int | None, int | None]], list[Occasion]]:
    """Return (first and last reading by domain, the family's occasions in order).

    A domain's only reading is its first one if it is of the family's first assessment, else
    its last one.
    """
    occasions = sorted({known_by(occasion) for _, occasion in readings}, key=order)
    by_domain: dict[str, list[tuple[tuple[int, str, int], int]]] = {}
    told_late: set[tuple[int, str, int]] = set()
    for (domain, occasion), reading in readings.items():
        by_domain.setdefault(domain, []).append((order(occasion), reading))
        if occasion[1] > FIRST:
            told_late.add(order(occasion))
    earliest = order(occasions[0]) if occasions else None
    spans: dict[str, tuple[int | None, int | None]] = {}
    for domain, own in by_domain.items():
        own.sort()
        if len(own) > 1:
            spans[domain] = own[0][1], own[-1][1]
        elif own[0][0] == earliest and earliest not in told_late:
            spans[domain] = own[0][1], None
        else:
            spans[domain] = None, own[0][1]
    return spans, occasions
