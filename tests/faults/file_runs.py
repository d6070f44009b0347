"""Imports mutated files in worker processes, each under a watchdog, and says how each ended."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import shutil
import signal
import sqlite3
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from faults.file_bases import Base, real_files, sound_files
from faults.file_mutations import mutate

from qualkit.errors import QualkitError
from qualkit.model import ImportResult
from qualkit.project import Project

# Of the processor, so that a busy machine makes no fault.
MOST_SECONDS = 10
MOST_GROWTH = 500_000_000
_TABLES = ("sources", "source_versions", "cases", "segments", "families")
_EARLIER = (
    "UFRN: F1\n\nInterviewer: How was it?\n\nMum: It was good.\n\nInterviewer: And?\n\nMum: Yes.\n"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one import ended: rows, set aside, refused; or a fault: error, unclear,
    hang, memory, harm, crash.
    """

    seed: int
    command: str
    ending: str
    how: str
    what: str
    seconds: float = 0.0


class _TooLongError(BaseException):
    """The import did not end in time."""


def _ring(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLongError


def new_project(folder: Path) -> Path:
    """Make a project that holds one small interview already."""
    (folder / "earlier.txt").write_text(_EARLIER, encoding="utf-8")
    path = folder / "template.db"
    with Project(path, create=True) as project:
        project.import_transcript(folder / "earlier.txt")
    return path


def run_import(project: Project, command: str, path: Path) -> list[ImportResult]:
    """Import one file as `qualkit import COMMAND` does."""
    match command:
        case "msc":
            return project.import_msc(path)
        case "survey":
            return project.import_survey(path)
        case "transcript":
            return project.import_transcript(path)
        case "document":
            return project.import_document(path)
        case _:
            return [project.import_families(path)]


def judge(template: Path, command: str, path: Path, *, seed: int = 0) -> Outcome:
    """Import one file into a copy of the project, and say how that ended."""
    shutil.rmtree(path.with_name("project"), ignore_errors=True)
    path.with_name("project").mkdir()
    copy = path.with_name("project") / "copy.db"
    shutil.copyfile(template, copy)
    began = time.process_time()
    with Project(copy) as project:
        before = _state(project.connection)
        how, what = _end_of(project, command, path)
        seconds = time.process_time() - began
        if how not in {"hang", "memory"}:
            harm = _harm(project.connection, before, copy, refused=how == "refused")
            how, what = ("harm", f"{harm}; after {what}") if harm else (how, what)
    return Outcome(seed, command, path.suffix, how, what, seconds)


def _end_of(project: Project, command: str, path: Path) -> tuple[str, str]:
    _limit_memory()
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    try:
        results = run_import(project, command, path)
    except QualkitError as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        return _refusal(error)
    except MemoryError:
        return "memory", traceback.format_exc(limit=-3)
    except _TooLongError:
        return "hang", traceback.format_exc(limit=-3)
    except BaseException as error:  # a panic of a library in Rust is no Exception
        return "error", f"{type(error).__name__}\n{traceback.format_exc(limit=-6)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _limit_memory(end=True)
    rejected = sum(result.rejected for result in results)
    return ("set aside" if rejected else "rows"), ""


def _refusal(error: QualkitError) -> tuple[str, str]:
    """Say "unclear" where a refusal lacks its place, or what to do."""
    clear = error.what and error.where and (error.to_do or error.expected)
    joined = error.what.partition("\n")[0]
    return ("refused" if clear else "unclear"), joined


def _limit_memory(*, end: bool = False) -> None:
    """Let the process grow by so much and no more, or again as it likes."""
    import resource

    if end:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MOST_GROWTH
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def _state(connection: sqlite3.Connection) -> list[int]:
    return [connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _TABLES]


def _harm(connection: sqlite3.Connection, before: list[int], copy: Path, *, refused: bool) -> str:
    """Return what is wrong with the project after an import, or nothing."""
    if connection.in_transaction:
        return "a transaction is left open"
    if [row[0] for row in connection.execute("PRAGMA integrity_check")] != ["ok"]:
        return "the integrity check fails"
    if connection.execute("PRAGMA foreign_key_check").fetchall():
        return "a foreign key points nowhere"
    after = _state(connection)
    if refused and after != before:
        return f"rows were written: {before} became {after}"
    left = [path.name for path in copy.parent.rglob("*.part")]
    rejects = list(copy.with_name("copy-rejects").glob("*")) if refused else []
    return f"files are left: {left or rejects}" if left or rejects else ""


# --- workers --------------------------------------------------------------------

_BASES: list[Base] = []
_TEMPLATE: list[Path] = []


def _start(realdata: Path | None, template: Path) -> None:
    signal.signal(signal.SIGPROF, _ring)
    warnings.simplefilter("error")
    _BASES[:] = [*sound_files(), *(real_files(realdata) if realdata else [])]
    _TEMPLATE[:] = [template]


def run_seeds(seeds: Sequence[int]) -> list[Outcome]:
    """Import the mutated files of these numbers; runs in a worker."""
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            command, ending, data = mutate(seed, _BASES)
            path = Path(folder) / f"F1001 visit{ending}"
            path.write_bytes(data)
            _TEMPLATE[0].with_name(f"now-{os.getpid()}").write_text(f"{seed} {command} {ending}")
            # Ends the process where C code hangs and no signal gets through.
            faulthandler.dump_traceback_later(6 * MOST_SECONDS, exit=True)
            outcomes.append(judge(_TEMPLATE[0], command, path, seed=seed))
            faulthandler.cancel_dump_traceback_later()
    _TEMPLATE[0].with_name(f"now-{os.getpid()}").unlink()
    return outcomes


def run_all(
    seeds: Iterable[int], template: Path, realdata: Path | None, *, workers: int | None = None
) -> Iterator[Outcome]:
    """Yield how each mutated file ended; in no order."""
    listed = list(seeds)
    chunks = [listed[at : at + 25] for at in range(0, len(listed), 25)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        workers or min(4, os.cpu_count() or 1), context, _start, (realdata, template)
    ) as pool:
        for done in as_completed([pool.submit(run_seeds, chunk) for chunk in chunks]):
            try:
                yield from done.result()
            except BrokenProcessPool:
                # C code ended the process, or hung: one of those that were being imported.
                for now in template.parent.glob("now-*"):
                    seed, command, ending = now.read_text().split()
                    yield Outcome(int(seed), command, ending, "crash", "the process ended")
                return
