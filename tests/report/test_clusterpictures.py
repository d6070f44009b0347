"""The heat map of needs by group: its words, and what is left out."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from qualkit.analysis.clusteringtables import GroupedNeeds, profile_table
from qualkit.errors import QualkitError
from qualkit.model import Basis, Table
from qualkit.report.clusterpictures import draw_profile
from qualkit.report.pictures import GREYS

SVG = "{http://www.w3.org/2000/svg}"


def profile() -> Table:
    answers = numpy.array([[1] * 6 + [0] * 24 + [1] * 9 + [0]]).T
    groups = numpy.array([0] * 30 + [1] * 10)
    return profile_table(GroupedNeeds(groups, numpy.ones(40), answers, ["Debt & rent"], 2), Basis())


def words_of(path: Path) -> list[str]:
    return [str(t.text) for t in ElementTree.parse(path).getroot().iter(f"{SVG}text")]


def test_every_share_stands_in_its_field_with_its_sign(tmp_path: Path) -> None:
    draw_profile(profile(), tmp_path / "p.svg")
    words = words_of(tmp_path / "p.svg")
    # 6 of 30, 9 of 10, 15 of 40 rounded half up.
    for said in ("Debt & rent", "20%", "90%", "38%", "▲", "▼", "30", "10", "40"):
        assert said in words


def test_description_tells_groups_apart(tmp_path: Path) -> None:
    draw_profile(profile(), tmp_path / "p.svg")
    told = ElementTree.parse(tmp_path / "p.svg").getroot().findtext(f"{SVG}desc")
    assert told is not None
    assert "Group 2, more often: Debt & rent." in told


def test_a_share_left_out_stands_as_such(tmp_path: Path) -> None:
    table = profile()
    rows = tuple({**row, "share": "[c]", "sets_apart": "[c]"} for row in table.rows)
    draw_profile(replace(table, rows=rows), tmp_path / "p.svg")
    words = words_of(tmp_path / "p.svg")
    assert words.count("[c]") == 3
    assert "20%" not in words


def test_a_field_is_as_dark_as_the_number_that_stands_in_it(tmp_path: Path) -> None:
    rows = [{**row, "share": 0.796, "sets_apart": ""} for row in profile().rows]
    draw_profile(replace(profile(), rows=tuple(rows)), tmp_path / "p.svg")
    drawn = (tmp_path / "p.svg").read_text(encoding="utf-8")
    assert words_of(tmp_path / "p.svg").count("80%") == 3
    # Three fields and the one of the key; none of 60% to 79% but in the key.
    assert (drawn.count(f"fill: {GREYS[4]}"), drawn.count(f"fill: {GREYS[3]}")) == (4, 1)


def test_long_names_take_two_lines_and_sizes_stand_where_answers_are_not_known(
    tmp_path: Path,
) -> None:
    answers = numpy.array([[1] * 20 + [0] * 19 + [-1]] * 2).T
    groups = numpy.array([0] * 25 + [1] * 15)
    long = "School attendance below 90% for any reason, illness among them"
    grouped = GroupedNeeds(groups, numpy.ones(40), answers, [long, "Debt"], 2)
    draw_profile(profile_table(grouped, Basis()), tmp_path / "p.svg")
    words = words_of(tmp_path / "p.svg")
    assert "School attendance below 90% for any reason," in words
    assert "illness among them" in words
    assert {"25", "15", "40"} <= set(words)


def test_other_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="sort of picture"):
        draw_profile(profile(), tmp_path / "p.bmp")
