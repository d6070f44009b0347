"""qualkit review --consensus: who is to agree, refusals, and how to go on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from differing import agreed, make_differing

from qualkit.project import Project


@pytest.fixture
def folder(tmp_path: Path, small_codebook: Path) -> Path:
    make_differing(tmp_path / "qualkit.db", small_codebook).close()
    return tmp_path


def run(folder: Path, *options: str, answers: str = "q\n") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "QUALKIT_CODER"}
    return subprocess.run(
        [sys.executable, "-m", "qualkit", "review", "--plain", *options],
        cwd=folder,
        input=answers,
        text=True,
        capture_output=True,
        check=False,
        env=environment,
    )


def test_names_follow_the_option_and_the_parting_says_how_to_go_on(folder: Path) -> None:
    done = run(folder, "--consensus", "Ann", "Bob", "--coder", "consensus", answers="a\nr\nq\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert (
        "2 settled now, 1 disagreements left; go on with:"
        " qualkit review --coder consensus --consensus Ann Bob" in " ".join(done.stdout.split())
    )
    again = run(folder, "--coder", "consensus", "--consensus", "Ann", "Bob", answers="a\nq\n")
    assert "all 3 disagreements are settled" in again.stdout
    with Project(folder / "qualkit.db") as project:
        assert agreed(project) == [
            ("accept", "consensus", 1),
            ("reject", "consensus", 1),
            ("accept", "consensus", 1),
        ]


def test_without_names_all_who_have_done_cases_agree(folder: Path) -> None:
    done = run(folder, "--consensus", "--coder", "Dee")
    assert "Ann added · Bob nothing · Cy added (other words)" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--consensus", "Ann", "Bob", "--blind"), 1, "a consensus cannot be found blind"),
        (("--consensus", "Ann"), 1, "two coders"),
        (("--consensus", "Ann", "Eve"), 1, "Eve"),
        (("--consensus", "Ann", "qualkit"), 1, "what people agree on"),
        (("--consensus", "Ann", "Bob", "--order", "doubtful"), 1, "--order doubtful"),
        (("--consensus", "Ann", "Bob", "--category", "domain"), 1, "nothing to settle"),
        (("Ann", "Bob"), 2, "go with --consensus"),
    ],
)
def test_what_cannot_be_is_one_clear_message(
    folder: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    done = run(folder, "--coder", "Dee", *options)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
