"""The phrase language of codebooks, read into a small tree.

`docs/codebooks.md` describes the language. Nothing is expanded here: lists are
left as names, words as they were written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

MOST_CHARACTERS = 2_000
MOST_NESTED = 12
MOST_WORDS_BETWEEN = 30
WORDS_BETWEEN = 3
LEAST_BEFORE_STAR = 3

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<gap>(?:\.\.\.|…)(?P<most>\d*))|(?P<list>\{[^{}]*\}?)"
    r"|(?P<sign>[()|?*}])|(?P<word>(?:(?!\.\.\.)[^\s()|?*{}…])+)"
)
LIST_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))
_NO_USE = re.compile(r"[\[\]\\^$<>;!,\"“”]")


class PhraseError(ValueError):
    """A phrase cannot be read; `position` is the offset of the fault in it."""

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position
        super().__init__(f"{text} (at character {position + 1})")


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `exact` after `=`, `open_end` before `*`."""

    text: str
    exact: bool = False
    open_end: bool = False

    @property
    def has_capital(self) -> bool:
        """Whether the word is to be compared letter by letter."""
        return self.exact and self.text != self.text.lower()


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` words may stand here."""

    most: int


@dataclass(frozen=True, slots=True)
class ListName:
    """Any phrase of a named list."""

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words, gaps, lists and choices in their order."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several phrases; none of them where `optional`."""

    options: tuple[Phrase, ...]
    optional: bool = False


Item: TypeAlias = Word | Gap | ListName | Choice


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int
    after_space: bool
    most: str = ""


@lru_cache(maxsize=20_000)
def parse_phrase(text: str) -> Phrase:
    """Return the tree of one phrase.

    Raises
    ------
    PhraseError
        At the first fault, with its position.
    """
    if not text.strip():
        raise PhraseError("the phrase is empty", 0)
    if len(text) > MOST_CHARACTERS:
        raise PhraseError(f"the phrase has more than {MOST_CHARACTERS:,} characters", 0)
    reader = _Reader(list(_tokens(text)))
    phrase = reader.read_phrase(0)
    reader.expect_end()
    _check_gaps(phrase)
    if may_be_empty(phrase):
        raise PhraseError("every word is optional, so nothing need stand in the text", 0)
    return phrase


def list_names(phrase: Phrase) -> Iterator[ListName]:
    """Yield the lists that a phrase names, in its order."""
    for item in phrase.items:
        if isinstance(item, ListName):
            yield item
        elif isinstance(item, Choice):
            for option in item.options:
                yield from list_names(option)


def has_gap(phrase: Phrase) -> bool:
    """Return whether a gap stands anywhere in the phrase."""
    return any(
        isinstance(item, Gap) or (isinstance(item, Choice) and any(map(has_gap, item.options)))
        for item in phrase.items
    )


def may_be_empty(phrase: Phrase) -> bool:
    """Return whether the phrase can be met by no word at all."""
    return all(
        isinstance(item, Gap)
        or (isinstance(item, Choice) and (item.optional or any(map(may_be_empty, item.options))))
        for item in phrase.items
    )


def _tokens(text: str) -> Iterator[_Token]:
    after_space = True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if match["gap"]:
            kind = "gap"
        if kind == "space":
            after_space = True
            continue
        yield _Token(kind, match.group(), match.start(), after_space, match["most"] or "")
        after_space = False


class _Reader:
    """Recursive descent over the tokens of one phrase."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def expect_end(self) -> None:
        token = self._peek()
        if token is None:
            return
        if token.text == "|":
            raise PhraseError("put alternatives in brackets: (one|other)", token.position)
        raise PhraseError("a closing bracket without an opening one", token.position)

    def read_phrase(self, depth: int) -> Phrase:
        if depth > MOST_NESTED:
            raise PhraseError(
                f"brackets nest more than {MOST_NESTED} deep", self._tokens[self._next].position
            )
        items: list[Item] = []
        while (token := self._peek()) is not None and token.text not in ("|", ")"):
            self._next += 1
            if items and not token.after_space and not self._may_touch(token):
                raise PhraseError(self._touching(token), token.position)
            items.extend(self._read_item(token, depth))
        return Phrase(tuple(items))

    def _may_touch(self, token: _Token) -> bool:
        before = self._tokens[self._next - 2]
        if "gap" in (token.kind, before.kind) or token.text in ("?", "*", "}"):
            return True
        return token.kind == "word" and token.text.translate(_APOSTROPHES).startswith("'")

    def _touching(self, token: _Token) -> str:
        if self._tokens[self._next - 2].text == "*":
            return "a * may only stand at the end of a word"
        return "leave a space here, or write both words in full"

    def _read_item(self, token: _Token, depth: int) -> list[Item]:
        items: list[Item]
        if token.kind == "gap":
            return [_gap(token)]
        if token.kind == "list":
            items = [_list_name(token)]
        elif token.text == "(":
            items = [self._read_choice(token, depth)]
        elif token.kind == "word":
            items = self._read_word(token)
        elif token.text == "?":
            raise PhraseError(
                "a ? must follow a word, a list or a bracket directly", token.position
            )
        elif token.text == "*":
            raise PhraseError(
                "a * must follow the beginning of a word (for one word of any kind write ...1)",
                token.position,
            )
        else:
            raise PhraseError("a } without its {", token.position)
        mark = self._peek()
        if mark is not None and mark.text == "?" and not mark.after_space:
            self._next += 1
            return [_optional(items)]
        return items

    def _read_choice(self, opening: _Token, depth: int) -> Choice:
        options: list[Phrase] = []
        while True:
            option = self.read_phrase(depth + 1)
            token = self._peek()
            if token is None:
                raise PhraseError("an opening bracket is never closed", opening.position)
            if not option.items:
                raise PhraseError(
                    "an alternative is empty (put ? after the bracket if it may be missing)",
                    token.position,
                )
            if may_be_empty(option):
                raise PhraseError(
                    "an alternative before this may be missing as a whole, since ? makes the "
                    "word before it optional (put ? after the bracket)",
                    token.position,
                )
            options.append(option)
            self._next += 1
            if token.text == ")":
                return Choice(tuple(options))

    def _read_word(self, token: _Token) -> list[Item]:
        text = token.text.translate(_APOSTROPHES)
        exact = text.startswith("=")
        text = text.removeprefix("=")
        if not any(char.isalnum() or char in "&+£%" for char in text):
            raise PhraseError(f"'{token.text}' is no word", token.position)
        if "=" in text:
            raise PhraseError("a = may only stand before a word", token.position)
        if wrong := _NO_USE.search(token.text):
            raise PhraseError(
                f"{wrong.group()} has no meaning in a phrase: leave it out (... is words between)",
                token.position + wrong.start(),
            )
        star = self._peek()
        open_end = star is not None and star.text == "*" and not star.after_space
        if open_end and star is not None:
            self._next += 1
            if len(text) < LEAST_BEFORE_STAR:
                raise PhraseError(
                    f"at least {LEAST_BEFORE_STAR} letters must stand before a *", star.position
                )
        if exact and text != text.lower():
            return [Word(text, exact, open_end)]
        pieces = [piece for piece in re.split(r"(?<=\w)-(?=\w)", text.lower()) if piece]
        last = len(pieces) - 1
        return [Word(piece, exact, open_end and i == last) for i, piece in enumerate(pieces)]

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None


def _optional(items: list[Item]) -> Choice:
    if len(items) == 1 and isinstance(items[0], Choice):
        return Choice(items[0].options, optional=True)
    return Choice((Phrase(tuple(items)),), optional=True)


def _gap(token: _Token) -> Gap:
    most = int(token.most) if token.most else WORDS_BETWEEN
    if not 1 <= most <= MOST_WORDS_BETWEEN:
        raise PhraseError(
            f"a gap is 1 to {MOST_WORDS_BETWEEN} words, not {token.most[:9]}", token.position
        )
    return Gap(most)


def _list_name(token: _Token) -> ListName:
    if not token.text.endswith("}"):
        raise PhraseError("a { is never closed", token.position)
    name = token.text[1:-1].strip()
    if not LIST_NAME.fullmatch(name):
        raise PhraseError("a list name is lower-case letters, digits, - and _", token.position)
    return ListName(name, token.position)


def _check_gaps(phrase: Phrase) -> None:
    """Refuse gaps with nothing on one side: they would say nothing."""
    items = phrase.items
    if isinstance(items[0], Gap) or isinstance(items[-1], Gap):
        raise PhraseError("a gap needs words on both sides", 0)
    _check_inner_gaps(phrase)


def _check_inner_gaps(phrase: Phrase) -> None:
    for left, right in zip(phrase.items, phrase.items[1:], strict=False):
        if isinstance(left, Gap) and isinstance(right, Gap):
            raise PhraseError("two gaps stand side by side", 0)
    for item in phrase.items:
        if isinstance(item, Choice):
            for option in item.options:
                _check_inner_gaps(option)
