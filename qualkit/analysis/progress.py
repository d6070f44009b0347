"""Progress beyond one domain: start group by end group, who moved up, and how stable that is.

readings at start and end -> three groups each (see `grouping`) -> matrix, shares by group of
families, agreement under resampling (tables: `progresstables`)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.analysis.grouping import (
    STARTS,
    Grouping,
    as_digits,
    assign_groups,
    group_readings,
    row_numbers,
)
from qualkit.errors import QualkitError

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

LABELS = ("higher", "same", "lower")
"""What a family's progress is called: its end group lies above, level with or below its start."""
NOT_GROUPED = ""
RESAMPLES = 100
RESAMPLE_STARTS = 5
MOST_RESAMPLED = 2_000
"""Of more families than this, a sample is resampled."""

RULE = (
    "families grouped by k-means (k = 3) by their start readings, and again by their end readings;"
    " a missing reading counts for nothing; higher than average progress: the end group lies above"
    " the start group, lower: below it"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Start and end groups of families; -1 in both for a family that lacks either."""

    start: Grouping
    end: Grouping

    @property
    def labels(self) -> list[str]:
        """Each family's progress: higher, same, lower, or '' where it has no groups."""
        steps = self.end.groups.astype(int) - self.start.groups
        named = {1: LABELS[0], 2: LABELS[0], 0: LABELS[1], -1: LABELS[2], -2: LABELS[2]}
        return [
            named[step] if group >= 0 else NOT_GROUPED
            for step, group in zip(steps.tolist(), self.start.groups.tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Stability:
    """How alike groups from resamples are to the groups of all families, each 0 to 1.

    Attributes
    ----------
    what : str
        start, end (the three groups) or progress (higher, same, lower).
    kept : tuple of float
        Mean and 5th percentile, over resamples, of the share of families in the same group.
    rand : tuple of float
        The same of the adjusted Rand index (1 alike, 0 as by chance).
    """

    what: str
    kept: tuple[float, float]
    rand: tuple[float, float]


def measure_progress(start: Array, end: Array, *, seed: int = 0, starts: int = STARTS) -> Progress:
    """Group families by start and, apart from that, by end readings (see `group_readings`).

    Parameters
    ----------
    start, end : ndarray, shape (n_families, n_domains)
        Readings 1 to 10; NaN where there is none. A family without any reading at one of
        the two has no group in either.
    """
    import numpy

    without = numpy.isnan(start).all(axis=1) | numpy.isnan(end).all(axis=1)
    both = numpy.asarray(~without)
    return Progress(
        _spread(group_readings(start[both], seed=seed, starts=starts), both),
        _spread(group_readings(end[both], seed=seed, starts=starts), both),
    )


def _spread(grouping: Grouping, among: Array) -> Grouping:
    import numpy

    groups = numpy.full(len(among), -1, dtype=numpy.int8)
    groups[among] = grouping.groups
    return Grouping(groups, grouping.centres)


def measure_stability(
    start: Array,
    end: Array,
    progress: Progress,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
    starts: int = RESAMPLE_STARTS,
) -> list[Stability]:
    """Return how far groups hang on which families happened to be there.

    Families are drawn with replacement as often as there are, with all their readings; the
    draw is grouped as the whole was, and every family put to the nearest centre (bootstrap of
    cluster analyses, Dolnicar and Leisch 2010). Its groups are compared with those of all
    families by name, and by the adjusted Rand index (Hubert and Arabie 1985). Of more than
    2,000 families a sample stands for all: what it shows is less stable than the whole.

    Returns
    -------
    list of Stability
        Of start groups, end groups and progress. A draw with fewer than three different
        families is left out.
    """
    import numpy

    generator = numpy.random.default_rng(seed)
    grouped = numpy.flatnonzero(progress.start.groups >= 0)
    digits = [as_digits(start[grouped]), as_digits(end[grouped])]
    # In the order of readings, so that the draws do not hang on the order of families.
    order = numpy.lexsort([row_numbers(part) for part in digits])
    if len(order) > MOST_RESAMPLED:
        order = order[numpy.sort(generator.choice(len(order), MOST_RESAMPLED, replace=False))]
    rows = grouped[order]
    whole = [part.groups[rows].astype(int) for part in (progress.start, progress.end)]
    found: dict[str, list[tuple[float, float]]] = {"start": [], "end": [], "progress": []}
    for _ in range(resamples):
        drawn = rows[generator.integers(len(rows), size=len(rows))]
        anew = []
        try:
            for part, own in ((start, digits[0]), (end, digits[1])):
                centres = group_readings(part[drawn], seed=seed, starts=starts).centres
                anew.append(assign_groups(own[order], centres).astype(int))
        except QualkitError:
            continue
        pairs = {
            "start": (whole[0], anew[0]),
            "end": (whole[1], anew[1]),
            "progress": (numpy.sign(whole[1] - whole[0]), numpy.sign(anew[1] - anew[0])),
        }
        for what, (one, other) in pairs.items():
            found[what].append((float((one == other).mean()), adjusted_rand(one, other)))
    return [_summary(what, values) for what, values in found.items() if values]


def _summary(what: str, values: Sequence[tuple[float, float]]) -> Stability:
    import numpy

    kept, rand = numpy.array(values).T
    return Stability(
        what,
        (float(kept.mean()), float(numpy.percentile(kept, 5))),
        (float(rand.mean()), float(numpy.percentile(rand, 5))),
    )


def adjusted_rand(one: Array, other: Array) -> float:
    """Return the adjusted Rand index of two partitions (Hubert and Arabie 1985, equation 5).

    1 where both put all into one group or each into its own; undefined cases are 1 too.
    """
    pairs = Counter(zip(one.tolist(), other.tolist(), strict=True))
    together = sum(n * (n - 1) / 2 for n in pairs.values())
    first = sum(n * (n - 1) / 2 for n in Counter(one.tolist()).values())
    second = sum(n * (n - 1) / 2 for n in Counter(other.tolist()).values())
    everything = len(one) * (len(one) - 1) / 2
    expected = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)
