from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.analysis.stars import Moves, count_moves, find_extremes, to_stages
from qualkit.analysis.starsgroups import extremes_table, groups_table, stages_by_group_table
from qualkit.analysis.starstables import flow_table, matrix_table, stars_table
from qualkit.codebook.stages import load_stages
from qualkit.errors import SourceFormatError
from qualkit.model import Basis, FlowStep, SpanCount

STAGES = load_stages()
IDS = [stage.stage_id for stage in STAGES]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def _printed(share: float, places: int = 0) -> str:
    step = Decimal(1).scaleb(-places)
    return str((Decimal(str(share)) * 100).quantize(step, ROUND_HALF_UP))


def published_counts(reference: Path) -> list[SpanCount]:
    return [
        SpanCount(
            row["domain"],
            IDS.index(row["start_stage"]),
            IDS.index(row["end_stage"]),
            int(row["families"]),
        )
        for row in _rows(reference / "family_star_matrices.csv")
    ]


def test_published_matrices_give_the_published_shares(reference: Path) -> None:
    counts = published_counts(reference)
    told = _rows(reference / "family_star_progress.csv")
    names = {row["domain"]: row["domain"] for row in told}
    rows = {row["domain"]: row for row in stars_table(counts, names, STAGES, Basis()).rows}
    assert len(told) == len(rows) == 10
    # All thirty prints agree with the matrices; none had to be left out.
    for row in told:
        found = rows[row["domain"]]
        assert _printed(found["progress"]) == row["published_progress_pct"], row["domain"]
        assert _printed(found["lower"], 1) == row["overall_lower_pct"], row["domain"]
        assert _printed(found["higher"], 1) == row["overall_higher_pct"], row["domain"]


def test_both_definitions_by_hand() -> None:
    # 10 families: 4 up, 1 down, 5 the same, 2 of these at the highest stage.
    counts = [
        SpanCount("d", 0, 1, 3),
        SpanCount("d", 1, 4, 1),
        SpanCount("d", 3, 2, 1),
        SpanCount("d", 2, 2, 3),
        SpanCount("d", 4, 4, 2),
    ]
    assert count_moves(counts, 4) == Moves(10, 4, 1, 5, 2)
    (row,) = stars_table(counts, {"d": "D"}, STAGES, Basis()).rows
    # 4 / (10 - 2); 4 / 10; 1 / 10.
    assert (row["progress"], row["higher"], row["lower"]) == (0.5, 0.4, 0.1)
    assert row["progress_of"] == 8


def test_a_move_within_a_stage_is_none() -> None:
    # 1 and 2 are one stage, 2 and 3 are not.
    counts = to_stages([SpanCount("d", 1, 2, 5), SpanCount("d", 2, 3, 1)], STAGES)
    assert count_moves(counts, 4) == Moves(6, 1, 0, 5, 0)


def test_nobody_who_could_move_up_has_no_share() -> None:
    table = stars_table([SpanCount("d", 4, 4, 3)], {"d": "D", "e": "E"}, STAGES, Basis())
    assert [row["progress"] for row in table.rows] == [None, None]
    assert [row["higher"] for row in table.rows] == [0.0, None]


COUNTS = st.lists(
    st.builds(
        SpanCount,
        st.sampled_from("de"),
        st.integers(1, 10),
        st.integers(1, 10),
        st.integers(0, 50),
        st.sampled_from(["A", "B", "(none)"]),
    )
)


@given(COUNTS)
def test_groups_and_matrices_add_up(counts: list[SpanCount]) -> None:
    staged = to_stages(counts, STAGES)
    names = {"d": "D", "e": "E"}
    overall = {r["domain"]: r for r in stars_table(staged, names, STAGES, Basis()).rows}
    grouped = groups_table(staged, names, STAGES, Basis(), by="cluster").rows
    for domain, row in overall.items():
        own = [r for r in grouped if r["domain"] == domain]
        for key in ("n", "n_higher", "n_lower", "n_same", "at_highest", "progress_of"):
            assert sum(r[key] for r in own) == row[key]
        cells = matrix_table(
            [c for c in staged if c.domain == domain], STAGES, Basis(), title=""
        ).rows
        assert len(cells) == 25
        assert sum(cell["families"] for cell in cells) == row["n"]


def test_most_and_least_progress() -> None:
    counts = [
        # A: 3 of 6; B: 2 of 8; C: 1 of 2, too few to be named; D: 4 of 8, as A.
        SpanCount("d", 0, 1, 3, "A"),
        SpanCount("d", 0, 0, 3, "A"),
        SpanCount("d", 0, 1, 2, "B"),
        SpanCount("d", 0, 0, 6, "B"),
        SpanCount("d", 0, 1, 1, "C"),
        SpanCount("d", 0, 0, 1, "C"),
        SpanCount("d", 0, 1, 4, "D"),
        SpanCount("d", 0, 0, 4, "D"),
    ]
    names = {"d": "D"}
    grouped = groups_table(counts, names, STAGES, Basis(), by="cluster")
    (row,) = extremes_table(grouped, stars_table(counts, names, STAGES, Basis()), by="cluster").rows
    assert (row["most_progress"], row["most_share"]) == (("A", "D"), 0.5)
    assert (row["least_progress"], row["least_share"]) == (("B",), 0.25)
    assert find_extremes({"A": Moves(10, 5, 0, 5, 0)}) == {}


def test_stages_by_group() -> None:
    counts = [SpanCount("d", 0, 1, 3, "A"), SpanCount("d", 1, 1, 1, "A")]
    table = stages_by_group_table(counts, STAGES, Basis(), title="t", by="cluster")
    shares = {(row["when"], row["stage"]): row["share"] for row in table.rows}
    assert shares["start", "stuck"] == 0.75
    assert shares["end", "accepting-help"] == 1.0
    assert sum(shares.values()) == 2.0


def test_flow_goes_down_to_those_who_count() -> None:
    table = flow_table(10, [FlowStep("without a reading", 2), FlowStep("not closed", 3)])
    assert [row["left"] for row in table.rows] == [10, 8, 5, 5]


def test_stages_beside_the_project_take_the_place_of_the_shipped(tmp_path: Path) -> None:
    own = tmp_path / "stages.csv"
    own.write_text("id,name,lowest,highest\na,Low,1,5\nb,High,6,10\n", encoding="utf-8")
    assert [stage.name for stage in load_stages(tmp_path)] == ["Low", "High"]
    for wrong in ("id,name\na,A\n", "id,name,lowest,highest\na,A,1,4\nb,B,6,10\n"):
        own.write_text(wrong, encoding="utf-8")
        with pytest.raises(SourceFormatError, match="stages"):
            load_stages(tmp_path)
