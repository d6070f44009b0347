"""Phases of a family's segments: a person's, else what cues give; corrections kept."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import JourneySegment, Phase, PhasedSegment, PhaseTurn, PhaseWish
from qualkit.project.base import CountingOptions
from qualkit.project.familyrows import _CLOSED, _OPENED, FamilyPart
from qualkit.project.historical import HistoryPart
from qualkit.project.phasestretches import bounds, join, lay_over, within
from qualkit.project.phasewishes import read_rows, read_wish
from qualkit.store import families, familyrows, phases
from qualkit.store.scope import Scope

_TOLD_ON = ("date", "interview-date", "told-on", "date-told", "completed", "date-completed")
_QUARTERS = ("quarter", "year", "wave")
_DATE = re.compile(
    r"\b(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8},? \d{4})\b"
)
_NEAR_START = 20
"""Characters before a note's date that still let it begin the note."""


class PhasingPart(HistoryPart, FamilyPart):
    """Which phase of its story each segment of a family tells of, and corrections of that."""

    def phase_coder(self, name: str = "") -> str:
        """Return who sets phases: the name given, else the project's only person."""
        return " ".join(name.split()) or self._person("")

    def set_phases(self, name: str, wanted: Sequence[str], coder: str) -> int:
        """Give segments of a family or case another phase, in one step; return how many changed.

        Parameters
        ----------
        wanted : sequence of str
            Each SEGMENT=PHASE or FROM-TO=PHASE, or SEGMENT.FROM-TO=PHASE for sentences of a
            segment; of a family with several cases CASE: before it. An empty phase gives
            back to the cues.
        coder : str
            Who says so.

        Raises
        ------
        QualkitError
            One is not to be understood, or names a segment or sentence that there is not;
            then nothing is changed.
        """
        scope = self._journey_scope({})
        ufrn, case_id = self._whose(name)
        there = phases.fetch_journey_segments(self._connection, scope, ufrn=ufrn, case_id=case_id)
        by_case: dict[str, dict[int, JourneySegment]] = defaultdict(dict)
        for segment in there:
            by_case[segment.case_id][segment.n] = segment
        wishes: dict[tuple[int, int | None], PhaseWish] = {}
        for text in wanted:
            for wish in read_wish(text, by_case):
                wishes.pop((wish.segment_key, wish.start), None)
                wishes[wish.segment_key, wish.start] = wish
        with self._plainly():
            return phases.set_phases(self._connection, list(wishes.values()), coder)

    def apply_phases(self, path: str | Path, coder: str) -> int:
        """Take the phases that a person changed in a table of phases; return how many changed.

        A row counts where its phase is another than the one that stands for its segment, or
        for its sentences; an empty phase gives these back to the cues.

        Raises
        ------
        QualkitError
            The file is no such table, or a row names no phase, no segment or no sentence
            of the project; then nothing is changed.
        """
        rows = list(read_rows(Path(path)))
        everything = self._segments_of(row.case_id for row in rows)
        units: dict[str, dict[int, list[PhasedSegment]]] = {}
        for case_id, own in everything.items():
            units[case_id] = defaultdict(list)
            for unit in self._phased_units(own):
                units[case_id][unit.segment.n].append(unit)
        wishes = []
        for row in rows:
            where = f"{path}, row {row.number}"
            if row.case_id not in units:
                raise UnknownNameError("case", row.case_id, units, where=where)
            own_units = units[row.case_id].get(row.segment_n)
            if not own_units:
                found = f"{row.case_id}, segment {row.segment_n}"
                raise QualkitError("the case has no such segment", where=where, found=found)
            segment = own_units[0].segment
            start, end = bounds(segment, row.sentences, where)
            told = within(own_units, row.sentences)
            stands = {unit.phase for unit in told} if row.phase else {u.by for u in told}
            if stands != {row.phase}:
                wishes.append(PhaseWish(segment.segment_key, row.phase, start, end))
        with self._plainly():
            return phases.set_phases(self._connection, wishes, coder)

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
        if name in known:
            raise QualkitError("there is no text of this case to make a journey of", found=name)
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
        """Return segments, long ones in stretches, with the phases that hold."""
        return join(self._phased_units(segments))

    def _phased_units(self, segments: Sequence[JourneySegment]) -> list[PhasedSegment]:
        """Return segments, those read or corrected by sentence as their sentences."""
        from qualkit.coding.phasestretches import find_parts

        by_case: dict[str, list[JourneySegment]] = defaultdict(list)
        for segment in segments:
            by_case[segment.case_id].append(segment)
        stand = phases.fetch_phases(self._connection, [s.segment_key for s in segments])
        spans = self._open_spans(by_case)
        units = []
        for case_id, own in by_case.items():
            turns = [
                PhaseTurn(s.text, s.role == "interviewer", s.label, _dated(s, spans.get(case_id)))
                for s in own
            ]
            for segment, parts in zip(own, find_parts(turns), strict=True):
                units += lay_over(segment, parts, stand.get(segment.segment_key, ()))
        return units

    def _open_spans(self, case_ids: Collection[str]) -> dict[str, tuple[str, str]]:
        """Return when the family of each case was opened and closed, ISO dates or ''."""
        from qualkit.importers.dates import parse_date

        keys = familyrows.family_attribute_keys(self._connection)
        opened = next((key for key in _OPENED if key in keys), "")
        closed = next((key for key in _CLOSED if key in keys), "")
        if not opened and not closed:
            return {}
        family_of = phases.fetch_case_family_keys(self._connection, tuple(case_ids))
        among = set(family_of.values())
        dates = [
            families.fetch_attribute(self._connection, key, among) if key else {}
            for key in (opened, closed)
        ]
        spans = {}
        for case_id in case_ids:
            key = family_of.get(case_id)
            if key is not None:
                start, end = (parse_date(own.get(key, "")) or "" for own in dates)
                spans[case_id] = (start, end)
        return spans


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
