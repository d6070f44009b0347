"""Pictures of journeys: every word stands within the picture, and what is left out stays out."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from qualkit.errors import QualkitError
from qualkit.model import (
    STORY,
    Column,
    JourneyLink,
    JourneyMap,
    JourneyPhase,
    JourneyPoint,
    JourneyTheme,
    Page,
    Phase,
    Table,
)
from qualkit.report.journeygrouppictures import save_journeys
from qualkit.report.journeypictures import save_journey

SVG = "{http://www.w3.org/2000/svg}"


def journey(names: int = 2) -> JourneyMap:
    themes = tuple(
        JourneyTheme(category, f"{category}{n}", f"{category.capitalize()} {n}", 2, "q", "i1", 1)
        for category in ("barrier", "enabler", "outcome", "agency")
        for n in range(names)
    )
    phases = tuple(
        JourneyPhase(phase, 3, 0, None if phase is Phase.ENDING else 0.5, themes) for phase in STORY
    )
    points = (
        JourneyPoint(False, -1, Phase.BEFORE, "i1", 2, 0.1, (("Debt", "it cost $5 & more"),)),
        JourneyPoint(True, 2, Phase.AFTER, "i1", 9, 0.9, (("Calmer", "calm"), ("Work", "a job"))),
    )
    link = JourneyLink(
        "because of",
        Phase.DURING,
        "activity",
        "Visits",
        "outcome",
        "Calmer",
        "i1",
        5,
        "she",
        "calm",
    )
    return JourneyMap("F1", phases, points, (link,), ())


def words_of(path: Path) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def groups(left_out: str = "[c]") -> Page:
    scores = Table(
        "journey-scores",
        "",
        (Column("group", ""),),
        tuple(
            {"group": group, "phase": phase, "families": count, "score": score}
            for group, count, score in (("all", 9, 0.1), ("A", 6, -0.5), ("B", left_out, left_out))
            for phase in ("before", "after")
        ),
    )
    themes = Table(
        "journey-themes",
        "",
        (Column("theme", ""),),
        tuple(
            {"theme": "before: Debt (barrier)", "group": group, "share": share}
            for group, share in (("A", 0.625), ("B", left_out))
        ),
    )
    return Page("journeys", "Journeys of families by cluster", (scores, themes))


def test_a_journey_names_phases_themes_points_and_ties(tmp_path: Path) -> None:
    save_journey(journey(), tmp_path / "one.svg")
    words = words_of(tmp_path / "one.svg")
    for phase in ("Before", "Referral", "During", "Ending", "After"):
        assert phase in words
    assert words.count("+0.50") == 4
    said = " ".join(words)
    assert "low, before, i1 segment 2: Debt: \u201cit cost $5 & more\u201d" in said
    assert "Visits \u2192 Calmer (\u201cbecause of\u201d, i1 segment 5)" in said
    assert "not to be passed on" in said


def test_further_themes_are_counted(tmp_path: Path) -> None:
    save_journey(journey(7), tmp_path / "one.svg")
    # Five are named of seven.
    assert words_of(tmp_path / "one.svg").count("and 2 more") == 20


def test_its_description_tells_the_scores(tmp_path: Path) -> None:
    save_journey(journey(), tmp_path / "one.svg")
    told = ElementTree.parse(tmp_path / "one.svg").getroot().findtext(f"{SVG}desc") or ""
    assert "Before: score +0.50" in told
    assert "Ending: no score" in told


@pytest.mark.parametrize("names", [0, 2, 9])
def test_no_word_leaves_the_picture(
    tmp_path: Path, names: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from qualkit.report import journeygrouppictures, journeypictures

    seen = []

    def look(figure, *rest) -> None:
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        width, height = canvas.get_width_height()
        for axes in figure.axes:
            for text in axes.texts:
                box = text.get_window_extent(canvas.get_renderer())
                seen.append(text)
                assert box.x0 >= 0, text
                assert box.y0 >= 0, text
                assert box.x1 <= width, text
                assert box.y1 <= height, text

    for module in (journeypictures, journeygrouppictures):
        monkeypatch.setattr(module, "save_picture", look)
    save_journey(journey(names), tmp_path / "one.png")
    save_journeys(groups(), tmp_path / "two.png")
    assert seen


def test_groups_show_what_is_left_out_as_left_out(tmp_path: Path) -> None:
    save_journeys(groups(), tmp_path / "one.svg")
    words = words_of(tmp_path / "one.svg")
    assert "63%" in words
    assert "\u2013" in words
    said = ElementTree.parse(tmp_path / "one.svg").getroot().findtext(f"{SVG}desc") or ""
    assert "B: before left out, after left out" in said


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="sort of picture"):
        save_journey(journey(), tmp_path / "one.gif")
