"""Family Star readings and needs: imported, chosen from, and counted into progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Basis, FamilyDataResult, Page, Table
from qualkit.normalise import slug
from qualkit.project.alike import note_alike, note_left_out
from qualkit.project.base import ProjectBase, make_counting
from qualkit.project.rejects import RejectsFile
from qualkit.store import cohort as cohorts
from qualkit.store import needs as need_store
from qualkit.store import overview, stars
from qualkit.store.families import fetch_strangers
from qualkit.store.needrows import has_assessments

if TYPE_CHECKING:
    from qualkit.importers.needs import NeedsOptions
    from qualkit.importers.stars import StarsOptions


class CohortChoice(TypedDict, total=False):
    """Who counts, by name, as the terminal and notebooks give it; see `CohortOptions`."""

    everybody: bool
    closed: bool | None
    closed_by: str
    min_reviews: int
    assessed: bool | None
    where: str | Sequence[str] | Mapping[str, str]
    readings: bool


class StarsPart(ProjectBase):
    """Progress of families by the Family Star. Tables take who counts by name."""

    # --- taking in ---------------------------------------------------------------

    def import_stars(
        self, path: str | Path, *, options: StarsOptions | None = None
    ) -> FamilyDataResult:
        """Import Family Star readings: a row a family, an assessment, or a reading.

        Parameters
        ----------
        path : path
            .csv .tsv .xlsx .jsonl
        options : StarsOptions, optional
            Columns; those left out are guessed and the guess is in `notes`.

        Returns
        -------
        FamilyDataResult
            Readings that are new, changed or there already; rows set aside with reasons.
        """
        from qualkit.importers.stars import read_stars

        names = self._domain_names()
        known = {domain: (name,) for domain, name in names.items()}
        parsed = read_stars(Path(path), options, known or None)
        with RejectsFile(self.path, parsed.name) as rejects, self._plainly():
            result = stars.save_readings(self._connection, parsed.name, parsed.items, rejects.add)
            rejects.outdated = True
        return _finished(result, [*parsed.notes, *self._strangers()], rejects)

    def import_needs(
        self, path: str | Path, *, options: NeedsOptions | None = None
    ) -> FamilyDataResult:
        """Import needs: yes or no for each need, an assessment of adult, child or family a row.

        Parameters
        ----------
        path : path
            .csv .tsv .xlsx .jsonl
        options : NeedsOptions, optional
            Columns; those left out are guessed and the guess is in `notes`.
        """
        from qualkit.importers.needs import read_needs

        parsed = read_needs(Path(path), options)
        with RejectsFile(self.path, parsed.name) as rejects, self._plainly():
            result = need_store.save_needs(
                self._connection, parsed.name, parsed.items, parsed.names, rejects.add
            )
            rejects.outdated = True
        return _finished(result, [*parsed.notes, *self._strangers()], rejects)

    def _strangers(self) -> list[str]:
        """Say which references with readings or needs no table of families names."""
        from qualkit.importers.columns import name_list

        found = fetch_strangers(self._connection)
        if not found:
            return []
        return [
            f"not in the table of families, but counted as families: {name_list(found, most=5)};"
            " slips in typing make families of their own"
        ]

    # --- who counts --------------------------------------------------------------

    def cohort(self, **choice: Unpack[CohortChoice]) -> cohorts.Cohort:
        """Choose the families that count.

        Parameters
        ----------
        everybody : bool
            All with readings; the conditions are not asked.
        closed, assessed : bool, optional
            Left out: asked where the project can tell.
        closed_by : "KEY" or "KEY=VALUE,VALUE"
            The attribute of families, and its values, that say closed; guessed if left out.
        min_reviews : int
            Fewest reviews after the first assessment; 1 if left out.
        where : KEY=VALUE, or a mapping
            Attributes of families.
        readings : bool
            Whether families must have readings; True if left out.
        """
        family, case = self._where(make_counting(where=choice.get("where", ())).where)
        if case:
            raise QualkitError(
                "readings are of families, so only attributes of families choose among them",
                found=f"case.{case[0][0]}",
                expected="one of " + ", ".join(overview.attribute_keys(self._connection)["family"]),
            )
        if choice.get("min_reviews", 1) < 0:
            raise QualkitError("the number of reviews must not be below 0")
        closed, assessed = choice.get("closed"), choice.get("assessed")
        closed_by, values = self._closed_by(choice.get("closed_by", ""))
        if closed_by and closed is False:
            raise QualkitError(
                "open families are to count too, so nothing is asked of closing",
                found="--no-closed and --closed-by",
                to_do="leave one of them out",
            )
        closed = True if closed_by else closed
        if choice.get("everybody") and (closed or assessed or choice.get("min_reviews", 1) > 1):
            raise QualkitError(
                "with --all no condition is asked, so none can be named beside it",
                to_do="leave --all out, or the conditions",
            )
        if closed and not closed_by and not cohorts.closed_key(self._connection):
            raise QualkitError(
                "no attribute of families says whether they are closed",
                expected="an attribute such as closed, closed-on or status",
                to_do="say which with --closed-by, import it with `qualkit import families FILE`,"
                " or leave --closed out",
            )
        if assessed and not has_assessments(self._connection):
            raise QualkitError(
                "no needs were imported, so nobody is known to be assessed",
                to_do="qualkit import needs FILE, or leave --assessed out",
            )
        found = cohorts.cohort(
            self._connection,
            cohorts.CohortOptions(
                choice.get("everybody", False),
                closed,
                choice.get("min_reviews", 1),
                assessed,
                family,
                choice.get("readings", True),
                closed_by=closed_by,
                closed_values=values,
            ),
        )
        return replace(
            found,
            notes=(
                *found.notes,
                *note_left_out(self._connection, family, (), named=not self.for_publishing),
            ),
        )

    def _closed_by(self, asked: str) -> tuple[str, tuple[str, ...]]:
        """Return the attribute that says closed, and the values that do; none for guessed."""
        key, equals, text = asked.partition("=")
        if not key.strip() and not equals:
            return "", ()
        name = self._family_attribute(key)
        if not equals:
            return name, ()
        known = overview.attribute_values(self._connection, "family", name)
        values: list[str] = []
        for wanted in (part.strip() for part in text.split(",")):
            same = [value for value in known if value.casefold() == wanted.casefold()]
            if not same:
                raise UnknownNameError(f"value of family.{name}", wanted, known)
            values += same
        return name, tuple(dict.fromkeys(values))

    def star_flow(self, **choice: Unpack[CohortChoice]) -> Table:
        """Return how the families that count come about: in, out with reasons, left."""
        from qualkit.analysis.starstables import flow_table

        chosen = self.cohort(**choice)
        return flow_table(chosen.families, chosen.steps, chosen.notes)

    # --- tables ------------------------------------------------------------------

    def stars(self, *, domain: str = "", by: str = "", **choice: Unpack[CohortChoice]) -> Table:
        """Return Family Star progress, a row a domain.

        Parameters
        ----------
        domain : str
            Only this one, as a matrix of stages, or with `by` its stages by group.
        by : str
            An attribute of families, for instance "cluster": a row a domain and group.
        **choice
            Who counts, see `cohort`.

        Returns
        -------
        Table
            domain, name, n, progress, higher, lower, same (shares 0 to 1), n_higher,
            n_lower, n_same, at_highest, progress_of.

        Raises
        ------
        UnknownNameError
            A domain, attribute or value is not there.
        QualkitError
            The project holds no readings.
        """
        return self.star_page(domain=domain, by=by, **choice).tables[0]

    def star_matrix(self, domain: str, **choice: Unpack[CohortChoice]) -> Table:
        """Return the families of one domain by start and end stage.

        Returns
        -------
        Table
            start_stage, end_stage, families, of, share (0 to 1); laid out as a matrix.
        """
        return self.stars(domain=domain, **choice)

    def star_extremes(self, by: str = "cluster", **choice: Unpack[CohortChoice]) -> Table:
        """Return the groups of families with most and least progress in each domain."""
        return self.star_page(by=by, **choice).tables[1]

    def star_page(self, *, domain: str = "", by: str = "", **choice: Unpack[CohortChoice]) -> Page:
        """Return progress, with `by` most and least of it too, and last who counts."""
        from qualkit.analysis import starsgroups, starstables
        from qualkit.analysis.stars import PROGRESS_RULE, to_stages
        from qualkit.codebook.stages import load_stages

        self._require_readings()
        group = self._family_attribute(by) if by else ""
        domain = self._star_domain(domain) if domain else ""
        names, stages = self._star_names(), load_stages(self.path.parent)
        chosen = self.cohort(**choice)
        found = to_stages(stars.count_spans(self._connection, chosen.sql, domain, group), stages)
        basis = Basis(denominator=chosen.n, unit="families that count", rule=PROGRESS_RULE)
        notes = [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
        notes += note_alike(self._connection, "family", group) if group else []
        tables = []
        if domain and group:
            title = f"{names[domain]}: stages by {group}"
            tables.append(
                starsgroups.stages_by_group_table(
                    found, stages, basis, title=title, by=group, notes=notes
                )
            )
        elif domain:
            title = f"{names[domain]}: families by first and last stage"
            tables.append(starstables.matrix_table(found, stages, basis, title=title, notes=notes))
        elif group:
            grouped = starsgroups.groups_table(found, names, stages, basis, by=group, notes=notes)
            overall = starstables.stars_table(found, names, stages, basis)
            tables += [grouped, starsgroups.extremes_table(grouped, overall, by=group)]
        else:
            tables.append(starstables.stars_table(found, names, stages, basis, notes))
        flow = starstables.flow_table(chosen.families, chosen.steps, chosen.notes)
        return Page("stars", tables[0].title, (*tables, flow))

    # --- names -------------------------------------------------------------------

    def _star_names(self) -> dict[str, str]:
        """Return the domains by their names: of the codebook, and of readings where it has none."""
        from qualkit.importers.relevance import DOMAINS

        names = self._domain_names()
        there = stars.fetch_domains(self._connection)
        for domain in [*(own for own in DOMAINS if own in there), *there]:
            names.setdefault(domain, DOMAINS.get(domain, (domain,))[0])
        return names

    def _star_domain(self, name: str) -> str:
        names = self._star_names()
        by_name = {slug(own): domain for domain, own in names.items()}
        wanted = slug(name)
        if wanted in names:
            return wanted
        if wanted in by_name:
            return by_name[wanted]
        raise UnknownNameError("domain", name, list(names))

    def _family_attribute(self, key: str) -> str:
        level, name = self._attribute(key if "." in key else f"family.{key}")
        if level != "family":
            raise QualkitError(
                "readings are of families, so they are grouped by an attribute of families",
                found=key,
            )
        return name

    def _require_readings(self) -> None:
        if not stars.has_readings(self._connection):
            raise QualkitError(
                "the project holds no Family Star readings yet",
                where=str(self.path),
                to_do="qualkit import stars FILE",
            )


def _finished(
    result: FamilyDataResult, notes: Iterable[str], rejects: RejectsFile
) -> FamilyDataResult:
    result.notes = list(notes)
    if rejects.count:
        result.rejects_file = str(rejects.path)
    return result
