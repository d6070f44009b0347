"""The rule coder beside spaCy's tokenizer and other ways to find the same patterns."""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpora import DENSITIES, Density, patterns, texts
from matching import bare_pass
from measure import Result, Timing, compare, in_child, in_turns, say, timed

from qualkit.coding import RuleCoder
from qualkit.model import CompiledCodebook, Segment

LEAST = {"low": 2.5, "gold": 1.2}
SAMPLE = 30
_QUANTEDA = """
suppressPackageStartupMessages(library(quanteda))
quanteda_options(threads = 1)
given <- commandArgs(trailingOnly = TRUE)
texts <- readLines(given[1], encoding = "UTF-8")
forms <- read.delim(given[2], header = FALSE, quote = "", colClasses = "character")
lookup <- dictionary(split(forms[[2]], forms[[1]]))
for (turn in seq_len(as.integer(given[3]))) {
  started <- proc.time()[["elapsed"]]
  found <- tokens_lookup(tokens(texts), lookup, valuetype = "fixed")
  cat(proc.time()[["elapsed"]] - started, "\\n")
}
"""


def measure_finding(folder: Path, n_segments: int, turns: int) -> list[Result]:
    """Return the ratios of both densities, with the densities themselves."""
    results: list[Result] = []
    for density in DENSITIES.values():
        say(f"finding patterns in {n_segments:,} segments, {density.name} density")
        results += in_child(find_in_turns, density, n_segments, turns)
    return results + _beside_quanteda(folder, n_segments, turns)


def find_in_turns(density: Density, n_segments: int, turns: int) -> list[Result]:
    """Time every way over the same texts, turn by turn."""
    import spacy

    codebook, _ = patterns()
    coder, find, nlp = RuleCoder([codebook]), bare_pass([codebook]), spacy.blank("en")
    made = list(texts(density, n_segments))
    segments = [Segment(n, n, 1, "msc", "worker", text) for n, text in enumerate(made)]
    ways: dict[str, Callable[[], int]] = {
        "rule coder": lambda: sum(len(coder.code_case([segment])) for segment in segments),
        "spaCy tokenizer": lambda: sum(len(doc) for doc in nlp.pipe(made)),
        "automaton": lambda: find(made),
    }
    for way in ways.values():
        way()  # what is imported or built at first use
    found = in_turns({name: lambda way=way: timed(way) for name, way in ways.items()}, turns)
    n_words = sum(len(text.split()) for text in made)
    own = ("rule coder", found["rule coder"])
    of = f"rule coder to %s, {density.name} density"
    speed = n_words / statistics.median(timing.wall_s for timing in own[1])
    return [
        _times_as_fast(
            of % "spaCy's tokenizer",
            own,
            ("spaCy", found["spaCy tokenizer"]),
            LEAST[density.name],
            note=f"{speed:,.0f} words a second",
        ),
        _times_as_fast(of % "a bare automaton", own, ("automaton", found["automaton"])),
        _beside_matcher(codebook, coder, nlp, segments[:SAMPLE], of % "spaCy's Matcher"),
        *_densities(density, coder, segments, n_words),
    ]


def _times_as_fast(
    subject: str,
    own: tuple[str, list[Timing]],
    other: tuple[str, list[Timing]],
    least: float | None = None,
    note: str = "",
) -> Result:
    found = compare(subject, other, own, note=note)
    return Result(subject, found.value, least, True, seconds=found.seconds, note=found.note)


def _densities(
    density: Density, coder: RuleCoder, segments: list[Segment], n_words: int
) -> list[Result]:
    """Return how thick hits and codings stand, as measured and not as meant.

    Hits are the places where all parts of a pattern stand, before the checks of
    context, less those that a longer hit of the same code hides.
    """
    n_hits = sum(len(coder.judge_case([segment])) for segment in segments)
    n_codings = sum(len(coder.code_case([segment])) for segment in segments)
    in_20_words = 20 / n_words
    return [
        Result(f"hits in 20 words, {density.name} density", n_hits * in_20_words, unit=""),
        Result(f"codings in 20 words, {density.name} density", n_codings * in_20_words, unit=""),
    ]


def _beside_matcher(
    codebook: CompiledCodebook, coder: RuleCoder, nlp: Any, segments: list[Segment], subject: str
) -> Result:
    """Compare with the same patterns as LOWER tokens, on a sample: it is slow."""
    from spacy.matcher import Matcher

    matcher = Matcher(nlp.vocab)
    for rule in codebook.rules:
        matcher.add(rule.rule_id, _token_patterns(rule.parts, rule.gaps))
    made = [segment.text for segment in segments]
    found = in_turns(
        {
            "rule coder": lambda: timed(
                lambda: sum(len(coder.code_case([segment])) for segment in segments)
            ),
            "Matcher": lambda: timed(lambda: sum(len(matcher(doc)) for doc in nlp.pipe(made))),
        },
        3,
    )
    own, other = ("rule coder", found["rule coder"]), ("Matcher", found["Matcher"])
    return _times_as_fast(subject, own, other, note=f"{len(segments)} segments")


def _token_patterns(
    parts: tuple[tuple[str, ...], ...], gaps: tuple[int, ...]
) -> list[list[dict[str, Any]]]:
    """Return Matcher patterns for every sequence of forms: words of one together, phrases apart."""
    sequences: list[list[dict[str, Any]]] = [[]]
    for i, forms in enumerate(parts):
        words = [form for form in forms if " " not in form]
        phrases = [[{"LOWER": word} for word in form.split()] for form in forms if " " in form]
        ways: list[list[dict[str, Any]]] = [[{"LOWER": {"IN": words}}]] if words else []
        gap = [{"OP": "?"}] * gaps[i - 1] if i else []
        sequences = [[*before, *gap, *way] for before in sequences for way in [*ways, *phrases]]
    return sequences


def _beside_quanteda(folder: Path, n_segments: int, turns: int) -> list[Result]:
    """Compare with quanteda's dictionary lookup, where R has it; one thread, no context."""
    rscript = shutil.which("Rscript")
    asked = [rscript or "", "-e", "library(quanteda)"]
    if not rscript or subprocess.run(asked, capture_output=True).returncode:
        say("quanteda is not installed: not measured")
        return []
    codebook, _ = patterns()
    made = list(texts(DENSITIES["low"], n_segments))
    script, text_file, form_file = (folder / name for name in ("q.R", "texts.txt", "forms.tsv"))
    script.write_text(_QUANTEDA, encoding="utf-8")
    text_file.write_text("\n".join(made) + "\n", encoding="utf-8")
    form_file.write_text(
        "".join(
            f"r{n}\t{form}\n"
            for n, rule in enumerate(codebook.rules)
            for part in rule.parts
            for form in part
        ),
        encoding="utf-8",
    )
    command = [rscript, str(script), str(text_file), str(form_file), str(turns)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    theirs = [Timing(float(line), float(line)) for line in output.split()]
    own = in_child(_time_coder, made, turns)
    return [
        _times_as_fast(
            "rule coder to quanteda's lookup, low density",
            ("rule coder", own),
            ("quanteda", theirs),
        )
    ]


def _time_coder(made: list[str], turns: int) -> list[Timing]:
    codebook, _ = patterns()
    coder = RuleCoder([codebook])
    segments = [Segment(n, n, 1, "msc", "worker", text) for n, text in enumerate(made)]
    timings = [
        timed(lambda: sum(len(coder.code_case([segment])) for segment in segments))
        for _ in range(turns + 1)
    ]
    return timings[1:]
