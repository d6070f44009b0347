"""Trees as pictures: every number stands in them, and nothing stands on another."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path

import pytest

from qualkit.model import FamilyTree, Predictor, ShownNode, Table, TreeNode, TreeSplit
from qualkit.report import treepictures
from qualkit.report.treepictures import describe, draw_tree
from qualkit.report.treeterminal import numbers

TEXT = "{http://www.w3.org/2000/svg}text"
TABLE = Table("chaid", "Segments of families by progress", (), ())


def grown(leaves: int, words: str = "locality") -> FamilyTree:
    """Return a tree: all families, two halves, and so many leaves below the second."""
    half = TreeSplit(0, ((0,), (1,)), 5.0, 2, 0.01, 0.04, 2, 3)
    nodes = [
        TreeNode(0, None, 0, (), "", "all families", (400, 300, 87), half),
        TreeNode(1, 0, 1, (0,), f"{words} first", f"{words} first", (200, 100, 7)),
        TreeNode(2, 0, 1, (1,), f"{words} second", f"{words} second", (200, 200, 80), half),
    ]
    for at in range(leaves):
        own = f"{words} {at}"
        nodes.append(TreeNode(3 + at, 2, 2, (at,), own, own, (20, 20, 8)))
    predictors = (Predictor("family.x", words, "attribute", tuple(map(str, range(leaves)))),)
    return FamilyTree("progress", ("higher", "same", "lower"), predictors, tuple(nodes))


def whole(tree: FamilyTree) -> dict[int, ShownNode]:
    return {node.number: ShownNode(node.n, node.counts) for node in tree.nodes}


def boxes(tree: FamilyTree) -> list[tuple[float, float, float]]:
    """Return (column, top, bottom) of every box as it is placed."""
    root = treepictures._boxes(tree, tree.root, whole(tree), {})
    treepictures._place(root, 0.0, 0.0)
    found, waiting = [], [root]
    while waiting:
        box = waiting.pop()
        found.append((box.x, box.middle - box.height / 2, box.middle + box.height / 2))
        waiting += box.children
    return found


@pytest.mark.parametrize("leaves", [2, 3, 10])
@pytest.mark.parametrize("words", ["locality", "a very long name of an attribute " * 6])
def test_no_box_stands_on_another(leaves: int, words: str) -> None:
    found = boxes(grown(leaves, words))
    assert len(found) == leaves + 3
    for x in {box[0] for box in found}:
        column = sorted(box[1:] for box in found if box[0] == x)
        for (_, bottom), (top, _) in pairwise(column):
            assert bottom < top
        assert column[0][0] >= 0


def test_lines_fit_their_box() -> None:
    width = treepictures._BOX - 2 * treepictures._PAD
    for words in ("locality " * 20, "x" * 200, ""):
        for line in treepictures._wrapped(words, width, 8.0):
            assert treepictures._long(line, 8.0) <= width


def test_every_share_and_n_stands_in_the_picture(tmp_path: Path) -> None:
    tree = grown(3)
    draw_tree(tree, whole(tree), TABLE, tmp_path / "tree.svg")
    root = ElementTree.parse(tmp_path / "tree.svg").getroot()
    words = " ".join(
        (text.text or "").replace("\N{NO-BREAK SPACE}", " ") for text in root.iter(TEXT)
    )
    for node in tree.nodes:
        assert numbers(tree.levels, ShownNode(node.n, node.counts)) in words
    assert "Segments of families by progress" in words


def test_what_does_not_hold_is_marked(tmp_path: Path) -> None:
    tree = grown(2)
    rows = (
        {"node": 3, "level": "lower", "finding": "more", "mark": "does not hold"},
        {"node": 3, "level": "same", "finding": "less", "mark": ""},
        {"node": 4, "level": "lower", "finding": "[c]", "mark": "[c]"},
    )
    table = Table("chaid", "x", (), rows)
    draw_tree(tree, whole(tree), table, tmp_path / "tree.svg")
    root = ElementTree.parse(tmp_path / "tree.svg").getroot()
    words = " ".join(text.text or "" for text in root.iter(TEXT))
    assert "lower: more than overall (does not hold); same: less than overall" in words
    assert words.count("than overall") == 2


def test_what_is_left_out_is_in_no_picture(tmp_path: Path) -> None:
    tree = grown(2)
    shown = whole(tree) | {1: ShownNode(307, (200, None, None))}
    draw_tree(tree, shown, TABLE, tmp_path / "tree.svg")
    text = (tmp_path / "tree.svg").read_text(encoding="utf-8")
    # 7 of 307 is 2.3%, 100 of 307 is 32.6%.
    assert "2.3%" not in text
    assert "32.6%" not in text
    assert "[c]" in text
    assert "adjusted p" not in next(t for t in text.splitlines() if "split by" in t)
    assert "lower [c]" in describe(tree, shown)


@pytest.mark.parametrize("ending", [".svg", ".png", ".pdf", ".html"])
def test_the_same_tree_has_the_same_bytes(tmp_path: Path, ending: str) -> None:
    tree = grown(2)
    for name in ("one", "two"):
        draw_tree(tree, whole(tree), TABLE, tmp_path / f"{name}{ending}")
    assert (tmp_path / f"one{ending}").read_bytes() == (tmp_path / f"two{ending}").read_bytes()


def test_more_levels_than_greys_stand_in_words_alone(tmp_path: Path) -> None:
    levels = tuple("ABCDEFGHI")
    split = TreeSplit(0, ((0,), (1,)), 5.0, 8, 0.01, 0.04, 2, 3)
    nodes = (
        TreeNode(0, None, 0, (), "", "all families", (20,) * 9, split),
        TreeNode(1, 0, 1, (0,), "with Debt", "with Debt", (10,) * 9),
        TreeNode(2, 0, 1, (1,), "without Debt", "without Debt", (10,) * 9),
    )
    need = Predictor("need.debt", "Debt", "need", ("without", "with"))
    tree = FamilyTree("cluster", levels, (need,), nodes)
    draw_tree(tree, whole(tree), TABLE, tmp_path / "tree.svg")
    root = ElementTree.parse(tmp_path / "tree.svg").getroot()
    words = " ".join(
        (text.text or "").replace("\N{NO-BREAK SPACE}", " ") for text in root.iter(TEXT)
    )
    # 10 of 90 and 20 of 180.
    assert words.count("I 11.1%") == 3


def test_small_numbers_are_warned_of_in_the_picture(tmp_path: Path) -> None:
    tree = grown(2)
    warned = Table(
        "chaid", "x", (), (), notes=("holds numbers of families under 5: not to be passed on",)
    )
    for table, times in ((warned, 1), (TABLE, 0)):
        draw_tree(tree, whole(tree), table, tmp_path / "tree.svg")
        root = ElementTree.parse(tmp_path / "tree.svg").getroot()
        words = " ".join(text.text or "" for text in root.iter(TEXT))
        assert words.count("Holds numbers of families under 5") == times
