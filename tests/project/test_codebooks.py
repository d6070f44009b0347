from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.errors import QualkitWarning
from qualkit.project import Project


def test_changed_codebook_under_the_same_version_is_warned_of(
    project: Project, small_codebook: Path
) -> None:
    small_codebook.write_text(small_codebook.read_text().replace("no friends", "no mates"))
    with pytest.warns(QualkitWarning, match="still called version 1"):
        assert project.load_codebook(small_codebook)


def test_codebook_with_a_new_version_loads_without_a_word(
    project: Project, small_codebook: Path
) -> None:
    text = small_codebook.read_text().replace("no friends", "no mates")
    small_codebook.write_text(text.replace('version: "1"', 'version: "2"'))
    assert project.load_codebook(small_codebook)
    assert not project.load_codebook(small_codebook)
