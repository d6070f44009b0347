from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.errors import QualkitError
from qualkit.importers.msc import MscOptions
from qualkit.model import Rejection
from qualkit.normalise import is_formula, unguarded
from qualkit.project import Project
from qualkit.project import rejects as module
from qualkit.project.rejects import RejectsFile


def _rejects(tmp_path: Path, *rejections: Rejection, failing: bool = False) -> Path:
    with RejectsFile(tmp_path / "qualkit.db", "a.csv") as file:
        for rejection in rejections:
            file.add(rejection)
        if failing:
            raise ZeroDivisionError
    return file.path


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def test_words_are_no_formulas_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    path = _rejects(
        tmp_path,
        Rejection("row 2", "no id", {"-id": "", "text": "=1+1"}),
        Rejection("row 3", "no id", {"-id": "", "text": "-5", "=more": "x"}),
    )
    assert _rows(path) == [
        ["place", "reason", "'-id", "text"],
        ["row 2", "no id", "", "'=1+1"],
        ["row 3", "no id", "", "'-5", "'=more: x"],
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = _rejects(tmp_path_factory.mktemp("r"), Rejection("row 1", "why", {"text": text}))
    (_, row) = _rows(path)
    assert not is_formula(row[2])
    assert unguarded(row[2]) == text


def test_half_a_character_is_written_as_json_has_it(tmp_path: Path) -> None:
    path = _rejects(tmp_path, Rejection("line 1", "why", {"text": "\ud83d"}))
    assert _rows(path)[1][2] == "\\ud83d"


def test_failed_import_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = _rejects(tmp_path, Rejection("row 1", "old", {}))
    with pytest.raises(ZeroDivisionError):
        _rejects(tmp_path, Rejection("row 1", "new", {}), failing=True)
    assert _rows(path)[1] == ["row 1", "old"]
    assert list(path.parent.iterdir()) == [path]


def test_what_a_killed_run_left_does_not_hinder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    folder = tmp_path / "qualkit-rejects"
    folder.mkdir()
    # Somebody else's link in its place is not written through.
    (folder / "a-csv.csv.part").symlink_to(elsewhere)
    path = _rejects(tmp_path, Rejection("row 1", "why", {}))
    assert path.is_file()
    assert not path.is_symlink()
    assert elsewhere.read_text() == "kept"
    assert list(folder.iterdir()) == [path]


def test_file_in_the_place_of_the_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "qualkit-rejects").write_text("mine")
    with pytest.raises(QualkitError, match="set aside cannot be written"):
        _rejects(tmp_path, Rejection("row 1", "why", {}))
    assert (tmp_path / "qualkit-rejects").read_text() == "mine"


def test_full_disk_shows_with_the_row_not_after_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    fdopen = module.os.fdopen
    opened: list[object] = []

    def full(handle: int, *args: object, **options: object) -> object:
        module.os.dup2(module.os.open("/dev/full", module.os.O_WRONLY), handle)
        opened.append(fdopen(handle, *args, **options))
        return opened[-1]

    monkeypatch.setattr(module.os, "fdopen", full)
    # The error of the row comes before that of whatever follows the row.
    with pytest.raises(QualkitError, match="set aside cannot be written") as caught:
        _rejects(tmp_path, Rejection("row 1", "why", {}), failing=True)
    assert "No space left" in caught.value.found
    assert list((tmp_path / "qualkit-rejects").iterdir()) == []


def test_a_lost_list_of_rejects_is_written_again(tmp_path: Path) -> None:
    table = tmp_path / "n.csv"
    table.write_text(
        "id,What changed in this family?\n"
        "a,They are better now and talk.\na,The same id twice over.\nb,All is calm at home again.\n"
        ",Nobody said who this was about.\n",
        encoding="utf-8",
    )
    with Project(tmp_path / "p.db", create=True) as project:
        (first,) = project.import_msc(table, options=MscOptions(id="id"))
        before = Path(first.rejects_file).read_bytes()
        Path(first.rejects_file).unlink()
        (again,) = project.import_msc(table, options=MscOptions(id="id"))
        assert (again.unchanged, again.rejected) == (True, 2)
        assert Path(again.rejects_file).read_bytes() == before
