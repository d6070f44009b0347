"""Opening a person's way through the codings; the way itself is `Review`.

The terminal's app and the plain prompts in `qualkit.review` hold one `Review`; so may a
notebook.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypedDict, Unpack

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.importers.rawrows import collapse
from qualkit.model import Kind, Rejection, ReviewFilter
from qualkit.project.agreement import Names
from qualkit.project.consensus import ConsensusPart
from qualkit.project.consensussession import Consensus
from qualkit.project.priorities import PriorityPart
from qualkit.project.reviewsession import Review
from qualkit.store import codebooks, codings, reviewing

__all__ = ["ORDERS", "Consensus", "Review", "ReviewPart"]

ORDERS = ("case", "doubtful", "influential", "random")


class FilterOptions(TypedDict, total=False):
    """What a filter takes as it is; see `qualkit.model.ReviewFilter`."""

    cases: tuple[str, ...]
    domain: str
    coder: str
    order: str
    sample: int | None
    seed: int
    blind: bool
    consensus: tuple[str, ...]


class ReviewPart(PriorityPart, ConsensusPart):
    """Opens reviews."""

    def review(
        self,
        coder: str,
        wanted: ReviewFilter | None = None,
        *,
        resume: bool = False,
        consensus: Names = (),
    ) -> Review:
        """Return a person's way through the codings.

        Parameters
        ----------
        coder : str
            Who decides.
        wanted : ReviewFilter, optional
            What to go through and in which order; everything by case if left out.
        resume : bool
            Go on where this person left off, with the filter of then, if she has begun
            and `wanted` is not given.
        consensus : str or sequence of str
            Go through the places where these people differ who have marked the same cases
            done (as `disagreements` lists them), and settle them; see `Consensus`. It
            always goes on where this person left off with the same filter.

        Raises
        ------
        UnknownNameError
            An order, a coder, a domain or a case that there is not.
        QualkitError
            The name is the machine's, or there is nothing to go through; a consensus is
            blind, of fewer than two people, or of the machine.
        """
        coder = collapse(coder)
        if not coder or coder in codings.fetch_machines(self._connection):
            raise QualkitError(
                "a review needs a person's name",
                found=f"the coder '{coder}'",
                to_do="say who you are: --coder NAME",
            )
        if consensus:
            names = (consensus,) if isinstance(consensus, str) else tuple(consensus)
            wanted = replace(wanted or ReviewFilter(), consensus=names)
        if wanted is not None and wanted.consensus:
            return self._review_consensus(coder, wanted)
        kept = reviewing.fetch_place(self._connection, coder)
        chosen = wanted or (_filter_of(kept) if resume else None) or ReviewFilter()
        self._refuse_unknown(chosen)
        influential = chosen.order == "influential"
        weigh = partial(self._influence, chosen.kinds) if influential else None
        own = Review(self, coder, chosen, weigh)
        if not own.items:
            raise QualkitError(
                "there is nothing to review",
                where=str(self.path),
                expected="cases with text"
                + ("" if chosen.blind else ", coded by the machine, that the filter lets through"),
                to_do="qualkit code, or a wider filter",
            )
        if wanted is None and resume:
            own.return_to(kept)
        return own

    def _review_consensus(self, coder: str, wanted: ReviewFilter) -> Review:
        self._refuse_consensus(wanted)
        self._refuse_unknown(wanted)
        chosen = replace(wanted, consensus=self.consensus_coders(wanted.consensus))
        own = Consensus(self, coder, chosen, self._disputes(chosen))
        if not own.items:
            raise QualkitError(
                "there is nothing to settle",
                where=str(self.path),
                expected=f"codes on which {_and(chosen.consensus)} differ in cases that they"
                " have marked done, and that the filter lets through",
                to_do="qualkit agreement shows how many cases they share",
            )
        kept = reviewing.fetch_place(self._connection, coder, consensus=True)
        if _filter_of(kept) == chosen:
            own.return_to(kept)
        return own

    def people(self) -> list[str]:
        """Return the people who have coded or decided in the project, who may go on with it."""
        return reviewing.fetch_people(self._connection)

    def review_filter(
        self,
        *,
        codes: Sequence[str] = (),
        categories: Sequence[str] = (),
        kinds: Sequence[str] = (),
        score: tuple[float, float] = (0.0, 1.0),
        **wanted: Unpack[FilterOptions],
    ) -> ReviewFilter:
        """Return a filter from names: codes by name or category.code, categories, kinds.

        Raises
        ------
        UnknownNameError
            The project has no such code, category or kind.
        """
        kinds = () if "all" in kinds else kinds
        for kind in kinds:
            if kind not in list(Kind):
                raise UnknownNameError("kind", kind, [*Kind, "all"])
        return ReviewFilter(
            codes=self.code_rows(codes, categories), kinds=tuple(kinds), score=score, **wanted
        )

    def code_rows(self, names: Iterable[str], categories: Iterable[str] = ()) -> tuple[int, ...]:
        """Return the rows of codes and of all codes of categories, for a `ReviewFilter`."""
        rows = [own.key for name in names for own in codebooks.find_codes(self._connection, name)]
        for category in categories:
            known = self._category(category)
            rows += [own.key for own in codebooks.fetch_codes(self._connection, known)]
        return tuple(dict.fromkeys(rows))

    def read_case_ids(self, path: str | Path) -> tuple[str, ...]:
        """Return the cases that a table lists in its column case_id, as `plan_double` gives.

        Raises
        ------
        QualkitError
            The table cannot be read, has no such column, or lists no case.
        """
        from qualkit.importers.tables import open_table

        table = open_table(Path(path), header_row=1)
        headers = [header.strip().lower() for header in table.headers]
        if "case_id" not in headers:
            raise QualkitError(
                "the table does not say which cases are meant",
                where=str(path),
                found="no column case_id",
                expected="a column case_id, as qualkit plan-double writes",
            )
        at = headers.index("case_id")
        found = [row[1][at].strip() for row in table.rows() if not isinstance(row, Rejection)]
        if not any(found):
            raise QualkitError("the table lists no case", where=str(path))
        return tuple(dict.fromkeys(case_id for case_id in found if case_id))

    def _refuse_unknown(self, wanted: ReviewFilter) -> None:
        if wanted.order not in ORDERS:
            raise UnknownNameError("order", wanted.order, ORDERS)
        if wanted.coder:
            self._coder(wanted.coder)
        if wanted.domain:
            self._domain(wanted.domain)
        if wanted.cases:
            known = [i for (i,) in self._connection.execute("SELECT case_id FROM cases")]
            there = set(known)
            for name in wanted.cases:
                if name not in there:
                    raise UnknownNameError("case", name, known)


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _filter_of(place: Mapping[str, object]) -> ReviewFilter | None:
    """Return the filter that was kept with a place."""
    own = {key: place[key] for key in ReviewFilter.__dataclass_fields__ if key in place}
    if not own:
        return None
    lists = {key: tuple(value) if isinstance(value, list) else value for key, value in own.items()}
    return ReviewFilter(**lists)  # type: ignore[arg-type]
