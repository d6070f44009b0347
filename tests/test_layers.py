"""The rooms of the design: who may import whom, and which libraries where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "qualkit"
ROOMS = (
    "importers",
    "codebook",
    "store",
    "coding",
    "review",
    "analysis",
    "report",
    "cli",
    "project",
)
COMMON = {"qualkit", "qualkit.model", "qualkit.errors", "qualkit.normalise"}
HEAVY = (
    "spacy",
    "sklearn",
    "pandas",
    "torch",
    "lemminflect",
    "openpyxl",
    "lxml",
    "mammoth",
    "textual",
    "matplotlib",
    "stepmix",
    "kmodes",
    "CHAID",
)


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _files(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", [room for room in ROOMS if room not in ("project", "cli")])
def test_room_imports_only_itself_and_the_common_words(room: str) -> None:
    for path in _files(room):
        for module in _imports(path):
            common = module in COMMON or module.startswith("qualkit.model.")
            if module.startswith("qualkit") and not common:
                assert module.startswith(f"qualkit.{room}"), f"{path.name} imports {module}"


def test_only_the_store_touches_sqlite() -> None:
    for room in ROOMS:
        for path in _files(room):
            found = {module.split(".")[0] for module in _imports(path)}
            if room not in ("store",) and path.name != "base.py":
                assert not found & {"sqlite3", "sqlite_utils"}, path


def test_only_the_terminal_imports_typer_and_nobody_click() -> None:
    for room in ROOMS:
        for path in _files(room):
            found = {module.split(".")[0] for module in _imports(path)}
            assert "click" not in found, path
            assert room == "cli" or "typer" not in found, path


def test_only_the_review_imports_textual() -> None:
    for room in ROOMS:
        for path in _files(room):
            found = {module.split(".")[0] for module in _imports(path)}
            assert room == "review" or "textual" not in found, path


def test_common_words_import_nothing_of_the_rooms() -> None:
    for path in (PACKAGE / "errors.py", PACKAGE / "normalise.py", *_files("model")):
        for module in _imports(path):
            assert not module.startswith(tuple(f"qualkit.{room}" for room in ROOMS))


def test_every_module_belongs_to_a_room() -> None:
    beside = {path.name for path in PACKAGE.glob("*.py")}
    assert beside == {"__init__.py", "__main__.py", "errors.py", "normalise.py"}
    folders = {p.name for p in PACKAGE.iterdir() if p.is_dir() and not p.name.startswith("_")}
    assert folders == {*ROOMS, "model"}


@pytest.mark.parametrize("module", ["qualkit.cli.main", "qualkit.project"])
def test_start_loads_no_heavy_library(module: str) -> None:
    script = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(HEAVY) & set(loaded)
    assert "sqlite_utils" not in loaded


def test_opening_a_project_loads_what_reads_files_only_when_used() -> None:
    """Every command opens a project: what one of them needs must not keep the others waiting."""
    script = "import sys, qualkit.project; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name for name in out.stdout.split() if name.startswith("qualkit.")}
    importers = {name.split(".")[2] for name in loaded if name.startswith("qualkit.importers.")}
    assert importers <= {"archives", "columns", "formats", "rawrows"}
    rooms = {name.split(".")[1] for name in loaded}
    assert not rooms & {"coding", "codebook", "cli", "review"}
    assert "qualkit.store.merging" not in loaded


def test_ranking_loads_no_heavy_library(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from qualkit.project import Project\n"
        f"path = {str(tmp_path / 'qualkit.db')!r}\n"
        "Project(path, create=True).close()\n"
        "from subprocess import run\n"
        "code = 'import sys\\nfrom qualkit.project import Project\\n'\n"
        "code += f'project = Project({path!r})\\nproject.status()\\nprint(*sys.modules)'\n"
        "print(run([sys.executable, '-c', code], capture_output=True, text=True).stdout)\n"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = out.stdout.split()
    assert loaded
    assert not (set(HEAVY) | {"sqlite_utils"}) & set(loaded)
