"""Graphs and matrices as pictures: words whole and apart, and those who do not see are told."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from qualkit.model import Edge, Graph, Grid
from qualkit.report import graphpictures
from qualkit.report.graphpictures import draw_graphs, draw_grid

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Adverse upbringing and life events of all"


def graph(n: int, lines: int) -> Graph:
    draw = random.Random(n + lines)
    pairs = draw.sample(list(combinations(range(n), 2)), lines)
    return Graph(
        "Themes that meet in a case",
        tuple(f"{LONG[: 12 + at % 30]} {at}" for at in range(n)),
        tuple(
            Edge(i, j, draw.random(), draw.random() < 0.3, "1.20 (1.10 to 1.31); 45", "1.20")
            for i, j in pairs
        ),
        ("A note on what the lines are, and how wide they are, long enough for two lines." * 2,),
    )


def grid(rows: int, columns: int) -> Grid:
    cells = tuple(
        tuple((0.1 * (i + j) % 1, "▲2.4" if i % 2 else "[c]", j % 3 == 0) for j in range(columns))
        for i in range(rows)
    )
    names = tuple(f"{LONG[: 14 + at % 24]} {at}" for at in range(max(rows, columns)))
    return Grid("Barriers", names[:rows], names[:columns], cells, ("A note.",))


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The figures that are saved, still to be measured."""
    kept: list[Any] = []
    save = graphpictures.save_picture

    def keep(figure: Any, *rest: Any) -> None:
        kept.append(words_of(figure))
        save(figure, *rest)

    monkeypatch.setattr(graphpictures, "save_picture", keep)
    return kept


def words_of(figure: Any) -> list[tuple[str, Any, float]]:
    """The texts of a figure as (words, box on the page, how far turned)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    page = figure.bbox
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_rotation(), page)
        for axes in figure.axes
        for text in axes.texts
        if text.get_text()
    ]  # type: ignore[misc]


def check_words(words: list[Any]) -> None:
    for said, box, _, page in words:
        assert box.x0 >= page.x0 - 1, said
        assert box.x1 <= page.x1 + 1, said
        assert box.y0 >= page.y0 - 1, said
        assert box.y1 <= page.y1 + 1, said
    level = [item for item in words if item[2] == 0]
    for (said, box, *_), (other, beside, *_) in combinations(level, 2):
        # Boxes of two lines may touch by the room below letters.
        apart = (
            box.x1 <= beside.x0 + 1
            or beside.x1 <= box.x0 + 1
            or box.y1 <= beside.y0 + 2
            or beside.y1 <= box.y0 + 2
        )
        assert apart, f"{said!r} and {other!r}"


@pytest.mark.parametrize(
    ("n", "lines"), [(2, 1), (5, 4), (10, 20), (10, 45), (12, 5), (24, 20), (24, 60), (24, 276)]
)
def test_words_of_a_graph_are_whole_and_apart(
    tmp_path: Path, figures: list[Any], n: int, lines: int
) -> None:
    draw_graphs([graph(n, lines)], tmp_path / "graph.png")
    check_words(figures[0])


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (10, 10), (23, 23), (24, 15)])
def test_words_of_a_matrix_are_whole_and_apart(
    tmp_path: Path, figures: list[Any], rows: int, columns: int
) -> None:
    draw_grid(grid(rows, columns), tmp_path / "grid.png")
    check_words(figures[0])


def test_two_graphs_stand_below_each_other(tmp_path: Path, figures: list[Any]) -> None:
    draw_graphs([graph(10, 4), graph(10, 45)], tmp_path / "graph.svg")
    check_words(figures[0])


def test_nothing_to_draw_is_said(tmp_path: Path) -> None:
    draw_graphs([graph(0, 0)], tmp_path / "graph.svg")
    assert "no line to draw" in (tmp_path / "graph.svg").read_text("utf-8")
    draw_grid(Grid("Barriers", (), (), ()), tmp_path / "grid.svg")
    assert "no pair to show" in (tmp_path / "grid.svg").read_text("utf-8")


def test_who_does_not_see_is_told_every_line(tmp_path: Path) -> None:
    draw_graphs([graph(3, 3)], tmp_path / "graph.svg")
    told = ElementTree.parse(tmp_path / "graph.svg").getroot().findtext(f"{SVG}desc") or ""
    assert told.count("1.20 (1.10 to 1.31); 45") == 3
    draw_grid(grid(2, 2), tmp_path / "grid.svg")
    told = ElementTree.parse(tmp_path / "grid.svg").getroot().findtext(f"{SVG}desc") or ""
    assert told.count("▲2.4") == 2


def test_fewer_is_dashed_and_no_colour_is_used(tmp_path: Path) -> None:
    lines = (Edge(0, 1, 1.0, False, "2", "2"), Edge(0, 2, 0.5, True, "0.5", "0.5"))
    draw_graphs([Graph("T", ("A", "B", "C"), lines)], tmp_path / "graph.svg")
    text = (tmp_path / "graph.svg").read_text("utf-8")
    assert text.count("stroke-dasharray") == 1
    colours = {text[at : at + 7] for at in range(len(text)) if text[at] == "#"}
    greys = {c for c in colours if len(c) == 7 and all(x in "0123456789abcdef" for x in c[1:])}
    assert greys
    assert all(c[1:3] == c[3:5] == c[5:7] for c in greys)
