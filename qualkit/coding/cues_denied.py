"""The cues of denial and of failure. Data only; see `cues` and `notation`."""

from __future__ import annotations

from qualkit.coding.notation import Cue, lines

_BE_NOT = (
    "(is not|isn't|was not|wasn't|are not|aren't|were not|weren't|not|never|"
    "is never|was never|were never|has not been|hasn't been|have not been|haven't been|"
    "had not been|hadn't been|never been)"
)
_DID_NOT = (
    "(did not|didn't|does not|doesn't|do not|don't|has not|hasn't|have not|haven't|"
    "had not|hadn't|would not|wouldn't|could not|couldn't|never)"
)

# "Did not know she was depressed": what was not known is so all the same.
_NOT = "(not|never|don't|doesn't|didn't|hasn't|haven't|hadn't|wouldn't|couldn't|can't|cannot)"
_NOT_KNOWN = (
    f"{_NOT} (know|realise|realize|notice|understand|see|known|realised|realized|noticed|"
    "understood|seen|knowing|realising|realizing|noticing) "
    "(that|how|why|what|until|i|he|she|it was|we|they|you|mum|dad|there was|there were)"
)

# Said of what is tried or awaited, these fail it and deny it.
_NOT_YET = (
    "still (is not|isn't|was not|wasn't|are not|aren't|not|no|cannot|can't|does not|"
    "doesn't|do not|don't|has not|hasn't|have not|haven't|won't)",
    "(unable|not able|failed|fails|failing) to",
    "(is|are|has|have|was|had|) yet to",
)

DENIALS = lines(
    """
    no, not, never, none of, nothing, nobody, no one, noone, neither, nor, nowhere
    don't, doesn't, didn't, isn't, aren't, wasn't, weren't, ain't
    haven't, hasn't, hadn't, can't, cannot, couldn't, won't, wouldn't, shouldn't
    mustn't, needn't, mightn't, wdn't, cdn't, shdn't
    """
)

NEGATION = (
    Cue("negation", DENIALS, reach=5),
    Cue(
        "negation",
        lines(
            """
            denies, denied, denying, deny, free (of|from), (an|) absence of, lack of, lacks
            lacking, lacked, no (sign|signs|evidence|history|trace|hint|mention|question) of
            rule out, ruled out, ruling out, (rather|other) than, instead of, in place of
            far from, anything but, not one (bit|jot|scrap) of
            """
        ),
    ),
    Cue("negation", _NOT_YET),
    # Who does not know how to do it does not do it.
    Cue("negation", (f"{_NOT} (know|known|knowing|understand|see) (how|what|where) to",), reach=1),
    Cue("negation", lines("hardly, barely, scarcely, hardly (any|ever)"), reach=3),
    Cue("negation", ("without",), reach=4, flag="without"),
    Cue(
        "negation",
        lines(
            """
            no longer, not any longer, stopped, has stopped, gave up, given up
            no more
            """
        ),
        reach=4,
        flag="state",
    ),
    Cue(
        "negation",
        lines("any longer, any more, anymore"),
        after=True,
        reach=3,
        flag="any more",
    ),
    Cue(
        "negation",
        (
            f"{_BE_NOT} (a|an|the|any|really a|really an|) "
            "(problem|issue|concern|worry|factor|case|reason)",
            f"{_DID_NOT} (come up|arise|apply|feature|exist|come into it|materialise)",
        ),
        after=True,
        reach=2,
    ),
    # "Help was not offered" and "was not offered help".
    Cue(
        "negation",
        (
            f"{_BE_NOT} (ever|been|yet|) (offered|given|provided|available|arranged|received|"
            "found|forthcoming|present|there|in place|on offer|put in place|set up|needed|noted|"
            "reported|observed|seen|required|necessary|possible)",
        ),
        after=True,
        reach=2,
        flag="both",
    ),
    Cue(
        "negation",
        lines("none, nil, denied, absent, - no, : no, not at all, not really, never"),
        after=True,
        reach=1,
        flag="last",
    ),
    Cue(
        "negation",
        lines(
            """
            no (problem|problems|issue|issues|concern|concerns|worry|worries), ruled out
            """
        ),
        after=True,
        reach=1,
    ),
)

NO_NEGATION = (
    "no,",
    *lines(
        f"""
    not only, not just, not merely, not simply, not least, not to mention, not alone
    (isn't|wasn't|aren't|weren't|didn't|doesn't|don't|hasn't|hadn't|haven't) (just|only|simply)
    no doubt, no wonder, no matter, no sooner, no surprise, no fewer than, no less than, why not
    no secret, no coincidence, not surprising, not surprisingly, not unusual, not uncommon
    not unlike, not without, never without, not until, wasn't until, was not until, never until
    no idea
    {_NOT_KNOWN}
    {_DID_NOT} (forget|mind)
    (could not|couldn't|cannot|can't) see (the|your|her|their|my) (floor|carpet|worktop|worktops|table|sofa|bed|sink)
    (not|never) (forget|forgets|forgotten)
    (could not|couldn't|cannot|can't) (be|have been) (more|better|happier|prouder|worse|any better|any happier)
    (could not|couldn't|cannot|can't) (thank|praise|recommend) (her|him|them|you|) (enough|highly enough)
    (could not|couldn't) have (been|asked for|wished for|had) (a|) (more|better|happier|prouder|worse)
    (could not|couldn't) have (done|managed|coped|got|come|survived) (it|this|that|through|here|so far|any of it|) without
    (could not|couldn't|can't|cannot) (fault|rate)
    (would not|wouldn't|would never) (be|have) (been|got|done|managed|coped|come|known|) (here|it|this|that|far|through|) without
    never (looked back|looked forward), not forgetting, nothing but, nothing short of
    (isn't|wasn't|is not|was not|not) afraid to
    """  # noqa: E501 - one phrase family a line
    ),
)

_IMPROVE = (
    "(help|helped|work|worked|last|lasted|happen|happened|improve|improved|change|changed|"
    "get better|get any better|get going|make a difference|make any difference|made a difference|"
    "come to anything|came to anything|materialise|materialised|go ahead|stick|stuck|start|"
    "started|take off|begin|go well|suit|come off)"
)
FAILED = (
    Cue(
        "failed",
        (
            *_NOT_YET,
            "still (refuses|refusing)",
            "(tried|trying|tries|try|attempted|attempts|attempting|attempt) (and failed|hard|) to",
            "(failure|struggled|struggles|struggling) to",
            "(refused|refuses|refusing|refusal|declined|declines|declining|reluctant) (to|)",
            "(turned|turns|turning) down",
            "(no|little|not much|hardly any|without any|without) "
            "(improvement|change|progress|success|difference) (in|with|to|on|at|for)",
            "(no|not any|not much|never any) (better|nearer|closer|further)",
            "(found|finds|finding|find) it (too|very|really|so|quite|) (hard|difficult|impossible)",
            "(hard|difficult|impossible|not ready|not willing|unwilling|too late|too tired) "
            "(for her|for him|for them|for mum|for dad|) to",
        ),
        reach=6,
    ),
    # "Counselling has not started" and "has not started counselling".
    Cue(
        "failed",
        (f"{_DID_NOT} (really|seem to|actually|even|much|ever|) {_IMPROVE}",),
        after=True,
        reach=4,
        flag="both",
    ),
    Cue(
        "failed",
        (
            "(no better|no different|no use|got worse|getting worse|gets worse|got no better|"
            "to no avail|without success|in vain|to no effect|no good)",
            "(fell through|fell apart|broke down|came to nothing|went nowhere|fizzled out|"
            "was short lived|short lived|was cancelled|were cancelled|cancelled|was withdrawn)",
            "(no|little|not much|hardly any) (improvement|change|progress|difference|success)",
            "(made|makes|making) (no|little|hardly any) (difference|progress|impact|improvement)",
            "(was|were|is|are|been|being|) (refused|rejected|declined|turned down|knocked back)",
            "(dropped out|pulled out|disengaged|not taken up|not kept up|was unsuccessful|"
            "were unsuccessful|unsuccessful|has failed|have failed|failed)",
            "but (it|that|this|nothing|they|he|she) "
            "(failed|did not work|didn't work|did not last|didn't last|did not help|didn't help|"
            "fell through|broke down|came to nothing|has not lasted|hasn't lasted|refused)",
        ),
        after=True,
        reach=4,
    ),
)
