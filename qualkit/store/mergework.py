"""Merging what people and the machine coded: nothing twice, nothing lost without a line."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

from qualkit.store.history import Line
from qualkit.store.lastwords import LastWords, Word, took_back
from qualkit.store.mergebooks import keep_version
from qualkit.store.mergestate import Finding, MergeState
from qualkit.store.schema import CONSENSUS, MACHINE_KEY
from qualkit.store.stretches import Stretch, make_line

_OTHER_WORDS = "its words do not stand here as they are"
_RUN = "method, settings, qualkit_version, started_at, finished_at, n_cases, n_segments, n_codings"


# --- the machine -----------------------------------------------------------------------------


def join_machine(state: MergeState) -> None:
    """Bring the machine's codings of cases that it has not coded here."""
    ours = state.ours
    tally = state.tallies["machine codings"]
    here = set(ours.execute("SELECT codebook_key, case_key FROM coded_cases"))
    # Codings that stand from before a new version of the text.
    here |= set(
        ours.execute(
            "SELECT DISTINCT k.codebook_key, g.case_key FROM codings g JOIN codes k"
            " ON k.id = g.code_key WHERE g.coder_key = ?",
            (MACHINE_KEY,),
        )
    )
    runs: dict[int, int] = {}
    there = {
        (book, case): n
        for book, case, n in state.other.each(
            "SELECT k.codebook_key, g.case_key, count(*) FROM codings g JOIN codes k"
            " ON k.id = g.code_key JOIN coders p ON p.id = g.coder_key WHERE p.machine = 1"
            " GROUP BY 1, 2"
        )
    }
    for book, case, run in state.other.each(
        "SELECT codebook_key, case_key, run_key FROM coded_cases ORDER BY run_key, case_key"
    ):
        n = there.pop((book, case), 0)
        if case not in state.whole or book not in state.books:
            tally.not_placed += n
        elif (state.books[book], state.cases[case]) in here:
            tally.same += n
        else:
            runs[run] = runs.get(run) or _keep_run(state, run)
            _insert_machine(state, book, case, runs[run])
            tally.new += n
    # Of texts that were changed there and not coded anew.
    tally.not_placed += sum(there.values())


def _keep_run(state: MergeState, run: int) -> int:
    """Return the row here of a run there, kept if need be: tables name the runs behind them."""
    version, *values = state.other.rows(
        f"SELECT codebook_version_key, {_RUN} FROM runs WHERE id = ?", run
    )[0]
    key = keep_version(state, version)
    conditions = " AND ".join(f"{column} = ?" for column in _RUN.split(", "))
    here = state.ours.execute(
        f"SELECT id FROM runs WHERE codebook_version_key = ? AND {conditions}", (key, *values)
    ).fetchone()
    if here is not None:
        return int(here[0])
    cursor = state.ours.execute(
        f"INSERT INTO runs (coder_key, codebook_version_key, {_RUN})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (MACHINE_KEY, key, *values),
    )
    return int(cursor.lastrowid or 0)


def _insert_machine(state: MergeState, book: int, case: int, run: int) -> None:
    """Bring the machine's codings of a case with a codebook there."""
    own = state.cases[case]
    state.ours.execute("INSERT INTO coded_cases VALUES (?, ?, ?)", (state.books[book], own, run))
    for key, segment, code, start, end, quote, score, rule in state.other.each(
        "SELECT g.id, g.segment_key, g.code_key, g.start_char, g.end_char, g.quote, g.score, g.rule"
        " FROM segments s JOIN codings g ON g.segment_key = s.id JOIN codes k ON k.id = g.code_key"
        " JOIN coders p ON p.id = g.coder_key"
        " WHERE s.case_key = ? AND k.codebook_key = ? AND p.machine = 1 ORDER BY g.id",
        *(case, book),
    ):
        place = state.segments[segment], state.codes[code]
        cursor = state.ours.execute(
            "INSERT INTO codings (segment_key, case_key, code_key, start_char, end_char, quote,"
            " score, coder_key, run_key, rule, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'unreviewed')",
            (place[0], own, place[1], start, end, quote, score, MACHINE_KEY, run, rule),
        )
        state.place_coding(key, int(cursor.lastrowid or 0))
        state.touched.add(place)


# --- people's codings ------------------------------------------------------------------------

_PEOPLES = (
    "SELECT g.id, g.guid, g.segment_key, g.case_key, g.code_key, g.start_char, g.end_char, p.name,"
    " g.quote, g.score, g.rule, g.status, c.case_id, s.n, k.category || '.' || k.code"
    " FROM codings g JOIN coders p ON p.id = g.coder_key JOIN segments s ON s.id = g.segment_key"
    " JOIN cases c ON c.id = g.case_key JOIN codes k ON k.id = g.code_key"
    " WHERE p.machine = 0"
)
_AT = (
    "SELECT g.id FROM codings g JOIN coders p ON p.id = g.coder_key WHERE g.segment_key = ?"
    " AND g.code_key = ? AND g.start_char = ? AND g.end_char = ? AND p.name = ? AND p.machine = 0"
)
_Place = tuple[int, int, int, int, str]


def join_codings(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Bring people's codings that are not here, and take out those that were taken out there."""
    tally = state.tallies["codings"]
    away = _find_away(state, ours, theirs)
    for row in state.other.each(f"{_PEOPLES} ORDER BY g.id"):
        key, guid, segment, _, code, start, end, coder = row[:8]
        same = state.ours.execute("SELECT id FROM codings WHERE guid = ?", (guid,)).fetchone()
        if same is None and segment not in state.segments:
            _set_apart(state, row)
            continue
        if same is None:
            place = (state.segments[segment], state.codes[code], start, end, coder)
            away.pop(place, None)
            same = state.ours.execute(_AT, place).fetchone()
        if same is not None:
            state.place_coding(key, same[0])
            tally.same += 1
        elif took_back(ours.codings.get(guid or ""), _since(theirs, guid)):
            state.find(_finding(row, "taken back", "taken back here since"))
        else:
            state.place_coding(key, _insert(state, row, place, ours, theirs))
            tally.new += 1
    for place, row in away.items():
        key, guid = row[:2]
        state.ours.execute("DELETE FROM codings WHERE id = ?", (key,))
        line = _line("remove", Stretch(row[3], *place[:4]), row, guid, key)
        state.tell(state.person(place[4]), theirs.codings[guid].at, line)
        state.find(_finding(row, "taken back", "taken back there since"))


def _find_away(state: MergeState, ours: LastWords, theirs: LastWords) -> dict[_Place, Any]:
    """Return the people's codings here that were taken back there since they were added."""
    away = {}
    for guid, word in theirs.codings.items():
        if word.gone and took_back(word, _since(ours, guid)):
            for row in state.ours.execute(f"{_PEOPLES} AND g.guid = ?", (guid,)):
                away[row[2], row[4], row[5], row[6], row[7]] = row
    return away


def _since(words: LastWords, guid: str | None) -> str:
    word = words.codings.get(guid or "")
    return word.at if word and not word.gone else ""


def _finding(row: Any, came_to: str, why: str) -> Finding:
    return Finding("codings", came_to, why, row[12], row[13], row[14], row[5], row[6], row[7])


def _insert(state: MergeState, row: Any, place: _Place, ours: LastWords, theirs: LastWords) -> int:
    guid = row[1] or str(uuid.uuid4())
    segment, code, start, end, coder = place
    case, who = state.cases[row[3]], state.person(coder)
    cursor = state.ours.execute(
        "INSERT INTO codings (guid, segment_key, case_key, code_key, start_char, end_char, quote,"
        " score, coder_key, rule, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (guid, segment, case, code, start, end, row[8], row[9], who, row[10], row[11]),
    )
    key = int(cursor.lastrowid or 0)
    # It was listed as not placed before the text came that it belongs to.
    state.ours.execute(
        "DELETE FROM unplaced_codings WHERE case_key = ? AND n = ? AND code_key = ?"
        " AND quote = ? AND coder_key = ?",
        (case, row[13], code, row[8], who),
    )
    word = theirs.codings.get(guid)
    if word and (word.again or guid in ours.codings):
        # Else a later merge would take it for taken back.
        stretch = Stretch(case, segment, code, start, end)
        state.tell(who, word.at, _line("add", stretch, row, guid, key))
    # What coders agreed on outranks it.
    state.touched.add((segment, code))
    return key


def _line(action: str, stretch: Stretch, row: Any, guid: str, key: int) -> Line:
    agreed = int(row[10] == CONSENSUS)
    return make_line(action, stretch, guid=guid, consensus=agreed, about_key=key)


def _set_apart(state: MergeState, row: Any) -> None:
    """List a coding whose words are others here; keep it as codings of earlier texts are kept."""
    state.find(_finding(row, "not placed", _OTHER_WORDS))
    case = state.cases.get(row[3])
    if case is not None:
        keep_unplaced(state, case, row[13], state.codes[row[4]], row[8], row[7], row[11])


def keep_unplaced(
    state: MergeState, case: int, n: int, code: int, quote: str, coder: str, status: str
) -> None:
    """Keep a coding among those whose words no longer stand, unless it is there."""
    who = MACHINE_KEY if _is_machine(state, coder) else state.person(coder)
    state.ours.execute(
        "INSERT INTO unplaced_codings (case_key, n, code_key, quote, coder_key, status,"
        " source_version_key) SELECT ?1, ?2, ?3, ?4, ?5, ?6, (SELECT max(v.id)"
        " FROM source_versions v JOIN cases c ON c.source_key = v.source_key WHERE c.id = ?1)"
        " WHERE NOT EXISTS (SELECT 1 FROM unplaced_codings WHERE case_key = ?1 AND n = ?2"
        " AND code_key = ?3 AND quote = ?4 AND coder_key = ?5 AND status = ?6)",
        (case, n, code, quote, who, status),
    )


def _is_machine(state: MergeState, coder: str) -> bool:
    sql = "SELECT 1 FROM coders WHERE name = ? AND machine = 1"
    return state.ours.execute(sql, (coder,)).fetchone() is not None


def join_unplaced(state: MergeState) -> None:
    """Keep what had lost its words there already, unless it stands here."""
    for case, case_id, n, code, name, quote, coder, status in state.other.rows(
        "SELECT u.case_key, c.case_id, u.n, u.code_key, k.category || '.' || k.code, u.quote,"
        " p.name, u.status FROM unplaced_codings u JOIN cases c ON c.id = u.case_key"
        " JOIN coders p ON p.id = u.coder_key JOIN codes k ON k.id = u.code_key ORDER BY u.id"
    ):
        own = state.cases.get(case)
        stands = (
            own is not None
            and state.ours.execute(
                "SELECT 1 FROM codings g JOIN coders p ON p.id = g.coder_key WHERE g.case_key = ?"
                " AND g.code_key = ? AND g.quote = ? AND p.name = ?",
                (own, state.codes[code], quote, coder),
            ).fetchone()
        )
        if stands:
            state.tallies["codings"].same += 1
            continue
        why = "its words had gone from the text there already"
        state.find(Finding("codings", "not placed", why, case_id, n, name, coder=coder))
        if own is not None:
            keep_unplaced(state, own, n, state.codes[code], quote, coder, status)


# --- cases done ------------------------------------------------------------------------------

_DONE = (
    "SELECT d.codebook_key, d.case_key, p.name, d.done_at, b.name, c.case_id, d.coder_key"
    " FROM done_cases d JOIN coders p ON p.id = d.coder_key JOIN codebooks b"
    " ON b.id = d.codebook_key JOIN cases c ON c.id = d.case_key"
    " ORDER BY d.codebook_key, d.case_key, d.coder_key"
)


def join_done(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Bring the marks of cases done that are not here; take out those reopened there."""
    tally = state.tallies["done marks"]
    own = {(book, case, coder): at for book, case, coder, at, *_ in state.ours.execute(_DONE)}
    met = set()
    for book, case, coder, at, name, case_id, _ in state.other.rows(_DONE):
        if case not in state.whole or book not in state.books:
            why = _OTHER_WORDS if book in state.books else f"codebook {name} is not in use here"
            state.find(Finding("done marks", "not placed", why, case_id, coder=coder))
            continue
        place = state.books[book], state.cases[case], coder
        met.add(place)
        if place in own:
            tally.same += 1
            if own[place] < at:
                # What was reopened before the later one does not take it back.
                state.ours.execute(
                    "UPDATE done_cases SET done_at = ? WHERE codebook_key = ? AND case_key = ?"
                    " AND coder_key = ?",
                    (at, *place[:2], state.person(coder)),
                )
        elif took_back(ours.done.get((name, case_id, coder)), at):
            why = "reopened here since"
            state.find(Finding("done marks", "taken back", why, case_id, coder=coder))
        else:
            tally.new += 1
            who = state.person(coder)
            state.ours.execute("INSERT INTO done_cases VALUES (?, ?, ?, ?)", (*place[:2], who, at))
    books, cases = set(state.books.values()), {state.cases[case] for case in state.whole}
    for book, case, coder, at, name, case_id, who in state.ours.execute(_DONE).fetchall():
        if book not in books or case not in cases or (book, case, coder) in met:
            continue
        word = theirs.done.get((name, case_id, coder))
        if word and took_back(word, at):
            state.ours.execute(
                "DELETE FROM done_cases WHERE codebook_key = ? AND case_key = ? AND coder_key = ?",
                (book, case, who),
            )
            state.tell(who, word.at, Line("reopen", case_key=case, about_key=book))
            why = "reopened there since"
            state.find(Finding("done marks", "taken back", why, case_id, coder=coder))


# --- memos -----------------------------------------------------------------------------------

_MEMOS = (
    "SELECT m.id, m.guid, m.about, m.about_key, m.text, m.written_at, m.hidden, p.name, m.case_key,"
    " m.segment_key, m.code_key, m.start_char, m.end_char, coalesce(c.case_id, '')"
    " FROM memos m JOIN coders p ON p.id = m.coder_key LEFT JOIN cases c ON c.id = m.case_key"
    " ORDER BY m.id"
)


def join_memos(state: MergeState, ours: LastWords, theirs: LastWords) -> None:
    """Bring memos that are not here; one taken back in either project is taken back."""
    by_guid: dict[str, tuple[int, int]] = {}
    alike = set()
    for row in state.ours.execute(_MEMOS).fetchall():
        if row[1]:
            by_guid[row[1]] = (row[0], row[6])
        alike.add((row[2], *row[4:6], row[7]))
    for row in state.other.rows(_MEMOS):
        guid = row[1]
        if guid in by_guid:
            state.tallies["memos"].same += 1
            _join_hidden(state, guid, *by_guid[guid], row, ours, theirs)
        elif not guid and (row[2], *row[4:6], row[7]) in alike:
            state.tallies["memos"].same += 1
        else:
            _place_memo(state, row, theirs.memos.get(guid))


def _join_hidden(
    state: MergeState,
    guid: str,
    key: int,
    hidden: int,
    row: Any,
    ours: LastWords,
    theirs: LastWords,
) -> None:
    if hidden == row[6]:
        return
    own, other = ours.memos.get(guid), theirs.memos.get(guid)
    own_at, other_at = (own.at if own else ""), (other.at if other else "")
    # At the same second the one that is taken back holds, whichever is merged into which.
    if other_at > own_at or (other_at == own_at and row[6]):
        state.ours.execute("UPDATE memos SET hidden = ? WHERE id = ?", (row[6], key))
        who = state.person(row[7])
        action = "unmemo" if row[6] else "memo"
        state.tell(who, other_at, Line(action, about_key=key, guid=guid))
        if row[6]:
            why = "taken back there since"
            state.find(Finding("memos", "taken back", why, row[13], coder=row[7]))


def _place_memo(state: MergeState, row: Any, word: Word | None) -> None:
    about, target = row[2], row[3]
    by_about: dict[str, Mapping[Any, Any]] = {
        "project": {None: None},
        "source": state.sources,
        "case": state.cases,
        "code": state.codes,
        "coding": state.codings,
    }
    keys = by_about[about]
    case = None if row[8] is None else state.cases.get(row[8])
    lost = target not in keys if about != "coding" else row[8] is not None and case is None
    if lost:
        why = f"the {about} that it is about is not here"
        state.find(Finding("memos", "not placed", why, row[13], coder=row[7]))
        return
    segment = state.segments.get(row[9])
    place = (row[11], row[12]) if segment is not None else (None, None)
    code = state.codes.get(row[10])
    own = keys.get(target)
    if about == "coding" and own is None and segment is not None:
        own = _coding_at(state.ours, segment, code, *place)
    state.tallies["memos"].new += 1
    who = state.person(row[7])
    cursor = state.ours.execute(
        "INSERT INTO memos (guid, coder_key, about, about_key, text, written_at, hidden, case_key,"
        " segment_key, code_key, start_char, end_char) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(row[1], who, about, own, row[4], row[5], row[6]),
            *(case, segment, code, *place),
        ),
    )
    if word and (word.again or word.gone):
        action = "unmemo" if word.gone else "memo"
        state.tell(who, word.at, Line(action, about_key=cursor.lastrowid, guid=row[1]))


def _coding_at(
    ours: sqlite3.Connection, segment: int, code: int | None, start: int, end: int
) -> int | None:
    row = ours.execute(
        "SELECT id FROM codings WHERE segment_key = ? AND code_key = ? AND start_char = ?"
        " AND end_char = ? ORDER BY id LIMIT 1",
        (segment, code, start, end),
    ).fetchone()
    return int(row[0]) if row else None
