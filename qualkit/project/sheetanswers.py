"""The answers of a coding sheet, a row at a time: what each is about, and what it does.

A row is placed before anything of it is done, so that it is taken whole or not at all.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from qualkit.importers.codingsheet import RowKey, SheetHead, SheetRow
from qualkit.importers.columns import squash
from qualkit.normalise import normalise_text
from qualkit.project.base import ProjectBase
from qualkit.store import codebooks, deciding, history, reviewing, sheets
from qualkit.store.codebooks import StoredCode, StoredCodebook


@dataclass(slots=True)
class SheetResult:
    """What the answers of a coding sheet did; counts only.

    Attributes
    ----------
    source, coder : str
    accepted, rejected, recoded, added, memos : int
        What is new; a proposal that got another code counts as recoded alone.
    there : int
        Answers that say what this coder has said before.
    undecided : int
        Proposals left blank.
    missing : int
        Proposals that were sent and whose rows did not come back.
    done : int
        Cases newly marked done.
    set_aside : int
        Rows that cannot be placed, with the reason for each in `rejects_file`.
    notes : list of str
    """

    source: str
    coder: str
    accepted: int = 0
    rejected: int = 0
    recoded: int = 0
    added: int = 0
    memos: int = 0
    there: int = 0
    undecided: int = 0
    missing: int = 0
    done: int = 0
    set_aside: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)


class NotPlacedError(Exception):
    """A row cannot be taken; the reason is for the rejects file, and quotes nobody."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a row means; `stretch` and `coding` are of the proposal that it decides."""

    part: sheets.StoredPart
    others: Sequence[StoredCode]
    added: Sequence[deciding.Stretch]
    stretch: deciding.Stretch | None = None
    coding: int | None = None


@dataclass(slots=True)
class _CaseState:
    """What a sheet says of one case: enough to tell whether it is done."""

    seen: set[RowKey] = field(default_factory=set)
    decided: set[RowKey] = field(default_factory=set)
    done: bool | None = None
    doubtful: bool = False


class Taking:
    """Takes the rows of a sheet into the store, inside the caller's transaction.

    Parameters
    ----------
    project : ProjectBase
    result : SheetResult
        Whose answers they are; gets the counts.
    head : SheetHead
    """

    def __init__(self, project: ProjectBase, result: SheetResult, head: SheetHead) -> None:
        self._connection = project.connection
        self._result, self._head = result, head
        self._who = deciding.person(self._connection, result.coder)
        self._codes: dict[str, list[StoredCode]] = defaultdict(list)
        for code in codebooks.fetch_codes(self._connection):
            if not code.retired:
                own = f"{code.category}.{code.code}"
                names = (code.code, own, code.name, f"{code.category}: {code.name}")
                for name in {squash(name) for name in names}:
                    self._codes[name].append(code)
        self._states: dict[str, _CaseState] = defaultdict(_CaseState)
        self._said: dict[RowKey, tuple[bool, str]] = {}
        self._case: tuple[str, list[sheets.StoredPart]] = ("", [])

    def take(self, row: SheetRow) -> None:
        """Do what a row says.

        Raises
        ------
        NotPlacedError
            It cannot be done; nothing of it is.
        """
        key = row.key
        state = self._states[key.case_id]
        part, same = self._find_part(key)
        if key.coding is not None:
            state.seen.add(key)
        if row.done is not None:
            # Where rows of a case differ, the more careful answer holds.
            state.done = row.done and state.done is not False
        try:
            if row.fault:
                raise NotPlacedError(row.fault)
            if row.answered:
                self._act(row, self._plan(row, part, same=same))
        except NotPlacedError:
            state.doubtful = True
            raise
        if key.coding is not None and row.decision is None:
            self._result.undecided += 1
        elif key.coding is not None:
            state.decided.add(key)

    # --- what it does ------------------------------------------------------------------

    def _act(self, row: SheetRow, plan: _Plan) -> None:
        if row.decision is not None and plan.stretch is not None:
            self._decide(row.decision, plan.stretch, plan)
        for stretch in plan.added:
            self._add(stretch)
        if row.note:
            self._note(row.note, plan)

    def _decide(self, fits: bool, stretch: deciding.Stretch, plan: _Plan) -> None:
        coding, coder = plan.coding, self._result.coder
        others = [replace(stretch, code_key=code.key) for code in plan.others]
        if coding is None:
            # The program proposes it no longer; she has seen the words, so it becomes hers.
            for own in [stretch] if fits else others:
                self._add(own)
            return
        verdict = "accept" if fits else "reject"
        if not others:
            self._count(
                f"{verdict}ed",
                lambda: deciding.decide(self._connection, coding, verdict, coder),
            )
            return
        code_key = others[0].code_key
        self._count(
            "recoded", lambda: deciding.recode(self._connection, coding, coder, code_key=code_key)
        )
        for own in others[1:]:
            self._add(own)

    def _add(self, stretch: deciding.Stretch) -> None:
        self._count(
            "added",
            lambda: deciding.add_coding(
                self._connection,
                segment_key=stretch.segment_key,
                code_key=stretch.code_key,
                start=stretch.start,
                end=stretch.end,
                coder=self._result.coder,
            ),
        )

    def _note(self, note: str, plan: _Plan) -> None:
        about, key, text = "case", plan.part.case_key, note
        if plan.coding is not None:
            about, key = "coding", plan.coding
        elif len(self._case[1]) > 1:
            # A memo is on the whole case; the number says which of its texts is meant.
            text = f"Segment {plan.part.n}: {note}"
        if sheets.has_memo(self._connection, about, key, text, self._who):
            self._result.there += 1
            return
        deciding.write_memo(self._connection, about, key, text, self._result.coder)
        self._result.memos += 1

    def _count(self, what: str, act: Callable[[], object]) -> None:
        """Do something, and count it as new or, if it changed nothing, as there."""
        before = history.fetch_last_line(self._connection)
        act()
        changed = history.fetch_last_line(self._connection) != before
        counted = what if changed else "there"
        setattr(self._result, counted, getattr(self._result, counted) + 1)

    # --- what it is about ---------------------------------------------------------------

    def _plan(self, row: SheetRow, part: sheets.StoredPart | None, *, same: bool) -> _Plan:
        """Return what a row means; raises NotPlacedError."""
        if part is None:
            raise NotPlacedError("the project has no such case or segment with text")
        category, _, _ = row.key.code.partition(".")
        others = self._find_codes(row.other, category)
        added = self._find_added(row, part, same=same)
        if row.key.coding is None:
            return _Plan(part, others, added)
        if row.decision is not None:
            said = self._said.setdefault(row.key, (row.decision, row.other))
            if said != (row.decision, row.other):
                raise NotPlacedError(
                    "the same proposal is answered in another row, and differently"
                )
        stretch = self._find_stretch(row.key, part, same=same)
        coding = sheets.find_machine_coding(self._connection, stretch)
        if any(code.key == stretch.code_key for code in others):
            raise NotPlacedError("the other code is the one that was proposed")
        if row.decision is False and coding is None and not others:
            raise NotPlacedError("the program no longer proposes this: nothing is left to reject")
        return _Plan(part, others, added, stretch, coding)

    def _find_part(self, key: RowKey) -> tuple[sheets.StoredPart | None, bool]:
        """Return the segment that a row is about, and whether its text is as it was.

        A segment may have moved: another column or turn came before it.
        """
        if self._case[0] != key.case_id:
            self._case = key.case_id, sheets.fetch_parts(self._connection, key.case_id)
        parts = self._case[1]
        own = next((part for part in parts if part.n == key.segment_n), None)
        if own is not None and hash_text(own.text) == key.text_hash:
            return own, True
        moved = [part for part in parts if hash_text(part.text) == key.text_hash]
        return (moved[0], True) if len(moved) == 1 else (own, False)

    def _find_stretch(
        self, key: RowKey, part: sheets.StoredPart, *, same: bool
    ) -> deciding.Stretch:
        """Return where a proposal stands, also in a text that has changed around it."""
        codes = self._codes.get(squash(key.code), ())
        code = next((c for c in codes if f"{c.category}.{c.code}" == key.code), None)
        if code is None:
            raise NotPlacedError("no loaded codebook has the proposed code any more")
        span: tuple[int, int] | None = key.start, key.end
        if not same:
            # A new version of the source has carried the coding to where its words are now.
            found = deciding.find_coding(self._connection, key.coding or 0)
            span = None
            if found is not None and found.stretch.segment_key == part.segment_key:
                span = found.stretch.start, found.stretch.end
            if span is None or hash_text(part.text[slice(*span)]) != key.quote_hash:
                span = _find_hashed(part.text, key.end - key.start, key.quote_hash)
        if span is None or not 0 <= span[0] < span[1] <= len(part.text):
            raise NotPlacedError(
                "the text has changed since the sheet was made, and the quotation does not stand"
                " in it, or more than once"
            )
        return deciding.Stretch(part.case_key, part.segment_key, code.key, *span)

    def _find_codes(self, cell: str, category: str = "") -> list[StoredCode]:
        """Return the codes that a cell names, those of a category first."""
        names = [cell] if squash(cell) in self._codes else re.split(r"[;\n]", cell)
        found: dict[int, StoredCode] = {}
        for name in filter(str.strip, names):
            codes = self._codes.get(squash(name), [])
            codes = [code for code in codes if code.category == category] or codes
            if not codes:
                raise NotPlacedError("no loaded codebook has a code that stands there")
            if len(codes) > 1:
                raise NotPlacedError(
                    "several codes have a name that stands there: choose from the drop-down, or"
                    " write category.code"
                )
            found[codes[0].key] = codes[0]
        if cell and not found:
            raise NotPlacedError("no loaded codebook has a code that stands there")
        return list(found.values())

    def _find_added(
        self, row: SheetRow, part: sheets.StoredPart, *, same: bool
    ) -> list[deciding.Stretch]:
        """Return the codings that a row adds."""
        codes = self._find_codes(row.added)
        if not codes:
            return []
        if not row.words and not same:
            raise NotPlacedError(
                "the text has changed since the sheet was made, so a code for the whole of it"
                " is no longer sure"
            )
        spans = [(0, len(part.text))] * len(codes)
        if row.words:
            spans = find_words(part.text, row.words, len(codes))
        return [
            deciding.Stretch(part.case_key, part.segment_key, code.key, *span)
            for code, span in zip(codes, spans, strict=True)
        ]

    # --- done ---------------------------------------------------------------------------

    def finish(self, *, all_done: bool) -> None:
        """Count what did not come back, and mark cases done."""
        result = self._result
        seen = sum(len(state.seen) for state in self._states.values())
        result.missing = max(0, sum(n for n, _ in self._head.sent.values()) - seen)
        whole = {name for name, complete in self._head.codebooks.items() if complete}
        books = [b for b in codebooks.fetch_codebooks(self._connection) if b.name in whole]
        refused = 0
        for case in sheets.fetch_cases(self._connection):
            sent, texts = self._head.sent.get(case.case_id, (0, ""))
            if not texts:
                continue
            state = self._states.get(case.case_id) or _CaseState()
            said = state.done if state.done is not None else all_done or None
            parts = sheets.fetch_parts(self._connection, case.case_id)
            # Who has read another text than is there now has not been through the case.
            same = hash_texts(part.text for part in parts) == texts
            if same and self._is_done(state, said, sent):
                result.done += self._mark_done(case, books, said=bool(said))
            else:
                refused += said is True
        if refused:
            result.notes.append(
                f"said to be done but not marked: {refused} (proposals undecided, rows set aside"
                " or deleted, or a text that has changed since)"
            )
        if not books and result.accepted + result.rejected + result.recoded + result.added:
            result.notes.append(
                "no case is marked done: the sheet asks for some codes of its codebooks only"
            )

    def _is_done(self, state: _CaseState, said: bool | None, sent: int) -> bool:
        if said is False or state.doubtful:
            return False
        if self._head.blind:
            return said is True
        # A case without proposals may not have been looked at, unless she says so.
        return len(state.decided) >= sent and (sent > 0 or said is True)

    def _mark_done(
        self, case: sheets.SheetCase, books: Sequence[StoredCodebook], *, said: bool
    ) -> bool:
        keys = {book.key for book in books if not book.kinds or case.kind in book.kinds}
        if not self._head.blind:
            # A run since may have proposed what the sheet did not ask about.
            clear, open_ = reviewing.fetch_undecided_codebooks(
                self._connection, case.case_key, self._who
            )
            keys = keys - set(open_) if said else keys & set(clear)
        marked = deciding.mark_done(
            self._connection,
            codebook_keys=sorted(keys),
            case_keys=[case.case_key],
            coder=self._result.coder,
        )
        return marked > 0


# --- words ------------------------------------------------------------------------------


def hash_text(text: str) -> str:
    """Return what tells one text from another in a sheet that is not to hold it twice."""
    # Halves of characters cannot be encoded, but must not be lost either.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def hash_texts(texts: Iterable[str]) -> str:
    """Return the same for all texts of a case."""
    return hash_text(" ".join(map(hash_text, texts)))


def _find_hashed(text: str, length: int, wanted: str) -> tuple[int, int] | None:
    """Return the only place of words of which only length and hash are known."""
    starts = range(len(text) - length + 1)
    places = [at for at in starts if hash_text(text[at : at + length]) == wanted]
    return (places[0], places[0] + length) if len(places) == 1 else None


_MARKS = " \t\n\"'“”‘’«».…[]"


def find_words(text: str, words: str, count: int) -> list[tuple[int, int]]:
    """Return where the words of a cell stand, once for each of `count` codes.

    White space, case, and the form of quotation marks and hyphens make no difference. A
    cell that does not stand in the text as a whole holds the words of each code, with ;
    between.

    Raises
    ------
    NotPlacedError
        They do not stand there, or more than once.

    Examples
    --------
    >>> find_words("She was lonely; he was not.", "“Was  lonely”", 1)
    [(4, 14)]
    >>> find_words("She was lonely; he was not.", "lonely; was not", 2)
    [(8, 14), (19, 26)]
    """
    parts = [part for part in words.split(";") if part.strip(_MARKS)]
    try:
        return [_only_place(text, words)] * count
    except NotPlacedError:
        if count < 2 or len(parts) != count:
            raise
    return [_only_place(text, part) for part in parts]


def _only_place(text: str, words: str) -> tuple[int, int]:
    for quote in filter(None, (words.strip(), words.strip(_MARKS))):
        if text.count(quote) == 1:
            at = text.find(quote)
            return at, at + len(quote)
        # Same length as the text, so that places in one hold in the other.
        pattern = r"\s+".join(map(re.escape, normalise_text(quote).split()))
        places = [match.span() for match in re.finditer(pattern, normalise_text(text))]
        if len(places) == 1:
            return places[0]
        if places:
            raise NotPlacedError("the words stand in the text more than once: write more of them")
    raise NotPlacedError("the words do not stand in the text")
