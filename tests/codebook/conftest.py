"""What several tests of codebooks use."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from qualkit.codebook.expand import Stretches, expand_phrase
from qualkit.codebook.phrases import parse_phrase
from qualkit.model import CompiledCodebook
from qualkit.normalise import normalise_text


def _expand(text: str, lists: Mapping[str, Sequence[str]] | None = None) -> list[Stretches]:
    parsed = {
        name: tuple(parse_phrase(item) for item in items) for name, items in (lists or {}).items()
    }
    return expand_phrase(parse_phrase(text), parsed)


def _joined(stretches: Stretches) -> set[str]:
    assert not any(stretches.gaps)
    return {" ".join(words) for words in itertools.product(*stretches.parts)}


def _forms(text: str, lists: Mapping[str, Sequence[str]] | None = None) -> set[str]:
    return {form for stretches in _expand(text, lists) for form in _joined(stretches)}


def _form_regex(form: str) -> str:
    body = re.escape(form.removesuffix("*")) + (r"\w*" if form.endswith("*") else "")
    return body if form.startswith("'") else r"\b" + body


def _find_simple(
    compiled: CompiledCodebook, texts: Sequence[str], role: str
) -> list[set[tuple[str, str]]]:
    """Find rules without conditions and checks, in any role: enough to try the lint."""
    found: list[set[tuple[str, str]]] = [set() for _ in texts]
    for rule in compiled.rules:
        regex = ""
        for i, part in enumerate(rule.parts):
            if i:
                regex += rf"(?:\W+\w+){{0,{rule.gaps[i - 1]}}}\W+"
            regex += "(?:" + "|".join(map(_form_regex, part)) + r")(?!\w)"
        code = compiled.codes[rule.code]
        for i, text in enumerate(texts):
            if re.search(regex, normalise_text(text)):
                found[i].add((code.category, code.code_id))
    return found


@pytest.fixture(scope="session")
def expand() -> Callable[..., list[Stretches]]:
    """Expand a phrase, given as text, with lists given as texts."""
    return _expand


@pytest.fixture(scope="session")
def forms() -> Callable[..., set[str]]:
    """Every form of a phrase without gaps."""
    return _forms


@pytest.fixture(scope="session")
def find_simple() -> Callable[[CompiledCodebook, Sequence[str], str], list[set[tuple[str, str]]]]:
    """A plain matcher in the place of the coding engine."""
    return _find_simple


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and return its path."""

    def write_file(text: str, name: str = "book.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file
