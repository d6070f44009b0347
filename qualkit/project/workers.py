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
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from qualkit.codebook.compile import read_compiled
from qualkit.errors import QualkitError
from qualkit.model import ProposedCoding, Segment
from qualkit.store import codebooks, codings
from qualkit.store.connection import open_connection

if TYPE_CHECKING:
    from qualkit.coding.engine import RuleCoder
    from qualkit.store.writing import ProjectConnection

Batch: TypeAlias = list[list[Segment]]

WORTH_SEGMENTS = 20_000
"""Fewer are coded before a second process has started."""
_MOST_WORKERS = 8
# Batches ahead of the writing, for each worker; more would only take memory.
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
    pool = ProcessPoolExecutor(
        workers,
        # A fork would copy locks and threads of this process in whatever state they are.
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(path, tuple(version_keys), spacy_model),
    )
    pending: deque[tuple[Batch, Future[list[ProposedCoding]]]] = deque()
    try:
        for batch in batches:
            first, last = batch[0][0].case_id, batch[-1][0].case_id
            with _deaf_to_interrupts():
                pending.append((batch, pool.submit(_code, first, last)))
            if len(pending) > workers * _AHEAD:
                done, future = pending.popleft()
                yield done, future.result()
        while pending:
            done, future = pending.popleft()
            yield done, future.result()
    # A pool that breaks while it is given work may say so with an OSError of its own.
    except (BrokenProcessPool, OSError) as error:
        raise QualkitError(
            "a process that was coding ended before its time, so nothing was coded",
            where=str(path),
            to_do="free some memory and code again, or use one process: --workers 1",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that never hear Ctrl-C: this one hears it, and ends them."""
    set_mask = getattr(signal, "pthread_sigmask", None)
    if set_mask is None:
        yield
        return
    before = set_mask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        set_mask(signal.SIG_SETMASK, before)


class _Worker:
    """What a worker process holds from one batch to the next."""

    coder: RuleCoder
    connection: ProjectConnection


def _start(path: Path, version_keys: Sequence[int], spacy_model: str | None) -> None:
    from qualkit.coding.engine import RuleCoder

    _end_with_parent()
    _Worker.connection = open_connection(path, create=False)
    compiled = [
        read_compiled(codebooks.fetch_compiled(_Worker.connection, key)) for key in version_keys
    ]
    _Worker.coder = RuleCoder(compiled, spacy_model=spacy_model)


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


def _code(first: int, last: int) -> list[ProposedCoding]:
    return [
        proposal
        for case in codings.iterate_cases(_Worker.connection, first=first, last=last)
        for proposal in _Worker.coder.code_case(case)
    ]
