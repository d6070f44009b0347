"""How long commands take to start, beside importing what a user would use instead.

    python benchmarks/starting.py

Prints medians of nine runs each, all in one sitting, and the ratios against
their limits: `qualkit --help` at most 3 times `import typer`, `qualkit top` at
most 2 times `import sqlite_utils, rich`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9
QUALKIT = str(Path(sys.executable).with_name("qualkit"))


def median_s(command: list[str], environment: dict[str, str]) -> float:
    """Return the median wall time of a command, after one run to warm the caches."""
    times = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=environment)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Print the two ratios."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([QUALKIT, "demo", folder], check=True, capture_output=True)
        environment = {**os.environ, "QUALKIT_PROJECT": str(Path(folder) / "qualkit.db")}
        pairs = [
            ([QUALKIT, "--help"], "import typer", 3.0),
            ([QUALKIT, "top", "barrier"], "import sqlite_utils, rich", 2.0),
        ]
        for command, instead, limit in pairs:
            own = median_s(command, environment)
            other = median_s([sys.executable, "-c", instead], environment)
            name = " ".join(["qualkit", *command[1:]])
            print(
                f"{name:<22}{own * 1000:6.0f} ms   {instead:<28}{other * 1000:6.0f} ms"
                f"   ratio {own / other:4.2f} (limit {limit:.0f})"
            )


if __name__ == "__main__":
    main()
