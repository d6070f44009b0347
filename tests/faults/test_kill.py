"""Kills and Ctrl-C at any moment: each action is in the project whole, or not at all."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("looks at SQLite's locks as Linux has them", allow_module_level=True)

from faults.processes import (
    check_sound,
    copy_project,
    decide_some,
    dump,
    halt_while_writing,
    is_writing,
    kill,
    n_runs,
    start,
    wait_until_writing,
    wait_until_written,
    write_codebook,
    write_narratives,
)

from qualkit.errors import ProjectError
from qualkit.project import Project

N_CASES = 800
N_KILLS = 50
N_WRITING = 34
"""Kills while a write transaction is open; the others come at any moment, or just after it."""
IMPORT = ("import", "msc", "{table}", "--as", "stories")


@dataclass(frozen=True)
class Stage:
    """An action on a project as it was before, and how the project is before and after."""

    name: str
    arguments: tuple[str, ...]
    project: Path | None
    again: Callable[[Project], object]
    before: tuple[object, int]
    after: tuple[object, int]
    run_s: float
    write_s: float


def _state(path: Path) -> tuple[object, int]:
    with Project(path, create=True) as project:
        return dump(project.connection), n_runs(project.connection)


def _measure(
    folder: Path,
    name: str,
    arguments: tuple[str, ...],
    project: Path | None,
    again: Callable[[Project], object],
) -> tuple[Stage, Path]:
    """Run a stage unkilled; return it with the project as it is after."""
    folder = folder / name
    path = copy_project(project, folder) if project else folder / "qualkit.db"
    folder.mkdir(exist_ok=True)
    before = _state(path) if project else ([[]] * len(_state(folder / "empty.db")[0]), 0)
    began = time.monotonic()
    process = start(*arguments, cwd=folder)
    assert wait_until_writing(process, path)
    first = last = time.monotonic()
    while process.poll() is None:
        if is_writing(path):
            last = time.monotonic()
        time.sleep(0.001)
    ended = time.monotonic()
    said = process.communicate()
    assert process.returncode == 0, said
    after = _state(path)
    assert after != before
    return Stage(name, arguments, project, again, before, after, ended - began, last - first), path


def _import(project: Project, table: Path) -> object:
    return project.import_msc(table, name="stories")


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Stage]:
    """First import, a new version of it, first coding, coding again with decisions there."""
    folder = tmp_path_factory.mktemp("stages")
    tables = [folder / "first.csv", folder / "second.csv"]
    books = [folder / "first.yaml", folder / "second.yaml"]
    for version, (table, book) in enumerate(zip(tables, books, strict=True), start=1):
        write_narratives(table, N_CASES, version)
        write_codebook(book, version)
    found = []
    project = None

    for name, table in zip(("import", "import-again"), tables, strict=True):
        arguments = tuple(part.format(table=table) for part in IMPORT)
        stage, project = _measure(folder, name, arguments, project, partial(_import, table=table))
        found.append(stage)
    for name, book in zip(("code", "code-again"), books, strict=True):
        with Project(project) as opened:
            if name == "code-again":
                decide_some(opened)
            opened.load_codebook(book)
        stage, project = _measure(folder, name, ("code",), project, lambda opened: opened.code())
        found.append(stage)
    return found


@dataclass(frozen=True)
class Kill:
    """One kill and what it left behind."""

    stage: str
    writing: bool
    logged: bool
    left: str


def _kill_once(stage: Stage, folder: Path, chance: random.Random, aim: str) -> Kill | None:
    """Start a stage, kill it, and see that it can be completed; None if it ended before."""
    path = copy_project(stage.project, folder) if stage.project else folder / "qualkit.db"
    folder.mkdir(exist_ok=True)
    process = start(*stage.arguments, cwd=folder)
    if aim == "anywhere":
        time.sleep(chance.uniform(0, stage.run_s))
    else:
        wait_until_writing(process, path)
        if aim == "writing":
            time.sleep(chance.uniform(0, 0.8) * stage.write_s)
        else:
            wait_until_written(process, path)
            time.sleep(chance.uniform(0, 0.01))
    killed = kill(process, path)
    if killed is None:
        return None
    left = _check_whole_or_not_at_all(stage, path)
    with Project(path, create=True) as project:
        stage.again(project)
        assert dump(project.connection) == stage.after[0], stage.name
    check_sound(path)
    assert sorted(p.name for p in folder.iterdir()) == ["qualkit.db"]
    shutil.rmtree(folder)
    return Kill(stage.name, killed[0], killed[1] > 0, left)


def _has_tables(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as opened:
        return bool(opened.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def _check_whole_or_not_at_all(stage: Stage, path: Path) -> str:
    if stage.project is None and (not path.exists() or path.stat().st_size == 0):
        return "before"
    if stage.project is None and not _has_tables(path):
        with pytest.raises(ProjectError, match="no project in it yet"):
            Project(path)
        return "before"
    with Project(path) as project:
        state = (dump(project.connection), n_runs(project.connection))
    check_sound(path)
    assert state in (stage.before, stage.after), stage.name
    return "before" if state == stage.before else "after"


@pytest.mark.slow
def test_kills_at_any_moment_leave_each_action_whole_or_not_at_all(
    stages: list[Stage], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def kill_one(number: int) -> Kill:
        aim = "writing" if number < N_WRITING else ("anywhere", "written")[number % 2]
        chance = random.Random(number)
        for attempt in range(20):
            folder = tmp_path / f"{number}-{attempt}"
            killed = _kill_once(stages[number // 2 % len(stages)], folder, chance, aim)
            # It was done before its time came, or had done writing: another try.
            if killed and (killed.writing or aim != "writing"):
                return killed
        raise AssertionError("the process is always quicker")

    with ThreadPoolExecutor(2) as pool:
        kills = list(pool.map(kill_one, range(N_KILLS)))
    moments = Counter(
        f"{k.stage}: {'writing' if k.writing else 'not writing'}, left {k.left}" for k in kills
    )
    n_writing = sum(k.writing for k in kills)
    n_logged = sum(k.writing and k.logged for k in kills)
    lines = [
        f"{len(kills)} kills, {n_writing} in a write transaction, {n_logged} of them with pages"
        " of it on the disk already",
        *(f"{count:4} {what}" for what, count in sorted(moments.items())),
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
    assert len(kills) == N_KILLS
    assert n_writing >= 30
    assert {k.left for k in kills} == {"before", "after"}


@pytest.mark.parametrize("place", [0, 1, 2, 3], ids=["import", "again", "code", "code-again"])
def test_ctrl_c_undoes_what_was_begun_and_says_so_in_one_line(
    stages: list[Stage], tmp_path: Path, place: int
) -> None:
    stage = stages[place]
    folder = tmp_path / "here"
    path = copy_project(stage.project, folder) if stage.project else folder / "qualkit.db"
    folder.mkdir(exist_ok=True)
    process = start(*stage.arguments, cwd=folder)
    assert halt_while_writing(process, path)
    os.kill(process.pid, signal.SIGINT)
    os.kill(process.pid, signal.SIGCONT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == ("", "qualkit: stopped; what was not finished is undone\n")
    if stage.project is None:
        assert not path.exists()
    else:
        assert _state(path) == stage.before
        check_sound(path)
    assert not list(folder.glob("*-rejects"))


@pytest.mark.parametrize("delay_s", [0.1, 0.3])
def test_ctrl_c_at_a_terminal_is_one_line_with_several_processes(
    stages: list[Stage], tmp_path: Path, delay_s: float
) -> None:
    stage = stages[2]
    assert stage.project
    path = copy_project(stage.project, tmp_path / "here")
    # A terminal sends it to every process of the command.
    process = start("code", "--workers", "2", cwd=path.parent, start_new_session=True)
    assert wait_until_writing(process, path)
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "qualkit: stopped; what was not finished is undone\n"
    assert _state(path) == stage.before
