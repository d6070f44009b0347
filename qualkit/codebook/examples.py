"""Files of longer example sets beside a codebook: JSON Lines, one example a line.

`{"text", "codes": [...], "near": [...], "voice", "question"}`: the text carries the
codes; it does not carry those under `near`, although a hasty reader might think so.
Codes are written `category.code`, or by their id where it is the codebook's own. A
first line `{"complete": [categories]}` says of which categories no further code is in
any of the texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from qualkit.codebook.words import EVERYDAY
from qualkit.errors import CodebookError
from qualkit.model import Codebook, CodeKey, Example, ExampleSet, Problem

LEAST_POSITIVE = 40
LEAST_NEAR = 15
"""What the shipped codebooks hold for every code, in all files of the folder together."""
MOST_SHARED = 0.5
"""Two examples of a code that share more of the shorter one's content words are too alike."""
_FEWEST_WORDS = 3
_FIELDS = frozenset({"text", "codes", "near", "voice", "question"})
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def examples_file(codebook: Path) -> Path:
    """Return where the examples of a codebook file stand, if there are any."""
    return codebook.parent / "examples" / f"{codebook.stem}.jsonl"


def load_examples(
    path: Path, own: Collection[CodeKey], known: Collection[CodeKey] = ()
) -> ExampleSet:
    """Return the examples of a file.

    Parameters
    ----------
    path : Path
    own : collection of CodeKey
        The codebook's own codes; one whose id is theirs alone may be named by it.
    known : collection of CodeKey
        Codes of other codebooks that may be named; one that is not there is a
        fault only if its category is the codebook's own.

    Raises
    ------
    CodebookError
        With every fault of the file, each with its line.
    """
    problems: list[Problem] = []
    complete: tuple[str, ...] = tuple(dict.fromkeys(category for category, _ in own))
    found: list[Example] = []
    try:
        # Not splitlines(), which also ends lines at signs that may stand in a text.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        text = "the file is not in UTF-8: save it so"
        raise CodebookError([Problem(str(path), 1, text)]) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        value = _parsed(line)
        if value is not None and set(value) == {"complete"} and number == 1:
            listed = value["complete"]
            if isinstance(listed, list) and all(isinstance(name, str) for name in listed):
                complete = tuple(listed)
            else:
                problems.append(Problem(str(path), 1, "'complete' is not a list of categories"))
            continue
        example = _example(value, number, own, known)
        if isinstance(example, str):
            problems.append(Problem(str(path), number, example))
        else:
            found.append(example)
    if problems:
        raise CodebookError(problems)
    return ExampleSet(str(path), complete, tuple(found))


def _parsed(line: str) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _example(
    value: dict[str, object] | None,
    number: int,
    own: Collection[CodeKey],
    known: Collection[CodeKey],
) -> Example | str:
    """Return the example of a line, or what is wrong with it."""
    if value is None:
        return "the line is not a JSON object"
    if _SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        return "the text holds half a character"
    if unknown := sorted(set(value) - _FIELDS):
        return f"unknown field '{unknown[0]}'; known: {', '.join(sorted(_FIELDS))}"
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        return "the line has no text"
    given = _codes(value, "codes", own, known)
    near = _codes(value, "near", own, known)
    if isinstance(given, str):
        return given
    if isinstance(near, str):
        return near
    if set(given) & set(near):
        return "a code stands under both 'codes' and 'near'"
    return Example(
        text.strip(),
        given,
        near,
        voice=str(value.get("voice") or ""),
        question=str(value.get("question") or ""),
        line=number,
    )


def _codes(
    value: dict[str, object],
    field: str,
    own: Collection[CodeKey],
    known: Collection[CodeKey],
) -> tuple[CodeKey, ...] | str:
    """Return the codes of a field, or what is wrong with it."""
    listed = value.get(field, [])
    if not isinstance(listed, list) or not all(isinstance(code, str) for code in listed):
        return f"'{field}' is not a list of codes"
    mine = {category for category, _ in own}
    found = []
    for written in listed:
        key = _resolve(written, own)
        if key is None or (key[0] in mine and key not in own):
            return f"there is no code '{written}' in the codebook"
        if known and key not in known and key not in own:
            return f"there is no code '{written}'"
        found.append(key)
    return tuple(found)


def _resolve(written: str, own: Collection[CodeKey]) -> CodeKey | None:
    category, dot, code = written.strip().partition(".")
    if dot:
        return category, code
    mine = [key for key in own if key[1] == category]
    return mine[0] if len(mine) == 1 else None


def near_duplicates(
    examples: ExampleSet, codes: Sequence[CodeKey]
) -> Iterator[tuple[CodeKey, int, int]]:
    """Yield pairs of lines of one code that share over half of their content words.

    Compared are the positive examples of each code with each other, and its near misses
    with each other: a near miss that mirrors an example teaches most. Examples of fewer
    than three content words must only not be the same.
    """
    contents = {example.line: content_words(example.text) for example in examples.examples}
    for code in codes:
        for part in ("given", "near"):
            own = [e.line for e in examples.examples if code in getattr(e, part)]
            for i, first in enumerate(own):
                for second in own[i + 1 :]:
                    if _alike(contents[first], contents[second]):
                        yield code, first, second


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    fewest = min(len(one), len(other))
    if fewest < _FEWEST_WORDS:
        return one == other and bool(one)
    return len(one & other) > MOST_SHARED * fewest


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that are not everyday ones, in lower case."""
    words = (word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(text.lower()))
    return frozenset(word for word in words if word not in EVERYDAY)


def too_few(sets: Sequence[ExampleSet], codes: Sequence[CodeKey]) -> Iterator[tuple[CodeKey, str]]:
    """Yield the codes that the sets together give fewer examples than shipped ones need."""
    for code in codes:
        positive = sum(code in example.given for own in sets for example in own.examples)
        near = sum(code in example.near for own in sets for example in own.examples)
        if positive < LEAST_POSITIVE or near < LEAST_NEAR:
            yield (
                code,
                f"examples: {positive} of at least {LEAST_POSITIVE};"
                f" near misses: {near} of at least {LEAST_NEAR}",
            )


def own_examples(codebook: Codebook) -> ExampleSet:
    """Return the examples and counter-examples that stand in a codebook file itself.

    They say nothing of other codes.
    """
    examples = []
    for code in codebook.codes:
        key = (code.category, code.code_id)
        examples += [Example(text, (key,), line=code.line) for text in code.examples]
        examples += [Example(text, (), (key,), line=code.line) for text in code.counter_examples]
    return ExampleSet(codebook.path, (), tuple(examples))


def dump_sets(sets: Iterable[ExampleSet]) -> str:
    """Return example sets as JSON text, for the project."""
    return json.dumps(
        [
            {
                "file": own.file,
                "complete": own.complete,
                "examples": [
                    [e.text, e.given, e.near, e.voice, e.question, e.line] for e in own.examples
                ],
            }
            for own in sets
            if own.examples
        ],
        ensure_ascii=False,
    )


def read_sets(text: str) -> list[ExampleSet]:
    """Return the example sets that `dump_sets` wrote."""
    return [
        ExampleSet(
            own["file"],
            tuple(own["complete"]),
            tuple(
                Example(words, _keys(given), _keys(near), voice, question, line)
                for words, given, near, voice, question, line in own["examples"]
            ),
        )
        for own in json.loads(text)
    ]


def _keys(listed: Iterable[Sequence[str]]) -> tuple[CodeKey, ...]:
    return tuple((category, code) for category, code in listed)
