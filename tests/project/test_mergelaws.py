"""The laws of merging, on histories drawn by chance: three coders, done in any order."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from merges import at, merge, overlapping, whole, work_in

from qualkit.project import Project

# Who, what, which machine coding or place, consensus, seconds since the last step.
STEP = st.tuples(
    st.sampled_from(["Ann", "Jo"]),
    st.sampled_from(
        ["accept", "accept", "reject", "reject", "undo", "redo", "add", "done", "memo"]
    ),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 1),
)
STEPS = st.lists(STEP, max_size=8)
FORWARD = st.lists(STEP.filter(lambda step: step[1] not in ("undo", "redo")), max_size=8)
LAWS = settings(max_examples=25, deadline=None)
Step = tuple[str, str, int, bool, int]


class Clock:
    """The time, which only goes on when told to."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.moment = 0
        for module in ("stretches", "history", "deciding", "writing"):
            patch.setattr(f"qualkit.store.{module}.now", lambda: at(self.moment))

    def do(self, path: Path, steps: list[Step]) -> None:
        with Project(path) as project:
            for coder, what, number, agreed, seconds in steps:
                self.moment += seconds
                if what in ("undo", "redo"):
                    # Whoever has done nothing has nothing to take back.
                    sql = "SELECT 1 FROM coders WHERE name = ?"
                    if project.connection.execute(sql, (coder,)).fetchone():
                        getattr(project, what)(coder)
                elif what == "add":
                    project.add_coding("m1", 1, "debt", number, number + 3, coder)
                elif what == "done":
                    project.mark_done("m1", coder)
                elif what == "memo":
                    project.memo("A thought.", coder, case="m1")
                else:
                    project.decide(number + 1, what, coder, consensus=agreed)


def joined(folder: Path, name: str, base: Path, *others: Path) -> Path:
    """A copy of a project with others merged into it, one after the other."""
    path = folder / f"{name}.db"
    shutil.copy(base, path)
    for other in others:
        merge(path, other)
    return path


def draw_three(folder: Path, clock: Clock, first: list[Step], *parts: list[Step]) -> list[Path]:
    """Three copies of one project, and what was done in each; later ones later."""
    shutil.copy(overlapping(), folder / "start.db")
    clock.do(folder / "start.db", first)
    paths = []
    for number, steps in enumerate(parts):
        paths.append(folder / f"part{number}.db")
        shutil.copy(folder / "start.db", paths[-1])
        clock.do(paths[-1], steps)
    clock.moment += 1
    return paths


@LAWS
@given(STEPS, STEPS, STEPS)
def test_either_way_the_same_and_nothing_more_the_second_time(
    tmp_path_factory: pytest.TempPathFactory, first: list[Step], one: list[Step], two: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("laws")
    with pytest.MonkeyPatch.context() as patch:
        a, b = draw_three(folder, Clock(patch), first, one, two)
        ab, ba = joined(folder, "ab", a, b), joined(folder, "ba", b, a)
        assert work_in(ab) == work_in(ba)
        for into, other in ((ab, b), (ab, a), (ab, ba), (ba, ab)):
            before = whole(into)
            assert not merge(into, other).changed
            assert whole(into) == before
    shutil.rmtree(folder)


@LAWS
@given(STEPS)
def test_copy_of_oneself_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, first: list[Step]
) -> None:
    folder = tmp_path_factory.mktemp("laws")
    with pytest.MonkeyPatch.context() as patch:
        (a,) = draw_three(folder, Clock(patch), first, [])
        before = whole(a)
        result = merge(a, joined(folder, "copy", a))
        assert not result.changed
        assert whole(a) == before
        assert all(row["new"] == row["taken_back"] == 0 for row in result.table.rows)
        # An empty project takes over what stands as it stands.
        with Project(folder / "empty.db", create=True) as project:
            project.merge(a)
        assert {**work_in(folder / "empty.db"), "statuses": []} == {**work_in(a), "statuses": []}
    shutil.rmtree(folder)


@LAWS
@given(STEPS, STEPS, STEPS, STEPS)
def test_three_coders_in_any_order_come_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[Step],
    one: list[Step],
    two: list[Step],
    three: list[Step],
) -> None:
    folder = tmp_path_factory.mktemp("laws")
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        a, b, c = draw_three(folder, clock, first, one, two, three)
        bc = joined(folder, "bc", b, c)
        clock.moment += 10
        results = [
            joined(folder, "ab_c", a, b, c),
            joined(folder, "a_bc", a, bc),
            joined(folder, "c_ba", c, b, a),
            joined(folder, "bc_a", bc, a),
            joined(folder, "b_ac", b, a, c),
        ]
        works = [work_in(path) for path in results]
        for work in works[1:]:
            assert work == works[0]
    shutil.rmtree(folder)
