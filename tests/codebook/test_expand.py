import itertools

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from qualkit.codebook.expand import ExpansionError, expand_flat, expand_phrase
from qualkit.codebook.phrases import parse_phrase
from qualkit.normalise import normalise_text


def shown(found):
    return {(tuple(tuple(sorted(part)) for part in s.parts), s.gaps) for s in found}


def test_gap_parts_stand_apart(expand):
    assert shown(expand("=lost ...6 (=his|=her)? =job")) == {
        ((("lost",), ("her job", "his job", "job")), (6,))
    }


def test_gap_in_an_alternative_gives_another_rule(expand):
    assert shown(expand("=feel (=low|=flat ... =day)")) == {
        ((("feel low",),), ()),
        ((("feel flat",), ("day",)), (3,)),
    }


def test_optional_group_with_a_gap_gives_two(expand):
    assert shown(expand("(never ... )? out")) == {
        ((("never",), ("out",)), (3,)),
        ((("out",),), ()),
    }


def test_empty_part_adds_up_the_gaps_beside_it(expand):
    assert shown(expand("=lost ...2 (=his)? ...4 =job")) == {
        ((("lost",), ("his",), ("job",)), (2, 4)),
        ((("lost",), ("job",)), (6,)),
    }


def test_open_end_in_the_middle_is_a_part_of_its_own(expand):
    assert shown(expand("depress* =mood?")) == {
        ((("depress*",), ("mood",)), (0,)),
        ((("depress*",),), ()),
    }
    assert shown(expand("(=low|depress*)")) == {((("depress*", "low"),), ())}


def test_lists_may_hold_alternatives_and_lists(forms):
    lists = {"old": ["=nan", "{older}"], "older": ["(=great)? =gran"]}
    assert forms("my {old}", lists) == {"my nan", "my gran", "my great gran"}


@pytest.mark.parametrize(
    ("lists", "words"),
    [({}, "no list called 'a'"), ({"a": ["{b}"], "b": ["{a}"]}, "circle")],
)
def test_unknown_and_circular_lists_are_refused(expand, lists, words):
    with pytest.raises(ExpansionError, match=words):
        expand("{a}", lists)


def test_stretch_of_many_forms_is_cut_where_words_do_not_touch(expand):
    numbers = "|".join(f"=w{i}" for i in range(30))
    (found,) = expand(f"({numbers}) ({numbers}) ({numbers})")
    # 30 * 30 * 30 forms in one piece, 90 in three.
    assert found.gaps == (0, 0)
    assert [len(part) for part in found.parts] == [30, 30, 30]


def test_denial_is_not_cut_from_its_verb(expand):
    numbers = "|".join(f"=w{i}" for i in range(200))
    (found,) = expand(f"do not ({numbers})")
    assert found.parts[0] == {
        "do not", "does not", "did not", "don't", "doesn't", "didn't", "dont", "doesnt", "didnt",
    }  # fmt: skip


def test_too_many_forms_are_refused_with_their_number(expand):
    lists = {"many": [f"=w{i}" for i in range(4001)]}
    with pytest.raises(ExpansionError, match=r"4,0\d\d forms or more .*split the pattern"):
        expand("{many}", lists)


def test_too_many_ways_through_gaps_are_refused(expand):
    with pytest.raises(ExpansionError, match="200 ways"):
        expand(" ".join(["(=a|=b ... =c|=d ... =e)"] * 6))


def test_flat_forms_hold_no_gap():
    assert expand_flat(parse_phrase("=gp (=surgery)?"), {}) == {"gp", "gp surgery"}
    assert expand_flat(parse_phrase("=DASH =risk"), {}) == {"DASH risk"}
    with pytest.raises(ExpansionError, match="needs and unless"):
        expand_flat(parse_phrase("a ... b"), {})
    with pytest.raises(ExpansionError, match="at the end"):
        expand_flat(parse_phrase("depress* mood"), {})


# A phrase of exact words beside its own readings, put together by hand.
_WORD = st.sampled_from(["low", "down", "cry", "bed", "day"]).map(lambda w: (f"={w}", {(w,)}))


def _optional(pair):
    return f"({pair[0]})?", pair[1] | {()}


def _side_by_side(pairs):
    readings = {()}
    for _, more in pairs:
        readings = {a + b for a, b in itertools.product(readings, more)}
    return " ".join(text for text, _ in pairs), readings


def _either(pairs):
    return "(" + "|".join(text for text, _ in pairs) + ")", set().union(*(r for _, r in pairs))


_PHRASE = st.recursive(
    _WORD,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(_side_by_side),
        st.lists(inner, min_size=2, max_size=3).map(_either),
        st.tuples(_WORD, inner.map(_optional)).map(_side_by_side),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(_PHRASE)
def test_exact_phrase_expands_to_its_readings_and_nothing_else(pair):
    text, readings = pair
    forms = {
        " ".join(words)
        for found in expand_phrase(parse_phrase(text), {})
        for words in itertools.product(*found.parts)
    }
    assert forms == {" ".join(reading) for reading in readings}


_ANY_WORD = st.sampled_from(
    [
        "she",
        "i",
        "mum",
        "be",
        "have",
        "do",
        "can",
        "not",
        "will",
        "never",
        "low",
        "lose",
        "support",
        "friend's",
        "well-being",
        "go",
        "debt",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ANY_WORD, min_size=1, max_size=4, unique=True))
def test_words_are_among_their_own_forms_and_written_as_text_is(words):
    try:
        stretches = expand_phrase(parse_phrase(" ".join(words)), {})
    except ExpansionError:
        # Words that nobody puts side by side ("have be not can") may have too many forms.
        reject()
    forms = {" ".join(form) for found in stretches for form in itertools.product(*found.parts)}
    assert normalise_text(" ".join(words)) in forms
    assert all(normalise_text(form) == form for form in forms)
    assert not any("  " in form or form != form.strip() for form in forms)
