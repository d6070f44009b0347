"""What every table says at its foot: what was counted, of what, by which rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qualkit.model import Basis, CountBy, Counting, ThemeCount

UNIT_NAMES = {
    CountBy.CASE: "cases",
    CountBy.FAMILY: "families",
    CountBy.SEGMENT: "segments",
}


def make_basis(
    counting: Counting,
    *,
    n_by_kind: Mapping[str, int],
    denominator: int | None,
    counts: Sequence[ThemeCount],
    runs: Sequence[str] = (),
) -> Basis:
    """Return the basis of a table of theme counts."""
    return Basis(
        n_by_kind=dict(n_by_kind),
        denominator=denominator,
        unit=UNIT_NAMES[counting.count_by],
        rule=counting_rule(counting),
        runs=tuple(runs),
        confirmed=confirmed_share(counts),
    )


def confirmed_share(counts: Sequence[ThemeCount]) -> float | None:
    """Return the share of codings that a person accepted or added; None without codings."""
    codings = sum(count.codings for count in counts)
    return sum(count.confirmed for count in counts) / codings if codings else None


def counting_rule(counting: Counting) -> str:
    """Say in a sentence or two how themes were counted."""
    unit = {"case": "case", "family": "family", "segment": "segment"}[counting.count_by]
    parts = [f"a theme counts once per {unit}"]
    if counting.domain:
        parts.append(
            "only where the domain is fairly or very relevant, or, where no relevance was declared,"
            " where theme and domain stand in the same segment"
        )
    if counting.where:
        parts.append("only with " + ", ".join(f"{key} = {value}" for key, value in counting.where))
    if counting.coder:
        parts.append(f"only codings made or accepted by {counting.coder}")
    if counting.reviewed_only:
        parts.append("only cases marked done; machine codings only if accepted")
    else:
        parts.append("rejected codings never count, unreviewed machine codings do")
    return "; ".join(parts)


def share(count: int, of: int) -> float | None:
    """Return count / of, or None where there is nothing to be a share of."""
    return count / of if of else None


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 case", "2 cases"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
