"""Coding on several cores: workers read cases from the project file and code them; one writes.

A worker is told only from which case to which; it reads the texts itself and
sends codings back, since shipping texts between processes costs more than it saves.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeAlias

from qualkit.codebook.compile import read_compiled
from qualkit.errors import QualkitError
from qualkit.model import ProposedCoding, Segment
from qualkit.store import codebooks, codings
from qualkit.store.connection import open_connection

Batch: TypeAlias = list[list[Segment]]

WORTH_SEGMENTS = 50_000
"""Fewer are coded before a second process has begun to pay."""
_MOST_WORKERS = 8
# Batches given to a worker before its first result is waited for; more would only take memory.
_AHEAD = 2


def suitable_workers(n_segments: int) -> int:
    """Return how many processes are worth it for so many segments on this machine."""
    if n_segments < WORTH_SEGMENTS:
        return 1
    usable = getattr(os, "process_cpu_count", os.cpu_count)() or 1
    return min(_MOST_WORKERS, usable)


def code_in_processes(
    path: Path,
    version_keys: Sequence[int],
    spacy_model: str | None,
    batches: Iterable[Batch],
    workers: int,
) -> Iterator[tuple[Batch, list[ProposedCoding]]]:
    """Yield each batch of cases with its codings, in the order given.

    Parameters
    ----------
    path : Path
        The project file; the workers read what is committed in it.
    version_keys : sequence of int
        Rows of the codebook versions to code with.
    batches : iterable of batches
        Cases in order of their rows.

    Raises
    ------
    QualkitError
        A worker ended before its time.
    """
    team: list[_Worker] = []
    pending: deque[tuple[Batch, _Worker]] = deque()
    try:
        with _deaf_to_interrupts():
            # All or none: one that is started must be in the team, to be ended with it.
            for _ in range(workers):
                team.append(_Worker(path, tuple(version_keys), spacy_model))
        for number, batch in enumerate(batches):
            if len(pending) >= workers * _AHEAD:
                done, worker = pending.popleft()
                yield done, worker.result()
            # In turns: what a worker is given first it answers first.
            worker = team[number % workers]
            worker.give(batch[0][0].case_id, batch[-1][0].case_id)
            pending.append((batch, worker))
        while pending:
            done, worker = pending.popleft()
            yield done, worker.result()
    except (EOFError, BrokenPipeError, ConnectionResetError) as error:
        raise QualkitError(
            "a process that was coding ended before its time, so nothing was coded",
            where=str(path),
            to_do="free some memory and code again, or use one process: --workers 1",
        ) from error
    finally:
        for worker in team:
            worker.end()


class _Worker:
    """One process that codes, as the one that writes sees it."""

    def __init__(self, path: Path, version_keys: tuple[int, ...], spacy_model: str | None) -> None:
        # A fork would copy locks and threads of this process in whatever state they are.
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_work, args=(theirs, path, version_keys, spacy_model), daemon=True
        )
        self.process.start()
        theirs.close()

    def give(self, first: int, last: int) -> None:
        """Have the cases from one row to another coded."""
        self._line.send((first, last))

    def result(self) -> list[ProposedCoding]:
        """Return what came of the cases given first; raises EOFError when the process is gone."""
        found = self._line.recv()
        if isinstance(found, BaseException):
            raise found
        return [ProposedCoding(*fields) for fields in found]

    def end(self) -> None:
        """End the process, whatever it is doing: it only reads."""
        self.process.kill()
        self.process.join()
        self._line.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that never hear Ctrl-C: this one hears it, and ends them."""
    set_mask = getattr(signal, "pthread_sigmask", None)
    if set_mask is None:
        yield
        return
    # It is started with the first process, and would take the mask off again.
    resource_tracker.ensure_running()
    before = set_mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        set_mask(signal.SIG_SETMASK, before)


def _work(
    line: Connection, path: Path, version_keys: Sequence[int], spacy_model: str | None
) -> None:
    """Code what is asked for until the other end closes; runs in a process of its own."""
    from qualkit.coding.engine import RuleCoder

    _end_with_parent()
    try:
        connection = open_connection(path, create=False)
        coder = RuleCoder(
            [read_compiled(codebooks.fetch_compiled(connection, key)) for key in version_keys],
            spacy_model=spacy_model,
        )
        while True:
            first, last = line.recv()
            # Plain tuples are sent in half the time of records.
            line.send(
                [
                    _fields(proposal)
                    for case in codings.iterate_cases(connection, first=first, last=last)
                    for proposal in coder.code_case(case)
                ]
            )
    except EOFError:
        return
    except Exception as error:
        # Raised again where it is waited for; the process has nothing to say it to.
        line.send(error)


def _fields(proposal: ProposedCoding) -> tuple[object, ...]:
    return (
        proposal.segment_id,
        proposal.category,
        proposal.code_id,
        proposal.start,
        proposal.end,
        proposal.score,
        proposal.rule,
    )


def _end_with_parent() -> None:
    """End this process when the one that started it ends, however it does."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
