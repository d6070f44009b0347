"""Imports MSC narratives from Word: one case a file, headings as questions.

A question is a heading, a line wholly in bold, or the left cell of a table of
two columns. Fields at the top become attributes, the relevance of the domains
is read from lines or a table; everything else between two questions is the
answer to the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qualkit.errors import SourceFormatError
from qualkit.importers.files import hash_file
from qualkit.importers.mscfields import (
    field_of,
    field_of_line,
    level_columns,
    named_domain,
    relevance_of,
    relevance_of_line,
    ticked,
)
from qualkit.importers.texts import Paragraph, count, read_paragraphs
from qualkit.importers.transcript import case_id_of
from qualkit.importers.ufrn import find_ufrn
from qualkit.model import Kind, ParsedCase, ParsedSegment, ParsedSource, Relevance, Role
from qualkit.normalise import normalise_name, slug

WORD_ENDINGS = (".docx", ".odt")
_LONGEST_QUESTION = 300
_FIELD_WORDS = 4
_ASKING = ("what", "how", "why", "who", "which", "where", "when", "tell", "describe", "explain")


@dataclass(frozen=True, slots=True)
class WordMscOptions:
    """What the user says of a narrative; see `transcript.TranscriptOptions`."""

    family: str | None = None
    family_from: str | None = None


def read_word_msc(path: Path, options: WordMscOptions, name: str = "") -> ParsedSource:
    """Read one Word file with one MSC narrative.

    Segment n is the answer to the n-th question; a question left blank leaves
    a gap. Without any question the whole text is one segment.

    Raises
    ------
    SourceFormatError
        The file is no Word or OpenDocument text, is damaged, or holds no text.
    """
    if path.suffix.lower() not in WORD_ENDINGS:
        raise SourceFormatError(
            "files of this kind are not read as a narrative in Word",
            where=str(path),
            found=path.suffix or "no ending",
            expected=" or ".join(WORD_ENDINGS),
            to_do="save it as .docx",
        )
    found = read_paragraphs(path)
    form = _Form()
    form.read(found.body())
    notes = [*found.notes, *form.notes()]
    told = form.fields.pop("ufrn", "")
    front = [f"UFRN: {told}", *form.front] if told else form.front
    ufrn = find_ufrn(options.family, options.family_from, path.name, front, notes)
    case = ParsedCase(
        case_id_of(path, name),
        Kind.MSC,
        tuple(form.segments()),
        ufrn=ufrn or told,
        attributes=form.fields,
        relevance=form.relevance,
        place=path.name,
    )
    return ParsedSource(
        name=name or path.name,
        kind=Kind.MSC,
        path=str(path),
        content_hash=hash_file(path),
        options=f"word-msc; family={options.family or ''}; family-from={options.family_from or ''}",
        items=(case,),
        notes=notes,
        front_matter="\n".join(form.front),
    )


@dataclass(slots=True)
class _Answer:
    """One question with the paragraphs below it."""

    question: str
    level: int
    place: str
    parts: list[str] = field(default_factory=list)


def _rows_of_fields(items: Sequence[Paragraph]) -> set[int]:
    """Return the rows that belong to a table of fields though their key is not known.

    They stand beside known fields in one table of two columns with headings
    below it, ask nothing and hold a few words: "Worker", "Story no".
    """
    found: set[int] = set()
    headings = [number for number, item in enumerate(items) if item.heading]
    table: list[int] = []
    for number, item in enumerate([*items, Paragraph("", "")]):
        if len(item.cells) == 2:
            table.append(number)
            continue
        below = bool(headings) and headings[-1] > number - 1
        if table and below:
            known = [field_of(*_pair(items[row])) is not None for row in table]
            rest = [row for row, one in zip(table, known, strict=True) if not one]
            if sum(known) >= 2 and all(_is_short_field(*_pair(items[row])) for row in rest):
                found.update(rest)
        table = []
    return found


def _pair(item: Paragraph) -> tuple[str, str]:
    return item.cells[0].strip().rstrip(": "), item.cells[1].strip()


def _is_short_field(key: str, value: str) -> bool:
    short = len(key.split()) <= _FIELD_WORDS and len(value.split()) <= _FIELD_WORDS
    asks = key.endswith("?") or key.lower().startswith(_ASKING)
    return bool(slug(key)) and short and not asks and not named_domain(key)


@dataclass(slots=True)
class _Form:
    """What has been read of a form so far."""

    answers: list[_Answer] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    relevance: dict[str, Relevance] = field(default_factory=dict)
    front: list[str] = field(default_factory=list)
    columns: dict[int, Relevance] | None = None
    bold_asks: bool = False
    started: bool = False
    n_unclear: int = 0

    def read(self, items: Sequence[Paragraph]) -> None:
        """Read all paragraphs, then drop titles and headings over other headings."""
        headings = sum(bool(item.heading) for item in items)
        # Where there are headings, a bold line is a stress within an answer.
        self.bold_asks = headings <= 1
        fields = _rows_of_fields(items)
        for number, item in enumerate(items):
            if number in fields:
                key = slug(item.cells[0])
                self._take_field(key, item.cells[1].strip())
            elif item.heading:
                self.columns = None
                self.answers.append(_Answer(item.text, item.heading, item.place))
            elif item.cells:
                self._read_row(item)
            else:
                self.columns = None
                self._read_text(item)
        kept = [
            answer
            for n, answer in enumerate(self.answers)
            if answer.parts or not self._is_title(n, answer)
        ]
        self.answers = kept

    def segments(self) -> list[ParsedSegment]:
        """Return the answers that have words, numbered by their questions."""
        if not self.answers and self.front:
            text, self.front = "\n".join(self.front), []
            return [ParsedSegment(1, text, role=Role.WORKER, place="the whole text")]
        return [
            ParsedSegment(
                n,
                "\n".join(answer.parts).strip(),
                label=answer.question,
                role=Role.WORKER,
                place=answer.place,
            )
            for n, answer in enumerate(self.answers, start=1)
            if answer.parts
        ]

    def notes(self) -> list[str]:
        """Return what was found and what was left aside."""
        notes = []
        blank = sum(not answer.parts for answer in self.answers)
        if self.fields:
            notes.append("fields: " + ", ".join(self.fields))
        if self.relevance:
            notes.append(f"relevance declared for {count(len(self.relevance), 'domain')}")
        if blank:
            notes.append(f"{count(blank, 'question')} without an answer")
        if not self.answers:
            notes.append("no headings or questions found: the whole text is one segment")
        elif self.front:
            notes.append(
                f"{count(len(self.front), 'paragraph')} above the first question kept with the "
                "source, not as a segment"
            )
        if self.n_unclear:
            notes.append(
                f"{count(self.n_unclear, 'domain')} with no clear tick taken as not declared"
            )
        return notes

    def _is_title(self, n: int, answer: _Answer) -> bool:
        """Tell a title, or a heading over other headings, from a question left blank."""
        if answer.question.rstrip().endswith("?"):
            return False
        below = self.answers[n + 1] if n + 1 < len(self.answers) else None
        return n == 0 or (below is not None and 0 < answer.level < below.level)

    def _read_text(self, item: Paragraph) -> None:
        declared = relevance_of_line(item.text)
        if declared:
            self.relevance[declared[0]] = declared[1]
            return
        found = None if self.started else field_of_line(item.text)
        if found:
            self._take_field(*found)
            return
        asked, rest = self._question_in_bold(item)
        if asked:
            self._ask(asked, rest, item.place)
        elif self.answers:
            self.answers[-1].parts.append(item.text)
            self.started = True
        else:
            self.front.append(item.text)

    def _ask(self, question: str, begun: str, place: str) -> None:
        """Begin an answer with the words that stand beside its question, if any."""
        self.answers.append(_Answer(question, 0, place, [begun] if begun else []))
        self.started = self.started or bool(begun)

    def _question_in_bold(self, item: Paragraph) -> tuple[str, str]:
        """Return the question that a paragraph begins with in bold, and what follows it."""
        lead = item.lead.strip()
        whole = lead == item.text.strip()
        asks = lead.endswith("?")
        if not lead or len(lead) > _LONGEST_QUESTION or not (self.bold_asks or asks):
            return "", ""
        if whole or asks:
            return lead.rstrip(":").strip(), item.text.strip()[len(lead) :].strip()
        return "", ""

    def _read_row(self, item: Paragraph) -> None:
        cells = [cell.strip() for cell in item.cells]
        head = level_columns(cells)
        if head:
            self.columns = head
            return
        domain = named_domain(cells[0])
        if self.columns is not None and domain:
            level = ticked(cells, self.columns)
            if level:
                self.relevance[domain] = level
            else:
                self.n_unclear += 1
            return
        filled = [cell for cell in cells if cell]
        if len(cells) == 2 and domain and len(filled) == 1:
            return  # nothing declared
        if len(filled) == 2 and (declared := relevance_of(filled[0], filled[1])):
            self.relevance[declared[0]] = declared[1]
            return
        if self._take_pairs(cells):
            return
        if len(cells) == 2 and cells[0]:
            words = {normalise_name(cell) for cell in cells}
            if words & {"question", "domain"} and words & {"answer", "relevance", "response"}:
                return  # the head of the table
            self._ask(cells[0].rstrip(":").strip(), cells[1], item.place)
        else:
            text = "\n".join(filled)
            single = Paragraph(text, item.place, lead=text if text.endswith("?") else "")
            self._read_text(single)

    def _take_pairs(self, cells: Sequence[str]) -> bool:
        """Take a row of fields: key and value, once or several times."""
        if len(cells) % 2:
            return False
        pairs = [(cells[n].rstrip(": "), cells[n + 1]) for n in range(0, len(cells), 2)]
        found = [field_of(key, value) for key, value in pairs if key or value]
        if not found or not all(found):
            return False
        for pair in found:
            if pair:
                self._take_field(*pair)
        return True

    def _take_field(self, key: str, value: str) -> None:
        if value:
            self.fields.setdefault(key, value)
