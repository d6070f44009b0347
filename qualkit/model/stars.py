"""Family Star readings, needs, and the families that count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of the Family Star: readings from `lowest` to `highest`, both included."""

    stage_id: str
    name: str
    lowest: int
    highest: int


class SpanCount(NamedTuple):
    """Families by their first and last reading, or stage, in a domain; `group` may be empty.

    A tuple, since they are summed.
    """

    domain: str
    start: int
    end: int
    families: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class ParsedReadings:
    """Readings of one family at one assessment, as an importer found them.

    Attributes
    ----------
    ufrn : str
        As written.
    read_on : str
        ISO date, or empty.
    review : int
        0 for the first assessment, n for the nth review, 999 for the latest, -1 where only
        the date tells.
    readings : mapping of str to int
        Domain id to reading, 1 to 10.
    place : str
        Where it stands in the source, for people.
    fields : mapping
        The row's cells, for the rejects file only.
    """

    ufrn: str
    read_on: str
    review: int
    readings: Mapping[str, int]
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedNeeds:
    """One assessment of a family's needs, as an importer found it.

    `about` holds what was assessed: adult, child, family; `person` whom, or nothing;
    `needs` maps a need's id to whether it is there.
    """

    ufrn: str
    about: tuple[str, ...]
    person: str
    assessed_on: str
    needs: Mapping[str, bool]
    place: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FamilyDataResult:
    """What an import of readings or needs did; counts only.

    `what` names the things counted: readings or answers. `there` counts those that the
    project had already, `changed` those that had another value before.
    """

    source: str
    what: str
    families: int = 0
    new: int = 0
    there: int = 0
    changed: int = 0
    rejected: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)


class FlowStep(NamedTuple):
    """One step of who counts: so many families went out, and why."""

    reason: str
    out: int
