"""A tree's segments as a table, and its findings as sentences: share : overall share, with n."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from qualkit.analysis.chaid import Correction, Growing
from qualkit.analysis.chaidgroups import chi_square
from qualkit.analysis.chaidresamples import HOLDS
from qualkit.analysis.disclosure import DEFAULT_LIMIT, LEFT_OUT, Rules, publish
from qualkit.model import (
    Basis,
    Column,
    Disclosure,
    FamilyTree,
    Measure,
    Pivot,
    ShownNode,
    Sum,
    Table,
    TreeNode,
)

MORE, LESS = "more", "less"
MOST_IN_LINE = 5
"""Shares of more levels than this do not stand in a line: they get a table of their own."""
MOST_SAID = 3
"""With more levels than this the test of each is corrected for their number, and of each segment
only so many are put in words."""
NOT_HELD = "does not hold"
FEW_FAMILIES = (
    f"holds numbers of families under {DEFAULT_LIMIT}: for the researcher, not to be passed on;"
    " --publish leaves them out"
)
RULE = (
    "CHAID (Kass 1980): families are split by what tells them most apart, chi-square test;"
    " categories that do not differ are merged; segment : overall share, of all families that count"
)
_CORRECTED = {
    Correction.NODE: "p-values are adjusted for the ways to merge categories and for the number of"
    " predictors that could split the node, and worked out with care where few are expected",
    Correction.CATEGORIES: "p-values are adjusted for the ways to merge categories, not for the"
    " number of predictors: of trees on families without any difference more than the level split",
    Correction.NONE: "p-values are not adjusted: of trees on families without any difference many"
    " split",
}
COLUMNS = (
    Column("node", "node", "id", spare=1),
    Column("segment", "families"),
    Column("level", "level"),
    Column("count", "with it", "count", spare=2),
    Column("denominator", "n", "count"),
    Column("share", "share", "share", detail=True),
    Column("overall_count", "overall with it", "count", detail=True),
    Column("overall_denominator", "of all", "count", detail=True),
    Column("overall_share", "overall", "share", detail=True),
    Column("pair", "segment : overall", "pair"),
    Column("finding", "than overall"),
    Column("p", "p against the others", "score", detail=True),
    Column("holds", "holds", "share"),
    Column("mark", "mark", spare=3),
    Column("sentence", "in words", detail=True),
)
_SPLIT_COLUMNS = (
    Column("segment", "families"),
    Column("n", "n", "count"),
    Column("by", "split by"),
    Column("groups", "into"),
    Column("chi_square", "chi-square", "score"),
    Column("degrees", "df", "count"),
    Column("p", "p"),
    Column("p_adjusted", "adjusted p"),
    Column("tested", "predictors tested", "count"),
)
DISCLOSURE = Disclosure(
    measures=(
        Measure("count", ("denominator",), "share", ("finding", "p", "holds", "mark", "sentence")),
        Measure("overall_count", ("overall_denominator",), "overall_share"),
    ),
    sums=(
        Sum("overall_count", ("count",), ("level",)),
        Sum("overall_denominator", ("denominator",), ()),
        Sum("denominator", ("count",), ("node",)),
        Sum("overall_denominator", ("overall_count",), ()),
    ),
    shared={
        "denominator": ("node",),
        "overall_count": ("level",),
        "overall_share": ("level",),
        "overall_denominator": (),
    },
    pairs={"pair": ("share", "overall_share")},
    free=("node",),
)


@dataclass(frozen=True, slots=True)
class Stability:
    """How often each segment held for each level: shares by node number, of so many resamples."""

    held: Mapping[int, Sequence[float]]
    resamples: int


def tree_table(
    tree: FamilyTree,
    phrases: Sequence[str],
    growing: Growing,
    stability: Stability | None = None,
    *,
    title: str,
    notes: Sequence[str] = (),
) -> Table:
    """Return a row a segment and level, with a sentence where it differs from the others.

    Parameters
    ----------
    phrases : sequence of str
        What families of each level did or are, to follow "of families"; nothing for a level
        that is not put in words.

    Returns
    -------
    Table
        node, segment, level, count, denominator, share, overall_count, overall_denominator,
        overall_share, finding (more, less or nothing), p (chi-square of the segment against
        all other families; none of a tree of one node), holds (share of resamples, 0 to 1),
        mark, sentence. No sentence is made of numbers under the disclosure limit, or that would
        give one back.
    """
    rows = []
    for leaf in tree.leaves:
        own = [
            _row(tree, leaf, at, phrases, growing.alpha, stability)
            for at in range(len(tree.levels))
        ]
        rows += _most_telling(own)
    said = [*notes, *_tree_notes(tree, growing, stability)]
    basis = Basis(denominator=tree.root.n, unit="families", rule=RULE)
    table = Table("chaid", title, COLUMNS, tuple(rows), basis, tuple(said), disclosure=DISCLOSURE)
    return _with_safe_sentences(table)


def _row(
    tree: FamilyTree,
    leaf: TreeNode,
    at: int,
    phrases: Sequence[str],
    alpha: float,
    stability: Stability | None,
) -> dict[str, Any]:
    root = tree.root
    own, overall = leaf.counts[at] / leaf.n, root.counts[at] / root.n
    p = _against_others(leaf, root, at) if leaf is not root else None
    level = alpha / len(tree.levels) if len(tree.levels) > MOST_SAID else alpha
    finding = "" if p is None or p >= level else MORE if own > overall else LESS
    holds = stability.held[leaf.number][at] if stability and finding else None
    row = {
        "node": leaf.number,
        "segment": leaf.segment,
        "level": tree.levels[at],
        "count": leaf.counts[at],
        "denominator": leaf.n,
        "share": own,
        "overall_count": root.counts[at],
        "overall_denominator": root.n,
        "overall_share": overall,
        "pair": (own, overall),
        "finding": finding,
        "p": p,
        "holds": holds,
        "mark": NOT_HELD if holds is not None and holds < HOLDS else "",
        "sentence": "",
    }
    if finding and phrases[at]:
        row["sentence"] = _sentence(row, phrases[at])
    return row


def _most_telling(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave of a segment's sentences those of the levels that differ most."""
    said = sorted((row for row in rows if row["sentence"]), key=lambda row: float(row["p"]))
    left = {row["level"] for row in said[:MOST_SAID]}
    return [row if row["level"] in left else {**row, "sentence": ""} for row in rows]


def _against_others(leaf: TreeNode, root: TreeNode, at: int) -> float:
    own, others = leaf.counts[at], root.counts[at] - leaf.counts[at]
    return chi_square([[own, leaf.n - own], [others, root.n - leaf.n - others]])[1]


def _sentence(row: Mapping[str, Any], phrase: str) -> str:
    segment = row["segment"]
    words = (
        f"{segment[0].upper()}{segment[1:]}: {_percent(row['share'])} :"
        f" {_percent(row['overall_share'])} of families {phrase}"
        f" (n = {row['denominator']} : {row['overall_denominator']}), {row['finding']} than overall"
    )
    if row["mark"]:
        words += f"; {row['mark']} (in {_percent(row['holds'], 0)} of resamples only)"
    return words


def _percent(share: float, places: int = 1) -> str:
    step = Decimal(1).scaleb(-places)
    return f"{(Decimal(str(share)) * 100).quantize(step, ROUND_HALF_UP)}%"


def _with_safe_sentences(table: Table) -> Table:
    """Take away the sentences of numbers that publishing at the usual limit would leave out."""
    if not table.rows:
        return table
    fit = publish([table], Rules(DEFAULT_LIMIT))[0]
    hidden = {
        (row["node"], row["level"])
        for row in fit.rows
        if LEFT_OUT in (row["count"], row["sentence"])
    }
    rows = tuple(
        {**row, "sentence": ""} if (row["node"], row["level"]) in hidden else row
        for row in table.rows
    )
    lost = sum(a["sentence"] != b["sentence"] for a, b in zip(table.rows, rows, strict=True))
    notes = table.notes
    if lost:
        notes += (
            "not in words, as numbers of few families could be read or worked out from them:"
            f" {lost} of the findings",
        )
    return replace(table, rows=rows, notes=notes)


def _tree_notes(tree: FamilyTree, growing: Growing, stability: Stability | None) -> list[str]:
    said = []
    if len(tree.nodes) == 1 and tree.root.n < growing.min_split:
        said.append(
            "so few families are not split, and nothing was tried; --min-split and --min-node say"
            " how few"
        )
    elif len(tree.nodes) == 1:
        said.append(
            "nothing tells families apart at this level and these sizes: the tree has one node"
        )
    said.append(
        f"level {growing.alpha:g}; segments of at least {growing.min_node} families, split further"
        f" from {growing.min_split}; at most {growing.depth} splits deep"
    )
    said.append(_CORRECTED[growing.correction])
    if len(tree.nodes) == 1:
        return said
    many = len(tree.levels) > MOST_SAID
    said.append(
        "more or less than overall: the segment against all other families, chi-square at the same"
        + (" level, divided by the number of values told apart" if many else " level")
        + "; the segments were chosen on these families, so among others the differences are"
        " likely to be smaller"
    )
    if many:
        said.append(f"in words: of each segment the {MOST_SAID} that differ most, at most")
    if stability is not None:
        said.append(
            f"holds: share of {stability.resamples} resamples of families (drawn with replacement,"
            " the tree grown anew) in which the segment's families stay on the same side of the"
            " overall share, at least half as far from it; under"
            f" {_percent(HOLDS, 0)} a finding is marked"
        )
    return said


def with_warning(table: Table) -> Table:
    """Say at the foot of a table that is not made fit to be published if it tells of few families.

    Counts from 1 to 4, and counts of all but so few.
    """
    for row in table.rows:
        pairs = (
            (row["count"], row["denominator"]),
            (row["overall_count"], row["overall_denominator"]),
        )
        for count, n in pairs:
            if 0 < count < DEFAULT_LIMIT or 0 < n - count < DEFAULT_LIMIT:
                return replace(table, notes=(FEW_FAMILIES, *table.notes))
    return table


def findings_table(table: Table, overall: str = "") -> Table:
    """Return the sentences of a tree's table, made fit to be published or not, one a row."""
    rows = tuple(
        {"sentence": row["sentence"], "holds": row.get("holds")}
        for row in table.rows
        if row.get("sentence") and row["sentence"] != LEFT_OUT
    )
    notes = () if rows else ("no finding to be put in words",)
    return Table(
        "chaid-findings",
        f"{table.title}: findings{overall}",
        (Column("sentence", "families: segment : overall"), Column("holds", "holds", "share")),
        rows,
        notes=notes,
    )


def shares_table(tree: FamilyTree, table: Table) -> Table:
    """Return a tree's table laid out for many levels: segments by levels, all families first.

    + and - stand before shares that are more and less than overall.
    """
    rows: list[dict[str, Any]] = [
        {
            "segment": f"all families (n = {row['overall_denominator']})",
            "level": row["level"],
            "share": row["overall_share"],
            "finding": "",
        }
        for row in table.rows[: len(tree.levels)]
    ]
    if len(tree.nodes) > 1:
        rows += [
            {**row, "segment": f"{row['segment']} (n = {row['denominator']})"} for row in table.rows
        ]
    signs = {MORE: "+", LESS: "-"}
    pivot = Pivot("segment", "families", "level", "share", sign="finding", signs=signs)
    notes = ("+ and -: more and less than overall",) if len(tree.nodes) > 1 else ()
    columns = (
        Column("segment", "families"),
        Column("level", "level"),
        Column("share", "", "share"),
    )
    return Table(
        "chaid-shares", f"{table.title}: shares", columns, tuple(rows), notes=notes, pivot=pivot
    )


def splits_table(tree: FamilyTree, shown: Mapping[int, ShownNode], title: str) -> Table:
    """Return a row a split, with its test; tests of numbers that are not shown are left out.

    Parameters
    ----------
    shown : mapping of int to ShownNode
        Numbers of each node as far as they may be shown.

    Returns
    -------
    Table
        segment, n, by, groups, chi_square, degrees, p, p_adjusted, tested (predictors).
    """
    rows = []
    for node in tree.nodes:
        split, children = node.split, tree.children(node)
        if split is None:
            continue
        row: dict[str, Any] = {
            "segment": node.segment,
            "n": LEFT_OUT if shown[node.number].n is None else node.n,
            "by": tree.predictors[split.predictor].label,
            "groups": "; ".join(child.words for child in children),
        }
        p, adjusted = (_small(own) for own in (split.p, split.p_adjusted))
        told = (split.chi_square, split.degrees, p, adjusted, split.tested)
        whole = all(shown[child.number].whole for child in children)
        keys = ("chi_square", "degrees", "p", "p_adjusted", "tested")
        rows.append(row | dict(zip(keys, told if whole else [LEFT_OUT] * 5, strict=True)))
    return Table(
        "chaid-splits",
        f"{title}: splits",
        _SPLIT_COLUMNS,
        tuple(rows),
        notes=() if rows else ("no split",),
    )


def _small(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def shown_nodes(tree: FamilyTree, table: Table) -> dict[int, ShownNode]:
    """Return of each node what a table shows.

    A number of a node above the last segments is shown where those of all of these are.
    """
    levels = list(tree.levels)
    sizes: dict[int, int | None] = {}
    counts: dict[int, list[int | None]] = {}
    overall: list[int | None] = [None] * len(levels)
    n: int | None = None
    for row in table.rows:
        at, node = levels.index(row["level"]), row["node"]
        counts.setdefault(node, [None] * len(levels))[at] = _number(row["count"])
        sizes[node] = _number(row["denominator"])
        overall[at], n = _number(row["overall_count"]), _number(row["overall_denominator"])
    found = {0: ShownNode(n, tuple(overall))}
    for node in tree.nodes[1:]:
        under = [leaf.number for leaf in tree.leaves_under(node)]
        own = zip(*(counts[leaf] for leaf in under), strict=True)
        found[node.number] = ShownNode(
            _added(sizes[leaf] for leaf in under), tuple(map(_added, own))
        )
    return found


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _added(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total
