"""The page of a domain with the progress made in it, and the themes that differ by cluster."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from qualkit.analysis.findings import HIGHER, LOWER
from qualkit.analysis.statistics import FALSE_DISCOVERIES
from qualkit.errors import SmallSampleWarning
from qualkit.model import CountBy, Counting, Page, Table
from qualkit.project.base import CountingOptions, make_counting
from qualkit.project.pages import PAGE_CATEGORIES, PagePart
from qualkit.project.stars import CohortChoice, StarsPart
from qualkit.store import overview, stars

CLUSTER = "cluster"


class DomainPagePart(PagePart, StarsPart):
    """Adds to the page of a domain what readings and clusters have to say."""

    def domain(
        self,
        domain_id: str,
        /,
        *,
        quotations: int = 2,
        matrix: bool = False,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Page:
        """Return one domain on a page.

        Its declared relevance and linked domains; the top themes of each category and those
        also featured; `quotations` for each top theme. Where there are readings the progress
        in the domain, and the clusters with most and least; with `matrix` families by first
        and last stage. Where there are clusters the themes whose share differs by cluster.
        """
        asked = counting or make_counting(**options)
        page = super().domain(domain_id, quotations=quotations, counting=asked)
        domain = self._domain(domain_id)
        tables = [*page.tables, *self._progress_in(domain, asked, matrix)]
        if self._has_clusters():
            with warnings.catch_warnings():
                # Small groups are no news where nothing differs; else the foot says it.
                warnings.simplefilter("ignore", SmallSampleWarning)
                found = list(self._links_in(domain, asked))
            tables += found
            if not found:
                none = f"no theme of the domain differs by {CLUSTER} more than chance would have it"
                return replace(page, tables=tables, notes=(*page.notes, none))
        return replace(page, tables=tables)

    def _has_clusters(self) -> bool:
        return CLUSTER in overview.attribute_keys(self._connection)["family"]

    def _progress_in(self, domain: str, asked: Counting, matrix: bool) -> Iterator[Table]:
        if domain not in stars.fetch_domains(self._connection):
            return
        # Readings are of families: attributes of cases choose nobody here.
        choice = CohortChoice(
            where=[
                f"family.{name}={value}"
                for name, values in self._where(asked.where)[0]
                for value in values
            ]
        )
        progress = self.stars(**choice)
        if not any(row["domain"] == domain and row["n"] for row in progress.rows):
            return
        yield _only(progress, domain, "Family Star progress")
        if matrix:
            yield self.star_matrix(domain, **choice)
        if self._has_clusters():
            title = "Clusters with most and least progress"
            yield _only(self.star_extremes(f"family.{CLUSTER}", **choice), domain, title)

    def _links_in(self, domain: str, asked: Counting) -> Iterator[Table]:
        """Yield for each category the themes that some cluster differs in, all clusters of each."""
        there = self.categories()
        for category in (name for name in PAGE_CATEGORIES if name in there):
            own = replace(asked, domain=domain, count_by=CountBy.FAMILY)
            table = self.link(category, by=f"family.{CLUSTER}", counting=own)
            if self.for_publishing:
                title = f"{category.capitalize()} by {CLUSTER}: themes that differ"
                yield _chosen_anew(replace(table, title=title))
                continue
            differ = {row["code"] for row in table.rows if _differs(row)}
            rows = tuple(row for row in table.rows if row["code"] in differ)
            if rows:
                title = f"{category.capitalize()} by {CLUSTER}: themes that differ"
                yield replace(table, rows=rows, title=title)


def _chosen_anew(table: Table) -> Table:
    """Return a table that chooses its themes by the tests of what is published of it.

    Chosen by all, a theme would tell of its numbers that are left out.
    """
    told = table.disclosure
    if told is None:
        return table
    again = told.anew

    def anew(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any] | None]:
        changed = again(rows) if again is not None else [{} for _ in rows]
        now = [{**row, **(own or {})} for row, own in zip(rows, changed, strict=True)]
        differ = {row["code"] for row in now if _differs(row)}
        return [
            own if row["code"] in differ else None for row, own in zip(now, changed, strict=True)
        ]

    return replace(table, disclosure=replace(told, anew=anew))


def _differs(row: Mapping[str, Any]) -> bool:
    over_all = row.get("theme_p_adjusted")
    differs = isinstance(over_all, float) and over_all <= FALSE_DISCOVERIES
    return differs or row.get("finding") in (HIGHER, LOWER)


def _only(table: Table, domain: str, title: str) -> Table:
    rows = tuple(row for row in table.rows if row["domain"] == domain)
    return replace(table, rows=rows, title=title)
