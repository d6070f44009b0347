"""A project to review: five narratives, three of them with something to decide."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.project import Project
from qualkit.store.sources import save_source

LONG = "And then nothing much happened for a while. " * 40


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    """m1 to m5, coded by rules.

    | case | text |
    |---|---|
    | m1 | debts (barrier, domain); lonely (barrier, domain) |
    | m2 | lonely (barrier, domain) |
    | m3 | nothing coded |
    | m4 | much text, then arrears (barrier, domain) |
    | m5 | hostile characters before and after debts |
    """
    texts = {
        "m1": ("They had debts.", "She was lonely then."),
        "m2": ("He was lonely.",),
        "m3": ("Nothing to say.",),
        "m4": (LONG + "There were arrears.",),
        "m5": ("\x1b[31mRed [bold] \u202e text\x07: they had debts \U0001f600 e\u0301 there.",),
    }
    with Project(tmp_path / "qualkit.db", create=True) as opened:
        cases = [case(name, *own) for name, own in texts.items()]
        save_source(opened.connection, parsed(cases), lambda rejection: None)
        opened.load_codebook(small_codebook)
        opened.code()
        yield opened
