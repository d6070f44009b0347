"""Two things among the same units: do they meet more often than if each went its own way?

units with both, with each, all -> lift and its interval, phi, a test, what can be said

References
----------
Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate.
Brin, S., Motwani, R. and Silverstein, C. (1997). Beyond market baskets (lift, as interest).
Yule, G. U. (1912). On the methods of measuring association between two attributes (phi).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qualkit.analysis.findings import TOO_LITTLE, finding_of
from qualkit.analysis.liftintervals import lift_interval
from qualkit.analysis.statistics import (
    FALSE_DISCOVERIES,
    LEAST_EXPECTED,
    SMALL_GROUP,
    GroupTest,
    adjust_p,
    adjusted_residuals,
    compare_one,
    too_little,
)
from qualkit.model import Column, Meeting
from qualkit.model import Measure as Count
from qualkit.model.tables import Sum

MORE, LESS = "more often", "less often"


@dataclass(frozen=True, slots=True)
class PairFinding:
    """What can be said of two things together.

    Attributes
    ----------
    expected : float or None
        Units with both if each went its own way: n_one × n_other ÷ n.
    lift : float or None
        both ÷ expected, from 0; 1 as by chance. None where nothing is expected.
    interval : tuple of float, optional
        Of the lift; none where there is too little material.
    phi : float or None
        Correlation of the two, -1 to 1.
    test : GroupTest, optional
        None where there is too little material to say.
    adjusted : float or None
        p, adjusted for all tests of the table.
    """

    expected: float | None
    lift: float | None
    interval: tuple[float, float] | None = None
    phi: float | None = None
    test: GroupTest | None = None
    adjusted: float | None = None

    @property
    def finding(self) -> str:
        """What can be said, in words."""
        return finding_of(self.test, self.adjusted, MORE if (self.phi or 0.0) > 0 else LESS)


def compare_pairs(meetings: Sequence[Meeting]) -> list[PairFinding]:
    """Return what can be said of each pair; p-values are adjusted over all of them.

    Whether there is enough to say goes by how many units have each, never by how many have
    both, so that the p-values of those that are tested stay what they are.
    """
    tests = [_test(pair) for pair in meetings]
    adjusted = adjust_p([None if test is None else test.p for test in tests])
    return [
        PairFinding(
            expected=pair.n_one * pair.n_other / pair.n if pair.n else None,
            lift=lift(pair.both, pair.n_one, pair.n_other, pair.n),
            interval=lift_interval(pair.both, pair.n_one, pair.n_other, pair.n) if test else None,
            phi=phi(pair.both, pair.n_one, pair.n_other, pair.n),
            test=test,
            adjusted=own,
        )
        for pair, test, own in zip(meetings, tests, adjusted, strict=True)
    ]


def lift(both: int, n_one: int, n_other: int, n: int) -> float | None:
    """Return P(both) ÷ (P(one) × P(other)); None where one of them is 0."""
    return both * n / (n_one * n_other) if n_one and n_other else None


def phi(both: int, n_one: int, n_other: int, n: int) -> float | None:
    """Return the correlation of two attributes, -1 to 1; None where all or none have one."""
    if not n_one or n_one >= n:
        return None
    residual, _ = adjusted_residuals([both, n_other - both], [n_one, n - n_one])
    return None if residual is None else residual / math.sqrt(n)


def _test(pair: Meeting) -> GroupTest | None:
    small = too_little(pair.n_other, pair.n, pair.n_one) or too_little(
        pair.n_one, pair.n, pair.n_other
    )
    return None if small else compare_one(pair.both, pair.n_one, pair.n_other, pair.n)


# --- as rows and columns ------------------------------------------------------------------

PAIR_COLUMNS = (
    Column("both", "both", "count"),
    Column("n_one", "first", "count"),
    Column("n_other", "second", "count"),
    Column("n", "of", "count", spare=4),
    Column("expected", "expected", "score", spare=3),
    Column("lift", "lift", "score"),
    Column("interval", "95% interval", spare=1),
    Column("lift_low", "lift, low", "score", detail=True),
    Column("lift_high", "lift, high", "score", detail=True),
    Column("phi", "phi", "score", spare=5),
    Column("test", "test", detail=True),
    Column("p", "p", "score", detail=True),
    Column("p_adjusted", "adjusted p", "score", detail=True),
    Column("finding", "than by chance"),
)
OF_PAIR = ("interval", "lift", "lift_low", "lift_high", "phi", "test", "p", "finding")
PAIR_MEASURES = (
    Count("both", ("n_one", "n_other"), derived=OF_PAIR, people="people_both"),
    # With what is expected, or a lift and one of the two counts, the other is known.
    Count("n_one", ("n",), derived=("expected", *OF_PAIR), people="people_one"),
    Count("n_other", ("n",), derived=("expected", *OF_PAIR), people="people_other"),
    # In no column, but known where the others are. They are no parts of which all would be
    # hidden: that nobody with the one has the other is a 0, which is shown.
    Count("only_other"),
    Count("neither"),
)
PAIR_SUMS = (
    Sum("n_other", ("both", "only_other")),
    # Those with the first, with the second only, with neither.
    Sum("n", ("n_one", "only_other", "neither")),
)


def pair_values(pair: Meeting, found: PairFinding) -> dict[str, object]:
    """Return the cells of a pair's row; those without a column are for publishing."""
    low, high = found.interval or (None, None)
    people = pair.people or (None, None, None)
    return {
        "both": pair.both,
        "n_one": pair.n_one,
        "n_other": pair.n_other,
        "n": pair.n,
        "expected": found.expected,
        "lift": found.lift,
        "interval": "" if low is None or high is None else f"{low:.2f} to {high:.2f}",
        "lift_low": low,
        "lift_high": high,
        "phi": found.phi,
        "test": found.test.name if found.test else "",
        "p": found.test.p if found.test else None,
        "p_adjusted": found.adjusted,
        "finding": found.finding,
        "only_other": pair.n_other - pair.both,
        "neither": pair.n - pair.n_one - pair.n_other + pair.both,
        "people_both": people[0],
        "people_one": people[1],
        "people_other": people[2],
    }


def strongest_first(
    pairs: Iterable[tuple[Meeting, PairFinding]],
) -> list[tuple[Meeting, PairFinding]]:
    """Return pairs by how far they are from chance: those not tested last, by how often."""

    def place(item: tuple[Meeting, PairFinding]) -> tuple[object, ...]:
        pair, found = item
        # The adjusted residual, phi × √n: units of the same table differ in number.
        far = abs(found.phi or 0.0) * math.sqrt(pair.n)
        return found.test is None, -far if found.test else -pair.both, pair.one, pair.other

    return sorted(pairs, key=place)


MEANINGS = ("lift: ", f"{TOO_LITTLE}: ")
"""How notes begin that say what words mean; their figures are the same for all tables."""


def pair_notes(findings: Sequence[PairFinding]) -> list[str]:
    """Say which tests were made and what their words mean."""
    tested = [found for found in findings if found.test is not None]
    stand = sum(found.finding in (MORE, LESS) for found in tested)
    how_many = f"{stand or 'none'} stand{'' if stand > 1 else 's'}"
    return [
        "lift: how often both are there ÷ how often they would be if each went its own way"
        " (expected = first × second ÷ of); 1 is chance, below 1 they meet less often",
        f"{len(tested)} of {len(findings)} pairs tested (chi-square, or exact where under five are"
        f" expected); {how_many} at a false discovery rate of {FALSE_DISCOVERIES:.0%}"
        " (Benjamini-Hochberg over all pairs, shown or not)",
        f"{TOO_LITTLE}: under {SMALL_GROUP} units have one of the two, or under"
        f" {LEAST_EXPECTED:g} is expected with both or with only one; such pairs are in no test",
    ]
