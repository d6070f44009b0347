"""What a tree tells apart: progress, stages moved in a domain, an attribute, a need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.normalise import slug
from qualkit.project.familyrows import FamilyPart
from qualkit.project.progress import _arrays
from qualkit.project.stars import CohortChoice
from qualkit.store import predictors, stars

MOST_LEVELS = 5
"""Values of an attribute that can be told apart."""
_MOVES = ("higher", "same", "lower")


@dataclass(slots=True)
class Target:
    """Families and their values; those without one are left out of the tree.

    Attributes
    ----------
    phrases : tuple of str
        What families of each level did or have, to follow "of families".
    words : str
        What is told apart, in words.
    own : str
        Name of the predictor that this is itself.
    """

    families: list[int]
    values: list[str]
    levels: tuple[str, ...]
    phrases: tuple[str, ...]
    words: str
    own: str = ""
    notes: list[str] = field(default_factory=list)


class TargetPart(FamilyPart):
    """Targets of trees."""

    def _tree_target(self, on: str, domain: str, cohort: CohortChoice) -> Target:
        on = on.strip()
        if on == "stars" and not domain:
            raise QualkitError(
                "the Star is told apart in one domain",
                found="--on stars",
                to_do="--on stars --domain ID, or --on progress for all domains together",
            )
        if on in ("stars", "progress"):
            target = self._moves(domain, cohort) if domain else self._labels(cohort)
        elif domain:
            raise QualkitError(
                "a domain is for progress",
                found=f"--on {on} --domain {domain}",
                to_do="leave --domain out, or --on progress",
            )
        else:
            target = self._attribute_or_need(on, cohort)
        return _with_values(target)

    def _labels(self, cohort: CohortChoice) -> Target:
        from qualkit.analysis.progress import measure_progress

        _, spans, notes = self._grouped(cohort)
        labels = measure_progress(*_arrays(spans)).labels
        lacking = sum(1 for label in labels if not label)
        if lacking:
            notes.append(f"without any first or any last reading: {lacking}")
        phrases = (
            "made higher than average progress",
            "made about average progress",
            "made lower than average progress",
        )
        families = spans.family_keys.tolist()
        return Target(families, list(labels), _MOVES, phrases, "progress", notes=notes)

    def _moves(self, name: str, cohort: CohortChoice) -> Target:
        import numpy

        from qualkit.codebook.stages import load_stages

        self._require_readings()
        domain = self._star_domain(name)
        chosen = self.cohort(**cohort)
        spans = stars.fetch_spans(self._connection, [domain], chosen.sql)
        stages = load_stages(self.path.parent)
        stage = numpy.zeros(11, dtype=int)
        for at, own in enumerate(stages):
            stage[own.lowest : own.highest + 1] = at
        start, end = spans.start[:, 0], spans.end[:, 0]
        moved = numpy.sign(stage[end] - stage[start])
        words = numpy.where(moved > 0, "higher", numpy.where(moved < 0, "lower", "same"))
        values = numpy.where((start > 0) & (end > 0), words, "").tolist()
        called = self._star_names()[domain]
        phrases = (
            f"moved up a stage or more in {called}",
            f"ended at the stage that they began at in {called}",
            f"moved down a stage or more in {called}",
        )
        notes = [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
        lacking = chosen.n - sum(1 for value in values if value)
        if lacking:
            notes.append(f"without both readings in {called}: {lacking}")
        families = spans.family_keys.tolist()
        return Target(families, values, _MOVES, phrases, f"progress in {called}", notes=notes)

    def _attribute_or_need(self, on: str, cohort: CohortChoice) -> Target:
        """Return an attribute or need as what is told apart."""
        families, notes = self._counting_families(cohort)
        kind, dot, rest = on.partition(".")
        if kind == "need" and dot:
            needs = predictors.fetch_needs(self._connection)
            need = _one_of("need", rest, needs)
            values = predictors.fetch_need_answers(self._connection, need, families)
            notes += _lacking(values)
            phrases = (f"have the need {needs[need]}", f"do not have the need {needs[need]}")
            return Target(
                *(families, values, ("with", "without"), phrases, f"the need {needs[need]}"),
                *(f"need.{need}", notes),
            )
        key = self._family_attribute(on)
        values = predictors.fetch_values(self._connection, key, families)
        notes += _lacking(values)
        levels = tuple(sorted({value for value in values if value}))
        if len(levels) > MOST_LEVELS:
            raise QualkitError(
                f"family.{key} has too many values to be told apart",
                found=f"{len(levels)} values",
                expected=f"at most {MOST_LEVELS}",
            )
        called = in_words(key)
        told = tuple(f"have {called} {level}" for level in levels)
        return Target(families, values, levels, told, called, f"family.{key}", notes)

    def _counting_families(self, cohort: CohortChoice) -> tuple[list[int], list[str]]:
        """Return the families that count; in a project without readings, all."""
        if stars.has_readings(self._connection):
            chosen = self.cohort(**cohort)
            notes = [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
            return predictors.fetch_families(self._connection, chosen.sql), notes
        asked = [key for key, value in cohort.items() if value and key != "min_reviews"]
        if asked:
            raise QualkitError(
                "the project holds no readings, so who counts cannot be chosen",
                found=", ".join(asked),
                to_do="qualkit import stars FILE, or leave these conditions out",
            )
        return predictors.fetch_families(self._connection), ["no readings: all families count"]


def _with_values(target: Target) -> Target:
    """Leave out families without a value, and levels that nobody has.

    Raises
    ------
    QualkitError
        Fewer than two levels are left.
    """
    there = [bool(value) for value in target.values]
    if not all(there):
        target.families = [key for key, own in zip(target.families, there, strict=True) if own]
        target.values = [value for value in target.values if value]
    had = set(target.values)
    kept = [at for at, level in enumerate(target.levels) if level in had]
    target.levels, target.phrases = (
        tuple(own[at] for at in kept) for own in (target.levels, target.phrases)
    )
    if len(kept) < 2:
        raise QualkitError(
            f"there is nothing to tell apart in {target.words}",
            found=f"{len(target.values)} families, " + (", ".join(target.levels) or "no value"),
            expected="two values or more",
        )
    return target


def _lacking(values: Sequence[str]) -> list[str]:
    lacking = sum(1 for value in values if not value)
    return [f"not known, and so left out: {lacking} families"] if lacking else []


def _one_of(kind: str, name: str, known: Mapping[str, str]) -> str:
    """Return the id that a name or id stands for."""
    wanted = slug(name)
    for own, called in known.items():
        if wanted in (own, slug(called)):
            return own
    raise UnknownNameError(kind, name, list(known))


def in_words(key: str) -> str:
    """Return an attribute's key as words."""
    return key.replace("-", " ")
