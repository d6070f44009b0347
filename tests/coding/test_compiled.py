"""Patterns as authors write them, compiled and coded."""

from __future__ import annotations

import pytest

from qualkit.codebook.compile import compile_codebook
from qualkit.coding import RuleCoder
from qualkit.model import Code, Codebook, Pattern


def finds(pattern: str, text: str, **fields) -> bool:
    code = Code("code", "barrier", "Code", patterns=(Pattern(match=pattern, **fields),))
    codebook = Codebook("b", "1", "hash", (code,), checks=("negation",))
    return RuleCoder([compile_codebook(codebook)]).find([text]) == [{("barrier", "code")}]


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("struggle", "She struggled on.", True),
        ("=struggling", "She struggled on.", False),
        ("=DASH", "A DASH was done.", True),
        ("=DASH", "A dash for the bus.", False),
        ("be depressed", "She's depressed.", True),
        ("be depressed", "They were depressed.", True),
        ("do not sleep", "He doesnt sleep.", True),
        ("do not sleep", "He doesn’t sleep.", True),
        ("can not cope", "She cannot cope.", True),
        ("can cope", "She can't cope.", False),
        ("well-being", "Her well being", True),
        ("depress*", "Antidepressants", False),
        ("lost ... job", "She lost a good job.", True),
        ("very? low", "Mum low.", True),
        ("(low|flat) mood", "Flat mood, then.", True),
        ("low mood", "There was no low mood.", False),
    ],
)
def test_pattern(pattern, text, found):
    assert finds(pattern, text) is found


def test_conditions():
    assert finds("appointment", "An appointment with her GP", needs=("=GP",))
    assert not finds("appointment", "An appointment at home", needs=("=GP",))
    assert not finds("appointment", "She missed the appointment", unless=("miss",))
    assert finds("depressed", "Never depressed", negation="keep")
