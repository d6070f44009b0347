"""What rules see in a family's texts beyond its codings: agencies named, and words found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from qualkit.model import JourneyCoding, JourneySegment, PhasedSegment, Segment
from qualkit.project.phasing import PhasingPart
from qualkit.store import codebooks

if TYPE_CHECKING:
    from qualkit.coding.engine import RuleCoder

NAMED_RULE = "@named"
"""The status of an agency that a text names and nobody coded."""


class JourneyWordsPart(PhasingPart):
    """Rules run again over a family's texts, for a journey; nothing of it is stored."""

    @cached_property
    def _agency_coder(self) -> RuleCoder | None:
        """Return a coder that finds agencies in any text, or None without such a codebook."""
        return self._coder_of(agencies=True)

    @cached_property
    def _theme_coder(self) -> RuleCoder | None:
        """Return a coder of all other codebooks, in any text."""
        return self._coder_of(agencies=False)

    def _coder_of(self, *, agencies: bool) -> RuleCoder | None:
        from qualkit.codebook.compile import read_compiled
        from qualkit.coding.engine import RuleCoder

        compiled = [
            replace(
                read_compiled(codebooks.fetch_compiled(self._connection, book.version_key)),
                kinds=(),
                roles=(),
            )
            for book in codebooks.fetch_codebooks(self._connection)
            if (book.categories == ("agency",)) is agencies
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
        texts = {turn.segment.segment_key: turn.segment for turn in turns}
        found = []
        for segments in _by_case(texts.values()):
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

    def _with_cores(
        self, turns: Sequence[PhasedSegment], coded: Sequence[JourneyCoding]
    ) -> list[JourneyCoding]:
        """Return codings with the words in them that the rules of today find for their codes.

        Those of a person have none: what she marked is what she meant.
        """
        coders = [coder for coder in (self._agency_coder, self._theme_coder) if coder is not None]
        texts = {turn.segment.segment_key: turn.segment for turn in turns}
        words: dict[tuple[int, str, str], list[tuple[int, int]]] = defaultdict(list)
        for segments in _by_case(texts.values()):
            for coder in coders:
                for own in coder.judge_case(segments):
                    if not own.reasons:
                        key = (own.segment_id, own.category, own.code_id)
                        words[key].append((own.start, own.end))
        return [
            own
            if own.status == "added"
            else replace(
                own,
                cores=tuple(
                    (start, end)
                    for start, end in words[own.segment_key, own.category, own.code]
                    if own.start <= start and end <= own.end
                ),
            )
            for own in coded
        ]


def _by_case(texts: Iterable[JourneySegment]) -> list[list[Segment]]:
    """Return segments case by case, as coders read them."""
    cases: dict[str, list[Segment]] = defaultdict(list)
    for s in texts:
        cases[s.case_id].append(
            Segment(s.segment_key, 0, s.n, s.kind, s.role, s.text, s.speaker, s.label)
        )
    return list(cases.values())
