"""What the learned layer learns from: passages whose stretches carry codes, or are known not to.

coded cases, examples, decisions -> lessons -> arrays of yes, no and unknown
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.passages import Passage, sentences_of
from qualkit.model import CodeKey

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Lesson:
    """One passage with what is known of its stretches.

    Attributes
    ----------
    passage : Passage
    given, denied : tuple of frozenset of CodeKey
        For each stretch the codes that it carries, and those that it does not
        although a hasty reader might think so.
    complete : frozenset of str
        Categories of which no further code is there.
    group : str
        What must not be split when a model is tried out: the case.
    natural : bool
        Whether it is of a whole text as it came; an example written for a code is not.
    origin : str
        Where it is from, for people: a file and line, a case and segment.
    """

    passage: Passage
    given: tuple[frozenset[CodeKey], ...]
    denied: tuple[frozenset[CodeKey], ...]
    complete: frozenset[str]
    group: str
    natural: bool
    origin: str = ""


def lesson_of(
    passage: Passage,
    codings: Iterable[tuple[CodeKey, int, int]],
    rejected: Iterable[tuple[CodeKey, int, int]] = (),
    *,
    complete: frozenset[str],
    group: str,
    natural: bool = True,
    origin: str = "",
) -> Lesson:
    """Return a passage with codings, given by code, start and end, laid on its stretches."""
    given: list[set[CodeKey]] = [set() for _ in passage.spans]
    denied: list[set[CodeKey]] = [set() for _ in passage.spans]
    for target, marks in ((given, codings), (denied, rejected)):
        for code, start, end in marks:
            for number in sentences_of(start, end, passage.spans):
                target[number].add(code)
    return Lesson(
        passage,
        tuple(map(frozenset, given)),
        tuple(frozenset(no - yes) for no, yes in zip(denied, given, strict=True)),
        complete,
        group,
        natural,
        origin,
    )


def truth_of(lessons: Sequence[Lesson], codes: Sequence[CodeKey]) -> Array:
    """Return what is known of each stretch and code.

    Returns
    -------
    array of int8, shape (n_stretches, n_codes)
        1 carried, 0 not carried, -1 unknown; stretches in order of the lessons.
    """
    import numpy

    at = {code: i for i, code in enumerate(codes)}
    columns: dict[str, list[int]] = {}
    for i, (category, _) in enumerate(codes):
        columns.setdefault(category, []).append(i)
    n = sum(len(lesson.passage.spans) for lesson in lessons)
    truth = numpy.full((n, len(codes)), UNKNOWN, dtype=numpy.int8)
    row = 0
    for lesson in lessons:
        known = [i for category in lesson.complete for i in columns.get(category, ())]
        for given, denied in zip(lesson.given, lesson.denied, strict=True):
            truth[row, known] = 0
            truth[row, [at[code] for code in denied if code in at]] = 0
            truth[row, [at[code] for code in given if code in at]] = 1
            row += 1
    return truth


def groups_of(lessons: Sequence[Lesson]) -> list[str]:
    """Return the group of each stretch, in order."""
    return [lesson.group for lesson in lessons for _ in lesson.passage.spans]
