"""Forgetting a family: nothing of it is left beside the project, nothing else is changed."""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from factories import case, parsed

from qualkit.errors import ProjectError, UnknownNameError
from qualkit.model import Kind, ParsedFamily, ParsedSource, Rejection
from qualkit.project import Project
from qualkit.project.rejects import RejectsFile
from qualkit.store import forgetting
from qualkit.store.backups import backup, list_backups
from qualkit.store.families import accept_alias, save_families
from qualkit.store.refusals import find_damage
from qualkit.store.sources import save_source
from qualkit.store.traces import Traces

TEXTS = (
    "The Xanadu brothers had debts with the Quillfeather bank since the flood in Ödhaven.",
    "Grandmother Zephyrine was lonely in the lighthouse, and had no friends on the island.",
    "We painted the kitchen marigold yellow; rent arrears of 1.234 pounds went to the bailiff.",
)
OLD_TEXT = "Before the correction it said that Peregrine Thistlewood kept ferrets in debts."
MEMO = "Ask whether the ventriloquist neighbour was told about it."
UNDONE = "The trombone lessons seem to be invented by somebody."
FRONT = "Recorded at Willowherb Cottage by candlelight, present: Zephyrine."
REFERENCE = "ZQ-98417"
FORMS = ("ZQ-98417", "ZQ98417", "zq-98417", "zq98417", "zq 98417", "PZ5519", "pz5519")


def fill(path: Path, codebook: Path) -> None:
    """A project with a family that has left something everywhere, and two others."""
    with Project(path, create=True) as project:
        store = project.connection
        own = case("z1", TEXTS[0], TEXTS[1], ufrn=REFERENCE, attributes={"area": "Lighthouse Row"})
        others = [
            case("m1", "There are debts.", "She is lonely.", ufrn="F1", relevance={"home": "very"}),
            case("m2", "In town he felt lonely; nobody came to see him.", ufrn="F2"),
        ]
        first = case("z1", OLD_TEXT, TEXTS[1], ufrn=REFERENCE)
        for content, narrative in (("one", first), ("two", own)):
            narratives = parsed([narrative, *others], name="stories.csv", content=content)
            save_source(store, narratives, lambda rejection: None)
            if content == "one":
                project.load_codebook(codebook)
                project.code()
                for (coding,) in store.execute("SELECT id FROM codings").fetchall():
                    project.decide(coding, "accept", "Bea")
        interview = ParsedSource(
            f"{REFERENCE}.docx",
            Kind.INTERVIEW,
            f"/files/{REFERENCE}.docx",
            "hash",
            f"transcript; family={REFERENCE}",
            [case("z2", TEXTS[2], ufrn="zq 98417", kind=Kind.INTERVIEW, role="parent")],
            front_matter=FRONT,
        )
        save_source(store, interview, lambda rejection: None)
        families = [ParsedFamily(ufrn, {"cluster": "A"}) for ufrn in (REFERENCE, "F1", "F2")]
        table = ParsedSource("families.csv", None, "", "h", "", families)
        save_families(store, table, lambda rejection: None)
        accept_alias(store, "PZ-5519", REFERENCE, "2026-11-27T10:00:00Z")
        project.code()
        for (number,) in store.execute("SELECT id FROM codings ORDER BY id").fetchall():
            project.decide(number, "accept", "Ann")
        project.undo("Ann")
        project.memo(MEMO, "Ann", case="z1")
        coding = store.execute(
            "SELECT g.id FROM codings g JOIN cases c ON c.id = g.case_key WHERE c.case_id = 'z2'"
        ).fetchone()[0]
        project.memo(f"Strange: {TEXTS[2][:50]}", "Ann", coding=coding)
        project.memo(UNDONE, "Ann", case="z2")
        project.undo("Ann")
        project.memo(f"As in {REFERENCE.lower()}, again.", "Bea", code="debt")
        project.memo("A note on the others.", "Bea", case="m1")
        project.review("Ann").save_place()
        vectors = store.execute
        vectors(
            "INSERT INTO embeddings (model, text_hash, vectors) VALUES ('m', ?, ?)",
            (b"h", TEXTS[0].encode()),
        )
        vectors("INSERT INTO models VALUES (1, '', '', '', '{}')")
        vectors("INSERT INTO model_arrays VALUES (1, 'a', 'int8', '1', ?)", (TEXTS[1].encode(),))
    with RejectsFile(path, "late.csv") as rejects:
        for place, cells in (
            ("row 2", {"id": "a", "UFRN": "zq98417", "text": "short"}),
            ("row 3", {"id": "b", "UFRN": "F1", "text": "Kept, of another family."}),
            ("row 4", {"id": "c", "UFRN": "", "text": f"Again: {TEXTS[1]}"}),
            ("row 5", {"id": "z1", "UFRN": "", "text": "by case"}),
            ("row 6", {"other": REFERENCE}),
        ):
            rejects.add(Rejection(place, "too many cells", cells))
    with RejectsFile(path, f"{REFERENCE}.docx") as rejects:
        rejects.add(Rejection("cue 4", "no readable time", {"text": "whatever"}))
    backup(path, "before a merge")


@pytest.fixture
def path(tmp_path: Path, small_codebook: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    fill(folder / "qualkit.db", small_codebook)
    return folder / "qualkit.db"


def found_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file with a stretch of 12 characters of the family, or its reference."""
    wanted = {
        text[at : at + 12].encode()
        for text in (*TEXTS, OLD_TEXT, MEMO, UNDONE, FRONT)
        for at in range(len(text) - 11)
    }
    wanted |= {form.encode() for form in FORMS}
    for file in sorted(own for own in folder.rglob("*") if own.is_file()):
        content = file.read_bytes()
        for stretch in wanted:
            if stretch in content or stretch in str(file).encode():
                yield file.name, stretch.decode(errors="replace")


def others(path: Path) -> list[object]:
    """What the project says about the other families."""
    with Project(path) as project:
        store = project.connection
        return [
            store.execute(
                "SELECT c.case_id, s.id, s.text, k.code, g.id, g.start_char, g.quote, g.status,"
                " g.run_key FROM segments s JOIN cases c ON c.id = s.case_key LEFT JOIN codings g"
                " ON g.segment_key = s.id LEFT JOIN codes k ON k.id = g.code_key"
                " WHERE c.case_id IN ('m1', 'm2') ORDER BY s.id, g.id"
            ).fetchall(),
            store.execute(
                "SELECT d.* FROM decisions d JOIN segments s ON s.id = d.segment_key"
                " JOIN cases c ON c.id = s.case_key WHERE c.case_id IN ('m1', 'm2')"
            ).fetchall(),
            list(project.find("town").rows),
            [row["text"] for row in project.memos(case="m1").rows],
            store.execute(
                "SELECT f.ufrn, a.key, a.value FROM families f JOIN family_attributes a"
                " ON a.family_key = f.id WHERE f.ufrn IN ('F1', 'F2') ORDER BY 1"
            ).fetchall(),
            store.execute("SELECT * FROM runs").fetchall(),
        ]


def test_no_byte_is_left_and_others_stay(path: Path) -> None:
    assert len({name for name, _ in found_in(path.parent)}) >= 4
    before = others(path)
    with Project(path) as project:
        lines = project.connection.execute("SELECT count(*) FROM history").fetchone()[0]
        plan = project.plan_forgetting(REFERENCE)
        result = project.forget("zq 98417")
        # Also while it is still open.
        assert list(found_in(path.parent)) == []
        assert project.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert list(found_in(path.parent)) == []
    assert others(path) == before
    assert plan == result
    assert (result.ufrn, result.rejected, result.backups) == (REFERENCE, 5, 1)
    assert (plan.rejected, plan.backups, plan.held.memos) == (5, 1, 4)
    held = result.held
    assert (held.cases, held.segments, held.memos, held.models) == (2, 3, 4, 1)
    assert held.codings
    assert held.decisions
    assert (held.attributes, result.in_tables) == (2, True)
    assert held.paths == ["/somewhere/stories.csv", f"/files/{REFERENCE}.docx"]
    assert (held.named_in, held.codebooks, held.repeated_in) == ({}, [], [])
    assert result.not_cleaned == []
    assert list_backups(path) == []
    with (path.parent / "qualkit-rejects" / "late-csv.csv").open(newline="") as file:
        assert [row[:1] for row in csv.reader(file)] == [["place"], ["row 3"]]
    assert find_damage(path) == ""
    with Project(path) as project:
        store = project.connection
        store.execute("INSERT INTO segments_fts (segments_fts) VALUES ('integrity-check')")
        assert not project.find("lighthouse").rows
        entries = store.execute(
            "SELECT action, guid, verdict FROM history WHERE id > ?", (lines,)
        ).fetchall()
        assert set(entries) == {("forget", "", "")}
        assert store.execute("SELECT count(DISTINCT step) FROM history").fetchone()[0]
        assert store.execute("SELECT name FROM sources ORDER BY id").fetchall() == [
            ("stories.csv",),
            ("forgotten-1",),
        ]
        assert project.status() is not None
        # What was done to it can no longer be taken back; the rest can.
        while project.undo("Ann"):
            pass
        assert project.code() is not None


def test_twice_and_unknown(path: Path) -> None:
    with Project(path) as project:
        with pytest.raises(UnknownNameError, match="did you mean ZQ-98417") as refused:
            project.forget("ZQ-98471")
        assert refused.value.near == [REFERENCE]
        with pytest.raises(UnknownNameError):
            project.forget("n/a")
        project.forget("pz5519")
        with pytest.raises(UnknownNameError, match="no family called"):
            project.forget(REFERENCE)


def test_family_without_cases_and_case_without_its_row(path: Path) -> None:
    with Project(path) as project:
        store = project.connection
        families = [ParsedFamily("G7", {"cluster": "B"})]
        save_families(store, ParsedSource("t", None, "", "h", "", families), lambda r: None)
        assert project.forget("g-7").held.cases == 0
        last = "SELECT action, case_key FROM history ORDER BY id DESC LIMIT 1"
        assert store.execute(last).fetchone() == ("forget", None)
        store.execute("UPDATE cases SET family_key = NULL WHERE case_id IN ('z1', 'z2')")
        project.forget(REFERENCE)
    assert list(found_in(path.parent)) == []


@pytest.mark.parametrize("how", ["open", "reading", "writing"])
def test_open_elsewhere_is_refused_before_anything_goes(
    path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualkit.store.forgetting._OTHERS_MS", 50)
    monkeypatch.setattr("qualkit.store.writing.WRITE_WAIT_S", 0.3)
    files = {f: f.read_bytes() for f in path.parent.rglob("*.csv")}
    with closing(sqlite3.connect(path, isolation_level=None)) as other, Project(path) as project:
        other.execute("SELECT count(*) FROM cases").fetchone()
        if how == "reading":
            other.execute("BEGIN")
            other.execute("SELECT count(*) FROM cases").fetchone()
        elif how == "writing":
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ProjectError, match="another program"):
            project.forget(REFERENCE)
        assert project.connection.execute("SELECT count(*) FROM cases").fetchone() == (4,)
        assert project.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert {f: f.read_bytes() for f in path.parent.rglob("*.csv")} == files
    assert len(list_backups(path)) == 1
    with Project(path) as project:
        project.forget(REFERENCE)
    assert list(found_in(path.parent)) == []


KILLED = """
import os, signal, sys
from qualkit.project import Project
from qualkit.project import forgetting as part
from qualkit.store import forgetting

module = {"store": forgetting, "project": part}[sys.argv[2]]
real = getattr(module, sys.argv[3])
left = int(sys.argv[4])

def stop(*given, **named):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*given, **named)

setattr(module, sys.argv[3], stop)
with Project(sys.argv[1]) as project:
    # So that pages reach the file before the transaction ends.
    project.connection.execute("PRAGMA cache_size = 2")
    project.forget("ZQ-98417")
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
@pytest.mark.parametrize(
    ("module", "function", "call", "whole"),
    [
        ("store", "_rename_sources", 1, True),
        ("store", "record", 1, True),
        # Those before belong to the plan.
        ("project", "_clean_rejects", 3, True),
        ("project", "_clean_rejects", 4, True),
        ("project", "_count_copies", 2, False),
        ("store", "clean", 1, False),
    ],
)
def test_kill_leaves_all_or_nothing_and_again_finishes(
    path: Path, module: str, function: str, call: int, whole: bool
) -> None:
    stopped = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), module, function, str(call)],
        capture_output=True,
    )
    assert stopped.returncode == -signal.SIGKILL, stopped.stderr
    with Project(path) as project:
        store = project.connection
        there = store.execute("SELECT count(*) FROM cases WHERE case_id LIKE 'z%'").fetchone()[0]
        assert there == (2 if whole else 0)
        codings = store.execute(
            "SELECT count(*) FROM codings WHERE quote LIKE '%arrears%'"
        ).fetchone()
        assert bool(codings[0]) is whole
        assert forgetting.is_unfinished(store) is not whole
    assert find_damage(path) == ""
    with Project(path) as project:
        result = project.forget(REFERENCE)
        assert bool(result.ufrn) is whole
        assert not forgetting.is_unfinished(project.connection)
        assert project.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        with pytest.raises(UnknownNameError):
            project.forget(REFERENCE)
    assert list(found_in(path.parent)) == []


def test_what_cannot_be_cleaned_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = path.parent / "qualkit-rejects" / "mine.xlsx"
    strange.write_bytes(b"PK")
    (copy,) = list_backups(path)
    renamed = copy.with_name("before easter.db")
    renamed.write_bytes(copy.read_bytes())
    real = Path.unlink

    def refuse(own: Path, missing_ok: bool = False) -> None:
        if own == copy:
            raise PermissionError(13, "no", str(own))
        real(own, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with Project(path) as project:
        result = project.forget(REFERENCE)
    assert sorted(result.not_cleaned) == sorted([strange, copy, renamed])
    assert {name for name, _ in found_in(path.parent)} == {copy.name, renamed.name}


def test_file_not_written_anew_is_named_and_done_later(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(connection: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database or disk is locked")

    with Project(path) as project:
        with monkeypatch.context() as patch:
            patch.setattr(forgetting, "clean", full)
            assert project.forget(REFERENCE).not_cleaned == [path]
        assert project.forget(REFERENCE).not_cleaned == []


def test_read_only_project_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda own, mode: not mode & os.W_OK)
    rejects = sorted(path.parent.rglob("*.csv"))
    with Project(path) as project, pytest.raises(ProjectError, match="cannot be written"):
        project.forget(REFERENCE)
    assert len(list_backups(path)) == 1
    assert sorted(path.parent.rglob("*.csv")) == rejects


def test_words_elsewhere_are_told(path: Path, tmp_path: Path) -> None:
    codebook = tmp_path / "quoting.yaml"
    codebook.write_text(
        "codebook: quoting\nversion: '2'\ncategory: extra\ncodes:\n  - id: paint\n"
        f"    name: Paint\n    patterns: ['=paint']\n    examples: ['{TEXTS[2]}']\n",
        encoding="utf-8",
    )
    again = [case("again", TEXTS[0]), case("named", f"Their cousins are {REFERENCE}.", ufrn="F1")]
    with Project(path) as project:
        project.load_codebook(codebook)
        save_source(project.connection, parsed(again, name="more.csv"), lambda rejection: None)
        result = project.forget(REFERENCE)
        assert result.held.codebooks == ["quoting 2"]
        assert result.held.repeated_in == ["again"]
        assert result.held.named_in == {"segments": 1}
        assert project.find("cousins").rows


@pytest.mark.parametrize(
    ("reference", "named", "other"),
    [
        ("F1", ("f1", "F-1", "see F1.", " F 1 "), ("F10", "XF1", "a F 1 b", "f 12")),
        ("12", ("12", " 1-2 "), ("12 weeks", "row 12")),
        ("FAM0012", ("fam 0012", "of FAM-0012,", "fam_0012.docx"), ("FAM00123", "FAM 012")),
    ],
)
def test_what_names_a_family(
    reference: str, named: tuple[str, ...], other: tuple[str, ...]
) -> None:
    traces = Traces([reference], [], [])
    assert all(traces.names(text) for text in named)
    assert not any(traces.names(text) for text in other)


def test_what_repeats_its_words() -> None:
    traces = Traces([], [], [TEXTS[1], "Not any more."])
    assert traces.repeats("  not  ANY more. ")
    assert traces.repeats(TEXTS[1][10:50])
    assert traces.repeats(f"x {TEXTS[1]} y")
    assert traces.repeats(f"It said: {TEXTS[1][20:70]}!")
    assert not traces.repeats("lighthouse")
    assert not traces.repeats("Not any more of this.")
