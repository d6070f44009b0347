"""Several processes code as one does, and a failing one leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import QualkitError
from qualkit.project import Project, workers
from qualkit.store.sources import save_source

WORDS = ("They had debts.", "She was lonely.", "No debts at all.", "Rent arrears again.")
N_CASES = 1_300


def _made(folder: Path, small_codebook: Path) -> Project:
    project = Project(folder / "qualkit.db", create=True)
    cases = [case(f"m{i}", WORDS[i % 4], WORDS[i % 3]) for i in range(N_CASES)]
    save_source(project.connection, parsed(cases), lambda rejection: None)
    project.load_codebook(small_codebook)
    return project


def _codings(project: Project) -> list[tuple[object, ...]]:
    return project.connection.execute(
        "SELECT id, segment_key, code_key, start_char, end_char, quote, score, rule FROM codings"
        " ORDER BY id"
    ).fetchall()


def test_two_processes_give_the_codings_of_one(tmp_path: Path, small_codebook: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    told: list[tuple[int, int]] = []
    with _made(tmp_path / "one", small_codebook) as one:
        one.code()
        with _made(tmp_path / "two", small_codebook) as two:
            two.code(workers=2, progress=lambda done, total: told.append((done, total)))
            assert len(_codings(one)) > N_CASES
            assert _codings(two) == _codings(one)
    # Three batches of at most 500 cases, in order.
    assert told == [(500, N_CASES), (1_000, N_CASES), (N_CASES, N_CASES)]


def test_a_killed_worker_is_said_and_nothing_is_written(
    tmp_path: Path, small_codebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = workers._Worker.give

    def give_and_kill(worker: workers._Worker, first: int, last: int) -> None:
        real(worker, first, last)
        worker.process.kill()
        worker.process.join()

    monkeypatch.setattr(workers._Worker, "give", give_and_kill)
    with _made(tmp_path, small_codebook) as project:
        with pytest.raises(QualkitError) as caught:
            project.code(workers=2)
        assert "--workers 1" in caught.value.message
        assert _codings(project) == []
        assert project.connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)


def test_small_projects_are_coded_in_one_process() -> None:
    assert workers.suitable_workers(workers.WORTH_SEGMENTS - 1) == 1
    assert workers.suitable_workers(workers.WORTH_SEGMENTS) >= 1
