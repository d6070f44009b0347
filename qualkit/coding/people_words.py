"""The words for people: parents, children, others, and pronouns. Data only."""

from __future__ import annotations

from dataclasses import dataclass

from qualkit.coding.notation import words

PARENT = "parent"
CHILD = "child"
WORKER = "worker"
OTHER = "other"
ELDER = "elder"
UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class Person:
    """What a word says of the person meant.

    Attributes
    ----------
    who : str
        parent, child, worker, other, elder; empty for pronouns.
    gender : str
        f, m, or empty.
    plural : bool
        More than one.
    pronoun : str
        Empty for nouns; he, she, they, i, we or you for pronouns.
    """

    who: str
    gender: str = ""
    plural: bool = False
    pronoun: str = ""


_EX = "(ex|former|new|abusive|)"
PEOPLE: tuple[tuple[Person, str], ...] = (
    (Person(PARENT, "f"), f"{_EX} (mum|mam|mom|mummy|mother|mothers|wife|girlfriend)"),
    (Person(PARENT, "f"), "(step|birth|foster|adoptive) (mum|mother)"),
    (Person(PARENT, "f"), "(stepmum|stepmother)"),
    (Person(PARENT, "m"), f"{_EX} (dad|daddy|father|husband|boyfriend|fella|bloke)"),
    (Person(PARENT, "m"), "(step|birth|foster|adoptive) (dad|father)"),
    (Person(PARENT, "m"), "(stepdad|stepfather)"),
    (Person(PARENT), f"{_EX} (parent|partner|carer|spouse|ptnr)"),
    (Person(PARENT, plural=True), "(parents|mums|dads|mum and dad|mother and father|carers)"),
    (Person(PARENT, plural=True), "(the|young|this) couple"),
    (Person(CHILD, "m"), "(son|lad|boy|stepson|little boy|grandson|step son|teenage son)"),
    (Person(CHILD, "f"), "(daughter|girl|stepdaughter|little girl|step daughter|dghtr|dtr|dau)"),
    (
        Person(CHILD),
        "(child|baby|toddler|teenager|teen|youngster|kid|young person|yp|pupil|infant|newborn|"
        "bab|bby|ch|little one|youngest|eldest|oldest|middle one|middle child|firstborn|unborn|"
        "kiddie)",
    ),
    (Person(CHILD), "(child one|child two|year old|yr old|yo|month old|week old|small one)"),
    (
        Person(CHILD, plural=True),
        "(children|kids|sons|daughters|lads|girls|boys|babies|twins|siblings|toddlers|"
        "teenagers|chn|chdn|yps|ypl|little ones|youngsters|young people|older two|younger two|"
        "the two eldest)",
    ),
    (Person(CHILD, "m"), "(his|little|younger|older|big|baby) brother"),
    (Person(CHILD, "f"), "(his|little|younger|older|big|baby) sister"),
    (Person(CHILD, plural=True), "(his|little|younger|older|their) (brothers|sisters|siblings)"),
    (
        Person(OTHER, "f"),
        "(nan|nana|nanny|gran|grandma|granny|grandmother|aunt|auntie|aunty|niece|sister)",
    ),
    (Person(OTHER, "m"), "(grandad|granddad|grandfather|uncle|nephew|brother)"),
    (Person(OTHER), "(friend|neighbour|cousin|landlord|mate)"),
    (Person(OTHER, plural=True), "(grandparents|friends|neighbours|relatives|in laws)"),
    (Person(UNKNOWN, "f", pronoun="she"), "(she|her|hers|herself|she's|shes|she'd|she'll)"),
    (Person(UNKNOWN, "m", pronoun="he"), "(he|him|his|himself|he's|hes|he'd|he'll)"),
    (
        Person(UNKNOWN, plural=True, pronoun="they"),
        "(they|them|their|theirs|themselves|they're|theyre|they've|they'd|they'll)",
    ),
    (
        Person(UNKNOWN, pronoun="i"),
        "(i|me|my|mine|myself|i'm|im|i've|ive|i'd|i'll)",
    ),
    (
        Person(UNKNOWN, plural=True, pronoun="we"),
        "(we|us|our|ours|ourselves|we're|we've|weve|we'd|we'll)",
    ),
    (Person(UNKNOWN, pronoun="you"), "(you|your|yours|yourself|you're|youre|you've)"),
)

# Words that belong to the noun after them: "her son", "my eldest".
POSSESSIVES = words("my your his her their our")

# A parent who says "my mum" means a grandparent; a child, or a worker who quotes one, a parent.
OWN_ELDERS: tuple[tuple[Person, str], ...] = (
    (Person(ELDER, "f"), "my (mum|mam|mother|step mum|mummy)"),
    (Person(ELDER, "m"), "my (dad|father|step dad|daddy)"),
    (Person(ELDER, plural=True), "my (parents|mum and dad|in laws)"),
)

NOT_NAMES = words(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May
    June July August September October November December Mon Tue Tues Wed Thu Thurs Fri Sat Sun
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Year Week Term Mum Dad Mother Father Parent
    Parents Child Children Family Son Daughter Baby Boy Girl Early Help School The This That He
    She They We It But And Then When His Her My Our In At On For With Autism Christmas Easter
    Wk Wks Weeks Yr Yrs Years Level Entry Stage Key Step Section Sec Page Room Flat Number No Part
    Phase Form Band Tier Twin Unit Class Set Report Day Days Over Under About Around Nearly Only
    All Last First Next Since After Before Aged Age Another Top Bus Platform Ward Group Session
    """
)
# Ages of children in words. "One" is seldom an age.
NUMBERS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
)  # fmt: skip

# Services that are not the worker's own, as subjects of a clause.
SERVICES = (
    "school|schools|nursery|pre school|preschool|college|academy|teacher|headteacher|head teacher|"
    "head|deputy head|head of year|senco|sendco|tutor|teaching assistant|ta|lsa|learning mentor|"
    "pastoral lead|pastoral team|attendance officer|education welfare officer|ewo|"
    "health visitor|hv|school nurse|nursery nurse|midwife|nurse|paediatrician|doctor|dr|gp|dentist|"
    "surgery|hospital|consultant|dietician|dietitian|physio|occupational therapist|ot|"
    "speech therapist|speech and language therapist|slt|psychologist|educational psychologist|"
    "psychiatrist|counsellor|therapist|camhs|cahms|cpn|crisis team|mental health team|"
    "perinatal team|portage|autism outreach|social worker|sw|social care|social services|csc|"
    "police|policeman|policewoman|pc|pcso|probation|probation officer|probation service|yot|yos|"
    "youth offending team|youth offending service|youth justice worker|youth worker|"
    "solicitor|court|housing|housing officer|housing association|landlord|council|job centre|"
    "jobcentre|job coach|jcp|citizens advice|women's aid|womens aid|idva|recovery worker|"
    "drug worker|alcohol worker|fire service|fire crew|fire brigade|food bank|charity|church|"
    "home start|homestart|barnardo's|barnardos|young carers"
)
# The worker as the subject of a clause: "I" in a worker's own words, or by her work.
WORKERS = (
    "fsw|fow|ehw|kw|eh|support worker|family support worker|family worker|outreach worker|"
    "family outreach worker|early help worker|early help|key worker|keyworker"
)
# Of these the worker is only a witness: what follows is another's doing.
WITNESSING = (
    r"(?:also |then |now |since |even |both |just |have |had |was |am |\w+ly )*"
    r"(?:saw|see|seen|heard|hear|noticed|notice|noted|watched|observed|witnessed|learned|believed|"
    r"received|needed|wanted|hoped|feared|expected|remembered|admired|liked|loved|doubted|"
    r"said|told|had|has|have|been|met)\b"
)
# Notes leave the worker out where she is the subject: "Ref'd mum to a group".
ELIDED = (
    r"(?:rang|called|phoned|texted|txtd|ref'd|refd|referred|linked|signposted|sourced|booked|"
    r"arranged|drew|showed|brought|spoke|asked|supported|encouraged|accompanied|discussed|wrote|"
    r"helped|liaised|applied|chased|visited|offered|cont|continued|"
    r"(?:took|got|met|saw|sat|signed|fetched|walked|drove) "
    r"(?:him|her|them|mum|dad|w|w/|with|both|chn))"
    r"(?= )"
)
# What a subject does: the verb after it, with the small words between.
DOINGS = (
    r"(?:also |then |now |since |even |both |just |kindly |all |has |have |had |have also |\w+ly )*"
    r"(?:\w{2,}ed|did|does|do|gave|gives|got|gets|took|takes|made|makes|ran|runs|saw|sees|came|comes|"
    r"went|goes|sent|sends|found|finds|set|sets|put|puts|let|lets|said|says|told|tells|taught|"
    r"brought|bought|paid|kept|keeps|met|meets|held|led|wrote|writes|drew|rang|rings|sat|sits|spoke|"
    r"had|has|have|began|shows|gone|done|given|been|helps|works|built|lent|left|read|swapped|cut)\b"
)
