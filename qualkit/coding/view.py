"""A segment's text as it is matched, with the way back to the text as written.

Matching works on a normalised text in which runs of white space are single
spaces. Positions in it are translated once, at the end, into offsets of the
segment's own text. Few texts hold such runs; all others need no translation.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from qualkit.coding.notation import words
from qualkit.normalise import normalise_text

_RUN = re.compile(r" {2,}")
LINE_ENDS = "\n\v\f\r"
MOST_SENTENCE = 2_000
"""Characters; a spoken sentence of 300 words has fewer."""
# A sentence ends at its stop, with the quotation marks and brackets that close after it.
# (All begin with one of a set of characters, which lets the search be quick.)
_STOP = re.compile(r"[.!?…\n\v\f\r](?:(?<=[\n\v\f\r])|[.!?…]*[\"'”’)\]]*(?=\s|$))")
_OTHER_STOPS = "!?…\n\v\f\r"
_ABBREVIATIONS = words(
    "mr mrs ms miss dr prof st rev sgt pc e.g i.e eg ie approx vs cf incl tel appt"
)
# Single quotation marks, as far as they can be told from apostrophes.
_OPENED = re.compile(r"(?:(?<=[ (])|^)'(?=\w)")
_CLOSED = re.compile(r"(?<=[\w.,!?])'(?!\w)")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))


class TextView:
    """One text, normalised for matching.

    Attributes
    ----------
    text : str
        The text as written.
    plain : str
        The text to match in: lower case, single spaces.
    cased : str
        As long as `plain`, with the capitals and line breaks as written.
    """

    __slots__ = ("_offsets", "_sentence_ends", "cased", "plain", "text")

    def __init__(self, text: str) -> None:
        plain = normalise_text(text)
        self.text = text
        self._offsets: list[int] | None = None
        self._sentence_ends: list[int] | None = None
        if "  " in plain:
            self.plain, self.cased, self._offsets = _squeeze(text, plain)
        else:
            self.plain = plain
            self.cased = text

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets in `text` of the stretch from `start` to `end` of `plain`."""
        if self._offsets is None:
            return start, end
        return self._offsets[start], self._offsets[end - 1] + 1

    @property
    def sentence_ends(self) -> list[int]:
        """Where each sentence ends in `plain`, in order; the last one is the text's end."""
        if self._sentence_ends is None:
            self._sentence_ends = _sentence_ends(self.cased)
        return self._sentence_ends

    def sentence_of(self, position: int) -> int:
        """Return the number of the sentence, from 0, that holds `position`."""
        ends = self.sentence_ends
        return bisect_right(ends, position, 0, len(ends) - 1)

    def sentence_bounds(self, number: int) -> tuple[int, int]:
        """Return where sentence `number` starts and ends."""
        ends = self.sentence_ends
        return (ends[number - 1] if number else 0), ends[number]

    def quoted(self, position: int) -> bool:
        """Whether `position` stands between quotation marks, double or single ones."""
        plain = self.plain
        if plain.count('"', 0, position) % 2 == 1:
            return True
        opened = [mark.end() for mark in _OPENED.finditer(plain, 0, position + 1)]
        if not opened or _CLOSED.search(plain, opened[-1], position) is not None:
            return False
        return _CLOSED.search(plain, position) is not None

    def words_between(self, start: int, end: int) -> int:
        """Count the words that stand whole between two positions."""
        between = self.plain[start:end]
        if not between:
            return 0
        chunks = between.split()
        if chunks and between[0] != " " and chunks[0][0] == "'":
            # The tail of the word before: "mum" + "'s".
            chunks = chunks[1:]
        return sum([1 for chunk in chunks if chunk[0].isalnum() or any(map(str.isalnum, chunk))])

    def with_plain_apostrophes(self) -> str:
        """Return `cased` with every kind of apostrophe as the plain one, same length."""
        return self.cased.translate(_APOSTROPHES)


def _squeeze(text: str, plain: str) -> tuple[str, str, list[int]]:
    """Make runs of white space single, and say where each character came from."""
    plain_parts: list[str] = []
    cased_parts: list[str] = []
    offsets: list[int] = []
    last = 0
    for run in _RUN.finditer(plain):
        start, end = run.span()
        plain_parts.append(plain[last : start + 1])
        cased_parts.append(text[last:start])
        breaks = any(char in LINE_ENDS for char in text[start:end])
        cased_parts.append("\n" if breaks else " ")
        offsets.extend(range(last, start + 1))
        last = end
    plain_parts.append(plain[last:])
    cased_parts.append(text[last:])
    offsets.extend(range(last, len(plain)))
    return "".join(plain_parts), "".join(cased_parts), offsets


def _sentence_ends(cased: str) -> list[int]:
    ends: list[int] = []
    length = len(cased)
    if not any(map(cased.__contains__, _OTHER_STOPS)):
        # Most texts have only full stops, which are found quickly.
        start = cased.find(".")
        while start >= 0:
            stop = _STOP.match(cased, start)
            if stop is None:
                start = cased.find(".", start + 1)
            else:
                end = stop.end()
                if end == length or not _goes_on(cased, start, end):
                    ends.append(end)
                start = cased.find(".", end)
    else:
        for stop in _STOP.finditer(cased):
            start, end = stop.span()
            if end == length or cased[start] not in ".…" or not _goes_on(cased, start, end):
                ends.append(end)
    if not ends or ends[-1] != length:
        ends.append(length)
    return ends if length <= MOST_SENTENCE else _shortened(cased, ends)


def _shortened(cased: str, ends: list[int]) -> list[int]:
    """Return the ends with more between them where a sentence has no end, as in raw captions.

    What is looked at around a hit must not grow with the text.
    """
    found: list[int] = []
    start = 0
    for end in ends:
        while end - start > MOST_SENTENCE:
            space = cased.rfind(" ", start + 1, start + MOST_SENTENCE)
            start = space + 1 if space >= 0 else start + MOST_SENTENCE
            found.append(start)
        found.append(end)
        start = end
    return found


def _goes_on(cased: str, start: int, end: int) -> bool:
    """Whether the stop belongs to an abbreviation, an initial or a pause in speech."""
    if cased[start - 5 : start].isalpha() and cased[end + 1 : end + 2].isupper():
        # The usual case, seen quickly: a longer word before, a capital after.
        return False
    if end - start > 1 or cased[start] == "…":
        after = cased[end + 1 : end + 2]
        return after.islower() and "?" not in cased[start:end] and "!" not in cased[start:end]
    # Only a short last word before the stop can be one.
    space = cased.rfind(" ", max(0, start - 8), start)
    if space < 0 and start > 8:
        return False
    word = cased[space + 1 : start].lstrip("(\"'")
    if len(word) == 1:
        return word.isupper() and word != "I"
    return word.lower() in _ABBREVIATIONS
