"""What names a family in a text: its references, and its own words repeated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from qualkit.normalise import normalise_reference

WINDOW = 40
"""Characters in a row that two texts hardly share by chance."""


class Traces:
    """Tells whether a text names a family or repeats its words.

    Parameters
    ----------
    references : iterable of str
        Of the family, normalised.
    case_ids : iterable of str
        Of its cases.
    texts : iterable of str
        Of its segments, without those that stand in another family's cases too.
    """

    def __init__(
        self, references: Iterable[str], case_ids: Iterable[str], texts: Iterable[str]
    ) -> None:
        self.references = frozenset(references)
        self.case_ids = frozenset(case_ids)
        self._pattern = _pattern(self.references)
        self._texts = {_plain(text) for text in texts if len(_plain(text)) >= 12}
        self._windows = {window for text in self._texts for window in _windows(text)}

    def names(self, text: str) -> bool:
        """Whether a text is, or holds, a reference of the family."""
        if not text:
            return False
        if len(text) < 100 and normalise_reference(text) in self.references:
            return True
        return bool(self._pattern and self._pattern.search(text))

    def repeats(self, text: str) -> bool:
        """Whether a text holds words of the family: a whole text, a sentence, a long stretch."""
        plain = _plain(text)
        if plain in self._texts:
            return True
        if len(plain) < WINDOW:
            # A few words may be anybody's, the name of a place for instance.
            sentence = len(plain) >= 20 and plain.count(" ") >= 3
            return sentence and any(plain in own for own in self._texts)
        return any(window in self._windows for window in _windows(plain)) or any(
            own in plain for own in self._texts if 20 <= len(own) < WINDOW and own.count(" ") >= 3
        )

    def hold(self, text: str) -> bool:
        """Whether a text names the family or repeats its words."""
        return self.names(text) or self.repeats(text)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _windows(plain: str) -> Iterator[str]:
    return (plain[at : at + WINDOW] for at in range(len(plain) - WINDOW + 1))


def _pattern(references: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds references within other words; None where that would find too much."""
    parts = []
    for reference in sorted(references):
        if len(reference) >= 5:
            between = r"[\W_]{0,3}"
        elif re.search(r"[^\W\d]", reference) and re.search(r"\d", reference):
            # "a 1 bedroom flat" does not name the family A1.
            between = r"[-_.]?"
        else:
            continue
        parts.append(between.join(map(re.escape, reference)))
    if not parts:
        return None
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])", re.IGNORECASE)
