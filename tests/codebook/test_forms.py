import pytest

from qualkit.codebook.forms import TooManyFormsError, surface_forms
from qualkit.codebook.phrases import Word


def test_do_not_gives_every_denial_with_the_base_form(forms):
    assert forms("do not sleep") == {
        "do not sleep",
        "does not sleep",
        "did not sleep",
        "don't sleep",
        "doesn't sleep",
        "didn't sleep",
        "dont sleep",
        "doesnt sleep",
        "didnt sleep",
    }


@pytest.mark.parametrize("written", ["can not =cope", "cannot =cope"])
def test_can_not_gives_cannot_and_could_not(forms, written):
    assert forms(written) == {
        f"{denial} cope"
        for denial in ("can not", "cannot", "can't", "cant", "could not", "couldn't", "couldnt")
    }


def test_pronoun_joins_be(forms):
    found = forms("she be =low")
    assert {"she is low", "she was low", "she's low", "shes low"} <= found
    assert not {"she'm low", "she're low", "she 's low"} & found
    assert {"i'm low", "im low", "i am low"} <= forms("i be =low")
    assert {"they're low", "theyre low"} <= forms("they be =low")
    # Without its apostrophe "we're" is another word: only the past tense may give it.
    assert "we were low" in forms("we be =low")
    assert "were low" not in forms("we be =low")


def test_noun_joins_be(forms):
    found = forms("mum be =low")
    assert "mum's low" in found
    assert "mums low" not in found


def test_be_at_the_beginning_joins_whatever_stands_before(forms):
    assert {"'s low", "'m low", "'re low", "im low", "shes low", "was low"} <= forms("be =low")


def test_be_not(forms):
    assert {"is not low", "isn't low", "isnt low", "'s not low", "wasn't low", "weren't low"} <= (
        forms("be not =low")
    )
    assert {"she's not low", "shes not low", "she isn't low"} <= forms("she be not =low")


def test_short_have_needs_a_participle(forms):
    lost = forms("she have lose")
    assert {"she's lost", "she'd lost", "she has lost", "shes lost"} <= lost
    assert "she's lose" not in lost
    debts = forms("have =debts")
    assert {"'ve debts", "has debts", "had debts"} <= debts
    assert "'s debts" not in debts


def test_have_not(forms):
    assert {"hasn't slept", "haven't slept", "hadnt slept", "has not slept", "'s not slept"} <= (
        forms("have not sleep")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("will not =go", {"will not go", "won't go", "wont go"}),
        ("would not =go", {"would not go", "wouldn't go", "wouldnt go", "'d not go"}),
        ("should not =go", {"should not go", "shouldn't go", "shouldnt go"}),
        ("they would =like", {"they would like", "they'd like", "theyd like"}),
    ],
)
def test_other_auxiliaries(forms, text, expected):
    assert expected <= forms(text)


def test_lone_not_gives_every_denial(forms):
    found = forms("not sleep")
    assert {"not sleeping", "can't sleep", "didn't sleep", "hasn't slept", "isnt sleeping"} <= found
    assert not {"didn't slept", "can't sleeping", "n't sleep"} & found


def test_typed_contraction_is_found_without_its_apostrophe(forms):
    assert forms("doesn't =sleep") == {"doesn't sleep", "doesnt sleep"}


def test_owner_may_be_one_or_many(forms):
    assert forms("{son}'s =room", {"son": ["boy"]}) == {
        "boy's room",
        "boys room",
        "boys' room",
    }


def test_exact_words_stay_as_they_are(forms):
    assert forms("=be =not =low") == {"be not low"}


def test_capital_stays_and_stands_alone(expand):
    (found,) = expand("=DASH =risk")
    assert found.parts == (frozenset({"DASH"}), frozenset({"risk"}))
    assert found.gaps == (0,)


def test_too_many_forms_are_refused_early():
    words = [Word("struggle")] * 8
    with pytest.raises(TooManyFormsError):
        # 4 forms each: 4 ** 8 = 65,536.
        surface_forms(words, 1000)
