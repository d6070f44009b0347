"""Where deciding pays, how the machine's agreement grew, and when one may stop."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from qualkit.model import Basis, Column, Table
from qualkit.project.base import ProjectBase
from qualkit.store import models, priorities

_PARTS = 10
_FEWEST = 10
"""Verdicts in each part of the table of agreement, so that a share means something."""


class PriorityPart(ProjectBase):
    """Weighs what is not decided yet."""

    def _influence(self, kinds: Sequence[str] = ()) -> dict[int, float]:
        """Return how much each undecided coding's decision could change a top five."""
        from qualkit.analysis.priorities import Material, influence

        return influence(Material(priorities.iterate_counted(self._connection, kinds)))

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
        edges = [len(verdicts) * part // n_parts for part in range(n_parts + 1)]
        rows = []
        for first, last in pairwise(edges):
            accepted = sum(verdict == "accept" for verdict in verdicts[first:last])
            rows.append(
                {
                    "decisions": f"{first + 1:,} to {last:,}",
                    "accepted": accepted,
                    "share": accepted / (last - first),
                }
            )
        columns = (
            Column("decisions", "decisions"),
            Column("accepted", "accepted", "count"),
            Column("share", "share accepted", "share"),
        )
        rule = (
            "accepts ÷ accepts and rejects of the program's codings that stand, in the order in"
            " which they were given"
        )
        notes = (
            *self._since_learning(),
            "which codings came first matters too: the most doubtful ones are accepted less often",
        )
        return Table(
            "agreed",
            "How often people agreed with the program, in order of deciding",
            columns,
            tuple(rows),
            Basis(rule=rule, unit="decisions"),
            notes,
        )

    def _since_learning(self) -> list[str]:
        model = models.fetch_model(self._connection)
        if model is None:
            return ["nothing was learned from decisions yet: qualkit learn"]
        since = priorities.count_since(self._connection, model.created_at)
        said = f"{since:,} decision{'s' * (since != 1)} since the model was learned: qualkit learn"
        return [said] if since else []

    def _outlook(self) -> Table:
        from qualkit.analysis.priorities import Material
        from qualkit.analysis.stability import LIKELY, REPLICATES, outlooks

        found = outlooks(Material(priorities.iterate_counted(self._connection)))
        rows = [
            {
                "kind": own.kind,
                "category": own.category,
                "open": own.open,
                "stays": own.stays,
                "left": own.left,
            }
            for own in found
        ]
        columns = (
            Column("kind", "kind"),
            Column("category", "category"),
            Column("open", "not decided", "count", spare=2),
            Column("stays", "top five stays", "share"),
            Column("left", "decisions left", "count"),
        )
        rule = (
            "top five stays: chance that the five (cases counted, ties shown) are the same when all"
            f" is decided, from {REPLICATES} draws in which each open coding is right with the"
            " chance that its score says, independently of the others; decisions left: on this"
            f" category's codings, most influential first, until that chance is {LIKELY:.0%}"
        )
        queue = max((own.queue for own in found), default=0)
        notes = [
            "scores are taken as chances: a learned model's are measured on coded cases, those of"
            " rules alone are not, so there take these figures as a rough guide",
            "codings that nobody proposed yet and domains' own top fives are not in this",
        ]
        if queue:
            notes.insert(
                0,
                f"all of these are likely to stay after {queue:,} decisions in one queue, most"
                " influential first",
            )
        return Table(
            "outlook",
            "Decisions left until a top five is unlikely to change",
            columns,
            tuple(rows),
            Basis(rule=rule, unit="cases"),
            tuple(notes),
            trace="qualkit review --order influential",
        )
