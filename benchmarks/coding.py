"""Coding a stored project with its writes, beside matching alone over the same segments."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from corpora import DENSITIES, Density, patterns, save_patterns, texts, write_table
from importing import growth, load_plainly
from measure import Result, Timing, compare, in_child, in_turns, say, timed

from qualkit import Project
from qualkit.coding import RuleCoder
from qualkit.model import Segment
from qualkit.store.codings import iterate_cases

LIMIT = 3.0
CASES_HELD = 5_000
MOST_AGAIN = 100_000
_WARMING = 200
_PROCESSES = ("workers", "processes", "n_workers", "n_processes")


def make_project(database: Path, table: Path) -> None:
    """Make a project that holds the table and the codebook, nothing coded."""
    with Project(database, create=True) as project:
        load_plainly(project.connection, table)
        save_patterns(project)
        project.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def match_alone(database: Path) -> Timing:
    """Time `code_case` over all cases, held in memory some thousand at a time."""
    codebook, _ = patterns()
    coder = RuleCoder([codebook])
    _warm(coder)
    wall_s = cpu_s = 0.0
    n_codings = 0
    with Project(database) as project:
        cases = iterate_cases(project.connection)
        while held := list(islice(cases, CASES_HELD)):
            # Bound to the loop's own list, and called at once.
            part = timed(lambda held=held: sum(len(coder.code_case(case)) for case in held))
            wall_s, cpu_s = wall_s + part.wall_s, cpu_s + part.cpu_s
            n_codings += part.value
    return Timing(wall_s, cpu_s, 0.0, n_codings)


def code_project(database: Path, processes: int = 0) -> Timing:
    """Time the coding of a copy of the project, or of the copy itself once it is there."""
    codebook, _ = patterns()
    _warm(RuleCoder([codebook]))
    with Project(database) as project:
        option = {} if not processes else {process_option(): processes}
        timing = timed(lambda: project.code(**option))
    n_codings = sum(result.codings for result in timing.value)
    return Timing(timing.wall_s, timing.cpu_s, 0.0, n_codings)


def _warm(coder: RuleCoder) -> None:
    """Code a little, so that what is imported or made at first use is there."""
    for n, text in enumerate(texts(DENSITIES["gold"], _WARMING)):
        coder.code_case([Segment(n, n, 1, "msc", "worker", text)])


def process_option() -> str:
    """Return the parameter of `Project.code` for the number of processes, or nothing."""
    known = inspect.signature(Project.code).parameters
    return next((name for name in _PROCESSES if name in known), "")


def copy_project(source: Path, target: Path) -> Path:
    """Copy a closed project's file; no journal of an earlier copy is left beside it."""
    for leftover in target.parent.glob(f"{target.name}-*"):
        leftover.unlink()
    shutil.copyfile(source, target)
    return target


def measure_coding(folder: Path, sizes: tuple[int, ...], turns: dict[int, int]) -> Iterator[Result]:
    """Yield the ratios of both densities at each size, with memory and growth."""
    for density in DENSITIES.values():
        timings: dict[int, list[Timing]] = {}
        for size in sizes:
            say(f"coding of {size:,} segments, {density.name} density")
            found = _turns(folder, density, size, turns[size])
            timings[size] = found["code"]
            numbers = {timing.value for way in found.values() for timing in way}
            if len(numbers) != 1:
                raise SystemExit(f"code and matching found different numbers of codings: {numbers}")
            subject = f"code, {size:,} segments, {density.name} density"
            alone = ("matching", found["matching"])
            note = f"{numbers.pop():,} codings"
            yield compare(subject, ("code", found["code"]), alone, limit=LIMIT, note=note)
            if "again" in found:
                yield compare(f"{subject}, a second time", ("code", found["again"]), alone)
        yield from growth(f"code, {density.name} density", timings)


def _turns(folder: Path, density: Density, size: int, turns: int) -> dict[str, list[Timing]]:
    table, uncoded, coded = folder / "coding.csv", folder / "uncoded.db", folder / "coded.db"
    write_table(table, density, size, form=False)
    uncoded.unlink(missing_ok=True)
    in_child(make_project, uncoded, table)

    def first() -> Timing:
        return in_child(code_project, copy_project(uncoded, coded))

    ways = {"code": first, "matching": lambda: in_child(match_alone, uncoded)}
    if size <= MOST_AGAIN:
        ways["again"] = lambda: in_child(code_project, coded)
    return in_turns(ways, turns)


def measure_processes(folder: Path, size: int, turns: int) -> list[Result]:
    """Return the gain of two processes, where `Project.code` has such an option."""
    if not process_option():
        say("Project.code takes no number of processes: not measured")
        return []
    table, uncoded, coded = folder / "coding.csv", folder / "uncoded.db", folder / "coded.db"
    write_table(table, DENSITIES["gold"], size, form=False)
    uncoded.unlink(missing_ok=True)
    in_child(make_project, uncoded, table)
    say(f"coding of {size:,} segments by one process and by two")
    found = in_turns(
        {
            f"{n} processes": lambda n=n: in_child(code_project, copy_project(uncoded, coded), n)
            for n in (1, 2)
        },
        turns,
    )
    if len({timing.value for way in found.values() for timing in way}) != 1:
        raise SystemExit("one process and two found different numbers of codings")
    return [
        compare(
            f"one process to two, {size:,} segments, gold density",
            ("one", found["1 processes"]),
            ("two", found["2 processes"]),
            one_process=False,
        )
    ]
