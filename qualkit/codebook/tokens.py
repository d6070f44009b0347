"""Token patterns: spaCy's Matcher language on plain tokens, and their anchors.

An anchor is a literal that stands in the text of every hit, so that segments
without one need not be tokenised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qualkit.codebook.words import word_set
from qualkit.errors import near_matches
from qualkit.normalise import normalise_text

if TYPE_CHECKING:
    from spacy.language import Language

_LITERAL = ("LOWER", "ORTH", "TEXT", "NORM")
_KNOWN = word_set(
    """
    LOWER ORTH TEXT NORM LENGTH SHAPE PREFIX SUFFIX OP IS_ALPHA IS_ASCII IS_BRACKET IS_CURRENCY
    IS_DIGIT IS_LOWER IS_PUNCT IS_QUOTE IS_SPACE IS_STOP IS_TITLE IS_UPPER LIKE_EMAIL LIKE_NUM
    LIKE_URL SPACY
    """
)
_MAY_BE_MISSING = ("?", "*", "!")


class TokenPatternError(ValueError):
    """A token pattern is not one, or has no anchor."""


class TokenPatterns:
    """Validates token patterns; spaCy is imported with the first of them."""

    def __init__(self) -> None:
        self._nlp: Language | None = None
        self._changed_norms: frozenset[str] = frozenset()
        # The contractions that hold a token: "do" stands in "don't".
        self._wholes: dict[str, set[str]] = {}

    def anchors(self, pattern: str) -> tuple[str, ...]:
        """Return the literals one of which stands in every hit, sorted, in lower case.

        Parameters
        ----------
        pattern : str
            A spaCy Matcher pattern as JSON.

        Raises
        ------
        TokenPatternError
            When spaCy refuses the pattern, when it asks for what plain tokens
            do not have, or when no token of it must be there.
        """
        tokens: list[dict[str, Any]] = json.loads(pattern)
        _check_attributes(tokens)
        self._validate(tokens)
        candidates = [found for token in tokens if (found := self._literals(token))]
        if not candidates:
            raise TokenPatternError(
                "needs a LOWER, ORTH, TEXT or NORM value in a token that must be there"
            )
        # Any one of them would do; long words and few of them are the rarest.
        best = max(candidates, key=lambda found: (min(map(len, found)), -len(found)))
        wholes = {whole for literal in best for whole in self._wholes.get(literal, ())}
        return tuple(sorted(best | wholes))

    def _validate(self, tokens: list[dict[str, Any]]) -> None:
        from spacy.errors import MatchPatternError
        from spacy.matcher import Matcher

        if self._nlp is None:
            self._nlp = _blank_pipeline()
            self._read_exceptions(self._nlp)
        try:
            Matcher(self._nlp.vocab, validate=True).add("pattern", [tokens])
        except MatchPatternError as error:
            faults = str(error).strip().splitlines()
            found = (line.strip(" -") for line in faults[1:])
            shown = "; ".join(line for line in found if line and not line.endswith(":"))
            raise TokenPatternError(f"is none to spaCy: {shown}") from error
        except ValueError as error:
            raise TokenPatternError(f"is none to spaCy: {error}") from error

    def _read_exceptions(self, nlp: Language) -> None:
        """Learn which words the tokenizer takes apart, and which norms are not as written."""
        orth, norm = nlp.vocab.strings["ORTH"], nlp.vocab.strings["NORM"]
        changed: set[str] = set()
        for whole, parts in nlp.Defaults.tokenizer_exceptions.items():
            for part in parts:
                written = str(part[orth]).lower()
                if norm in part and part[norm] != written:
                    changed.add(str(part[norm]))
                if len(parts) > 1:
                    self._wholes.setdefault(written, set()).add(normalise_text(whole))
        self._changed_norms = frozenset(changed)

    def _literals(self, token: Mapping[str, Any]) -> set[str]:
        """Return the literals of a token that every hit holds; none where it may lack."""
        operator = str(token.get("OP", "1"))
        if operator in _MAY_BE_MISSING or operator.startswith(("{0", "{,")):
            return set()
        for attribute in _LITERAL:
            literals = _values(_get(token, attribute))
            if not literals:
                continue
            if attribute == "NORM" and literals & self._changed_norms:
                # The text may have "n't" where the norm is "not".
                continue
            return {normalise_text(literal) for literal in literals}
        return set()


def _blank_pipeline() -> Language:
    import spacy

    return spacy.blank("en")


def _get(token: Mapping[str, Any], attribute: str) -> object:
    return next((value for key, value in token.items() if key.upper() == attribute), None)


def _values(value: object) -> set[str]:
    if isinstance(value, dict):
        value = next((inner for key, inner in value.items() if key.upper() == "IN"), None)
    if isinstance(value, str):
        return {value} if value else set()
    if isinstance(value, list):
        literals = {item for item in value if isinstance(item, str) and item}
        return literals if len(literals) == len(set(map(str, value))) else set()
    return set()


def _check_attributes(tokens: list[dict[str, Any]]) -> None:
    for token in tokens:
        if any(literal != literal.lower() for literal in _values(_get(token, "LOWER"))):
            raise TokenPatternError("has a LOWER value with a capital, which nothing can match")
        for key in token:
            if key.upper() not in _KNOWN:
                near = near_matches(key, _KNOWN, most=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise TokenPatternError(f"asks for {key}, which plain tokens do not have{hint}")
