"""The measured promises of qualkit, as ratios within one run.

    python benchmarks/run.py [--sizes 10000,100000,1000000] [--quick] [--output FILE.md]
                             [--only finding,import,code,count,link,start,processes,semantic,
                                     nulls,clusters,chaid,explore,review]

Everything is made anew in a temporary folder from fixed seeds: made-up texts at
two densities, a codebook of 2,500 patterns, tables and projects. Each promise
is the ratio of the medians of two ways to do the same work, done in turns.
Beside it stands the ratio by processor time: where the two differ much, other
programs were busy, and the run says little. Absolute times hold for one
machine only. Exits with 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from chaid import measure_chaid
from coding import measure_coding, measure_processes
from counting import measure_counting
from exploring import TIMES, measure_exploring
from finding import measure_finding
from grouping import SIZES as FAMILIES
from grouping import measure_grouping
from importing import measure_import
from linking import measure_linking
from measure import Result, as_markdown, as_text, say
from nulls import TABLES, measure_nulls
from reviewing import measure_reviewing
from semantic import measure_semantic
from starting import measure_starting

SIZES = (10_000, 100_000, 1_000_000)
QUICK = 10_000
N_CASES = 100_000
QUICK_CASES = 10_000


def turns_for(size: int, *, quick: bool) -> int:
    """Return how often each way is timed: fewer times the longer it takes."""
    if quick:
        return 3
    return 5 if size <= 10_000 else 3 if size <= 100_000 else 1


def read_arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options of the command."""
    parser = argparse.ArgumentParser(description="Measure the promises of qualkit.")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="numbers of segments")
    parser.add_argument("--quick", action="store_true", help="10,000 segments only, some minutes")
    parser.add_argument("--output", type=Path, help="a Markdown file for the tables")
    parser.add_argument("--only", default="", help="some of: " + ", ".join(SECTIONS))
    options = parser.parse_args(given)
    options.sizes = (QUICK,) if options.quick else tuple(map(int, options.sizes.split(",")))
    options.only = options.only.split(",") if options.only else list(SECTIONS)
    if unknown := set(options.only) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    return options


def _finding(folder: Path, options: argparse.Namespace) -> list[Result]:
    return measure_finding(folder, QUICK, 2 if options.quick else 5)


def _import(folder: Path, options: argparse.Namespace) -> list[Result]:
    return measure_import(folder, options.sizes, _turns(options))


def _code(folder: Path, options: argparse.Namespace) -> list[Result]:
    return list(measure_coding(folder, options.sizes, _turns(options)))


def _count(folder: Path, options: argparse.Namespace) -> list[Result]:
    n_cases = QUICK_CASES if options.quick else N_CASES
    return measure_counting(folder, n_cases, 3 if options.quick else 5)


def _start(folder: Path, options: argparse.Namespace) -> list[Result]:
    return measure_starting(folder / "demo", 3 if options.quick else 9)


def _processes(folder: Path, options: argparse.Namespace) -> list[Result]:
    size = min(options.sizes) if options.quick else min(max(options.sizes), 100_000)
    return measure_processes(folder, size, 1 if options.quick else 3)


def _semantic(folder: Path, options: argparse.Namespace) -> list[Result]:
    sizes = (min(options.sizes), min(max(options.sizes), 100_000))
    return list(measure_semantic(folder, tuple(dict.fromkeys(sizes)), 1 if options.quick else 3))


SECTIONS: dict[str, tuple[str, Callable[[Path, argparse.Namespace], list[Result]]]] = {
    "finding": ("Finding patterns, with context, on one core", _finding),
    "import": ("Importing a table of narratives", _import),
    "code": ("Coding a stored project, writes and all", _code),
    "count": ("Ranking and linking", _count),
    "link": (
        "Linking families, readings and themes",
        lambda folder, options: measure_linking(folder, options.sizes),
    ),
    "start": ("Starting", _start),
    "processes": ("Two processes", _processes),
    "semantic": ("The learned layer", _semantic),
    "nulls": (
        "Findings by chance",
        lambda folder, options: measure_nulls(TABLES // 4 if options.quick else TABLES),
    ),
    "chaid": (
        "Trees of chance",
        lambda folder, options: measure_chaid(300 if options.quick else 3000),
    ),
    "clusters": (
        "Families grouped by needs",
        lambda folder, options: measure_grouping(
            *((FAMILIES[:2], 3) if options.quick else (FAMILIES,))
        ),
    ),
    "explore": (
        "Exploring many families",
        lambda folder, options: measure_exploring(folder, 1 if options.quick else TIMES),
    ),
    "review": ("Deciding", lambda folder, options: measure_reviewing(folder)),
}


def _turns(options: argparse.Namespace) -> dict[int, int]:
    return {size: turns_for(size, quick=options.quick) for size in options.sizes}


def about(options: argparse.Namespace) -> list[str]:
    """Return what stands above the tables: how, on what, and what is not there."""
    sizes = ", ".join(f"{size:,}" for size in options.sizes)
    programs = ", ".join(f"{name} {version(name)}" for name in ("spacy", "pyahocorasick"))
    return [
        "Written by `python benchmarks/run.py --output docs/benchmarks.md`; nothing here is typed.",
        "Each figure is the ratio of the medians of two ways to do the same work, done in turns in",
        "one run (x), unless another unit stands beside it. Texts are made up.",
        "",
        f"Segments: {sizes}. Python {platform.python_version()}, SQLite {sqlite3.sqlite_version},"
        f" {programs}; {os.cpu_count()} processors, {platform.system()}.",
    ]


def main() -> int:
    """Measure, print and write; return the exit code."""
    options = read_arguments()
    found: dict[str, list[Result]] = {}
    started = time.perf_counter()
    for section in options.only:
        title, measure = SECTIONS[section]
        with tempfile.TemporaryDirectory(prefix="qualkit-benchmark-") as folder:
            results = measure(Path(folder), options)
        if results:
            found[title] = results
            print(as_text(title, results), flush=True)
    say(f"{(time.perf_counter() - started) / 60:.1f} minutes")
    if options.output:
        options.output.write_text(as_markdown(found, about(options)), encoding="utf-8")
    missed = [result for results in found.values() for result in results if result.kept is False]
    for result in missed:
        print(f"missed: {result.subject}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
