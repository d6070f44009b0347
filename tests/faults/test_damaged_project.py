"""Project files that are none, are damaged or newer: one clear message, never overwritten."""

from __future__ import annotations

import os
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("the helpers look at SQLite's locks as Linux has them", allow_module_level=True)

from faults.processes import (
    check_sound,
    decide_some,
    dump,
    run,
    write_codebook,
    write_narratives,
)

from qualkit.errors import ProjectError, QualkitError
from qualkit.project import Project
from qualkit.store import schema
from qualkit.store.refusals import find_damage

N_FILES = 60


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a coded project that holds decisions, and a new version of its table."""
    folder = tmp_path_factory.mktemp("template")
    write_narratives(folder / "first.csv", 150)
    write_narratives(folder / "second.csv", 150, version=2)
    write_codebook(folder / "small.yaml")
    with Project(folder / "qualkit.db", create=True) as project:
        project.import_msc(folder / "first.csv", name="stories")
        project.load_codebook(folder / "small.yaml")
        project.code()
        decide_some(project)
    return folder


def _actions(folder: Path) -> dict[str, Callable[[Project], object]]:
    out = folder / "out.csv"
    return {
        "status": lambda project: project.status(),
        "top": lambda project: project.top("barrier"),
        "quotes": lambda project: project.quotes("debt"),
        "find": lambda project: project.find("bus"),
        "export codings": lambda project: project.export_codings(out),
        "export counts": lambda project: project.export_counts(out, by="case"),
        "code": lambda project: project.code(),
        "import": lambda project: project.import_msc(folder / "second.csv", name="stories"),
    }


def _damage(data: bytearray, chance: random.Random) -> str:
    """Damage a file's bytes in one of the ways that disks and copying do; return which."""
    how = chance.choice(["flipped", "flipped", "page", "blank", "cut", "header", "swapped"])
    n_pages = len(data) // 4096
    if how == "flipped":
        for _ in range(chance.choice([1, 3, 30, 300])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif how == "page":
        at = chance.randrange(1, n_pages) * 4096
        data[at : at + 4096] = chance.randbytes(4096)
    elif how == "blank":
        at = chance.randrange(len(data) // 512 - 4) * 512
        data[at : at + 2048] = bytes(2048)
    elif how == "cut":
        del data[chance.randrange(1, len(data)) :]
    elif how == "header":
        for _ in range(3):
            data[chance.randrange(100)] = chance.randrange(256)
    else:
        one, other = (chance.randrange(n_pages) * 4096 for _ in range(2))
        pages = data[one : one + 4096], data[other : other + 4096]
        data[other : other + 4096], data[one : one + 4096] = pages
    return how


def test_damaged_files_are_said_to_be_or_work(
    template: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = (template / "qualkit.db").read_bytes()
    path = tmp_path / "damaged.db"
    ends: Counter[str] = Counter()
    for seed in range(N_FILES):
        data = bytearray(whole)
        chance = random.Random(seed)
        how = _damage(data, chance)
        for name, act in _actions(template).items():
            for end in ("", "-wal", "-shm"):
                path.with_name(path.name + end).unlink(missing_ok=True)
            path.write_bytes(data)
            try:
                with Project(path) as project:
                    act(project)
                ends[f"{how}: worked"] += 1
            except QualkitError as error:
                ends[f"{how}: {error.what[:40]}"] += 1
            except Exception as error:
                raise AssertionError(f"seed {seed}, {how}, {name}") from error
    assert ends["cut: the project file is damaged"] > 0
    assert ends["flipped: the project file is damaged"] > 0
    assert "Exception ignored" not in capfd.readouterr().err


def test_damage_is_told_in_one_message_at_the_terminal(template: Path, tmp_path: Path) -> None:
    data = bytearray((template / "qualkit.db").read_bytes())
    for at in range(8, len(data) // 4096):
        data[at * 4096 : at * 4096 + 64] = b"\xff" * 64
    path = tmp_path / "qualkit.db"
    path.write_bytes(data)
    for command in (("status",), ("top", "barrier"), ("export", "counts", "out.csv"), ("code",)):
        code, _, err = run(*command, cwd=tmp_path)
        assert code == 1
        assert err.startswith("qualkit: the project file is damaged\n  where: "), err
        assert "Traceback" not in err
        assert "go back to a copy" in err
    assert path.read_bytes() == bytes(data)
    assert list(tmp_path.glob("out*")) == []


def test_error_of_our_own_in_a_whole_project_stays_as_it_is(template: Path) -> None:
    def fail() -> None:
        with Project(template / "qualkit.db"):
            raise KeyError("ours")

    with pytest.raises(KeyError, match="ours"):
        fail()
    assert find_damage(template / "qualkit.db") == ""


def _other_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (name)")
        other.commit()


def _newer(path: Path) -> None:
    Project(path, create=True).close()
    with closing(sqlite3.connect(path)) as opened:
        opened.execute(f"PRAGMA user_version = {schema.VERSION + 1}")


def _empty_with_log(path: Path) -> None:
    path.write_bytes(b"")
    path.with_name(path.name + "-wal").write_bytes(b"what was written last" * 100)


NO_PROJECTS = {
    "folder": (Path.mkdir, "this is a folder"),
    "letter": (lambda path: path.write_text("Dear all, " * 500), "the file cannot be read"),
    "short letter": (lambda path: path.write_text("Dear all"), "the file cannot be read"),
    "zip": (lambda path: path.write_bytes(b"PK\x03\x04" + bytes(3000)), "the file cannot be read"),
    "other database": (_other_database, "this is a database, but no qualkit project"),
    "newer": (_newer, "a newer qualkit wrote this project"),
    "empty with log": (_empty_with_log, "the project file is empty, but"),
    "pipe": (os.mkfifo, "this is no file"),
}


@pytest.mark.parametrize("name", NO_PROJECTS)
def test_what_is_no_project_is_refused_and_left_alone(
    name: str, template: Path, tmp_path: Path
) -> None:
    make, what = NO_PROJECTS[name]
    path = tmp_path / "qualkit.db"
    make(path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()}
    for create in (False, True):
        with pytest.raises(ProjectError, match=what):
            Project(path, create=create)
    code, _, err = run("import", "msc", template / "first.csv", cwd=tmp_path)
    assert code in (1, 2)
    assert "Traceback" not in err
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file()} == before
    assert path.exists()


def test_empty_file_is_no_project_yet_and_can_become_one(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    path.touch()
    with pytest.raises(ProjectError, match="no project in it yet"):
        Project(path)
    with Project(path, create=True) as project:
        project.import_msc(template / "first.csv")
    check_sound(path)


def test_project_moved_with_its_log_is_the_same(template: Path, tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    path.write_bytes((template / "qualkit.db").read_bytes())
    with Project(path) as project:
        project.import_msc(template / "second.csv", name="stories")
        expected = dump(project.connection)
        (tmp_path / "moved").mkdir()
        for end in ("", "-wal"):
            name = path.name + end
            (tmp_path / "moved" / name).write_bytes((tmp_path / name).read_bytes())
    with Project(tmp_path / "moved" / "qualkit.db") as project:
        assert dump(project.connection) == expected
