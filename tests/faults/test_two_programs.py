"""Programs that use one project at once: writers wait for each other, readers do not."""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("looks at SQLite's locks as Linux has them", allow_module_level=True)

from faults.processes import (
    check_sound,
    copy_project,
    dump,
    halt_while_writing,
    n_runs,
    run,
    start,
    write_codebook,
    write_narratives,
)

from qualkit.errors import ProjectError
from qualkit.project import Project
from qualkit.store import connection as opening
from qualkit.store import writing
from qualkit.store.connection import discard_if_empty, open_connection, transaction

N_CASES = 600


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one source and a codebook, not coded, and a table for another source."""
    folder = tmp_path_factory.mktemp("template")
    write_narratives(folder / "first.csv", N_CASES)
    text = (folder / "first.csv").read_text(encoding="utf-8")
    (folder / "other.csv").write_text(text.replace("\nn", "\nm"), encoding="utf-8")
    write_codebook(folder / "small.yaml")
    with Project(folder / "qualkit.db", create=True) as project:
        project.import_msc(folder / "first.csv")
        project.load_codebook(folder / "small.yaml")
    return folder


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """A copy of the template's project, alone in its folder."""
    return copy_project(template / "qualkit.db", tmp_path / "here")


@contextmanager
def writer(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program that has a write transaction open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def _cases(path: Path) -> dict[str, int]:
    with Project(path) as project:
        return {str(row["name"]): int(row["cases"]) for row in project.status()[0].rows}


def _run_together(folder: Path, *commands: tuple[str | Path, ...]) -> None:
    processes = [start(*command, cwd=folder) for command in commands]
    for process in processes:
        said = process.communicate(timeout=120)
        assert process.returncode == 0, said


def test_two_imports_into_one_project_are_both_kept(path: Path, template: Path) -> None:
    changed = path.parent / "first.csv"
    write_narratives(changed, N_CASES, version=2)
    _run_together(
        path.parent, ("import", "msc", template / "other.csv"), ("import", "msc", changed)
    )
    # Version 2 adds a tenth (60), then leaves out every tenth (66) of its 660.
    assert _cases(path) == {"first.csv": 594, "other.csv": 600}
    check_sound(path)


@pytest.mark.parametrize("turn", range(4))
def test_programs_that_make_one_project_at_the_same_moment(
    template: Path, tmp_path: Path, turn: int
) -> None:
    names = ["a", "b", "c"]
    text = (template / "first.csv").read_text(encoding="utf-8")
    head, *rows = text.splitlines()[:30]
    for name in names:
        lines = [head, *(row.replace("n0", f"{name}0", 1) for row in rows)]
        (tmp_path / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    _run_together(tmp_path, *(("import", "msc", f"{name}.csv") for name in names))
    assert _cases(tmp_path / "qualkit.db") == {f"{name}.csv": 29 for name in names}
    check_sound(tmp_path / "qualkit.db")


def test_threads_that_make_one_project_at_the_same_moment(tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def make(path: Path, ready: threading.Barrier) -> None:
        ready.wait()
        try:
            open_connection(path, create=True).close()
        except BaseException as error:
            errors.append(error)

    for turn in range(30):
        path, ready = tmp_path / f"{turn}.db", threading.Barrier(4)
        threads = [threading.Thread(target=make, args=(path, ready)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        check_sound(path)
    assert errors == []


def test_import_while_code_runs_waits_and_both_are_kept(path: Path, template: Path) -> None:
    coding = start("code", cwd=path.parent)
    assert halt_while_writing(coding, path)
    importing = start("import", "msc", template / "other.csv", cwd=path.parent)
    time.sleep(1)
    assert importing.poll() is None
    os.kill(coding.pid, signal.SIGCONT)
    for process in (coding, importing):
        said = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert _cases(path) == {"first.csv": 600, "other.csv": 600}
    with Project(path) as project:
        coded = project.connection.execute("SELECT count(*) FROM coded_cases").fetchone()
        assert coded == (N_CASES,)
    check_sound(path)


def test_two_coding_runs_end_as_one(path: Path, template: Path, tmp_path: Path) -> None:
    once = copy_project(template / "qualkit.db", tmp_path / "once")
    _run_together(once.parent, ("code",))
    _run_together(path.parent, ("code",), ("code",))
    with Project(once) as one, Project(path) as two:
        assert dump(one.connection) == dump(two.connection)
        assert (n_runs(one.connection), n_runs(two.connection)) == (1, 2)
    check_sound(path)


def test_reading_during_a_write_sees_the_state_before(path: Path) -> None:
    _run_together(path.parent, ("code",))
    before = run("top", "barrier", "--format", "csv", cwd=path.parent)
    assert before[0] == 0
    changed = path.parent / "first.csv"
    write_narratives(changed, N_CASES, version=2)
    importing = start("import", "msc", changed, cwd=path.parent)
    assert halt_while_writing(importing, path)
    assert run("top", "barrier", "--format", "csv", cwd=path.parent) == before
    os.kill(importing.pid, signal.SIGCONT)
    importing.communicate(timeout=60)
    assert run("top", "barrier", "--format", "csv", cwd=path.parent) != before


def test_program_that_has_read_before_another_wrote_can_still_write(
    path: Path, template: Path
) -> None:
    with Project(path) as project:
        project.status()
        assert run("import", "msc", template / "other.csv", cwd=path.parent)[0] == 0
        (result,) = project.code()
        assert result.cases == 2 * N_CASES


def test_wait_that_is_too_long_names_the_file_and_what_to_do(
    path: Path,
    template: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(writing, "WRITE_WAIT_S", 0.5)
    monkeypatch.setattr(writing, "_SAY_AFTER_S", 0.1)
    with (
        writer(path),
        Project(path) as project,
        caplog.at_level(logging.WARNING),
        pytest.raises(ProjectError, match="another program is writing to the project") as said,
    ):
        project.import_msc(template / "other.csv")
    assert said.value.where == str(path)
    assert "try again" in said.value.to_do
    assert caplog.messages == ["another program is writing to the project; waiting for it"]
    assert _cases(path) == {"first.csv": 600}


def test_ctrl_c_ends_the_waiting(path: Path, template: Path) -> None:
    with writer(path):
        process = start("import", "msc", template / "other.csv", cwd=path.parent)
        time.sleep(2)
        assert process.poll() is None
        os.kill(process.pid, signal.SIGINT)
        said = process.communicate(timeout=5)
    assert process.returncode == 130, said
    assert _cases(path) == {"first.csv": 600}


def test_file_that_another_program_has_to_itself(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "READ_WAIT_S", 0.2)
    monkeypatch.setattr(opening, "READ_WAIT_S", 0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ProjectError, match="another program is writing to the project"):
            Project(path)
    assert _cases(path) == {"first.csv": 600}


def test_exclusive_writer_of_a_usual_project_keeps_no_reader_out(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert _cases(path) == {"first.csv": 600}


def test_interrupt_while_beginning_leaves_no_transaction_open(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = writing.run_patiently

    def interrupted(connection: sqlite3.Connection, statement: str) -> None:
        begin(connection, statement)
        raise KeyboardInterrupt

    connection = open_connection(path, create=False)
    monkeypatch.setattr(writing, "run_patiently", interrupted)
    with pytest.raises(KeyboardInterrupt), transaction(connection):
        pass
    assert not connection.in_transaction
    connection.close()


def test_file_that_is_replaced_while_open_is_not_written_into(path: Path, tmp_path: Path) -> None:
    other = copy_project(path, tmp_path / "other")
    with Project(path) as project:
        os.replace(other, path)
        with pytest.raises(ProjectError, match="moved, replaced or removed"):
            project.code()


def test_file_that_is_removed_during_a_write_is_not_called_written(path: Path) -> None:
    connection = open_connection(path, create=False)

    def write() -> None:
        with transaction(connection):
            connection.execute("INSERT INTO coders (name, machine) VALUES ('Ann', 0)")
            path.unlink()

    with pytest.raises(ProjectError, match="moved, replaced or removed"):
        write()
    connection.close()


def test_notebook_may_change_its_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with Project(path.name) as project:
        monkeypatch.chdir("/")
        assert project.code()[0].cases == N_CASES


def test_empty_project_is_discarded_only_if_nobody_has_it_open(tmp_path: Path) -> None:
    path = tmp_path / "qualkit.db"
    connection = open_connection(path, create=True)
    assert connection.made
    assert not discard_if_empty(path)
    assert path.exists()
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert discard_if_empty(path)
    assert list(tmp_path.iterdir()) == []


def test_project_that_holds_something_is_never_discarded(path: Path) -> None:
    assert not discard_if_empty(path)
    assert _cases(path) == {"first.csv": 600}


def test_error_in_a_new_project_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with Project(tmp_path / "qualkit.db", create=True):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_first_import_that_fails_takes_nobody_elses_project_away(
    template: Path, tmp_path: Path
) -> None:
    for turn in range(6):
        folder = tmp_path / str(turn)
        folder.mkdir()
        good = start("import", "msc", template / "first.csv", cwd=folder)
        time.sleep(0.1 * turn)
        bad = start("import", "msc", template / "first.csv", "--id", "Nowhere", cwd=folder)
        for process, ends in ((good, 0), (bad, 1)):
            said = process.communicate(timeout=60)
            assert process.returncode == ends, said
        assert _cases(folder / "qualkit.db") == {"first.csv": N_CASES}
