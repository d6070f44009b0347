"""Coding sheets: workbooks in which a colleague decides and adds codings without the program.

    texts, proposals and codes -> sheets 'Coding', 'Codes', 'How to' and a hidden one

A text stands once, in a row of its own, and below it a row for each code proposed. Where an
answer belongs stands in a hidden column, since rows may be sorted or deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualkit.errors import QualkitError
from qualkit.report.savedbook import saved_book
from qualkit.report.sheetlooks import (
    YES_NO,
    choices,
    protect,
    set_up,
    styled_cell,
    styles,
    words_of,
)
from qualkit.report.whole import replace_whole

MOST_ROWS = 1_048_576
"""Rows that a sheet of a workbook can have."""

_LINES = 24
"""Lines of a text in one cell: Excel shows no row higher than 409 points, which are 27."""
_CONTEXT = 90
_LONGEST_QUOTE = 500
_LONGEST_NAME = 240


@dataclass(frozen=True, slots=True)
class SheetProposal:
    """A code that is proposed for text[start:end]; `decide` is what she has said before."""

    key: str
    code: str
    meaning: str
    start: int
    end: int
    decide: str = ""


@dataclass(frozen=True, slots=True)
class SheetText:
    """A segment as it is shown; `first` where it begins its case."""

    key: str
    case_id: str
    n: int
    speaker: str
    question: str
    text: str
    first: bool
    proposals: Sequence[SheetProposal] = ()


@dataclass(frozen=True, slots=True)
class SheetCode:
    """A code to choose from; `label` is what stands in the drop-down."""

    label: str
    category: str
    code: str
    name: str
    definition: str
    include: str
    exclude: str


@dataclass(frozen=True, slots=True)
class SheetContent:
    """All that a coding sheet holds.

    Attributes
    ----------
    coder : str
        Whom it is for.
    blind : bool
        Leave out the columns of proposals.
    asks_done : bool
        Ask for each case whether she has been through it.
    headers : mapping of str to str
        Headers of the columns, as the reader of answers knows them.
    all_done : str
        What stands before the cell for all cases.
    texts : iterable of SheetText
    codes : sequence of SheetCode
    hidden_sheet : str
    hidden : iterable of rows
        For the hidden sheet; read after the texts.
    """

    coder: str
    blind: bool
    asks_done: bool
    headers: Mapping[str, str]
    all_done: str
    texts: Iterable[SheetText]
    codes: Sequence[SheetCode]
    hidden_sheet: str
    hidden: Iterable[Sequence[str]]


def write_coding_sheet(path: Path, content: SheetContent) -> None:
    """Write a coding sheet, whole or not at all; only its owner may read the file.

    Raises
    ------
    QualkitError
        It has too many rows, or the file cannot be written.
    """
    replace_whole(path, lambda temporary: _write(temporary, content))


def _write(path: Path, content: SheetContent) -> None:
    with saved_book(path) as book:
        book.properties.creator = "qualkit"
        for style in styles():
            book.add_named_style(style)
        _Coding(book, content).write()
        _write_codes(book, content)
        _write_how_to(book, content)
        _write_hidden(book, content)


# --- the sheet of texts -----------------------------------------------------------------

_WIDTHS = {
    "case": 12,
    "segment": 9,
    "speaker": 12,
    "question": 26,
    "text": 62,
    "quotation": 34,
    "code": 24,
    "decide": 8,
    "other": 24,
    "added": 24,
    "words": 28,
    "note": 26,
    "done": 8,
    "key": 8,
}
_OF_PROPOSALS = ("quotation", "code", "decide", "other")


class _Coding:
    """Writes the sheet 'Coding' as its texts come."""

    def __init__(self, book: Any, content: SheetContent) -> None:
        self._content = content
        left_out = set(_OF_PROPOSALS if content.blind else ())
        if not content.asks_done:
            left_out.add("done")
        self._columns = [name for name in _WIDTHS if name not in left_out]
        self._sheet = book.create_sheet("Coding")
        self._count = 0

    def write(self) -> None:
        from openpyxl.utils import get_column_letter

        sheet, columns = self._sheet, self._columns
        letters = {name: get_column_letter(at) for at, name in enumerate(columns, start=1)}
        set_up(sheet, [_WIDTHS[name] for name in columns], "C2")
        sheet.column_dimensions[letters["key"]].hidden = True
        sheet.sheet_view.zoomScale = 85
        self._append({name: self._content.headers[name] for name in columns}, "head", ())
        for text in self._content.texts:
            self._write_text(text)
        last = max(self._count, 2)
        shown = letters[columns[-2]]
        sheet.auto_filter.ref = f"A1:{shown}{self._count}"
        codes = f"Codes!$A$2:$A${len(self._content.codes) + 1}"
        for name in ("decide", "other", "added", "done"):
            if name in letters:
                flag = name in ("decide", "done")
                # Several codes may be typed, so their drop-down only helps.
                made = choices(YES_NO if flag else codes, strict=flag)
                made.add(f"{letters[name]}2:{letters[name]}{last}")
                sheet.data_validations.append(made)

    def _write_text(self, text: SheetText) -> None:
        shown = {
            "case": text.case_id,
            "speaker": _cut(text.speaker, _LONGEST_NAME),
            "question": _cut(text.question, _LONGEST_NAME),
            "key": text.key,
        }
        parts = list(_parts(text.text, _WIDTHS["text"]))
        for number, part in enumerate(parts, start=1):
            where: str | int = text.n
            if len(parts) > 1:
                where = f"{text.n} (part {number} of {len(parts)})"
            answers = ["added", "words", "note"]
            if text.first and number == 1:
                answers.append("done")
            self._append({**shown, "segment": where, "text": part}, "text", answers)
            shown["question"] = ""
        for proposal in text.proposals:
            self._append(
                {
                    "case": text.case_id,
                    "segment": text.n,
                    "speaker": shown["speaker"],
                    "question": _cut(proposal.meaning, _LONGEST_NAME),
                    "text": _in_context(text.text, proposal.start, proposal.end),
                    "quotation": _quotation(text.text, proposal.start, proposal.end),
                    "code": proposal.code,
                    "decide": proposal.decide,
                    "key": proposal.key,
                },
                "proposal",
                ("decide", "other", "note"),
                aside=("question", "text"),
            )

    def _append(
        self,
        values: Mapping[str, str | int],
        look: str,
        answers: Sequence[str],
        aside: Sequence[str] = (),
    ) -> None:
        looks = {**dict.fromkeys(aside, "aside"), **dict.fromkeys(answers, "answer")}
        self._count += 1
        if self._count > MOST_ROWS:
            raise QualkitError(
                "the sheet would have more rows than a workbook can hold",
                expected=f"at most {MOST_ROWS:,}",
                to_do="make several: --kind, --case, --category or --codebook",
            )
        self._sheet.append(
            [
                styled_cell(self._sheet, values.get(name), looks.get(name, look))
                for name in self._columns
            ]
        )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _parts(text: str, width: int) -> Iterator[str]:
    """Yield a text in pieces that a cell can show whole, broken where it can be."""
    start = 0
    while start < len(text):
        end = _reach(text, start, width)
        if end < len(text):
            end = _break_before(text, start, end)
        if piece := text[start:end].strip():
            yield piece
        start = end


def _reach(text: str, start: int, width: int) -> int:
    """Return how far the lines of one cell reach."""
    left = _LINES
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        needed = max(1, -(-(stop - start) // width))
        if needed > left:
            return start + left * width
        left -= needed
        start = stop + 1
    return len(text)


def _break_before(text: str, start: int, end: int) -> int:
    """Return the end of the last paragraph, sentence or word in the latter half of a stretch."""
    half = (start + end) // 2
    for marks in (("\n",), (". ", "! ", "? "), (" ",)):
        found = max(text.rfind(mark, half, end) + len(mark) for mark in marks)
        if found > half:
            return found
    return max(end, start + 1)


def _in_context(text: str, start: int, end: int) -> str:
    """Return the words in brackets, with some before and after; a whole text needs no repeating."""
    if (start, end) == (0, len(text)):
        return ""
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    words = (text[first:start], _shortened(text[start:end]), text[end:last])
    before, quote, after = (" ".join(part.split("\n")) for part in words)
    return f"{'… ' if first else ''}{before}[{quote}]{after}{' …' if last < len(text) else ''}"


def _quotation(text: str, start: int, end: int) -> str:
    return "(the whole text)" if (start, end) == (0, len(text)) else _shortened(text[start:end])


def _shortened(quote: str) -> str:
    """Return a long quotation without its middle."""
    if len(quote) <= _LONGEST_QUOTE:
        return quote
    half = _LONGEST_QUOTE // 2
    return f"{quote[:half].rstrip()} […] {quote[-half:].lstrip()}"


# --- the other sheets -----------------------------------------------------------------


def _write_codes(book: Any, content: SheetContent) -> None:
    sheet = book.create_sheet("Codes")
    set_up(sheet, (34, 14, 24, 34, 60, 50, 50), "B2")
    heads = ("write this", "category", "code", "name", "definition", "include", "exclude")
    sheet.append([styled_cell(sheet, head, "head") for head in heads])
    for code in content.codes:
        values = (
            *(code.label, code.category, code.code, code.name),
            *(code.definition, code.include, code.exclude),
        )
        sheet.append([styled_cell(sheet, value, "proposal") for value in values])
    sheet.auto_filter.ref = f"A1:G{len(content.codes) + 1}"


_READ = (
    "Each blue row holds a text (a long one goes on in the rows below it). The white rows under it"
    " are codes that the program proposes for some of its words.",
    "decide: yes if the code fits these words, no if it does not; blank means undecided. If"
    " another code fits instead, say no and choose it under other code. The sheet Codes says"
    " what each code means.",
)
_READ_BLIND = (
    "Each row holds a text (a long one goes on in the rows below it). Read it, and give it the"
    " codes that fit.",
    "The sheet Codes says what each code means. A text that no code fits stays blank.",
)
_ADD = (
    "{Missing}Under added codes, beside the text, choose a code or write several with ; between."
    " Copy the words that it stands on into words (for several codes with ; between, in the same"
    " order); without words it stands on the whole text."
)
_DONE = (
    " case done: yes once you have been through all texts of a case{decided}; or say so for all"
    " cases below."
)
_KEEP = (
    "Filter as you like, and delete rows that you do not want to answer. To sort, take the"
    " protection off first (Review, Unprotect Sheet: no password). Leave headers, hidden column"
    " and sheets as they are, save as .xlsx and send the file back: it holds people's words, so"
    " send it in a safe way."
)


def _write_how_to(book: Any, content: SheetContent) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    sheet = book.create_sheet("How to")
    sheet.column_dimensions["A"].width = 110
    sheet.column_dimensions["B"].width = 10
    sheet.page_setup.orientation = "landscape"
    protect(sheet)
    title = WriteOnlyCell(sheet, words_of(f"Coding sheet for {content.coder}"))
    title.font = Font(bold=True, size=14)
    sheet.append([title])
    note = "note is for anything that the evaluator should know of the text or the proposal."
    if content.asks_done:
        # Where there are proposals, deciding them all says it too.
        decided = "" if content.blind else " (where all proposals are decided it is taken as done)"
        note += _DONE.format(decided=decided)
    lines = (
        *(_READ_BLIND if content.blind else _READ),
        _ADD.format(Missing="" if content.blind else "Something missing? "),
        note,
        _KEEP,
    )
    for number, line in enumerate(lines, start=1):
        sheet.append([styled_cell(sheet, f"{number}. {line}", "proposal")])
    if content.asks_done:
        sheet.append([])
        sheet.append(
            [styled_cell(sheet, content.all_done, "text"), styled_cell(sheet, None, "answer")]
        )
        made = choices(YES_NO, strict=True)
        made.add(f"B{len(lines) + 3}")
        sheet.data_validations.append(made)


def _write_hidden(book: Any, content: SheetContent) -> None:
    sheet = book.create_sheet(content.hidden_sheet)
    # Not in the list of hidden sheets that Excel offers to show.
    sheet.sheet_state = "veryHidden"
    for row in content.hidden:
        sheet.append([styled_cell(sheet, value, "proposal") for value in row])
