"""Every command of docs/guide.md runs, in order, beside a copy of the corpus."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from qualkit.cli import main

_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((#[^)]+|[\w./-]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; one with a file name is what the reader saves under that name."""

    language: str
    file: str
    text: str


def blocks(guide: str) -> Iterator[Block]:
    for language, file, text in _FENCE.findall(guide):
        yield Block(language, file, text)


def run_command(line: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.argv", shlex.split(line))
    try:
        main.run()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def run_block(block: Block, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Do what the block tells the reader to do; return the commands that failed."""
    if block.file:
        Path(block.file).write_text(block.text, encoding="utf-8")
    if block.language == "python":
        exec(compile(block.text, "guide.md", "exec"), {})
    if block.language != "sh":
        return []
    commands = [line for line in block.text.splitlines() if line.startswith("qualkit ")]
    return [line for line in commands if run_command(line, monkeypatch) != 0]


@pytest.fixture
def folder(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An otherwise empty folder with a copy of the corpus, as the guide assumes."""
    shutil.copytree(root / "corpus", tmp_path / "corpus")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("QUALKIT_PROJECT", raising=False)
    monkeypatch.setenv("COLUMNS", "110")
    return tmp_path


@pytest.mark.slow
def test_every_command_of_the_guide_runs(
    folder: Path, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (root / "docs" / "guide.md").read_text(encoding="utf-8")
    failed = [line for block in blocks(guide) for line in run_block(block, monkeypatch)]
    assert not failed, capsys.readouterr().err


def test_every_block_of_the_guide_is_found(root: Path) -> None:
    guide = (root / "docs" / "guide.md").read_text(encoding="utf-8")
    fences = [line for line in guide.splitlines() if line.startswith("```")]
    assert len(fences) == 2 * len(list(blocks(guide)))


@pytest.mark.parametrize("name", ["guide.md", "methods.md", "real-files.md"])
def test_links_lead_somewhere(root: Path, name: str) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    headings = {
        "#" + re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    targets = _LINK.findall(text)
    missing = [
        target
        for target in targets
        if (target not in headings if target[0] == "#" else not (root / "docs" / target).exists())
    ]
    assert not missing
