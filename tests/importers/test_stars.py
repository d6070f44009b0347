from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.errors import ColumnError
from qualkit.importers.dates import parse_date
from qualkit.importers.needs import NeedsOptions, read_about, read_needs
from qualkit.importers.occasions import read_words
from qualkit.importers.stars import StarsOptions, read_reading, read_stars
from qualkit.model import ParsedNeeds, ParsedReadings, Rejection


def _read(
    path: Path, text: str, options: StarsOptions | None = None
) -> tuple[list[tuple[object, ...]], list[tuple[str, str]]]:
    path.write_text(text, encoding="utf-8")
    items = list(read_stars(path, options).items)
    found = [
        (item.ufrn, item.read_on, item.review, dict(item.readings))
        for item in items
        if isinstance(item, ParsedReadings)
    ]
    return found, [(i.place, i.reason) for i in items if isinstance(i, Rejection)]


def test_wide_with_start_and_end_in_any_spelling(tmp_path: Path) -> None:
    text = (
        "UFRN,Physical health (Start),END - family-routine,Start_FamilyRoutine,"
        "Good or improved physical health: Latest,How did physical health change?\n"
        "F1,2,7,3,,well\n"
    )
    found, aside = _read(tmp_path / "w.csv", text)
    assert found == [
        ("F1", "", 0, {"physical-health": 2, "family-routine": 3}),
        ("F1", "", 999, {"family-routine": 7}),
    ]
    assert aside == []


def test_wide_with_a_row_an_assessment(tmp_path: Path) -> None:
    text = (
        "Family ref,Date,Physical health,Adult wellbeing\n"
        "F1,03/04/2016,2,\nF1,2016-09-01,5,6\nF2,31/31/2016,4,4\nF3,,4,4\n"
    )
    found, aside = _read(tmp_path / "w.csv", text)
    assert found == [
        ("F1", "2016-04-03", -1, {"physical-health": 2}),
        ("F1", "2016-09-01", -1, {"physical-health": 5, "adult-wellbeing": 6}),
    ]
    assert aside == [
        ("row 4, column 'Date'", "the date cannot be read"),
        ("row 5", "neither a date nor which assessment it was"),
    ]


def test_wide_with_numbered_reviews_and_their_dates(tmp_path: Path) -> None:
    text = (
        "UFRN,Start date,Review 1 date,Home and money start,Home and money review 1,"
        "Home and money review 2\nF1,1 Jan 2016,1 Jul 2016,2,4,6\n"
    )
    found, _ = _read(tmp_path / "w.csv", text)
    assert found == [
        ("F1", "2016-01-01", 0, {"home-and-money": 2}),
        ("F1", "2016-07-01", 1, {"home-and-money": 4}),
        ("F1", "", 2, {"home-and-money": 6}),
    ]


def test_long_with_faults(tmp_path: Path) -> None:
    text = (
        "ufrn,assessment,domain,reading\n"
        "F1,First,Physical Health,0\nF1,Review 1,physical-health,11\nF1,Review 1,spirit,4\n"
        "F1,Initial,PHYSICAL HEALTH,3.0\nF1,2,Social networks,3.5\nF1,whenever,Social networks,3\n"
        ",First,Social networks,3\nF1,2,Social networks,\n"
    )
    found, aside = _read(tmp_path / "l.csv", text)
    assert found == [("F1", "", 0, {"physical-health": 3})]
    assert [reason for _, reason in aside] == [
        "the reading is not from 1 to 10",
        "the reading is not from 1 to 10",
        "no domain of the codebook is called so",
        "the reading is no whole number",
        "which assessment it was cannot be read",
        "the row has no family reference",
    ]


def test_long_with_named_columns(tmp_path: Path) -> None:
    options = StarsOptions(domain="Area of life", reading="N", date="Done")
    text = "UFRN,Area of life,N,Done\nF1,Adult wellbeing,4,2016-01-05\n"
    found, _ = _read(tmp_path / "l.csv", text, options)
    assert found == [("F1", "2016-01-05", -1, {"adult-wellbeing": 4})]


def test_a_table_without_readings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="no column of Family Star readings"):
        _read(tmp_path / "w.csv", "UFRN,Cluster\nF1,A\n")
    with pytest.raises(ColumnError, match="family references"):
        _read(tmp_path / "w.csv", "Name,Physical health start\nA,1\n")


@pytest.mark.parametrize(
    ("cell", "reading"),
    [
        ("1", 1),
        (" 10 ", 10),
        ("7.0", 7),
        ("", None),
        ("0", str),
        ("11", str),
        ("-1", str),
        ("4.5", str),
        ("high", str),
        ("1e1", str),
        ("9" * 5000, str),
    ],
)
def test_reading(cell: str, reading: object) -> None:
    found = read_reading(cell)
    assert isinstance(found, str) if reading is str else found == reading


@pytest.mark.parametrize(
    ("words", "review"),
    [
        ("Start", 0),
        ("first assessment", 0),
        ("Review", 1),
        ("Review 2", 2),
        ("2nd review", 2),
        ("First review", 1),
        ("Latest", 999),
        ("closing review", 999),
        ("Assessment 2", 1),
        ("", -1),
    ],
)
def test_words_of_an_assessment(words: str, review: int) -> None:
    told = read_words(words)
    assert told is not None
    assert told.review == review


def test_words_about_something_else() -> None:
    assert read_words("did it change") is None
    assert read_words("start end") is None


def test_dates() -> None:
    assert parse_date("3/4/16") == parse_date("3rd April 2016") == "2016-04-03"
    assert parse_date("2016-04-03 10:00:00") == "2016-04-03"
    assert parse_date("30/02/2016") is parse_date("soon") is None


# --- needs -----------------------------------------------------------------------------------


def test_needs_of_adults_children_and_family(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "UFRN,Assessment of,Age,Debt,Domestic abuse\n"
        "F1,Adult,33,Yes,0\nF1,Child,5,,n\nF1,child,7,TRUE,maybe\nF1,dog,2,1,1\n",
        encoding="utf-8",
    )
    parsed = read_needs(path)
    items = list(parsed.items)
    found = [(i.about, i.person, dict(i.needs)) for i in items if isinstance(i, ParsedNeeds)]
    assert found == [
        (("adult",), "", {"debt": True, "domestic-abuse": False}),
        (("child",), "", {"domestic-abuse": False}),
        # The second child has no name, so it is numbered.
        (("child",), "#2", {"debt": True}),
    ]
    assert [i.reason for i in items if isinstance(i, Rejection)] == [
        "the need is neither yes nor no",
        "it says neither adult nor child nor family",
    ]
    assert parsed.names == {"debt": "Debt", "domestic-abuse": "Domestic abuse"}
    assert any("Age" in note for note in parsed.notes if "left out" in note)


def test_a_row_a_family_stands_for_all_three(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("UFRN,Debt\nF1,1\n", encoding="utf-8")
    (item,) = read_needs(path).items
    assert isinstance(item, ParsedNeeds)
    assert item.about == ("adult", "child", "family")
    (item,) = read_needs(path, NeedsOptions(about="child")).items
    assert isinstance(item, ParsedNeeds)
    assert item.about == ("child",)


def test_whom_a_cell_is_about() -> None:
    assert read_about("Young person") == ("child",)
    assert read_about("Whole Family") == ("family",)
    assert read_about("Parent/carer") == ("adult",)
    assert read_about("adult and child") == ()


def test_without_needs_the_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text("UFRN,Age\nF1,14\n", encoding="utf-8")
    with pytest.raises(ColumnError, match="no column of needs"):
        read_needs(path)


def test_domains_as_the_star_itself_calls_them(tmp_path: Path) -> None:
    text = (
        "UFRN,Meeting emotional needs (start),Keeping your children safe (start),"
        "Your well-being (start)\nF1,2,3,4\n"
    )
    found, _ = _read(tmp_path / "w.csv", text)
    readings = {"childrens-emotional-needs": 2, "keeping-children-safe": 3, "adult-wellbeing": 4}
    assert found == [("F1", "", 0, readings)]


def test_cells_say_which_assessment_where_no_header_does(tmp_path: Path) -> None:
    text = (
        "family,star area,score,when\nF1,Family routine,2,baseline\nF1,Family routine,5,final\n"
        "F2,Family routine,5,whenever\n" + "F3,Family routine,4,baseline\n" * 8
    )
    found, aside = _read(tmp_path / "l.csv", text)
    assert found[:2] == [
        ("F1", "", 0, {"family-routine": 2}),
        ("F1", "", 999, {"family-routine": 5}),
    ]
    assert aside == [("row 4, column 'when'", "which assessment it was cannot be read")]


def test_a_column_called_family_is_believed_over_references_alone(tmp_path: Path) -> None:
    found, _ = _read(tmp_path / "a.csv", "Family,Family routine start\nF1,2\n")
    assert found == [("F1", "", 0, {"family-routine": 2})]
    with pytest.raises(ColumnError, match="no column of family references"):
        _read(tmp_path / "b.csv", "Family,Family routine start\nSmith,2\n")


@pytest.mark.parametrize("header", ["Assessed on", "Date assessed", "Date completed"])
def test_date_of_a_need(tmp_path: Path, header: str) -> None:
    path = tmp_path / "n.csv"
    path.write_text(f"UFRN,{header},Debt\nF1,02/03/2016,yes\n", encoding="utf-8")
    (item,) = read_needs(path).items
    assert isinstance(item, ParsedNeeds)
    assert item.assessed_on == "2016-03-02"
