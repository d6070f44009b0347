from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from factories import case, parsed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualkit.errors import CaseClashError, SourceFormatError
from qualkit.model import Kind, ParsedCase, Rejection
from qualkit.store.carry import nearest
from qualkit.store.deciding import add_coding, mark_done
from qualkit.store.sources import save_source


def _save(connection: sqlite3.Connection, *cases: object, **options: object):
    return save_source(connection, parsed(cases, **options), lambda rejection: None)


def _texts(connection: sqlite3.Connection) -> list[tuple[str, int, str]]:
    return connection.execute(
        "SELECT c.case_id, s.n, s.text FROM segments s JOIN cases c ON c.id = s.case_key"
        " WHERE c.withdrawn = 0 ORDER BY 1, 2"
    ).fetchall()


def _add_code(connection: sqlite3.Connection) -> int:
    connection.execute("INSERT INTO codebooks (name, title) VALUES ('b', '')")
    return connection.execute(
        "INSERT INTO codes (codebook_key, category, code, name, position, definition, include,"
        " exclude, about, code_group) VALUES (1, 'barrier', 'x', 'X', 0, '', '', '', '', '')"
    ).lastrowid


def test_save_keeps_gaps_and_cases_without_text(connection: sqlite3.Connection) -> None:
    result = _save(connection, case("a", "one", "", "three"), case("b"))
    assert _texts(connection) == [("a", 1, "one"), ("a", 3, "three")]
    assert (result.cases, result.segments, result.without_text) == (2, 2, 1)


def test_same_file_again_changes_nothing(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"))
    before = connection.total_changes
    again = _save(connection, case("a", "never read"))
    assert again.unchanged
    assert again.cases == 1
    assert connection.total_changes == before
    assert _texts(connection) == [("a", 1, "one")]


def test_new_version_updates_adds_and_withdraws(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"), case("b", "two"), case("c", "three"))
    result = _save(
        connection, case("a", "one"), case("b", "two, changed"), case("d", "four"), content="two"
    )
    assert (result.version, result.new, result.updated, result.withdrawn) == (2, 1, 1, 1)
    assert _texts(connection) == [("a", 1, "one"), ("b", 1, "two, changed"), ("d", 1, "four")]


def test_withdrawn_case_comes_back(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"), case("b", "two"))
    _save(connection, case("a", "one"), content="two")
    result = _save(connection, case("a", "one"), case("b", "two"), content="three")
    assert result.withdrawn == 0
    assert _texts(connection) == [("a", 1, "one"), ("b", 1, "two")]


def test_codings_move_with_their_words_or_are_set_apart(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "she was low and tired"))
    code = _add_code(connection)
    # "low" stands at 8 to 11, "tired" at 16 to 21.
    for start, end in ((8, 11), (16, 21)):
        add_coding(connection, segment_key=1, code_key=code, start=start, end=end, coder="Ann")
    mark_done(connection, codebook_keys=[1], case_keys=[1], coder="Ann")
    result = _save(connection, case("a", "For months she was low"), content="two")
    assert (result.carried, result.unplaced) == (1, 1)
    # "low" now begins after "For months she was ", 19 characters.
    assert connection.execute("SELECT start_char, end_char, quote FROM codings").fetchall() == [
        (19, 22, "low")
    ]
    assert connection.execute("SELECT quote, n FROM unplaced_codings").fetchall() == [("tired", 1)]
    assert connection.execute("SELECT count(*) FROM done_cases").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("text", "quote", "start", "place"),
    [
        ("abcabc", "abc", 4, 3),
        ("abcabc", "abc", 1, 0),
        ("xyz", "abc", 0, None),
        ("abc", "", 0, None),
    ],
)
def test_nearest_place(text: str, quote: str, start: int, place: int | None) -> None:
    assert nearest(text, quote, start) == place


def test_clash_with_another_source_leaves_nothing(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"))
    with pytest.raises(CaseClashError, match="already belongs to the source"):
        _save(connection, case("z", "new"), case("a", "other"), name="second.csv")
    assert connection.execute("SELECT name FROM sources").fetchall() == [("narratives.csv",)]
    assert _texts(connection) == [("a", 1, "one")]


def test_source_of_another_kind_is_refused(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"))
    with pytest.raises(SourceFormatError, match="another kind"):
        _save(connection, case("b", "two", kind=Kind.SURVEY), kind=Kind.SURVEY, content="two")


def test_rejections_are_counted_and_handed_on(connection: sqlite3.Connection) -> None:
    aside: list[Rejection] = []
    result = save_source(
        connection, parsed([case("a", "one"), Rejection("row 3", "too long")]), aside.append
    )
    assert result.rejected == 1
    assert [r.place for r in aside] == ["row 3"]


def test_references_join_without_case_spaces_and_punctuation(
    connection: sqlite3.Connection,
) -> None:
    _save(
        connection,
        case("a", "one", ufrn="F-12"),
        case("b", "two", ufrn=" f 12 "),
        case("c", "three", ufrn="F012"),
    )
    keys = dict(connection.execute("SELECT case_id, family_key FROM cases"))
    assert keys["a"] == keys["b"] != keys["c"]


def test_full_text_index_follows_a_new_version(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "the waiting list", "gone soon"))
    _save(connection, case("a", "a longer waiting room"), content="two")

    def hits(word: str) -> int:
        return connection.execute(
            "SELECT count(*) FROM segments_fts WHERE segments_fts MATCH ?", (word,)
        ).fetchone()[0]

    assert (hits("list"), hits("room"), hits("gone")) == (0, 1, 0)
    connection.execute("INSERT INTO segments_fts (segments_fts) VALUES ('integrity-check')")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=5))
def test_text_survives_the_store(connection: sqlite3.Connection, texts: list[str]) -> None:
    connection.execute("BEGIN")
    _save(connection, case("a", *texts))
    assert [text for _, _, text in _texts(connection)] == texts
    connection.execute("ROLLBACK")


def test_inserted_segment_moves_the_codings_after_it(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "Hello.", "She was lonely.", "Yes."))
    code = _add_code(connection)
    # "lonely" stands at 8 to 14 of the second segment, "Yes" at 0 to 3 of the third.
    add_coding(connection, segment_key=2, code_key=code, start=8, end=14, coder="Ann")
    add_coding(connection, segment_key=3, code_key=code, start=0, end=3, coder="Ann")
    result = _save(
        connection, case("a", "Welcome.", "Hello.", "She was lonely.", "Yes."), content="two"
    )
    assert (result.updated, result.unplaced) == (1, 0)
    assert connection.execute(
        "SELECT s.n, g.quote, substr(s.text, g.start_char + 1, g.end_char - g.start_char)"
        " FROM codings g JOIN segments s ON s.id = g.segment_key ORDER BY s.n"
    ).fetchall() == [(3, "lonely", "lonely"), (4, "Yes", "Yes")]
    connection.execute("INSERT INTO segments_fts (segments_fts) VALUES ('integrity-check')")


def test_swapped_columns_keep_their_codings(connection: sqlite3.Connection) -> None:
    def labelled(*columns: tuple[str, str]) -> ParsedCase:
        made = case("a", *(text for _, text in columns))
        segments = zip(made.segments, columns, strict=True)
        return replace(made, segments=tuple(replace(s, label=c[0]) for s, c in segments))

    _save(connection, labelled(("Before", "No help."), ("After", "Much help.")))
    code = _add_code(connection)
    add_coding(connection, segment_key=1, code_key=code, start=3, end=7, coder="Ann")
    result = _save(
        connection, labelled(("After", "Much help."), ("Before", "No help at all.")), content="two"
    )
    assert (result.carried, result.unplaced) == (1, 0)
    assert connection.execute(
        "SELECT s.n, s.label, g.start_char FROM codings g JOIN segments s ON s.id = g.segment_key"
    ).fetchall() == [(2, "Before", 3)]


def test_segments_added_to_old_cases_leave_room_for_new_cases(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualkit.store.sources._BATCH", 2)
    _save(connection, case("a", "one"), case("b", "two"))
    _save(
        connection,
        case("a", "one", "more"),
        case("b", "two"),
        case("c", "three"),
        case("d", "four"),
        content="two",
    )
    assert [text for _, _, text in _texts(connection)] == ["one", "more", "two", "three", "four"]

    def entries(word: str) -> int:
        return connection.execute(
            "SELECT cnt FROM temp.vocabulary WHERE term = ?", (word,)
        ).fetchone()[0]

    connection.execute(
        "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, segments_fts, row)"
    )
    assert (entries("more"), entries("three")) == (1, 1)


def test_source_of_several_kinds_can_come_again(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"), case("b", "two", kind=Kind.SURVEY), kind=None)
    result = _save(connection, case("a", "one, changed"), kind=None, content="two")
    assert (result.kind, result.version, result.updated, result.withdrawn) == ("mixed", 2, 1, 1)


def test_version_without_a_common_case_is_remarked_on(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one"))
    result = _save(connection, case("b", "two"), content="two")
    assert result.withdrawn == 1
    assert any("--as NAME" in note for note in result.notes)


def test_changed_reference_is_a_change(connection: sqlite3.Connection) -> None:
    _save(connection, case("a", "one", ufrn="F1"))
    assert _save(connection, case("a", "one", ufrn="F2"), content="two").updated == 1


def test_words_for_no_reference_make_no_family(connection: sqlite3.Connection) -> None:
    words = ("N/A", "unknown", "-", "None")
    result = _save(connection, *(case(f"c{n}", "x", ufrn=w) for n, w in enumerate(words)))
    assert result.with_family == 0
    assert connection.execute("SELECT count(*) FROM families").fetchone()[0] == 0
    # As written it is kept.
    assert connection.execute("SELECT ufrn FROM cases WHERE case_id = 'c0'").fetchone()[0] == "N/A"
