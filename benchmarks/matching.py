"""How fast the rule coder is, against a bare automaton pass and spaCy's blank tokenizer.

Run with `python benchmarks/matching.py`. The text is generated: 20-word
segments of English-like words at about their usual rates, pronouns, denials and
the like included. There are three cases: 2,500 made-up patterns with 30,000
forms and one hit in 25 words; the same patterns at the density of hand-coded
texts, about three places in 20 words where all parts of a pattern stand, of
which half count; and the shipped codebooks all together with one hit in 25
words, where one other word in three is out of their patterns. All three ways are
timed in turns in one run; medians of five, and their ratios. The aims for the
made-up patterns are a rule coder 2.5 times, and at the higher density 1.2 times,
as fast as spaCy's tokenizer.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

from qualkit.codebook.compile import compile_codebook
from qualkit.codebook.load import load_codebook, shipped_codebooks
from qualkit.coding import RuleCoder
from qualkit.coding.matcher import RuleMatcher
from qualkit.coding.view import TextView
from qualkit.model import CompiledCode, CompiledCodebook, CompiledRule, Segment

N_PATTERNS = 2_500
N_FORMS = 29_000  # rounded up to whole patterns
N_SEGMENTS = 10_000
WORDS_PER_SEGMENT = 20
WORDS_PER_HIT = 25
WORDS_PER_HIT_CODED = 7.5
# Of the hits in coded texts, what share is denied or only supposed, and for each hit
# how many more that hide a shorter one. (Others are about somebody else.)
SHARE_SPOILT = 0.1
SHARE_LONGER = 0.3
SPOILING = ("no", "not", "never", "without", "could", "might", "hopes to", "would like")
N_RARE = 40_000
KNOWN_SHARE = 1 / 3
N_TURNS = 5
CHECKS = ("failed", "hypothetical", "negation", "others", "plan", "question", "wish")

# Common words with their share of running text, in parts of a thousand.
COMMON_WORDS = """
    the:50 to:28 and:28 of:22 a:22 in:18 was:12 she:12 he:9 her:10 his:7 is:10 for:9 with:8
    they:6 it:9 had:7 i:6 mum:6 not:4 but:4 has:4 when:3 would:3 because:2 could:2 will:2
    didn't:2 no:2 if:2 children:3 school:3 son:2 daughter:2 never:1 wants:1 tried:1 now:2
"""
COMMON = {word: int(n) for word, n in (entry.split(":") for entry in COMMON_WORDS.split())}
SYLLABLES = [first + vowel for first in "bdfghklmnprst" for vowel in "aeio"]


def make_words(generator: random.Random, number: int, syllables: int) -> list[str]:
    """Return that many made-up words, all different."""
    words: dict[str, None] = {}
    while len(words) < number:
        words["".join(generator.choice(SYLLABLES) for _ in range(syllables))] = None
    return list(words)


def make_codebook(generator: random.Random) -> tuple[CompiledCodebook, list[str]]:
    """Return a codebook with the patterns, and the phrases that hit."""
    stems = make_words(generator, N_PATTERNS, 4)
    n_codes = 100
    codes = tuple(
        CompiledCode(f"code-{i}", "barrier", ("any", "parent", "child", "any")[i % 4])
        for i in range(n_codes)
    )
    per_pattern = N_FORMS // N_PATTERNS + 1
    rules = []
    hits = []
    for i, stem in enumerate(stems):
        forms = [stem + ending for ending in ("", "s", "ed", "ing")]
        while len(forms) < per_pattern:
            forms.append(f"{generator.choice(forms[:4])} {generator.choice(SYLLABLES)}x")
        if i % 5:
            parts: tuple[tuple[str, ...], ...] = (tuple(forms),)
            gaps: tuple[int, ...] = ()
            hits.append(stem)
        else:
            parts = (tuple(forms[:6]), tuple(f"{form}y" for form in forms[6:]))
            gaps = (3,)
            hits.append(f"{stem} {forms[6]}y")
        code = i % n_codes
        rule_id = f"barrier.code-{code}#{i}"
        rules.append(CompiledRule(rule_id, code, parts, gaps, checks=CHECKS))
    return CompiledCodebook("benchmark", "", codes, tuple(rules)), hits


def read_shipped(generator: random.Random) -> tuple[list[CompiledCodebook], list[str], list[str]]:
    """Return the shipped codebooks, some phrases that hit, and the words of their patterns."""
    codebooks = [compile_codebook(load_codebook(path)) for path in shipped_codebooks()]
    rules = [rule for codebook in codebooks for rule in codebook.rules if not rule.token]
    hits = []
    for rule in rules:
        forms = [generator.choice(part).rstrip("*") for part in rule.parts]
        hits.append(" ".join(forms))
    words = {word for hit in hits for word in hit.split() if word.isalpha()}
    return codebooks, hits, sorted(words - COMMON.keys())


def make_segments(
    generator: random.Random,
    hits: Sequence[str],
    known: Sequence[str] = (),
    *,
    words_per_hit: float = WORDS_PER_HIT,
) -> list[Segment]:
    """Return segments of running text with one hit in so many words.

    Words that are not common follow Zipf's law over 40,000 words, some of them
    capitalised, as names are, or before a comma or a stop. Where there are `known`
    words, one such word in three is one of them.
    """
    rare = make_words(generator, N_RARE, 3)
    zipf = [1 / rank for rank in range(1, N_RARE + 1)]
    common = list(COMMON)
    n_words = N_SEGMENTS * WORDS_PER_SEGMENT
    share = sum(COMMON.values()) / 1_000
    some_rare = iter(generator.choices(rare, zipf, k=n_words))
    some_common = iter(generator.choices(common, list(COMMON.values()), k=n_words))
    segments = []
    for n in range(N_SEGMENTS):
        words = []
        for _ in range(WORDS_PER_SEGMENT):
            if generator.random() < 1 / words_per_hit:
                word = generator.choice(hits)
            elif generator.random() < share:
                word = next(some_common)
            else:
                word = next(some_rare)
                if known and generator.random() < KNOWN_SHARE:
                    word = generator.choice(known)
                if generator.random() < 0.1:
                    word = word.capitalize()
            words.append(word + ("," if generator.random() < 0.07 else ""))
        middle = WORDS_PER_SEGMENT // 2
        sentences = (" ".join(words[:middle]), " ".join(words[middle:]))
        text = ". ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
        segments.append(Segment(n, n, 1, "msc", "worker", text + "."))
    return segments


def hits_of_coded_texts(
    generator: random.Random, codebook: CompiledCodebook, hits: Sequence[str]
) -> list[str]:
    """Return hits as coded texts have them: some denied or supposed, some over shorter ones."""
    # The last form of a pattern begins with another one, which it hides.
    longer = [rule.parts[0][-1] for rule in codebook.rules if len(rule.parts) == 1]
    mixed = [*hits, *longer[: int(len(hits) * SHARE_LONGER)]]
    return [
        f"{generator.choice(SPOILING)} {hit}" if generator.random() < SHARE_SPOILT else hit
        for hit in mixed
    ]


def count_candidates(codebooks: Sequence[CompiledCodebook], segments: Sequence[Segment]) -> int:
    """Count the places where all parts of a pattern stand, whatever speaks against them."""
    matcher = RuleMatcher(codebooks)
    books = range(len(codebooks))
    return sum(len(matcher.match(TextView(segment.text), books)) for segment in segments)


def all_forms(codebook: CompiledCodebook) -> list[str]:
    """Return every form of every part of every rule."""
    return [form for rule in codebook.rules for part in rule.parts for form in part]


def bare_pass(codebooks: Sequence[CompiledCodebook]) -> Callable[[list[str]], int]:
    """Return a function that only finds forms at the borders of words."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for form in {form for codebook in codebooks for form in all_forms(codebook)}:
        automaton.add_word(form, len(form))
    automaton.make_automaton()

    def count(texts: list[str]) -> int:
        n = 0
        for text in texts:
            lowered = text.lower()
            for last, size in automaton.iter(lowered):
                before, after = last - size, last + 1
                if before >= 0 and lowered[before].isalnum():
                    continue
                if after < len(lowered) and lowered[after].isalnum():
                    continue
                n += 1
        return n

    return count


def compare(name: str, codebooks: Sequence[CompiledCodebook], segments: list[Segment]) -> None:
    """Time the three and print words a second and ratios."""
    import spacy

    texts = [segment.text for segment in segments]
    n_words = sum(len(text.split()) for text in texts)
    n_rules = sum(len(codebook.rules) for codebook in codebooks)
    n_forms = sum(len(all_forms(codebook)) for codebook in codebooks)
    started = time.perf_counter()
    coder = RuleCoder(codebooks)
    built = time.perf_counter() - started
    nlp = spacy.blank("en")
    find = bare_pass(codebooks)
    ways: dict[str, Callable[[], int]] = {
        "rule coder": lambda: sum(len(coder.code_case([segment])) for segment in segments),
        "bare automaton": lambda: find(texts),
        "spaCy tokenizer": lambda: sum(len(doc) for doc in nlp.pipe(texts)),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    results = {}
    for _ in range(N_TURNS):
        for way, run in ways.items():
            started = time.perf_counter()
            results[way] = run()
            times[way].append(time.perf_counter() - started)
    speeds = {way: n_words / statistics.median(taken) for way, taken in times.items()}
    print(f"{name}: {n_words:,} words, {n_rules:,} patterns, {n_forms:,} forms")
    print(f"{results['bare automaton']:,} forms found, {results['rule coder']:,} codings")
    n_candidates = count_candidates(codebooks, segments)
    per_segment = WORDS_PER_SEGMENT / n_words
    print(
        f"in {WORDS_PER_SEGMENT} words: {n_candidates * per_segment:.2f} candidate hits, "
        f"{results['rule coder'] * per_segment:.2f} codings"
    )
    print(f"rule coder built in {built:.2f} s")
    for way, speed in speeds.items():
        print(f"{way:16} {speed:12,.0f} words/s")
    coder_speed = speeds["rule coder"]
    print(f"rule coder to spaCy tokenizer: {coder_speed / speeds['spaCy tokenizer']:.2f}")
    print(f"rule coder to bare automaton:  {coder_speed / speeds['bare automaton']:.2f}")


def main() -> None:
    """Compare the three with made-up patterns, sparse and dense, and the shipped codebooks."""
    generator = random.Random(7)
    codebook, hits = make_codebook(generator)
    compare("made-up patterns", [codebook], make_segments(generator, hits))
    print()
    coded = hits_of_coded_texts(generator, codebook, hits)
    segments = make_segments(generator, coded, words_per_hit=WORDS_PER_HIT_CODED)
    compare("made-up patterns, dense", [codebook], segments)
    print()
    codebooks, hits, known = read_shipped(generator)
    compare("shipped codebooks", codebooks, make_segments(generator, hits, known))


if __name__ == "__main__":
    main()
