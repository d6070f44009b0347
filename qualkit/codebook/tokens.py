"""Token patterns: spaCy's Matcher language on plain tokens, and their anchors.

An anchor is a literal that stands in the text of every hit, so that segments
without one need not be tokenised. A pattern that some text could halt for long,
by its REGEX or by its operators, is refused here, before any text is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qualkit.codebook.regexes import LONGEST, RegexError, check_regex, for_short_texts
from qualkit.codebook.words import word_set
from qualkit.errors import near_matches
from qualkit.normalise import normalise_text

if TYPE_CHECKING:
    from spacy.language import Language

MOST_REPEATS = 30
MOST_TOKENS = 50
MOST_TOKEN_STEPS = 200_000
"""spaCy follows every way in which operators can share out the tokens of a text. With three
open ends (* or +) fifty equal words would already take it tens of milliseconds."""

_LITERAL = ("LOWER", "ORTH", "TEXT", "NORM")
_WRITTEN = (*_LITERAL, "SHAPE", "PREFIX", "SUFFIX")
_KNOWN = word_set(
    """
    LOWER ORTH TEXT NORM LENGTH SHAPE PREFIX SUFFIX OP IS_ALPHA IS_ASCII IS_BRACKET IS_CURRENCY
    IS_DIGIT IS_LOWER IS_PUNCT IS_QUOTE IS_SPACE IS_STOP IS_TITLE IS_UPPER LIKE_EMAIL LIKE_NUM
    LIKE_URL SPACY
    """
)
_MAY_BE_MISSING = ("?", "*", "!")
_BRACES = re.compile(r"\{(?:([0-9]{1,99})|([0-9]{0,99}),([0-9]{0,99}))\}")


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
        tokens = _read(pattern)
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

    @staticmethod
    def for_matching(pattern: str) -> str:
        """Return a pattern as it is given to spaCy: a REGEX looks at words up to 60 letters."""
        return json.dumps(_read(pattern), ensure_ascii=False)

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
        operator = _operator(token)
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


def _operator(token: Mapping[str, Any]) -> str:
    found = _get(token, "OP")
    return "1" if found is None else str(found)


def _read(pattern: str) -> list[dict[str, Any]]:
    """Return the tokens of a pattern, their REGEX made ready, once nothing in them can hang."""
    tokens: list[dict[str, Any]] = json.loads(pattern)
    _check_attributes(tokens)
    _check_operators(tokens)
    return [{key: _with_regexes(key, value) for key, value in token.items()} for token in tokens]


def _check_operators(tokens: Sequence[Mapping[str, Any]]) -> None:
    """Refuse operators that could share out the tokens of a text in too many ways.

    A token is to a text of tokens what a character is to a word, so the count of
    `check_regex` holds for both.
    """
    try:
        # The last sign stands for the end of the text: spaCy tries every way, not the first only.
        check_regex(
            "".join("a" + _as_quantifier(_operator(token)) for token in tokens) + "b",
            longest=MOST_TOKENS,
            most_steps=MOST_TOKEN_STEPS,
        )
    except RegexError as error:
        raise TokenPatternError(
            "could take too long: it can share out the words of a text in too many ways (use fewer"
            " tokens with OP *, + or ?, or write several patterns)"
        ) from error


def _as_quantifier(operator: str) -> str:
    if operator in ("?", "*", "+"):
        return operator
    braces = _BRACES.fullmatch(operator)
    if braces is None:
        if operator not in ("1", "!"):
            raise TokenPatternError(
                f"has the OP '{operator[:20]}': use ?, *, +, !, {{2}} or {{1,3}}"
            )
        return ""
    least = int(braces[1] or braces[2] or 0)
    most = int(braces[1] or braces[3] or least)
    if max(least, most) > MOST_REPEATS:
        raise TokenPatternError(f"repeats a token more than {MOST_REPEATS} times ({operator})")
    if braces[1] is None and not braces[3]:
        return f"{{{least},}}"
    # spaCy takes each of the optional ones as missing or there, in every combination.
    return f"{{{least}}}" + "a?" * (most - least)


def _with_regexes(attribute: str, value: object) -> object:
    """Return an attribute's value with every REGEX in it checked and made ready."""
    if not isinstance(value, dict):
        return value
    ready: dict[str, object] = {}
    for key, inner in value.items():
        if str(key).upper() != "REGEX":
            ready[key] = inner
            continue
        if attribute.upper() not in _WRITTEN:
            raise TokenPatternError(f"asks for a REGEX of {attribute}, which is no text")
        ready[key] = _quick(inner)
    return ready


def _quick(value: object) -> object:
    """Return one expression, or those under IN and NOT_IN, ready for matching."""
    if isinstance(value, dict):
        if not all(str(key).upper() in ("IN", "NOT_IN") for key in value):
            raise TokenPatternError("has a REGEX that holds something other than IN or NOT_IN")
        return {key: _quick(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_quick(item) for item in value]
    if not isinstance(value, str):
        raise TokenPatternError("has a REGEX that is no text: put it in quotation marks")
    try:
        check_regex(value, longest=LONGEST)
    except RegexError as error:
        shown = value if len(value) <= 60 else value[:60] + "…"
        raise TokenPatternError(f"has the REGEX '{shown}', which {error}") from error
    return for_short_texts(value, longest=LONGEST)


def _check_attributes(tokens: list[dict[str, Any]]) -> None:
    for token in tokens:
        if any(literal != literal.lower() for literal in _values(_get(token, "LOWER"))):
            raise TokenPatternError("has a LOWER value with a capital, which nothing can match")
        for key in token:
            if key.upper() not in _KNOWN:
                near = near_matches(key, _KNOWN, most=1)
                hint = f" (did you mean {near[0]}?)" if near else ""
                raise TokenPatternError(f"asks for {key}, which plain tokens do not have{hint}")
