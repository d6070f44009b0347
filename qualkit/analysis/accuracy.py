"""How near one coder's codings come to another's, taken as the truth.

References
----------
Manning, C. D., Raghavan, P., and Schütze, H. (2008). Introduction to
Information Retrieval, section 8.3 (precision, recall, F) and 13.6 (micro averages).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qualkit.analysis.ranking import rank_themes
from qualkit.model import Basis, Column, Table, ThemeCount

Pair = tuple[str, str]
"""A unit (a case, a segment) and a code."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of unit-code pairs: in the truth and found, found only, in the truth only."""

    both: int
    found_only: int
    truth_only: int

    @property
    def precision(self) -> float | None:
        """Share of the found pairs that are true, 0 to 1; None where nothing was found."""
        found = self.both + self.found_only
        return self.both / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of the true pairs that were found, 0 to 1; None where there are none."""
        truth = self.both + self.truth_only
        return self.both / truth if truth else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, 0 to 1; None where there are no pairs."""
        pairs = 2 * self.both + self.found_only + self.truth_only
        return 2 * self.both / pairs if pairs else None


def score_pairs(truth: Iterable[Pair], found: Iterable[Pair]) -> Score:
    """Compare two sets of unit-code pairs."""
    true_pairs, found_pairs = set(truth), set(found)
    both = len(true_pairs & found_pairs)
    return Score(both, len(found_pairs) - both, len(true_pairs) - both)


def top_shared(truth: Iterable[Pair], found: Iterable[Pair], top: int) -> tuple[int, int]:
    """Return how many of the true top themes are in the found top too, and how many there are.

    Themes are ranked by units, ties at the cut in the top whole (see `rank_themes`).
    """
    true_top, found_top = _top(truth, top), _top(found, top)
    return len(true_top & found_top), len(true_top)


def _top(pairs: Iterable[Pair], top: int) -> set[str]:
    counts = Counter(code for _, code in set(pairs))
    themes = [ThemeCount("", code, code, n, n, 0) for code, n in counts.items()]
    return {ranked.theme.code for ranked in rank_themes(themes, top) if ranked.in_top}


def accuracy_table(
    truth: Mapping[tuple[str, str], set[Pair]],
    found: Mapping[tuple[str, str], set[Pair]],
    *,
    title: str,
    top: int = 5,
    notes: Iterable[str] = (),
) -> Table:
    """Return one row for each kind and category of the truth.

    Parameters
    ----------
    truth, found : mapping
        From (kind, category) to pairs of case and code.
    """
    rows = []
    for (kind, category), pairs in sorted(truth.items()):
        others = found.get((kind, category), set())
        score = score_pairs(pairs, others)
        shared, of = top_shared(pairs, others, top)
        rows.append(
            {
                "kind": kind,
                "category": category,
                "truth": len(pairs),
                "found": len(others),
                "precision": score.precision,
                "recall": score.recall,
                "f1": score.f1,
                "top_shared": shared,
                "top_of": of,
            }
        )
    columns = (
        Column("kind", "kind"),
        Column("category", "category"),
        Column("truth", "planted", "count"),
        Column("found", "found", "count"),
        Column("precision", "precision", "share"),
        Column("recall", "recall", "share"),
        Column("f1", "F1", "share"),
        Column("top_shared", f"top {top} shared", "count"),
        Column("top_of", "of", "count"),
    )
    rule = "pairs of a case and a code, each counted once; F1 is their micro average"
    return Table("accuracy", title, columns, tuple(rows), Basis(rule=rule), tuple(notes))
