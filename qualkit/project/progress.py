"""Progress over all domains: families grouped by start and end readings, and their labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, Unpack

from qualkit.errors import QualkitError
from qualkit.model import Basis, Page
from qualkit.project.alike import note_alike
from qualkit.project.stars import CohortChoice, StarsPart
from qualkit.store import families, stars

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


class ProgressPart(StarsPart):
    """Which families progressed more or less than average, and what that hangs on."""

    def progress(
        self, *, by: str = "", resamples: int | None = None, **choice: Unpack[CohortChoice]
    ) -> Page:
        """Group families by their start and end readings, and show who moved between groups.

        Parameters
        ----------
        by : str
            An attribute of families: "cluster", "locality" … Their shares stand beside the
            overall share.
        resamples : int, optional
            How often families are drawn anew to see how stable the groups are; 100 if left
            out, 0 for not at all.
        **choice
            Who counts, see `cohort`.

        Returns
        -------
        Page
            The three by three matrix, the shares with higher, same and lower progress, the
            mean readings of the groups, and how stable they are.

        Raises
        ------
        QualkitError
            No readings, or too few families with both first and last ones.
        """
        from qualkit.analysis import progress as measured
        from qualkit.analysis import progresstables as tables

        by = self._family_attribute(by) if by else ""
        names, spans, notes = self._grouped(choice)
        notes += note_alike(self._connection, "family", by) if by else []
        start, end = _arrays(spans)
        found = measured.measure_progress(start, end)
        labels = found.labels
        grouped = sum(1 for label in labels if label)
        if grouped < len(labels):
            notes.append(
                f"without any first or any last reading, in no group: {len(labels) - grouped}"
            )
        basis = Basis(denominator=grouped, unit="families", rule=measured.RULE)
        shown = [
            tables.matrix_table(found, basis, notes=notes),
            tables.shares_table(
                labels,
                families.fetch_attribute_of(self._connection, by, spans.family_keys)
                if by
                else None,
                Basis(denominator=grouped, unit="families"),
                by=by,
            ),
            tables.centres_table(found, spans.domains, names, Basis()),
        ]
        times = measured.RESAMPLES if resamples is None else resamples
        if times:
            stable = measured.measure_stability(start, end, found, resamples=times)
            shown.append(tables.stability_table(stable, times, Basis()))
        return Page("progress", "Progress of families over all domains", shown)

    def progress_labels(self, **choice: Unpack[CohortChoice]) -> dict[int, str]:
        """Return whether each family's progress is higher than average, the same, or lower.

        The same project gives the same answer.

        Returns
        -------
        dict of int to str
            Key of the family (the table families) to "higher", "same" or "lower"; families
            that do not count, or have no first or no last reading, are left out.
        """
        return dict(self._label_pairs(choice))

    def _label_pairs(self, choice: CohortChoice) -> Iterator[tuple[int, str]]:
        from qualkit.analysis.progress import measure_progress

        _, spans, _ = self._grouped(choice)
        keys, found = spans.family_keys, measure_progress(*_arrays(spans))
        del spans
        pairs = zip(keys.tolist(), found.labels, strict=True)
        return ((key, label) for key, label in pairs if label)

    def _grouped(self, choice: CohortChoice) -> tuple[dict[str, str], stars.Spans, list[str]]:
        """Return the domains with readings, the families that count with theirs, and notes."""
        self._require_readings()
        chosen = self.cohort(**choice)
        there = stars.fetch_domains(self._connection)
        names = {domain: name for domain, name in self._star_names().items() if domain in there}
        # In an order of their own, so that the groups do not hang on the codebook's.
        spans = stars.fetch_spans(self._connection, sorted(names), chosen.sql)
        if not len(spans.family_keys):
            raise QualkitError(
                "no family counts, so there is nothing to group",
                found=", ".join(f"{step.out} {step.reason}" for step in chosen.steps if step.out),
                to_do="qualkit stars --flow shows who goes out for what reason",
            )
        notes = [f"families that count: {chosen.n} of {chosen.families}", *chosen.notes]
        return names, spans, notes


def _arrays(spans: stars.Spans) -> tuple[Array, Array]:
    import numpy

    # Readings are 1 to 10: the short numbers hold them as they are, in half the memory.
    nothing = numpy.float32(numpy.nan)
    start, end = (numpy.where(own, own, nothing) for own in (spans.start, spans.end))
    return start, end
