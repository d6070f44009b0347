"""What coders settle together: where they differ on a code, and what they agree on there.

A place is a segment and a code. What is agreed on is a decision that outranks everybody's
own, or a coding that is nobody's own work; what each coder made of the text alone stays.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from qualkit.model import CodeKey, ReviewCase, ReviewCoding, Status
from qualkit.store.codings import Verdict, coder_key, resolve
from qualkit.store.connection import transaction
from qualkit.store.history import Line, fetch_lines, find_step, record
from qualkit.store.schema import CONSENSUS, MACHINE_KEY
from qualkit.store.stretches import (
    StaleError,
    StoredCoding,
    Stretch,
    agree,
    find_coding,
    person,
    set_verdict,
)

Place = tuple[int, int]
"""Rows of a segment and of a code."""
_VERDICTS = {Status.ACCEPTED: "accept", Status.REJECTED: "reject"}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A place where coders differ.

    Attributes
    ----------
    case_key : int
    place : Place
    codings : tuple of int
        Rows of what those have there who have the code; the first stands for all.
    spans : tuple of (int, int)
        Where each of them stands.
    said : tuple of (str, str)
        Each coder, and what she said there.
    """

    case_key: int
    place: Place
    codings: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    said: tuple[tuple[str, str], ...]


# --- what they differ on -------------------------------------------------------------------


def fetch_codings(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, StoredCoding]:
    """Return codings by row; those that are gone are left out."""
    found = ((key, find_coding(connection, key)) for key in keys)
    return {key: own for key, own in found if own is not None}


def fetch_rejecters(connection: sqlite3.Connection, coder: str) -> set[tuple[str, int, CodeKey]]:
    """Return the case id, segment number and code of what a coder rejected on her own word."""
    rows = connection.execute(
        "SELECT c.case_id, s.n, k.category, k.code, d.verdict FROM decisions d"
        " JOIN coders p ON p.id = d.coder_key JOIN segments s ON s.id = d.segment_key"
        " JOIN cases c ON c.id = s.case_key JOIN codes k ON k.id = d.code_key"
        " WHERE p.name = ? AND d.consensus = 0 ORDER BY d.id",
        (coder,),
    )
    latest = {(case_id, n, (category, code)): said for case_id, n, category, code, said in rows}
    return {place for place, said in latest.items() if said == "reject"}


def fetch_agreed(connection: sqlite3.Connection, disputes: Sequence[Dispute]) -> dict[Place, str]:
    """Return the verdict that was agreed on at each place that is settled."""
    found = {}
    for dispute in disputes:
        verdicts = [
            Verdict(*values)
            for values in connection.execute(
                "SELECT start_char, end_char, coder_key, verdict, consensus FROM decisions"
                " WHERE segment_key = ? AND code_key = ? AND consensus = 1 ORDER BY id",
                dispute.place,
            )
        ]
        if verdicts:
            said = [resolve(verdicts, span)[0] for span in dispute.spans]
            if all(status in _VERDICTS for status in said):
                found[dispute.place] = _VERDICTS[Status(said[0])]
    return found


def show_disputes(
    connection: sqlite3.Connection, case: ReviewCase, disputes: Sequence[Dispute]
) -> ReviewCase:
    """Return a case with its disputes in place of its codings, and with what was added for them."""
    agreed = fetch_agreed(connection, disputes)
    by_first = {dispute.codings[0]: dispute for dispute in disputes}
    shown = []
    for coding in case.codings:
        dispute = by_first.get(coding.coding)
        if dispute is not None:
            shown.append(_disputed(coding, dispute, agreed.get(dispute.place, "")))
        elif coding.rule == CONSENSUS:
            shown.append(coding)
    # Who is done with it was asked before: here nobody marks a case done.
    return replace(case, codings=tuple(shown), done=())


def _disputed(coding: ReviewCoding, dispute: Dispute, verdict: str) -> ReviewCoding:
    status = {"accept": Status.ACCEPTED, "reject": Status.REJECTED, "": Status.UNREVIEWED}[verdict]
    own = coding.start, coding.end
    return replace(
        coding,
        score=None,
        rule="",
        status=str(status),
        flagged=False,
        mine=False,
        verdict=verdict,
        others=(),
        said=dispute.said,
        also=tuple(dict.fromkeys(span for span in dispute.spans if span != own)),
    )


# --- what they agree on --------------------------------------------------------------------


def settle(
    connection: sqlite3.Connection, codings: Sequence[int], verdict: str, coder: str
) -> None:
    """Record what was agreed on the codings of one place: one step of whoever writes it down.

    A rejection also holds for what the machine proposes there.
    """
    with transaction(connection):
        who = person(connection, coder)
        lines = list(_verdict(connection, codings, verdict, who))
        if lines:
            record(connection, who, lines)


def put_instead(
    connection: sqlite3.Connection,
    codings: Sequence[int],
    coder: str,
    *,
    code_key: int | None = None,
    start: int | None = None,
    end: int | None = None,
) -> int:
    """Agree on another code or stretch than the first of the codings of a place; return it.

    Those are rejected and the new one added: one step. For errors see `deciding.recode`.
    """
    with transaction(connection):
        found = find_coding(connection, codings[0])
        if found is None:
            raise StaleError(codings[0])
        new = found.stretch.changed(code_key, start, end)
        if new == found.stretch:
            return codings[0]
        who = person(connection, coder)
        rejected = list(_verdict(connection, codings, "reject", who))
        key, added = agree(connection, new, who)
        record(connection, who, [*rejected, *added])
        return key


def _verdict(
    connection: sqlite3.Connection, codings: Sequence[int], verdict: str, who: int
) -> Iterator[Line]:
    found = fetch_codings(connection, codings)
    if not found:
        raise StaleError(codings[0])
    stretches = [own.stretch for own in found.values()]
    if verdict == "reject":
        stretches += _proposed(connection, stretches[0])
    for stretch in dict.fromkeys(stretches):
        yield from set_verdict(connection, stretch, who, verdict, 1)


def _proposed(connection: sqlite3.Connection, stretch: Stretch) -> list[Stretch]:
    """Return where the machine proposes the code in the segment, unless it is rejected."""
    rows = connection.execute(
        "SELECT case_key, segment_key, code_key, start_char, end_char FROM codings"
        " WHERE segment_key = ? AND code_key = ? AND coder_key = ? AND status <> 'rejected'",
        (stretch.segment_key, stretch.code_key, MACHINE_KEY),
    )
    return [Stretch(*row) for row in rows]


def is_agreed_next(connection: sqlite3.Connection, coder: str, *, redo: bool) -> bool:
    """Say whether a person's next undo (or redo) is of a consensus, not of her own work."""
    who = coder_key(connection, " ".join(coder.split()))
    step = None if who is None else find_step(connection, who, redo=redo)[0]
    return step is not None and all(
        line.consensus or line.action in ("memo", "unmemo")
        for line in fetch_lines(connection, step)
    )
