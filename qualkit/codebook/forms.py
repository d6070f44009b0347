"""The surface forms of words that stand side by side, short forms and denials among them.

Short forms join the word before them ("she's"), also where the writer left the
apostrophe out ("shes"). A form that begins with an apostrophe ("'s low") stands
for a short form at the beginning of a pattern: it joins whatever word the text
has before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from qualkit.codebook.inflect import FUNCTION_WORDS, inflections, is_past_participle, spellings
from qualkit.codebook.phrases import Word
from qualkit.codebook.words import word_set

# What a pronoun is joined with, as be, have, will and would.
_SHORT_OF_PRONOUN: dict[str, frozenset[str]] = {
    "i": frozenset(("'m", "'ve", "'ll", "'d")),
    **dict.fromkeys(("you", "we", "they"), frozenset(("'re", "'ve", "'ll", "'d"))),
    **dict.fromkeys(
        word_set(
            """he she it that this there who what here where how one everyone everybody everything
            nobody nothing someone somebody something anyone anybody anything"""
        ),
        frozenset(("'s", "'ll", "'d")),
    ),
}
_SHORT_OF_NOUN = frozenset(("'s",))
# Without their apostrophe these are other words.
_OTHER_WORDS = frozenset(("hell", "id", "ill", "shed", "shell", "wed", "well", "were"))
# An author's own "'s" after a noun: an owner's, so plurals take it too ("the boys' room").
_POSSESSIVE = "'s of an owner"

_SHORT = {
    "be": ("'m", "'re", "'s"),
    "have": ("'d", "'s", "'ve"),
    "will": ("'ll",),
    "would": ("'d",),
}
# After these words a short 's or 'd can be "has" or "had".
_AFTER_HAVE = word_set(
    """
    a already also always an ever just never no not now only recently since
    """
)
_NEGATED: dict[str, tuple[str, ...]] = {
    "be": ("aren't", "isn't", "wasn't", "weren't", "ain't"),
    "can": ("can't", "cannot", "couldn't"),
    "cannot": ("can't", "cannot", "couldn't", "can not", "could not"),
    "could": ("couldn't",),
    "do": ("didn't", "doesn't", "don't"),
    "have": ("hadn't", "hasn't", "haven't"),
    "must": ("mustn't",),
    "need": ("needn't",),
    "should": ("shouldn't",),
    "will": ("won't",),
    "would": ("wouldn't",),
}
_BEFORE_NOT = {
    "be": ("am", "are", "be", "been", "being", "is", "was", "were"),
    "can": ("can", "could"),
    "do": ("did", "do", "does"),
    "have": ("had", "has", "have", "having"),
}
# The verbs that "not" joins.
VERBS_OF_DENIAL = frozenset(_NEGATED)
# After these denials a verb stands in its base form ("did not sleep").
_BASE_FOLLOWS = ("can", "cannot", "could", "do", "must", "should", "will", "would")
# First words of a pattern that stand for a pronoun and a short form without apostrophe.
_PRONOUNS = ("he", "i", "it", "she", "they", "we", "you")


class TooManyFormsError(ValueError):
    """A stretch would have more forms than are allowed; `count` is a lower bound."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"expands to more than {count:,} forms")


def surface_forms(words: Sequence[Word], most: int) -> set[str]:
    """Return every way of writing `words` side by side.

    Parameters
    ----------
    words : sequence of Word
        At least one.
    most : int
        The number of forms that is not to be passed.

    Returns
    -------
    set of str
        Forms written as `normalise_text` writes, save words with a capital.

    Raises
    ------
    TooManyFormsError
        When there are more than `most`.
    """
    slots = _slots(words)
    forms = _first_forms(slots[0])
    for slot in slots[1:]:
        joined: set[str] = set()
        for form in forms:
            joined.update(_join(form, slot))
            if len(joined) > most:
                raise TooManyFormsError(most)
        forms = joined
    if words[-1].open_end:
        return {form + "*" for form in forms}
    return forms


def _slots(words: Sequence[Word]) -> list[tuple[str, ...]]:
    """Return the options of each word; those that begin with ' join the word before.

    A denial or "have" is taken together with the word after it, since the form
    of one depends on the other.
    """
    slots: list[tuple[str, ...]] = []
    i = 0
    while i < len(words):
        word = words[i]
        after = words[i + 1] if i + 1 < len(words) else None
        is_plain = not word.exact and not word.open_end
        if is_plain and word.text in _NEGATED and (_is_not(after) or word.text == "cannot"):
            i += 1 if word.text == "cannot" else 2
            after = words[i] if i < len(words) else None
            slots.append(_denial_options(word.text, after))
            i += after is not None
        elif _is_not(word):
            slots.append(_not_options(after))
            i += 1 + (after is not None)
        elif is_plain and word.text == "have" and after is not None:
            slots.append(_have_options(after))
            i += 2
        else:
            slots.append(_word_options(word))
            i += 1
    return slots


def _is_not(word: Word | None) -> bool:
    return word is not None and word.text == "not" and not word.exact and not word.open_end


def _word_options(word: Word) -> tuple[str, ...]:
    if not word.exact and not word.open_end and word.text in _SHORT and word.text != "have":
        return (*_plain_options(word), *_SHORT[word.text])
    if word.text == "have" and not word.exact and not word.open_end:
        return (*_plain_options(word), "'ve")
    return _plain_options(word)


def _plain_options(word: Word) -> tuple[str, ...]:
    """Return the options of a word without short forms."""
    if word.has_capital or word.open_end:
        return (word.text,)
    if word.text == "'s":
        return (_POSSESSIVE,)
    if "'" in word.text:
        return tuple(_with_and_without_apostrophe((word.text,)))
    return (word.text,) if word.exact else inflections(word.text)


def _have_options(after: Word) -> tuple[str, ...]:
    follows = _plain_options(after)
    options = [f"{have} {form}" for have in (*inflections("have"), "'ve") for form in follows]
    # "'s debts" is far more often "mum's debts" than "mum has debts".
    options += [
        f"{short} {form}"
        for short in ("'d", "'s")
        for form in follows
        if form in _AFTER_HAVE or is_past_participle(form)
    ]
    return tuple(options)


@cache
def _denial_options(verb: str, after: Word | None) -> tuple[str, ...]:
    """Return a verb with "not" in all its forms, and the word after it."""
    options = {f"{form} not" for form in _BEFORE_NOT.get(verb, (verb,)) if verb != "cannot"}
    options.update(f"{short} not" for short in _SHORT.get(verb, ()))
    options.update(_with_and_without_apostrophe(_NEGATED[verb]))
    if after is None:
        return tuple(sorted(options))
    follows = _following(verb, after)
    return tuple(sorted(f"{option} {form}" for option in options for form in follows))


def _following(verb: str, after: Word) -> list[str]:
    """Return the forms of a word that can follow a denial with this verb."""
    forms = _plain_options(after)
    if after.exact or after.open_end or "'" in after.text:
        return list(forms)
    as_written = spellings(after.text)
    if verb in _BASE_FOLLOWS:
        return [form for form in forms if form in as_written]
    if verb == "have":
        return [form for form in forms if form in as_written or is_past_participle(form)]
    return [form for form in forms if form in as_written or not form.endswith("s")]


@cache
def _not_options(after: Word | None) -> tuple[str, ...]:
    """Return "not" and every n't, and the word after it."""
    options = {"not"} if after is None else {f"not {form}" for form in _plain_options(after)}
    for verb in _NEGATED:
        found = _denial_options(verb, after)
        options.update(form for form in found if " not" not in form)
    return tuple(sorted(options))


def _with_and_without_apostrophe(forms: Iterable[str]) -> list[str]:
    both: list[str] = []
    for form in forms:
        both.append(form)
        bare = form.replace("'", "")
        # A lone "'s" without its apostrophe joins the word before it: see _join.
        if bare != form and not form.startswith("'") and bare not in _OTHER_WORDS:
            both.append(bare)
    return both


def _first_forms(slot: tuple[str, ...]) -> set[str]:
    forms = {"'s" if option == _POSSESSIVE else option for option in slot}
    for option in slot:
        if option.startswith("'") and option != _POSSESSIVE:
            for pronoun in _PRONOUNS:
                forms.update(form for form in _join(pronoun, (option,)) if "'" not in form)
    return forms


def _join(form: str, slot: tuple[str, ...]) -> list[str]:
    joined: list[str] = []
    before = form.rsplit(" ", 1)[-1]
    for option in slot:
        if not option.startswith("'"):
            joined.append(f"{form} {option}")
            continue
        if option == _POSSESSIVE:
            ending = "" if before.endswith("s") else "s"
            joined += [f"{form}'{ending}", form + ending]
            continue
        short, space, rest = option.partition(" ")
        if not _takes_short(before, short):
            continue
        joined.append(form + option)
        bare = before + short[1:]
        if before in _SHORT_OF_PRONOUN and bare not in _OTHER_WORDS:
            joined.append(form + short[1:] + space + rest)
    return joined


def _takes_short(before: str, short: str) -> bool:
    if before in _SHORT_OF_PRONOUN:
        return short in _SHORT_OF_PRONOUN[before]
    if before in FUNCTION_WORDS or "'" in before or before.endswith(("s", "ly")):
        return False
    return short in _SHORT_OF_NOUN
