"""Token rules: spaCy's Matcher, only on texts that hold one of a rule's words."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qualkit.coding.view import TextView
from qualkit.errors import ModelMissingError, QualkitError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import Matcher

    from qualkit.coding.matcher import Rule


_MONSTER = re.compile(r"\S{200,}")


class TokenRules:
    """The token rules' way into spaCy; the pipeline is loaded at the first anchor met.

    Parameters
    ----------
    spacy_model : str or None
        Name or folder of a trained pipeline; None for the blank English one.

    Raises
    ------
    ModelMissingError
        When the pipeline is not installed.
    """

    def __init__(self, spacy_model: str | None) -> None:
        if spacy_model is not None and not _is_installed(spacy_model):
            raise _missing(spacy_model)
        self._model = spacy_model
        self._nlp: Language | None = None
        self._matchers: dict[Rule, Matcher] = {}

    def find(self, rules: Sequence[Rule], view: TextView) -> Iterator[tuple[Rule, int, int]]:
        """Yield where each of `rules` matches: rule, start and end in `view.plain`."""
        if not rules:
            return
        nlp = self._pipeline()
        # The capitals and positions as written; only apostrophes are made alike.
        text = view.with_plain_apostrophes()
        # spaCy takes minutes over thousands of signs in a row, and they are no words.
        doc = nlp(_MONSTER.sub(lambda run: " " * len(run[0]), text))
        for rule in rules:
            for span in self._matcher(rule, nlp)(doc, as_spans=True):
                start, end = span.start_char, span.end_char
                if view.plain[start:end].strip():
                    yield rule, start, end

    def _pipeline(self) -> Language:
        if self._nlp is None:
            import spacy

            if self._model is None:
                self._nlp = spacy.blank("en")
            else:
                try:
                    self._nlp = spacy.load(self._model)
                except OSError as error:
                    raise _missing(self._model) from error
        return self._nlp

    def _matcher(self, rule: Rule, nlp: Language) -> Matcher:
        matcher = self._matchers.get(rule)
        if matcher is None:
            from spacy.errors import MatchPatternError
            from spacy.matcher import Matcher

            matcher = Matcher(nlp.vocab)
            try:
                matcher.add(rule.rule_id, [json.loads(rule.token)], greedy="LONGEST")
            except (MatchPatternError, ValueError) as error:
                raise QualkitError(
                    "a token pattern cannot be read by spaCy",
                    where=rule.rule_id,
                    expected="a list of spaCy Matcher tokens",
                    to_do="mend the pattern, then `qualkit codebook check FILE`",
                ) from error
            self._matchers[rule] = matcher
        return matcher


def _is_installed(model: str) -> bool:
    if Path(model).is_dir():
        return True
    return model.isidentifier() and importlib.util.find_spec(model) is not None


def _missing(model: str) -> ModelMissingError:
    return ModelMissingError(
        f"the spaCy pipeline '{model}' is not installed",
        expected="the name of an installed pipeline, or its folder",
        to_do=f"install it (python -m spacy download {model}), or code without a pipeline",
    )
