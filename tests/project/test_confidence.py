"""The staff survey: published shares and orders, groups, thresholds, and who answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from published import check_confidence

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.importers.invited import read_invited
from qualkit.importers.survey import SurveyOptions
from qualkit.project import Project

ANSWERS = """id,Locality,Q1 trust,Q2 observing,Why trust?,Why observing?
s1,North,80,20,No time.,No time. Resist.
s2,North,60,90,Resist. Then no time.,
s3,South,70,,,Nothing.
s4,South,75,40,,
"""
BOOK = """
codebook: why
version: "1"
category: reason
kinds: [survey]
checks: []
codes:
  - {id: time, name: Time, about: any, patterns: ["no time"]}
  - {id: resistance, name: Resistance, about: any, patterns: ["resist*"]}
"""


@pytest.fixture
def survey(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "answers.csv").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / "why.yaml").write_text(BOOK, encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        options = SurveyOptions(
            id="id",
            text=("Why trust?", "Why observing?"),
            rating=("Q1 trust", "Q2 observing"),
            attribute=("Locality",),
        )
        project.import_survey(tmp_path / "answers.csv", options=options)
        project.load_codebook(tmp_path / "why.yaml")
        project.code()
        yield project


def _rows(project: Project, name: str, **options) -> list[dict]:
    page = project.confidence(**options)
    return [dict(row) for table in page.tables if table.name == name for row in table.rows]


@pytest.mark.slow
def test_planted_codings_give_the_published_shares_and_orders(
    tmp_path: Path, root: Path, reference: Path
) -> None:
    with Project(tmp_path / "qualkit.db", create=True) as project:
        project.import_survey(root / "corpus" / "staff_survey.csv")
        project.load_shipped_codebooks()
        project.import_codings(root / "corpus" / "planted" / "staff_survey.csv", "planted")
        check_confidence(project, reference)
        # 67 of the one service, 30 of the other, as the report says; 59% of 164 answered.
        (tmp_path / "invited.csv").write_text("Service,Invited\nSLF,110\nCC,54\n", "utf-8")
        rows = _rows(project, "response", invited=tmp_path / "invited.csv")
        assert [(row["responses"], row["invited"]) for row in rows] == [
            (97, 164),
            (30, 54),
            (67, 110),
        ]
        assert int(rows[0]["share"] * 100 + 0.5) == 59


def test_shares_means_and_low_ratings(survey: Project) -> None:
    trust, observing = _rows(survey, "confidence")
    # 80, 60, 70, 75: three from 70 on, one under; mean 285 / 4.
    assert (trust["n"], trust["confident"], trust["below"]) == (4, 3, 1)
    assert trust["mean"] == 71.25
    # 20, 90, 40: one of three, since a blank is no rating.
    assert (observing["n"], observing["confident"], observing["mean"]) == (3, 1, 50)


def test_thresholds_are_the_users(survey: Project) -> None:
    trust, _ = _rows(survey, "confidence", confident_from=75, below=65)
    # 80 and 75; 60.
    assert (trust["confident"], trust["below"]) == (2, 1)


def test_groups_stand_beside_all(survey: Project) -> None:
    rows = _rows(survey, "confidence", by="locality", question=["trust"])
    assert [(r["group"], r["n"], r["confident"]) for r in rows] == [
        ("all", 4, 3),
        ("North", 2, 1),
        ("South", 2, 2),
    ]


def test_reasons_count_in_the_texts_of_their_question(survey: Project) -> None:
    rows = _rows(survey, "confidence-reason")
    found = {(r["question"], r["code"]): (r["rank"], r["count"], r["denominator"]) for r in rows}
    # Trust: s1 and s2 wrote, both name time, s2 resistance. Observing: s1 names both, s3 none.
    assert found == {
        ("q1-trust", "time"): (1, 2, 2),
        ("q1-trust", "resistance"): (2, 1, 2),
        ("q2-observing", "time"): (1, 1, 2),
        ("q2-observing", "resistance"): (1, 1, 2),
    }


def test_pairs_may_be_given(survey: Project) -> None:
    rows = _rows(survey, "confidence-reason", pair=["Q1 trust=Why observing?"])
    assert {(r["question"], r["code"]): r["count"] for r in rows} == {
        ("q1-trust", "time"): 1,
        ("q1-trust", "resistance"): 1,
    }
    with pytest.raises(UnknownNameError):
        survey.confidence(pair=["Q1 trust=Nowhere"])
    with pytest.raises(QualkitError, match="RATING=TEXT"):
        survey.confidence(pair=["Q1 trust"])


def test_the_guess_is_said(survey: Project) -> None:
    notes = [note for table in survey.confidence().tables for note in table.notes]
    assert "guessed: Q1 trust = Why trust?" in notes


def test_another_scale_needs_its_thresholds(tmp_path: Path) -> None:
    (tmp_path / "five.csv").write_text("id,Trust,Why?\ns1,5,No time.\ns2,2,None.\n", "utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        options = SurveyOptions(id="id", text=("Why?",), rating=("Trust",))
        project.import_survey(tmp_path / "five.csv", options=options)
        with pytest.raises(QualkitError, match="--confident-from"):
            project.confidence()
        (row,) = _rows(project, "confidence", confident_from=4, below=3)
        assert (row["confident"], row["below"]) == (1, 1)


def test_no_ratings(project: Project) -> None:
    with pytest.raises(QualkitError, match="no ratings"):
        project.confidence()


def test_the_one_column_that_speaks_of_invited_is_taken(tmp_path: Path) -> None:
    (tmp_path / "i.csv").write_text("Service,No. invited\nSLF,110\n", encoding="utf-8")
    assert read_invited(tmp_path / "i.csv").rows == ((("SLF",), 110),)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("Locality,Invited\nNorth,many\n", "whole number"),
        ("Locality,Invited\nNorth,3\nNorth,4\n", "same people"),
        ("Locality,Pay\nNorth,3\n", "how many were invited"),
        ("Planet,Invited\nMars,3\n", "no attribute"),
    ],
)
def test_a_table_of_invited_that_cannot_be(
    survey: Project, tmp_path: Path, table: str, said: str
) -> None:
    (tmp_path / "invited.csv").write_text(table, encoding="utf-8")
    with pytest.raises(QualkitError, match=said):
        survey.confidence(invited=tmp_path / "invited.csv")


def test_small_numbers_are_hidden_when_published(survey: Project) -> None:
    survey.for_publishing = True
    page = survey.publish(survey.confidence(by="locality"))
    for table in page.tables:
        for row in table.rows:
            assert not any(row.get(key) in (1, 2, 3, 4) for key in ("n", "confident", "count"))


WORDED = """id,Why?,Trust,Mood,Level
s1,No time at all for it,never,sunny,80
s2,No time today,some of the time,cloudy,60
s3,Nothing more to say,most of the time,sunny,70
s4,Nothing else to say,all of the time,wet,75
s5,Nothing at all to say,most of the time,cloudy,50
s6,Nothing really to say,it depends on the day,,90
"""


@pytest.fixture
def worded(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "answers.csv").write_text(WORDED, encoding="utf-8")
    with Project(tmp_path / "qualkit.db", create=True) as project:
        options = SurveyOptions(id="id", text=("Why?",), rating=("Trust", "Mood", "Level"))
        project.import_survey(tmp_path / "answers.csv", options=options)
        yield project


def _notes(project: Project, **options) -> str:
    return "\n".join(project.confidence(**options).tables[0].notes)


def test_ratings_in_words_count_by_a_known_scale(worded: Project) -> None:
    rows = {row["question"]: row for row in _rows(worded, "confidence")}
    # Most (2) and all of the time (1) of the five answers that are levels; two lie under.
    assert (rows["trust"]["n"], rows["trust"]["confident"], rows["trust"]["below"]) == (5, 3, 2)
    assert rows["trust"]["mean"] is None
    # 80, 70, 75, 90 of six.
    assert (rows["level"]["n"], rows["level"]["confident"], rows["level"]["below"]) == (6, 4, 2)
    assert rows["level"]["mean"] == pytest.approx(425 / 6)
    assert "mood" not in rows
    notes = _notes(worded)
    assert "lowest first: never, some of the time, most of the time, all of the time" in notes
    assert "1 answers are no level" in notes
    assert "it depends" not in notes
    # "wet" was said once: it may be somebody's own word.
    assert "Mood: answers in words of no scale that is known (cloudy, sunny …)" in notes


def test_the_order_of_levels_is_the_users(worded: Project) -> None:
    rows = _rows(
        worded,
        "confidence",
        levels=["wet,cloudy,sunny", "never,some of the time,most of the time,all of the time"],
        confident_from="all of the time",
        below="some of the time",
    )
    found = {row["question"]: (row["n"], row["confident"], row["below"]) for row in rows}
    # Of three levels the highest is confident, the others are low.
    assert found["mood"] == (5, 2, 3)
    assert found["trust"] == (5, 1, 1)
    assert found["level"] == (6, 4, 2)


@pytest.mark.parametrize("levels", ["never", "never,never,always", ""])
def test_a_scale_that_is_none_is_refused(worded: Project, levels: str) -> None:
    with pytest.raises(QualkitError, match="two levels"):
        worded.confidence(levels=[levels])


def test_a_level_of_no_scale_is_refused(worded: Project) -> None:
    with pytest.raises(UnknownNameError, match="sometimes maybe"):
        worded.confidence(confident_from="sometimes maybe")


def test_levels_in_words_may_be_published(worded: Project) -> None:
    worded.for_publishing = True
    try:
        assert "cloudy" not in _notes(worded)
        with pytest.raises(QualkitError, match="published together"):
            worded.confidence(confident_from=70, below=50)
    finally:
        worded.for_publishing = False
