"""How much to code twice, and which cases: sample size for kappa, stratified sample.

References
----------
Bloch, D. A. and Kraemer, H. C. (1989). 2 × 2 kappa coefficients: measures of agreement or
association (the large-sample variance, for two coders with one prevalence).
Donner, A. and Eliasziw, M. (1992). A goodness-of-fit approach to inference procedures for
the kappa statistic (the same variance, and planning with it).
Shoukri, M. M., Asyali, M. H. and Donner, A. (2004). Sample size requirements for the design
of reliability study (number of units for a wanted width).
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from qualkit.errors import QualkitError
from qualkit.model import Basis, Column, Table


@dataclass(frozen=True, slots=True)
class FrameCase:
    """A case that could be drawn: `n_segments` are those that would be coded."""

    case_id: str
    kind: str
    stratum: str
    n_segments: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """How precise kappa shall be.

    Attributes
    ----------
    width : float
        Of the whole interval, above 0.
    kappa : float
        As expected, 0 to below 1.
    prevalence : float
        Share of units with the code, between 0 and 1.
    level : {"segment", "case"}
        What a unit is.
    """

    width: float
    kappa: float
    prevalence: float
    level: str = "segment"
    confidence: float = 0.95


def kappa_variance(kappa: float, prevalence: float) -> float:
    """Return n times the large-sample variance of kappa from n units, for two coders.

    (1 - κ) [(1 - κ)(1 - 2κ) + κ(2 - κ) / (2π(1 - π))], Bloch and Kraemer (1989).

    Examples
    --------
    >>> round(kappa_variance(0.7, 0.5), 4)   # 1 - κ² where half of the units have the code
    0.51
    """
    spread = 2 * prevalence * (1 - prevalence)
    return (1 - kappa) * ((1 - kappa) * (1 - 2 * kappa) + kappa * (2 - kappa) / spread)


def units_needed(wanted: Wanted) -> int:
    """Return the least number of units for which kappa's interval has the wanted width.

    n = 4 z² variance / width², rounded up (Shoukri et al. 2004). Units are taken as
    independent of each other.

    Raises
    ------
    QualkitError
        A number is out of its range.

    Examples
    --------
    >>> units_needed(Wanted(width=0.2, kappa=0.7, prevalence=0.5))   # 4 × 1.96² × 0.51 / 0.04
    196
    """
    _check(wanted)
    z = NormalDist().inv_cdf((1 + wanted.confidence) / 2)
    variance = kappa_variance(wanted.kappa, wanted.prevalence)
    return max(2, math.ceil(4 * z * z * variance / wanted.width**2))


def expected_width(wanted: Wanted, n_units: int) -> float:
    """Return the width of kappa's interval that so many units give."""
    z = NormalDist().inv_cdf((1 + wanted.confidence) / 2)
    return 2 * z * math.sqrt(kappa_variance(wanted.kappa, wanted.prevalence) / n_units)


def _check(wanted: Wanted) -> None:
    for name, value, fits, expected in (
        ("width", wanted.width, wanted.width > 0, "more than 0, for instance 0.2"),
        ("kappa", wanted.kappa, 0 <= wanted.kappa < 1, "0 or more and below 1, for instance 0.7"),
        (
            "prevalence",
            wanted.prevalence,
            0 < wanted.prevalence < 1,
            "between 0 and 1, for instance 0.1",
        ),
    ):
        if not fits:
            raise QualkitError(f"the {name} is out of range", found=f"{value:g}", expected=expected)


def allocate(sizes: Mapping[tuple[str, str], int], n: int) -> dict[tuple[str, str], int]:
    """Share out n cases in proportion to the strata's sizes, by largest remainder.

    Equal remainders go to the larger stratum, then by name. `n` is at most all.

    Examples
    --------
    >>> allocate({("msc", "A"): 6, ("msc", "B"): 3, ("msc", "C"): 1}, 5)
    {('msc', 'A'): 3, ('msc', 'B'): 2, ('msc', 'C'): 0}
    """
    total = sum(sizes.values())
    # Whole numbers: a quota is size × n / total.
    shares = {key: size * n // total for key, size in sizes.items()}
    order = sorted(sizes, key=lambda key: (-(sizes[key] * n % total), -sizes[key], key))
    for key in order[: n - sum(shares.values())]:
        shares[key] += 1
    return shares


def draw_sample(cases: Sequence[FrameCase], wanted: Wanted, seed: int = 0) -> list[FrameCase]:
    """Draw cases by stratum, in proportion, until they have the units that are needed.

    All cases, where they have not so many.

    Returns
    -------
    list of FrameCase
        By kind, stratum and case id.
    """
    strata: dict[tuple[str, str], list[FrameCase]] = {}
    for case in sorted(cases, key=lambda case: (case.kind, case.stratum, case.case_id)):
        strata.setdefault((case.kind, case.stratum), []).append(case)
    chance = random.Random(seed)
    for members in strata.values():
        chance.shuffle(members)
    sizes = {key: len(members) for key, members in strata.items()}
    needed = units_needed(wanted)
    whole = sum(_n_units(case, wanted.level) for case in cases)
    n = min(len(cases), math.ceil(needed * len(cases) / max(whole, 1)))
    while True:
        shares = allocate(sizes, n) if sizes else {}
        drawn = [case for key, members in strata.items() for case in members[: shares[key]]]
        if n >= len(cases) or sum(_n_units(case, wanted.level) for case in drawn) >= needed:
            break
        n += 1
    return sorted(drawn, key=lambda case: (case.kind, case.stratum, case.case_id))


def _n_units(case: FrameCase, level: str) -> int:
    return case.n_segments if level == "segment" else 1


def plan_table(
    cases: Sequence[FrameCase],
    wanted: Wanted,
    *,
    seed: int = 0,
    prevalence_of: str = "as given",
    strata_by: str = "kind",
) -> Table:
    """Return the cases to code twice; what was needed and drawn stands at the foot.

    Returns
    -------
    Table
        Columns case_id, kind, stratum, n_segments.
    """
    drawn = draw_sample(cases, wanted, seed)
    needed = units_needed(wanted)
    units = sum(_n_units(case, wanted.level) for case in drawn)
    segments = sum(case.n_segments for case in drawn)
    notes = [
        f"{wanted.level}s needed: {needed}, for an interval of kappa {wanted.width:g} wide"
        f" (95%), at kappa {wanted.kappa:g} and prevalence {wanted.prevalence:.3g}"
        f" ({prevalence_of})",
        f"sampled: {len(drawn)} of {len(cases)} cases with {segments} segments; chance seed {seed}",
    ]
    if units < needed:
        width = expected_width(wanted, max(units, 1))
        notes.append(f"there are no more, so the interval will be about {width:.2f} wide")
    notes.append(
        f"{wanted.level}s of one case or family are not quite independent, so the interval may"
        " come out wider"
    )
    rule = (
        f"cases drawn by chance within {strata_by}, in proportion to the number of cases (largest"
        " remainder); number of units by Donner and Eliasziw (1992), two coders"
    )
    rows = tuple(
        {
            "case_id": case.case_id,
            "kind": case.kind,
            "stratum": case.stratum,
            "n_segments": case.n_segments,
        }
        for case in drawn
    )
    columns = (
        Column("case_id", "case", "id"),
        Column("kind", "kind"),
        Column("stratum", "stratum"),
        Column("n_segments", "segments", "count"),
    )
    n_by_kind = dict(sorted(Counter(case.kind for case in cases).items()))
    basis = Basis(n_by_kind, rule=rule)
    return Table("plan-double", "Cases to code twice", columns, rows, basis, tuple(notes))
