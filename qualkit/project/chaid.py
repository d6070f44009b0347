"""CHAID trees of families: what progress, or any attribute, hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import FamilyTree, Page, Predictor, ShownNode, Table
from qualkit.project.chaidtargets import Target, TargetPart, in_words
from qualkit.project.stars import CohortChoice
from qualkit.store import familyrows, predictors

if TYPE_CHECKING:
    from qualkit.analysis.chaid import Growing
    from qualkit.analysis.chaidrows import Array, FamilyRows

    Coded: TypeAlias = tuple[Predictor, Array] | str

LEAST_SEGMENT = 5
_GROUPS = ("needs", "attributes", "themes")
_GROUP_OF = {"need": "needs", "family": "attributes"}


@dataclass(frozen=True, slots=True)
class TreeChoice:
    """What a tree tells apart, and by what.

    Attributes
    ----------
    on : str
        progress; stars (with `domain`); an attribute family.KEY; a need need.KEY.
    domain : str
        Stages moved in this domain instead of progress over all.
    among, without : tuple of str
        Only these predictors, or all but these: needs, attributes, themes, or names.
    themes : tuple of str
        Categories of themes that are predictors too: barrier …
    kind : tuple of str
        Kinds of cases that themes are looked for in.
    """

    on: str = "progress"
    domain: str = ""
    among: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TreeResult:
    """A tree, and its segments as a table."""

    tree: FamilyTree
    table: Table

    def page(self, shown: Table | None = None) -> Page:
        """Return findings, segments and splits; `shown` is the table as it may be published."""
        from qualkit.analysis import chaidtables as tables

        table = shown or self.table
        many = len(self.tree.levels) > tables.MOST_IN_LINE
        shares = (tables.shares_table(self.tree, table),) if many else ()
        splits = tables.splits_table(self.tree, self.shown(table), table.title)
        return Page("chaid", table.title, (tables.findings_table(table), *shares, table, splits))

    def shown(self, table: Table | None = None) -> dict[int, ShownNode]:
        """Return the numbers of each node that a table, as it may be published, shows."""
        from qualkit.analysis.chaidtables import shown_nodes

        return shown_nodes(self.tree, table or self.table)


class ChaidPart(TargetPart):
    """Segments of families that differ most in what became of them."""

    def chaid(
        self,
        *,
        choice: TreeChoice | None = None,
        growing: Growing | None = None,
        resamples: int = 100,
        progress: Callable[[int, int], None] | None = None,
        **cohort: Unpack[CohortChoice],
    ) -> TreeResult:
        """Split families by what tells them most apart in progress, or in an attribute.

        Parameters
        ----------
        choice : TreeChoice, optional
            What is told apart, and by what.
        growing : Growing, optional
            Level, smallest sizes, depth and correction.
        resamples : int
            How often families are drawn anew to see which findings hold; 0 for not at all.
        progress : callable, optional
            Told (done, total) of resamples.
        **cohort
            Who counts, see `cohort`.

        Returns
        -------
        TreeResult
            The tree, and a table with a row a segment and level.

        Raises
        ------
        QualkitError
            Nothing to tell apart, no predictor, or sizes that could tell who somebody is.
        """
        import numpy

        from qualkit.analysis import chaid as grown
        from qualkit.analysis.chaidresamples import draw_again
        from qualkit.analysis.chaidtables import Stability, tree_table, with_warning

        choice, growing = choice or TreeChoice(), growing or grown.Growing()
        _check_sizes(growing)
        target = self._tree_target(choice.on, choice.domain, cohort)
        rows, notes = self._tree_rows(choice, target)
        tree = grown.grow_tree(rows, growing, target.words)
        stability = None
        if resamples and len(tree.nodes) > 1:
            found = grown.leaf_of(tree, rows.codes)
            segments = [numpy.flatnonzero(found == leaf.number) for leaf in tree.leaves]
            held = draw_again(rows, growing, segments, resamples, progress)
            by_node = zip(tree.leaves, held.tolist(), strict=True)
            stability = Stability({leaf.number: own for leaf, own in by_node}, resamples)
        table = tree_table(
            tree,
            target.phrases,
            growing,
            stability,
            title=f"Segments of families by {target.words}",
            notes=[*target.notes, *notes],
        )
        return TreeResult(tree, with_warning(table))

    # --- by what --------------------------------------------------------------------------

    def _tree_rows(self, choice: TreeChoice, target: Target) -> tuple[FamilyRows, list[str]]:
        """Return families as codes, and what is to be said of the predictors."""
        import numpy

        from qualkit.analysis.chaidrows import FamilyRows

        known = self._candidates(choice, target.families)
        known.pop(target.own, None)
        found: list[tuple[Predictor, Array]] = []
        refused: dict[str, str] = {}
        for name in _chosen(list(known), choice):
            coded = known[name]()
            if isinstance(coded, str):
                refused[name] = coded
            else:
                found.append(coded)
        if not found:
            raise QualkitError(
                "nothing is known of these families that could tell them apart",
                found="; ".join(f"{name}: {why}" for name, why in refused.items()) or "nothing",
                to_do="import families or needs, or --themes barrier",
            )
        place = {level: at for at, level in enumerate(target.levels)}
        rows = FamilyRows(
            tuple(predictor for predictor, _ in found),
            numpy.stack([codes for _, codes in found], axis=1),
            numpy.array([place[value] for value in target.values], dtype=numpy.int64),
            target.levels,
        )
        return rows, _said_of(rows.predictors, refused)

    def _candidates(
        self, choice: TreeChoice, families: Sequence[int]
    ) -> dict[str, Callable[[], Coded]]:
        """Return what may tell families apart, by name; each is read when it is called."""
        from qualkit.analysis.chaidrows import encode

        connection = self._connection
        found: dict[str, Callable[[], Coded]] = {}
        for need, called in predictors.fetch_needs(connection).items():
            name = f"need.{need}"
            found[name] = lambda need=need, name=name, called=called: encode(  # type: ignore[misc]
                *(name, called, "need"),
                predictors.fetch_need_answers(connection, need, families),
            )
        for key in familyrows.family_attribute_keys(connection):
            name = f"family.{key}"
            found[name] = lambda key=key, name=name: encode(  # type: ignore[misc]
                *(name, in_words(key), "attribute"),
                predictors.fetch_values(connection, key, families),
            )
        for category in choice.themes:
            found |= self._themes(choice, self._category(category), families)
        return found

    def _themes(
        self, choice: TreeChoice, category: str, families: Sequence[int]
    ) -> dict[str, Callable[[], Coded]]:
        from qualkit.analysis.chaidrows import encode

        _, scope = self._counting(None, {"count_by": "family", "kind": list(choice.kind)}, category)
        text = predictors.families_with_text(self._connection, scope, category)
        found: dict[str, Callable[[], Coded]] = {}
        for code, called, own in predictors.families_by_theme(self._connection, scope, category):
            # A family without a text is none without the theme.
            values = [
                "" if family not in text else "with" if family in own else "without"
                for family in families
            ]
            name, words = f"{category}.{code}", f"the {category} {called}"
            found[name] = lambda name=name, words=words, values=values: encode(  # type: ignore[misc]
                *(name, words, "theme"), values, f"no text coded for {category}"
            )
        return found


def make_growing(
    alpha: float = 0.05,
    min_node: int = 30,
    min_split: int = 60,
    depth: int = 3,
    correction: str = "node",
) -> Growing:
    """Return how a tree is grown, from plain words and numbers.

    Raises
    ------
    UnknownNameError
        `correction` is not node, categories or none.
    """
    from qualkit.analysis.chaid import Correction, Growing

    if correction not in list(Correction):
        raise UnknownNameError("correction", correction, list(Correction))
    return Growing(alpha, min_node, min_split, depth, Correction(correction))


def _chosen(names: Sequence[str], choice: TreeChoice) -> list[str]:
    """Return the names that --from and --without leave.

    Raises
    ------
    UnknownNameError
        A word names no predictor and no group of them.
    """
    for word in (*choice.among, *choice.without):
        if not any(_means(word, name) for name in names):
            raise UnknownNameError("predictor", word, [*_GROUPS, *names])
    return [
        name
        for name in names
        if (not choice.among or any(_means(word, name) for word in choice.among))
        and not any(_means(word, name) for word in choice.without)
    ]


def _means(word: str, name: str) -> bool:
    """Say whether a word is a predictor's name, the end of it, or its group."""
    first, _, last = name.partition(".")
    group = _GROUP_OF.get(first, "themes")
    return word.strip().casefold() in (name, last, first, group)


def _said_of(found: Sequence[Predictor], refused: Mapping[str, str]) -> list[str]:
    counts = {
        kind: sum(own.kind == kind for own in found) for kind in ("need", "attribute", "theme")
    }
    listed = ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in counts.items() if n)
    said = [f"told apart by: {listed}"]
    for why in dict.fromkeys(refused.values()):
        names = [name for name, own in refused.items() if own == why]
        few = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        said.append(f"not used, {why}: {few}")
    if counts["theme"]:
        said.append(
            "families without a coded text are a category of their own, not without the theme"
        )
    return said


def _check_sizes(growing: Growing) -> None:
    if growing.min_node < LEAST_SEGMENT:
        raise QualkitError(
            "segments of so few families could tell who they are",
            found=f"--min-node {growing.min_node}",
            expected=f"{LEAST_SEGMENT} or more; 30 is usual",
        )
    if not 0 < growing.alpha < 1:
        raise QualkitError("the level must be between 0 and 1", found=f"--alpha {growing.alpha:g}")
    if growing.depth < 1:
        raise QualkitError("a tree has at least one split", found=f"--depth {growing.depth}")
