"""How speakers are found: usual ways of writing them, and what is none."""

from __future__ import annotations

import pytest

from qualkit.importers.labels import Line, is_front_line, is_numbered_heading
from qualkit.importers.roles import assign_roles, is_role_name, role_of
from qualkit.importers.speakers import find_convention
from qualkit.importers.turns import turns_of_lines

THREE_TURNS = [("Interviewer", "How was it?"), ("Kerry", "Hard."), ("Interviewer", "And now?")]


def _lines(text: str) -> list[Line]:
    lines, gap = [], False
    for row in text.split("\n"):
        if row.strip():
            lines.append(Line(row.strip(), gap=gap))
        gap = not row.strip()
    return lines


def _turns(text: str, *told: str) -> list[tuple[str, str]]:
    found = turns_of_lines(_lines(text), told)
    return [(turn.speaker, turn.text) for turn in found.items] if found else []


@pytest.mark.parametrize(
    "text",
    [
        "Interviewer: How was it?\nKerry: Hard.\nInterviewer: And now?",
        "Interviewer : How was it?\nKerry : Hard.\nInterviewer : And now?",
        "**Interviewer:** How was it?\n**Kerry:** Hard.\n**Interviewer:** And now?",
        "**Interviewer**: How was it?\n**Kerry**: Hard.\n**Interviewer**: And now?",
        "__Interviewer__: How was it?\n_Kerry:_ Hard.\n*Interviewer*: And now?",
        "**Interviewer: How was it?**\n\nKerry: Hard.\n\n**Interviewer: And now?**",
        "Q1  Interviewer: How was it?\n\nKerry: Hard.\n\nQ2  Interviewer: And now?",
        "Q1 <Interviewer:> How was it?\n<Kerry:> Hard.\nQ2 <Interviewer:> And now?",
        "<Interviewer> How was it?\n<Kerry> Hard.\n<Interviewer> And now?",
        "Interviewer (00:01:02): How was it?\nKerry (00:01:05): Hard.\nInterviewer: And now?",
        "[00:01:02] Interviewer: How was it?\n[00:01:05] Kerry: Hard.\nInterviewer: And now?",
        "00:01:02 Interviewer: How was it?\n00:01:05 Kerry: Hard.\n00:01:09 Interviewer: And now?",
        "Interviewer:\nHow was it?\n\nKerry:\nHard.\n\nInterviewer:\nAnd now?",
        "Interviewer   0:03\nHow was it?\n\nKerry   0:05\nHard.\n\nInterviewer   0:09\nAnd now?",
        "Interviewer\n0:03\nHow was it?\nKerry\n0:05\nHard.\nInterviewer\n0:09\nAnd now?",
        "0:0:3.0 --> 0:0:4.10\nInterviewer\nHow was it?\n0:0:5.0 --> 0:0:6.0\nKerry\nHard.\n"
        "0:0:9.0 --> 0:0:9.5\nInterviewer\nAnd now?",
        "00:00:03 Interviewer\nHow was it?\n00:00:05 Kerry\nHard.\n00:00:09 Interviewer\nAnd now?",
        ">> Interviewer: How was it?\n>> Kerry: Hard.\n>> Interviewer: And now?",
        "[Interviewer] 0:03\nHow was it?\n[Kerry] 0:05\nHard.\n[Interviewer] 0:09\nAnd now?",
        "0:03\nInterviewer: How was it?\n0:05\nKerry: Hard.\n0:09\nInterviewer: And now?",
        "1. Interviewer: How was it?\n2. Kerry: Hard.\n3. Interviewer: And now?",
        "Interviewer: Jo Hill\nParticipant: Kerry\n\nInterviewer: How was it?\nKerry: Hard.\n"
        "Interviewer: And now?",
        "Speaker\tText\nInterviewer\tHow was it?\nKerry\tHard.\nInterviewer\tAnd now?",
        "1\t0:03\tInterviewer\tHow was it?\n2\t0:05\tKerry\tHard.\n3\t0:09\tInterviewer\tAnd now?",
        "Interviewer\t0:03\tHow was it?\nKerry\t0:05\tHard.\nInterviewer\t0:09\tAnd now?",
        "Interviewer\tHow was it?\nKerry\tHard.\nInterviewer\tAnd now?",
    ],
)
def test_turns_in_every_usual_way_of_writing_speakers(text: str) -> None:
    assert _turns(text) == THREE_TURNS


@pytest.mark.parametrize(
    "sign", [" - ", " – ", "\t"], ids=["hyphen", "dash", "tab"]
)  # weaker signs need names that recur
def test_turns_by_a_weak_sign_used_throughout(sign: str) -> None:
    text = f"INT{sign}How was it?\nMUM{sign}Hard - very.\nINT{sign}And now?\nMUM{sign}Better."
    assert _turns(text) == [
        ("INT", "How was it?"),
        ("MUM", "Hard - very."),
        ("INT", "And now?"),
        ("MUM", "Better."),
    ]


def test_turns_by_names_in_square_brackets() -> None:
    text = "[Anna] Hello?\n[Ben] Yes. [laughs]\n[laughs] Sorry.\n[Anna] And then?\n[Ben] Nothing."
    assert _turns(text) == [
        ("Anna", "Hello?"),
        ("Ben", "Yes. [laughs]\n[laughs] Sorry."),
        ("Anna", "And then?"),
        ("Ben", "Nothing."),
    ]


def test_turns_by_bold_type_alone() -> None:
    lines = [
        Line("Anna So how was it?", lead="Anna"),
        Line("Ben Hard.", lead="Ben"),
        Line("And long.", lead=""),
        Line("Anna And now?", lead="Anna"),
        Line("Ben Better.", lead="Ben"),
    ]
    found = turns_of_lines(lines)
    assert found is not None
    assert [(turn.speaker, turn.text) for turn in found.items] == [
        ("Anna", "So how was it?"),
        ("Ben", "Hard.\nAnd long."),
        ("Anna", "And now?"),
        ("Ben", "Better."),
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("I", "R"),
        ("I", "P1"),
        ("JS", "M"),
        ("Q", "A"),
        ("Question", "Answer"),
        ("Interviewer 1", "Mum"),
        ("Int", "Dad"),
        ("Hurst, Peter", "Wright, Steve"),
        ("Mr. Hill", "Mrs. Hodgson"),
        ("First Speaker (Student)", "Kerry (mum)"),
        ("Speaker 1", "Speaker 2"),
        ("SPEAKER_00", "SPEAKER_01"),
        ("O'Brien", "Jean-Luc de Vries"),
        ("Facilitator", "Respondent 2"),
    ],
)
def test_labels_of_many_kinds_are_speakers(first: str, second: str) -> None:
    text = f"{first}: How?\n{second}: So.\n{first}: And?\n{second}: So: it was fine."
    found = find_convention(_lines(text))
    assert found is not None
    assert set(found.names.values()) == {first, second}


@pytest.mark.parametrize(
    "line",
    [
        "He said: go home.",
        "Note: this was in May.",
        "The thing is: nobody came.",
        "So: that was that.",
        "Question 3: What helped?",
        "https://example.org is the page",
        "At 10:30 we left.",
        "My mum said to me: stop.",
        "Social Services: they never came.",
        "Date: 3 May",
        "Outcome: nothing.",
        '"Right: out," he said.',
    ],
)
def test_words_with_a_colon_within_a_turn_are_no_speakers(line: str) -> None:
    text = (
        "Interviewer: How was it?\nKerry: Hard.\nIt went on and on.\nYou know.\n"
        f"Interviewer: And then?\nKerry: Well.\n{line}\nIt got better.\nInterviewer: Good."
    )
    assert {speaker for speaker, _ in _turns(text)} == {"Interviewer", "Kerry"}
    if not is_numbered_heading(line):
        assert line in _turns(text)[3][1]


def test_text_without_speakers_has_none() -> None:
    text = "Background: a family of four.\nWork: visits.\nHe said: no.\nNote: see file.\nNote: end."
    assert find_convention(_lines(text)) is None


def test_labels_that_recur_in_a_report_are_no_speakers() -> None:
    body = "\n".join(["A line of the report."] * 100)
    text = f"Tel: one\n{body}\nEmail us: two\nTel: three\nFax: one\nFax: two\n<b>bold</b>\n{body}"
    # Four labels in two hundred lines: 2%.
    assert find_convention(_lines(text)) is None


def test_a_speaker_who_speaks_once_counts_where_every_paragraph_has_a_label() -> None:
    text = "Interviewer: Hello?\nKerry: Hi.\nDan: Alright.\nInterviewer: So?\nKerry: So."
    assert _turns(text)[2] == ("Dan", "Alright.")


def test_a_name_that_the_user_gives_counts_at_once() -> None:
    text = "jo: hello there\nIt is a long day.\nNobody comes.\nJo: and then?\nIt ended."
    assert find_convention(_lines(text)) is None
    assert [speaker for speaker, _ in _turns(text, "Jo")] == ["jo", "jo"]


def test_front_matter_is_no_turn() -> None:
    text = (
        "Interview with: Kerry\nInterviewer: Jo Hill\nInterviewee: Kerry\nDate: 3 May\n"
        "Present: mum, dad\n\nJH: How was it?\nKerry: Hard.\nJH: And now?\nKerry: Fine."
    )
    found = turns_of_lines(_lines(text))
    assert found is not None
    assert [turn.speaker for turn in found.items] == ["JH", "Kerry", "JH", "Kerry"]
    assert found.front[-1] == "Present: mum, dad"
    assert found.interviewers == [("Jo Hill", "so says the front matter")]


def test_headings_become_labels_and_no_words() -> None:
    lines = [
        Line("Background", heading=2),
        Line("Interviewer: How was it?"),
        Line("Kerry: Hard."),
        Line("Question 2: What helped?"),
        Line("Interviewer: And now?"),
    ]
    found = turns_of_lines(lines)
    assert found is not None
    assert [(turn.label, turn.text) for turn in found.items] == [
        ("", "How was it?"),
        ("", "Hard."),
        ("Question 2: What helped?", "And now?"),
    ]


def test_labelled_turns_never_merge_and_paragraphs_join() -> None:
    text = "Mum: One.\n\nTwo.\n\nMum: Three.\n\nDad: Four.\n[end of recording]"
    assert _turns(text) == [("Mum", "One.\nTwo."), ("Mum", "Three."), ("Dad", "Four.")]


def test_one_speaker_written_in_two_ways_has_one_name() -> None:
    text = "KERRY: One.\nInterviewer: Two?\nKerry: Three.\nInterviewer:Four?"
    assert [speaker for speaker, _ in _turns(text)] == [
        "KERRY",
        "Interviewer",
        "KERRY",
        "Interviewer",
    ]


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Interviewer 2", "interviewer"),
        ("Interviewer, First", "interviewer"),
        ("I", "interviewer"),
        ("INT", "interviewer"),
        ("Q", "interviewer"),
        ("Mum", "parent"),
        ("Kerry (mum)", "parent"),
        ("Foster carer", "parent"),
        ("Key worker", "worker"),
        ("FSW", "worker"),
        ("Social worker", "partner"),
        ("Young person", "child"),
        ("Daughter", "child"),
        ("Staff 3", "staff"),
        ("R", "participant"),
        ("Kerry", ""),
        ("Ivy", ""),
        ("M", ""),
    ],
)
def test_role_of_a_label(label: str, role: str) -> None:
    assert role_of(label) == role


def test_initials_and_names_are_no_role_names() -> None:
    assert is_role_name("Interviewer 1")
    assert is_role_name("Key worker")
    assert not is_role_name("Kerry (mum)")
    assert not is_role_name("I")


def test_interviewer_is_who_asks_most_and_opens() -> None:
    said = [("Jo", "How?"), ("Ann", "So."), ("Jo", "And?"), ("Ann", "Well, so."), ("Jo", "Why?")]
    cast = assign_roles(said)
    assert cast.roles["Jo"] == "interviewer"
    assert cast.roles["Ann"] == "participant"
    assert cast.notes == ("interviewer: 'Jo' (asks most questions; say --interviewer NAME if not)",)


def test_nobody_is_the_interviewer_when_both_ask() -> None:
    said = [("Jo", "How?"), ("Ann", "Why?"), ("Jo", "And?"), ("Ann", "So?")]
    cast = assign_roles(said)
    assert set(cast.roles.values()) == {"participant"}
    assert "say --interviewer NAME" in cast.notes[0]


def test_numbered_questions_show_the_interviewer() -> None:
    found = turns_of_lines(
        _lines("Q1  Ann Hill: Is it?\n\nBen Dale: It is.\n\nQ2  Ann Hill: Good.")
    )
    assert found is not None
    said = [(turn.speaker, turn.text) for turn in found.items]
    assert assign_roles(said, (), found.interviewers).roles["Ann Hill"] == "interviewer"


def test_a_remark_said_once_belongs_to_the_name_alone() -> None:
    text = "Interviewer: One?\nKerry (mum): Two.\nInterviewer: Three?\nKerry: Four."
    assert [speaker for speaker, _ in _turns(text)] == ["Interviewer", "Kerry (mum)"] * 2


def test_times_of_turns_are_seconds() -> None:
    text = "Interviewer (00:01:02): One?\nKerry (00:01:05): Two.\nInterviewer: Three?"
    found = turns_of_lines(_lines(text))
    assert found is not None
    assert [turn.start_s for turn in found.items] == [62.0, 65.0, None]


def test_word_wrapped_lines_stay_in_their_turn() -> None:
    text = "MUM:   It was the year\n       Toby started: you know,\n       at school.\nDAD:   Yes."
    assert _turns(text) == [
        ("MUM", "It was the year\nToby started: you know,\nat school."),
        ("DAD", "Yes."),
    ]


def test_front_lines_are_known_by_their_keys() -> None:
    assert is_front_line("Date: 3 May")
    assert is_front_line("**Location**: at home")
    assert is_front_line("Interview with: K")
    assert not is_front_line("Kerry: 3 May")
    assert not is_front_line("Date of it all I forgot")
