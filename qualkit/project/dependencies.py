"""Which domains' changes go together, by declared relevance and by Family Star progress."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from qualkit.analysis import dependencies as analysis
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Basis, CountBy, Counting, Meeting, Table
from qualkit.project.base import CountingOptions, make_counting
from qualkit.project.pages import PagePart
from qualkit.project.stars import StarsPart
from qualkit.store import counts, stars
from qualkit.store.cooccurrence import count_declared


class DependencyPart(PagePart, StarsPart):
    """Pairs of domains."""

    def dependencies(
        self,
        *,
        of: str = "",
        pairs: int = 0,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return which domains' changes go together, with lift, interval and test.

        Parameters
        ----------
        of : {"", "relevance", "progress"}
            Domains declared relevant for the same cases; domains in which the same families
            moved up; both where the project has them.
        pairs : int
            Only so many of each, those furthest from chance; 0 for all.

        Returns
        -------
        Table
            by, one, other, both, n_one, n_other, n, expected, lift, lift_low, lift_high, phi
            (-1 to 1), test, p, p_adjusted, finding.

        Raises
        ------
        QualkitError
            There is neither relevance nor a reading, or not what was asked for.
        """
        if of not in ("", *analysis.WHATS):
            raise UnknownNameError("sort of change", of, list(analysis.WHATS))
        wanted = [of] if of else list(analysis.WHATS)
        meetings: list[Meeting] = []
        notes: list[str] = []
        n_by_kind: dict[str, int] = {}
        if analysis.RELEVANCE in wanted and (of or counts.kinds_with_text(self._connection)):
            meetings, n_by_kind = self._declared_together(counting, options)
        if analysis.PROGRESS in wanted and (of or stars.has_readings(self._connection)):
            moved, said = self._moved_together(counting, options, unasked=not of)
            meetings, notes = meetings + moved, said
        if not meetings:
            raise QualkitError(
                "no case that counts declares the relevance of domains, and no family has readings",
                where=str(self.path),
                to_do="qualkit import msc FILE, or qualkit import stars FILE",
            )
        there = dict.fromkeys(pair.cell for pair in meetings)
        basis = Basis(n_by_kind, unit="cases", rule="; ".join(analysis.RULES[by] for by in there))
        return analysis.dependencies_table(
            meetings,
            self._star_names(),
            basis,
            top=pairs,
            by_count=self.for_publishing,
            notes=notes,
        )

    def domain_order(self) -> dict[str, str]:
        """Return the names of the domains by their ids, in the order of the codebook."""
        return self._star_names()

    def _declared_together(
        self, counting: Counting | None, options: CountingOptions
    ) -> tuple[list[Meeting], dict[str, int]]:
        asked, scope = self._counting(counting, options)
        if asked.count_by is not CountBy.CASE:
            raise QualkitError(
                "relevance is declared for a case, so cases are what is counted",
                found=f"--count-by {asked.count_by}",
                to_do="leave --count-by out",
            )
        if scope.domain:
            raise QualkitError(
                "all domains are compared with each other", to_do="leave --domain out"
            )
        declared = count_declared(
            self._connection, scope, list(self._domain_names()), people=self.for_publishing
        )
        together = declared.together
        found = analysis.relevance_meetings(
            together.counts, declared.domains, declared.declaring, together.people
        )
        return found, counts.count_kinds(self._connection, scope)

    def _moved_together(
        self, counting: Counting | None, options: CountingOptions, *, unasked: bool
    ) -> tuple[list[Meeting], list[str]]:
        from qualkit.codebook.stages import load_stages

        self._require_readings()
        where = counting.where if counting else make_counting(**options).where
        _, case = self._where(where)
        if case and unasked:
            return [], [
                "progress is left out: readings are of families, and attributes of cases choose"
                " nobody among them"
            ]
        chosen = self.cohort(where=[f"{key}={value}" for key, value in where])
        domains = [d for d in self._star_names() if d in stars.fetch_domains(self._connection)]
        spans = stars.fetch_spans(self._connection, domains, chosen.sql)
        notes = [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
        found = analysis.progress_meetings(
            spans.start, spans.end, domains, load_stages(self.path.parent)
        )
        return found, notes


def draw_dependencies(table: Table, names: Mapping[str, str], path: Path) -> None:
    """Draw the domains on a circle, joined where their changes go together.

    Parameters
    ----------
    table : Table
        From `Project.dependencies`, of all pairs, or what publishing left of it.
    names : mapping of str to str
        The domains in their order: `Project.domain_order()`.
    path : Path
        .svg, .png, .pdf or .html
    """
    from qualkit.report.graphpictures import draw_graphs

    draw_graphs(analysis.dependency_graphs(table, names), path)
