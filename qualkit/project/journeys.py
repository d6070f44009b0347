"""Journeys: a family's texts in the phases of its story, corrected by the researcher."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Unpack

from qualkit.analysis.basis import share
from qualkit.analysis.findings import NO_SAMPLE
from qualkit.errors import QualkitError
from qualkit.model import (
    Basis,
    JourneyCoding,
    JourneyMap,
    Page,
    Phase,
    PhasedSegment,
    Table,
)
from qualkit.project.base import CountingOptions
from qualkit.project.journeywords import NAMED_RULE, JourneyWordsPart
from qualkit.project.phasestretches import number_sentences
from qualkit.store import codings, counts, families, phases, progresslabels
from qualkit.store.scope import Scope

PHASE_RULE = (
    "a segment has one phase, of a long one each sentence: a person's, else what cues give;"
    " rejected codings never count, unreviewed machine codings do"
)

_BATCH = 200
"""Families whose texts are held at once."""


class JourneyPart(JourneyWordsPart):
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
        keys, aside = phases.fetch_telling_families(self._connection, scope)
        tally, kept, sure = journeygroups.GroupTally(), 0, 0
        for at in range(0, len(keys), _BATCH):
            for family, turns, coded in self._told(scope, keys[at : at + _BATCH]):
                tally.add(journeygroups.family_journey(labels.get(family, ""), turns, coded))
                own = _kept(coded)
                kept, sure = kept + len(own), sure + _sure(own)
        basis = Basis(
            counts.count_kinds(self._connection, scope),
            len(keys),
            "families",
            PHASE_RULE,
            tuple(phases.fetch_runs(self._connection, scope)),
            share(sure, kept),
        )
        notes = [NO_SAMPLE]
        if aside:
            notes.append(f"cases without a family, left out: {aside}")
        return journeygroups.groups_page(tally, by=key, top=asked.top, basis=basis, notes=notes)

    def _told(
        self, scope: Scope, family_keys: Sequence[int]
    ) -> Iterator[tuple[int, list[PhasedSegment], list[JourneyCoding]]]:
        """Yield (family, its segments with their phases, what is coded or named in them)."""
        segments = phases.fetch_journey_segments(
            self._connection, scope, family_keys=tuple(family_keys)
        )
        cases = list(dict.fromkeys(segment.case_id for segment in segments))
        family_of = phases.fetch_case_family_keys(self._connection, cases)
        turns = self._phased(segments)
        coded = phases.fetch_journey_codings(
            self._connection, scope, [segment.segment_key for segment in segments]
        )
        family_by_segment = {s.segment_key: family_of[s.case_id] for s in segments}
        turns_by_family: dict[int, list[PhasedSegment]] = defaultdict(list)
        coded_by_family: dict[int, list[JourneyCoding]] = defaultdict(list)
        for turn in turns:
            turns_by_family[family_by_segment[turn.segment.segment_key]].append(turn)
        for coding in [*coded, *self._named_agencies(turns, coded)]:
            coded_by_family[family_by_segment[coding.segment_key]].append(coding)
        for family in family_keys:
            yield family, turns_by_family[family], coded_by_family[family]

    def _group_labels(self, key: str) -> dict[int, str]:
        if key == progresslabels.PROGRESS and not progresslabels.own_attribute(self._connection):
            return self.progress_labels()
        return families.fetch_attribute(self._connection, key)


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
        keys = list(dict.fromkeys(turn.segment.segment_key for turn in turns))
        coded = phases.fetch_journey_codings(connection, scope, keys)
        self.turns = turns
        named = project._named_agencies(turns, coded)
        self.codings = project._with_cores(turns, [*coded, *named])
        self.map: JourneyMap = map_journey(name, turns, self.codings)
        self.notes = self._notes(coded)
        self._machine = next(iter(codings.fetch_machines(connection)))
        kinds = {turn.segment.case_id: turn.segment.kind for turn in turns}
        self._basis = Basis(
            dict(Counter(kinds.values())),
            len(keys),
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
        """Return one row a segment, or a stretch of a long one, to be corrected."""
        from qualkit.analysis.journeytables import phases_table

        notes = ["identifying: for the researcher, not to be passed on"]
        numbered = {turn: number_sentences(turn) for turn in self.turns if turn.sentences}
        return phases_table(self.map, self.codings, notes, self._machine, numbered)

    def _notes(self, coded: Sequence[JourneyCoding]) -> list[str]:
        notes = ["identifying: for the researcher, not to be passed on"]
        by_hand = sum(1 for turn in self.turns if turn.by)
        notes.append(
            f"phases set by a person: {by_hand} of {len(self.turns)}; the others by cues, which"
            " err: correct them with --set, or in the file that --output writes"
        )
        long = {turn.segment.segment_key: turn for turn in self.turns if turn.sentences}
        if long:
            stretches = sum(1 for turn in self.turns if turn.sentences)
            texts = "one long text" if len(long) == 1 else f"{len(long)} long texts"
            last = next(iter(long.values()))
            n, sentences = last.segment.n, last.place.replace(" to ", "-")
            several = len({turn.segment.case_id for turn in self.turns}) > 1
            which = f"{last.segment.case_id}:{n}.{sentences}" if several else f"{n}.{sentences}"
            which = f'"{which}=before"' if " " in which else f"{which}=before"
            notes.append(
                f"read sentence by sentence: {texts}, in {stretches} stretches; the file that"
                f" --output writes numbers the sentences, --set {which} sets some of them"
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
    kept = _kept(coded)
    return share(_sure(kept), len(kept))


def _kept(coded: Sequence[JourneyCoding]) -> list[JourneyCoding]:
    return [own for own in coded if own.status != NAMED_RULE]


def _sure(coded: Sequence[JourneyCoding]) -> int:
    return sum(1 for own in coded if own.status in ("accepted", "added"))
