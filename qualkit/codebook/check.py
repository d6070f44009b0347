"""Doubts about a codebook that loads, and the lint of its examples.

The lint asks whether each example is found by its own code's patterns and each
counter-example is not. An example may be in a worker's or a parent's voice; a
counter-example is read as a worker's. The lint tests patterns against the
author's own sentences, nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from qualkit.codebook.compile import compile_codebook
from qualkit.codebook.examples import examples_file, load_examples, near_duplicates, too_few
from qualkit.codebook.lists import names_used
from qualkit.codebook.load import LoadedCodebook
from qualkit.codebook.phrases import parse_phrase
from qualkit.codebook.words import EVERYDAY
from qualkit.errors import CodebookError
from qualkit.model import Code, Codebook, CompiledCodebook, Pattern, Problem, Role

LEAST_EXAMPLES = 3
LEAST_COUNTER_EXAMPLES = 2

Find: TypeAlias = Callable[[CompiledCodebook, Sequence[str], str], list[set[tuple[str, str]]]]


def check_codebook(
    codebook: Codebook | LoadedCodebook, *, shipped: bool = False, find: Find | None = None
) -> list[Problem]:
    """Return every doubt about a codebook, by line.

    Parameters
    ----------
    codebook : Codebook or LoadedCodebook
        As loaded; with a `LoadedCodebook` the lint names the examples' lines,
        else the line of their code.
    shipped : bool
        Whether missing definitions, notes, patterns and examples are errors,
        as in the codebooks shipped with qualkit, not warnings.
    find : callable, optional
        The coding engine: given the compiled codebook, texts and the role of
        whoever speaks in them, it returns the set of (category, code id) found
        in each text. Without it there is no lint.

    Returns
    -------
    list of Problem
        Levels `error`, `warning` and `lint`.
    """
    loaded = codebook if isinstance(codebook, LoadedCodebook) else LoadedCodebook(codebook)
    book = loaded.codebook
    problems = [
        *_incomplete_codes(book, shipped=shipped),
        *_repeated_patterns(book),
        *_unused_lists(book),
        *_example_doubts(loaded, shipped=shipped),
    ]
    if not loaded.declares_checks:
        text = (
            "the field 'checks' is left out, so what is denied, planned or wished for is coded "
            "too (checks: [] if it is to be)"
        )
        problems.append(Problem(book.path, 1, text, level="warning"))
    try:
        compiled = compile_codebook(book)
    except CodebookError as error:
        problems += [problem for problem in error.problems if isinstance(problem, Problem)]
    else:
        problems += _bare_words(book, compiled)
        if find is not None:
            problems += _lint(loaded, compiled, find)
    return sorted(problems, key=lambda problem: (problem.line, problem.level, problem.text))


def _incomplete_codes(codebook: Codebook, *, shipped: bool) -> Iterator[Problem]:
    level = "error" if shipped else "warning"
    for code in codebook.codes:
        missing = [
            field for field in ("definition", "include", "exclude") if not getattr(code, field)
        ]
        if not code.patterns:
            missing.append("patterns")
        if len(code.examples) < LEAST_EXAMPLES:
            missing.append(f"examples ({len(code.examples)} of at least {LEAST_EXAMPLES})")
        if len(code.counter_examples) < LEAST_COUNTER_EXAMPLES:
            found = len(code.counter_examples)
            missing.append(f"counter_examples ({found} of at least {LEAST_COUNTER_EXAMPLES})")
        if missing:
            text = "lacks " + ", ".join(missing)
            yield Problem(codebook.path, code.line, text, code.code_id, level)


def _example_doubts(loaded: LoadedCodebook, *, shipped: bool) -> Iterator[Problem]:
    """Yield near-duplicates of the examples file, and where shipped, codes with too few."""
    codes = [(code.category, code.code_id) for code in loaded.codebook.codes]
    level = "error" if shipped else "warning"
    if loaded.examples is not None:
        for (_, code), first, second in near_duplicates(loaded.examples, codes):
            text = f"shares over half of its content words with line {first}"
            yield Problem(loaded.examples.file, second, text, code, level)
    if not shipped:
        return
    # A text names the codes of other codebooks too, so all files of the folder count.
    folder = examples_file(Path(loaded.codebook.path)).parent
    lines = {(code.category, code.code_id): code.line for code in loaded.codebook.codes}
    sets = [
        loaded.examples
        if loaded.examples is not None and path == Path(loaded.examples.file)
        else load_examples(path, ())
        for path in sorted(folder.glob("*.jsonl"))
    ]
    for key, text in too_few(sets, codes):
        yield Problem(loaded.codebook.path, lines[key], text, key[1], "error")


def _repeated_patterns(codebook: Codebook) -> Iterator[Problem]:
    """Yield a warning for each pattern that says the same as an earlier one."""
    first: dict[tuple[object, ...], tuple[Code, Pattern]] = {}
    for code in codebook.codes:
        for pattern in code.patterns:
            checks = codebook.checks if pattern.checks is None else pattern.checks
            key = (
                code.category,
                code.about,
                parse_phrase(pattern.match) if pattern.match else pattern.token,
                frozenset(pattern.needs),
                frozenset(pattern.unless),
                pattern.negation,
                frozenset(checks),
            )
            if key not in first:
                first[key] = (code, pattern)
                continue
            other, earlier = first[key]
            place = "above" if other is code else f"under '{other.code_id}'"
            text = f"the same pattern stands {place} on line {earlier.line}"
            yield Problem(codebook.path, pattern.line, text, code.code_id, "warning")


def _unused_lists(codebook: Codebook) -> Iterator[Problem]:
    phrases = [
        phrase
        for code in codebook.codes
        for pattern in code.patterns
        for phrase in (pattern.match, *pattern.needs, *pattern.unless)
        if phrase
    ]
    used = names_used(phrases, codebook.lists)
    for name in sorted(set(codebook.lists) - used):
        yield Problem(codebook.path, 1, f"the list '{name}' is never used", level="warning")


def _bare_words(codebook: Codebook, compiled: CompiledCodebook) -> Iterator[Problem]:
    """Yield a warning for each pattern that one everyday word alone would fulfil.

    Mostly a slip: `eggs? at` means that the whole word before the ? may be missing.
    """
    codes = {(code.category, code.code_id): code for code in codebook.codes}
    for rule in compiled.rules:
        code = compiled.codes[rule.code]
        bare = sorted(set(rule.parts[0]) & EVERYDAY) if len(rule.parts) == 1 else []
        if bare and not rule.token:
            written = codes[code.category, code.code_id].patterns[
                int(rule.rule_id.split("#")[1]) - 1
            ]
            text = f"the word '{bare[0]}' alone is enough for this pattern"
            yield Problem(codebook.path, written.line, text, code.code_id, "warning")


def _lint(loaded: LoadedCodebook, compiled: CompiledCodebook, find: Find) -> list[Problem]:
    texts: list[str] = []
    wanted: list[tuple[Code, int, str, bool]] = []
    for code in loaded.codebook.codes:
        if not code.patterns:
            continue
        key = (code.category, code.code_id)
        for name, examples, lines, is_example in (
            ("example", code.examples, loaded.example_lines, True),
            ("counter-example", code.counter_examples, loaded.counter_example_lines, False),
        ):
            known = lines.get(key, ())
            for i, text in enumerate(examples):
                texts.append(text)
                line = known[i] if i < len(known) else code.line
                wanted.append((code, line, f"{name} {i + 1}", is_example))
    found = find(compiled, texts, Role.WORKER)
    missed = [
        i
        for i, (code, _, _, is_example) in enumerate(wanted)
        if is_example and (code.category, code.code_id) not in found[i]
    ]
    if missed:
        by_parent = find(compiled, [texts[i] for i in missed], Role.PARENT)
        for i, codes in zip(missed, by_parent, strict=True):
            found[i] = found[i] | codes
    problems: list[Problem] = []
    for (code, line, name, is_example), codes in zip(wanted, found, strict=True):
        if ((code.category, code.code_id) in codes) != is_example:
            fault = "is not found by the code's own patterns" if is_example else "is found"
            problems.append(
                Problem(loaded.codebook.path, line, f"{name} {fault}", code.code_id, "lint")
            )
    return problems
