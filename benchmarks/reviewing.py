"""Deciding in a large project: a key press until it is seen, and opening the app.

A project with 200,000 machine codings is filled straight into its tables. The app runs
without a terminal, through Textual's own pilot: a key goes the whole way, and the time
ends when the screen has been drawn anew. Limits are in seconds here, since what counts
is a person's patience.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

from measure import Result

from qualkit import Project
from qualkit.model import ParsedCase, ParsedSegment, ParsedSource, ReviewFilter
from qualkit.project.reviewing import Review

N_CASES = 20_000
PER_CASE = 10
"""Codings a case: 200,000 in all."""
SENTENCE = "They had debts and nobody to turn to, and the house was cold. "
N_DECISIONS = 40
LONGEST_DECISION_S = 0.05
LONGEST_OPENING_S = 1.5


def filled(folder: Path) -> Path:
    """Return a project of narratives with ten codings each."""
    from qualkit.model import Kind
    from qualkit.store.sources import save_source

    path = folder / "large.db"
    text = SENTENCE * PER_CASE
    with Project(path, create=True) as project:
        cases = (ParsedCase(f"m{n}", Kind.MSC, (ParsedSegment(1, text),)) for n in range(N_CASES))
        source = ParsedSource("large.csv", Kind.MSC, "", "hash", "", cases)
        save_source(project.connection, source, lambda rejection: None)
        project.load_shipped_codebooks()
        project.connection.execute("BEGIN")
        project.connection.execute(
            "INSERT INTO runs (coder_key, codebook_version_key, method, settings,"
            " qualkit_version, started_at) VALUES (1, 1, 'rules', '', '', '')"
        )
        codes = [key for (key,) in project.connection.execute("SELECT id FROM codes LIMIT 60")]
        length = len(SENTENCE)
        project.connection.executemany(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " score, coder_key, run_key, rule, status) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1, 'r',"
            " 'unreviewed')",
            (
                (n, n, codes[(n + k) % 60], k * length, k * length + 14, SENTENCE[:14], 0.8)
                for n in range(1, N_CASES + 1)
                for k in range(PER_CASE)
            ),
        )
        project.connection.execute("COMMIT")
    return path


async def _session(project: Project, review: Review) -> tuple[float, list[float]]:
    from qualkit.review.app import ReviewApp

    def reopen(wanted: ReviewFilter) -> Review:
        return project.review("Ann", wanted)

    started = time.perf_counter()
    app = ReviewApp(review, reopen)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        opened = time.perf_counter() - started
        taken = []
        for number in range(N_DECISIONS):
            started = time.perf_counter()
            app.simulate_key("a" if number % 2 else "r")
            await pilot.pause()
            taken.append(time.perf_counter() - started)
    return opened, taken


def measure_reviewing(folder: Path) -> list[Result]:
    """Return what was found."""
    path = filled(folder)
    with Project(path) as project:
        started = time.perf_counter()
        review = project.review("Ann")
        queue_s = time.perf_counter() - started
        opening_s, taken = asyncio.run(_session(project, review))
    median = statistics.median(taken)
    return [
        Result(
            "review: opening, 200,000 codings",
            queue_s + opening_s,
            LONGEST_OPENING_S,
            unit="s",
            seconds=(("queue", queue_s), ("app", opening_s)),
        ),
        Result(
            "review: a decision until it is seen, median",
            median,
            LONGEST_DECISION_S,
            unit="s",
            seconds=(("slowest", max(taken)),),
        ),
    ]
