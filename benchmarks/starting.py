"""How long commands take to start, beside importing what a user would use instead.

    python benchmarks/starting.py

Medians of runs in turns, after one to warm the caches; the ratios against their
limits: `qualkit --help` at most 3 times `import typer`, `qualkit top` at most 2
times `import sqlite_utils, rich`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import Result, Timing, as_text, compare, in_turns

RUNS = 9
QUALKIT = str(Path(sys.executable).with_name("qualkit"))


def run_once(command: list[str], environment: dict[str, str]) -> Timing:
    """Time one run of a command from its start to its end, its processor time too."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    wall_s, after = time.perf_counter() - start, os.times()
    cpu_s = after.children_user + after.children_system
    return Timing(wall_s, cpu_s - before.children_user - before.children_system)


def measure_starting(folder: Path, turns: int = RUNS) -> list[Result]:
    """Return the two ratios."""
    subprocess.run([QUALKIT, "demo", str(folder)], check=True, capture_output=True)
    environment = {**os.environ, "QUALKIT_PROJECT": str(folder / "qualkit.db")}
    results = []
    for arguments, modules, limit in (
        (["--help"], "typer", 3.0),
        (["top", "barrier"], "sqlite_utils, rich", 2.0),
    ):
        own, other = [QUALKIT, *arguments], [sys.executable, "-c", f"import {modules}"]
        name = " ".join(["qualkit", *arguments])
        ways = {
            name: lambda own=own: run_once(own, environment),
            modules: lambda other=other: run_once(other, environment),
        }
        in_turns(ways, 1)
        found = in_turns(ways, turns)
        results.append(
            compare(
                f"{name} to import {modules}",
                ("qualkit", found[name]),
                ("import", found[modules]),
                limit=limit,
            )
        )
    return results


def main() -> None:
    """Print the two ratios."""
    with tempfile.TemporaryDirectory() as folder:
        print(as_text("starting", measure_starting(Path(folder))))


if __name__ == "__main__":
    main()
