"""Fixtures that every test package uses."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's top folder."""
    return ROOT


def _shared(part: str) -> Path:
    folder = SHARED / part
    if not folder.is_dir():
        pytest.skip(f"needs the folder shared/{part} beside the repository")
    return folder


@pytest.fixture(scope="session")
def realdata() -> Path:
    """Real files kept beside the repository; tests are skipped without them."""
    return _shared("realdata")


@pytest.fixture(scope="session")
def gold() -> Path:
    """Hand-coded texts kept beside the repository; tests are skipped without them."""
    return _shared("gold")


@pytest.fixture(scope="session")
def reference() -> Path:
    """The evaluation's published figures; tests are skipped without them."""
    return _shared("reference")
