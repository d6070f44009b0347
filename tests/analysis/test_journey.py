"""Journeys: scores, points and ties worked out by hand, and groups laid over each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualkit.analysis.disclosure import Rules, publish_page
from qualkit.analysis.journey import map_journey
from qualkit.analysis.journeygroups import (
    FamilyJourney,
    family_journey,
    groups_page,
    tally_families,
)
from qualkit.analysis.journeylinks import find_sides
from qualkit.analysis.journeytables import journey_page, phases_table
from qualkit.model import Basis, JourneyCoding, JourneySegment, Phase, PhasedSegment

SAID = {
    "b": ("barrier", "debt"),
    "l": ("barrier", "lonely"),
    "e": ("enabler", "school"),
    "a": ("activity", "visits"),
    "o": ("outcome", "calmer"),
    "w": ("outcome", "work"),
    "g": ("agency", "health"),
}


def turn(key: int, phase: str, text: str = "", role: str = "parent", by: str = "") -> PhasedSegment:
    segment = JourneySegment(key, "i1", "interview", key, "", "Mum", role, text)
    return PhasedSegment(segment, Phase(phase), by, None if by else 1.0, "words")


def coding(key: int, what: str, start: int = 0, end: int = 4, text: str = "") -> JourneyCoding:
    category, code = SAID[what]
    quote = text[start:end] or f"words of {code}"
    return JourneyCoding(key, category, code, code.capitalize(), start, end, quote, "unreviewed")


def coded(text: str, **words: str) -> tuple[list[PhasedSegment], list[JourneyCoding]]:
    """One answer, with themes on the words given."""
    found = []
    for what, own in words.items():
        start = text.index(own)
        found.append(coding(1, what, start, start + len(own), text))
    return [turn(1, "during", text)], found


def test_scores_count_a_theme_once_a_segment() -> None:
    turns = [turn(1, "before"), turn(2, "before"), turn(3, "during"), turn(4, "after")]
    codings = [
        *(coding(1, "b"), coding(1, "b", 5, 9), coding(1, "l")),
        *(coding(2, "b"), coding(2, "e"), coding(2, "g")),
        coding(3, "a"),
        *(coding(4, "o"), coding(4, "w")),
    ]
    phases = {own.phase: own for own in map_journey("F1", turns, codings).phases}
    # Before: barriers 2 + 1, enablers 1; (1 - 3) / 4. During: only an activity.
    assert phases[Phase.BEFORE].score == pytest.approx(-0.5)
    assert phases[Phase.DURING].score is None
    assert phases[Phase.AFTER].score == 1
    assert phases[Phase.REFERRAL].segments == 0
    themes = [(theme.name, theme.segments) for theme in phases[Phase.BEFORE].themes]
    assert themes == [("Debt", 2), ("Lonely", 1), ("School", 1), ("Health", 1)]


def test_points_are_the_extremes_in_the_order_of_the_story() -> None:
    turns = [turn(1, "after"), turn(2, "before"), turn(3, "none"), turn(4, "during")]
    codings = [
        *(coding(1, "o"), coding(1, "w"), coding(1, "b")),
        *(coding(2, "b"), coding(2, "l")),
        *(coding(3, "o"), coding(4, "e"), coding(4, "b")),
    ]
    points = map_journey("F1", turns, codings).points
    # After: 2 - 1 = 1; before: -2; during: 1 - 1 = 0 is no point; of none nothing counts.
    assert [(p.segment_n, p.value, p.high) for p in points] == [(2, -2, False), (1, 1, True)]
    assert points[0].said == (("Debt", "words of debt"), ("Lonely", "words of lonely"))
    assert [theme for theme, _ in points[1].said] == ["Calmer", "Work"]


def test_at_most_three_points_each_and_ties_by_order() -> None:
    turns = [turn(key, "before") for key in range(1, 6)]
    points = map_journey("F1", turns, [coding(key, "b") for key in range(1, 6)]).points
    assert [p.segment_n for p in points] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "cause", "effect"),
    [
        ("I calmed down because of the school.", "the school", "I calmed down"),
        ("We had debts so I could not sleep.", "We had debts", "could not sleep"),
        ("The school rang. So I went to work.", "The school rang", "went to work"),
        ("Because of the school, I calmed down.", "the school", "I calmed down"),
        ("Without her visits we would have debts.", None, None),
        ("I'd be lost without her visits.", "her visits", "be lost"),
        ("She gave me a chart, that meant he slept.", "gave me a chart", "he slept"),
        ("It was so good and I slept.", None, None),
        ("She sat by me and she held my bag so that I was calm.", "she held my bag", "I was calm"),
        ("He would not go until the mentor came.", "the mentor came", "would not go"),
        ("Wait until Monday.", None, None),
        ("He walks down to the shop.", None, None),
        ("It is all down to her visits.", "her visits", "It is all"),
        ("I am calm, and because I am calm they are.", None, None),
    ],
)
def test_sides_of_a_tie(text: str, cause: str | None, effect: str | None) -> None:
    sides = list(find_sides(text))
    found = [
        (text[left[0] : left[1]], text[right[0] : right[1]])
        for _, left, right in sides
        if left[0] < left[1] and right[0] < right[1]
    ]
    if cause is None:
        assert found == []
    else:
        ((one, other),) = found
        assert cause in one
        assert effect is not None
        assert effect in other


def test_a_tie_names_cause_then_effect_with_both_quotations() -> None:
    text = "I am calmer because of the school."
    turns, codings = coded(text, o="I am calmer", e="the school")
    (link,) = [own for own in map_journey("F1", turns, codings).links if own.words]
    assert (link.from_name, link.to_name, link.words) == ("School", "Calmer", "because of")
    assert (link.from_quote, link.to_quote, link.segment_n) == ("the school", "I am calmer", 1)


def test_two_themes_on_the_same_words_are_not_tied() -> None:
    text = "I am calmer because I am in work."
    turns, codings = coded(text, o="I am calmer because", w="because I am in work")
    assert [own for own in map_journey("F1", turns, codings).links if own.words] == []


def test_help_and_outcome_on_the_same_words_around_a_connective_are_tied() -> None:
    text = "I am calmer because of the school."
    whole = text.rstrip(".")
    turns, codings = coded(text, o=whole, e=whole)
    (link,) = [own for own in map_journey("F1", turns, codings).links if own.words]
    assert (link.from_name, link.to_name, link.words) == ("School", "Calmer", "because of")
    turns, codings = coded(text, b=whole, l=whole)
    assert map_journey("F1", turns, codings).links == ()


def test_what_helped_told_before_an_outcome_is_kept_apart() -> None:
    turns = [turn(1, "during"), turn(2, "during", role="interviewer"), turn(3, "after")]
    turns += [turn(4, "after"), turn(5, "after")]
    codings = [coding(1, "a"), coding(1, "b"), coding(3, "o"), coding(5, "w")]
    (link,) = map_journey("F1", turns, codings).links
    # Visits, then in the next answer calmer; of the barrier and two answers later nothing.
    assert (link.words, link.from_name, link.to_name) == ("", "Visits", "Calmer")


def test_an_answer_of_another_case_does_not_come_before() -> None:
    other = turn(1, "during")
    moved = PhasedSegment(
        JourneySegment(2, "i2", "interview", 1, "", "Mum", "parent", ""), Phase.AFTER, "", 1.0, ""
    )
    assert map_journey("F1", [other, moved], [coding(1, "a"), coding(2, "o")]).links == ()


def test_tables_say_what_the_map_holds() -> None:
    turns = [turn(1, "before", "Debts.", by="Ann"), turn(2, "none", "Thanks.")]
    journey = map_journey("F1", turns, [coding(1, "b")])
    page = journey_page(journey, top=5, basis=Basis(rule="the rule"))
    before = page.tables[0].rows[0]
    assert (before["segments"], before["by_hand"], before["score"]) == (1, 1, -1)
    assert before["barriers"] == ("Debt (1)",)
    assert "(outcomes + enablers - barriers)" in page.tables[0].rule
    table = phases_table(journey, [coding(1, "b")], machine="qualkit")
    rows = [(row["segment_n"], row["phase"], row["set_by"]) for row in table.rows]
    assert rows == [(1, "before", "Ann"), (2, "none", "qualkit")]


# --- groups ------------------------------------------------------------------------------------

DEBT = ("barrier", "debt", "Debt")
CALM = ("outcome", "calmer", "Calmer")


def family(group: str, *themes: tuple[str, str, str], value: float = 0.0) -> FamilyJourney:
    return FamilyJourney(group, {Phase.BEFORE: frozenset(themes)}, {Phase.BEFORE: value})


def test_family_journey_knows_phases_with_themes() -> None:
    turns = [turn(1, "before"), turn(2, "during"), turn(3, "after")]
    own = family_journey("", turns, [coding(1, "b"), coding(2, "a"), coding(3, "g")])
    # A phase with an agency alone holds no theme; one with an activity alone is even.
    assert own.scores == {Phase.BEFORE: -1, Phase.DURING: 0}
    assert own.group == "(none)"


def test_groups_show_means_and_shares() -> None:
    families = [
        family("A", DEBT, value=-1),
        family("A", DEBT, CALM, value=0),
        family("B", CALM, value=1),
        family("B", CALM, DEBT, value=0),
    ]
    scores, themes = groups_page(
        tally_families(families), by="cluster", top=5, basis=Basis()
    ).tables
    means = {(row["group"], row["phase"]): row["score"] for row in scores.rows}
    # (-1 + 0) / 2, (1 + 0) / 2, and (-1 + 0 + 1 + 0) / 4
    assert means["A", "before"] == pytest.approx(-0.5)
    assert means["B", "before"] == pytest.approx(0.5)
    assert means["all", "before"] == 0
    assert means["A", "after"] is None
    shares = {(row["code"], row["group"]): row["share"] for row in themes.rows}
    assert shares == {
        ("calmer", "A"): 0.5,
        ("calmer", "B"): 1,
        ("debt", "A"): 1,
        ("debt", "B"): 0.5,
    }
    assert {row["overall_count"] for row in themes.rows} == {3}


def test_themes_of_one_family_are_not_shown_and_ties_at_the_cut_are() -> None:
    third = ("barrier", "lonely", "Lonely")
    families = [family("A", DEBT, CALM), family("A", DEBT, CALM), family("A", third)]
    _, themes = groups_page(tally_families(families), by="cluster", top=1, basis=Basis()).tables
    assert [row["code"] for row in themes.rows] == ["calmer", "debt"]


def test_published_groups_tell_of_no_few() -> None:
    families = [
        *(family("A", DEBT, value=-1) for _ in range(6)),
        *(family("A", CALM, value=1) for _ in range(6)),
        *(family("B", DEBT, value=-1) for _ in range(3)),
        *(family("C", DEBT, value=0.5) for _ in range(7)),
    ]
    page = publish_page(
        groups_page(tally_families(families), by="cluster", top=5, basis=Basis()), Rules(5, 0)
    )
    scores, themes = page.tables
    means = {(r["group"], r["phase"]): r["score"] for r in scores.rows}
    counts = {(r["group"], r["phase"]): r["families"] for r in scores.rows}
    # B has three families; so that all less the others does not tell, one more goes.
    assert not isinstance(counts["B", "before"], int)
    assert not isinstance(means["B", "before"], float)
    before = [counts[group, "before"] for group in ("all", "A", "C")]
    assert sum(not isinstance(count, int) for count in before) == 1
    hidden = next(g for g in ("all", "A", "C") if not isinstance(counts[g, "before"], int))
    assert not isinstance(means[hidden, "before"], float)
    assert all(
        not isinstance(r["count"], int) or r["count"] in (0, *range(5, 99)) for r in themes.rows
    )


def test_rules_words_decide_the_side_of_a_machine_coding() -> None:
    text = "I am calmer because of the school."
    end = len(text) - 1
    turns = [turn(1, "during", text)]
    calmer, school = text.index("calmer"), text.index("school")
    codings = [
        replace(coding(1, "o", 0, end, text), cores=((calmer, calmer + 6),)),
        replace(coding(1, "e", 0, end, text), cores=((school, school + 6),)),
    ]
    (link,) = [own for own in map_journey("F1", turns, codings).links if own.words]
    assert (link.from_name, link.words, link.to_name) == ("School", "because of", "Calmer")
    # Both found on the same side: nothing is tied to anything but words.
    codings[0] = replace(codings[0], cores=((school, school + 6),))
    (link, other) = [own for own in map_journey("F1", turns, codings).links if own.words]
    assert {link.to_name, other.to_name} == {""}
    assert link.to_quote == "I am calmer"


def test_a_theme_is_tied_to_words_that_nobody_coded() -> None:
    turns, codings = coded("He sleeps now because she came every week.", a="she came every week")
    (link,) = map_journey("F1", turns, codings).links
    assert (link.from_name, link.to_name, link.to_quote) == ("Visits", "", "He sleeps now")
    # "ever since" tells when, not why.
    turns, codings = coded("He sleeps now ever since she came in.", a="she came in")
    assert map_journey("F1", turns, codings).links == ()
