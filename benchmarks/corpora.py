"""Material for the benchmarks: texts of two densities, tables and projects, all seeded.

Texts are segments of about 20 English-like words at about their usual rates
(Zipf's law over 40,000 made-up words, pronouns, denials and the like among the
common ones). `LOW` has one hit in 25 words, all plain. `GOLD` is as dense as
texts coded by hand: about three places in 20 words where all parts of a pattern
stand, half of which fall to a denial, a wish, an `if` or to whom they are about.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from matching import COMMON, make_codebook, make_words

from qualkit import Project
from qualkit.codebook.compile import dump_compiled
from qualkit.importers.relevance import DOMAINS
from qualkit.model import Code, Codebook, CompiledCodebook
from qualkit.store.codebooks import save_codebook

SEED = 7
WORDS_PER_SEGMENT = 20
N_RARE = 40_000
CAPITAL_SHARE = 0.1
COMMA_SHARE = 0.07
TEXTS_PER_CASE = 5
QUESTIONS = (
    "What was life like before?",
    "What did the worker do?",
    "What else helped?",
    "What changed?",
    "Why does it matter?",
)
DOMAIN_HEADERS = {domain: f"Relevance: {names[0]}" for domain, names in DOMAINS.items()}
LEVELS = ("not", "fairly", "very")


@dataclass(frozen=True, slots=True)
class Density:
    """How thick the hits stand: their share of all words drawn, and what goes before them."""

    name: str
    hit_share: float
    before: tuple[str, ...]
    n_words: int
    """Words drawn a segment; a hit with what goes before it is one of them."""


LOW = Density("low", 1 / 25, ("",), WORDS_PER_SEGMENT)
GOLD = Density("gold", 0.17, (*[""] * 10, "not ", "if she ", "wants to "), 18)
DENSITIES = {density.name: density for density in (LOW, GOLD)}


@cache
def patterns() -> tuple[CompiledCodebook, tuple[str, ...]]:
    """Return the codebook of made-up patterns and the phrases that hit."""
    codebook, hits, *_ = make_codebook(random.Random(SEED))
    return codebook, tuple(hits)


def texts(density: Density, number: int, *, seed: int = SEED) -> Iterator[str]:
    """Yield so many segments of running text."""
    generator = random.Random(seed)
    words, weights = _vocabulary(density)
    middle = density.n_words // 2
    for _ in range(number):
        drawn = generator.choices(words, cum_weights=weights, k=density.n_words)
        first, second = " ".join(drawn[:middle]), " ".join(drawn[middle:])
        first, second = first.rstrip(","), second.rstrip(",")
        yield f"{first[0].upper()}{first[1:]}. {second[0].upper()}{second[1:]}."


@cache
def _vocabulary(density: Density) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return all that a draw may give, with its share summed up, as `choices` wants it."""
    shares: dict[str, float] = {}
    common_share = sum(COMMON.values()) / 1_000
    running = 1 - density.hit_share
    for word, thousandths in COMMON.items():
        shares[word] = running * thousandths / 1_000
    rare = make_words(random.Random(SEED + 1), N_RARE, 3)
    zipf = [1 / rank for rank in range(1, N_RARE + 1)]
    left = running * (1 - common_share) / sum(zipf)
    for word, weight in zip(rare, zipf, strict=True):
        share = left * weight
        shares[word] = share * (1 - CAPITAL_SHARE)
        shares[word.capitalize()] = share * CAPITAL_SHARE
    _, hits = patterns()
    for hit in hits:
        for start in density.before:
            phrase = start + hit
            share = density.hit_share / len(hits) / len(density.before)
            shares[phrase] = shares.get(phrase, 0) + share
    words, weights = [], []
    for word, share in shares.items():
        words += [word, f"{word},"]
        weights += [share * (1 - COMMA_SHARE), share * COMMA_SHARE]
    return tuple(words), tuple(accumulate(weights))


# --- tables -----------------------------------------------------------------------


def write_table(path: Path, density: Density, n_segments: int, *, form: bool) -> None:
    """Write a CSV of narratives with five texts each.

    With `form` it has the other columns of an MSC form too: reference, quarter,
    locality, and the declared relevance of the ten domains.
    """
    generator = random.Random(SEED)
    few = [f"Place {letter}" for letter in "ABCDEFG"]
    source = texts(density, n_segments)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        front = ["UFRN", "Quarter", "Locality"] if form else []
        writer.writerow(["Case", *front, *QUESTIONS, *(DOMAIN_HEADERS.values() if form else ())])
        n_rows = n_segments // TEXTS_PER_CASE
        for n in range(n_rows):
            row = [f"M{n:07d}"]
            if form:
                row += [f"F{generator.randrange(n_rows):06d}", "2017Q2", generator.choice(few)]
            row += [next(source) for _ in QUESTIONS]
            if form:
                row += generator.choices(LEVELS, k=len(DOMAIN_HEADERS))
            writer.writerow(row)


# --- codebooks in a project ---------------------------------------------------------


def save_patterns(project: Project) -> None:
    """Load the codebook of made-up patterns into a project, as its file would be."""
    compiled, _ = patterns()
    codes = [Code(code.code_id, code.category, code.code_id) for code in compiled.codes]
    save_plain_codebook(project, compiled.name, codes, dump_compiled(compiled))


def save_plain_codebook(
    project: Project, name: str, codes: Sequence[Code], compiled: str = ""
) -> None:
    """Load a codebook that has no file."""
    codebook = Codebook(name, "1", name, tuple(codes))
    save_codebook(project.connection, codebook, compiled)
