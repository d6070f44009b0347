"""Fixtures that every test package uses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from qualkit.store.connection import open_connection

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

# How long an example takes says how busy the machine is.
settings.register_profile("qualkit", deadline=None)
settings.load_profile("qualkit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files with slow tests first, so that no worker is left with one at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A fresh project file's connection."""
    opened = open_connection(tmp_path / "qualkit.db", create=True)
    yield opened
    opened.close()


SMALL_CODEBOOK = """
codebook: small
version: "1"
category: barrier
checks: [negation, question]
codes:
  - id: isolation
    name: Isolation
    about: any
    patterns: ["=lonely", "no friends"]
  - id: debt
    name: Debt
    about: any
    patterns: ["=debts", "=arrears"]
  - id: home
    category: domain
    name: Home
    patterns: ["=debts", "=arrears", "=landlord"]
  - id: friends
    category: domain
    name: Friends
    patterns: ["=lonely"]
"""


@pytest.fixture
def small_codebook(tmp_path: Path) -> Path:
    """A codebook file of two barriers and two domains."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_CODEBOOK, encoding="utf-8")
    return path
