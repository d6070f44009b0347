"""One code of a codebook file: its fields, patterns and examples."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from qualkit.codebook.lists import unknown_names
from qualkit.codebook.nodes import (
    Faults,
    Fields,
    is_blank,
    line_of,
    plain_value,
    read_choice,
    read_items,
    read_mapping,
    read_text,
    read_texts,
    text_of,
    unknown_value,
)
from qualkit.codebook.phrases import PhraseError, has_gap, parse_phrase
from qualkit.codebook.words import ABOUT, CHECKS, NEGATIONS, word_set
from qualkit.model import Code, Pattern
from qualkit.normalise import slug

if TYPE_CHECKING:
    from yaml.nodes import Node

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CODE_FIELDS = word_set(
    """
    id category name definition include exclude about group patterns examples counter_examples
    """
)
_PATTERN_FIELDS = word_set("match token score needs unless negation checks")
_DEFAULT_SCORE = 0.8


def is_slug(text: str) -> bool:
    """Return whether a text can be an id: lower-case words joined with hyphens."""
    return _SLUG.fullmatch(text) is not None


def slug_fault(key: str, text: str) -> str:
    """Return what to say of a text that cannot be an id."""
    better = slug(text)
    hint = f" (write {better})" if better else ""
    return f"'{key}' must be lower-case words joined with hyphens, not '{text[:40]}'{hint}"


class CodeReader:
    """Reads the codes of one file and keeps the lines of their examples."""

    def __init__(self, faults: Faults, category: str, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._faults = faults
        self._category = category
        self._lists = lists
        self.example_lines: dict[tuple[str, str], tuple[int, ...]] = {}
        self.counter_example_lines: dict[tuple[str, str], tuple[int, ...]] = {}

    def read(self, node: Node) -> Code | None:
        """Return one code, or None when it has no usable id; faults are noted."""
        faults = self._faults
        fields = read_mapping(node, faults, "a code", _CODE_FIELDS)
        if not fields:
            return None
        line = line_of(node)
        code_id = self._slug(fields, "id", line)
        category = read_text(fields, "category", faults, code_id) or self._category
        if not category:
            faults.add(line, "the code has no category, and the codebook names none", code_id)
        elif "category" in fields and not is_slug(category):
            faults.add(line_of(fields["category"]), slug_fault("category", category), code_id)
        examples = list(read_texts(fields, "examples", faults, code_id))
        counter_examples = list(read_texts(fields, "counter_examples", faults, code_id))
        key = (category, code_id)
        self.example_lines[key] = tuple(line for _, line in examples)
        self.counter_example_lines[key] = tuple(line for _, line in counter_examples)
        code = Code(
            code_id=code_id,
            category=category,
            name=read_text(fields, "name", faults, code_id)
            or code_id.replace("-", " ").capitalize(),
            definition=read_text(fields, "definition", faults, code_id),
            include=read_text(fields, "include", faults, code_id),
            exclude=read_text(fields, "exclude", faults, code_id),
            about=read_choice(fields, "about", faults, ABOUT, "any", code_id),
            group=read_text(fields, "group", faults, code_id),
            patterns=self._patterns(fields, code_id),
            examples=tuple(text for text, _ in examples),
            counter_examples=tuple(text for text, _ in counter_examples),
            line=line,
        )
        return code if code_id else None

    def _slug(self, fields: Fields, key: str, line: int) -> str:
        text = read_text(fields, key, self._faults)
        if not text:
            self._faults.add(line, f"the code has no {key}")
        elif not is_slug(text):
            self._faults.add(line_of(fields[key]), slug_fault(key, text))
        return text

    def _patterns(self, fields: Fields, code_id: str) -> tuple[Pattern, ...]:
        patterns: list[Pattern] = []
        for node in read_items(fields, "patterns", self._faults, code_id):
            pattern = self._pattern(node, code_id)
            if pattern is not None:
                patterns.append(pattern)
        return tuple(patterns)

    def _pattern(self, node: Node, code_id: str) -> Pattern | None:
        import yaml

        faults = self._faults
        line = line_of(node)
        if not isinstance(node, yaml.MappingNode):
            text = text_of(node, faults, "a pattern", code_id)
            if text is None:
                return None
            self._check_phrase(text, line, code_id)
            return Pattern(match=text, line=line)
        fields = read_mapping(node, faults, "a pattern", _PATTERN_FIELDS, code_id)
        match = read_text(fields, "match", faults, code_id)
        token = self._token(fields, code_id)
        if ("match" in fields) == ("token" in fields):
            if fields:
                faults.add(line, "a pattern has either 'match' or 'token'", code_id)
        elif "match" in fields:
            self._check_phrase(match, line_of(fields["match"]), code_id)
        return Pattern(
            match=match,
            token=token,
            score=self._score(fields, code_id),
            needs=self._conditions(fields, "needs", code_id),
            unless=self._conditions(fields, "unless", code_id),
            negation=read_choice(fields, "negation", faults, NEGATIONS, "drop", code_id),
            checks=self._checks(fields, code_id),
            line=line,
        )

    def _check_phrase(self, text: str, line: int, code_id: str, *, flat: bool = False) -> None:
        shown = f'"{text[:60]}"'
        try:
            phrase = parse_phrase(text)
        except PhraseError as error:
            self._faults.add(line, f"{shown}: {error}", code_id)
            return
        if flat and has_gap(phrase):
            self._faults.add(line, f"{shown}: needs and unless hold no gaps (...)", code_id)
        for unknown in unknown_names(text, self._lists):
            self._faults.add(line, f"{shown}: {unknown}", code_id)

    def _conditions(self, fields: Fields, key: str, code_id: str) -> tuple[str, ...]:
        texts: list[str] = []
        for text, line in read_texts(fields, key, self._faults, code_id):
            self._check_phrase(text, line, code_id, flat=True)
            texts.append(text)
        return tuple(texts)

    def _score(self, fields: Fields, code_id: str) -> float:
        text = read_text(fields, "score", self._faults, code_id)
        if not text:
            return _DEFAULT_SCORE
        try:
            score = float(text)
        except ValueError:
            score = -1.0
        # The comparison also refuses "nan".
        if not 0 <= score <= 1:
            self._faults.add(
                line_of(fields["score"]), f"'score' must be 0 to 1, not '{text[:20]}'", code_id
            )
            return _DEFAULT_SCORE
        return score

    def _checks(self, fields: Fields, code_id: str) -> tuple[str, ...] | None:
        if "checks" not in fields or is_blank(fields["checks"]):
            return None
        found: list[str] = []
        for text, line in read_texts(fields, "checks", self._faults, code_id):
            if text in CHECKS:
                found.append(text)
            else:
                self._faults.add(line, unknown_value("checks", text, CHECKS), code_id)
        return tuple(dict.fromkeys(found))

    def _token(self, fields: Fields, code_id: str) -> str:
        if "token" not in fields:
            return ""
        node = fields["token"]
        value = plain_value(node)
        is_pattern = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        if not value or not is_pattern:
            self._faults.add(
                line_of(node), "'token' is a list of fields: [{LOWER: mum}, {OP: '?'}]", code_id
            )
            return ""
        return json.dumps(value, ensure_ascii=False)
