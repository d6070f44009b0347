"""Full disks, and files and folders that may not be written: one clear error, nothing harmed."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("limits and capabilities as Linux has them", allow_module_level=True)

from faults.processes import check_sound, copy_project, dump, run, write_codebook, write_narratives

from qualkit.project import Project

N_CASES = 600
SET_ASIDE = "the rows that are set aside cannot be written"
FULL = (
    "the disk is full",
    "the disk refused to read or write",
    "the file cannot be written",
    SET_ASIDE,
)
_DROP_BOUND = 24
"""prctl(PR_CAPBSET_DROP)."""
_OVERRIDES = (1, 2)
"""Root's rights to pass over permissions of files and folders."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a coded project, a new version of its table, and one with bad rows."""
    folder = tmp_path_factory.mktemp("template")
    write_narratives(folder / "first.csv", N_CASES)
    write_narratives(folder / "second.csv", N_CASES, version=2)
    rows = (folder / "second.csv").read_text(encoding="utf-8").replace("\nn", "\ns").splitlines()
    (folder / "twice.csv").write_text("\n".join([*rows, *rows[1:150]]), encoding="utf-8")
    write_codebook(folder / "small.yaml")
    write_codebook(folder / "small2.yaml", version=2)
    with Project(folder / "qualkit.db", create=True) as project:
        project.import_msc(folder / "first.csv", name="stories")
        project.load_codebook(folder / "small.yaml")
        project.code()
    return folder


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of the template's project, alone in its folder."""
    return copy_project(template / "qualkit.db", tmp_path / "here")


def _dump(path: Path) -> object:
    with Project(path) as project:
        return dump(project.connection)


def _limit(size: int) -> Callable[[], None]:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def _check_refused(said: tuple[int, str, str], *whats: str) -> None:
    code, _, err = said
    assert code == 1, said
    assert "Traceback" not in err
    assert err.startswith("qualkit: "), err
    assert err.split("\n")[0].removeprefix("qualkit: ").startswith(whats), err
    assert "where: " in err
    assert "to do: " in err


# --- a full disk --------------------------------------------------------------


@pytest.mark.parametrize("command", ["import", "code", "twice"])
def test_full_disk_while_writing_leaves_the_project_as_it_was(
    path: Path, template: Path, command: str
) -> None:
    arguments = {
        "import": ("import", "msc", template / "second.csv", "--as", "stories"),
        "twice": ("import", "msc", template / "twice.csv", "--id", "Case ID"),
        "code": ("code",),
    }[command]
    if command == "code":
        with Project(path) as project:
            project.load_codebook(template / "small2.yaml")
    before = _dump(path)
    # The log of the write would be larger; the shared memory beside it is 32 kB.
    said = run(*arguments, cwd=path.parent, preexec_fn=_limit(60_000))
    _check_refused(said, *FULL)
    assert "free" in said[2]
    assert _dump(path) == before
    check_sound(path)
    assert [p.name for p in path.parent.rglob("*") if p.is_file()] == ["qualkit.db"]
    assert run(*arguments, cwd=path.parent)[0] == 0
    assert _dump(path) != before


def test_full_disk_at_the_first_import_leaves_no_project(tmp_path: Path, template: Path) -> None:
    for limit in (1_000, 150_000):
        said = run("import", "msc", template / "first.csv", cwd=tmp_path, preexec_fn=_limit(limit))
        _check_refused(said, *FULL)
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("export", "segments", "out.csv"),
        ("export", "segments", "out.jsonl"),
        ("export", "segments", "out.xlsx"),
        ("export", "codings", "out.csv"),
        ("export", "counts", "out.csv", "--by", "case"),
        ("quotes", "debt", "--limit", "0", "--output", "out.csv"),
        ("quotes", "debt", "--limit", "0", "--output", "out.json"),
        ("quotes", "debt", "--limit", "0", "--output", "out.xlsx"),
    ],
    ids=" ".join,
)
def test_full_disk_while_exporting_leaves_the_older_file(
    path: Path, arguments: tuple[str, ...]
) -> None:
    out = path.parent / next(part for part in arguments if part.startswith("out."))
    out.write_text("older", encoding="utf-8")
    # Read without shared memory, so that a small limit meets the export only.
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("PRAGMA journal_mode = DELETE")
    said = run(*arguments, cwd=path.parent, preexec_fn=_limit(4_000))
    _check_refused(said, *FULL)
    assert out.read_text(encoding="utf-8") == "older"
    assert sorted(p.name for p in path.parent.iterdir()) == sorted(["qualkit.db", out.name])


def test_output_that_the_terminal_cannot_take_is_one_line(path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from qualkit.cli.main import run; run()", "status"],
            cwd=path.parent,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("qualkit: the output cannot be written")
    assert "Traceback" not in done.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB; needs root and leave to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        pytest.skip("needs root to mount a small disk")
    made = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True
    )
    if made.returncode:
        pytest.skip("no leave to mount a small disk")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_small_disk_that_runs_full(small_disk: Path, template: Path) -> None:
    path = small_disk / "qualkit.db"
    table = small_disk.parent / "few.csv"
    write_narratives(table, 60)
    assert run("import", "msc", table, cwd=small_disk)[0] == 0
    before = _dump(path)
    _check_refused(
        run("import", "msc", template / "twice.csv", "--id", "Case ID", cwd=small_disk),
        "the disk is full",
    )
    assert _dump(path) == before
    (small_disk / "filling").write_bytes(bytes(shutil.disk_usage(small_disk).free))
    for command in (
        ("import", "msc", template / "second.csv"),
        ("export", "segments", "out.csv"),
        ("codebook", "load", template / "small.yaml"),
    ):
        _check_refused(run(*command, cwd=small_disk), *FULL)
    left = {p.name for p in small_disk.rglob("*") if p.is_file()}
    assert left <= {"filling", "qualkit.db", "qualkit.db-wal", "qualkit.db-shm"}
    # Not even the shared memory that reading needs has room.
    _check_refused(run("status", cwd=small_disk), "the disk is full")
    (small_disk / "filling").unlink()
    assert _dump(path) == before
    check_sound(path)


def test_disk_that_is_mounted_for_reading(small_disk: Path, template: Path) -> None:
    table = small_disk.parent / "few.csv"
    write_narratives(table, 60)
    with Project(small_disk / "qualkit.db", create=True) as project:
        project.import_msc(table)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    assert run("status", cwd=small_disk)[0] == 0
    _check_refused(
        run("import", "msc", template / "first.csv", cwd=small_disk),
        "the project cannot be written",
    )


# --- files and folders that may not be written ----------------------------------


def _without_overrides() -> None:
    """Give up root's right to pass over permissions; others never had it."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None, use_errno=True)
        for right in _OVERRIDES:
            if library.prctl(_DROP_BOUND, right, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "prctl")


def _run_bound(*arguments: str | Path, cwd: Path) -> tuple[int, str, str]:
    try:
        return run(*arguments, cwd=cwd, preexec_fn=_without_overrides)
    except subprocess.SubprocessError:
        pytest.skip("root's rights cannot be given up here")


READING = (
    ("status",),
    ("top", "barrier"),
    ("quotes", "debt"),
    ("find", "bus"),
)


@pytest.fixture(params=["0400 0700", "0600 0500", "0400 0500"])
def protected(path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A project whose file, folder or both may not be written."""
    file_mode, folder_mode = (int(mode, 8) for mode in request.param.split())
    path.chmod(file_mode)
    path.parent.chmod(folder_mode)
    yield path
    path.parent.chmod(0o700)


def test_protected_project_can_be_read(protected: Path, tmp_path: Path) -> None:
    for arguments in READING:
        said = _run_bound(*arguments, "-p", protected, cwd=tmp_path)
        assert (said[0], said[2]) == (0, ""), said
    said = _run_bound("export", "codings", tmp_path / "out.csv", "-p", protected, cwd=tmp_path)
    assert said[0] == 0, said
    # Shared memory left there could shut out whoever may write later.
    assert [p.name for p in protected.parent.iterdir()] == ["qualkit.db"]


def test_protected_project_is_not_written(protected: Path, template: Path, tmp_path: Path) -> None:
    before = protected.read_bytes()
    for arguments in (
        ("import", "msc", template / "second.csv"),
        ("import", "msc", template / "twice.csv", "--id", "Case ID"),
        ("code",),
        ("codebook", "load", template / "small2.yaml"),
    ):
        said = _run_bound(*arguments, "-p", protected, cwd=tmp_path)
        _check_refused(said, "the project cannot be written", SET_ASIDE)
    assert protected.read_bytes() == before
    assert [p.name for p in protected.parent.iterdir()] == ["qualkit.db"]


@pytest.fixture
def killed(template: Path, tmp_path: Path) -> Path:
    """A project whose last action is only in the log beside it, as after a kill."""
    source = copy_project(template / "qualkit.db", tmp_path / "source")
    folder = tmp_path / "killed"
    with Project(source) as project:
        project.import_msc(template / "second.csv", name="stories")
        shutil.copytree(source.parent, folder)
    return folder / "qualkit.db"


def test_protected_project_that_was_killed_shows_its_last_action(
    killed: Path, tmp_path: Path
) -> None:
    killed.parent.chmod(0o500)
    try:
        said = _run_bound("export", "segments", tmp_path / "out.csv", "-p", killed, cwd=tmp_path)
    finally:
        killed.parent.chmod(0o700)
    assert said[0] == 0, said
    # The new version put "later" into the first answer of every third case.
    assert " later " in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_protected_log_without_shared_memory_says_to_copy_both(
    killed: Path, tmp_path: Path
) -> None:
    killed.with_name("qualkit.db-shm").unlink()
    killed.parent.chmod(0o500)
    try:
        said = _run_bound("status", "-p", killed, cwd=tmp_path)
    finally:
        killed.parent.chmod(0o700)
    _check_refused(said, "the project cannot be read here")
    assert "copy both files" in said[2]


@pytest.mark.parametrize("lost", ["qualkit.db-shm", "qualkit.db-wal"])
def test_killed_project_that_lost_a_file_beside_it_still_opens(killed: Path, lost: str) -> None:
    killed.with_name(lost).unlink()
    with Project(killed) as project:
        (version,) = project.connection.execute(
            "SELECT max(version) FROM source_versions"
        ).fetchone()
    # Without its log the project is as it was before the last action; the log alone is enough.
    assert version == (1 if lost.endswith("wal") else 2)
    check_sound(killed)


def test_folder_that_may_not_be_written_takes_no_new_project(
    tmp_path: Path, template: Path
) -> None:
    folder = tmp_path / "protected"
    folder.mkdir(mode=0o500)
    said = _run_bound("import", "msc", template / "first.csv", cwd=folder)
    _check_refused(said, "the project file cannot be opened")
    assert list(folder.iterdir()) == []
