"""Settling what coders differ on: the places, what is agreed, and what it must leave alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from differing import agreed, make_differing, standing
from factories import case, parsed

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import ReviewFilter, Table
from qualkit.project import Project
from qualkit.project.reviewing import Review
from qualkit.store.sources import save_source

BOTH = ("Ann", "Bob")


@pytest.fixture
def project(tmp_path: Path, small_codebook: Path) -> Iterator[Project]:
    with make_differing(tmp_path / "p.db", small_codebook) as opened:
        yield opened


def seen(review: Review) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Case, code and who said what at the place that is asked about."""
    coding = review.coding
    assert coding is not None
    return review.case.case_id, review.codes[coding.code_key].code, coding.said


def key_of(review: Review, code: str) -> int:
    return next(key for key, own in review.codes.items() if own.code == code)


def blind_work(project: Project) -> tuple[Table, Table]:
    return project.agreement(BOTH, replicates=20), project.disagreements(BOTH)


def barriers(project: Project) -> dict[str, int]:
    """How many cases count for each barrier."""
    return {row["code"]: row["count"] for row in project.top("barrier").rows}


def settle(project: Project, *verdicts: str, coder: str = "Ann") -> Review:
    review = project.review(coder, consensus=BOTH)
    for verdict in verdicts:
        assert review.coding is not None
        (review.accept if verdict == "accept" else review.reject)(review.coding)
        review.next_open()
    return review


# --- the places ----------------------------------------------------------------------------


def test_queue_is_the_list_of_disagreements_case_by_case(project: Project) -> None:
    review = project.review("Dee", consensus=BOTH)
    places = []
    for at in range(len(review.items)):
        review.go_to(at)
        places.append(seen(review))
    assert places == [
        ("m1", "debt", (("Ann", "added"), ("Bob", "nothing"))),
        ("m2", "isolation", (("Ann", "added"), ("Bob", "nothing"))),
        ("m2", "debt", (("Ann", "nothing"), ("Bob", "added"))),
    ]
    listed = {(row["case_id"], row["code"]) for row in project.disagreements(BOTH).rows}
    assert listed == {place[:2] for place in places}
    # Where both have the code there is nothing to settle, so it is not shown.
    review.go_to(0)
    assert len(review.case.codings) == 1


def test_three_coders_and_other_words(project: Project) -> None:
    review = project.review("Dee", consensus=("Ann", "Bob", "Cy"))
    said = []
    for at in range(len(review.items)):
        review.go_to(at)
        said.append(seen(review)[1:])
    # Cy has done m1 alone, so there are no words of Cy on m2.
    assert said[0] == (
        "debt",
        (("Ann", "added"), ("Bob", "nothing"), ("Cy", "added (other words)")),
    )
    assert said[1] == ("isolation", (("Ann", "added"), ("Bob", "added"), ("Cy", "nothing")))
    assert [len(own[1]) for own in said] == [3, 3, 2, 2]
    review.go_to(0)
    assert review.coding is not None
    # "They had debts" stands at 0 to 14, "debts" at 9 to 14.
    assert (review.coding.start, review.coding.end, review.coding.also) == (0, 14, ((9, 14),))


def test_decisions_on_machine_codings_are_told_too(project: Project) -> None:
    save_source(
        project.connection,
        parsed([case("m4", "Debts. So lonely.")], name="more.csv"),
        lambda rejection: None,
    )
    project.code(method="rules")
    keys = dict(
        project.connection.execute(
            "SELECT k.code, g.id FROM codings g JOIN codes k ON k.id = g.code_key JOIN cases c"
            " ON c.id = g.case_key WHERE c.case_id = 'm4'"
        ).fetchall()
    )
    for coder in BOTH:
        project.mark_done("m4", coder)
    project.decide(keys["debt"], "accept", "Ann")
    project.decide(keys["debt"], "reject", "Bob")
    review = project.review("Dee", ReviewFilter(cases=("m4",)), consensus=BOTH)
    assert [seen(review)] == [("m4", "debt", (("Ann", "accepted"), ("Bob", "rejected")))]
    before = blind_work(project)
    assert review.coding is not None
    review.reject(review.coding)
    assert project.connection.execute(
        "SELECT status, flagged FROM codings WHERE id = ?", (keys["debt"],)
    ).fetchone() == ("rejected", 0)
    assert [table.rows for table in blind_work(project)] == [table.rows for table in before]


# --- what is agreed on ---------------------------------------------------------------------


def test_rejected_counts_no_more_and_accepted_does(project: Project) -> None:
    # Debt: m1 (Ann, Cy), m2 (Bob), m3 (Ann); isolation: m1 (both), m2 (Ann).
    assert barriers(project) == {"debt": 3, "isolation": 2}
    # m1 debt rejected, m2 isolation rejected, m2 debt accepted.
    review = settle(project, "reject", "reject", "accept")
    assert (review.n_decided, len(review.items)) == (3, 3)
    assert barriers(project) == {"debt": 2, "isolation": 1}
    assert agreed(project) == [("reject", "Ann", 1), ("reject", "Ann", 1), ("accept", "Ann", 1)]
    assert {row[2]: row[3] for row in standing(project, "m2")} == {
        "Ann": "rejected",
        "Bob": "added",
    }


def test_blind_work_stays_as_it_was_whoever_writes_the_consensus(project: Project) -> None:
    before = blind_work(project)
    # Ann rejects her own, and accepts what Bob alone has.
    review = settle(project, "reject", "accept", "accept")
    review.go_to(0)
    assert review.coding is not None
    review.recode(review.coding, key_of(review, "home"))
    review.add(review.case.segments[0].segment_id, key_of(review, "friends"), 0, 4)
    review.close()
    after = blind_work(project)
    assert [table.rows for table in after] == [table.rows for table in before]
    assert [row["by_any"] for row in after[0].rows] == [row["by_any"] for row in before[0].rows]


def test_case_is_not_marked_done_by_whoever_writes(project: Project) -> None:
    review = settle(project, "accept", "accept", "accept", coder="Dee")
    review.close()
    with pytest.raises(QualkitError, match="in a consensus no case is marked done"):
        review.mark_done()
    assert "Dee" not in {
        name
        for (name,) in project.connection.execute(
            "SELECT p.name FROM done_cases d JOIN coders p ON p.id = d.coder_key"
        )
    }


def test_reject_settles_all_words_of_the_code_there(project: Project) -> None:
    # The machine proposes debt there too, and domain codes that nobody speaks of.
    project.code(method="rules")
    review = project.review("consensus", consensus=("Ann", "Bob", "Cy"))
    assert review.coding is not None
    review.reject(review.coding)
    debts = [row for row in standing(project, "m1") if row[0] == "debt"]
    assert {row[2]: row[3] for row in debts} == {
        "Ann": "rejected",
        "Cy": "rejected",
        "qualkit": "rejected",
    }
    assert review.n_decided == 1
    assert {name for _, name, _ in agreed(project)} == {"consensus"}


def test_recode_and_move_reject_and_add(project: Project) -> None:
    review = project.review("Ann", consensus=BOTH)
    assert review.coding is not None
    review.recode(review.coding, key_of(review, "isolation"))
    assert review.n_decided == 1
    assert ("debt", "They had debts", "Ann", "rejected", 0) in standing(project, "m1")
    assert ("isolation", "They had debts", "Ann", "added", 1) in standing(project, "m1")
    review.next_open()
    coding = review.coding
    assert coding is not None
    # From "alone" (7 to 12) to "was alone" (3 to 12), then "alone and".
    moved = review.move(coding, 3, 12)
    shown = next(own for own in review.case.codings if own.coding == moved)
    review.move(shown, 7, 16)
    assert [row for row in standing(project, "m2") if row[0] == "isolation"] == [
        ("isolation", "alone", "Ann", "rejected", 0),
        ("isolation", "alone and", "Ann", "added", 1),
    ]
    assert review.n_decided == 2


def test_move_back_to_her_own_words_is_to_accept_them(project: Project) -> None:
    review = project.review("Ann", consensus=BOTH)
    assert review.coding is not None
    first = review.coding.coding
    moved = review.move(review.coding, 0, 15)
    shown = next(own for own in review.case.codings if own.coding == moved)
    assert review.move(shown, 0, 14) == first
    debts = [row for row in standing(project, "m1") if row[:3:2] == ("debt", "Ann")]
    assert debts == [("debt", "They had debts", "Ann", "added", 0)]


def test_undo_takes_back_and_redo_does_again_but_never_blind_work(project: Project) -> None:
    project.connection.commit()
    states = [standing(project, "m1")]
    review = project.review("Ann", consensus=BOTH)
    assert review.undo() == ""
    assert review.coding is not None
    review.reject(review.coding)
    states.append(standing(project, "m1"))
    review.recode(review.coding, key_of(review, "friends"))
    states.append(standing(project, "m1"))
    assert review.undo()
    assert standing(project, "m1") == states[1]
    assert review.undo() == "undone: reject Debt"
    assert (standing(project, "m1"), review.n_decided) == (states[0], 0)
    assert review.undo() == ""
    assert standing(project, "m1") == states[0]
    review.redo()
    review.redo()
    assert sorted(standing(project, "m1")) == sorted(states[2])
    assert review.n_decided == 1


def test_history_says_that_it_was_agreed(project: Project) -> None:
    settle(project, "reject")
    row = project.history().rows[-1]
    assert (row["action"], row["coder"], bool(row["agreed"])) == ("decide", "Ann", True)


def test_later_verdict_takes_the_earlier_ones_place(project: Project) -> None:
    review = settle(project, "reject")
    review.go_to(0)
    assert review.coding is not None
    review.accept(review.coding)
    review.accept(review.coding)
    assert agreed(project) == [("accept", "Ann", 1)]
    assert standing(project, "m1")[0][3] == "added"


def test_coding_added_again_after_a_rejection_stays_rejected(project: Project) -> None:
    settle(project, "reject")
    project.add_coding("m1", 1, "debt", 9, 14, "Bob")
    assert ("debt", "debts", "Bob", "rejected", 0) in standing(project, "m1")


def test_run_leaves_what_was_agreed_on(project: Project) -> None:
    settle(project, "reject", "accept", "accept")
    before = standing(project, "m1")
    project.code(method="rules")
    rest = [row for row in standing(project, "m1") if row[2] != "qualkit"]
    assert rest == before
    assert [row[3] for row in standing(project, "m1") if row[::2][:2] == ("debt", "qualkit")] == [
        "rejected"
    ]


# --- leaving, coming back, refusing --------------------------------------------------------


def test_goes_on_where_it_was_left_and_leaves_the_own_review_alone(project: Project) -> None:
    project.code(method="rules")
    own = project.review("Ann", resume=True)
    own.next_open()
    own.close()
    at = own.at
    review = settle(project, "reject")
    review.next_open()
    review.close()
    again = project.review("Ann", consensus=BOTH)
    assert (seen(again)[:2], again.n_decided, len(again.items)) == (("m2", "debt"), 1, 3)
    # Somebody else sees what is settled, and begins at what is not.
    assert seen(project.review("Bob", consensus=BOTH))[:2] == ("m2", "isolation")
    resumed = project.review("Ann", resume=True)
    assert (resumed.at, resumed.wanted.consensus) == (at, ())


def test_filters_narrow_it(project: Project) -> None:
    wanted = project.review_filter(codes=["debt"], consensus=BOTH)
    assert len(project.review("Ann", wanted).items) == 2
    wanted = project.review_filter(cases=("m2",), consensus=BOTH)
    assert len(project.review("Ann", wanted).items) == 2
    wanted = project.review_filter(sample=1, seed=3, consensus=BOTH)
    assert len(project.review("Ann", wanted).items) == 1
    with pytest.raises(QualkitError, match="nothing to settle"):
        project.review("Ann", project.review_filter(categories=["domain"]), consensus=BOTH)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (ReviewFilter(blind=True), "cannot be found blind"),
        (ReviewFilter(order="doubtful"), "narrowed or ordered"),
        (ReviewFilter(score=(0.2, 0.4)), "narrowed or ordered"),
        (ReviewFilter(coder="Ann"), "narrowed or ordered"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    project: Project, wanted: ReviewFilter, said: str
) -> None:
    with pytest.raises(QualkitError, match=said):
        project.review("Ann", wanted, consensus=BOTH)


def test_who_cannot_agree_is_refused(project: Project) -> None:
    with pytest.raises(UnknownNameError):
        project.review("Ann", consensus=("Ann", "Eve"))
    with pytest.raises(QualkitError, match="two coders"):
        project.review("Ann", consensus="Ann")
    with pytest.raises(QualkitError, match="what people agree on"):
        project.review("Ann", consensus=("Ann", "qualkit"))
    assert project.consensus_coders() == ("Ann", "Bob", "Cy")
