"""A tree of families in the terminal: a line a segment, with its shares and n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from qualkit.model import FamilyTree, Page, ShownNode, Table, TreeNode, TreeSplit
from qualkit.report.cells import visible
from qualkit.report.terminal import print_table
from qualkit.report.values import foot_lines, percent

Shown = Mapping[int, ShownNode]
LEFT_OUT = "[c]"


def print_tree(tree: FamilyTree, shown: Shown, page: Page, console: Console) -> None:
    """Print a tree, then its findings in words, then the foot of its table.

    Shares of many levels, for which the page has a table, stand below the tree.
    """
    tables = {table.name: table for table in page.tables}
    findings, table, shares = (
        tables.get(name) for name in ("chaid-findings", "chaid", "chaid-shares")
    )
    if findings is None or table is None:
        return
    console.print()
    console.print(Text(visible(page.title), style="bold"))
    told = differing(table) if shares else None
    console.print(_branch(tree, tree.root, shown, told))
    if shares:
        print_table(shares, console)
        console.print()
    if findings.rows:
        console.print(Text("Findings: segment : overall", style="bold"))
        for row in findings.rows:
            console.print(Text(f"- {visible(str(row['sentence']))}"))
    elif len(tree.nodes) > 1:
        console.print(Text("no finding that may be put in words", style="italic"))
    for line in foot_lines(table):
        console.print(Text(visible(line), style="dim"))


def differing(table: Table) -> dict[int, str]:
    """Return in words which levels each segment has more and less of than overall."""
    found: dict[int, list[str]] = {}
    for finding in ("more", "less"):
        listed: dict[int, list[str]] = {}
        for row in table.rows:
            if row.get("finding") == finding:
                mark = f" ({row['mark']})" if row.get("mark") else ""
                listed.setdefault(row["node"], []).append(f"{row['level']}{mark}")
        for node, levels in listed.items():
            found.setdefault(node, []).append(f"{finding}: {', '.join(levels)}")
    return {node: "; ".join(parts) for node, parts in found.items()}


def _branch(
    tree: FamilyTree, node: TreeNode, shown: Shown, told: Mapping[int, str] | None = None
) -> Tree:
    words = node.words or "all families"
    label = Text(visible(words), style="bold" if node.split is None else "")
    if told is None:
        label.append(f"\n{numbers(tree.levels, shown[node.number])}", style="not bold")
    else:
        label.append(f" ({sizes(shown[node.number])})", style="not bold")
        if node.number in told:
            label.append(f"\n{visible(told[node.number])}", style="not bold")
    if node.split is not None:
        label.append(f"\n{visible(split_words(tree, node.split, shown, node))}", style="dim")
    branch = Tree(label)
    for child in tree.children(node):
        branch.children.append(_branch(tree, child, shown, told))
    return branch


def numbers(levels: Sequence[str], shown: ShownNode) -> str:
    """Return shares by level and n in words, as far as they are shown.

    >>> numbers(("up", "down"), ShownNode(4, (1, 3)))
    'up 25.0%, down 75.0% (n = 4)'
    """
    # A band of numbers does not run into its share.
    colon = ":" if any(level[-1:].isdigit() for level in levels) else ""
    parts = [
        f"{level}{colon} {share(own, shown)}"
        for level, own in zip(levels, shown.counts, strict=True)
    ]
    return f"{', '.join(parts)} ({sizes(shown)})"


def sizes(shown: ShownNode) -> str:
    """Return how many families a node has, as far as it is shown."""
    return f"n = {LEFT_OUT if shown.n is None else shown.n}"


def share(own: int | None, shown: ShownNode) -> str:
    """Return one level's share of a node in words."""
    return LEFT_OUT if own is None or not shown.n else percent(own / shown.n, 1)


def split_words(tree: FamilyTree, split: TreeSplit, shown: Shown, node: TreeNode) -> str:
    """Return what a node is split by; with its test where all numbers behind it are shown."""
    words = f"split by {tree.predictors[split.predictor].label}"
    if not all(shown[child.number].whole for child in tree.children(node)):
        return words
    return f"{words}: χ² = {split.chi_square:.1f}, df = {split.degrees}, {adjusted(split)}"


def adjusted(split: TreeSplit) -> str:
    """Return the p-value that decided, in words; adjusted, where that made a difference."""
    p = split.p_adjusted
    called = "p" if p == split.p else "adjusted p"
    return f"{called} < 0.001" if p < 0.001 else f"{called} = {p:.3f}"
