"""How long a decision takes to show, and the review app to open, with 200,000 codings.

    python benchmarks/reviewing.py [--codings 200000]

The project is made by plain inserts. Deciding is timed within the running app, from the
key to the whole screen drawn anew, each one kept on the disk; opening as a user does it,
from the command to the first screen, in a terminal of 80 columns and 24 rows. Ratios to
the limits: 50 ms for a decision (the slowest of twenty but one), 1.5 s for opening.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from counting import CODINGS_PER_CASE, make_coded_project
from measure import Result, as_text, in_child, say

from qualkit import Project

DECISION_S = 0.05
OPENING_S = 1.5
N_CODINGS = 200_000
N_DECISIONS = 200
N_OPENINGS = 5
_KEYS = {
    "accept, next": ("action_accept",),
    "reject, next": ("action_reject",),
    "undo": ("action_undo",),
    "wider quotation": ("action_move_end", 1),
    "next coding": ("action_down",),
    "next case": ("action_right",),
}


def measure_reviewing(folder: Path, n_codings: int = N_CODINGS) -> list[Result]:
    """Return the ratios of deciding and of opening to their limits."""
    database = folder / "qualkit.db"
    n_cases = n_codings // CODINGS_PER_CASE
    say(f"a project of {n_cases:,} cases, {n_cases * CODINGS_PER_CASE:,} codings")
    make_coded_project(database, n_cases)
    say("opening")
    # Installing compiles the modules; from a folder of sources the first opening does.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    time_opening(database)
    opened = [time_opening(database) for _ in range(N_OPENINGS)]
    results = [
        against("the command, to its first screen", [wall for wall, _ in opened], OPENING_S),
        # Where the two differ much, other programs were busy.
        against("of it: the processor's time", [cpu for _, cpu in opened], OPENING_S),
    ]
    say("deciding")
    queue, taken = in_child(decide, database)
    results.append(against("of it: the queue", queue, OPENING_S))
    results += [against(name, times, DECISION_S) for name, times in taken.items()]
    return results


def against(name: str, times: Sequence[float], limit: float) -> Result:
    """Return how the time that 95 of 100 keep within compares to its limit."""
    worst = sorted(times)[max(0, round(len(times) * 0.95) - 1)]
    median = statistics.median(times)
    seconds = (("median", median), ("95 of 100 within", worst))
    return Result(name, worst / limit, 1.0, unit="of the limit", seconds=seconds)


def time_opening(database: Path) -> tuple[float, float]:
    """Return the seconds from the command to its first screen, and those of the processor."""
    began = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        command = "from qualkit.cli.main import run; run()"
        options = ["review", "--coder", "Ann", "-p", str(database)]
        os.execv(sys.executable, [sys.executable, "-c", command, *options])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    seen = b""
    while b"decided" not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        if not ready:
            raise SystemExit("the app showed nothing for a minute")
        seen += os.read(terminal, 65536)
    took = time.perf_counter() - began
    os.kill(process, signal.SIGKILL)
    _, _, used = os.wait4(process, 0)
    os.close(terminal)
    return took, used.ru_utime + used.ru_stime


def decide(database: Path) -> tuple[list[float], dict[str, list[float]]]:
    """Return how long the queue takes to read, and each key to do its work and be seen."""
    with Project(database) as project:
        queue = []
        for _ in range(N_OPENINGS):
            began = time.perf_counter()
            session = project.review("Ann")
            queue.append(time.perf_counter() - began)
        return queue, asyncio.run(_press(project, session))


async def _press(project: Project, session: object) -> dict[str, list[float]]:
    from qualkit.review.app import ReviewApp

    app = ReviewApp(session, lambda wanted: project.review("Ann", wanted))  # type: ignore[arg-type]
    taken: dict[str, list[float]] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        for name, (action, *values) in _KEYS.items():
            taken[name] = []
            act: Callable[..., None] = getattr(app, action)
            for _ in range(N_DECISIONS):
                began = time.perf_counter()
                act(*values)
                app.screen._compositor.render_strips()
                taken[name].append(time.perf_counter() - began)
                # What the loop does besides belongs to no key.
                await asyncio.sleep(0)
    return taken


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the review app.")
    parser.add_argument("--codings", type=int, default=N_CODINGS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qualkit-benchmark-") as folder:
        results = measure_reviewing(Path(folder), options.codings)
    print(as_text(f"Review with {options.codings:,} codings", results))
    return int(any(result.kept is False for result in results))


if __name__ == "__main__":
    sys.exit(main())
