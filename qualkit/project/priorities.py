"""Where deciding pays, how the machine's agreement grew, and when one may stop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qualkit.model import Basis, Column, Table
from qualkit.project.base import ProjectBase
from qualkit.store import models, priorities

_PARTS = 5
_FEWEST = 10
"""Verdicts in each part of the table of agreement."""


class PriorityPart(ProjectBase):
    """Weighs what is not decided yet."""

    def _influence(self, kinds: Sequence[str] = ()) -> dict[int, float]:
        """Return how much each undecided coding's decision could change a top five."""
        from qualkit.analysis.priorities import Material, influence

        return influence(
            Material(
                priorities.iterate_counted(self._connection, kinds),
                priorities.fetch_declared_domains(self._connection),
            )
        )

    def deciding(self) -> list[Table]:
        """Return how people's verdicts went, and what is left to decide; nothing before the first.

        Returns
        -------
        list of Table
            Agreement over time; for each kind and category, the chance that its top five
            stays as it is, and how many decisions are left until that is likely.
        """
        verdicts = priorities.fetch_verdicts(self._connection)
        if not verdicts:
            return []
        return [self._grown(verdicts), self._outlook()]

    def _grown(self, verdicts: Sequence[str]) -> Table:
        n_parts = max(1, min(_PARTS, len(verdicts) // _FEWEST))
        edges = [round(len(verdicts) * part / n_parts) for part in range(n_parts + 1)]
        rows = []
        for first, last in pairwise(edges):
            accepted = sum(verdict == "accept" for verdict in verdicts[first:last])
            rows.append(
                {
                    "decisions": f"{first + 1:,} to {last:,}",
                    "accepted": accepted,
                    "share": accepted / max(1, last - first),
                }
            )
        columns = (
            Column("decisions", "decisions"),
            Column("accepted", "accepted", "count"),
            Column("share", "share accepted", "share"),
        )
        return Table(
            "agreed",
            "How often people agreed with the machine, in order of deciding",
            columns,
            tuple(rows),
            Basis(rule="standing accepts and rejects of machine codings", unit="decisions"),
            tuple(self._since_learning()),
        )

    def _since_learning(self) -> list[str]:
        model = models.fetch_model(self._connection)
        if model is None:
            return ["Nothing was learned from them yet: qualkit learn"]
        since = priorities.count_since(self._connection, model.created_at)
        return [f"{since:,} decisions since the model was learned: qualkit learn"] if since else []

    def _outlook(self) -> Table:
        from qualkit.analysis.priorities import LIKELY, Material, outlooks

        material = Material(priorities.iterate_counted(self._connection))
        rows = [
            {
                "kind": own.kind,
                "category": own.category,
                "open": own.open,
                "stays": own.stays,
                "left": own.left,
            }
            for own in outlooks(material)
        ]
        columns = (
            Column("kind", "kind"),
            Column("category", "category"),
            Column("open", "not decided", "count"),
            Column("stays", "top five stays", "share"),
            Column("left", "decisions left", "count"),
        )
        rule = (
            "chance that the top five as it stands is the one when all is decided, by simulation:"
            " each coding is right with the chance that its score says, independently; decisions"
            f" left, most influential first, until that is {LIKELY:.0%}"
        )
        notes = ("Scores of rules are no measured chances; those of what was learned are",)
        return Table(
            "outlook",
            "When deciding may stop",
            columns,
            tuple(rows),
            Basis(rule=rule, unit="cases"),
            notes,
            trace="qualkit review --order influential",
        )
