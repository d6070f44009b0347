"""Journeys: a family's texts in the phases of its story, corrected by the researcher."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from qualkit.analysis.findings import NO_SAMPLE
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import (
    Basis,
    JourneyCoding,
    JourneyMap,
    JourneySegment,
    Page,
    Phase,
    PhasedSegment,
    PhaseTurn,
    Segment,
    Table,
)
from qualkit.project.base import CountingOptions
from qualkit.project.familyrows import _CLOSED, _OPENED, FamilyPart
from qualkit.project.historical import HistoryPart
from qualkit.project.phasewishes import read_rows, read_wish
from qualkit.store import (
    codebooks,
    codings,
    counts,
    families,
    familyrows,
    phases,
    progresslabels,
)
from qualkit.store.scope import Scope

if TYPE_CHECKING:
    from qualkit.coding.engine import RuleCoder

_TOLD_ON = ("date", "interview-date", "told-on", "date-told", "completed", "date-completed")
_QUARTERS = ("quarter", "year", "wave")
_DATE = re.compile(
    r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \d{4})\b"
)
_NEAR_START = 20
"""Characters before a note's date that still let it begin the note."""
NAMED_RULE = "@named"
"""The status of an agency that a text names and nobody coded."""
PHASE_RULE = (
    "a segment has one phase: a person's, else what cues give; rejected codings never count,"
    " unreviewed machine codings do"
)


class JourneyPart(HistoryPart, FamilyPart):
    """Phases of stories, and journeys made of them; a family's own is never published."""

    def journey(self, name: str, **options: Unpack[CountingOptions]) -> Page:
        """Return a family's journey, or a case's: phases, high and low points, ties.

        Parameters
        ----------
        name : str
            A family's reference, or a case's id.
        **options
            Counting options; all kinds of text if none is named. `top` is how many themes
            of each sort are named at a phase.

        Returns
        -------
        Page
            Tables journey (one row a phase), journey-points and journey-ties.

        Raises
        ------
        QualkitError
            It has no texts here, or was asked for publishing: it would tell who is who.
        """
        return self.read_journey(name, **options).page(options.get("top", 5))

    def read_journey(self, name: str, **options: Unpack[CountingOptions]) -> Journey:
        """Return a family's journey, or a case's, from which tables and pictures are made."""
        if self.for_publishing:
            raise QualkitError(
                "the journey of a single family cannot be published",
                found="--publish",
                to_do="qualkit journey --by cluster --publish",
            )
        scope = self._journey_scope(options)
        ufrn, case_id = self._whose(name)
        found = phases.fetch_journey_segments(self._connection, scope, ufrn=ufrn, case_id=case_id)
        if not found:
            raise QualkitError(
                "there is no text of this family or case to make a journey of",
                found=name,
                to_do="qualkit status shows what there is; leave out --kind and --where",
            )
        turns = self._phased(self._in_order(found))
        return Journey(self, name, scope, turns)

    def journeys(self, by: str = "cluster", **options: Unpack[CountingOptions]) -> Page:
        """Return the journeys of families by group, laid over each other.

        Parameters
        ----------
        by : str
            An attribute of families: "cluster", "family.locality", "progress" …
        **options
            Counting options; `top` is how many themes of a phase are shown.

        Returns
        -------
        Page
            Tables journey-scores and journey-themes, see `analysis.journeygroups`. They
            can be published.
        """
        from qualkit.analysis import journeygroups

        level, key = self._attribute(by)
        if level != "family":
            raise QualkitError(
                "journeys are laid over each other by an attribute of families",
                found=f"{level}.{key}",
            )
        asked, scope = self._counting(None, options)
        labels = self._group_labels(key)
        family_of = phases.fetch_case_family_keys(self._connection)
        by_family: dict[int, list[JourneySegment]] = defaultdict(list)
        aside: set[str] = set()
        for segment in phases.fetch_journey_segments(self._connection, scope):
            family = family_of.get(segment.case_id)
            if family is None:
                aside.add(segment.case_id)
            else:
                by_family[family].append(segment)
        told, coded = [], []
        for family, segments in by_family.items():
            turns = self._phased(segments)
            keys = [segment.segment_key for segment in segments]
            own = phases.fetch_journey_codings(self._connection, scope, keys)
            own += self._named_agencies(turns, own)
            coded += own
            told.append(journeygroups.family_journey(labels.get(family, ""), turns, own))
        everything = [s.segment_key for own in by_family.values() for s in own]
        basis = Basis(
            counts.count_kinds(self._connection, scope),
            len(told),
            "families",
            PHASE_RULE,
            tuple(phases.fetch_runs(self._connection, scope, everything)),
            _confirmed(coded),
        )
        notes = [NO_SAMPLE]
        if aside:
            notes.append(f"cases without a family, left out: {len(aside)}")
        return journeygroups.groups_page(told, by=key, top=asked.top, basis=basis, notes=notes)

    def _group_labels(self, key: str) -> dict[int, str]:
        if key == progresslabels.PROGRESS and not progresslabels.own_attribute(self._connection):
            return self.progress_labels()
        return families.fetch_attribute(self._connection, key)

    def phase_coder(self, name: str = "") -> str:
        """Return who sets phases: the name given, else the project's only person."""
        return " ".join(name.split()) or self._person("")

    def set_phases(self, name: str, wanted: Sequence[str], coder: str) -> int:
        """Give segments of a family or case another phase, in one step; return how many changed.

        Parameters
        ----------
        wanted : sequence of str
            Each SEGMENT=PHASE or FROM-TO=PHASE; of a family with several cases
            CASE:SEGMENT=PHASE. An empty phase gives the segment back to the cues.
        coder : str
            Who says so.

        Raises
        ------
        QualkitError
            One is not to be understood, or names a segment that there is not; then
            nothing is changed.
        """
        scope = self._journey_scope({})
        ufrn, case_id = self._whose(name)
        there = phases.fetch_journey_segments(self._connection, scope, ufrn=ufrn, case_id=case_id)
        by_case: dict[str, dict[int, int]] = defaultdict(dict)
        for segment in there:
            by_case[segment.case_id][segment.n] = segment.segment_key
        pairs: dict[int, str] = {}
        for text in wanted:
            pairs.update(read_wish(text, by_case))
        with self._plainly():
            return phases.set_phases(self._connection, list(pairs.items()), coder)

    def apply_phases(self, path: str | Path, coder: str) -> int:
        """Take the phases that a person changed in a table of phases; return how many changed.

        A row counts where its phase is another than the one that stands; an empty phase
        gives the segment back to the cues.

        Raises
        ------
        QualkitError
            The file is no such table, or a row names no phase or no segment of the
            project; then nothing is changed.
        """
        rows = list(read_rows(Path(path)))
        everything = self._segments_of(row[1] for row in rows)
        known = {case: {s.n: s for s in own} for case, own in everything.items()}
        stands = {
            turn.segment.segment_key: turn
            for own in everything.values()
            for turn in self._phased(own)
        }
        pairs = []
        for number, case_id, n, phase in rows:
            where = f"{path}, row {number}"
            if case_id not in known:
                raise UnknownNameError("case", case_id, known, where=where)
            if n not in known[case_id]:
                raise QualkitError(
                    "the case has no such segment", where=where, found=f"{case_id}, segment {n}"
                )
            turn = stands[known[case_id][n].segment_key]
            if phase != (turn.phase if phase or turn.by else ""):
                pairs.append((turn.segment.segment_key, phase))
        with self._plainly():
            return phases.set_phases(self._connection, pairs, coder)

    # --- what a journey is made of ------------------------------------------------------------

    def _journey_scope(self, options: CountingOptions) -> Scope:
        asked: dict[str, Any] = dict(options)
        if not asked.get("kind"):
            asked["kind"] = ["all"]
        scope = self._counting(None, CountingOptions(**asked))[1]  # type: ignore[typeddict-item]
        if scope.domain:
            raise QualkitError(
                "a journey is of all that a family told, not of one domain", found="--domain"
            )
        return scope

    def _whose(self, name: str) -> tuple[str, str]:
        """Return (family, '') or ('', case) for a name; families first."""
        ufrn = phases.find_ufrn(self._connection, name)
        if ufrn:
            return ufrn, ""
        if phases.fetch_segment_keys(self._connection, name):
            return "", name
        known = phases.fetch_case_families(self._connection)
        raise UnknownNameError("family or case", name, [*known.values(), *known])

    def _segments_of(self, case_ids: Iterable[str]) -> dict[str, list[JourneySegment]]:
        scope = self._journey_scope({})
        found = {}
        for case_id in dict.fromkeys(case_ids):
            own = phases.fetch_journey_segments(self._connection, scope, case_id=case_id)
            if own:
                found[case_id] = own
        return found

    def _in_order(self, segments: Sequence[JourneySegment]) -> list[JourneySegment]:
        """Return segments with the cases in the order of their dates, as far as they have any."""
        from qualkit.importers.dates import parse_date

        written = phases.fetch_case_dates(self._connection, _TOLD_ON)
        quarters = phases.fetch_case_dates(self._connection, _QUARTERS)
        front = phases.fetch_front_matter(self._connection)
        dates = {}
        for case_id in {segment.case_id for segment in segments}:
            named = _DATE.search(front.get(case_id, ""))
            date = parse_date(written.get(case_id, "")) or (named and parse_date(named.group()))
            # "2016Q4" sorts among years and dates well enough: it follows its first quarter.
            dates[case_id] = date or quarters.get(case_id, "")
        return sorted(segments, key=lambda segment: dates[segment.case_id])

    def _phased(self, segments: Sequence[JourneySegment]) -> list[PhasedSegment]:
        """Return segments with their phases: a person's, else what cues say of their case."""
        from qualkit.coding.phases import find_phases

        by_case: dict[str, list[JourneySegment]] = defaultdict(list)
        for segment in segments:
            by_case[segment.case_id].append(segment)
        stand = phases.fetch_phases(self._connection, [s.segment_key for s in segments])
        spans = self._open_spans(by_case)
        phased = []
        for case_id, own in by_case.items():
            turns = [
                PhaseTurn(s.text, s.role == "interviewer", s.label, _dated(s, spans.get(case_id)))
                for s in own
            ]
            for segment, found in zip(own, find_phases(turns), strict=True):
                said = stand.get(segment.segment_key)
                if said is None:
                    phased.append(PhasedSegment(segment, found.phase, "", found.margin, found.why))
                else:
                    phased.append(PhasedSegment(segment, Phase(said.phase), said.coder, None, ""))
        return phased

    def _open_spans(self, case_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Return when the family of each case was opened and closed, ISO dates or ''."""
        from qualkit.importers.dates import parse_date

        keys = familyrows.family_attribute_keys(self._connection)
        opened = next((key for key in _OPENED if key in keys), "")
        closed = next((key for key in _CLOSED if key in keys), "")
        if not opened and not closed:
            return {}
        dates = [
            families.fetch_attribute(self._connection, key) if key else {}
            for key in (opened, closed)
        ]
        family_of = phases.fetch_case_family_keys(self._connection)
        spans = {}
        for case_id in case_ids:
            key = family_of.get(case_id)
            if key is not None:
                start, end = (parse_date(own.get(key, "")) or "" for own in dates)
                spans[case_id] = (start, end)
        return spans

    @cached_property
    def _agency_coder(self) -> RuleCoder | None:
        """Return a coder that finds agencies in any text, or None without such a codebook."""
        from qualkit.codebook.compile import read_compiled
        from qualkit.coding.engine import RuleCoder

        compiled = [
            replace(
                read_compiled(codebooks.fetch_compiled(self._connection, book.version_key)),
                kinds=(),
                roles=(),
            )
            for book in codebooks.fetch_codebooks(self._connection)
            if book.categories == ("agency",)
        ]
        return RuleCoder(compiled) if compiled else None

    def _named_agencies(
        self, turns: Sequence[PhasedSegment], there: Sequence[JourneyCoding]
    ) -> list[JourneyCoding]:
        """Return agencies that texts name and nobody coded there; interviewers' words aside."""
        coder = self._agency_coder
        if coder is None:
            return []
        names = {(c.category, c.code): c.name for c in codebooks.fetch_codes(self._connection)}
        coded = {(own.segment_key, own.code) for own in there if own.category == "agency"}
        by_case: dict[str, list[PhasedSegment]] = defaultdict(list)
        for turn in turns:
            by_case[turn.segment.case_id].append(turn)
        found = []
        for own in by_case.values():
            texts = {t.segment.segment_key: t.segment for t in own}
            segments = [
                Segment(s.segment_key, 0, s.n, s.kind, s.role, s.text, s.speaker, s.label)
                for s in texts.values()
            ]
            for coding in coder.code_case(segments):
                segment = texts[coding.segment_id]
                key = (coding.segment_id, coding.code_id)
                if segment.role != "interviewer" and key not in coded:
                    found.append(
                        JourneyCoding(
                            coding.segment_id,
                            coding.category,
                            coding.code_id,
                            names.get((coding.category, coding.code_id), coding.code_id),
                            coding.start,
                            coding.end,
                            segment.text[coding.start : coding.end],
                            NAMED_RULE,
                        )
                    )
        return found


class Journey:
    """A journey read from a project: its map, and the tables of it.

    Attributes
    ----------
    turns : list of PhasedSegment
        Its segments with their phases.
    codings : list of JourneyCoding
        What counts in them, agencies named there included.
    map : JourneyMap
    """

    def __init__(
        self, project: JourneyPart, name: str, scope: Scope, turns: list[PhasedSegment]
    ) -> None:
        from qualkit.analysis.journey import map_journey

        connection = project.connection
        keys = [turn.segment.segment_key for turn in turns]
        coded = phases.fetch_journey_codings(connection, scope, keys)
        self.turns = turns
        self.codings = [*coded, *project._named_agencies(turns, coded)]
        self.map: JourneyMap = map_journey(name, turns, self.codings)
        self.notes = self._notes(coded)
        self._machine = next(iter(codings.fetch_machines(connection)))
        kinds = {turn.segment.case_id: turn.segment.kind for turn in turns}
        self._basis = Basis(
            dict(Counter(kinds.values())),
            len(turns),
            "segments",
            PHASE_RULE,
            tuple(phases.fetch_runs(connection, scope, keys)),
            _confirmed(coded),
        )

    def page(self, top: int = 5, *, all_links: bool = False) -> Page:
        """Return the tables for reading."""
        from qualkit.analysis.journeytables import journey_page

        return journey_page(
            self.map, top=top, basis=self._basis, notes=self.notes, all_links=all_links
        )

    def phases(self) -> Table:
        """Return one row a segment, to be corrected."""
        from qualkit.analysis.journeytables import phases_table

        notes = ["identifying: for the researcher, not to be passed on"]
        return phases_table(self.map, self.codings, notes, self._machine)

    def _notes(self, coded: Sequence[JourneyCoding]) -> list[str]:
        notes = ["identifying: for the researcher, not to be passed on"]
        by_hand = sum(1 for turn in self.turns if turn.by)
        notes.append(
            f"phases set by a person: {by_hand} of {len(self.turns)}; the others by cues, which"
            " err: correct them with --set, or in the file that --output writes"
        )
        aside = sum(1 for turn in self.turns if turn.phase is Phase.NONE)
        if aside:
            notes.append(f"segments that tell nothing of the story: {aside}")
        if not coded:
            notes.append("nothing is coded in these texts yet: qualkit code")
        if any(own.status == NAMED_RULE for own in self.codings):
            notes.append("agencies: named in the text, helpful or not, and not kept as codings")
        return notes


def _confirmed(coded: Sequence[JourneyCoding]) -> float | None:
    kept = [own for own in coded if own.status != NAMED_RULE]
    sure = sum(1 for own in kept if own.status in ("accepted", "added"))
    return sure / len(kept) if kept else None


def _dated(segment: JourneySegment, span: tuple[str, str] | None) -> Phase | None:
    """Return what the date that a note begins with says, given when the family was open."""
    from qualkit.importers.dates import parse_date

    found = _DATE.search(segment.text) if span is not None else None
    if found is None or span is None or found.start() > _NEAR_START:
        return None
    date = parse_date(found.group().replace(",", ""))
    opened, closed = span
    if date is None:
        return None
    if opened and date < opened:
        return Phase.BEFORE
    if closed and date > closed:
        return Phase.AFTER
    return Phase.DURING if opened else None
