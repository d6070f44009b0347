"""Coding with the learned layer: its time beside the promise, and the encoder beside others."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from coding import copy_project
from corpora import DENSITIES, texts, write_table
from importing import load_plainly
from measure import Result, Timing, compare, in_child, in_turns, say, timed

from qualkit import Project
from qualkit.coding.encoder import DEFAULT, Encoder, find_encoder, semantic_installed
from qualkit.coding.passages import Passage
from qualkit.project.learning import LearningOptions

LIMIT_S = 20 * 60 / 100_000
"""Seconds a segment: twenty minutes for 100,000 on two cores."""
MEMORY_MB = 1_500
ENCODED = 2_000


def make_project(database: Path, table: Path, semantic: bool) -> None:
    """Make a project of uncoded texts that has learned from the shipped examples."""
    with Project(database, create=True) as project:
        load_plainly(project.connection, table)
        project.load_shipped_codebooks()
        project.learn(LearningOptions(semantic=semantic, tune=False))
        project.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def code_project(database: Path, method: str) -> Timing:
    """Time the coding of a project."""
    with Project(database) as project:
        timing = timed(lambda: project.code(method=method))
    return Timing(timing.wall_s, timing.cpu_s, 0.0, sum(result.codings for result in timing.value))


def encode(n: int) -> Timing:
    """Time the vectors of texts by the program's own encoder."""
    own = Encoder(find_encoder(), DEFAULT)
    passages = [Passage("", text, ((0, len(text)),)) for text in islice(_texts(n), n)]
    own.encode(passages[:50])
    return timed(lambda: len(own.encode(passages)))


def encode_by_others(n: int) -> Timing:
    """Time the same by sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_encoder()), device="cpu")
    given = list(islice(_texts(n), n))
    model.encode(given[:50])
    return timed(lambda: len(model.encode(given, batch_size=32)))


def _texts(n: int) -> Iterator[str]:
    return texts(DENSITIES["gold"], n)


def measure_semantic(folder: Path, sizes: tuple[int, ...], turns: int) -> Iterator[Result]:
    """Yield the time of coding by both, with and without vectors, and of the encoder alone."""
    for semantic in (False, True):
        if semantic and not semantic_installed():
            say("qualkit[semantic] is not installed: not measured")
            return
        how = "words and vectors" if semantic else "words"
        for size in sizes:
            yield from _coding(folder, size, how, semantic=semantic)
    ways = {"qualkit": lambda: in_child(encode, ENCODED)}
    if find_spec("sentence_transformers"):
        ways["sentence-transformers"] = lambda: in_child(encode_by_others, ENCODED)
    found = in_turns(ways, turns)
    if len(found) == 2:
        (own, by_own), (other, by_other) = found.items()
        subject = f"vectors of {ENCODED:,} texts"
        yield compare(subject, (own, by_own), (other, by_other), limit=1.0)


def _coding(folder: Path, size: int, how: str, *, semantic: bool) -> Iterator[Result]:
    table, ready, coded = folder / "semantic.csv", folder / "ready.db", folder / "coded.db"
    write_table(table, DENSITIES["gold"], size, form=False)
    ready.unlink(missing_ok=True)
    in_child(make_project, ready, table, semantic)
    say(f"coding of {size:,} segments by rules, {how}")
    first = in_child(code_project, copy_project(ready, coded), "both")
    again = in_child(code_project, coded, "both")
    if first.value != again.value:
        raise SystemExit("a second run found other codings")
    subject = f"code by rules, {how}, {size:,} segments"
    yield Result(
        f"{subject}, to 20 minutes for 100,000",
        first.wall_s / (LIMIT_S * size),
        1.0,
        seconds=[("code", first.wall_s)],
        note=f"{first.value:,} codings; one turn only",
    )
    yield Result(f"{subject}, peak memory", first.peak_mb, MEMORY_MB, unit="MB")
    yield Result(
        f"{subject}, a second time to the first",
        again.wall_s / first.wall_s,
        1.0,
        seconds=[("again", again.wall_s)],
    )
