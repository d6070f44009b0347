"""Whether a match is asserted of this family: the checks of docs/codebooks.md.

In the manner of NegEx and ConText: a cue reaches over a number of words up to
the end of its clause or a word that ends its scope. The cues are data in
`cues`; here is what more there is to look at.

References
----------
Chapman, W. W., et al. (2001). A simple algorithm for identifying negated
findings and diseases in discharge summaries. Journal of Biomedical
Informatics 34(5).
Harkema, H., et al. (2009). ConText: an algorithm for determining negation,
experiencer, and temporal status from clinical reports. Journal of Biomedical
Informatics 42(5).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qualkit.coding.cues import is_short_denial as is_short_denial
from qualkit.coding.cues_denied import DENIALS
from qualkit.coding.cues_unreal import GONE_TO
from qualkit.coding.landmarks import FoundCue, Layout, Sentence
from qualkit.coding.matcher import Match
from qualkit.coding.verbs import new_verb
from qualkit.model import Role

# A barrier that is gone did stand in the way, so "no longer" does not deny it.
STANDING_CATEGORY = "barrier"
# The categories that say how somebody is or what came of it.
_STATES = frozenset({STANDING_CATEGORY, "outcome"})
_OWNER = re.compile(
    r"\W*(?:(?:her|his|their|my|our|a|one|the|another|mum's|mums|dad's|dads)(?: of (?:her|his))? )?"
    r"(?:(?:close|good|old|next door|school|new) )?"
)
_TO_FAMILY = re.compile(
    r"\b(?:she|he|they|we|i|her|him|them|me|us|mum|dad|the (?:family|children|kids))\b"
)
# Dialect denies twice for once: "never had no friends".
_REACH_OF_CONCORD = 3

_TAG = re.compile(
    r"(?:,\s*(?:is|are|was|were|do|does|did|has|have|had|can|could|would|should|will|won|isn|aren|"
    r"wasn|weren|don|doesn|didn|hasn|haven|hadn|couldn|wouldn|shouldn|ain)"
    r"(?:'?n?'?t)?(?: not)? (?:it|he|she|they|we|i|you|there|that)(?: not)?"
    r"|,? ?\b(?:innit|right|yeah|eh|you know|know what i mean|you know what i mean))"
    r"\s*[?!.]+[\"')\]]*\s*$"
)
_WORD = re.compile(r"[\w']+")
_FIRST_DENIAL = re.compile(
    r"(?:(?:no|not|never|none|nothing|nobody|neither|nor|nowhere|without|hardly)\b|\w+n't\b"
    r"|(?:dont|doesnt|didnt|isnt|wasnt|cant|couldnt|havent|hasnt|wont|wouldnt)\b|n't\b)"
)
# What denies or fails the part of a hit before which it stands.
_DENIES_PART = re.compile(
    r"\b(?:no|not|never|hardly|barely|little|unable|failed|fails|failing|refused|refuses|tried|"
    r"struggled|hard|difficult)\b|n'?t\b"
)
_AUXILIARY_DENIALS = frozenset(
    word for word in DENIALS if word == "never" or word.endswith(("n't", "not"))
) | frozenset(word.replace("n't", "nt") for word in DENIALS if word.endswith("n't"))
_WOULD = re.compile(r"\b(?:would|could|wouldn't|couldn't|wouldnt|couldnt|can't|cant)\b|'d\b|\bid\b")
_GOES_ON = re.compile(r"\s+\w")
_OR = re.compile(r"\b(?:or|nor)\b")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a match does not count: the check it failed, and where its cue stands."""

    check: str
    start: int
    end: int


class Judge:
    """Judges the matches of one text.

    Parameters
    ----------
    layout : Layout
        The text's sentences with their cues.
    role : str
        The speaker's; a worker's own family is another family.
    """

    def __init__(self, layout: Layout, role: str) -> None:
        self._layout = layout
        self._plain = layout.view.plain
        # Most texts ask nothing, which is seen quickly.
        self._asks = "?" in layout.view.plain
        self._of_worker = role not in (Role.PARENT, Role.PARTICIPANT, Role.CHILD)

    def first_reason(self, match: Match) -> Reason | None:
        """Return why the match does not count, or None when it stands."""
        for reason in self._reasons(match):
            return reason
        return None

    def reasons(self, match: Match) -> tuple[Reason, ...]:
        """Return every check that the match fails."""
        return tuple(self._reasons(match))

    def _reasons(self, match: Match) -> Iterable[Reason]:
        rule = match.rule
        if not rule.checks and rule.negation != "require":
            return
        sentence = self._layout.sentence(match.start)
        if not sentence.cues and not self._asks and rule.negation != "require":
            return
        if rule.negation == "require" and self._negation(match, sentence) is None:
            yield Reason("negation", match.start, match.start)
        for check in rule.checks:
            if check == "negation" and rule.negation != "drop":
                continue
            if check not in sentence.cues and not (
                (self._asks and check == "question")
                or (check == "negation" and "failed" in sentence.cues)
            ):
                continue
            reason = _CHECKS[check](self, match, sentence) if check in _CHECKS else None
            if reason is not None:
                yield reason

    # --- one check each -----------------------------------------------------

    def _negation(self, match: Match, sentence: Sentence) -> Reason | None:
        standing = match.rule.category == STANDING_CATEGORY
        cues = sentence.cues.get("negation", ())
        if standing and any(
            cue.flag == "any more" and self._covers_after(cue, match, sentence) for cue in cues
        ):
            return None
        for cue in cues:
            if not self._denial_cue_counts(cue, sentence, standing=standing):
                continue
            if cue.after:
                if self._covers_after(cue, match, sentence) or (
                    cue.flag == "both" and self._denies_on(cue, match, sentence, standing=standing)
                ):
                    return Reason("negation", cue.start, cue.end)
            elif (
                self._covers_before(cue, match, sentence, given=standing, asserting=True)
                and not self._list_ended(cue, match, sentence)
                and not self._is_concord(cue, match)
            ):
                return Reason("negation", cue.start, cue.end)
        # The words of a failure ("has not started") hide the denial that they begin with.
        for cue in sentence.cues.get("failed", ()):
            if (
                cue.flag == "both"
                and not standing
                and self._denies_on(cue, match, sentence, standing=False)
            ):
                return Reason("negation", cue.start, cue.end)
        return self._denied_between(match, sentence) if len(match.parts) > 1 else None

    def _denies_on(
        self, cue: FoundCue, match: Match, sentence: Sentence, *, standing: bool
    ) -> bool:
        """Whether a cue that begins with a denial denies what stands after it."""
        return self._covers_before(
            cue, match, sentence, given=standing, asserting=True
        ) and not self._list_ended(cue, match, sentence)

    def _denied_between(self, match: Match, sentence: Sentence) -> Reason | None:
        """Find a denial in a gap that a longer cue of failure has hidden ("never helped")."""
        for cue in sentence.cues.get("failed", ()):
            if self._part_after(cue, match) is not None and _FIRST_DENIAL.match(
                self._plain, cue.start, cue.end
            ):
                return Reason("negation", cue.start, cue.end)
        return None

    def _question(self, match: Match, sentence: Sentence) -> Reason | None:
        text = self._plain[sentence.start : sentence.end].rstrip().rstrip("\"')]")
        if text.endswith(("?", "?!")) and not _is_tag_question(text):
            return Reason("question", sentence.end - 1, sentence.end)
        return self._plain_check("question", match, sentence)

    def _plan(self, match: Match, sentence: Sentence) -> Reason | None:
        return self._plain_check("plan", match, sentence, self._plan_cue_counts)

    def _hypothetical(self, match: Match, sentence: Sentence) -> Reason | None:
        return self._plain_check(
            "hypothetical", match, sentence, self._hypothetical_cue_counts, asserting=True
        )

    def _wish(self, match: Match, sentence: Sentence) -> Reason | None:
        return self._plain_check("wish", match, sentence)

    def _others(self, match: Match, sentence: Sentence) -> Reason | None:
        def counts(cue: FoundCue, sentence: Sentence) -> bool:
            return self._others_cue_counts(cue, sentence, match)

        return self._plain_check("others", match, sentence, counts)

    def _failed(self, match: Match, sentence: Sentence) -> Reason | None:
        for cue in sentence.cues.get("failed", ()):
            if match.rule.negation == "require" and self._part_after(cue, match) is not None:
                # The denial that the rule asks for.
                continue
            if cue.after:
                if self._covers_after(cue, match, sentence, over_note=True):
                    return Reason("failed", cue.start, cue.end)
            elif self._covers_before(cue, match, sentence, asserting=True) and not self._list_ended(
                cue, match, sentence
            ):
                return Reason("failed", cue.start, cue.end)
        return None

    def _plain_check(
        self,
        check: str,
        match: Match,
        sentence: Sentence,
        counts: Callable[[FoundCue, Sentence], bool] | None = None,
        *,
        asserting: bool = False,
    ) -> Reason | None:
        for cue in sentence.cues.get(check, ()):
            if cue.after:
                covers = self._covers_after(cue, match, sentence)
            else:
                covers = self._covers_before(cue, match, sentence, asserting=asserting)
            if covers and (counts is None or counts(cue, sentence)):
                return Reason(check, cue.start, cue.end)
        return None

    # --- what a cue covers --------------------------------------------------

    def _part_after(self, cue: FoundCue, match: Match) -> int | None:
        """Return where the next part starts when the cue denies it from the gap before.

        A hit's own words are never its cue; what begins between its parts may be,
        and may run into the next part if its denial stands before ("never helped",
        but not "was refused").
        """
        for (_, end), (start, _) in zip(match.parts, match.parts[1:], strict=False):
            if end <= cue.start < start:
                denies = cue.end <= start or _DENIES_PART.search(self._plain, cue.start, start)
                return start if denies else None
        return None

    def _covers_before(
        self,
        cue: FoundCue,
        match: Match,
        sentence: Sentence,
        *,
        given: bool = False,
        asserting: bool = False,
    ) -> bool:
        """Whether a cue stands before the match, or in one of its gaps, and reaches it.

        With `asserting`, a new verb after "and" ends its scope.
        """
        target = match.start
        if cue.start >= match.start:
            part = self._part_after(cue, match)
            if part is None:
                return False
            target = part
        if cue.end >= target:
            # The cue runs into the hit ("not able to" before "able to cope").
            return True
        # One space more than words between.
        if self._plain.count(" ", cue.end, target) - 1 > cue.reach:
            return False
        if sentence.broken(cue.end, target, given=given):
            return False
        return not (asserting and new_verb(self._plain, cue.start, cue.end, target))

    def _covers_after(
        self, cue: FoundCue, match: Match, sentence: Sentence, *, over_note: bool = False
    ) -> bool:
        """Whether a cue stands after the match, or in one of its gaps, and reaches back to it."""
        if cue.start < match.start:
            return False
        if cue.start < match.end:
            part = self._part_after(cue, match)
            return part is not None and (
                cue.end >= part or not sentence.broken(cue.end, part, note=False)
            )
        if self._plain.count(" ", match.end, cue.start) - 1 > cue.reach:
            return False
        if over_note and self._plain.startswith("but ", cue.start):
            return True
        # "Debts: none" runs over the colon, so breaks of notes do not count.
        return not sentence.broken(match.end, cue.start, note=False)

    def _list_ended(self, cue: FoundCue, match: Match, sentence: Sentence) -> bool:
        """Whether a comma ends a denial: not within a list that ends with "or"."""
        if cue.end >= match.start:
            return False
        # Commas come in pairs around an aside: "did not, in the end, get".
        aside = self._plain.startswith(",", cue.end)
        start = self._plain.find(",", cue.end + 1) + 1 if aside else cue.end
        comma = self._plain.find(",", start, match.start)
        if comma < 0:
            return False
        end = sentence.clause(match.start)[1]
        return _OR.search(self._plain, comma, max(end, match.end)) is None

    # --- cues that need a second look -----------------------------------------

    def _is_concord(self, cue: FoundCue, match: Match) -> bool:
        """Whether denial and hit deny the same thing ("never had no friends")."""
        if _FIRST_DENIAL.match(self._plain, match.start, match.end) is None:
            return False
        return (
            self._plain[cue.start : cue.end] in _AUXILIARY_DENIALS
            and self._plain.count(" ", cue.end, match.start) - 1 <= _REACH_OF_CONCORD
        )

    def _without_is_thanks(self, sentence: Sentence) -> bool:
        """Whether "without" says what would have been ("could not have coped without her")."""
        return _WOULD.search(self._plain, sentence.start, sentence.end) is not None

    def _denial_cue_counts(self, cue: FoundCue, sentence: Sentence, *, standing: bool) -> bool:
        if cue.flag == "any more" or (standing and cue.flag == "state"):
            return False
        if cue.flag == "without":
            return not self._without_is_thanks(sentence)
        if cue.flag == "last":
            return _GOES_ON.match(self._plain, cue.end, sentence.end) is None
        return True

    def _plan_cue_counts(self, cue: FoundCue, sentence: Sentence) -> bool:
        if cue.flag == "lower":
            return self._is_verb(cue, sentence)
        if cue.flag == "motion":
            # "going to school" goes there; "going to start" is a plan.
            following = _WORD.search(self._plain, cue.end)
            if following is None:
                return False
            capital = self._layout.view.cased[following.start()].isupper()
            word = following.group()
            return word not in GONE_TO and not capital and not word[0].isdigit()
        return True

    def _hypothetical_cue_counts(self, cue: FoundCue, sentence: Sentence) -> bool:
        if cue.flag == "lower":
            return self._is_verb(cue, sentence)
        if cue.flag == "would":
            return sentence.conditional
        if cue.flag == "would be":
            # "would be crying every night" tells of a habit.
            return sentence.conditional or not sentence.habitual
        return True

    def _others_cue_counts(self, cue: FoundCue, sentence: Sentence, match: Match) -> bool:
        if cue.flag == "friend":
            # A friend's trouble or success is another's, her help is the family's; and
            # what befalls "her only friend", or is done to "them", is the family's too.
            return (
                match.rule.category in _STATES
                and _OWNER.fullmatch(self._plain, sentence.start, cue.start) is not None
                and _TO_FAMILY.search(self._plain, cue.end, sentence.end) is None
            )
        return cue.flag != "own" or (self._of_worker and not self._layout.view.quoted(cue.start))

    def _is_verb(self, cue: FoundCue, sentence: Sentence) -> bool:
        """Whether "will" or "may" is no name or month: small, or first in its sentence."""
        if not self._layout.view.cased[cue.start].isupper():
            return True
        before = self._plain[sentence.start : cue.start]
        return not any(char.isalnum() for char in before)


def _is_tag_question(text: str) -> bool:
    """Whether the question only asks for agreement (", isn't it?")."""
    tag = _TAG.search(text if text.endswith("?") else text + "?")
    if tag is None:
        return False
    # "Was she?" asks; three words before the tag say something.
    return len(text[: tag.start()].split()) >= 3


_CHECKS: dict[str, Callable[[Judge, Match, Sentence], Reason | None]] = {
    "negation": Judge._negation,
    "question": Judge._question,
    "wish": Judge._wish,
    "plan": Judge._plan,
    "hypothetical": Judge._hypothetical,
    "others": Judge._others,
    "failed": Judge._failed,
}
