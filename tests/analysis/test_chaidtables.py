"""Segments as a table, and findings in words that tell of nobody."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from qualkit.analysis.chaid import Growing
from qualkit.analysis.chaidtables import (
    Stability,
    findings_table,
    shares_table,
    shown_nodes,
    splits_table,
    tree_table,
    with_warning,
)
from qualkit.analysis.disclosure import LEFT_OUT, Rules, publish
from qualkit.model import FamilyTree, Predictor, Table, TreeNode, TreeSplit
from qualkit.report.values import pivoted

PHRASES = ("made higher progress", "made the same progress", "made lower progress")


def tree(
    *leaves: tuple[int, ...], levels: tuple[str, ...] = ("higher", "same", "lower")
) -> FamilyTree:
    """Return a tree of one split, with these counts in its leaves."""
    names = tuple("ABCDEFGHI"[: len(leaves)])
    whole = tuple(map(sum, zip(*leaves, strict=True)))
    groups = tuple((at,) for at in range(len(leaves)))
    split = TreeSplit(0, groups, 9.0, 2, 0.01, 0.02, len(leaves), 3)
    nodes = [TreeNode(0, None, 0, (), "", "all families", whole, split)]
    for at, counts in enumerate(leaves):
        words = f"cluster {names[at]}"
        nodes.append(TreeNode(at + 1, 0, 1, (at,), words, words, counts))
    predictor = Predictor("family.cluster", "cluster", "attribute", names)
    return FamilyTree("progress", levels, (predictor,), tuple(nodes))


def table(grown: FamilyTree, stability: Stability | None = None) -> Table:
    return tree_table(
        grown, PHRASES, Growing(), stability, title="Segments of families by progress"
    )


def sentences(shown: Table) -> list[str]:
    return [row["sentence"] for row in findings_table(shown).rows]


def test_a_finding_is_a_pair_of_shares_with_n() -> None:
    # 60 of 100 and 60 of 300 (20%); the others 0 of 200: chi-square far over 3.84.
    found = table(tree((60, 20, 20), (30, 120, 50)))
    row = next(row for row in found.rows if row["node"] == 1 and row["level"] == "higher")
    assert (row["count"], row["denominator"]) == (60, 100)
    assert (row["overall_count"], row["overall_denominator"]) == (90, 300)
    assert (row["share"], row["overall_share"], row["finding"]) == (0.6, 0.3, "more")
    assert row["sentence"] == (
        "Cluster A: 60.0% : 30.0% of families made higher progress (n = 100 : 300),"
        " more than overall"
    )


@pytest.mark.parametrize("at", range(14))
def test_pairs_are_written_as_the_evaluation_wrote_them(reference: Path, at: int) -> None:
    with (reference / "chaid_examples.csv").open(encoding="utf-8-sig", newline="") as lines:
        told = list(csv.DictReader(lines))[at]
    # A thousand families in the segment, nine thousand in the others, by the shares printed.
    own = round(float(told["segment_pct"]) * 10)
    overall = round(float(told["overall_pct"]) * 100)
    grown = tree((own, 1000 - own), (overall - own, 9000 - overall + own), levels=("yes", "no"))
    words = sentences(tree_table(grown, ("made it", "did not"), Growing(), title="x"))
    assert f"{told['segment_pct']}% : {told['overall_pct']}% of families made it" in words[0]
    assert "(n = 1000 : 10000)" in words[0]


def test_no_difference_is_no_finding() -> None:
    # 31 of 100 against 60 of 200: chi-square 0.03.
    found = table(tree((31, 49, 20), (60, 100, 40)))
    assert sentences(found) == []
    assert {row["finding"] for row in found.rows} == {""}


@pytest.mark.parametrize("few", [1, 4])
def test_no_sentence_is_made_of_few_families(few: int) -> None:
    found = table(tree((50, 50 - few, few), (60, 100, 80), (60, 100, 80)))
    row = next(row for row in found.rows if row["node"] == 1 and row["level"] == "lower")
    assert row["finding"] == "less"
    assert row["sentence"] == ""
    # What would give it back is in no sentence either: the other two of the segment.
    shown = [row for row in found.rows if row["node"] == 1 and row["sentence"]]
    assert len(shown) <= 1
    assert any("not in words" in note for note in found.notes)


def test_no_sentence_is_made_of_all_but_few() -> None:
    found = table(tree((97, 2, 1), (20, 100, 80)))
    assert not [row for row in found.rows if row["node"] == 1 and row["sentence"]]


def test_what_does_not_hold_is_marked() -> None:
    held = {1: (0.79, 1.0, 1.0), 2: (0.8, 1.0, 1.0)}
    found = table(tree((60, 20, 20), (30, 120, 50)), Stability(held, 100))
    words = {row["node"]: row["sentence"] for row in found.rows if row["level"] == "higher"}
    assert words[1].endswith("; does not hold (in 79% of resamples only)")
    assert words[2].endswith("less than overall")
    marks = {row["node"]: row["mark"] for row in found.rows if row["level"] == "higher"}
    assert marks == {1: "does not hold", 2: ""}
    assert any(note.startswith("holds: share of 100 resamples") for note in found.notes)


def test_published_sentences_hold_no_number_that_is_left_out() -> None:
    grown = tree((50, 43, 7), (60, 100, 80), (60, 100, 80))
    found = table(grown)
    fit = publish([found], Rules(10))[0]
    small = next(row for row in fit.rows if row["node"] == 1 and row["level"] == "lower")
    assert small["count"] == LEFT_OUT
    assert small["sentence"] == LEFT_OUT
    for words in sentences(fit):
        assert "7.0%" not in words


def test_rounded_tables_have_no_sentences() -> None:
    fit = publish([table(tree((60, 20, 20), (30, 120, 50)))], Rules(5, 5))[0]
    assert sentences(fit) == []


def test_nodes_above_show_what_all_their_segments_show() -> None:
    base = tree((50, 46, 4), (60, 100, 80), (60, 100, 80))
    nodes = list(base.nodes)
    # All families; B and C under a node of their own.
    middle = TreeNode(
        2, 0, 1, (1, 2), "cluster B or C", "cluster B or C", (120, 200, 160), nodes[0].split
    )
    grown = replace(
        base,
        nodes=(
            nodes[0],
            nodes[1],
            middle,
            *(replace(n, number=n.number + 1, parent=2) for n in nodes[2:]),
        ),
    )
    whole = shown_nodes(grown, table(grown))
    assert whole[2].counts == (120, 200, 160)
    assert whole[2].n == 480
    fit = publish([table(grown)], Rules(5))[0]
    part = shown_nodes(grown, fit)
    assert part[1].counts[2] is None
    hidden = [at for at in range(3) if None in (part[3].counts[at], part[4].counts[at])]
    assert [at for at in range(3) if part[2].counts[at] is None] == hidden
    assert hidden


def test_a_tree_of_one_node_says_so() -> None:
    root = TreeNode(0, None, 0, (), "", "all families", (10, 20, 5))
    grown = FamilyTree("progress", ("higher", "same", "lower"), (), (root,))
    found = table(grown)
    assert [(row["node"], row["count"], row["denominator"]) for row in found.rows] == [
        (0, 10, 35), (0, 20, 35), (0, 5, 35),
    ]  # fmt: skip
    assert {row["finding"] for row in found.rows} == {""}
    # 35 families are fewer than the 60 that are split.
    assert any("so few families are not split" in note for note in found.notes)
    assert shown_nodes(grown, found)[0].counts == (10, 20, 5)


def test_a_tree_of_one_node_is_published_without_its_small_numbers() -> None:
    root = TreeNode(0, None, 0, (), "", "all families", (100, 60, 3))
    grown = FamilyTree("progress", ("higher", "same", "lower"), (), (root,))
    found = table(grown)
    assert any("nothing tells families apart" in note for note in found.notes)
    fit = publish([found], Rules(5))[0]
    assert shown_nodes(grown, fit)[0].counts[2] is None
    # What is left of the others would tell it: one more goes, or the sum.
    shown = shown_nodes(grown, fit)[0]
    assert [shown.n, *shown.counts].count(None) >= 2


def test_small_numbers_are_warned_of_exactly_when_they_are_there() -> None:
    few, many = table(tree((50, 46, 4), (60, 100, 80))), table(tree((50, 45, 5), (60, 100, 80)))
    assert with_warning(few).notes[0] == (
        "holds numbers of families under 5: for the researcher, not to be passed on; --publish"
        " leaves them out"
    )
    assert with_warning(many) == many
    # All but three of a hundred tell of three.
    rest = table(tree((97, 3), (60, 180), levels=("yes", "no")))
    assert with_warning(rest).notes[0].startswith("holds numbers")
    fit = publish([with_warning(few)], Rules(5))[0]
    assert not any("holds numbers" in note for note in fit.notes)


def test_many_levels_are_tested_more_strictly_and_said_sparingly() -> None:
    # Nine levels of 30 in 270 families; segment A has 20, 20, 20, 20, 4, 4, 4, 4, 4 (100), so
    # four levels are more: 20 of 100 and 10 of 170 have chi-square 12.7, p 0.0004 < 0.05/9.
    own = (20, 20, 20, 20, 4, 4, 4, 4, 4)
    grown = tree(own, tuple(30 - count for count in own), levels=tuple("abcdefghi"))
    found = tree_table(grown, [f"have {x}" for x in "abcdefghi"], Growing(), title="x")
    rows = [row for row in found.rows if row["node"] == 1]
    assert [row["finding"] for row in rows[:4]] == ["more"] * 4
    # 4 of 100 and 26 of 170: 8.1, p 0.0044 < 0.0056.
    assert [row["finding"] for row in rows[4:]] == ["less"] * 5
    assert sum(bool(row["sentence"]) for row in rows) <= 3
    # 6 of 100 and 24 of 170: 4.2, p 0.04: under 0.05, not under 0.05/9.
    own = (20, 20, 20, 10, 6, 6, 6, 6, 6)
    grown = tree(own, tuple(30 - count for count in own), levels=tuple("abcdefghi"))
    found = tree_table(grown, [f"have {x}" for x in "abcdefghi"], Growing(), title="x")
    assert [row["finding"] for row in found.rows[3:9]] == [""] * 6


def test_a_level_without_words_has_no_sentence() -> None:
    grown = tree((60, 40), (30, 170), levels=("yes", "no"))
    found = tree_table(grown, ("have it", ""), Growing(), title="x")
    assert {row["finding"] for row in found.rows} == {"more", "less"}
    assert {row["level"] for row in found.rows if row["sentence"]} == {"yes"}


def test_splits_stand_with_their_test_where_all_numbers_are_shown() -> None:
    grown = tree((60, 20, 20), (30, 120, 50))
    (row,) = splits_table(grown, shown_nodes(grown, table(grown)), "x").rows
    assert (row["segment"], row["n"], row["by"]) == ("all families", 300, "cluster")
    assert row["groups"] == "cluster A; cluster B"
    assert (row["chi_square"], row["degrees"], row["p"], row["p_adjusted"]) == (
        9.0, 2, "0.010", "0.020",
    )  # fmt: skip
    few = tree((60, 38, 2), (30, 120, 50))
    fit = publish([table(few)], Rules(5))[0]
    (row,) = splits_table(few, shown_nodes(few, fit), "x").rows
    assert {row[key] for key in ("chi_square", "p", "p_adjusted", "degrees")} == {LEFT_OUT}


def test_shares_of_many_levels_are_laid_out_by_segment() -> None:
    grown = tree((60, 20, 20), (30, 120, 50))
    laid = shares_table(grown, table(grown))
    columns, lines = pivoted(laid)
    assert [column.label for column in columns] == ["families", "higher", "same", "lower"]
    # 90 of 300, 140 of 300 and 70 of 300 first; 20 of 100 is about the 23% of all.
    assert lines[0] == ["all families (n = 300)", "30%", "47%", "23%"]
    assert lines[1] == ["cluster A (n = 100)", "+60%", "-20%", "20%"]
