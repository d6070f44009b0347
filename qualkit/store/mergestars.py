"""Merging what is known of families: readings and assessments that only the other project has.

Where both have one of the same domain and date, or an answer of the same assessment, and
they differ, the one here stays and the other is listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from qualkit.model import FamilyDataResult
from qualkit.store import needrows as needs
from qualkit.store import starrows as stars
from qualkit.store.families import family_keys
from qualkit.store.mergestate import Finding, MergeState
from qualkit.store.needrows import AssessmentKey
from qualkit.store.starorder import FIRST, Occasion, Stored, known_by


def join_family_data(state: MergeState) -> None:
    """Bring in readings and assessments of families that are not here; ours stay."""
    state.ours.executemany(
        "INSERT INTO needs (need, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
        state.other.rows("SELECT need, name FROM needs ORDER BY need"),
    )
    for there, written in _families(state, "star_families"):
        _join_readings(state, there, written)
    for there, written in _families(state, "assessments"):
        _join_assessments(state, there, written)


def _families(state: MergeState, table: str) -> Iterator[tuple[int, str]]:
    """Yield the families there that a table tells of, but for those forgotten here."""
    for key, written in state.other.each(
        f"SELECT id, written FROM families WHERE id IN (SELECT family_key FROM {table}) ORDER BY id"
    ):
        if key in state.refused:
            continue
        if state.forgotten:
            cases = {
                case
                for (case,) in state.other.rows("SELECT id FROM cases WHERE family_key = ?", key)
            }
            if cases and cases <= state.forgotten:
                continue
        yield key, written


def _own(state: MergeState, written: str) -> int:
    """Return the family here, made if need be; a joined reference is the family it is joined to."""
    return family_keys(state.ours, [written])[written]


def _join_readings(state: MergeState, there: int, written: str) -> None:
    tally = state.tallies["readings"]
    own = _own(state, written)
    here = stars.fetch_readings(state.ours, own)
    known = {(item.domain, known_by(item.occasion)): item.reading for item in here}
    new: list[Stored] = []
    for domain, read_on, review, reading in state.other.rows(
        "SELECT domain, read_on, review, reading FROM readings WHERE family_key = ?", there
    ):
        occasion = read_on, review
        before = known.get((domain, known_by(occasion)))
        if before is None:
            tally.new += 1
            new.append(Stored(domain, occasion, reading))
            continue
        tally.same += 1
        if before != reading:
            when = _when(occasion)
            why = f"family {written}: another reading of {domain}, {when}; the one here stays"
            state.find(Finding("readings", "contradictory", why))
    if new:
        both = {(item.domain, item.occasion): item.reading for item in [*here, *new]}
        stars.write_readings(state.ours, {own: both})


def _when(occasion: Occasion) -> str:
    read_on, review = occasion
    if read_on:
        return read_on
    return "first assessment" if review == FIRST else "a review without a date"


def _join_assessments(state: MergeState, there: int, written: str) -> None:
    tally = state.tallies["needs"]
    own = _own(state, written)
    here = needs.fetch_assessments(state.ours, own)
    told: dict[AssessmentKey, dict[str, bool]] = {}
    for about, person, dated, need, present in state.other.rows(
        "SELECT a.about, a.person, a.assessed_on, n.need, n.present FROM assessments a"
        " LEFT JOIN assessment_needs n ON n.assessment_key = a.id WHERE a.family_key = ?",
        there,
    ):
        key = about, person, dated
        answers = told.setdefault(key, {})
        if need is None:
            continue
        before = here.get(key, (0, {}))[1].get(need)
        if before is None:
            tally.new += 1
            answers[need] = bool(present)
            continue
        tally.same += 1
        if before is not bool(present):
            why = f"family {written}: another answer on {need}, {about} {dated}".rstrip()
            state.find(Finding("needs", "contradictory", f"{why}; the one here stays"))
    if needs.write_assessments(state.ours, own, told, FamilyDataResult("", "answers")):
        needs.refresh_needs(state.ours, own)
