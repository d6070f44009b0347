"""Where "and" begins a new assertion: "she could not manage alone and accepted help".

After "could not" only a base form goes on with the denial ("eat and sleep"),
so a verb in the past starts afresh. After "was not" or "never" two like forms
may be meant together ("excluded and bullied"), and doubt leaves them denied.
"""

from __future__ import annotations

import re

from qualkit.coding.notation import words

# Past forms that are no participles, so that nothing before "and" can govern them.
_PAST_ONLY = words(
    """
    went took began gave came became ate saw knew did grew drew drank drove flew forgot hid rode
    rang rose sang shook spoke stole swam threw wore woke wrote broke chose fell
    """
)
_PAST = words(
    """
    made found said told kept left lost met paid felt brought bought thought taught held stood
    sent spent built heard led won sat slept meant dealt caught sought fought fed understood ran
    """
)
# Of the third person only what is seldom a noun in the plural.
_PRESENT = words(
    """
    refuses accepts goes takes makes gives comes feels knows says thinks finds keeps lives attends
    enjoys sleeps eats speaks asks becomes begins tells sees sits manages continues remains wants
    likes loves uses engages relies prefers agrees lets brings spends
    """
)
_NO_PAST = words(
    """
    need bed shed red seed feed speed breed weed bleed indeed hundred naked wicked sacred med deed
    greed reed wed exceed succeed proceed airbed sofabed bunkbed cotbed daybed
    """
)
# After these a word in -ed is how somebody is, not what she did.
_COPULAS = words(
    """
    be been being is was are were am feel felt feels feeling get got gets getting become became
    becoming seem seems seemed look looks looked stay stays stayed remain remains remained keep
    """
)
_OBJECTS = words(
    """
    the a an her his their my our your its this that these those him them it us me some any all
    every more another
    """
)
_LIGHT = words("not never been ever even really just yet also always still fully properly quite")

_AND = re.compile(
    r" (?:and|&) (?:(?:finally|instead|eventually|soon|later|gladly|just|even|\w+ly) )?"
    r"([a-z']+)(?: ([a-z']+))?"
)
_BASE = re.compile(
    r"\b(?:(?:do|does|did|could|would|should|might|must|need)(?:n'?t)?|can(?:not|'?t)?|won'?t|will|"
    r"shall|may|to)(?: not| never)?$|'d$"
)
_BE = re.compile(
    r"\b(?:(?:is|are|was|were|ai)n'?t|(?:am|is|are|was|were|'m|'s|'re|im|being|been) not|be)$"
)
_PERFECT = re.compile(r"\b(?:(?:has|have|had)n'?t|(?:has|have|had|ve) (?:not|never)|have)$")
_NOUN_FOLLOWS = re.compile(
    r"\b(?:no|any|without|lack|lacks|lacked|lacking|of|from|in|with|on|at|for|more|than|deny|denied|"
    r"denies|denying|out|down|refused|refuses|refusing|declined|declines|declining)$"
)
_OPEN = re.compile(r"\b(?:not|never|hardly|barely|scarcely|ever|longer|stopped|gave up|given up)$")
# The longest word before a cue that tells how it governs what follows.
_BEFORE = 9


def new_verb(plain: str, start: int, end: int, target: int) -> bool:
    """Return whether an "and" parts what stands at `target` from the cue before it.

    Parameters
    ----------
    plain : str
        The text as it is matched.
    start, end : int
        Where the cue stands.
    target : int
        Where the hit, or its next part, starts.
    """
    if plain.find(" and ", end, target) < 0 and plain.find(" & ", end, target) < 0:
        return False
    joint = _AND.search(plain, end)
    while joint is not None and joint.start() < target:
        # The hit may begin with the verb, but not with the "and".
        if plain.index(" ", joint.start() + 1) < target:
            verb, after = joint.group(1), joint.group(2) or ""
            cue = plain[max(0, start - _BEFORE) : end]
            if _begins_anew(cue, plain[end : joint.start()].split(), verb, after):
                return True
        joint = _AND.search(plain, joint.start() + 1)
    return False


def _begins_anew(cue: str, between: list[str], verb: str, after: str) -> bool:
    """Whether `verb`, with `after` behind it, is governed by no cue before `between`."""
    if verb not in _PRESENT and not _is_past(verb):
        return False
    content = [word for word in between if word not in _LIGHT and not word.endswith("ly")]
    with_object = after in _OBJECTS
    if _BASE.search(cue) and between and content:
        if content[0] in ("have", "of"):
            return False
        if content[0] != "be":
            return with_object or verb in _PAST_ONLY or not _is_state(between)
        content = content[1:]
        return _begins_after_be(content, verb, with_object=with_object)
    if _BE.search(cue):
        return _begins_after_be(content, verb, with_object=with_object)
    if _PERFECT.search(cue):
        return "have" not in cue.split()[-1:] and (verb in _PAST_ONLY or with_object)
    if _NOUN_FOLLOWS.search(cue):
        return not any(_is_past(word) for word in content) and "being" not in content
    if _OPEN.search(cue):
        return _goes_its_own_way(content) and not _is_state(between)
    return False


def _begins_after_be(content: list[str], verb: str, *, with_object: bool) -> bool:
    """Whether a verb is no second participle of "was not"."""
    if verb in _PAST_ONLY or with_object:
        return True
    if not content or _is_past(content[0]) or "being" in content or _is_state(content):
        return False
    return _goes_its_own_way(content)


def _goes_its_own_way(content: list[str]) -> bool:
    """Whether more than one word of a like form stands between cue and "and"."""
    return len(content) > 1 or (len(content) == 1 and content[0].endswith("ing"))


def _is_state(between: list[str]) -> bool:
    """Whether "and" joins two states: "feel safe and", "get him washed and"."""
    if not _COPULAS.isdisjoint(between[-2:]):
        return True
    return bool(between) and _is_past(between[-1]) and not _COPULAS.isdisjoint(between[-4:])


def _is_past(word: str) -> bool:
    if word.endswith("ed"):
        return len(word) > 3 and word not in _NO_PAST
    return word in _PAST or word in _PAST_ONLY
