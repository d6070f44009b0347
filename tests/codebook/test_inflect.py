import pytest

from qualkit.codebook.inflect import inflections, is_past_participle, spellings


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("struggle", "struggle struggled struggles struggling"),
        ("go", "go goes going gone went"),
        ("lose", "lose loses losing lost"),
        ("child", "child children"),
        ("family", "families family"),
        ("happy", "happier happiest happy"),
        ("lonely", "lonelier loneliest lonely"),
        ("be", "am are be been being is was were"),
        ("have", "had has have having"),
        ("do", "did do does doing done"),
        ("can", "can could"),
        ("bully", "bullied bullies bully bullying"),
        ("feed", "fed feed feeding feeds"),
    ],
)
def test_word_has_its_inflections(word, forms):
    assert " ".join(inflections(word)) == forms


@pytest.mark.parametrize(
    "word",
    [
        "went",
        "struggling",
        "feelings",
        "better",
        "depressed",
        "children",
        "was",
        "isn't",
        "happier",
    ],
)
def test_inflected_word_matches_itself_only(word):
    assert inflections(word) == (word,)


@pytest.mark.parametrize(
    "word",
    ["gp", "tv", "they", "with", "because", "really", "always", "twelve", "24", "not", "would"],
)
def test_closed_classes_are_not_inflected(word):
    assert inflections(word) == (word,)


@pytest.mark.parametrize(
    ("noun", "plural"), [("meeting", "meetings"), ("feeling", "feelings"), ("evening", "evenings")]
)
def test_noun_in_ing_has_its_plural(noun, plural):
    assert set(inflections(noun)) == {noun, plural}


@pytest.mark.parametrize("noun", ["housing", "counselling", "training"])
def test_noun_in_ing_keeps_itself_and_not_the_verb(noun):
    assert noun in inflections(noun)
    assert not {"house", "counsel", "train"} & set(inflections(noun))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("travel", {"travelled", "travelling"}),
        ("counsel", {"counselled", "counselling"}),
        ("label", {"labelled"}),
        ("organise", {"organised", "organising", "organized"}),
        ("behaviour", {"behaviours", "behavior"}),
        ("practise", {"practised", "practising", "practiced"}),
        ("fulfil", {"fulfilled", "fulfilling", "fulfils"}),
        ("learn", {"learnt", "learned"}),
        ("spell", {"spelt", "spelled"}),
        ("dream", {"dreamt"}),
        ("burn", {"burnt"}),
    ],
)
def test_british_and_american_forms_are_there(word, expected):
    assert expected <= set(inflections(word))


def test_word_of_no_dictionary_has_a_plural():
    assert set(inflections("appt")) == {"appt", "appts"}
    assert {"foodbank", "foodbanks"} <= set(inflections("foodbank"))
    assert inflections("camhs") == ("camhs",)


def test_person_is_no_verb():
    assert inflections("kid") == ("kid", "kids")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((word, True) for word in ("been", "lost", "moved", "given", "put")),
        *((word, False) for word in ("debts", "low", "support", "moving", "'s")),
    ],
)
def test_participles_are_known(word, expected):
    assert is_past_participle(word) is expected


def test_spelling_is_exchanged_only_where_both_are_words():
    assert spellings("realise") == ("realise", "realize")
    assert spellings("advise") == ("advise",)
    assert spellings("hour") == ("hour",)
