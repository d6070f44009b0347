"""The cues of what is asked, wished, planned, supposed or another family's. Data only.

See `cues` and `notation`.
"""

from __future__ import annotations

from qualkit.coding.notation import CONDITION, Cue, lines, words

_PRONOUN = "(i|you|he|she|it|we|they)"

QUESTION = (
    Cue(
        "question",
        lines(
            """
            whether, (asked|asks|asking|ask|wonder|wonders|wondered|wondering) (me|her|him|them|us|mum|dad|) (if|whether)
            (wanted|wants|want) to know (if|whether), (see|find out|check|checked|explore|consider|discuss|discussed) (if|whether)
            (not sure|unsure|unclear|not clear|don't know|do not know|not known|unknown) (if|whether)
            """  # noqa: E501 - one phrase family a line
        ),
        reach=12,
    ),
)

WISH = (
    Cue(
        "wish",
        (
            "(would|'d) (really|so|also|still|dearly|) (like|love|want|prefer)",
            "(i|she|he|we|they|you|youd|theyd|wed|shed|hed)d (really|) (like|love)",
            "id (really|) (like|love)",
            "would benefit from",
        ),
        reach=10,
    ),
    Cue(
        "wish",
        (
            "(wish|wishes|wished|wishing)",
            f"(hope|hopes|hoped|hoping) (to|that|for|{_PRONOUN[1:-1]}|the|his|her|their|my|our)",
            "(hopeful|optimistic) (that|of|to)",
            "(in the|the|his|her|their|our|my) hope (that|of|is|was)",
            "hopefully",
            "(want|wants|wanted|wanting) (to|a|an|his|her|their|my|more|him to|her to|them to|"
            "me to|us to|the|some|help with)",
            "(keen|eager|desperate|longing|longed|longs|aspires|aspire|aspired|desire) (to|for)",
            "(dream|dreams|dreamed|dreamt|dreaming) (of|about)",
            "(aim|aims|goal|goals|ambition|ambitions|target|aspiration|aspirations|wish) "
            "(is|are|was|were|of|for) (to|that|)",
            "(aims|aiming|aimed) to",
            "(if only|ideally|crying out for|in need of)",
        ),
        reach=10,
    ),
    Cue(
        "wish",
        ("(would|'d) be (nice|good|great|lovely|ideal|brilliant|helpful|useful)",),
        True,
        3,
    ),
)

_PLANNED_VERBS = (
    "(start|begin|have|see|attend|go|be|move|return|get|take|meet|join|do|come|receive|finish|"
    "leave|try|work|visit|apply|commence|undergo|give|sit|restart|resume|hear)"
)
PLAN = (
    Cue("plan", ("will", "shall"), reach=8, flag="lower"),
    Cue(
        "plan",
        (
            "(i'll|you'll|he'll|she'll|it'll|we'll|they'll|there'll|that'll|youll|itll|theyll)",
            "(won't|will not)",
            "(plan|plans|planning|planned) (to|on|for)",
            "(the|our|my|her|his|their) (plan|plans|next step|next steps|next stage) (now|) "
            "(is|are|was|were) (now|) (to|for|that)",
            "(next step|next steps)",
            f"due to {_PLANNED_VERBS}",
            "(waiting|waits|waited) (to|for|on)",
            "(on|added to|put on) (the|a|) waiting (list|lists) (for|to)",
            "waiting (list|lists) (for|to)",
            "awaiting",
            "(about|set|scheduled|hopefully) to",
            "(intends|intend|intending|intended|intention is|intention was) to",
            "(intention|prospect|promise) of",
            "(looking forward|looks forward) to",
            "to be (offered|arranged|referred|considered|discussed|reviewed|booked|confirmed)",
        ),
        reach=8,
    ),
    Cue("plan", ("(going to|gonna)",), reach=8, flag="motion"),
    Cue(
        "plan",
        (
            "(starts|begins|starting|beginning|is|planned|booked|due|scheduled) (in|from|for|) "
            "(next|) (week|month|term|year|september|autumn|spring|summer|january)",
            "(next|in the next few) (week|weeks|month|months|term|year)",
            "(is|are) (planned|pending|booked|scheduled|due|to follow|tbc|on the way)",
            "(in future|in the future|tbc|pending)",
        ),
        after=True,
        reach=6,
    ),
)

NO_PLAN = lines(
    """
    will (now|often|always|usually|sometimes|regularly|even|happily|still|never)
    (i'll|he'll|she'll|they'll|we'll|it'll) (now|often|always|usually|sometimes|even|happily)
    (at|free|own|good|his|her|the|iron) will, will power, where there's a will
    (i'll|i will) (say|tell you|admit|be honest|never forget|always remember)
    """
)

_LIKELY = "(be|have|become|lose|get|end|lead|happen|go|do with|turn|harm|hurt|need|mean|cause|help)"
HYPOTHETICAL = (
    Cue(
        "hypothetical",
        lines(
            f"""
            in case, unless, (even|only) if, whenever if, supposing, otherwise (might|could|would)
            could, might
            (would|'d|i'd|he'd|she'd|they'd|we'd|it'd|you'd) (never|not|probably|only|just|still|also|) have (been|)
            (would|wouldn't|would not|'d) of
            (would|might|could) (probably|possibly|likely|only) {_LIKELY}
            would (need|lose|end up|mean|help|cause|require|become|risk|result|lead)
            wouldn't have, wouldn't be, would not be, would not have, couldn't have, could have, should have
            (at|) risk of, (the|a) (risk|chance|threat|danger|possibility|fear) (of|that)
            (fear|fears) (of|that), threatened (with|to), threat of, threatening to, (in|) danger of
            (worried|worry|worries|worrying|afraid|scared|frightened|feared|fearful|terrified|anxious|fearing|concerned|concerns|concern) that
            (worried|worry|worries|worrying|afraid|scared|frightened|terrified|anxious|concerned) {_PRONOUN} (would|might|could|may|will|was going to|were going to)
            (worried|worries|worry|afraid|scared|frightened|terrified|anxious) (about|of) (being|becoming|getting|losing|having|going|becoming)
            to (prevent|avoid), so as (not|) to (avoid|prevent), in order to (avoid|prevent)
            (should|ought to), (need|needs) to, (suppose|supposing|imagine|imagining) (if|that|)
            """  # noqa: E501 - one phrase family a line
        ),
        reach=8,
    ),
    Cue("hypothetical", ("(perhaps|maybe|possibly)",), reach=4),
    Cue("hypothetical", ("may",), reach=8, flag="lower"),
    Cue("hypothetical", ("(possible|potential|potentially)",), reach=2),
    Cue("hypothetical", ("would", "'d"), reach=8, flag="would"),
    Cue("hypothetical", ("would be", "'d be"), reach=8, flag="would be"),
    Cue(
        "hypothetical",
        ("(would|could|might|may) (be|have) (a|an|the|) (risk|possibility|option|danger)",),
        after=True,
        reach=2,
    ),
)
# "if" both fails the check and makes a bare "would" in its sentence hypothetical.
CONDITIONS = (
    Cue("hypothetical", ("if", "unless"), reach=10),
    Cue(CONDITION, ("if", "unless")),
    Cue(CONDITION, ("if it (was not|wasn't|were not|weren't|had not been|hadn't been) for",)),
    Cue(CONDITION, ("(had|have) it not been for",)),
)

_ABLE = (
    "(now|finally|at last|actually|always|see|hear|feel|tell|talk|manage|cope|ring|call|open up)"
)
NO_HYPOTHETICAL = (
    f"could {_ABLE}",
    f"(so|so that|meant|meant that|means|until|till|where|knew|felt|felt like|once) {_PRONOUN} "
    "(finally|now|) could",
    f"now {_PRONOUN} could",
    "(finally|now) could",
    "should be (noted|said|added|acknowledged|remembered|recorded)",
    "(as if|if anything|if necessary|if needed|if required|what if)",
)

_KIN = "(son|daughter|kids|kid|child|children|baby|lad|girl|boy|grandson|partner|husband|wife)"
_IS_OR_HAS = (
    "(has|had|have|is|was|are|were|suffers|suffered|struggles|struggled|got|found|started) "
    "(just|also|been|got|from|with|a|an|really|very|now|)"
)
OTHERS = (
    Cue(
        "others",
        (
            "(other|some|many|most|all|few|several|lots of|plenty of|different|certain|"
            "our other|unlike other|another|a previous|a different) (families|family)",
            "(some|many|most|few|several|lots of|plenty of|all|other|unlike other) "
            "(parents|mums|mothers|dads|fathers|women|men|young people|teenagers|lads|people) "
            "(say|said|find|found|struggle|struggled|have|had|are|were|often|can|might|think|"
            "get|feel|felt|who|whose|with|in|would|do|did|don't)",
            "(other people's|other peoples|other people|someone else's|somebody else's)",
            "people (say|reckon|always say)",
            f"(friend's|friends'|friends|neighbour's|neighbours|neighbours'|cousin's|cousins|"
            f"sister's|sisters|brother's|mate's|mates|colleague's|auntie's|aunt's|uncle's) "
            f"(own|eldest|oldest|youngest|little|teenage|) {_KIN}",
            "(friend|neighbour|mate|cousin|colleague|classmate) (whose|lost (her|his|their))",
            "(a|another) (mum|mother|dad|father|parent|girl|lad|boy) "
            "(who|whose|i know|i knew|i worked with|i work with|she knows|on the estate|"
            "down the road)",
            "(someone|somebody) (whose|i know|she knows|he knows|down the road)",
            "family (next door|down the road|over the road)",
            "(unlike|compared to|compared with) (other|most|some|many|her|his|their|the)",
        ),
        reach=8,
    ),
    # What an acquaintance at the head of a sentence is or has; see `context`.
    Cue(
        "others",
        (
            f"(friend|friends|neighbour|neighbours|mate|colleague|classmate|couple next door|"
            f"family next door) {_IS_OR_HAS}",
        ),
        reach=4,
        flag="friend",
    ),
    Cue(
        "others",
        (
            "(other|some of the other|the other) (mums|dads|parents|families|lads|girls) "
            "(on|at|in|from) (the|her|his|their|this)",
        ),
        reach=4,
        flag="friend",
        tail=f"(course|group|estate|street|class|school|road|playground) {_IS_OR_HAS}",
    ),
    Cue(
        "others",
        ("my own", f"my {_KIN}", "my (sister|brother|nan|cousin|parents|nephew|niece)"),
        reach=8,
        flag="own",
    ),
)

HABITS = (
    "(every|each|always|often|constantly|regularly|usually|sometimes|daily|nightly)",
    "(most|all) (days|nights|mornings|weeks|weekends|day|night|the time)",
    "(at|every|each) (night|nights|morning|weekend|weekends|day)",
)

# After "going to" these are places or things gone to, not what is planned.
GONE_TO = words(
    """
    a an the his her their my our your this that these those all any some every each
    school schools nursery college uni university work bed sleep church town court hospital
    playgroup playgroups group groups class classes lessons club clubs counselling therapy
    meetings meeting appointments appointment parties party prison football bingo places
    training courses sessions contact mosque parks shops toddler baby
    """
)
