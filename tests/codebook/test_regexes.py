from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualkit.codebook.regexes import (
    LONGEST,
    RegexError,
    check_regex,
    for_short_texts,
)

SLOW = [
    "(a+)+$",
    "(a|a)*b",
    "(.*)*x",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    r"(\w+\s*)+:",
    "(?i)(a|aa)+$",
    "(?=(a+)+$)b",
    "(?<!x)(?:a|b|ab)*c",
    "(?>(a+)+b)",
    "(?:(?:a{1,9}){1,9}){1,9}b",
    "(a?){30}a{30}",
    "a?" * 30 + "a" * 30,
    "(a|a)" * 30 + "b",
    ".*" * 5 + "x",
    ".{0,60}" * 5 + "x",
]
QUICK = [
    "^(un)?happ(y|ier)$",
    "(?i)^mum(my|s)?$",
    r"^\d{2,4}$",
    ".*ing$",
    ".+foo.+",
    r"\b(mum|dad)\b",
    "[]a]+",
    "[^]a]x{}",
    "x{,3}y{2,}",
    "(?P<name>a+)b",
    "(?<!un)happy(?!-go)",
    "^(?:ha)+$",
    r"^\w+(?:-\w+){0,3}$",
    r"^(0|\+44)7\d{9}$",
    "a++b",
    "(?#a comment)a+?",
    r"\x41\u0042[\]x]",
]
WORDS = ["happy", "unhappier", "Mums", "1999", "running", "xfoox", "ha-ha-ha", "AB]", "aab", "ab\n"]


@pytest.mark.parametrize("source", SLOW)
def test_expression_that_could_hang_is_refused_at_once(source: str) -> None:
    begin = time.perf_counter()
    with pytest.raises(RegexError, match=r"could take too long|may be empty"):
        check_regex(source)
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize("source", QUICK)
def test_honest_expression_finds_what_it_found(source: str) -> None:
    short = re.compile(for_short_texts(check_regex(source).pattern))
    for word in WORDS:
        assert bool(short.search(word)) == bool(re.search(source, word)), word


@pytest.mark.parametrize("length", [LONGEST + 1, 1_000, 100_000])
def test_nothing_is_found_in_a_long_text_and_soon(length: int) -> None:
    begin = time.perf_counter()
    for source in QUICK:
        assert not re.search(for_short_texts(source), "a" * length), source
    assert time.perf_counter() - begin < 1


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("(", "no regular expression"),
        ("a**", "no regular expression"),
        ("[[:alpha:]]", "no regular expression"),
        ("a" * 1_001, "more than 1,000 characters"),
        ("(" * 300 + ")" * 300, "more than 50 brackets"),
        (r"(a)\1", "refers back"),
        ("(?P<x>a)(?P=x)", "cannot be used here"),
        ("(a)?(?(1)b|c)", "cannot be used here"),
        ("(?x) a b", "cannot be used here"),
        ("(?x: a b)", "cannot be used here"),
    ],
)
def test_what_cannot_be_counted_is_refused(source: str, words: str) -> None:
    with pytest.raises(RegexError, match=words):
        check_regex(source)


def test_steps_are_counted_by_hand() -> None:
    # On three letters ^ is looked at once, a four times (the last at the end), b after none
    # to three letters: 9; every later place to begin costs one look, so 3 more.
    check_regex("^a*b", longest=3, most_steps=12)
    with pytest.raises(RegexError):
        check_regex("^a*b", longest=3, most_steps=11)
    # Without ^ there are 4 + 3 + 2 + 1 looks at a and as many at b.
    check_regex("a*b", longest=3, most_steps=20)
    with pytest.raises(RegexError):
        check_regex("a*b", longest=3, most_steps=19)


def test_an_open_end_is_never_tried_again() -> None:
    check_regex(r".*(F\d+).*", longest=120, most_steps=1_000_000)
    with pytest.raises(RegexError):
        check_regex(r".*(F\d+).*x", longest=120, most_steps=1_000_000)


# An expression as (its text, every way to read on from a place), for counting by trying.
Way = Callable[[int], Iterator[int]]
TEXT = 7


class Tried:
    """Counts the characters looked at; stops a count that runs away."""

    def __init__(self) -> None:
        self.steps = 0

    def look(self) -> None:
        self.steps += 1
        if self.steps > 3_000:
            raise OverflowError


TRIED = Tried()


def _letter(at: int) -> Iterator[int]:
    TRIED.look()
    if at < TEXT:
        yield at + 1


def _row(first: Way, second: Way) -> Way:
    return lambda at: (end for middle in first(at) for end in second(middle))


def _either(first: Way, second: Way) -> Way:
    def read(at: int) -> Iterator[int]:
        yield from first(at)
        yield from second(at)

    return read


def _times(one: Way, least: int, most: int) -> Way:
    def read(at: int, count: int = 0) -> Iterator[int]:
        if count < most:
            for end in one(at):
                yield from read(end, count + 1)
        if count >= least:
            yield at

    return read


def _grow(children: st.SearchStrategy[tuple[str, Way]]) -> st.SearchStrategy[tuple[str, Way]]:
    bounds = st.sampled_from([("*", 0, 99), ("+", 1, 99), ("?", 0, 1), ("{1,3}", 1, 3)])
    return st.one_of(
        st.tuples(children, children).map(lambda two: (two[0][0] + two[1][0], _row(*_ways(two)))),
        st.tuples(children, children).map(
            lambda two: (f"(?:{two[0][0]}|{two[1][0]})", _either(*_ways(two)))
        ),
        st.tuples(children, bounds).map(
            lambda it: (f"(?:{it[0][0]}){it[1][0]}", _times(it[0][1], it[1][1], it[1][2]))
        ),
    )


def _ways(two: tuple[tuple[str, Way], tuple[str, Way]]) -> tuple[Way, Way]:
    return two[0][1], two[1][1]


EXPRESSIONS = st.recursive(st.just(("a", _letter)), _grow, max_leaves=8)


@settings(deadline=None, max_examples=300)
@given(EXPRESSIONS)
def test_no_more_steps_are_taken_than_were_counted(expression: tuple[str, Way]) -> None:
    source, read = expression
    # The b at the end never fits, so that every way is tried.
    try:
        check_regex(source + "b", longest=TEXT, most_steps=2_000)
    except RegexError:
        return
    TRIED.steps = 0
    for start in range(TEXT + 1):
        for _ in read(start):
            TRIED.look()
    assert TRIED.steps <= 2_000


@settings(deadline=None, max_examples=100)
@given(EXPRESSIONS, st.sampled_from(["", "b", "$", "[^a]"]))
def test_what_is_taken_ends_soon(expression: tuple[str, Way], end: str) -> None:
    try:
        check_regex(expression[0] + end)
    except RegexError:
        return
    begin = time.perf_counter()
    for text in ("a" * LONGEST, "a" * (LONGEST - 1) + "b", "a" * 100_000):
        re.search(for_short_texts(expression[0] + end), text)
    assert time.perf_counter() - begin < 3
