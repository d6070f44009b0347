"""Publishing: tables without small numbers, quotations that a person has cleared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qualkit.analysis.disclosure import NOT_CLEARED, Rules, publish, publish_page
from qualkit.analysis.identifying import Flag, Known, find_identifying, make_known
from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Page, Table
from qualkit.project.base import ProjectBase
from qualkit.store import clearing, codebooks, codings, reading
from qualkit.store.schema import MACHINE_KEY


@dataclass(frozen=True, slots=True)
class Flagged:
    """A quotation to be cleared, with what was found in it; `shown` is how it may be shown."""

    coding_id: int
    case_id: str
    segment_n: int
    start: int
    end: int
    code: str
    quote: str
    flags: tuple[Flag, ...]
    shown: str | None = None


def publish_result(result: Table | Page, limit: int = 5, round_to: int = 0) -> Table | Page:
    """Return a table or page fit to be published; see `PublishingPart.publish`."""
    rules = Rules(limit, round_to)
    if isinstance(result, Page):
        return publish_page(result, rules)
    return publish([result], rules)[0]


class PublishingPart(ProjectBase):
    """What may leave the house, and in which words."""

    def publish(self, result: Table | Page, *, limit: int = 5, round_to: int = 0) -> Table | Page:
        """Return a table or page without what could tell of few people.

        Parameters
        ----------
        limit : int
            Numbers from 1 to below it are left out, with what would give them back.
        round_to : int
            Counts are rounded to multiples of it; 0 for not at all.

        Notes
        -----
        Set `project.for_publishing = True` before the table is made: then cases and segments
        are also counted as families, and quotations are those that a person has cleared.

        Raises
        ------
        QualkitError
            The limit or base would protect nobody, or the table was not made for publishing.
        """
        if not self.for_publishing:
            raise QualkitError(
                "this table was not made for publishing: families behind its cases are not counted",
                to_do="set project.for_publishing = True, then make the table again",
            )
        return publish_result(result, limit, round_to)

    def quotations_to_clear(
        self, code: str = "", *, again: bool = False, limit: int = 0
    ) -> list[Flagged]:
        """Return quotations with what in them could tell of somebody.

        Parameters
        ----------
        code : str
            Of this code or group; empty for all.
        again : bool
            Those too that have been answered.
        limit : int
            At most so many; 0 for all.
        """
        keys = {(item.category, item.code) for item in self._codes_to_clear(code)} if code else None
        answered = clearing.fetch_cleared(self._connection)
        known = self._known_words()
        found: dict[tuple[str, int, int, int], Flagged] = {}
        for row in reading.iterate_codings(self._connection):
            place = (row.case_id, row.segment_n, row.start, row.end)
            if keys is not None and (row.category, row.code) not in keys:
                continue
            if place in found or (place in answered and not again):
                continue
            flags = tuple(find_identifying(row.quote, known))
            shown = answered[place].shown if place in answered else None
            found[place] = Flagged(
                row.coding_id, *place, f"{row.category}.{row.code}", row.quote, flags, shown
            )
            if limit and len(found) == limit:
                break
        return list(found.values())

    def _codes_to_clear(self, name: str) -> list[codebooks.StoredCode]:
        grouped = [c for c in codebooks.fetch_codes(self._connection) if c.group == name != ""]
        return grouped or codebooks.find_codes(self._connection, name)

    def clear_quotation(self, item: Flagged, coder: str, shown: str | None) -> None:
        """Keep a person's answer on a quotation.

        Parameters
        ----------
        coder : str
            Who answers; a person.
        shown : str or None
            The words in which it may be published; None: not at all.

        Raises
        ------
        QualkitError
            Nobody answers, or the words are blank.
        """
        if shown is not None and not shown.strip():
            raise QualkitError(
                "a quotation cannot be shown in no words", to_do="give words, or answer n"
            )
        key = codings.coder_key(self._connection, self.clearing_coder(coder), create=True)
        place = (item.case_id, item.segment_n, item.start, item.end)
        with self._plainly():
            clearing.set_cleared(self._connection, place, shown, int(key or 0))

    def clearing_coder(self, coder: str) -> str:
        """Return the name of the person who clears; the machine may not.

        Raises
        ------
        QualkitError
            No name, or the machine's.
        """
        name = coder.strip()
        people = codings.fetch_coders(self._connection)
        if not name:
            raise QualkitError(
                "quotations are cleared by a person, so a name is needed",
                to_do="--coder NAME",
            )
        if codings.coder_key(self._connection, name) == MACHINE_KEY:
            raise UnknownNameError("person", name, [person for person in people if person != name])
        return name

    def _known_words(self) -> Known:
        return make_known(
            clearing.fetch_references(self._connection),
            clearing.fetch_speakers(self._connection),
            clearing.fetch_attribute_values(self._connection),
        )

    def _words_to_show(self, row: Mapping[str, Any]) -> dict[str, object]:
        """Return how a row's quotation is published: as a person cleared it, or not at all."""
        place = (row["case_id"], row["segment_n"], row["start"], row["end"])
        answer = clearing.fetch_answer(self._connection, place)
        if answer is None or answer.shown is None:
            return {"quote": NOT_CLEARED, "cleared": False}
        return {"quote": answer.shown, "cleared": True}
