r"""Regular expressions that users write, held to what can be matched quickly.

Python's `re` tries one way after the other in which an expression can read a
text. `(a+)+$` has more than a thousand million ways to read thirty letters, so
one odd word of a participant could halt a run for days. `check_regex` counts
the ways beforehand, without trying any.

The count takes every character as one that fits everywhere. Then how many ways
a part has to read n characters does not depend on the text, and follows from
its own parts: one for a character, the sum for alternatives, the sums of
products for what stands in a row. No text can make `re` do more than that. The
price is that an expression may be refused whose characters would have kept its
ways apart, such as `(?:\w+-)+`; the message says how to write it otherwise.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 60
"""Characters of the longest text that is matched; hardly a word of any language is longer."""
MOST_STEPS = 1_000_000
"""Steps that one expression may need for one text: some hundredths of a second."""
MOST_CHARACTERS = 1_000
MOST_BRACKETS = 50

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?!\})([0-9]*)(?:(,)([0-9]*))?\})([?+]?)")
_FLAGS = re.compile(r"\(\?[aimsu]+\)")
_MANY_LINES = re.compile(r"\(\?[a-z]*m")
_OPENING = re.compile(
    r"\((?:\?(?:(?P<look><?[=!])|(?P<comment>#)|P<\w+>|(?P<flags>[aimsu]*(?:-[ims]+)?):|>))?(?!\?)"
)
_ESCAPE = re.compile(r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|[^0-9])", re.DOTALL)
_NO_WIDTH = frozenset({r"\A", r"\Z", r"\b", r"\B", r"\z"})
_SIMPLER = "write {1,3} for a * or + within or beside another, or use two patterns"


class RegexError(ValueError):
    """An expression cannot be read, or could take too long; says why and what to do."""


def check_regex(
    source: str, *, longest: int = LONGEST, most_steps: int = MOST_STEPS
) -> re.Pattern[str]:
    r"""Return an expression compiled, once it is known to end quickly on any text.

    Parameters
    ----------
    source : str
        As `re` takes it, without references back to a group, conditions and
        the flag x.
    longest : int
        Characters of the longest text that it will be given.
    most_steps : int
        Most characters that may be looked at, each way of reading counted.

    Raises
    ------
    RegexError
        It is no regular expression, uses what is left out, or may take more steps.

    Examples
    --------
    >>> check_regex("^(un)?happ(y|ier)$").pattern
    '^(un)?happ(y|ier)$'
    """
    if len(source) > MOST_CHARACTERS:
        raise RegexError(f"has more than {MOST_CHARACTERS:,} characters: write several patterns")
    if source.count("(") > MOST_BRACKETS:
        raise RegexError(f"has more than {MOST_BRACKETS} brackets: write several patterns")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(source)
    except (re.error, OverflowError, Warning) as error:
        raise RegexError(f"is no regular expression ({error})") from error
    _Reader(source, longest, most_steps).check()
    return compiled


def for_short_texts(source: str, *, longest: int = LONGEST) -> str:
    """Return a checked expression that finds the same in short texts and nothing in longer ones.

    `re` learns the length of a text only by reading it, so it is told to look
    at the end of the text first, once.
    """
    flags = _FLAGS.match(source)
    start = flags.end() if flags else 0
    # (?s:.*?) goes to every place where the expression might begin.
    gate = rf"\A(?=(?s:.){{0,{longest}}}\Z)(?s:.*?)"
    return f"{source[:start]}{gate}(?:{source[start:]})"


@dataclass(frozen=True, slots=True)
class _Part:
    """How a part of an expression reads texts whose characters fit everywhere.

    Attributes
    ----------
    ways : sequence of int
        Ways to read exactly n characters, by n.
    steps : sequence of int
        Characters looked at n characters after the part's beginning, all ways
        of coming there counted.
    """

    ways: Sequence[int]
    steps: Sequence[int]


class _Reader:
    """Recursive descent over an expression that `re` has accepted."""

    def __init__(self, source: str, longest: int, most_steps: int) -> None:
        self._source = source
        self._at = 0
        self._longest = longest
        self._most = most_steps
        self._nothing = _Part(self._only(0), (0,) * (longest + 1))
        self._character = _Part(self._only(1), self._only(0))
        self._place = _Part(self._only(0), self._only(0))

    def check(self) -> None:
        flags = _FLAGS.match(self._source)
        self._at = flags.end() if flags else 0
        whole = self._choice(outermost=True)
        starts = range(self._longest + 1, 0, -1)
        steps = sum(n * many for n, many in zip(whole.steps, starts, strict=True))
        if steps > self._most and not (
            self._begins_at_start() and sum(whole.steps) + self._longest <= self._most
        ):
            raise self._too_slow()

    def _begins_at_start(self) -> bool:
        r"""Tell whether no place but the first is tried: one row, and ^ or \A before it."""
        flags = _FLAGS.match(self._source)
        start = self._source.startswith(("^", r"\A"), flags.end() if flags else 0)
        return start and "|" not in self._source and not _MANY_LINES.search(self._source)

    def _choice(self, *, outermost: bool = False) -> _Part:
        whole = self._row(outermost=outermost)
        while self._source.startswith("|", self._at):
            self._at += 1
            other = self._row(outermost=outermost)
            whole = self._kept(_sum(whole.ways, other.ways), _sum(whole.steps, other.steps))
        return whole

    def _row(self, *, outermost: bool) -> _Part:
        row = self._nothing
        while self._at < len(self._source) and self._source[self._at] not in "|)":
            begin = self._at
            part = self._one()
            mark = _QUANTIFIER.match(self._source, self._at)
            if mark is None:
                row = self._after(row, part)
                continue
            self._at = mark.end()
            least, most = _bounds(mark)
            last = self._at == len(self._source) or self._source[self._at] in "|"
            if outermost and last and part == self._character:
                # Whatever `x*` at the end reads, nothing after it can send it back.
                most, row = least, _Part(row.ways, _sum(row.steps, self._only(0)))
            row = self._after(row, self._repeated(part, least, most, begin))
        return row

    def _one(self) -> _Part:
        """Read a character, a set, a bracket or a place such as ^."""
        source, at = self._source, self._at
        if source[at] == "(":
            return self._bracket()
        if source[at] == "[":
            self._at = _end_of_set(source, at)
            return self._character
        if source[at] == "\\":
            escape = _ESCAPE.match(source, at)
            if escape is None:
                raise RegexError(
                    "refers back to a group, or has an escape with digits: neither can be used here"
                )
            self._at = escape.end()
            return self._place if escape.group() in _NO_WIDTH else self._character
        self._at += 1
        return self._place if source[at] in "^$" else self._character

    def _bracket(self) -> _Part:
        opening = _OPENING.match(self._source, self._at)
        if opening is None:
            raise RegexError(
                "has a bracket of a kind that cannot be used here (write it without conditions,"
                " references back and the flag x)"
            )
        self._at = opening.end()
        if opening["comment"]:
            self._at = self._source.index(")", self._at) + 1
            return self._nothing
        inner = self._choice()
        self._at += 1  # the closing bracket
        if opening["look"]:
            # It reads nothing and, once it has looked, is not asked again.
            return self._kept(self._only(0), self._only(0, 1 + sum(inner.steps)))
        return inner

    def _repeated(self, part: _Part, least: int, most: int | None, begin: int) -> _Part:
        if part.ways[0] and (most is None or most > 1):
            raise RegexError(
                f"repeats something that may be empty ('{self._source[begin : self._at][:40]}'):"
                " leave out the inner ? or *"
            )
        ways, steps = [0] * (self._longest + 1), [0] * (self._longest + 1)
        times: Sequence[int] = self._only(0)
        # Each time reads a character at least, so longer repeats do not fit.
        limit = self._longest + 1 if most is None else min(most, self._longest + 1)
        for count in range(limit + 1):
            if count >= least:
                ways = _sum(ways, times)
            if count == limit or not any(times):
                break
            steps = _sum(steps, self._product(times, part.steps))
            times = self._product(times, part.ways)
            self._kept(times, steps)
        return self._kept(ways, steps)

    def _after(self, first: _Part, second: _Part) -> _Part:
        return self._kept(
            self._product(first.ways, second.ways),
            _sum(first.steps, self._product(first.ways, second.steps)),
        )

    def _kept(self, ways: Sequence[int], steps: Sequence[int]) -> _Part:
        if sum(ways) > self._most or sum(steps) > self._most:
            raise self._too_slow()
        return _Part(ways, steps)

    def _product(self, first: Sequence[int], second: Sequence[int]) -> list[int]:
        found = [0] * (self._longest + 1)
        for i, many in enumerate(first):
            if many:
                for j in range(self._longest + 1 - i):
                    if second[j]:
                        found[i + j] += many * second[j]
        return found

    def _only(self, n: int, many: int = 1) -> tuple[int, ...]:
        return tuple(many if i == n else 0 for i in range(self._longest + 1))

    def _too_slow(self) -> RegexError:
        return RegexError(
            f"could take too long on some words (over {self._most:,} steps to read {self._longest}"
            f" letters): {_SIMPLER}"
        )


def _sum(first: Sequence[int], second: Sequence[int]) -> list[int]:
    return [one + other for one, other in zip(first, second, strict=True)]


def _bounds(mark: re.Match[str]) -> tuple[int, int | None]:
    """Return the least and most times that a quantifier asks for; None for no bound."""
    sign = mark.group()[0]
    if sign != "{":
        return (1 if sign == "+" else 0), (1 if sign == "?" else None)
    least = int(mark[1] or 0)
    upper = mark[3] if mark[2] else mark[1]
    return least, int(upper) if upper else None


def _end_of_set(source: str, at: int) -> int:
    """Return where the set [...] that begins at `at` ends."""
    at += 2 if source.startswith("[^", at) else 1
    first = at
    while source[at] != "]" or at == first:
        at += 2 if source[at] == "\\" else 1
    return at + 1
