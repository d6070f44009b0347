"""Pictures as files: kinds, what a reader without eyes is told, and the same bytes twice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from qualkit.errors import QualkitError
from qualkit.report.pictures import INK, ink_on, new_figure, save_picture

SVG = "{http://www.w3.org/2000/svg}"
HEADS = {".svg": b"<?xml", ".png": b"\x89PNG", ".pdf": b"%PDF", ".html": b"<!doctype html>"}


def draw(path: Path, words: str = "debts & arrears") -> bytes:
    with new_figure(80, 40) as figure:
        figure.text(0.1, 0.5, words)
        save_picture(figure, path, 'A <title> & "more"', "Told to those who do not see it.")
    return path.read_bytes()


@pytest.mark.parametrize("ending", HEADS)
def test_ending_says_which_sort_and_same_picture_has_same_bytes(
    tmp_path: Path, ending: str
) -> None:
    found = draw(tmp_path / f"one{ending}")
    assert found.startswith(HEADS[ending])
    assert draw(tmp_path / f"two{ending}") == found


def test_svg_holds_its_words_as_text_and_tells_what_it_shows(tmp_path: Path) -> None:
    draw(tmp_path / "one.svg")
    root = ElementTree.parse(tmp_path / "one.svg").getroot()
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == 'A <title> & "more"'
    assert root.findtext(f"{SVG}desc") == "Told to those who do not see it."
    assert [t.text for t in root.iter(f"{SVG}text")] == ["debts & arrears"]


def test_page_fetches_nothing(tmp_path: Path) -> None:
    page = draw(tmp_path / "one.html").decode()
    assert "src=" not in page
    assert re.findall(r'href="(?!#)', page) == []
    # The picture stands in the page itself, so that its words can be marked.
    assert re.search(
        r"<svg[^>]* role=\"img\"><title>[^<]*</title><desc>.*>debts &amp; arrears<", page, re.DOTALL
    )
    assert "A &lt;title&gt; &amp; &quot;more&quot;" in page


def test_dollars_are_words_and_not_formulas(tmp_path: Path) -> None:
    draw(tmp_path / "one.svg", "$x_1$ and $")
    assert "$x_1$ and $" in (tmp_path / "one.svg").read_text(encoding="utf-8")


def test_other_ending_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(QualkitError, match="sort of picture"):
        draw(tmp_path / "one.gif")
    assert list(tmp_path.iterdir()) == []


def test_words_on_dark_are_white_and_on_light_dark() -> None:
    assert ink_on(0.1) == "#ffffff"
    assert ink_on(0.9) == INK
