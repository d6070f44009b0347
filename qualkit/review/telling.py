"""What stands beside the text: the codings' list, the code at hand, the bars; as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from qualkit.model import ReviewCase, ReviewCode, ReviewCoding, ReviewFilter
from qualkit.review.glyphs import shown
from qualkit.review.painting import MARKS, colour
from qualkit.review.session import Session

_FEW_CASES = 3
_QUIET = "#8a8f9c"
_STATUS = {"unreviewed": "undecided", "accepted": "accepted", "rejected": "rejected"}


def coding_line(
    coding: ReviewCoding, code: ReviewCode | None, width: int, *, current: bool
) -> Text:
    """Return a coding's line in the list: status, category, name, score."""
    category = code.category if code else ""
    name = shown(code.name) if code else "(code gone)"
    score = "" if coding.score is None else f"{coding.score:.2f}"
    if coding.flagged:
        score = "differ"
    room = max(4, width - 8 - (len(score) + 1 if score else 0))
    if cell_len(name) > room:
        name = set_cell_size(name, room - 1) + "…"
    is_open = not coding.decided
    line = Text("▸" if current else " ")
    line.append(MARKS.get(coding.status, "?") + " ", "bold" if is_open else "")
    line.append(set_cell_size(shown(category), 3) + " ", colour(category))
    style = "bold" if is_open else _QUIET
    if coding.status == "rejected":
        style = f"{_QUIET} strike"
    line.append(set_cell_size(name, room), style)
    if score:
        line.append(" " + score, _QUIET)
    if current:
        line.stylize("reverse")
    return line


def list_lines(
    case: ReviewCase, codes: Mapping[int, ReviewCode], current: int | None, width: int
) -> tuple[list[Text], list[int | None]]:
    """Return the list's lines, and which coding each stands for; a line above each segment."""
    numbers = {segment.segment_id: segment.n for segment in case.segments}
    lines: list[Text] = []
    stands_for: list[int | None] = []
    segment = None
    for coding in case.codings:
        if coding.segment_key != segment:
            segment = coding.segment_key
            label = f"── {numbers.get(segment, '?')} "
            lines.append(Text(label + "─" * max(0, width - len(label) - 1), _QUIET))
            stands_for.append(None)
        is_current = coding.coding == current
        code = codes.get(coding.code_key)
        lines.append(coding_line(coding, code, width, current=is_current))
        stands_for.append(coding.coding)
    if not lines:
        lines.append(Text("no codings yet", _QUIET))
        stands_for.append(None)
    return lines, stands_for


def why(coding: ReviewCoding) -> str:
    """Return who or what made a coding, and what was said of it."""
    if coding.said:
        now = {"accept": "agreed: accepted", "reject": "agreed: rejected"}
        parts = [f"{name} {did}" for name, did in coding.said]
        return " · ".join(map(shown, [*parts, now.get(coding.verdict, "not settled")]))
    if coding.rule == "consensus":
        return f"agreed on, written by {shown(coding.coder)}"
    if coding.mine:
        return "your own, rejected by consensus" if coding.status == "rejected" else "your own"
    parts = [coding_status(coding)]
    score = "" if coding.score is None else f"{coding.score:.2f} "
    if coding.rule:
        rule, _, model = coding.rule.partition("+")
        by = "learned model" if rule == "model" else f"rule {rule}"
        parts.append(f"{score}by {by}" + (" and learned model" if model else ""))
    else:
        parts.append(f"{score}by {coding.coder}")
    if coding.others:
        parts.append("also decided by " + ", ".join(coding.others))
    return " · ".join(map(shown, parts))


def coding_status(coding: ReviewCoding) -> str:
    """Return what became of a coding, in a word."""
    if coding.flagged:
        return "undecided: coders differ"
    return _STATUS.get(coding.status, coding.status)


def code_title(code: ReviewCode | None) -> Text:
    """Return a code's category and name, in the category's colour."""
    if code is None:
        return Text("the code is gone")
    title = Text(f"{shown(code.category).capitalize()}: ", colour(code.category))
    title.append(shown(code.name), f"bold {colour(code.category)}")
    return title


def code_text(code: ReviewCode) -> Text:
    """Return what a code means, as one paragraph."""
    text = Text()
    for word, own in (
        ("Means: ", code.definition),
        ("Use for: ", code.include),
        ("Not for: ", code.exclude),
    ):
        if own:
            text.append(word, "bold")
            text.append(shown(own) + " ")
    return text if text.plain else Text("The codebook does not define this code.", _QUIET)


def top_line(session: Session, case: ReviewCase, width: int) -> Text:
    """Return the line at the top: where she is and what is left."""
    n, n_decided = len(session.items), session.n_decided
    left = n - n_decided
    what = " cases done" if session.wanted.blind else " decided"
    if session.wanted.consensus:
        what = " settled"
    start = Text(f" {shown(case.case_id)}", "bold")
    start.append(f" · case {session.case_number:,} of {session.n_cases:,}", "not bold")
    if case.done:
        start.append(" · done", "bold")
    if case.memos:
        start.append(f" · {case.memos} memo{'' if case.memos == 1 else 's'}")
    end = f"{n_decided:,} of {n:,}{what}, {left:,} left "
    return _ends(start, Text(end), width)


def message_line(message: Text, session: Session, width: int) -> Text:
    """Return the line under the text: what the last key did, the filter, who decides."""
    own = describe(session.wanted, session.codes)
    end = Text(f"{shown(session.coder)} ")
    if own != describe(ReviewFilter(), {}):
        end = Text(f"{own} · ").append_text(end)
        end.truncate(width // 2, overflow="ellipsis")
    end.stylize(_QUIET)
    return _ends(message.copy(), end, width)


def _ends(start: Text, end: Text, width: int) -> Text:
    """Return a line with one text at either end, the first cut where both have no room."""
    room = max(0, width - end.cell_len - 1)
    if start.cell_len > room:
        start.truncate(room, overflow="ellipsis")
    start.append(" " * max(1, width - start.cell_len - end.cell_len))
    start.append_text(end)
    return start


def noun(wanted: ReviewFilter) -> str:
    """Return what is gone through, as a word."""
    if wanted.consensus:
        return "disagreements"
    return "cases" if wanted.blind else "codings"


ORDERS = {
    "case": "case by case",
    "doubtful": "most doubtful first",
    "influential": "most influential first",
    "random": "random order",
}


def _cases(names: Sequence[str]) -> list[str]:
    return [shown(name) for name in names] if len(names) <= _FEW_CASES else [f"{len(names)} cases"]


def _codes(keys: Sequence[int], codes: Mapping[int, ReviewCode]) -> str:
    whole = whole_category(keys, codes)
    names = [shown(codes[key].name) for key in keys if key in codes]
    more = f" and {len(names) - 2} more" if names[2:] else ""
    return f"all of {whole}" if whole else ", ".join(names[:2]) + more


def describe(wanted: ReviewFilter, codes: Mapping[int, ReviewCode]) -> str:
    """Return a filter in words."""
    parts = []
    if wanted.blind:
        parts.append("blind")
    if wanted.consensus:
        parts.append("consensus of " + ", ".join(map(shown, wanted.consensus)))
    if wanted.codes:
        parts.append(_codes(wanted.codes, codes))
    parts += map(shown, wanted.kinds)
    parts += _cases(wanted.cases)
    if wanted.domain:
        parts.append(f"domain {wanted.domain}")
    if wanted.coder:
        parts.append(f"decided by {shown(wanted.coder)}")
    if wanted.score != (0.0, 1.0):
        parts.append(f"score {wanted.score[0]:g} to {wanted.score[1]:g}")
    if wanted.sample is not None:
        parts.append(f"a sample of {wanted.sample}")
    if not [part for part in parts if part != "blind"] and not wanted.consensus:
        parts.append("everything")
    if not wanted.consensus or wanted.order != "case":
        parts.append(ORDERS.get(wanted.order, wanted.order))
    return ", ".join(parts)


def whole_category(keys: Sequence[int], codes: Mapping[int, ReviewCode]) -> str:
    """Return the category of which these are all the codes, or nothing."""
    categories = {codes[key].category for key in keys if key in codes}
    if len(categories) != 1 or len(keys) < 2:
        return ""
    (category,) = categories
    own = {code.key for code in codes.values() if code.category == category}
    return category if own == set(keys) else ""
