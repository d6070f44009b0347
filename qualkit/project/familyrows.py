"""Families one by one: the table behind a case study, and which families to look at."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Counting, Table
from qualkit.normalise import slug
from qualkit.project.base import CountingOptions
from qualkit.project.progress import ProgressPart
from qualkit.report.files import export_rows
from qualkit.store import codebooks, counts, familyrows, progresslabels, stars
from qualkit.store.scope import Scope

if TYPE_CHECKING:
    from qualkit.analysis.familyrows import Layout

_OPENED = (
    *("opened", "opened-on", "open-date", "date-opened", "case-opened", "opening-date"),
    *("date-case-opened", "case-open-date", "start-date", "started"),
)
_CLOSED = (
    *("closed", "closed-on", "closed-date", "date-closed", "close-date", "closure-date"),
    *("case-closed", "case-closed-date", "date-case-closed", "closing-date", "end-date", "ended"),
)
_COUNTED = ("activity", "enabler", "barrier", "outcome")


@dataclass(frozen=True, slots=True)
class FamilyChoice:
    """Which families have a row.

    Attributes
    ----------
    stuck, deviant : bool
        Only these; see `analysis.familyrows`.
    months : float
        Stuck is who was open longer.
    opened, closed : str
        Attributes that hold the dates; guessed if left out.
    as_of : str
        ISO date until which open families are counted as open; today if left out.
    codes : tuple of str
        Themes that people see a column of.
    """

    stuck: bool = False
    deviant: bool = False
    months: float = 12
    opened: str = ""
    closed: str = ""
    as_of: str = ""
    codes: tuple[str, ...] = ()


class FamilyPart(ProgressPart):
    """Tables with a row a family: they tell who is who, so they are never published."""

    def families(
        self,
        *,
        choice: FamilyChoice | None = None,
        limit: int = 0,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> Table:
        """Return one row a family: attributes, progress, stages won or lost, themes.

        Parameters
        ----------
        choice : FamilyChoice, optional
            Only stuck or deviant families, and how these are found.
        limit : int
            At most so many rows; 0 for all.

        Returns
        -------
        Table
            ufrn, `family.KEY` for each attribute, progress (higher, same, lower, or blank),
            domains_up, domains_same, domains_down, stages (the sum), `stages.DOMAIN`, cases,
            `themes.CATEGORY` (different themes), `category.code` (cases with it).

        Raises
        ------
        QualkitError
            Asked for publishing, or dates or readings are missing that the choice needs.
        """
        from qualkit.analysis.familyrows import families_table

        rows = _FamilyRows(self, choice or FamilyChoice(), counting, options)
        shown = list(islice(rows, limit)) if limit else list(rows)
        notes = rows.notes()
        if limit and len(shown) == limit and next(iter(rows.rest), None) is not None:
            notes.append(f"only the first {limit}; all with --rows 0, or --output FILE")
        return families_table(
            shown,
            rows.columns,
            title=rows.title,
            rule=rows.rule,
            n_by_kind=counts.count_kinds(self._connection, rows.scope),
            notes=notes,
        )

    def export_families(
        self,
        path: str | Path,
        *,
        choice: FamilyChoice | None = None,
        counting: Counting | None = None,
        **options: Unpack[CountingOptions],
    ) -> int:
        """Write the rows of `families` to a file as they come; return how many."""
        rows = _FamilyRows(self, choice or FamilyChoice(), counting, options)
        return export_rows(Path(path), [column.key for column in rows.columns], rows)

    def _attribute(self, key: str) -> tuple[str, str]:
        """Return an attribute's level and name; progress is worked out when it is asked for."""
        plain = key.strip().casefold()
        if plain not in (progresslabels.PROGRESS, f"family.{progresslabels.PROGRESS}"):
            return super()._attribute(key)
        if progresslabels.own_attribute(self._connection):
            return super()._attribute(key)
        self._lay_progress()
        return "family", progresslabels.PROGRESS

    def _lay_progress(self) -> None:
        if not progresslabels.has_progress(self._connection):
            progresslabels.lay_down(self._connection, self._label_pairs({}))


class _FamilyRows:
    """The rows asked for, one by one, and what is to be said of them."""

    def __init__(
        self,
        project: FamilyPart,
        choice: FamilyChoice,
        counting: Counting | None,
        options: CountingOptions,
    ) -> None:
        from qualkit.analysis import familyrows as measured
        from qualkit.codebook.stages import load_stages

        if project.for_publishing:
            raise QualkitError(
                "rows of single families cannot be published",
                found="--publish",
                to_do="qualkit stars, progress or link with --publish",
            )
        self._connection, self._choice, self._measured = project.connection, choice, measured
        # Families are listed with and without text, so a project of readings alone will do.
        self.scope = _scope(project, counting, options)
        if self.scope.case_where:
            raise QualkitError(
                "families are chosen by attributes of families",
                found=f"case.{self.scope.case_where[0][0]}",
            )
        self._stages = load_stages(project.path.parent)
        readings = stars.has_readings(self._connection)
        if (choice.stuck or choice.deviant) and not readings:
            raise QualkitError(
                "the project holds no Family Star readings, so nobody's progress is known",
                to_do="qualkit import stars FILE",
            )
        self._said: list[str] = []
        if readings:
            try:
                project._lay_progress()
            except QualkitError as error:
                if choice.deviant:
                    raise
                self._said.append(f"progress over all domains is not known: {error.what}")
        self._labelled = progresslabels.has_progress(self._connection)
        self._dates = self._date_keys()
        if choice.stuck and not self._dates[0]:
            raise QualkitError(
                "no attribute of families says when a family was opened",
                expected="an attribute such as opened",
                to_do="--opened KEY, or import it with qualkit import families FILE",
            )
        self._today = choice.as_of or datetime.date.today().isoformat()
        self.layout = self._layout(project)
        self.columns = self.layout.columns(project._star_names() if readings else {})
        self._limits = self._find_limits() if choice.deviant else None
        self.rest: Iterator[dict[str, Any]] = iter(())
        kinds = [what for what in ("stuck", "deviant") if getattr(choice, what)]
        self.title = "Families" + (f", {' and '.join(kinds)}" if kinds else "")

    @property
    def rule(self) -> str:
        """What the columns and the choice mean, in words."""
        parts = [
            "up, same, down: domains with both readings in which the family ended at a higher, the"
            " same or a lower stage; stages: the sum over domains; themes: how many different ones"
        ]
        if self._choice.stuck:
            parts.append(self._measured.STUCK_RULE.format(months=f"{self._choice.months:g}"))
        if self._choice.deviant:
            parts.append(self._measured.DEVIANT_RULE)
        return "; ".join(parts)

    def notes(self) -> list[str]:
        """What is to be said beside the rows."""
        said = [*self._said, "identifying: for the researcher, not to be passed on"]
        if self._choice.stuck:
            opened, closed = self._dates
            said.append(
                f"opened: {opened}; closed: {closed or 'no attribute'};"
                f" open ones until {self._today}"
            )
        if self._limits:
            for what, own in zip(("outcomes", "barriers"), self._limits, strict=True):
                few = "none" if own.few is None else f"{own.few:g} or fewer"
                many = "none" if own.many is None else f"{own.many:g} or more"
                said.append(f"{what}: few, {few}; many, {many}")
        return said

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.rest = self._rows()
        return self.rest

    def _rows(self) -> Iterator[dict[str, Any]]:
        measured, choice = self._measured, self._choice
        for family in self._families(self.scope):
            changes = measured.stage_changes(family.spans, self._stages)
            months = self._months(family.attributes) if choice.stuck else None
            if choice.stuck and not measured.is_stuck(months, changes, choice.months):
                continue
            why = ""
            if self._limits:
                numbers = measured.themes_by_category(family)
                if family.cases:
                    why = measured.why_deviant(
                        family.label,
                        numbers.get("outcome", 0),
                        numbers.get("barrier", 0),
                        self._limits,
                    )
                if not why:
                    continue
            yield measured.family_row(family, changes, self.layout, months=months, deviant=why)

    def _families(self, scope: Scope) -> Iterator[familyrows.FamilyRow]:
        return familyrows.iterate_families(self._connection, scope, labelled=self._labelled)

    def _find_limits(self) -> Any:
        tally = self._measured.Tally()
        # Who is deviant does not hang on who else is listed.
        for family in self._families(replace(self.scope, family_where=())):
            tally.add(family)
        return tally.limits()

    def _months(self, attributes: dict[str, str]) -> float | None:
        from qualkit.importers.dates import parse_date

        opened, closed = self._dates
        start = parse_date(attributes.get(opened, "")) or ""
        end = parse_date(attributes.get(closed, "")) or self._today
        return self._measured.months_between(start, end)

    def _date_keys(self) -> tuple[str, str]:
        known = familyrows.family_attribute_keys(self._connection)
        found = []
        for given, names in ((self._choice.opened, _OPENED), (self._choice.closed, _CLOSED)):
            name = slug(given.removeprefix("family."))
            if given and name not in known:
                raise UnknownNameError("family attribute", given, known)
            found.append(name or next((own for own in names if own in known), ""))
        return found[0], found[1]

    def _layout(self, project: FamilyPart) -> Layout:
        codes = [code for code in codebooks.fetch_codes(self._connection) if not code.retired]
        fitting = {
            book.name
            for book in codebooks.fetch_codebooks(self._connection)
            if not book.kinds or set(book.kinds) & set(self.scope.kinds)
        }
        own = tuple((c.category, c.code) for c in codes if c.codebook in fitting)
        shown = _shown(self._choice.codes, own)
        there = {category for category, _ in own}
        categories = [name for name in _COUNTED if name in there]
        categories += sorted(there - {*categories, "domain"})
        attributes = familyrows.family_attribute_keys(self._connection)
        attributes.sort(key=lambda key: (key != "cluster", key))
        return self._measured.Layout(
            tuple(attributes),
            tuple(stars.fetch_domains(self._connection)),
            tuple(categories),
            own,
            shown,
            self._choice.stuck,
            self._choice.deviant,
        )


def _scope(project: FamilyPart, counting: Counting | None, options: CountingOptions) -> Scope:
    if counts.kinds_with_text(project.connection):
        return project._counting(counting, options)[1]
    from qualkit.project.base import make_counting

    asked = counting or make_counting(**options)
    family, case = project._where(asked.where)
    return Scope(kinds=("msc",), family_where=family, case_where=case)


def _shown(wanted: Sequence[str], codes: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for name in wanted:
        category, dot, code = name.rpartition(".")
        hits = [own for own in codes if own[1] == slug(code) and (not dot or own[0] == category)]
        if not hits:
            raise UnknownNameError("code", name, [code for _, code in codes])
        found += hits
    return tuple(dict.fromkeys(found))
