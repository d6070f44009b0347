"""From a `Codebook` to the surface forms that are looked for: once a version.

A compiled codebook is plain data, kept as JSON beside the runs that used it.
How its forms are to be read by whoever matches them:

* A form is written as `qualkit.normalise.normalise_text` writes. It begins and
  ends at word boundaries, save that a form ending in `*` is open to the right.
* A form that begins with an apostrophe ("'s low") is a short form at the
  beginning of a pattern: it joins the word that the text has before it.
* A form with a capital is compared letter by letter with the text.
* A gap of 0 words says that two parts follow each other directly.
* For a token pattern, `parts[0]` holds words in lower case one of which is in
  the normalised text of every hit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from qualkit.codebook.abbreviations import abbreviations_beside
from qualkit.codebook.expand import MOST_FORMS, ExpansionError, expand_flat, expand_phrase
from qualkit.codebook.phrases import Phrase, PhraseError, parse_phrase
from qualkit.codebook.tokens import TokenPatternError, TokenPatterns
from qualkit.codebook.variants import Variants
from qualkit.errors import CodebookError
from qualkit.model import (
    Code,
    Codebook,
    CompiledCode,
    CompiledCodebook,
    CompiledRule,
    Pattern,
    Problem,
)

MOST_FORMS_IN_ALL = 200_000
_FORMAT = 1
_MOST_REMEMBERED = 24
_remembered: dict[tuple[object, ...], str] = {}


def compile_codebook(
    codebook: Codebook, abbreviations: Mapping[str, str] | None = None
) -> CompiledCodebook:
    """Return the codebook with every pattern expanded into surface forms.

    Parameters
    ----------
    codebook : Codebook
        As loaded.
    abbreviations : mapping of str to str, optional
        Short forms and the words they stand for; those shipped with qualkit and
        those beside the codebook's file if left out.

    Returns
    -------
    CompiledCodebook
        Rules in the order of the codes and their patterns; the parts sorted.

    Raises
    ------
    CodebookError
        With every pattern that cannot be expanded or is no spaCy pattern.
    """
    if abbreviations is None:
        abbreviations = abbreviations_beside(Path(codebook.path))
    return _Compiler(codebook, Variants(abbreviations)).compile()


def compile_to_text(codebook: Codebook) -> str:
    """Return `dump_compiled` of a codebook read from a file.

    The last few are remembered, so that who opens several projects compiles the shipped ones once.

    Raises
    ------
    CodebookError
        As `compile_codebook` does.
    """
    abbreviations = abbreviations_beside(Path(codebook.path))
    key = (codebook.name, codebook.content_hash, *sorted(abbreviations.items()))
    text = _remembered.pop(key, None)
    if text is None:
        text = dump_compiled(compile_codebook(codebook, abbreviations))
    # Put last, so that the first is the one not wanted for longest.
    _remembered[key] = text
    if len(_remembered) > _MOST_REMEMBERED:
        del _remembered[next(iter(_remembered))]
    return text


def dump_compiled(compiled: CompiledCodebook) -> str:
    """Return a compiled codebook as JSON; the same one gives the same text."""
    document = _fields_of(compiled)
    document["codes"] = [_fields_of(code) for code in compiled.codes]
    document["rules"] = [_fields_of(rule) for rule in compiled.rules]
    document["format"] = _FORMAT
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_compiled(text: str) -> CompiledCodebook:
    """Return the compiled codebook that `dump_compiled` wrote.

    Raises
    ------
    CodebookError
        When another version of qualkit wrote it otherwise.
    """
    document: dict[str, Any] = json.loads(text)
    if document.pop("format", None) != _FORMAT:
        fault = "its compiled form is of another version: load the codebook's file again"
        raise CodebookError([Problem(str(document.get("name", "")), 1, fault)])
    document["codes"] = tuple(CompiledCode(**code) for code in document["codes"])
    # The same form stands in many rules; one string serves them all.
    forms: dict[str, str] = {}
    document["rules"] = tuple(_rule(fields, forms) for fields in document["rules"])
    for name in ("kinds", "roles"):
        document[name] = tuple(document[name])
    return CompiledCodebook(**document)


def _rule(document: dict[str, Any], forms: dict[str, str]) -> CompiledRule:
    document["parts"] = tuple(_shared(part, forms) for part in document["parts"])
    for name in ("needs", "unless"):
        document[name] = _shared(document[name], forms)
    for name in ("gaps", "checks"):
        document[name] = tuple(document[name])
    return CompiledRule(**document)


def _shared(strings: list[str], known: dict[str, str]) -> tuple[str, ...]:
    return tuple(map(known.setdefault, strings, strings))


def _fields_of(record: CompiledCodebook | CompiledCode | CompiledRule) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


class _Compiler:
    """One pass over one codebook."""

    def __init__(self, codebook: Codebook, variants: Variants) -> None:
        self._codebook = codebook
        self._variants = variants
        self._tokens = TokenPatterns()
        self._problems: list[Problem] = []
        self._lists: dict[str, tuple[Phrase, ...]] = {}
        self._flat: dict[str, frozenset[str]] = {}

    def compile(self) -> CompiledCodebook:
        codebook = self._codebook
        self._read_lists()
        rules: list[CompiledRule] = []
        n_forms = 0
        for position, code in enumerate(codebook.codes):
            for k, pattern in enumerate(code.patterns, start=1):
                for rule in self._rules(position, code, k, pattern):
                    rules.append(rule)
                    n_forms += sum(len(part) for part in rule.parts)
        if n_forms > MOST_FORMS_IN_ALL:
            self._problem(1, _too_many_in_all(n_forms, rules), "")
        if self._problems:
            raise CodebookError(self._problems)
        return CompiledCodebook(
            name=codebook.name,
            content_hash=codebook.content_hash,
            codes=tuple(
                CompiledCode(code.code_id, code.category, code.about) for code in codebook.codes
            ),
            rules=tuple(self._with_variants(rules, MOST_FORMS_IN_ALL - n_forms)),
            kinds=codebook.kinds,
            roles=codebook.roles,
            inherit_question=codebook.inherit_question,
        )

    def _with_variants(self, rules: Sequence[CompiledRule], most: int) -> list[CompiledRule]:
        """Add what notes write for the words of rules, as far as up to `most` forms allow."""
        added = self._variants.added
        written: list[CompiledRule] = []
        for rule in rules:
            if rule.token:
                written.append(rule)
                continue
            parts = tuple(added(part, MOST_FORMS) for part in rule.parts)
            more = sum(map(len, parts)) - sum(map(len, rule.parts))
            if more > most:
                parts, more = rule.parts, 0
            most -= more
            needs, unless = added(rule.needs, MOST_FORMS), added(rule.unless, MOST_FORMS)
            written.append(replace(rule, parts=parts, needs=needs, unless=unless))
        return written

    def _read_lists(self) -> None:
        for name, items in self._codebook.lists.items():
            try:
                self._lists[name] = tuple(parse_phrase(item) for item in items)
            except PhraseError as error:
                self._problem(1, f"list '{name}': {error}", "")

    def _rules(self, position: int, code: Code, k: int, pattern: Pattern) -> list[CompiledRule]:
        stretches: list[tuple[tuple[tuple[str, ...], ...], tuple[int, ...]]]
        try:
            token = ""
            needs = self._conditions("needs", pattern.needs)
            unless = self._conditions("unless", pattern.unless)
            if pattern.token:
                anchors = self._tokens.anchors(pattern.token)
                token = self._tokens.for_matching(pattern.token)
                stretches = [((anchors,), ())]
            else:
                stretches = [
                    (tuple(tuple(sorted(part)) for part in found.parts), found.gaps)
                    for found in expand_phrase(parse_phrase(pattern.match), self._lists)
                ]
        except (ExpansionError, PhraseError) as error:
            self._problem(pattern.line, f'"{pattern.match[:60]}" {error}', code.code_id)
            return []
        except TokenPatternError as error:
            self._problem(pattern.line, f"the token pattern {error}", code.code_id)
            return []
        checks = self._codebook.checks if pattern.checks is None else pattern.checks
        return [
            CompiledRule(
                rule_id=f"{code.category}.{code.code_id}#{k}",
                code=position,
                parts=parts,
                gaps=gaps,
                token=token,
                score=pattern.score,
                needs=needs,
                unless=unless,
                negation=pattern.negation,
                checks=checks,
            )
            for parts, gaps in stretches
        ]

    def _conditions(self, name: str, phrases: Sequence[str]) -> tuple[str, ...]:
        forms: set[str] = set()
        for text in phrases:
            if text not in self._flat:
                try:
                    self._flat[text] = frozenset(expand_flat(parse_phrase(text), self._lists))
                except ExpansionError as error:
                    raise ExpansionError(f'under {name}, "{text[:60]}" {error}') from error
            forms |= self._flat[text]
        return tuple(sorted(forms))

    def _problem(self, line: int, text: str, code_id: str) -> None:
        self._problems.append(Problem(self._codebook.path, line, text, code_id))


def _too_many_in_all(n_forms: int, rules: Sequence[CompiledRule]) -> str:
    counts: dict[str, int] = {}
    for rule in rules:
        counts[rule.rule_id] = counts.get(rule.rule_id, 0) + sum(map(len, rule.parts))
    largest = sorted(counts, key=lambda rule_id: (-counts[rule_id], rule_id))[:5]
    named = ", ".join(f"{rule_id} ({counts[rule_id]:,})" for rule_id in largest)
    return (
        f"the patterns expand to {n_forms:,} forms in all (at most {MOST_FORMS_IN_ALL:,}); "
        f"the largest: {named}"
    )
