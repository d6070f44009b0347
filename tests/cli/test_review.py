"""qualkit review: who decides, refusals, prompts, and the app in a real terminal."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import qualkit
from qualkit.project import Project

TEXTS = """case_id,text
m1,They had debts. She was lonely.
m2,He was lonely.
"""


@pytest.fixture
def folder(tmp_path: Path, small_codebook: Path) -> Path:
    """A folder with a small coded project."""
    (tmp_path / "texts.csv").write_text(TEXTS, encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        project.import_msc(tmp_path / "texts.csv")
        project.load_codebook(small_codebook)
        project.code()
    return tmp_path


def run(folder: Path, *options: str, answers: str = "") -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "QUALKIT_CODER"}
    return subprocess.run(
        [sys.executable, "-m", "qualkit", "review", *options],
        cwd=folder,
        input=answers,
        text=True,
        capture_output=True,
        check=False,
        env=environment,
    )


def statuses(folder: Path) -> list[str]:
    with Project(folder / "qualkit.db") as project:
        rows = project.connection.execute("SELECT status FROM codings ORDER BY id").fetchall()
    return [status for (status,) in rows]


def test_prompts_decide_through_a_pipe(folder: Path) -> None:
    done = run(folder, "--plain", "--coder", "Ann", answers="a\nr\nq\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert statuses(folder)[:2] == ["accepted", "rejected"]
    assert "2 decided now, 4 codings left; go on with: qualkit review --coder Ann" in done.stdout
    again = run(folder, "--plain", answers="q\n")
    assert again.returncode == 0
    assert "0 decided now" in again.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--coder", "Ann"), "needs a terminal"),
        (("--coder", "Ann"), "--plain; or decide on a sheet: qualkit sheet"),
        (("--plain",), "not clear who decides"),
        (("--plain", "--coder", "qualkit"), "needs a person's name"),
        (("--plain", "--coder", "Ann", "--code", "nothing"), "nothing"),
        (("--plain", "--coder", "Ann", "--score", "high"), "cannot be read"),
        (("--plain", "--coder", "Ann", "--score", "0.9-0.1"), "cannot be read"),
        (("--plain", "--coder", "Ann", "--order", "wild"), "wild"),
        (("--plain", "--coder", "Ann", "--case", "m9"), "m9"),
    ],
)
def test_what_cannot_be_is_one_clear_message(
    folder: Path, options: tuple[str, ...], said: str
) -> None:
    done = run(folder, *options, answers="q\n")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "lonely" not in done.stderr


# --- a real terminal ---------------------------------------------------------------------------


class Terminal:
    """The app in a terminal of its own."""

    def __init__(self, folder: Path) -> None:
        self.name = f"qualkit-{os.getpid()}-{time.monotonic_ns()}"
        # A terminal's shell may have another idea of where packages are.
        path = f"PYTHONPATH={shlex.quote(str(Path(qualkit.__file__).parents[1]))}"
        command = f"{path} {sys.executable} -m qualkit review --coder Ann; echo ended; sleep 60"
        self._tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(folder), command)

    def _tmux(self, verb: str, *rest: str) -> str:
        own = ["-s", self.name] if verb == "new-session" else ["-t", self.name]
        done = subprocess.run(
            ["tmux", "-L", self.name, verb, *own, *rest], text=True, capture_output=True, check=True
        )
        return done.stdout

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def wait_for(self, words: str, seconds: float = 30) -> str:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            seen = self._tmux("capture-pane", "-p")
            if words in seen:
                return seen
            time.sleep(0.1)
        raise AssertionError(f"'{words}' did not appear:\n{seen}")

    def kill_app(self) -> None:
        """Kill the program at once, as a crash of the machine would."""
        shell = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        found = subprocess.run(
            ["pgrep", "-P", str(shell)], text=True, capture_output=True, check=True
        )
        for process in found.stdout.split():
            os.kill(int(process), signal.SIGKILL)

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self.name, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def terminal(folder: Path) -> Iterator[Terminal]:
    if not shutil.which("tmux") or not shutil.which("pgrep"):
        pytest.skip("needs tmux and pgrep for a real terminal")
    opened = Terminal(folder)
    yield opened
    opened.close()


def test_newcomer_decides_in_a_real_terminal(folder: Path, terminal: Terminal) -> None:
    terminal.wait_for("? shows all keys")
    terminal.press("?")
    terminal.wait_for("any key closes this page")
    terminal.press("z")
    terminal.press("a")
    terminal.wait_for("Accepted Debt")
    terminal.press("r")
    terminal.wait_for("Rejected Home")
    terminal.press("q")
    terminal.wait_for("2 decided now, 4 codings left")
    assert statuses(folder)[:2] == ["accepted", "rejected"]


def test_ctrl_c_keeps_the_place(folder: Path, terminal: Terminal) -> None:
    terminal.wait_for("? shows all keys")
    terminal.press("n", "n", "C-c")
    terminal.wait_for("ended")
    with Project(folder / "qualkit.db") as project:
        assert project.review("Ann", resume=True).at == 2


@pytest.mark.parametrize("n", range(1, 5))
def test_kill_loses_at_most_the_last_key(folder: Path, terminal: Terminal, n: int) -> None:
    terminal.wait_for("? shows all keys")
    terminal.press(*["a", "r", "a", "]"][:n])
    # No waiting for what the screen shows: killed in the midst of it.
    time.sleep(0.15 * n)
    terminal.kill_app()
    terminal.wait_for("ended")
    with Project(folder / "qualkit.db") as project:
        steps = project.connection.execute(
            "SELECT step, group_concat(action || ' ' || verdict, ', ') FROM history"
            " WHERE coder_key <> 1 AND action IN ('decide', 'add') GROUP BY step ORDER BY step"
        ).fetchall()
    done = [what for _, what in steps]
    expected = ["decide accept", "decide reject", "decide accept", "decide reject, add "][:n]
    assert done in (expected, expected[:-1])
