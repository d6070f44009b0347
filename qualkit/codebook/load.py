"""From a YAML file to a `Codebook`, with every fault found in one pass.

`docs/codebooks.md` describes the file. Doubts that do not hinder loading are
left to `qualkit.codebook.check`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.codebook.abbreviations import ABBREVIATIONS_FILE, abbreviations_beside
from qualkit.codebook.examples import examples_file, load_examples
from qualkit.codebook.fields import CodeReader, is_slug, slug_fault
from qualkit.codebook.lists import check_lists, names_used
from qualkit.codebook.nodes import (
    Faults,
    content_hash,
    is_blank,
    line_of,
    read_choice,
    read_items,
    read_mapping,
    read_text,
    read_texts,
    read_tree,
    unknown_value,
)
from qualkit.codebook.phrases import LIST_NAME
from qualkit.codebook.shipped import shipped_folder
from qualkit.codebook.words import CHECKS, word_set
from qualkit.errors import CodebookError
from qualkit.model import Code, Codebook, ExampleSet, Kind

if TYPE_CHECKING:
    from yaml.nodes import Node

LISTS_FILE = "lists.yaml"
_FIELDS = word_set(
    """
    codebook version title language category authors origin licence kinds roles checks
    inherit_question lists codes
    """
)
_CodeKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LoadedCodebook:
    """A codebook with what only its file tells; `check_codebook` names it.

    Attributes
    ----------
    codebook : Codebook
    example_lines, counter_example_lines : mapping
        By (category, code id), the lines of the examples in their order.
    declares_checks : bool
        Whether the field `checks` stands in the file, be it empty.
    examples : ExampleSet or None
        The file of longer examples beside it, if there is one.
    """

    codebook: Codebook
    example_lines: Mapping[_CodeKey, tuple[int, ...]] = field(default_factory=dict)
    counter_example_lines: Mapping[_CodeKey, tuple[int, ...]] = field(default_factory=dict)
    declares_checks: bool = True
    examples: ExampleSet | None = None


def load_codebook(
    path: Path,
    lists: Mapping[str, Sequence[str]] | None = None,
    abbreviations: Mapping[str, str] | None = None,
) -> Codebook:
    """Return the codebook of a YAML file.

    Parameters
    ----------
    path : Path
        The file.
    lists : mapping of str to sequence of str, optional
        The shared lists; those shipped with qualkit if left out.
    abbreviations : mapping of str to str, optional
        The shared short forms and the words they stand for; likewise.

    Returns
    -------
    Codebook
        `lists` of it holds its own lists and the shared ones that it uses.

    Raises
    ------
    CodebookError
        With every fault of the file, and of the abbreviations beside it, each with its line.
    """
    return load_codebook_with_lines(path, lists, abbreviations).codebook


def load_codebook_with_lines(
    path: Path,
    lists: Mapping[str, Sequence[str]] | None = None,
    abbreviations: Mapping[str, str] | None = None,
) -> LoadedCodebook:
    """Return the codebook of a YAML file and where its examples stand (see `load_codebook`)."""
    path = Path(path)
    faults = Faults(str(path))
    tree, content = read_tree(path, faults)
    if lists is None:
        lists = load_shipped_lists()
    faults_beside = Faults(str(path.parent / ABBREVIATIONS_FILE))
    abbreviations = abbreviations_beside(path, abbreviations, faults_beside)
    loaded = None
    if tree is not None:
        loaded = _Reader(faults, lists, abbreviations).read(tree, content)
    if faults.problems or faults_beside.problems or loaded is None:
        raise CodebookError([*faults.by_line(), *faults_beside.by_line()])
    beside = examples_file(path)
    if beside.is_file():
        own = [(code.category, code.code_id) for code in loaded.codebook.codes]
        loaded = replace(loaded, examples=load_examples(beside, own))
    return loaded


def load_lists(path: Path) -> dict[str, tuple[str, ...]]:
    """Return the lists of a YAML file that maps names to lists of phrases.

    Raises
    ------
    CodebookError
        With every fault of the file, each with its line.
    """
    path = Path(path)
    faults = Faults(str(path))
    tree, _ = read_tree(path, faults)
    lists: dict[str, tuple[str, ...]] = {}
    if tree is not None:
        lists, lines = _read_lists(tree, faults)
        check_lists(lists, {}, faults, lines)
    if faults.problems:
        raise CodebookError(faults.by_line())
    return lists


def load_shipped_lists() -> dict[str, tuple[str, ...]]:
    """Return the lists that are shipped with qualkit; none where the file is missing."""
    path = shipped_folder() / LISTS_FILE
    return load_lists(path) if path.is_file() else {}


def shipped_codebooks() -> list[Path]:
    """Return the files of the shipped codebooks by name."""
    beside = (LISTS_FILE, ABBREVIATIONS_FILE)
    return sorted(path for path in shipped_folder().glob("*.yaml") if path.name not in beside)


def is_shipped(path: Path) -> bool:
    """Say whether a file is one of the shipped codebooks."""
    return path.resolve() in [own.resolve() for own in shipped_codebooks()]


def _read_lists(
    node: Node, faults: Faults
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[int, ...]]]:
    fields = read_mapping(node, faults, "the lists", None)
    lists: dict[str, tuple[str, ...]] = {}
    lines: dict[str, tuple[int, ...]] = {}
    for name, items in fields.items():
        if not LIST_NAME.fullmatch(name):
            text = f"a list name is lower-case letters, digits, - and _, not '{name[:40]}'"
            faults.add(line_of(items), text)
            continue
        if is_blank(items):
            faults.add(line_of(items), f"the list '{name}' is empty")
            continue
        found = list(read_texts(fields, name, faults))
        lists[name] = tuple(text for text, _ in found)
        lines[name] = tuple(line for _, line in found)
    return lists, lines


class _Reader:
    """One reading of one file."""

    def __init__(
        self,
        faults: Faults,
        shared: Mapping[str, Sequence[str]],
        abbreviations: Mapping[str, str],
    ) -> None:
        self._faults = faults
        self._abbreviations = abbreviations
        self._shared = {name: tuple(items) for name, items in shared.items()}

    def read(self, tree: Node, content: bytes) -> LoadedCodebook:
        faults = self._faults
        fields = read_mapping(tree, faults, "a codebook", _FIELDS)
        name = self._name(fields, tree)
        category = read_text(fields, "category", faults)
        if category and not is_slug(category):
            faults.add(line_of(fields["category"]), slug_fault("category", category))
        own: dict[str, tuple[str, ...]] = {}
        if not is_blank(fields.get("lists")):
            own, lines = _read_lists(fields["lists"], faults)
            check_lists(own, self._shared, faults, lines)
        reader = CodeReader(faults, category, {**self._shared, **own})
        code_nodes = read_items(fields, "codes", faults)
        if not code_nodes and fields:
            faults.add(line_of(tree), "a codebook needs at least one code under 'codes'")
        codes = [code for node in code_nodes if (code := reader.read(node)) is not None]
        self._refuse_repeated(codes)
        lists = self._lists_needed(codes, own)
        used = [
            json.dumps(words, sort_keys=True, ensure_ascii=False)
            for words in (lists, self._abbreviations)
        ]
        codebook = Codebook(
            name=name,
            version=read_text(fields, "version", faults) or "1",
            content_hash=content_hash(content, *used),
            codes=tuple(codes),
            title=read_text(fields, "title", faults) or name,
            language=read_text(fields, "language", faults) or "en",
            authors=tuple(text for text, _ in read_texts(fields, "authors", faults)),
            origin=read_text(fields, "origin", faults),
            licence=read_text(fields, "licence", faults),
            kinds=self._known_texts(fields, "kinds", frozenset(kind.value for kind in Kind)),
            roles=self._roles(fields),
            checks=self._known_texts(fields, "checks", CHECKS),
            inherit_question=read_choice(
                fields, "inherit_question", faults, ("true", "false"), "false"
            )
            == "true",
            lists=lists,
            path=faults.file,
        )
        return LoadedCodebook(
            codebook,
            reader.example_lines,
            reader.counter_example_lines,
            declares_checks="checks" in fields,
        )

    def _name(self, fields: Mapping[str, Node], tree: Node) -> str:
        name = read_text(dict(fields), "codebook", self._faults)
        if not name:
            self._faults.add(line_of(tree), "a codebook needs a name: codebook: my-codes")
        elif not is_slug(name):
            self._faults.add(line_of(fields["codebook"]), slug_fault("codebook", name))
        return name

    def _known_texts(
        self, fields: Mapping[str, Node], key: str, known: frozenset[str]
    ) -> tuple[str, ...]:
        texts: list[str] = []
        for text, line in read_texts(dict(fields), key, self._faults):
            if text in known:
                texts.append(text)
            else:
                self._faults.add(line, unknown_value(key, text, known))
        return tuple(dict.fromkeys(texts))

    def _roles(self, fields: Mapping[str, Node]) -> tuple[str, ...]:
        roles: list[str] = []
        for text, line in read_texts(dict(fields), "roles", self._faults):
            if is_slug(text.removeprefix("not ")):
                roles.append(text)
            else:
                self._faults.add(line, slug_fault("roles", text))
        return tuple(dict.fromkeys(roles))

    def _refuse_repeated(self, codes: Sequence[Code]) -> None:
        first: dict[_CodeKey, int] = {}
        for code in codes:
            key = (code.category, code.code_id)
            if key in first:
                self._faults.add(
                    code.line,
                    f"the id stands twice in category '{code.category}' "
                    f"(first on line {first[key]})",
                    code.code_id,
                )
            else:
                first[key] = code.line

    def _lists_needed(
        self, codes: Sequence[Code], own: Mapping[str, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        known = {**self._shared, **own}
        phrases = [
            phrase
            for code in codes
            for pattern in code.patterns
            for phrase in (pattern.match, *pattern.needs, *pattern.unless)
            if phrase
        ]
        used = names_used(phrases, known)
        return {name: known[name] for name in sorted({*used, *own}) if name in known}
