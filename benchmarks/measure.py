"""Timing in turns, work in child processes, and the table of what was found.

Every promise is a ratio of two ways to do the same work, timed in turns in one
run, so that a busy machine slows both. Work with files runs in a child process
each time: its peak memory is its own, and nothing is kept warm by chance.
"""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WORD = {True: "kept", False: "MISSED"}


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one piece of work, the memory it took at most, and what it gave."""

    wall_s: float
    cpu_s: float
    peak_mb: float = 0.0
    value: Any = None


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table.

    Attributes
    ----------
    subject : str
        What was measured, of what material.
    value, limit : float
        The figure, and what it must not pass; no limit where it is None.
    least : bool
        The limit is the least allowed, otherwise the most.
    unit : str
        "x" for a ratio.
    seconds : sequence of (name, float)
        The medians behind a ratio.
    """

    subject: str
    value: float
    limit: float | None = None
    least: bool = False
    unit: str = "x"
    seconds: Sequence[tuple[str, float]] = ()
    note: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.least else self.value <= self.limit


def say(text: str) -> None:
    """Write a line on what is being done."""
    print(text, file=sys.stderr, flush=True)


def timed(work: Callable[[], Any]) -> Timing:
    """Do the work once, here."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = work()
    return Timing(time.perf_counter() - wall, time.process_time() - cpu, 0.0, value)


def in_turns(ways: Mapping[str, Callable[[], Timing]], turns: int) -> dict[str, list[Timing]]:
    """Do each way once a turn, turn by turn."""
    timings: dict[str, list[Timing]] = {name: [] for name in ways}
    for turn in range(turns):
        for name, work in ways.items():
            timing = work()
            timings[name].append(timing)
            say(f"  turn {turn + 1} of {turns}: {name} {timing.wall_s:.2f} s")
    return timings


def median_s(timings: Sequence[Timing]) -> float:
    """Return the median wall time."""
    return statistics.median(timing.wall_s for timing in timings)


def median_cpu_s(timings: Sequence[Timing]) -> float:
    """Return the median processor time."""
    return statistics.median(timing.cpu_s for timing in timings)


def compare(
    subject: str,
    own: tuple[str, Sequence[Timing]],
    other: tuple[str, Sequence[Timing]],
    *,
    limit: float | None = None,
    note: str = "",
    one_process: bool = True,
) -> Result:
    """Return how many times as long the one takes as the other, by medians.

    The ratio by processor time stands beside it: where the two differ much,
    other programs were busy, and the run says little. It is left out where work
    is handed to further processes, whose time is not counted.
    """
    seconds = [(name, median_s(timings)) for name, timings in (own, other)]
    by_cpu = median_cpu_s(own[1]) / median_cpu_s(other[1])
    notes = [note] if note else []
    turns = len(own[1])
    if one_process:
        notes.append(f"by processor time {by_cpu:.2f}")
    notes.append(f"{turns} turns" if turns > 1 else "one turn only")
    return Result(
        subject, seconds[0][1] / seconds[1][1], limit, seconds=seconds, note="; ".join(notes)
    )


def in_child(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do the work in a process of its own; return what it gives.

    `work` must be a function of a module. A `Timing` gets the process's peak
    memory, imports and all.
    """
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(send, work, arguments))
    process.start()
    send.close()
    try:
        value = receive.recv()
    except EOFError:
        value = None
    process.join()
    if process.exitcode:
        raise SystemExit(f"{work.__name__} failed in its process (exit {process.exitcode})")
    return value


def _report(send: Any, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    value = work(*arguments)
    if isinstance(value, Timing):
        # Kilobytes, but bytes on macOS.
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
        value = Timing(value.wall_s, value.cpu_s, peak, value.value)
    send.send(value)


def as_markdown(sections: Mapping[str, Sequence[Result]], about: Sequence[str]) -> str:
    """Return the results as a page of Markdown tables."""
    lines = ["# Benchmarks", "", *about, ""]
    for title, results in sections.items():
        lines += [
            f"## {title}",
            "",
            "| what | found | limit | | medians |",
            "|---|---|---|---|---|",
        ]
        lines += ["| " + " | ".join(_cells(result)) + " |" for result in results]
        lines.append("")
    return "\n".join(lines)


def as_text(title: str, results: Sequence[Result]) -> str:
    """Return the results of a section for the terminal."""
    lines = [title]
    for result in results:
        subject, found, limit, kept, seconds = _cells(result)
        lines.append(f"  {subject:<58} {found:>10}  {limit:<14} {kept:<7} {seconds}")
    return "\n".join(lines)


def _cells(result: Result) -> tuple[str, str, str, str, str]:
    limit = ""
    if result.limit is not None:
        limit = f"at {'least' if result.least else 'most'} {result.limit:g}"
    kept = "" if result.kept is None else WORD[result.kept]
    seconds = ", ".join(f"{name} {_seconds(value)}" for name, value in result.seconds)
    more = "; ".join(part for part in (seconds, result.note) if part)
    number = f"{result.value:,.0f}" if result.value >= 100 else f"{result.value:,.2f}"
    return result.subject, f"{number} {result.unit}".strip(), limit, kept, more


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 0.1 else f"{value * 1000:.1f} ms"
