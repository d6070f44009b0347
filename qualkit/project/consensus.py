"""Where coders differ, as places that they can settle together in a review."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from qualkit.errors import QualkitError
from qualkit.model import CodeKey, ReviewFilter
from qualkit.project.agreement import AgreementPart
from qualkit.store import codebooks, codings, comparing, consensus
from qualkit.store.comparing import HeldMark
from qualkit.store.consensus import Dispute

_Spot = tuple[str, int, CodeKey]
"""Case id, segment number, code."""


class ConsensusPart(AgreementPart):
    """Finds what coders have to settle."""

    def consensus_coders(self, names: Sequence[str] = ()) -> tuple[str, ...]:
        """Return who is to agree: these people, or everybody who has marked cases done.

        Raises
        ------
        UnknownNameError
            There is no such coder.
        QualkitError
            They are fewer than two, or one is the machine.
        """
        (found,) = self._compared(names, "")
        machines = [name for name in found if name in codings.fetch_machines(self._connection)]
        if machines:
            raise QualkitError(
                "a consensus is what people agree on",
                found=machines[0],
                expected="two people or more",
                to_do="decide on the machine's codings in `qualkit review` without --consensus",
            )
        return found

    def _refuse_consensus(self, wanted: ReviewFilter) -> None:
        """Refuse what cannot be joined with a consensus."""
        if wanted.blind:
            raise QualkitError(
                "a consensus cannot be found blind: everybody's codings are shown",
                found="--blind and --consensus",
                to_do="first each codes alone with --blind; afterwards --consensus, without it",
            )
        odd = {
            "--domain": wanted.domain,
            "--by": wanted.coder,
            "--score": wanted.score != (0.0, 1.0),
            f"--order {wanted.order}": wanted.order in ("doubtful", "influential"),
        }
        found = [name for name, is_there in odd.items() if is_there]
        if found:
            raise QualkitError(
                "a consensus cannot be narrowed or ordered in this way",
                found=", ".join(found),
                expected="--case, --code, --category, --kind, --sample, --order case or random",
                to_do="leave it out",
            )

    def _disputes(self, wanted: ReviewFilter) -> list[Dispute]:
        """Return the places where the coders of a filter differ, in the order of the texts."""
        names = wanted.consensus
        own = {code.key: code for code in codebooks.fetch_codes(self._connection)}
        table = self.disagreements(
            names,
            codes=[f"{own[key].category}.{own[key].code}" for key in wanted.codes],
            kind=wanted.kinds,
        )
        spots: dict[_Spot, tuple[Sequence[str], Sequence[str]]] = {
            (row["case_id"], row["n"], (row["category"], row["code"])): (
                row["with_code"],
                row["without_code"],
            )
            for row in table.rows
            if not wanted.cases or row["case_id"] in wanted.cases
        }
        held = {name: self._held(name, spots) for name in names}
        denied = {name: consensus.fetch_rejecters(self._connection, name) for name in names}
        found: list[tuple[int, Dispute]] = []
        for spot, (having, lacking) in spots.items():
            marks = {name: held[name][spot] for name in having}
            said = []
            for name in names:
                if name in having:
                    said.append((name, _had(marks[name], marks[having[0]][0])))
                elif name in lacking:
                    said.append((name, "rejected" if spot in denied[name] else "nothing"))
            own_marks = [own for name in having for own in marks[name]]
            found.append((spot[1], self._dispute(own_marks, said)))
        found.sort(key=lambda own: (own[1].case_key, own[0], own[1].spans[0], own[1].place))
        return [dispute for _, dispute in found]

    def _held(
        self, name: str, spots: dict[_Spot, tuple[Sequence[str], Sequence[str]]]
    ) -> dict[_Spot, list[HeldMark]]:
        held: dict[_Spot, list[HeldMark]] = defaultdict(list)
        for own in comparing.iterate_held(self._connection, name):
            spot = own.case_id, own.mark[0], (own.mark[1], own.mark[2])
            if spot in spots:
                held[spot].append(own)
        for marks in held.values():
            marks.sort(key=lambda own: (own.start, own.end, own.coding))
        return held

    def _dispute(self, marks: Sequence[HeldMark], said: list[tuple[str, str]]) -> Dispute:
        by_key = {own.coding: (own.start, own.end) for own in marks}
        first = consensus.fetch_codings(self._connection, [marks[0].coding])[marks[0].coding]
        return Dispute(
            first.stretch.case_key,
            (first.stretch.segment_key, first.stretch.code_key),
            tuple(by_key),
            tuple(by_key.values()),
            tuple(said),
        )


def _had(marks: Sequence[HeldMark], shown: HeldMark) -> str:
    """Return what a coder did who has the code, and whether on the words that are shown."""
    did = "added" if any(own.own for own in marks) else "accepted"
    same = any((own.start, own.end) == (shown.start, shown.end) for own in marks)
    return did if same else f"{did} (other words)"
