"""The inflections of single words, regular and irregular, in British spelling first.

LemmInflect knows most of them. What it lacks, or has in the American spelling
alone, is added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from qualkit.codebook.words import word_set

# Words of closed classes: they have no inflections that an author could mean.
FUNCTION_WORDS = word_set(
    """
    a about above across after against ago all along already also although always am among an
    and another any anybody anymore anyone anything anywhere are as at away back be because been
    before behind being below beside between beyond both but by cannot could did does doing done
    down during each either else enough even ever every everybody everyone everything few for
    from had has having he her here hers herself hi him himself his how however i if in inside
    instead into is it its itself just least less lot many may maybe me might mine more most
    much must my myself near neither never next nobody none nor not nothing now nowhere of off
    often on once only onto or other others our ours ourselves out outside over per perhaps
    quite rather same shall she should since so some somebody someone something sometimes soon
    still such than that the their theirs them themselves then there these they this those
    though through throughout till to together too toward towards twice under unless until up
    upon us very via was we well were what whatever when whenever where whether which while who
    whoever whole whom whose why with within without would yes yet you your yours yourself
    yourselves one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
    ninety hundred thousand million first second third
    """
)

_FIXED: dict[str, tuple[str, ...]] = {
    "be": ("am", "are", "be", "been", "being", "is", "was", "were"),
    "can": ("can", "could"),
    "do": ("did", "do", "does", "doing", "done"),
    "go": ("go", "goes", "going", "gone", "went"),
    "have": ("had", "has", "have", "having"),
    "will": ("will",),
}
# LemmInflect also takes these for a form of a rarer word (feed of fee, rent of rend).
_BASE_FORMS = word_set("bound feed fulfil ground number okay real rent wound")
# Nouns that are verbs too, but other verbs than an author means ("kidding", "bedding").
_NOUNS_ONLY = word_set(
    """
    babe baby bairn bed boy brother child dad doctor eldest father friend girl home husband job
    kid lad man mam mood mother mum nan neighbour nurse officer pal partner person pupil sister
    son team teen term toddler twin uncle wife woman worker youth
    """
)
# Past forms that British writers use beside the regular ones.
_PAST_IN_T = {
    "burn": "burnt",
    "dream": "dreamt",
    "dwell": "dwelt",
    "kneel": "knelt",
    "lean": "leant",
    "leap": "leapt",
    "learn": "learnt",
    "smell": "smelt",
    "spell": "spelt",
    "spill": "spilt",
    "spoil": "spoilt",
}
# The same word in British and in American spelling; transcripts made by machine mix them.
_SPELLINGS = {
    "centre": "center",
    "cheque": "check",
    "counsellor": "counselor",
    "defence": "defense",
    "diarrhoea": "diarrhea",
    "enrol": "enroll",
    "fulfil": "fulfill",
    "grey": "gray",
    "licence": "license",
    "practise": "practice",
    "programme": "program",
    "pyjamas": "pajamas",
    "tyre": "tire",
}
_PLAIN_WORD = re.compile(r"[a-z]+")
_ONE_VOWEL_AND_L = re.compile(r".*[^aeiou][aeiou]l")


@cache
def inflections(word: str) -> tuple[str, ...]:
    """Return every form of a lower-case word, itself among them, sorted.

    Words of two letters, numbers, function words and adverbs in -ly have one
    form, and so has a word that is already inflected (`went`, `struggling`),
    save that a noun in -ing (`meeting`) has its plural. A word that no
    dictionary knows is taken for a noun and a verb.

    Parameters
    ----------
    word : str
        One word in lower case without spaces.

    Returns
    -------
    tuple of str
        The forms, sorted.
    """
    if word in _FIXED:
        return _FIXED[word]
    if len(word) <= 2 or word in FUNCTION_WORDS or not _PLAIN_WORD.fullmatch(word):
        return (word,)
    forms = {word}
    for spelling in spellings(word):
        forms.update(_forms_of(spelling))
    return tuple(sorted(form for form in forms if _is_plain(form)))


@cache
def is_past_participle(word: str) -> bool:
    """Return whether the word can follow "have" as its verb (been, lost, moved)."""
    from lemminflect import getAllLemmas

    if word in ("been", "done", "gone", "had"):
        return True
    if not _PLAIN_WORD.fullmatch(word) or word.endswith(("ing", "s")):
        return False
    verbs: tuple[str, ...] = getAllLemmas(word).get("VERB", ())
    # Regular verbs have no VBN of their own in LemmInflect: it is the VBD.
    return any(word in (_forms_in("VBN", verb) or _forms_in("VBD", verb)) for verb in verbs)


def _forms_in(tag: str, word: str) -> tuple[str, ...]:
    from lemminflect import getAllInflections

    forms: tuple[str, ...] = getAllInflections(word).get(tag, ())
    return forms


def _forms_of(word: str) -> set[str]:
    from lemminflect import getAllInflections, getAllLemmas

    lemmas: dict[str, tuple[str, ...]] = getAllLemmas(word)
    if not lemmas:
        return {word} | _forms_by_rule(word)
    if word.endswith("ly") and set(lemmas) <= {"ADV"}:
        return {word}
    if word not in _BASE_FORMS and _is_inflected(word, lemmas):
        if word.endswith("ing") and word in lemmas.get("NOUN", ()):
            return {word, *_forms_in("NNS", word)}
        return {word}
    if word in _NOUNS_ONLY:
        return {word, *_forms_in("NNS", word)}
    known: dict[str, tuple[str, ...]] = getAllInflections(word)
    forms = {word}.union(*known.values())
    if "VERB" in lemmas:
        forms |= _british_forms(word)
    return forms


def _is_inflected(word: str, lemmas: dict[str, tuple[str, ...]]) -> bool:
    # "over-come" as the lemma of "overcome" is the same word.
    return any(lemma.replace("-", "") != word for found in lemmas.values() for lemma in found)


def _forms_by_rule(word: str) -> set[str]:
    """Inflect a word that LemmInflect does not know, unless it looks inflected."""
    from lemminflect import getAllInflectionsOOV

    if word.endswith(("s", "ed", "ing", "ly")):
        return {word}
    if not re.search("[aeiou]", word):
        # An abbreviation, such as ptsd or cyp.
        return {word, word + "s"}
    forms = {word}
    # Short ones are abbreviations or names.
    for part_of_speech in ("NOUN", "VERB") if len(word) > 4 else ("NOUN",):
        found: dict[str, Iterable[str]] = getAllInflectionsOOV(word, part_of_speech)
        forms.update(*found.values())
    return forms


def _british_forms(verb: str) -> set[str]:
    if _ONE_VOWEL_AND_L.fullmatch(verb):
        return {verb + "led", verb + "ling"}
    if verb in _PAST_IN_T:
        return {_PAST_IN_T[verb]}
    return set()


@cache
def spellings(word: str) -> tuple[str, ...]:
    """Return the word and its British or American twin, where a dictionary has both."""
    from lemminflect import getAllLemmas

    found = {word}
    if word in _SPELLINGS:
        found.add(_SPELLINGS[word])
    other = ""
    if word.endswith("ise"):
        other = word[:-3] + "ize"
    elif word.endswith("ize"):
        other = word[:-3] + "ise"
    elif word.endswith("our") and len(word) > 5:
        other = word[:-3] + "or"
    if other and "VERB" in getAllLemmas(other) and word.endswith(("ise", "ize")):
        found.add(other)
    if other and word.endswith("our") and getAllLemmas(other):
        found.add(other)
    return tuple(sorted(found))


def _is_plain(form: str) -> bool:
    return bool(_PLAIN_WORD.fullmatch(form))
