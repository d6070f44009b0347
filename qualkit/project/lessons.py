"""Lessons gathered: shipped examples and cases, users' examples, people's codings and decisions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qualkit.codebook.examples import load_examples, read_sets
from qualkit.codebook.shipped import shipped_folder
from qualkit.coding.lessons import Lesson, lesson_of
from qualkit.coding.passages import Passage, read_passages
from qualkit.importers.codedcases import read_coded_cases
from qualkit.model import CodedCase, CodeKey, ExampleSet, Segment
from qualkit.store import codebooks, taught
from qualkit.store.writing import ProjectConnection

FEW_EXAMPLES = 40
"""A code with fewer learns from its name and definition too."""
_Mark = tuple[int, CodeKey, int, int]


@dataclass(slots=True)
class NaturalCase:
    """A whole coded case before it is cut into passages; marks name segments by their id."""

    segments: Sequence[Segment]
    given: list[_Mark]
    denied: list[_Mark]
    complete: frozenset[str]
    group: str
    origin: str
    own: bool
    """Whether it is the project's, not shipped."""


@dataclass(slots=True)
class Gathered:
    """All that can be learned from, before it is laid on benches."""

    codes: list[CodeKey]
    sets: list[ExampleSet]
    cases: list[NaturalCase]
    definitions: dict[CodeKey, str] = field(default_factory=dict)

    def whole_categories(self) -> frozenset[str]:
        """Return the categories that are coded by whole segments, not by stretches.

        Those of which at least half of the codings in segments of several sentences
        cover all of them.
        """
        whole: Counter[str] = Counter()
        every: Counter[str] = Counter()
        for case in self.cases:
            texts = {segment.segment_id: segment.text for segment in case.segments}
            for segment_id, (category, _), start, end in case.given:
                text = texts[segment_id].strip()
                if sum(text.count(stop) for stop in ".!?\n") > 1:
                    every[category] += 1
                    whole[category] += end - start >= len(text)
        return frozenset(c for c in every if 2 * whole[c] >= every[c])

    def about(self, code: CodeKey) -> Gathered:
        """Return what carries one code, or is known not to."""
        sets = [
            replace(own, examples=tuple(e for e in own.examples if code in (*e.given, *e.near)))
            for own in self.sets
        ]
        cases = [
            case
            for case in self.cases
            if any(own == code for _, own, _, _ in (*case.given, *case.denied))
        ]
        return Gathered([own for own in self.codes if own == code], sets, cases, self.definitions)

    def lessons(self, whole: bool, categories: frozenset[str]) -> list[Lesson]:
        """Return the lessons of a bench: examples first, then cases, each in order."""
        found = list(self._example_lessons(categories))
        for case in self.cases:
            found += _case_lessons(case, whole, categories)
        return found

    def _example_lessons(self, categories: frozenset[str]) -> Iterator[Lesson]:
        mine = {code for code in self.codes if code[0] in categories}
        counts: Counter[CodeKey] = Counter()
        for own in self.sets:
            complete = frozenset(own.complete) & categories
            for example in own.examples:
                given = frozenset(example.given) & mine
                near = frozenset(example.near) & mine
                counts.update(given)
                if not (given or near or complete):
                    continue
                passage = Passage(example.question, example.text, ((0, len(example.text)),))
                origin = f"{Path(own.file).name}, line {example.line}"
                yield Lesson(passage, (given,), (near,), complete, origin, False, origin)
        for code in sorted(mine):
            if counts[code] < FEW_EXAMPLES and (text := self.definitions.get(code, "")):
                passage = Passage("", text, ((0, len(text)),))
                origin = f"definition of {code[0]}.{code[1]}"
                only = frozenset({code})
                yield Lesson(passage, (only,), (frozenset(),), frozenset(), origin, False, origin)


def _case_lessons(case: NaturalCase, whole: bool, categories: frozenset[str]) -> Iterator[Lesson]:
    complete = case.complete & categories
    given: dict[int, list[tuple[CodeKey, int, int]]] = defaultdict(list)
    denied: dict[int, list[tuple[CodeKey, int, int]]] = defaultdict(list)
    for target, marks in ((given, case.given), (denied, case.denied)):
        for segment_id, code, start, end in marks:
            if code[0] in categories:
                target[segment_id].append((code, start, end))
    for passage in read_passages(case.segments, whole=whole):
        key = passage.segment_id
        if complete or key in given or key in denied:
            yield lesson_of(
                passage,
                given[key],
                denied[key],
                complete=complete,
                group=case.group,
                origin=case.origin,
            )


def gather(
    connection: ProjectConnection,
    coders: Sequence[str] = (),
    *,
    sets: bool = True,
    cases: bool = True,
    code: CodeKey | None = None,
) -> Gathered:
    """Return what a project can learn from: its codes, examples and coded cases.

    `sets` and `cases` say whether the shipped ones count; `code` leaves out what
    neither carries this one nor is known not to.
    """
    stored = [code for code in codebooks.fetch_codes(connection) if not code.retired]
    codes = [(code.category, code.code) for code in stored]
    definitions = {
        (code.category, code.code): f"{code.name}. {code.definition}"
        for code in stored
        if code.definition
    }
    examples = shipped_sets() if sets else []
    for book in codebooks.fetch_codebooks(connection):
        examples += read_sets(codebooks.fetch_examples(connection, book.version_key))
    known = set(codes)
    natural = [
        case
        for case in (shipped_cases() if cases else [])
        if any(code in known for _, code, _, _ in case.given)
    ]
    natural += own_cases(connection, coders, code)
    gathered = Gathered(codes, examples, natural, definitions)
    return gathered if code is None else gathered.about(code)


def shipped_sets() -> list[ExampleSet]:
    """Return the shipped files of examples."""
    return [
        load_examples(path, ()) for path in sorted((shipped_folder() / "examples").glob("*.jsonl"))
    ]


def shipped_cases() -> list[NaturalCase]:
    """Return the shipped coded cases; each file, by one author, is a group of its own.

    Segments have negative ids, so that they meet none of the project's.
    """
    found = []
    key = 0
    for path in sorted((shipped_folder() / "examples" / "cases").glob("*.jsonl")):
        coded = [item for item in read_coded_cases(path) if isinstance(item, CodedCase)]
        there = {category for item in coded for _, category, _, _ in item.marks}
        for item in coded:
            ids = {}
            segments = []
            for own in item.case.segments:
                key -= 1
                ids[own.n] = key
                segments.append(
                    Segment(
                        key, key, own.n, item.case.kind, own.role, own.text, own.speaker, own.label
                    )
                )
            texts = {own.n: own.text for own in item.case.segments}
            given = []
            for n, category, code, quote in item.marks:
                start = max(0, texts[n].find(quote)) if quote else 0
                end = start + len(quote) if quote else len(texts[n])
                given.append((ids[n], (category, code), start, end))
            group = path.stem
            origin = f"{path.name}, case {item.case.case_id}"
            found.append(
                NaturalCase(segments, given, [], frozenset(there), group, origin, own=False)
            )
    return found


def own_cases(
    connection: ProjectConnection, coders: Sequence[str] = (), code: CodeKey | None = None
) -> list[NaturalCase]:
    """Return the project's cases that people have coded or decided on; see `iterate_taught`."""
    return [
        NaturalCase(
            case.segments,
            list(case.given),
            list(case.denied),
            case.complete,
            f"case {case.case_id}",
            f"case {case.case_id}",
            own=True,
        )
        for case in taught.iterate_taught(connection, coders, code)
    ]
