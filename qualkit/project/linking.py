"""Themes in groups: linked to groups of families, and compared between waves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Unpack

from qualkit.analysis import differences, linkage, ranking
from qualkit.analysis.basis import confirmed_share
from qualkit.analysis.findings import Compared
from qualkit.errors import QualkitError
from qualkit.model import Basis, CountBy, Counting, Table
from qualkit.project.alike import note_alike
from qualkit.project.base import CountingOptions
from qualkit.project.tables import TablePart
from qualkit.store import counts, groups, reading
from qualkit.store.groups import NO_GROUP, GroupCounts, Grouping
from qualkit.store.scope import Scope


class LinkPart(TablePart):
    """Themes by groups; what makes the groups is resolved in `_grouping` alone."""

    def _grouping(self, by: str) -> Grouping:
        return Grouping(*self._attribute(by))

    def link(
        self,
        category: str,
        *,
        by: str = "cluster",
        themes: int = 0,
        joint: bool = False,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the share of families with each theme, by group and overall, with tests.

        Parameters
        ----------
        by : str
            An attribute: "cluster", "family.locality", "case.quarter" …
        themes : int
            Only the themes of so many top ranks; 0 for all.
        joint : bool
            A joint display: one quotation for each theme and group beside its shares.

        Returns
        -------
        Table
            Long: code, name, group, count, denominator, share and its interval,
            overall_count, overall_denominator, overall_share, families_without_text;
            finding, residual, test, p, p_adjusted, cohens_h of the group against the
            others; theme_test, theme_p, theme_p_adjusted, cramers_v over all groups.
        """
        category = self._category(category)
        grouping = self._grouping(by)
        options.setdefault("count_by", "family")
        asked, scope = self._counting(counting, options, category)
        if asked.count_by is not CountBy.FAMILY:
            raise QualkitError(
                "themes are linked to groups of families, so families are what is counted",
                found=f"--count-by {asked.count_by}",
                to_do="leave --count-by out",
            )
        found = groups.count_links(self._connection, scope, category, grouping)
        overall = [count for count in found.counts if not count.cell]
        shown = found.counts
        if themes:
            kept = {i.theme.code for i in ranking.rank_themes(overall, themes) if i.in_top}
            shown = [count for count in shown if count.code in kept]
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scope),
            denominator=found.sizes[0].with_text,
            unit="families with a coded case",
            rule="families with the theme ÷ families of the group with at least one coded case;"
            " group and overall share stand as a pair",
            runs=tuple(counts.runs_behind(self._connection, scope, category)),
            confirmed=confirmed_share(overall),
        )
        table = linkage.link_table(
            shown,
            found.sizes,
            basis,
            by=grouping.name,
            title=f"{category.capitalize()} by {grouping.key}: share of families, group : overall",
            notes=[
                *self._notes(scope, category, by_domain=bool(scope.domain)),
                *note_alike(self._connection, grouping.level, grouping.key),
            ],
            trace=self._trace(asked, category) + f" --where {grouping.name}=GROUP",
            tested=_tested(found),
        )
        return self._joint(table, scope, category, grouping) if joint else table

    def _joint(self, linked: Table, scope: Scope, category: str, grouping: Grouping) -> Table:
        best = groups.best_codings(self._connection, scope, category, grouping)
        wanted = {(row["group"], row["code"]) for row in linked.rows}
        quotations = {}
        for cell, coding in best.items():
            words = reading.fetch_coding(self._connection, coding) if cell in wanted else None
            if words is not None:
                quotations[cell] = {
                    "coding_id": words.coding_id,
                    "case_id": words.case_id,
                    "ufrn": words.ufrn,
                    "segment_n": words.segment_n,
                    "quote": words.quote,
                    "status": words.status,
                    "start": words.start,
                    "end": words.end,
                }
        title = f"{category.capitalize()} by {grouping.key}: shares and words"
        return linkage.joint_table(linked, quotations, title=title)

    def compare(
        self,
        category: str,
        by: str,
        *,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the themes of a category by wave, with their change and a test over the waves.

        Parameters
        ----------
        by : str
            The attribute that says the wave: "quarter", "case.quarter" …

        Returns
        -------
        Table
            A row a theme (see `analysis.differences.compare_table`).

        Raises
        ------
        QualkitError
            Segments are asked for, or fewer than two waves have text.
        """
        category = self._category(category)
        grouping = self._grouping(by)
        asked, scope = self._counting(counting, options, category)
        if asked.count_by is CountBy.SEGMENT:
            raise QualkitError(
                "waves are compared by cases or families: segments of one case belong together",
                found="--count-by segment",
                to_do="leave --count-by out, or --count-by family",
            )
        found = groups.count_waves(self._connection, scope, category, grouping)
        sizes = {g.group: g.with_text for g in found.sizes if g.group and g.group != NO_GROUP}
        if len(sizes) < 2:
            raise QualkitError(
                f"{grouping.name} has fewer than two values among the cases counted",
                found=", ".join(sizes) or "none",
                expected="two waves or more",
                to_do="compare by another attribute, or leave a --where out",
            )
        overall = [count for count in found.counts if not count.cell]
        basis = replace(
            self._basis(asked, scope, category, overall),
            denominator=found.sizes[0].with_text,
        )
        where = f" for {self._domain_names()[scope.domain].lower()}" if scope.domain else ""
        return differences.compare_table(
            found.counts,
            sizes,
            _tested(found),
            basis,
            by=grouping.name,
            top=asked.top,
            title=f"{category.capitalize()} by {grouping.key}{where}: share of {basis.unit}",
            notes=[
                *self._notes(scope, category, by_domain=bool(scope.domain)),
                *self._wave_notes(scope, found, grouping),
            ],
            trace=self._trace(asked, category) + f" --where {grouping.name}=WAVE",
            lacking=sum(g.with_text for g in found.sizes if g.group == NO_GROUP),
            people=self._wave_people(scope, category, grouping) if self.for_publishing else None,
        )

    def _wave_people(
        self, scope: Scope, category: str, grouping: Grouping
    ) -> differences.GroupPeople:
        behind = replace(scope, count_by=CountBy.CASE, people=True)
        found = groups.count_waves(self._connection, behind, category, grouping)
        return (
            {(count.cell, count.code): count.count for count in found.counts},
            {size.group: size.with_text for size in found.sizes},
        )

    def _wave_notes(self, scope: Scope, found: GroupCounts, grouping: Grouping) -> Sequence[str]:
        notes = note_alike(self._connection, grouping.level, grouping.key)
        lacking = [g.with_text for g in found.sizes if g.group == NO_GROUP]
        if lacking:
            notes.append(f"{lacking[0]} lack {grouping.name}: they count overall, in no wave")
        if found.several:
            notes.append(
                f"{found.several} families are in more than one wave: they count in each, and are"
                " in no test and no change"
            )
        if scope.count_by is CountBy.CASE:
            more = groups.count_families_with_more(self._connection, scope)
            if more:
                notes.append(
                    f"{more} families have several cases, which the tests take"
                    " as independent: --count-by family does not"
                )
        return notes


def _tested(found: GroupCounts) -> Compared:
    return Compared(found.tested, found.tested_sizes, found.several)
