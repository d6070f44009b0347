"""Which of people's work was taken back, and when: what the history says last of each piece.

Merging must not bring back what its author took out, nor keep it here when she took it
out there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

_GONE = {"remove": True, "add": False, "retract": True, "decide": False}
_GONE |= {"reopen": True, "done": False, "unmemo": True, "memo": False}

DecisionKey = tuple[str, str, int, str, str, int, int, int]
"""Coder, case id, segment number, category, code, start, end, consensus."""


@dataclass(frozen=True, slots=True)
class Word:
    """When something was done or taken back last.

    Attributes
    ----------
    line : int
        The line of the history that says so.
    again : bool
        It is not the first word on it, or came with a merge: only the history knows when
        it was done.
    """

    at: str
    gone: bool
    line: int = 0
    again: bool = False


@dataclass(slots=True)
class LastWords:
    """The last word on each piece of work: codings and memos by guid, the rest by place.

    Only what was taken back, and what was done again after it: of the rest the rows tell.
    """

    codings: dict[str, Word] = field(default_factory=dict)
    memos: dict[str, Word] = field(default_factory=dict)
    decisions: dict[DecisionKey, Word] = field(default_factory=dict)
    done: dict[tuple[str, str, str], Word] = field(default_factory=dict)
    """By codebook, case id and coder."""


def fetch_last_words(rows: Callable[[str], Iterable[Any]]) -> LastWords:
    """Return what the history of a project says last; `rows` gives the rows of a query."""
    words = LastWords()
    # Offsets and segments of before hold no more once a text has changed, or a row is
    # another case's.
    changed = dict(
        rows(
            "SELECT case_key, max(id) FROM history WHERE action IN ('text', 'forget')"
            " AND case_key IS NOT NULL GROUP BY case_key"
        )
    )
    for (
        line,
        at,
        action,
        guid,
        case,
        coder,
        case_id,
        n,
        category,
        code,
        start,
        end,
        agreed,
        book,
        merged,
    ) in rows(
        "SELECT h.id, h.at, h.action, h.guid, h.case_key, p.name, c.case_id, s.n, k.category,"
        " k.code, h.start_char, h.end_char, h.consensus, b.name,"
        " h.step IN (SELECT step FROM history WHERE action = 'merge') FROM history h"
        " LEFT JOIN coders p ON p.id = h.coder_key LEFT JOIN cases c ON c.id = h.case_key"
        " LEFT JOIN segments s ON s.id = h.segment_key AND s.case_key = h.case_key"
        " LEFT JOIN codes k ON k.id = h.code_key LEFT JOIN codebooks b"
        " ON b.id = h.about_key AND h.action IN ('done', 'reopen')"
        " WHERE h.action IN ('add', 'remove', 'decide', 'retract', 'done', 'reopen', 'memo',"
        " 'unmemo') ORDER BY h.id"
    ):
        word = Word(at, _GONE[action], line)
        if action in ("add", "remove", "memo", "unmemo"):
            own = words.codings if action in ("add", "remove") else words.memos
            word = replace(word, again=bool(merged) or guid in own)
            _keep(own, guid, word)
        elif changed.get(case, 0) > line or case_id is None:
            continue
        elif action in ("done", "reopen"):
            _keep(words.done, (book, case_id, coder), word)
        elif n is not None:
            place = coder, case_id, n, category, code, start, end, agreed
            _keep(words.decisions, place, word)
    return words


def _keep(words: dict[Any, Word], key: Any, word: Word) -> None:
    if word.gone or word.again:
        words[key] = word
    else:
        words.pop(key, None)


def took_back(word: Word | None, since: str) -> bool:
    """Say whether something was taken back there, at or after it was done here."""
    return word is not None and word.gone and word.at >= since
