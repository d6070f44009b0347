"""Coding with the learned layer: its time beside the promise, and the encoder beside others.

The texts are sentences of the demonstration corpus, two or more drawn at random for a segment
of at least 20 words, some 35 on average, hardly two alike. Made-up words, which serve the other
sections, an encoder reads in pieces, three times as many as a text of that length has.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from coding import copy_project
from corpora import QUESTIONS, SEED, TEXTS_PER_CASE, WORDS_PER_SEGMENT
from importing import load_plainly
from measure import Result, Timing, compare, in_child, in_turns, say, timed

from qualkit import Project
from qualkit.coding.encoder import DEFAULT, Encoder, find_encoder, semantic_installed
from qualkit.coding.passages import Passage, sentences
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
    passages = [Passage("", text, ((0, len(text)),)) for text in natural_texts(n)]
    own.encode(passages[:50])
    return timed(lambda: len(own.encode(passages)))


def encode_by_others(n: int) -> Timing:
    """Time the same by sentence-transformers."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_encoder()), device="cpu")
    given = list(natural_texts(n))
    model.encode(given[:50])
    return timed(lambda: len(model.encode(given, batch_size=32)))


def natural_texts(n: int) -> Iterator[str]:
    """Yield so many segments of sentences of the corpus."""
    generator = random.Random(SEED)
    path = Path(__file__).resolve().parent.parent / "corpus" / "narratives.csv"
    found = set[str]()
    with path.open(encoding="utf-8-sig", newline="") as source:
        for row in csv.DictReader(source):
            for header, text in row.items():
                if header.endswith("?"):
                    found |= {text[start:end] for start, end in sentences(text)}
    known = sorted(found)
    for _ in range(n):
        drawn = generator.choices(known, k=2)
        while sum(len(own.split()) for own in drawn) < WORDS_PER_SEGMENT:
            drawn.append(generator.choice(known))
        yield " ".join(drawn)


def write_natural_table(path: Path, n: int) -> None:
    """Write a CSV of narratives with five such texts each."""
    source = natural_texts(n)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["Case", *QUESTIONS])
        for number in range(n // TEXTS_PER_CASE):
            writer.writerow([f"M{number:07d}", *(next(source) for _ in QUESTIONS)])


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
    write_natural_table(table, size)
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
        # Only vectors are kept; words are read again.
        1.0 if semantic else None,
        seconds=[("again", again.wall_s)],
    )
