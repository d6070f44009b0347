"""A project of four narratives for the review room: two codings each in three of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed
from pressing import stop_all

from qualkit.model import ParsedCase
from qualkit.project import Project
from qualkit.store.sources import save_source

HOSTILE = (
    "She\x1b[2J said [red]no[/red] \u202edebts\u202c. \N{FAMILY}\u200d\N{GIRL} had cafe\u0301"
    " debts,"
    " \N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}, and "
    + "x" * 300
    + " the debts\x9b31m were gone\x07."
)
"""Escapes, markup, direction marks, emoji, combining marks, a word without end."""


def make(path: Path, codebook: Path, *cases: ParsedCase) -> Project:
    opened = Project(path, create=True)
    save_source(opened.connection, parsed(cases), lambda rejection: None)
    opened.load_codebook(codebook)
    opened.code()
    return opened


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    """Queue: n1 debt, home (They had debts all year), isolation, friends (lonely); n2 the same two
    of debts; n3 isolation and friends; n4 nothing.
    """
    opened = make(
        tmp_path / "qualkit.db",
        small_codebook,
        case(
            "n1",
            "It began early. They had debts all year. Then it went.",
            "She was so lonely there.",
        ),
        case("n2", "The debts grew. Nobody came to help them."),
        case("n3", "He was lonely."),
        case("n4", "A quiet year with the neighbours."),
    )
    with opened:
        yield opened


@pytest.fixture
def hostile(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    """One narrative of hostile text, coded debt three times."""
    opened = make(tmp_path / "hostile.db", small_codebook, case("h1", HOSTILE))
    with opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_app_is_left() -> Iterator[None]:
    yield
    stop_all()
