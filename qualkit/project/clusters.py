"""Families grouped by their needs: how many groups, what they are like, beside given groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import Basis, Page, Table
from qualkit.normalise import slug
from qualkit.project.progress import ProgressPart
from qualkit.project.stars import CohortChoice
from qualkit.store import families, groupings, needmatrix, stars
from qualkit.store.needrows import has_assessments
from qualkit.store.progresslabels import PROGRESS

if TYPE_CHECKING:
    import numpy

    from qualkit.analysis.clustering import Answers
    from qualkit.analysis.clusteringgrid import Fit, Stability
    from qualkit.analysis.clusteringtables import GroupedNeeds

    Array: TypeAlias = numpy.ndarray[Any, Any]

METHODS = {
    "lca": "latent class analysis (EM from many starts, chances drawn slightly to the overall)",
    "stepmix": "latent class analysis by StepMix (maximum likelihood)",
    "kmodes": "k-modes",
}
NUMBERS = (1, 12)
LEAST_FAMILIES = 20
_MOST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """How families are grouped.

    Attributes
    ----------
    lowest, highest : int
        The numbers of groups to try; the same twice for that number.
    method : str
        lca, stepmix or kmodes.
    seed : int
        Of all that goes by lot; the same seed gives the same groups.
    resamples : int
        How often families are drawn anew for stability; 0 for not at all.
    """

    lowest: int = NUMBERS[0]
    highest: int = NUMBERS[1]
    method: str = "lca"
    seed: int = 0
    resamples: int = 20

    def __post_init__(self) -> None:
        """Refuse what cannot be done.

        Raises
        ------
        QualkitError
            The numbers are not in order, or too high.
        UnknownNameError
            There is no such method.
        """
        if self.method not in METHODS:
            raise UnknownNameError("method", self.method, list(METHODS))
        if not 1 <= self.lowest <= self.highest <= _MOST_NUMBER:
            raise QualkitError(
                "this is no number of groups, nor a range of numbers",
                found=f"{self.lowest}-{self.highest}",
                expected=f"a number or a range, from 1 to {_MOST_NUMBER}: --groups 9, or 2-12",
            )
        if self.resamples < 0 or self.seed < 0:
            raise QualkitError("neither the seed nor the resamples may be below 0")


@dataclass(frozen=True, slots=True)
class Clusters:
    """New groups of families, and the page that describes them.

    Attributes
    ----------
    page : Page
        How many groups, the groups, their needs, and the crosswalk where it was asked for.
    members : dict of int to str
        Key of the family to its group: 1 the largest. Families without an answer have none.
    """

    page: Page
    members: dict[int, str]

    @property
    def profile(self) -> Table:
        """The needs of the groups."""
        return next(table for table in self.page.tables if table.name == "cluster-profile")

    @property
    def main(self) -> Table:
        """The table for files: the crosswalk where there is one, else the profile."""
        last = self.page.tables[-1]
        return last if last.name == "cluster-crosswalk" else self.profile


class ClusterPart(ProgressPart):
    """Groups of families by their yes/no needs."""

    def clusters(
        self,
        choice: ClusterChoice | None = None,
        *,
        beside: str = "",
        progress: Callable[[int, int], None] | None = None,
        **who: Unpack[CohortChoice],
    ) -> Clusters:
        """Group families by their needs.

        Parameters
        ----------
        choice : ClusterChoice, optional
            Numbers of groups, method, seed, resamples.
        beside : str
            An attribute of families, for instance "cluster": the new groups beside it.
        **who
            Who counts, see `cohort`; where the project has no readings, all with needs.

        Raises
        ------
        QualkitError
            No needs were imported, no need differs between families, or families are fewer
            than groups.

        Warns
        -----
        SmallSampleWarning
            A group has fewer than twenty families.
        """
        from qualkit.analysis.clusteringgrid import choose_number, measure_stability
        from qualkit.analysis.clusteringshown import from_shown

        choice = choice or ClusterChoice()
        key = self._family_attribute(beside) if beside else ""
        matrix, notes = self._needs_of(who)
        used, said = _usable(matrix)
        answers, highest = _answers(matrix.answers[:, used], choice)
        fits, refit = _fit(answers, choice, highest, progress)
        own = choose_number(fits)
        stable = {
            fit.n_groups: measure_stability(
                answers, fit, resamples=choice.resamples, seed=choice.seed, refit=refit
            )
            for fit in fits
        }
        grouped = _grouped(matrix, answers, own)
        tables = _tables(
            choice, fits, own, stable, grouped, answers, [*notes, *said], self.for_publishing
        )
        if key:
            from qualkit.analysis.clusteringcrosswalk import crosswalk_table

            others = families.fetch_attribute_of(self._connection, key, matrix.family_keys)
            tables.append(
                crosswalk_table(
                    grouped.groups,
                    own.n_groups,
                    others,
                    tables[0].basis,
                    by=key,
                    notes=[*notes, *said],
                )
            )
        members = {
            family: str(group + 1)
            for family, group in zip(matrix.family_keys, grouped.groups.tolist(), strict=True)
            if group >= 0
        }
        page = Page("clusters", "Families grouped by needs", tables, anew=from_shown)
        return Clusters(page, members)

    def use_clusters(self, found: Clusters, name: str, *, replace: bool = False) -> bool:
        """Keep new groups as an attribute of families; one `undo` takes it back.

        Parameters
        ----------
        name : str
            What the attribute is called. Clusters that were given stay what they are unless
            it is theirs, and `replace`.
        replace : bool
            Where families have the attribute already.

        Returns
        -------
        bool
            False where families had these groups under this name already.

        Raises
        ------
        QualkitError
            The name is none, or is that of an attribute and not to be replaced.
        """
        key = self.check_cluster_name(name, replace=replace)
        with self._plainly():
            return groupings.keep_groups(self._connection, key, found.members) is not None

    def check_cluster_name(self, name: str, *, replace: bool = False) -> str:
        """Return the key under which groups would be kept, before anything is worked out.

        Raises
        ------
        QualkitError
            As `use_clusters` does.
        """
        key = slug(name.removeprefix("family."))
        if not key or key == PROGRESS:
            raise QualkitError("groups cannot be kept under this name", found=name)
        if not replace and groupings.attribute_there(self._connection, key):
            raise QualkitError(
                f"families have an attribute '{key}' already, and it was not to be replaced",
                where=str(self.path),
                to_do="another name, or --replace (qualkit undo gives back what is there now)",
            )
        return key

    def draw_clusters(self, profile: Table, path: str | Path) -> None:
        """Draw the needs of groups as a heat map: .svg, .png, .pdf or .html.

        Parameters
        ----------
        profile : Table
            As `Clusters.profile` gives it, or the same published.
        """
        from qualkit.report.clusterpictures import draw_profile

        draw_profile(profile, Path(path))

    # --- what is grouped ---------------------------------------------------------

    def _needs_of(self, who: CohortChoice) -> tuple[needmatrix.NeedMatrix, list[str]]:
        if not has_assessments(self._connection):
            raise QualkitError(
                "the project holds no needs yet",
                where=str(self.path),
                to_do="qualkit import needs FILE",
            )
        notes = []
        if who.get("everybody") or not stars.has_readings(self._connection):
            who = {**who, "readings": False}
            if who.get("min_reviews", 1) <= 1:
                who["min_reviews"] = 0
            if not who.get("everybody"):
                notes.append("the project has no readings, so no review is asked of families")
        chosen = self.cohort(**who)
        matrix = needmatrix.fetch_need_matrix(self._connection, chosen.sql)
        if not matrix.family_keys:
            raise QualkitError(
                "no family counts, so there is nothing to group",
                found=", ".join(f"{step.out} {step.reason}" for step in chosen.steps if step.out),
                to_do="--all groups all families with needs",
            )
        first = f"families that count: {chosen.n} of {chosen.families}"
        return matrix, [first, *notes, *chosen.notes]


def _usable(matrix: needmatrix.NeedMatrix) -> tuple[list[int], list[str]]:
    """Return the needs that differ between families, and notes on answers that are not there."""
    answers, notes = matrix.answers, []
    yes, no = (answers == 1).any(axis=0), (answers == 0).any(axis=0)
    used = [at for at in range(len(matrix.needs)) if yes[at] and no[at]]
    left_out = [matrix.names[at] for at in range(len(matrix.needs)) if at not in used]
    if not used:
        raise QualkitError(
            "no need is there in some families and not in others, so there is nothing to group by",
            found=f"{len(matrix.needs)} needs, {len(matrix.family_keys)} families",
        )
    if left_out:
        notes.append(f"the same in all families, so of no use for groups: {', '.join(left_out)}")
    without = int((answers < 0).all(axis=1).sum())
    if without:
        notes.append(f"without a single answer, in no group: {without}")
    part = answers[(answers >= 0).any(axis=1)]
    missing = int((part < 0).sum())
    if missing:
        notes.append(
            f"answers not known: {missing:,} of {part.size:,}; they count for nothing, and numbers"
            " of needs are reckoned from those that are known"
        )
    return used, notes


def _answers(cells: Array, choice: ClusterChoice) -> tuple[Answers, int]:
    """Return the distinct rows, and the highest number of groups that they allow."""
    from qualkit.analysis.clustering import collect_answers

    answers = collect_answers(cells)
    families, different = int(answers.families), len(answers.patterns)
    if families < LEAST_FAMILIES:
        raise QualkitError(
            "too few families with answers to look for groups",
            found=str(families),
            expected=f"at least {LEAST_FAMILIES}",
        )
    if choice.lowest > different:
        raise QualkitError(
            "there are fewer families with different needs than groups asked for",
            found=f"{different} different, {choice.lowest} groups",
            to_do=f"--groups {min(different, NUMBERS[1])} or fewer",
        )
    return answers, min(choice.highest, different)


def _fit(
    answers: Answers,
    choice: ClusterChoice,
    highest: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Fit], Any]:
    """Return fits of the numbers asked for, and how resamples are grouped."""
    from qualkit.analysis import clusteringother as other
    from qualkit.analysis.clusteringgrid import fit_classes

    numbers = range(choice.lowest, highest + 1)
    if choice.method == "lca":
        # Neighbours on both sides give good starts.
        wide = range(max(1, choice.lowest - 1), min(highest + 1, len(answers.patterns)) + 1)
        fits = fit_classes(answers, wide, asked=numbers, seed=choice.seed, progress=progress)
        return fits, None
    if choice.method == "stepmix":
        fits = other.fit_stepmix(answers, numbers, seed=choice.seed, progress=progress)
        return fits, None
    fits = other.fit_kmodes(answers, numbers, seed=choice.seed, progress=progress)
    return fits, other.refit_modes


def _grouped(matrix: needmatrix.NeedMatrix, answers: Answers, fit: Fit) -> GroupedNeeds:
    import numpy

    from qualkit.analysis.clusteringtables import GroupedNeeds

    inside = answers.which >= 0
    groups = numpy.where(inside, fit.groups[answers.which], -1)
    certain = numpy.where(inside, fit.certain[answers.which], 0.0)
    return GroupedNeeds(groups, certain, matrix.answers, matrix.names, fit.n_groups)


def _tables(
    choice: ClusterChoice,
    fits: Sequence[Fit],
    own: Fit,
    stable: dict[int, Stability | None],
    grouped: GroupedNeeds,
    answers: Answers,
    notes: list[str],
    for_publishing: bool,
) -> list[Table]:
    import numpy

    from qualkit.analysis import clusteringtables as tables
    from qualkit.analysis.clusteringnumbers import CRITERION, numbers_table

    n = int((grouped.groups >= 0).sum())
    sizes = {
        fit.n_groups: numpy.bincount(fit.groups, answers.weights, fit.n_groups).astype(int).tolist()
        for fit in fits
    }
    basis = Basis(
        denominator=n,
        unit="families",
        rule=f"{METHODS[choice.method]}, seed {choice.seed}; {CRITERION}",
    )
    return [
        numbers_table(
            fits,
            sizes,
            stable,
            own.n_groups,
            basis,
            asked=choice.lowest == choice.highest,
            notes=notes,
        ),
        tables.groups_table(
            grouped, basis, stable=stable[own.n_groups], for_publishing=for_publishing
        ),
        tables.profile_table(grouped, basis, notes=notes),
    ]
