"""Which themes meet, and the words of two themes side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, groupby, islice, zip_longest
from pathlib import Path
from typing import Unpack

from qualkit.analysis import cooccurrence as analysis
from qualkit.analysis import sidebyside
from qualkit.analysis.basis import UNIT_NAMES, counting_rule
from qualkit.analysis.disclosure import DEFAULT_LIMIT
from qualkit.errors import ChoiceNeededError, QualkitError, UnknownNameError
from qualkit.model import Basis, CountBy, Counting, Meeting, Table
from qualkit.project.base import CountingOptions
from qualkit.project.pages import PagePart
from qualkit.store import codebooks, counts, groups
from qualkit.store import cooccurrence as store
from qualkit.store.reading import Quotation
from qualkit.store.scope import Scope

_EACH = "domain"
LEAST_PUBLISHED = 2 * DEFAULT_LIMIT
"""Of fewer with a theme no number of those with another could be shown, nor of those without."""


class MeetingPart(PagePart):
    """Pairs of themes: how often they meet, and where."""

    def cooccurrence(
        self,
        category: str,
        other: str = "",
        *,
        by: str = "",
        pairs: int = 0,
        least: int = 0,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return which themes meet in a case, a family or a segment, with lift and interval.

        Parameters
        ----------
        category, other : str
            Pairs within one category, or of a theme of the one with a theme of the other.
        by : {"", "domain"}
            All together, or within each domain.
        pairs : int
            Only so many (in each domain), those furthest from chance; 0 for all.
        least : int
            Only pairs that meet in so many units.

        Returns
        -------
        Table
            See `analysis.cooccurrence.cooccurrence_table`.

        Raises
        ------
        QualkitError
            A smallest number is asked for in a table to be published.
        """
        category = self._category(category)
        other = self._category(other) if other else category
        if by not in ("", _EACH):
            raise UnknownNameError("way to lay out pairs", by, [_EACH])
        if least and self.for_publishing:
            raise QualkitError(
                "with a smallest number asked for, what is left out would be known to be above it",
                found=f"--min {least}",
                to_do="leave --min out of what is published",
            )
        asked, scopes = self._scopes(counting, options, category, other)
        themes, names = self._themes_of(scopes)
        domains = self._domain_names() if by else None
        if domains and asked.domain:
            domains = {asked.domain: domains[asked.domain]}
        meetings: list[Meeting] = []
        codings = confirmed = 0
        for domain in domains or (asked.domain,):
            own = [replace(t, scope=replace(t.scope, domain=domain)) for t in themes]
            together = store.count_together(self._connection, own, people=self.for_publishing)
            codings, confirmed = codings + together.codings, confirmed + together.confirmed
            meetings += _meetings(
                own,
                together,
                store.count_shared_units(self._connection, [t.scope for t in own]),
                domain if domains else "",
                crossed=category != other,
            )
        shown = replace(asked, domain="DOMAIN") if domains else asked
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scopes[category]),
            denominator=None
            if domains
            else store.count_shared_units(self._connection, list(scopes.values())),
            unit=UNIT_NAMES[asked.count_by],
            rule=counting_rule(shown),
            runs=tuple(
                dict.fromkeys(
                    run
                    for own, scope in scopes.items()
                    for run in counts.runs_behind(self._connection, scope, own)
                )
            ),
            confirmed=confirmed / codings if codings else None,
        )
        return analysis.cooccurrence_table(
            meetings,
            names,
            basis,
            title=self._title(category, other, asked, bool(domains)),
            top=pairs,
            least=least,
            by_count=self.for_publishing,
            domains=domains,
            notes=self._pair_notes(scopes, asked),
            trace=self._meeting_trace(shown, category, other),
        )

    def quotes_together(
        self,
        code: str,
        other: str,
        *,
        limit: int = 0,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return the quotations of two themes side by side, where both count.

        Parameters
        ----------
        code, other : str
            "isolation", "barrier.isolation", a code's name or a group's slug.
        limit : int
            At most so many units; 0 for all.

        Returns
        -------
        Table
            The first quotation of the one beside the first of the other in a case (family,
            segment), then the second, and so on.
        """
        if self.for_publishing:
            raise QualkitError(
                "quotations side by side cannot be published: a person clears each alone, and"
                " two of one case tell more of it",
                to_do="qualkit quotes CODE --publish",
            )
        one, two = self._one_category(code), self._one_category(other)
        if {item.key for item in one} & {item.key for item in two}:
            raise QualkitError(
                "a theme always meets itself", found=f"{code} with {other}", to_do="name two themes"
            )
        categories = one[0].category, two[0].category
        asked, scopes = self._scopes(counting, options, *categories)
        sides = [
            store.Theme(found[0].name, tuple(c.key for c in found), scopes[found[0].category])
            for found in (one, two)
        ]
        rows: list[dict[str, object]] = []
        n = 0
        places = groupby(
            store.iterate_meetings(self._connection, sides[0], sides[1]), key=lambda item: item[0]
        )
        for _, found in islice(places, limit or None):
            n += 1
            rows += self._side_by_side([(first, q) for _, first, q in found])
        basis = Basis(
            n_by_kind=counts.count_kinds(self._connection, scopes[categories[0]]),
            rule=counting_rule(asked),
        )
        unit = UNIT_NAMES[asked.count_by]
        named = [
            found[0].name if len(found) == 1 else name
            for found, name in ((one, code), (two, other))
        ]
        notes = [f"{n} {unit if n != 1 else str(asked.count_by)} with both"] if rows else []
        return sidebyside.side_by_side_table(rows, named, basis, unit=asked.count_by, notes=notes)

    def _side_by_side(self, found: Sequence[tuple[bool, Quotation]]) -> Iterator[dict[str, object]]:
        left = [self._quote_row(quotation) for first, quotation in found if first]
        right = [self._quote_row(quotation) for first, quotation in found if not first]
        nothing: dict[str, object] = {}
        for one, other in zip_longest(left, right, fillvalue=nothing):
            yield sidebyside.side_by_side(one, other)

    # --- what is counted --------------------------------------------------------------------

    def _scopes(
        self,
        counting: Counting | None,
        options: CountingOptions,
        category: str,
        other: str,
    ) -> tuple[Counting, dict[str, Scope]]:
        """Return the options filled in, and the scope of each category; kinds are the first's."""
        asked, scope = self._counting(counting, options, category)
        _, second = self._counting(asked, CountingOptions(), other)
        return asked, {category: scope, other: second}

    def _themes_of(self, scopes: Mapping[str, Scope]) -> tuple[list[store.Theme], dict[str, str]]:
        themes: list[store.Theme] = []
        names: dict[str, str] = {}
        for category, scope in scopes.items():
            keys: dict[str, list[int]] = {}
            for code in codebooks.fetch_codes(self._connection, category):
                keys.setdefault(code.code, []).append(code.key)
                names.setdefault(f"{category}.{code.code}", code.name)
            themes += [
                store.Theme(f"{category}.{code}", tuple(own), scope) for code, own in keys.items()
            ]
        return themes, names

    def _one_category(self, name: str) -> list[codebooks.StoredCode]:
        found = self._codes_or_group(name)
        categories = sorted({item.category for item in found})
        if len(categories) > 1:
            raise ChoiceNeededError(
                f"'{name}' is a code in more than one category",
                found=", ".join(f"{c}.{found[0].code}" for c in categories),
                to_do=f"say which, for instance: {categories[0]}.{found[0].code}",
            )
        return found

    # --- what stands around -------------------------------------------------------------------

    def _title(self, category: str, other: str, asked: Counting, each: bool) -> str:
        what = category if category == other else f"{category} and {other}"
        where = " in each domain" if each else ""
        if asked.domain and not each:
            where = f" for {self._domain_names()[asked.domain].lower()}"
        return f"Themes that meet in a {asked.count_by}: {what}{where}"

    def _pair_notes(self, scopes: Mapping[str, Scope], asked: Counting) -> list[str]:
        notes = [
            note
            for category, scope in scopes.items()
            for note in self._notes(scope, category, by_domain=bool(scope.domain))
        ]
        scope = next(iter(scopes.values()))
        if self.for_publishing:
            notes.append(
                "themes with fewer than ten families behind them are left out: none of their"
                " numbers could be shown"
            )
        if asked.count_by is CountBy.SEGMENT:
            notes.append(
                "segments of one case are not independent of each other, as tests and intervals"
                " take them to be: read them as a rough guide, or --count-by case"
            )
        elif asked.count_by is CountBy.CASE:
            more = groups.count_families_with_more(self._connection, scope)
            if more:
                notes.append(
                    f"families with several cases: {more}; tests and intervals take cases as"
                    " independent, which --count-by family does not need"
                )
        return list(dict.fromkeys(notes))

    def _meeting_trace(self, asked: Counting, category: str, other: str) -> str:
        program, command, code, *rest = self._trace(asked, category).split(" ")
        second = self._trace(asked, other).split(" ")[2].replace("CODE", "CODE2")
        if asked.count_by is CountBy.SEGMENT:
            rest.append("--count-by segment")
        return " ".join([program, command, code, "--with", second, *rest])


def _meetings(
    themes: Sequence[store.Theme],
    together: store.Together,
    n: int,
    cell: str,
    *,
    crossed: bool,
) -> Iterator[Meeting]:
    """Yield every pair of themes; `crossed`: of one category with another."""
    found, people = together.counts, together.people
    # What is nowhere to be found meets nothing.
    least, behind_each = (1, found) if people is None else (LEAST_PUBLISHED, people)
    there = [at for at in range(len(themes)) if int(behind_each[at, at]) >= least]
    for at, beside in combinations(there, 2):
        one, other = themes[at], themes[beside]
        if crossed and one.name.partition(".")[0] == other.name.partition(".")[0]:
            continue
        places = ((at, beside), (at, at), (beside, beside))
        both, n_one, n_other = (int(found[place]) for place in places)
        behind = None
        if people is not None:
            behind = tuple(int(people[place]) for place in places)
        yield Meeting(one.name, other.name, both, n_one, n_other, n, cell, behind)  # type: ignore[arg-type]


def draw_themes(table: Table, path: Path, *, matrix: bool = False) -> None:
    """Draw a table of pairs of themes: as a graph of those that stand, or as a matrix of all.

    Parameters
    ----------
    table : Table
        From `Project.cooccurrence`, or what publishing left of it.
    path : Path
        .svg, .png, .pdf or .html
    """
    from qualkit.report.graphpictures import draw_graphs, draw_grid

    if matrix:
        draw_grid(analysis.theme_grid(table), path)
    else:
        draw_graphs([analysis.theme_graph(table)], path)
