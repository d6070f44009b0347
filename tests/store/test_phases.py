"""Phases set by people: kept by segment, taken back, carried over, merged and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import case, parsed
from oldproject import old_project

from qualkit.errors import QualkitError
from qualkit.model import PhaseWish, SetPhase
from qualkit.project import Project
from qualkit.store import deciding, forgetting, phases
from qualkit.store.merging import merge_project
from qualkit.store.sources import save_source
from qualkit.store.writing import transaction

TEXTS = ("It was very bad then with the rent and the bank.", "She came with me to the bank.")


def fill(path: Path, *texts: str) -> Project:
    project = Project(path, create=True)
    bring(project, *(texts or TEXTS))
    return project


def bring(project: Project, *texts: str, cases: tuple[str, ...] = ("m1",)) -> None:
    made = [case(name, *texts, ufrn="F1") for name in cases]
    if not cases:
        made = [case("m9", "Another.")]
    source = parsed(made, content="|".join((*texts, *cases)))
    save_source(project.connection, source, lambda rejection: None)


@pytest.fixture
def project(tmp_path: Path):
    with fill(tmp_path / "qualkit.db") as opened:
        yield opened


def keys(project: Project) -> dict[int, int]:
    return phases.fetch_segment_keys(project.connection, "m1")


def standing(project: Project) -> dict[int, tuple[str, str]]:
    """Segment number to phase and coder."""
    found = phases.fetch_phases(project.connection)
    by_key = {key: n for n, key in keys(project).items()}
    held = {by_key[key]: phases.phase_at(own, 0, 1) for key, own in found.items()}
    return {n: (own.phase, own.coder) for n, own in sorted(held.items()) if own}


def put(project: Project, *pairs: tuple[int, str], coder: str = "Ann") -> int:
    by_n = keys(project)
    wishes = [PhaseWish(by_n[n], phase) for n, phase in pairs]
    return phases.set_phases(project.connection, wishes, coder)


def test_a_phase_is_kept_with_who_set_it(project: Project) -> None:
    assert put(project, (1, "before"), (2, "during")) == 2
    assert standing(project) == {1: ("before", "Ann"), 2: ("during", "Ann")}
    ((found,),) = phases.fetch_phases(project.connection, [keys(project)[2]]).values()
    assert isinstance(found, SetPhase)
    assert found.set_at.endswith("Z")


def test_the_latest_holds_and_the_same_again_changes_nothing(project: Project) -> None:
    put(project, (1, "before"))
    assert put(project, (1, "before"), coder="Bea") == 0
    assert put(project, (1, "after"), coder="Bea") == 1
    assert standing(project) == {1: ("after", "Bea")}


def test_an_empty_phase_gives_the_segment_back(project: Project) -> None:
    put(project, (1, "before"))
    assert put(project, (1, "")) == 1
    assert standing(project) == {}
    assert put(project, (1, "")) == 0


def test_undo_takes_back_and_redo_sets_again(project: Project) -> None:
    put(project, (1, "before"))
    put(project, (1, "after"), (2, "after"))
    assert "phase taken back" in "".join(project.undo("Ann").changes)
    assert standing(project) == {1: ("before", "Ann")}
    project.redo("Ann")
    assert standing(project) == {1: ("after", "Ann"), 2: ("after", "Ann")}
    project.undo("Ann")
    project.undo("Ann")
    assert standing(project) == {}


def test_history_tells_without_words(project: Project) -> None:
    put(project, (1, "before"))
    row = project.history(coder="Ann").rows[-1]
    assert (row["action"], row["case_id"], row["segment_n"], row["verdict"]) == (
        *("phase", "m1", 1, "before"),
    )


def test_the_machine_sets_nothing(project: Project) -> None:
    with pytest.raises(QualkitError, match="person's name"):
        put(project, (1, "before"), coder="qualkit")
    assert standing(project) == {}


def test_a_phase_stays_while_half_of_the_words_do(project: Project) -> None:
    put(project, (1, "before"), (2, "during"))
    # Nine of eleven words stay; of the other text none.
    bring(project, "It was very bad then with the rent and the landlord.", "He sleeps well now.")
    assert standing(project) == {1: ("before", "Ann")}


def test_a_phase_moves_with_its_segment(project: Project) -> None:
    put(project, (2, "during"))
    bring(project, "Something new at the beginning.", *TEXTS)
    assert standing(project) == {3: ("during", "Ann")}


def test_a_withdrawn_case_comes_back_with_its_phases(project: Project) -> None:
    put(project, (1, "before"))
    bring(project, cases=())
    assert keys(project) == {}
    bring(project, *TEXTS)
    assert standing(project) == {1: ("before", "Ann")}


def test_forgetting_removes_them(project: Project) -> None:
    put(project, (1, "before"), (2, "during"))
    store = project.connection
    family = forgetting.find_family(store, "F1")
    assert family is not None
    traces = forgetting.fetch_traces(store, family)
    with transaction(store):
        assert forgetting.delete_family(store, family, traces).phases == 2
    assert store.execute("SELECT count(*) FROM phases").fetchone() == (0,)


def test_merging_brings_them_once_and_the_later_word_holds(tmp_path: Path) -> None:
    with fill(tmp_path / "theirs.db") as theirs:
        put(theirs, (1, "before"), (2, "during"), coder="Bea")
    with fill(tmp_path / "ours.db") as ours:
        merged = merge_project(ours.connection, tmp_path / "theirs.db", lambda: None)
        assert merged.tallies["phases"].new == 2
        assert standing(ours) == {1: ("before", "Bea"), 2: ("during", "Bea")}
        again = merge_project(ours.connection, tmp_path / "theirs.db", lambda: None)
        assert not again.changed
        assert again.tallies["phases"].same == 2
    with Project(tmp_path / "theirs.db") as theirs:
        theirs.connection.execute("UPDATE phases SET changed_at = '2026-01-01T00:00:00Z'")
        deciding.undo(theirs.connection, "Bea")
    with Project(tmp_path / "ours.db") as ours:
        ours.connection.execute("UPDATE phases SET changed_at = '2026-01-01T00:00:00Z'")
        merge_project(ours.connection, tmp_path / "theirs.db", lambda: None)
        assert standing(ours) == {}
        assert ours.history(coder="Bea").rows[-1]["action"] == "unphase"


def test_merging_leaves_out_what_stands_on_another_text(tmp_path: Path) -> None:
    with fill(tmp_path / "theirs.db", "Other words altogether.") as theirs:
        put(theirs, (1, "before"), coder="Bea")
    with fill(tmp_path / "ours.db") as ours:
        merged = merge_project(ours.connection, tmp_path / "theirs.db", lambda: None)
        assert merged.tallies["phases"].not_placed == 1
        assert standing(ours) == {}


def test_a_project_of_the_schema_before_can_hold_phases(tmp_path: Path) -> None:
    with Project(old_project(tmp_path / "qualkit.db")) as project:
        assert put(project, (1, "before")) == 1
        assert standing(project) == {1: ("before", "Ann")}
        assert project.connection.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize(
    ("old", "new", "stands"),
    [
        ("a b c d", "a b x y", True),  # 2 of 4
        ("a b c d", "a x y z", False),  # 1 of 4
        ("a b", "a b c d e", False),  # 2 of 5
        ("A b", "a B", True),
    ],
)
def test_still_tells_counts_words(old: str, new: str, stands: bool) -> None:
    assert phases.still_tells(old, new) is stands


def test_a_stretch_is_merged_and_moves_with_its_words(tmp_path: Path) -> None:
    text = "One two three. Four five six seven. Eight nine."
    with fill(tmp_path / "theirs.db", text) as theirs:
        key = keys(theirs)[1]
        phases.set_phases(theirs.connection, [PhaseWish(key, "before", 15, 35)], "Bea")
    with fill(tmp_path / "ours.db", text) as ours:
        merge_project(ours.connection, tmp_path / "theirs.db", lambda: None)
        ((own,),) = phases.fetch_phases(ours.connection).values()
        assert (own.phase, own.start, own.end, own.coder) == ("before", 15, 35, "Bea")
        # Five characters more before it, and one word of four changed.
        bring(ours, "Zero One two three. Four five sixty seven. Eight nine.")
        ((own,),) = phases.fetch_phases(ours.connection).values()
        assert (own.start, own.end) == (20, 42)
        # Of four words one is left.
        bring(ours, "Zero One two three. Four of them. Eight nine.")
        assert phases.fetch_phases(ours.connection) == {}
