from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qualkit.codebook.check import check_codebook
from qualkit.codebook.compile import compile_codebook
from qualkit.codebook.load import load_codebook
from qualkit.codebook.tokens import TokenPatternError, TokenPatterns

HEAD = (
    'codebook: b\nversion: "1"\ncategory: barrier\nchecks: []\ncodes:\n  - id: one\n    patterns:\n'
)


@pytest.fixture(scope="module")
def patterns() -> TokenPatterns:
    return TokenPatterns()


def _token(**second: object) -> str:
    return json.dumps([{"LOWER": "x"}, second])


@pytest.mark.parametrize(
    "regex",
    [
        "(a+)+$",
        "(a|a)*b",
        "(.*)*x",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(x+x+)+y",
        {"IN": ["^ok$", "(a+)+$"]},
        {"NOT_IN": ["(a+)+$"]},
    ],
)
@pytest.mark.parametrize("key", ["REGEX", "regex"])
def test_regex_that_could_hang_is_refused(patterns: TokenPatterns, regex: object, key: str) -> None:
    with pytest.raises(TokenPatternError, match=r"has the REGEX '.*', which"):
        patterns.anchors(_token(TEXT={key: regex}))


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"TEXT": {"REGEX": "("}}, "no regular expression"),
        ({"LENGTH": {"REGEX": "1"}}, "LENGTH, which is no text"),
        ({"TEXT": {"REGEX": {"FUZZY": "a"}}}, "other than IN or NOT_IN"),
        ({"TEXT": {"REGEX": 5}}, "that is no text"),
        ({"LOWER": "a", "OP": "{1,1000000000}"}, "more than 30 times"),
        ({"LOWER": "a", "OP": "{1000000000}"}, "more than 30 times"),
        ({"LOWER": "a", "op": "{0,25}"}, "too many ways"),
        ({"LOWER": "a", "OP": "{2,1,3}"}, "has the OP"),
    ],
)
def test_token_that_could_hang_or_fail_is_refused(
    patterns: TokenPatterns, second: dict[str, object], words: str
) -> None:
    begin = time.perf_counter()
    with pytest.raises(TokenPatternError, match=words):
        patterns.anchors(_token(**second))
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("operators", "refused"),
    [
        (["*"], False),
        (["+", "*"], False),
        (["?"] * 8, False),
        (["{2,}", "{0,3}"], False),
        (["!", "{3}"], False),
        (["*"] * 3, True),
        (["?"] * 16, True),
    ],
)
def test_operators_are_refused_once_they_have_too_many_ways(
    patterns: TokenPatterns, operators: list[str], refused: bool
) -> None:
    token = json.dumps([{"LOWER": "x"}, *({"LOWER": "a", "OP": sign} for sign in operators)])
    if refused:
        with pytest.raises(TokenPatternError, match="too many ways"):
            patterns.anchors(token)
    else:
        assert patterns.anchors(token) == ("x",)


def test_operator_in_small_letters_may_be_missing_too(patterns: TokenPatterns) -> None:
    token = json.dumps([{"LOWER": "x"}, {"LOWER": "longest", "op": "?"}])
    assert patterns.anchors(token) == ("x",)


def test_hits_stay_the_same_and_long_words_are_passed_over(patterns: TokenPatterns) -> None:
    import spacy
    from spacy.matcher import Matcher

    nlp = spacy.blank("en")
    matcher = Matcher(nlp.vocab, validate=True)
    token = _token(LOWER={"REGEX": {"IN": ["^(un)?happ(y|ier)$", "(?i)^A+$"]}})
    matcher.add("pattern", [json.loads(patterns.for_matching(token))])
    doc = nlp(f"x unhappier x happiest x {'a' * 60} x {'a' * 61} x {'a' * 100_000}")
    begin = time.perf_counter()
    assert [start for _, start, _ in matcher(doc)] == [0, 4]
    assert time.perf_counter() - begin < 1


def test_every_fault_has_its_line(write: Callable[..., Path]) -> None:
    path = write(
        HEAD
        + '      - token: [{LOWER: x}, {TEXT: {REGEX: "(a+)+$"}}]\n'
        + '      - token: [{LOWER: x}, {TEXT: {REGEX: "^happ(y|ier)$"}}]\n'
        + '      - token: [{LOWER: x}, {LOWER: a, OP: "{1,99999}"}]\n'
    )
    book = load_codebook(path, {})
    errors = [problem for problem in check_codebook(book) if problem.level == "error"]
    assert [(problem.line, problem.code) for problem in errors] == [(8, "one"), (10, "one")]
    assert "write {1,3} for" in errors[0].text


def test_compiled_pattern_looks_at_short_words_only(write: Callable[..., Path]) -> None:
    path = write(HEAD + '      - token: [{LOWER: x}, {TEXT: {REGEX: "^a+$"}}]\n')
    (rule,) = compile_codebook(load_codebook(path, {})).rules
    first, second = json.loads(rule.token)
    assert first == {"LOWER": "x"}
    assert "{0,60}" in second["TEXT"]["REGEX"]
