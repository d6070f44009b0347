import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.codebook.phrases import (
    Choice,
    Gap,
    ListName,
    Phrase,
    PhraseError,
    Word,
    list_names,
    parse_phrase,
)


def phrase(*items):
    return Phrase(tuple(items))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("struggle", [Word("struggle")]),
        ("Struggle", [Word("struggle")]),
        ("=struggling", [Word("struggling", exact=True)]),
        ("=DASH", [Word("DASH", exact=True)]),
        ("depress*", [Word("depress", open_end=True)]),
        ("well-being", [Word("well"), Word("being")]),
        ("doesn’t sleep", [Word("doesn't"), Word("sleep")]),
        ("lost ... job", [Word("lost"), Gap(3), Word("job")]),
        ("lost…job", [Word("lost"), Gap(3), Word("job")]),
        ("lost ...6 job", [Word("lost"), Gap(6), Word("job")]),
        ("{pub}", [ListName("pub")]),
        ("{mum}'s flat", [ListName("mum"), Word("'s"), Word("flat")]),
        ("very? low", [Choice((phrase(Word("very")),), optional=True), Word("low")]),
        ("(low|down)", [Choice((phrase(Word("low")), phrase(Word("down"))))]),
        ("low (a|b c)?", [
            Word("low"),
            Choice((phrase(Word("a")), phrase(Word("b"), Word("c"))), optional=True),
        ]),
        ("play & stay", [Word("play"), Word("&"), Word("stay")]),
    ],
)  # fmt: skip
def test_phrase_is_read(text, items):
    assert parse_phrase(text) == phrase(*items)


def test_alternatives_nest():
    low = phrase(Word("feel"), Choice((phrase(Word("low")), phrase(Word("flat")))))
    assert parse_phrase("(feel (low|flat)|cry)") == phrase(Choice((low, phrase(Word("cry")))))


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("", 0, "empty"),
        ("(low|down", 0, "never closed"),
        ("low)", 3, "without an opening"),
        ("low|down", 3, "brackets"),
        ("(low|)", 5, "alternative is empty"),
        ("lost ? job", 5, "must follow"),
        ("lost * job", 5, "...1"),
        ("ab*", 2, "at least 3 letters"),
        ("kick*d", 5, "end of a word"),
        ("friend(s)", 6, "leave a space"),
        ("{pub", 0, "never closed"),
        ("pub}", 3, "without its {"),
        ("{My Pub}", 0, "list name"),
        ("lost ...99 job", 5, "1 to 30"),
        ("... lost", 0, "both sides"),
        ("lost ...", 0, "both sides"),
        ("lost ... ... job", 0, "side by side"),
        ("very?", 0, "every word is optional"),
        ("(rages?|shout) now", 7, "missing as a whole"),
        ("mum, dad", 3, "no meaning"),
        (r"\bmum\b", 0, "no meaning"),
        ("a - b", 2, "no word"),
        ("a=b", 0, "may only stand before"),
        ("(" * 14 + "a" + ")" * 14, 13, "nest"),
        ("a " * 1001, 0, "2,000"),
    ],
)
def test_fault_is_named_with_its_position(text, position, words):
    with pytest.raises(PhraseError) as caught:
        parse_phrase(text)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_list_names_are_found_at_any_depth():
    names = [item.name for item in list_names(parse_phrase("{a} (b|{c} ({d})?)"))]
    assert names == ["a", "c", "d"]


@given(st.text(alphabet="ab =.…()|?*{}'-3", max_size=25))
def test_any_text_is_read_or_refused_with_a_position(text):
    position = 0
    try:
        parse_phrase(text)
    except PhraseError as error:
        position = error.position
    assert 0 <= position <= len(text)
