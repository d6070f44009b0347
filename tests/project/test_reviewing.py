"""Going through codings: the queue, what each action does to it, and coming back."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualkit.errors import QualkitError, UnknownNameError
from qualkit.model import ReviewFilter, ReviewItem
from qualkit.project import Project
from qualkit.project.reviewing import Review


def shown(review: Review) -> tuple[str, int, str, int, int]:
    """Case, segment, code and offsets of the coding that is asked about."""
    coding = review.coding
    assert coding is not None
    segment = next(s for s in review.case.segments if s.segment_id == coding.segment_key)
    code = review.codes[coding.code_key].code
    return review.case.case_id, segment.n, code, coding.start, coding.end


def statuses(project: Project) -> list[tuple[int, str]]:
    return project.connection.execute("SELECT id, status FROM codings ORDER BY id").fetchall()


def key_of(review: Review, code: str) -> int:
    return next(key for key, own in review.codes.items() if own.code == code)


def done(project: Project) -> list[tuple[str, str]]:
    return project.connection.execute(
        "SELECT c.case_id, p.name FROM done_cases d JOIN cases c ON c.id = d.case_key"
        " JOIN coders p ON p.id = d.coder_key ORDER BY c.id, p.name"
    ).fetchall()


def test_queue_goes_case_by_case_in_the_order_of_the_text(project: Project) -> None:
    review = project.review("Ann")
    places = []
    for at in range(len(review.items)):
        review.go_to(at)
        places.append(shown(review)[:3])
    assert places == sorted(places, key=lambda own: (cases(project).index(own[0]), own[1]))
    # m1 has a barrier and a domain in each of its two segments.
    assert [place[:2] for place in places[:5]] == [*[("m1", 1)] * 2, *[("m1", 2)] * 2, ("m2", 1)]


def accept(review: Review, n: int) -> None:
    """Accept a coding and go to the next open one, n times."""
    for _ in range(n):
        assert review.coding is not None
        review.accept(review.coding)
        review.next_open()


def cases(project: Project) -> list[str]:
    return [i for (i,) in project.connection.execute("SELECT case_id FROM cases ORDER BY id")]


def test_decision_is_in_the_store_and_settles_its_place(project: Project) -> None:
    review = project.review("Ann")
    assert (review.at, review.n_decided) == (0, 0)
    first = review.coding
    assert first is not None
    review.accept(first)
    assert review.n_decided == 1
    assert review.coding is not None
    assert (review.coding.status, review.coding.verdict) == ("accepted", "accept")
    assert review.next_open()
    assert review.at == 1
    assert dict(statuses(project))[first.coding] == "accepted"


def test_queue_ends_when_everything_is_decided(project: Project) -> None:
    review = project.review("Ann")
    while True:
        assert review.coding is not None
        review.reject(review.coding)
        if not review.next_open():
            break
    assert review.n_decided == len(review.items)
    assert {status for _, status in statuses(project)} == {"rejected"}


def test_case_left_decided_is_done_and_one_left_open_is_not(project: Project) -> None:
    review = project.review("Ann")
    accept(review, 3)
    review.next_case()
    assert done(project) == []
    review.next_case(-1)
    review.go_to(3)
    assert shown(review)[:2] == ("m1", 2)
    accept(review, 1)
    assert done(project) == [("m1", "Ann")]


def test_recoding_rejects_the_machines_and_adds_ones_own(project: Project) -> None:
    review = project.review("Ann")
    coding = review.coding
    assert coding is not None
    new = review.recode(coding, key_of(review, "isolation"))
    rows = project.connection.execute(
        "SELECT g.id, g.status, p.name, g.start_char, g.end_char FROM codings g"
        " JOIN coders p ON p.id = g.coder_key WHERE g.id IN (?, ?) ORDER BY g.id",
        (coding.coding, new),
    ).fetchall()
    span = (coding.start, coding.end)
    assert rows == [(coding.coding, "rejected", "qualkit", *span), (new, "added", "Ann", *span)]
    assert review.undo()
    assert {status for _, status in statuses(project)} == {"unreviewed"}


def test_moving_beyond_the_text_changes_nothing(project: Project) -> None:
    review = project.review("Ann")
    coding = review.coding
    assert coding is not None
    before = statuses(project)
    with pytest.raises(ValueError, match="not within"):
        review.move(coding, coding.start, 10_000)
    assert statuses(project) == before
    assert review.undo() == ""


def test_undo_passes_over_marks_made_in_passing(project: Project) -> None:
    review = project.review("Ann")
    accept(review, 4)
    assert done(project) == [("m1", "Ann")]
    assert review.case.case_id == "m2"
    assert review.undo().startswith("undone: accept")
    assert review.case.case_id == "m1"
    assert done(project) == []
    assert review.n_decided == 3
    assert review.redo().startswith("done again: accept")
    assert review.n_decided == 4


def test_blind_coder_sees_no_others_codings(project: Project) -> None:
    ann = project.review("Ann", ReviewFilter(blind=True))
    assert all(item.coding is None for item in ann.items)
    assert ann.case.codings == ()
    ann.add(ann.case.segments[0].segment_id, key_of(ann, "debt"), 0, 4)
    assert [coding.coder for coding in ann.case.codings] == ["Ann"]
    ann.mark_done()
    assert ann.items[0] == ReviewItem(ann.case.case_key, None, True)
    bea = project.review("Bea", ReviewFilter(blind=True))
    assert bea.case.codings == ()
    assert not bea.items[0].decided


def test_coming_back_goes_on_where_she_left(project: Project) -> None:
    review = project.review("Ann", ReviewFilter(kinds=("interview",)))
    review.go_to(2)
    review.close()
    again = project.review("Ann", resume=True)
    assert (again.at, again.wanted) == (2, ReviewFilter(kinds=("interview",)))
    assert project.review("Bea", resume=True).wanted == ReviewFilter()


def test_sample_is_drawn_anew_the_same_and_keeps_the_order_of_the_text(project: Project) -> None:
    wanted = ReviewFilter(sample=3, seed=4)
    one, two = (project.review("Ann", wanted) for _ in range(2))
    assert one.items == two.items
    assert len(one.items) == 3
    everything = [item.coding for item in project.review("Ann").items]
    places = [everything.index(item.coding) for item in one.items]
    assert places == sorted(places)


def test_most_doubtful_comes_first(project: Project) -> None:
    keys = [key for key, _ in statuses(project)]
    for number, key in enumerate(keys):
        project.connection.execute(
            "UPDATE codings SET score = ? WHERE id = ?", (0.95 - number / 20, key)
        )
    scores = [0.95 - number / 20 for number in range(len(keys))]
    by_doubt = [key for _, key in sorted(zip(scores, keys, strict=True), key=_doubt)]
    review = project.review("Ann", ReviewFilter(order="doubtful"))
    assert [item.coding for item in review.items] == by_doubt


def _doubt(pair: tuple[float, int]) -> float:
    return abs(pair[0] - 0.5)


def test_few_letters_find_a_code(project: Project) -> None:
    review = project.review("Ann")
    assert next(review.iterate_codes("iso")).code == "isolation"
    assert [code.code for code in review.iterate_codes("zzz")] == []


@pytest.mark.parametrize(
    ("coder", "wanted", "error"),
    [
        ("qualkit", ReviewFilter(), QualkitError),
        ("", ReviewFilter(), QualkitError),
        ("Ann", ReviewFilter(order="wild"), UnknownNameError),
        ("Ann", ReviewFilter(cases=("m99",)), UnknownNameError),
        ("Ann", ReviewFilter(coder="Zoe"), UnknownNameError),
        ("Ann", ReviewFilter(score=(0.0, 0.1)), QualkitError),
    ],
    ids=["machine", "nobody", "order", "case", "coder", "nothing left"],
)
def test_what_cannot_be_reviewed_is_said(
    project: Project, coder: str, wanted: ReviewFilter, error: type[QualkitError]
) -> None:
    with pytest.raises(error):
        project.review(coder, wanted)


def test_coding_gone_meanwhile_is_said_and_shown_as_it_is(project: Project) -> None:
    review = project.review("Ann")
    coding = review.coding
    assert coding is not None
    project.connection.execute("DELETE FROM codings WHERE id = ?", (coding.coding,))
    with pytest.raises(QualkitError, match="changed or gone"):
        review.accept(coding)
    assert review.items[0].decided
    assert all(own.coding != coding.coding for own in review.case.codings)


def test_cases_of_a_plan_are_gone_through_alone(project: Project, tmp_path: Path) -> None:
    plan = tmp_path / "double.csv"
    plan.write_text("case_id,kind\nm2,msc\nm1,msc\n", encoding="utf-8")
    wanted = project.review_filter(cases=project.read_case_ids(plan), blind=True)
    review = project.review("Ann", wanted)
    assert [place.case_id for place in review.list_places()] == ["m1", "m2"]


@pytest.mark.parametrize("content", ["case,kind\nm2,msc\n", "case_id,kind\n,msc\n"])
def test_table_that_lists_no_case_is_refused(
    project: Project, tmp_path: Path, content: str
) -> None:
    plan = tmp_path / "double.csv"
    plan.write_text(content, encoding="utf-8")
    with pytest.raises(QualkitError, match="case"):
        project.read_case_ids(plan)
