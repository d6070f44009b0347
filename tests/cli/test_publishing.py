"""--publish as a user types it, and clearing quotations at the prompt."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from commandline import Run, clear

from qualkit.project import Project

STORIES = ["id,ufrn,What changed?"]
STORIES += [
    f"c{n},F30{n:02},She was isolated and had no friends since Jaden left." for n in range(7)
]
STORIES += [f"d{n},F40{n:02},Mum had depression and took antidepressants." for n in range(3)]
STORIES += [f"e{n},F50{n:02},Nothing much to say." for n in range(9)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with 19 narratives of 19 families, coded once."""
    folder = tmp_path_factory.mktemp("stories")
    source = folder / "stories.csv"
    source.write_text("\n".join(STORIES) + "\n", encoding="utf-8")
    with Project(folder / "qualkit.db", create=True) as made:
        made.import_msc(source, family="ufrn")
        made.load_shipped_codebooks()
        made.code()
    return folder / "qualkit.db"


@pytest.fixture
def coded(run: Run, tmp_path: Path, project: Path) -> Run:
    """A copy of the project, in the folder where commands run."""
    shutil.copy(project, tmp_path / "qualkit.db")
    return run


def test_a_published_table_has_no_small_numbers_and_says_what_is_left_out(coded: Run) -> None:
    code, out, _ = coded("top", "barrier", "--publish", "--format", "json")
    assert code == 0
    told = json.loads(out)
    for row in told["rows"]:
        assert row["count"] == "[c]" or row["count"] == 0 or row["count"] >= 5
    assert told["suppressed"]["limit"] == 5
    assert told["suppressed"]["numbers"] >= 1
    assert told["trace"] == ""


def test_the_limit_can_be_chosen(coded: Run) -> None:
    _, out, _ = coded("top", "barrier", "--publish", "--limit", "8", "-f", "json")
    assert {row["count"] for row in json.loads(out)["rows"]} == {"[c]"}


@pytest.mark.parametrize("option", ["--limit", "--round"])
def test_options_of_publishing_need_it(coded: Run, option: str) -> None:
    code, _, err = coded("top", "barrier", option, "5")
    assert code == 1
    assert clear(err, "--publish")


@pytest.mark.parametrize(
    "words",
    [
        ("find", "isolated"),
        ("export", "segments", "out.csv"),
        ("export", "counts", "out.csv"),
    ],
)
def test_what_cannot_be_published_is_refused(
    coded: Run, words: tuple[str, ...], tmp_path: Path
) -> None:
    code, _, err = coded(*words, "--publish")
    assert code == 1
    assert clear(err, "cannot be published", "to do")
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("top", "barrier"),
        ("matrix", "barrier"),
        ("quotes", "isolation"),
        ("status",),
    ],
)
@pytest.mark.parametrize("form", ["table", "csv", "json", "markdown"])
def test_nothing_published_names_a_family_a_case_or_a_source(
    coded: Run, words: tuple[str, ...], form: str
) -> None:
    code, out, err = coded(*words, "--publish", "--format", form)
    assert code == 0, err
    for secret in ("F30", "F40", "c0", "Jaden", "stories.csv", "friends"):
        assert secret not in out


def test_clearing_at_the_prompt(coded: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = coded("clear", "isolation", "--list")
    assert "name: Jaden" in out or "nothing found" in out
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\ne\nShe saw nobody any more.\nx\nq\n"))
    code, out, err = coded("clear", "isolation", "--coder", "Jo")
    assert code == 0, err
    assert "cleared as they stand: 1; in other words: 1; not to be published: 1" in out
    _, out, _ = coded("quotes", "isolation", "--publish", "-f", "csv")
    assert "She saw nobody any more." in out
    assert "[not cleared]" in out


def test_clearing_needs_a_name(coded: Run) -> None:
    code, _, err = coded("clear", "isolation")
    assert code == 1
    assert clear(err, "--coder")
