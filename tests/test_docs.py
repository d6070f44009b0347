"""Documents against the program: the reference is current, every command has help."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from typer.main import get_command

import qualkit
from qualkit.cli.main import app


def _commands() -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None:
            found.append((name, command))
        else:
            found += [(f"{name} {sub}", leaf) for sub, leaf in inner.items()]
    return found


def test_command_reference_is_current(root: Path) -> None:
    made = runpy.run_path(str(root / "docs" / "make_commands.py"))["reference"]()
    assert (root / "docs" / "commands.md").read_text(encoding="utf-8") == made


@pytest.mark.parametrize(("name", "command"), _commands(), ids=[name for name, _ in _commands()])
def test_every_command_has_help_with_an_example(name: str, command: object) -> None:
    text = command.help or ""  # type: ignore[attr-defined]
    assert f"Example: qualkit {name}" in text
    for parameter in command.params:  # type: ignore[attr-defined]
        assert parameter.help or parameter.name == "help", f"{name} {parameter.name}"


def test_every_command_of_the_contract_is_there() -> None:
    contract = """demo|import msc|import survey|import transcript|import document|import families
    |reconcile|codebook check|codebook load|codebook list|codebook show|code|top|matrix|domain
    |relevance|link|quotes|find|export codings|export segments|export counts|status
    |import codings|learn|evaluate|explain|agreement|plan-double|history|undo|memo|memos
    |sheet|review|merge|forget|import stars|import needs|stars|progress|clear
    |confidence|families|journey|clusters|chaid|cooccurrence|dependencies"""
    wanted = {name.strip() for name in contract.split("|")}
    assert wanted == {name for name, _ in _commands()}


def test_changelog_names_the_version(root: Path) -> None:
    text = (root / "docs" / "changelog.md").read_text(encoding="utf-8")
    assert f"## {qualkit.__version__}" in text


def test_shipped_files_are_found(root: Path) -> None:
    from qualkit.codebook.load import shipped_codebooks
    from qualkit.project.demo import corpus_folder

    assert {path.stem for path in shipped_codebooks()} == {
        *("activities", "agencies", "barriers", "domains", "enablers", "outcomes", "reasons"),
    }
    assert (corpus_folder() / "narratives.csv").is_file()
