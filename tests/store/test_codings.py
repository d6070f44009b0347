from __future__ import annotations

import sqlite3

import pytest
from factories import case, parsed
from hypothesis import given
from hypothesis import strategies as st

from qualkit.model import ProposedCoding
from qualkit.store.codings import RunWriter, Verdict, iterate_cases, resolve
from qualkit.store.connection import transaction
from qualkit.store.deciding import add_coding, decide
from qualkit.store.sources import save_source

TEXT = "She was low. They were in debt and low."


@pytest.fixture
def coded(connection: sqlite3.Connection) -> sqlite3.Connection:
    save_source(connection, parsed([case("a", TEXT)]), lambda rejection: None)
    connection.execute("INSERT INTO codebooks (name, title) VALUES ('b', '')")
    connection.execute(
        "INSERT INTO codebook_versions (codebook_key, version, content_hash, kinds, roles, path,"
        " compiled, loaded_at) VALUES (1, '1', 'h', '', '', '', '', '')"
    )
    connection.execute(
        "INSERT INTO codes (codebook_key, category, code, name, position, definition, include,"
        " exclude, about, code_group) VALUES (1, 'barrier', 'x', 'X', 0, '', '', '', '', '')"
    )
    return connection


def _run(connection: sqlite3.Connection, *spans: tuple[int, int]) -> RunWriter:
    segments = [segment for found in iterate_cases(connection) for segment in found]
    proposals = [ProposedCoding(1, "barrier", "x", start, end, 0.8, "r") for start, end in spans]
    with transaction(connection):
        writer = RunWriter(
            connection,
            codebook_key=1,
            version_key=1,
            method="rules",
            settings="",
            qualkit_version="0",
        )
        writer.write(segments, segments, proposals)
        writer.finish()
    return writer


def _codings(connection: sqlite3.Connection) -> list[tuple[int, int, int, str]]:
    return connection.execute(
        "SELECT id, start_char, end_char, status FROM codings ORDER BY start_char"
    ).fetchall()


def test_run_stores_the_words(coded: sqlite3.Connection) -> None:
    _run(coded, (8, 11), (35, 38))
    assert coded.execute("SELECT quote FROM codings").fetchall() == [("low",), ("low",)]


def test_second_run_keeps_ids_and_replaces_the_rest(coded: sqlite3.Connection) -> None:
    _run(coded, (8, 11), (26, 30))
    first = _codings(coded)
    writer = _run(coded, (8, 11), (35, 38))
    second = _codings(coded)
    assert second[0] == first[0]
    assert [row[1:3] for row in second] == [(8, 11), (35, 38)]
    assert writer.n_dropped == 1


def test_decisions_outlive_runs(coded: sqlite3.Connection) -> None:
    _run(coded, (8, 11), (26, 30))
    low, debt = (row[0] for row in _codings(coded))
    assert decide(coded, low, "accept", "Ann") == "accepted"
    assert decide(coded, debt, "reject", "Ann") == "rejected"
    # Not proposed any more: the accepted one stands. Proposed elsewhere over the
    # rejected words: it does not come back.
    _run(coded, (23, 30))
    assert _codings(coded) == [(low, 8, 11, "accepted"), (debt, 26, 30, "rejected")]


def test_decision_holds_for_an_overlapping_proposal_of_a_new_text(
    coded: sqlite3.Connection,
) -> None:
    _run(coded, (8, 11))
    decide(coded, 1, "accept", "Ann")
    coded.execute("DELETE FROM codings")
    _run(coded, (4, 11))
    assert _codings(coded)[0][1:] == (4, 11, "accepted")


def test_human_codings_stay(coded: sqlite3.Connection) -> None:
    add_coding(coded, segment_key=1, code_key=1, start=0, end=3, coder="Ann")
    _run(coded)
    assert [row[1:] for row in _codings(coded)] == [(0, 3, "added")]


def test_add_coding_refuses_a_stretch_outside_the_text(coded: sqlite3.Connection) -> None:
    for start, end in ((-1, 3), (3, 3), (0, len(TEXT) + 1)):
        with pytest.raises(ValueError, match="not within"):
            add_coding(coded, segment_key=1, code_key=1, start=start, end=end, coder="Ann")


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([], ("unreviewed", 0)),
        ([(1, "accept", 0)], ("accepted", 0)),
        ([(1, "accept", 0), (1, "reject", 0)], ("rejected", 0)),
        ([(1, "accept", 0), (2, "reject", 0)], ("unreviewed", 1)),
        ([(1, "accept", 0), (2, "reject", 0), (2, "accept", 1)], ("accepted", 0)),
        ([(2, "reject", 1), (1, "accept", 0)], ("rejected", 0)),
    ],
    ids=["none", "one", "changed mind", "disagree", "consensus", "consensus first"],
)
def test_resolve(verdicts: list[tuple[int, str, int]], expected: tuple[str, int]) -> None:
    found = [Verdict(0, 5, coder, verdict, consensus) for coder, verdict, consensus in verdicts]
    assert resolve(found, (3, 8)) == expected


@given(st.integers(0, 30), st.integers(1, 10), st.integers(0, 30), st.integers(1, 10))
def test_resolve_looks_only_at_overlapping_spans(a: int, m: int, b: int, n: int) -> None:
    shared = set(range(a, a + m)) & set(range(b, b + n))
    status, _ = resolve([Verdict(a, a + m, 1, "accept", 0)], (b, b + n))
    assert (status == "accepted") == bool(shared)


def test_undecided_coding_gives_way_to_an_overlapping_proposal(coded: sqlite3.Connection) -> None:
    _run(coded, (8, 11))
    _run(coded, (4, 11))
    assert [row[1:] for row in _codings(coded)] == [(4, 11, "unreviewed")]
