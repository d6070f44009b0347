"""The counting commands top, matrix and relevance; and status."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from qualkit.analysis import ranking
from qualkit.analysis.basis import counted, make_basis
from qualkit.analysis.relevance import DomainRelevance, describe_relevance, relevance_table
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import (
    Basis,
    Column,
    CountBy,
    Counting,
    Disclosure,
    Measure,
    Table,
    ThemeCount,
    split_roles,
)
from qualkit.project.alike import note_left_out
from qualkit.project.base import CountingOptions
from qualkit.project.publishing import PublishingPart
from qualkit.store import codebooks, counts, lots, overview
from qualkit.store.scope import Scope

_ALL_RANKS = 1_000


class TablePart(PublishingPart):
    """Ranked and crossed themes. Every method takes the counting options by name."""

    def top(
        self,
        category: str,
        *,
        counting: Counting | None = None,
        by_group: bool = False,
        intervals: bool = True,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the ranked themes of a category.

        Parameters
        ----------
        category : str
            For instance "barrier".
        counting : Counting, optional
            All options in one; otherwise by name: kind, domain, where, coder,
            count_by, reviewed_only, top (see `make_counting`).
        intervals : bool
            Say how sure the ranks are, by a bootstrap over cases.

        Returns
        -------
        Table
            Columns rank, category, code, name, count, denominator, share (0 to
            1), codings, confirmed (0 to 1), featured (top or also); with
            `intervals` rank_low, rank_high and in_top (0 to 1).

        Raises
        ------
        UnknownNameError
            A category, domain, attribute, value or coder is not there.
        ChoiceNeededError
            Several kinds of text and none is asked for.
        """
        category = self._category(category)
        asked, scope = self._counting(counting, options, category)
        found = counts.count_themes(self._connection, scope, category, by_group=by_group)
        if self.for_publishing:
            behind = _people(scope)
            found = _with_people(
                found,
                counts.count_themes(self._connection, behind, category, by_group=by_group),
            )
        basis = self._basis(asked, scope, category, found)
        where = f" for {self._domain_names()[scope.domain].lower()}" if scope.domain else ""
        ranks_of = self._ranks_of(asked, scope, category, found, by_group) if intervals else None
        table = ranking.rank_table(
            found,
            basis,
            top=asked.top,
            title=f"Top {asked.top}: {category}{where}",
            notes=self._notes(scope, category, by_domain=bool(scope.domain)),
            trace=self._trace(asked, "" if by_group else category),
            intervals=ranks_of([count.code for count in found]) if ranks_of else None,
            ranks_of=ranks_of if self.for_publishing else None,
        )
        if not self.for_publishing:
            return table
        of = counts.count_units(self._connection, _people(scope))
        return _with_people_of(table, lambda _: of)

    def _ranks_of(
        self,
        asked: Counting,
        scope: Scope,
        category: str,
        found: Sequence[ThemeCount],
        by_group: bool,
    ) -> ranking.RanksOf:
        """Return what says how sure the ranks are among themes."""
        if not any(count.count for count in found):
            return lambda codes: {}
        themes, cases = lots.count_by_lot(
            self._connection, scope, category, most=ranking.MOST_LOTS, by_group=by_group
        )

        def ranks_of(codes: Sequence[str]) -> dict[str, ranking.RankInterval]:
            among = [count for count in found if count.code in codes]
            return ranking.rank_intervals(themes, cases, among, asked.top)

        return ranks_of

    def matrix(
        self,
        category: str,
        *,
        by: str = "domain",
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the themes of a category, or the groups they roll up to, by domain.

        Parameters
        ----------
        by : {"domain", "group"}
            Rows are themes, or with "group" the groups of themes.
        """
        category = self._category(category)
        if by not in ("domain", "group"):
            raise UnknownNameError("way to lay out the matrix", by, ["domain", "group"])
        asked, scope = self._counting(counting, options, category)
        names = self._domain_names()
        if scope.domain:
            names = {scope.domain: names[scope.domain]}
        found = counts.count_themes_by_domain(
            self._connection, scope, category, by_group=by == "group"
        )
        people_of: dict[str, int] = {}
        if self.for_publishing:
            behind = _people(scope)
            found = _with_people(
                found,
                counts.count_themes_by_domain(
                    self._connection, behind, category, by_group=by == "group"
                ),
            )
            people_of = {
                domain: counts.count_units(self._connection, _with_domain(behind, domain))
                for domain in names
            }
        sizes = {
            domain: counts.count_units(self._connection, _with_domain(scope, domain))
            for domain in names
        }
        # The rule that puts a case in a domain holds for every column.
        basis = self._basis(replace(asked, domain="DOMAIN"), scope, category, found, whole=False)
        labels = {domain: f"{name} ({sizes[domain]})" for domain, name in names.items()}
        table = ranking.matrix_table(
            [count for count in found if count.cell in names],
            sizes,
            basis,
            top=asked.top,
            title=f"{category.capitalize()} by domain: share of the domain's {basis.unit}",
            cell_names=labels,
            notes=self._notes(scope, category, by_domain=True),
            trace=self._trace(replace(asked, domain="DOMAIN"), "" if by == "group" else category),
        )
        return _with_people_of(table, lambda row: people_of.get(row["domain"]))

    def relevance(
        self, *, counting: Counting | None = None, **options: Unpack[CountingOptions]
    ) -> Table:
        """Return the domains ranked by declared relevance, with their linked domains.

        The unit is the case, since relevance is declared for a case; `top`
        shows only so many ranks, `domain` only one row.
        """
        options.setdefault("top", _ALL_RANKS)
        asked, scope = self._counting(counting, options)
        if asked.count_by is not CountBy.CASE:
            raise QualkitError(
                "relevance is declared for a case, so cases are what is counted",
                found=f"--count-by {asked.count_by}",
                to_do="leave --count-by out",
            )
        rows, basis = self._relevance(asked, replace(scope, domain=""))
        rows = [row for row in rows if row.rank <= asked.top and scope.domain in ("", row.domain)]
        notes = []
        if not basis.denominator:
            rows = []
            notes.append("no case in scope declares the relevance of domains")
        return relevance_table(
            rows, self._domain_names(), basis, title="Domains by declared relevance", notes=notes
        )

    def _relevance(self, asked: Counting, scope: Scope) -> tuple[list[DomainRelevance], Basis]:
        pairs, levels, declaring = counts.fetch_relevance(self._connection, scope)
        rows = describe_relevance(levels, pairs, declaring, self._domain_names())
        if self.for_publishing:
            people = counts.count_relevant_people(self._connection, scope)
            rows = [replace(row, people=people.get(row.domain, {})) for row in rows]
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scope),
            denominator=declaring,
            unit="cases that declare relevance",
            rule="a domain is relevant to a case when declared fairly or very; linked domains: of"
            " the cases where the domain is relevant, the share for which the other is too,"
            " two highest and two lowest",
        )
        return rows, basis

    def status(self) -> list[Table]:
        """Return what the project holds: sources, coding and review, families."""
        sources = overview.fetch_sources(self._connection)
        states = overview.fetch_coding_states(self._connection)
        totals = overview.fetch_totals(self._connection)
        source_keys = (
            ("name", "source"),
            ("kind", "kind"),
            ("version", "version"),
            ("cases", "cases"),
            ("segments", "segments"),
            ("without_text", "without text"),
            ("withdrawn", "withdrawn"),
            ("rejected", "set aside"),
            ("imported_at", "imported"),
        )
        state_keys = (
            ("codebook", "codebook"),
            ("version", "version"),
            ("codes", "codes"),
            ("cases_coded", "cases coded"),
            ("unreviewed", "unreviewed"),
            ("accepted", "accepted"),
            ("rejected", "rejected"),
            ("added", "added"),
            ("flagged", "flagged"),
            ("cases_done", "cases done"),
            ("last_run", "last run"),
        )
        # A source is often one family's, and may be named after it.
        of_sources = [
            _plain_table("sources", f"Sources in {self.path.name}", source_keys, sources),
        ]
        return [
            *([] if self.for_publishing else of_sources),
            _plain_table("coding", "Coding and review", state_keys, states),
            *([] if self.for_publishing else self._unplaced()),
            Table(
                "families",
                "Families",
                (Column("what", "families and cases"), Column("count", "count", "count")),
                tuple({"what": what, "count": count} for what, count in totals.items()),
                trace="qualkit reconcile",
                disclosure=Disclosure((Measure("count"),)),
            ),
        ]

    def _unplaced(self) -> list[Table]:
        unplaced = overview.fetch_unplaced(self._connection)
        keys = (
            ("case_id", "case"),
            ("segment_n", "segment"),
            ("code", "code"),
            ("quote", "words that no longer stand"),
            ("coder", "coder"),
            ("status", "status"),
        )
        title = "Coded or decided by a person, in words that a new version lacks"
        return [_plain_table("unplaced", title, keys, unplaced)] if unplaced else []

    # --- what stands at the foot ----------------------------------------------

    def _basis(
        self,
        asked: Counting,
        scope: Scope,
        category: str,
        found: list[ThemeCount],
        *,
        whole: bool = True,
    ) -> Basis:
        denominator = counts.count_units(self._connection, scope) if whole else None
        return make_basis(
            asked,
            n_by_kind=counts.count_kinds(self._connection, scope),
            denominator=denominator,
            counts=found,
            runs=counts.runs_behind(self._connection, scope, category),
        )

    def _notes(self, scope: Scope, category: str, *, by_domain: bool) -> list[str]:
        notes = []
        uncoded = counts.count_uncoded(self._connection, scope, category)
        if uncoded:
            notes.append(
                f"{uncoded} of the cases counted are not coded for {category} yet: qualkit code"
            )
        notes += [
            f"the codebook '{name}' has changed since this run: qualkit code"
            for name in counts.changed_codebooks(self._connection, category)
        ]
        # A codebook of some roles only, such as staff, is not crossed with domains.
        if by_domain and category != "domain" and not split_roles(scope.roles)[0]:
            codings, cases = counts.count_outside_domains(self._connection, scope, category)
            if codings:
                notes.append(
                    f"{counted(codings, 'coding')} of {counted(cases, 'case')} without declared"
                    " relevance stand in segments of no domain, so they count overall and for no"
                    " domain"
                )
        notes += note_left_out(
            self._connection, scope.family_where, scope.case_where, named=not self.for_publishing
        )
        if scope.count_by is CountBy.FAMILY:
            without = counts.count_without_family(self._connection, scope)
            if without:
                notes.append(f"{without} cases name no family and are not counted here")
        return notes

    def _trace(self, asked: Counting, category: str) -> str:
        """Return the command behind a row; `category` where the rows are codes, not groups."""
        codes = codebooks.fetch_codes(self._connection)
        own = {code.code for code in codes if code.category == category}
        others = {code.code for code in codes if code.category != category}
        # Said in full where a code alone could be another category's, or a group's.
        full = own & (others | {code.group for code in codes})
        parts = [f"qualkit quotes {category}.CODE" if full else "qualkit quotes CODE"]
        parts += [f"--kind {kind}" for kind in asked.kinds]
        if asked.domain:
            parts.append(f"--domain {asked.domain}")
        parts += [f"--where {key}={_quoted(value)}" for key, value in asked.where]
        if asked.count_by is CountBy.FAMILY:
            parts.append("--count-by family")
        if asked.coder:
            parts.append(f"--coder {_quoted(asked.coder)}")
        if asked.reviewed_only:
            parts.append("--reviewed-only")
        return " ".join(parts)


def _quoted(value: str) -> str:
    return value if re.fullmatch(r"[\w.:-]+", value) else f'"{value}"'


def _people(scope: Scope) -> Scope:
    """Return the scope in which families are counted; a case without one stands for its own."""
    return replace(scope, count_by=CountBy.CASE, people=True)


def _with_people(found: list[ThemeCount], people: list[ThemeCount]) -> list[ThemeCount]:
    behind = {(count.cell, count.code): count.count for count in people}
    return [replace(count, people=behind.get((count.cell, count.code))) for count in found]


def _with_people_of(table: Table, of: Callable[[Mapping[str, Any]], int | None]) -> Table:
    """Return a table whose rows also say the families behind their denominator."""
    return replace(table, rows=tuple({**row, "people_of": of(row)} for row in table.rows))


def _with_domain(scope: Scope, domain: str) -> Scope:
    return replace(scope, domain=domain)


def _plain_table(
    name: str, title: str, keys: tuple[tuple[str, str], ...], items: Sequence[object]
) -> Table:
    rows = tuple({key: getattr(item, key) for key, _ in keys} for item in items)
    columns: list[Column] = []
    for key, label in keys:
        numbers = any(isinstance(row[key], int) for row in rows)
        spare = 0 if key in ("name", "codebook", "cases", "cases_coded") else len(columns)
        columns.append(Column(key, label, "count" if numbers else "text", spare=spare))
    # None of these numbers is a sum of others.
    free = ("version", "codes")
    counted_in = [c.key for c in columns if c.form == "count" and c.key not in free]
    told = Disclosure(tuple(Measure(key) for key in counted_in), free=free)
    return Table(name, title, tuple(columns), rows, disclosure=told)
