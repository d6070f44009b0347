"""The record of what was done, and memos, as tables and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qualkit.model import Basis, Column, Table

HISTORY_COLUMNS = (
    Column("step", "step", "count", spare=4),
    Column("at", "when", "id"),
    Column("coder", "who"),
    Column("action", "what"),
    Column("case_id", "case", "id"),
    Column("segment_n", "segment", "count", spare=3),
    Column("category", "category", spare=5),
    Column("code", "code"),
    Column("start", "from", "count", spare=1),
    Column("end", "to", "count", spare=1),
    Column("verdict", "verdict"),
    Column("agreed", "agreed", "count", detail=True),
    Column("about", "about", spare=2),
    Column("undoes", "undoes", "count", detail=True),
    Column("redoes", "redoes", "count", detail=True),
)
MEMO_COLUMNS = (
    Column("memo", "memo", "count", detail=True),
    Column("at", "when", "id", spare=4),
    Column("coder", "who", spare=2),
    Column("about", "about"),
    Column("source", "source", detail=True),
    Column("case_id", "case", "id"),
    Column("segment_n", "segment", "count", spare=3),
    Column("category", "category", detail=True),
    Column("code", "code", spare=1),
    Column("coding_id", "coding", "count", spare=3),
    Column("start", "from", "count", detail=True),
    Column("end", "to", "count", detail=True),
    Column("text", "text", "quote"),
)

_DONE = {
    "decide": "stands again",
    "retract": "taken back",
    "add": "coding put back",
    "remove": "coding taken out",
    "done": "marked done again",
    "reopen": "no longer marked done",
    "memo": "memo put back",
    "unmemo": "memo taken back",
    "phase": "phase set again",
    "unphase": "phase taken back",
    "group": "groups kept again",
    "ungroup": "groups taken back",
}


def history_table(rows: Iterable[Mapping[str, Any]], notes: Sequence[str] = ()) -> Table:
    """Return the record, a line each; rows have the keys of HISTORY_COLUMNS, all but `about`.

    `about` tells of a row's own `about` and of the step that it takes back.
    """
    shown = tuple({**row, "about": _about(row)} for row in rows)
    rule = "what was done to the project, the newest last; times are UTC, offsets of then"
    return Table("history", "History", HISTORY_COLUMNS, shown, Basis(rule=rule), tuple(notes))


def _about(row: Mapping[str, Any]) -> str:
    taken_back = row["undoes"] or row["redoes"]
    parts = [row["about"], f"takes back step {taken_back}" if taken_back else ""]
    return ", ".join(part for part in parts if part)


def memos_table(rows: Iterable[Mapping[str, Any]]) -> Table:
    """Return memos, one a row, with the keys of MEMO_COLUMNS."""
    shown = tuple(rows)
    gone = sum(row["about"] == "coding" and row["coding_id"] is None for row in shown)
    notes = (
        (f"of the codings that memos are about, {gone} no longer stand; the memos stay",)
        if gone
        else ()
    )
    rule = "memos that were not taken back, the newest last"
    return Table("memos", "Memos", MEMO_COLUMNS, shown, Basis(rule=rule), notes)


def describe_turn(row: Mapping[str, Any]) -> str:
    """Return in words what a line of an undo or redo did, with the keys of HISTORY_COLUMNS."""
    what = _DONE[row["action"]]
    if row["verdict"]:
        what = f"{row['verdict']} {what}"
    places = []
    if row["code"]:
        places.append(f"{row['category']}.{row['code']}")
    if row["case_id"]:
        places.append(f"case {row['case_id']}")
    if row["segment_n"] is not None:
        places.append(f"segment {row['segment_n']}")
    if row["start"] is not None:
        places.append(f"{row['start']} to {row['end']}")
    if row["about"]:
        places.append(row["about"])
    return f"{what}: {', '.join(places)}" if places else what
