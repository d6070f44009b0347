"""Commands run as a user types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Run

from qualkit.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run qualkit in an empty folder; gives (exit code, out, err)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUALKIT_PROJECT", raising=False)
    monkeypatch.setenv("COLUMNS", "140")

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["qualkit", *words])
        with pytest.raises(SystemExit) as stop:
            main.run()
        out, err = capsys.readouterr()
        return int(stop.value.code or 0), out, err

    return run_command
