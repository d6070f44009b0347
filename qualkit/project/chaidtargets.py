"""What a tree tells apart: progress, stages moved in a domain, an attribute, a need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.normalise import slug
from qualkit.project.alike import note_alike
from qualkit.project.familyrows import FamilyPart
from qualkit.project.progress import _arrays
from qualkit.project.stars import CohortChoice
from qualkit.store import familyrows, predictors, stars

_YES = ("yes", "y", "true", "1", "with")
_MOVES = ("higher", "same", "lower")


@dataclass(slots=True)
class Target:
    """Families and their values; those without one are left out of the tree.

    Attributes
    ----------
    phrases : tuple of str
        What families of each level did or have, to follow "of families"; nothing where a
        level is not put in words.
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
        """Return an attribute or need, by its key or its words, as what is told apart."""
        needs = predictors.fetch_needs(self._connection)
        keys = familyrows.family_attribute_keys(self._connection)
        kind, dot, rest = on.partition(".")
        if dot and kind == "need":
            return self._need(_one_of("need", rest, needs), needs, cohort)
        if not dot and slug(on) not in keys:
            called = [need for need, name in needs.items() if slug(on) in (need, slug(name))]
            if called:
                return self._need(called[0], needs, cohort)
        if dot and kind != "family":
            raise QualkitError(
                "what is told apart is progress, an attribute of families or a need",
                found=f"--on {on}",
                to_do="--on family.KEY or need.KEY; themes and attributes of cases tell of texts,"
                " not of all families (--themes lets themes split families)",
            )
        key = slug(rest if dot else on)
        if key not in keys:
            raise _unknown(on, keys, needs)
        return self._own_attribute(key, cohort)

    def _need(self, need: str, needs: Mapping[str, str], cohort: CohortChoice) -> Target:
        families, notes = self._counting_families(cohort)
        values = predictors.fetch_need_answers(self._connection, need, families)
        notes += _lacking(values)
        phrases = (f"have the need {needs[need]}", f"do not have the need {needs[need]}")
        return Target(
            *(families, values, ("with", "without"), phrases, f"the need {needs[need]}"),
            *(f"need.{need}", notes),
        )

    def _own_attribute(self, key: str, cohort: CohortChoice) -> Target:
        from qualkit.analysis.chaidrows import MOST_LEVELS, name_levels

        families, notes = self._counting_families(cohort)
        given = predictors.fetch_values(self._connection, key, families)
        notes += [*_lacking(given), *note_alike(self._connection, "family", key)]
        levels, values, bands = name_levels(given)
        if len(levels) > MOST_LEVELS:
            raise QualkitError(
                f"family.{key} has too many values to be told apart",
                found=f"{len(levels)} values that are not all numbers",
                expected=f"at most {MOST_LEVELS}",
                to_do="import families with a coarser column: years for dates, districts for"
                " places; numbers are cut into bands",
            )
        if bands:
            notes.append(f"numbers of family.{key} are cut into {len(levels)} bands by quarters")
        called = in_words(key)
        phrases = tuple(_having(key, called, level, bands) for level in levels)
        return Target(families, values, levels, phrases, called, f"family.{key}", notes)

    def _counting_families(self, cohort: CohortChoice) -> tuple[list[int], list[str]]:
        """Return the families that count; without readings, all but those that are asked for."""
        who, notes = cohort, []
        if not stars.has_readings(self._connection):
            who = {**cohort, "readings": False, "min_reviews": 0}
            if not who.get("closed_by"):
                who["closed"] = who.get("closed") or False
            who["assessed"] = who.get("assessed") or False
            if who.get("everybody"):
                who |= {"closed": None, "assessed": None}
            if cohort.get("min_reviews", 1) > 1:
                raise QualkitError(
                    "the project holds no readings, so reviews cannot be asked for",
                    found=f"--min-reviews {cohort.get('min_reviews')}",
                    to_do="qualkit import stars FILE, or leave this condition out",
                )
            notes.append(
                "no readings, so closing, reviews and assessments are asked on request only"
            )
        chosen = self.cohort(**who)
        notes += [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
        return predictors.fetch_families(self._connection, chosen.sql), notes


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
        lacking = len(there) - len(target.values)
        raise QualkitError(
            f"there is nothing to tell apart in {target.words}",
            found=f"{len(target.values)} families, "
            + (", ".join(target.levels) or "no value")
            + (f"; without a value, and so left out: {lacking}" if lacking else ""),
            expected="two values or more",
            to_do="where empty means no, write no in the file, and import it again"
            if lacking and target.own
            else "",
        )
    if len(kept) == 2:
        _say_one(target)
    return target


def _say_one(target: Target) -> None:
    """Put one of two levels in words: the other says the same again.

    The first of progress and of needs; of an attribute yes, else what fewer families have.
    """
    first = 0
    if target.own.startswith("family."):
        rare = min((0, 1), key=lambda at: target.values.count(target.levels[at]))
        yes = [at for at in (0, 1) if target.levels[at].casefold() in _YES]
        first = yes[0] if yes else rare
    target.phrases = tuple(
        phrase if at == first else "" for at, phrase in enumerate(target.phrases)
    )


def _having(key: str, called: str, level: str, band: bool) -> str:
    """Return what families of a level are or have, to follow "of families"."""
    if key.endswith(("cluster", "group")):
        return f"are in {called} {level}"
    return f"have {called} {level}" if band else f"have {called} “{level}”"


def _unknown(on: str, keys: Iterable[str], needs: Mapping[str, str]) -> UnknownNameError:
    """Return what is said of a name that nothing to be told apart has; likely ones first."""
    wanted = [word for word in slug(on).split("-") if len(word) > 2]
    names = [*keys, *(f"need.{need}" for need in needs)]
    near = [name for name in names if wanted and all(word in name for word in wanted)]
    if near:
        to_do = "did you mean " + " or ".join(near[:5]) + "?"
    else:
        to_do = "progress, or one of: " + ", ".join(keys) + (", or a need: need.KEY" * bool(needs))
    found = UnknownNameError("attribute or need", on, names)
    return (
        found
        if found.near and not near
        else UnknownNameError("attribute or need", on, names, to_do=to_do)
    )


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
