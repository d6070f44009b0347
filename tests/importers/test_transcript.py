"""Transcripts of every kind: turns, roles, references, and the real files."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualkit.errors import QualkitError, SourceFormatError, UnknownNameError
from qualkit.importers.transcript import TranscriptOptions, read_transcript
from qualkit.model import Kind, ParsedCase, ParsedSource, Rejection

Turn = tuple[str, str]
PLAIN = "Interviewer: How was it?\nKerry: Hard.\n"


def _case(source: ParsedSource) -> ParsedCase:
    cases = [item for item in source.items if isinstance(item, ParsedCase)]
    assert len(cases) == 1
    return cases[0]


def _read(path: Path, **options: object) -> ParsedCase:
    return _case(read_transcript(path, TranscriptOptions(**options)))  # type: ignore[arg-type]


def _turns(path: Path) -> list[Turn]:
    return [(segment.speaker, segment.text) for segment in _read(path).segments]


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- the case ------------------------------------------------------------------------


def test_case_is_the_file_and_segments_count_every_turn(tmp_path: Path) -> None:
    path = _write(tmp_path, "visit 7.txt", "Date: 3 May\n\n" + PLAIN + "Interviewer: And now?")
    source = read_transcript(path, TranscriptOptions())
    case = _case(source)
    assert (source.name, source.kind, source.front_matter) == (
        "visit 7.txt",
        Kind.INTERVIEW,
        "Date: 3 May",
    )
    assert (case.case_id, case.kind) == ("visit 7", Kind.INTERVIEW)
    assert [(s.n, s.role, s.place) for s in case.segments] == [
        (1, "interviewer", "line 3"),
        (2, "participant", "line 4"),
        (3, "interviewer", "line 5"),
    ]


@pytest.mark.parametrize(
    ("name", "case_id"), [("int-c001.docx", "int-c001"), ("visit 2.3", "visit 2.3"), ("", "a")]
)
def test_case_id_is_the_stem_of_the_name(tmp_path: Path, name: str, case_id: str) -> None:
    path = _write(tmp_path, "a.txt", PLAIN)
    source = read_transcript(path, TranscriptOptions(), name)
    assert _case(source).case_id == case_id
    assert source.name == (name or "a.txt")


def test_text_without_speakers_points_to_documents(tmp_path: Path) -> None:
    path = _write(tmp_path, "note.txt", "We met on Monday.\nIt went well.\n")
    with pytest.raises(SourceFormatError, match="import document") as caught:
        _read(path)
    assert "went" not in str(caught.value)


def test_unknown_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFormatError, match="not read as transcripts"):
        _read(_write(tmp_path, "a.csv", PLAIN))


# --- who interviews -------------------------------------------------------------------


def test_interviewer_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt", "Jo Hill: Hello.\nKerry: Hi.\nJo Hill: So.\nKerry: Yes.")
    roles = {s.speaker: s.role for s in _read(path, interviewer=("jo hill",)).segments}
    assert roles == {"Jo Hill": "interviewer", "Kerry": "participant"}


def test_interviewer_who_does_not_speak_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no speaker called 'Kery'") as caught:
        _read(_write(tmp_path, "a.txt", PLAIN), interviewer=("Kery",))
    assert caught.value.near == ["Kerry"]


def test_interviewer_named_in_the_front_matter(tmp_path: Path) -> None:
    text = "Interviewer: Jo Hill\nDate: 3 May\n\nJH: Hello.\nKerry: Hi.\nJH: So.\nKerry: Yes."
    source = read_transcript(_write(tmp_path, "a.txt", text), TranscriptOptions())
    assert {s.speaker: s.role for s in _case(source).segments} == {
        "JH": "interviewer",
        "Kerry": "participant",
    }
    assert "interviewer: 'JH' (so says the front matter)" in source.notes


# --- the family ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "front", "options", "ufrn"),
    [
        ("a.txt", "UFRN: F1001", {}, "F1001"),
        ("a.txt", "Family reference: F 1001", {}, "F 1001"),
        ("a.txt", "Family reference number (UFRN): f-1001.", {}, "f-1001"),
        ("a.txt", "**UFRN:** F1001", {}, "F1001"),
        ("a.txt", "UFRN: F1001", {"family": "F2"}, "F2"),
        ("F1001 visit.txt", "Date: May", {}, "F1001"),
        ("int_UFRN123.txt", "Date: May", {}, "UFRN123"),
        ("UFRN F1001.txt", "Date: May", {}, "F1001"),
        ("F1001 and F1002.txt", "Date: May", {}, ""),
        ("visit-44.txt", "Date: May", {"family_from": r"visit-(\d+)"}, "44"),
        ("a.txt", "Date: May\nRef: X9", {"family_from": r"Ref: (\w+)"}, "X9"),
        ("a.txt", "UFRN: F1001", {"family_from": r"Nothing(\d)"}, ""),
        ("2017-05-03 interview.txt", "Date: May", {}, ""),
    ],
)
def test_family_reference(
    tmp_path: Path, name: str, front: str, options: dict[str, str], ufrn: str
) -> None:
    path = _write(tmp_path, name, f"{front}\n\n{PLAIN}")
    source = read_transcript(path, TranscriptOptions(**options))  # type: ignore[arg-type]
    assert _case(source).ufrn == ufrn
    if not ufrn:
        assert any(note.startswith("no family reference") for note in source.notes)


@pytest.mark.parametrize("pattern", ["F[", "F1001", "(F)(1)"])
def test_pattern_for_the_family_needs_one_group(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(QualkitError, match="--family-from"):
        _read(_write(tmp_path, "a.txt", PLAIN), family_from=pattern)


# --- hand-made interviews in every format ----------------------------------------------


def _gold(folder: Path) -> list[tuple[str, list[Turn]]]:
    cases = []
    for line in (folder / "interviews_c.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        cases.append((case["ufrn"], [(s["speaker"], s["text"]) for s in case["segments"]]))
    return cases


def _as_txt(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    body = "\n\n".join(f"{speaker}: {text}" for speaker, text in turns)
    path.write_text(f"UFRN: {ufrn}\nDate: 3 May\n\n{body}\n", encoding="utf-8")


def _as_docx(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_heading("Interview", 0)
    document.add_paragraph(f"UFRN: {ufrn}")
    for speaker, text in turns:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{speaker}: ").bold = True
        paragraph.add_run(text)
    document.save(str(path))


def _as_docx_table(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph(f"UFRN: {ufrn}")
    table = document.add_table(rows=0, cols=2)
    for speaker, text in turns:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = speaker, text
    document.save(str(path))


def _as_odt(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    opendocument = pytest.importorskip("odf.opendocument")
    from odf.text import H, P, Span

    document = opendocument.OpenDocumentText()
    document.text.addElement(H(outlinelevel=1, text="Interview"))
    document.text.addElement(P(text=f"UFRN: {ufrn}"))
    for speaker, text in turns:
        paragraph = P()
        paragraph.addElement(Span(text=f"{speaker}:"))
        paragraph.addText(f" {text}")
        document.text.addElement(paragraph)
    document.save(str(path))


def _as_rtf(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    rows = [f"UFRN: {ufrn}", *(f"{speaker}: {text}" for speaker, text in turns)]
    escaped = [
        "".join(
            f"\\{char}" if char in "\\{}" else char if ord(char) < 128 else f"\\u{ord(char)}?"
            for char in row
        )
        for row in rows
    ]
    body = "".join(f"{row}\\par\n" for row in escaped)
    path.write_text("{\\rtf1\\ansi\\ansicpg1252 " + body + "}", encoding="ascii")


def _as_vtt(path: Path, ufrn: str, turns: Sequence[Turn]) -> None:
    cues = []
    for n, (speaker, text) in enumerate(turns):
        escaped = text.replace("&", "&amp;").replace("<", "&lt;")
        half = escaped.find(" ", len(escaped) // 2)
        parts = [escaped[:half], escaped[half + 1 :]] if half > 0 else [escaped]
        for k, part in enumerate(parts):
            stamp = f"00:{n // 60:02}:{n % 60:02}.{k}00 --> 00:{n // 60:02}:{n % 60:02}.{k}50"
            cues.append(f"{stamp}\n<v {speaker}>{part}</v>")
    path.write_text(
        f"WEBVTT\nUFRN: {ufrn}\n\n" + "\n\n".join(cues) + "\n", encoding="utf-8", newline="\r\n"
    )


WRITERS = {
    "a.txt": _as_txt,
    "a.docx": _as_docx,
    "table.docx": _as_docx_table,
    "a.odt": _as_odt,
    "a.rtf": _as_rtf,
    "a.vtt": _as_vtt,
    "a.md": _as_txt,
}


@pytest.mark.parametrize("name", WRITERS)
def test_interviews_come_back_turn_for_turn(tmp_path: Path, gold: Path, name: str) -> None:
    cases = _gold(gold)
    assert len(cases) == 3
    for ufrn, turns in cases:
        WRITERS[name](tmp_path / name, ufrn, turns)
        case = _read(tmp_path / name)
        assert [(s.speaker, s.text) for s in case.segments] == turns
        assert {s.speaker for s in case.segments if s.role == "interviewer"} == {"Interviewer"}
        assert case.ufrn == ufrn


# --- turns that hold line breaks, colons and quotation marks ------------------------------

ODD_TURNS = [
    ("Interviewer", 'You wrote "note: none". Why?'),
    ("Kerry", "Well: it was this.\nThen he said: go.\nReally: go."),
    ("Interviewer", "Date: when was that?"),
    ("Kerry", 'May. "Out: now," he said.'),
]


@pytest.mark.parametrize("name", ["a.txt", "a.docx", "table.docx", "a.md"])
def test_turns_may_hold_line_breaks_and_colons(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name, "F1", ODD_TURNS)
    assert _turns(tmp_path / name) == ODD_TURNS


# --- real files ----------------------------------------------------------------------------


def _expected_turns(path: Path) -> list[Turn]:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    turns: list[Turn] = []
    for _, speaker, text in rows[1:]:
        words = " ".join(part.strip() for part in text.split("---")).strip()
        if turns and turns[-1][0] == speaker:
            # The table there cuts a turn after some thousand characters; here it is one.
            turns[-1] = (speaker, f"{turns[-1][1]} {words}")
        else:
            turns.append((speaker, words))
    return turns


@pytest.mark.parametrize("name", ["zoom", "teams"])
def test_zoom_and_teams_exports_give_the_known_turns(realdata: Path, name: str) -> None:
    folder = realdata / "transcripts" / "teams_zoom"
    expected = _expected_turns(folder / f"{name}_transcript_correct.txt")
    assert _turns(folder / f"{name}_transcript.vtt") == expected


def test_teams_times_below_nought_are_left_blank(realdata: Path) -> None:
    name = "Test teams transcription_2022-11-15-from Teams.vtt"
    source = read_transcript(realdata / "transcripts" / "teams_zoom" / name, TranscriptOptions())
    second = _case(source).segments[1]
    # "0:0:-6.-820 --> 0:0:8.970"
    assert (second.speaker, second.start_s, second.end_s) == ("Wright, Steve", None, 8.97)
    assert "1 negative or impossible time left blank" in source.notes


def test_new_teams_ids_tell_what_belongs_together(realdata: Path) -> None:
    path = realdata / "transcripts" / "teams_zoom" / "New Teams Format.vtt"
    segments = _read(path).segments
    # Ids 7-0; 19-0 and 19-1; 49-0: three utterances.
    assert [(s.start_s, s.end_s) for s in segments] == [
        (3.138, 3.618),
        (4.388, 7.368),
        (8.218, 11.403),
    ]
    assert {s.speaker for s in segments} == {""}


def test_onedrive_ids_tell_what_belongs_together(realdata: Path) -> None:
    path = realdata / "transcripts/teams_zoom/Test OneDrive Transcription 2022-11.vtt"
    text = path.read_text(encoding="utf-8-sig")
    ids = re.findall(r"^([0-9a-f-]{36})-\d+\n\S+ --> \S+\n(?=\S)", text, re.MULTILINE)
    groups = [ids[n] for n in range(len(ids)) if n == 0 or ids[n] != ids[n - 1]]
    assert len(_read(path).segments) == len(groups)


def test_premium_teams_cues_out_of_order_keep_their_order(realdata: Path) -> None:
    path = realdata / "transcripts/teams_zoom/TeamsPremium.vtt"
    speakers = [s.speaker for s in _read(path).segments]
    assert speakers == ["Charles", "Janaki"] * 5


def test_podcast_has_the_words_of_its_web_page(realdata: Path) -> None:
    folder = realdata / "transcripts" / "podcast"
    page = (folder / "example.html").read_text(encoding="utf-8")
    import html

    pairs = re.findall(r"<cite>(.*?):</cite>.*?<p>(.*?)</p>", page, re.DOTALL)
    expected = [(name, " ".join(html.unescape(text).split())) for name, text in pairs]
    assert len(expected) == 10
    found = [(name, " ".join(text.split())) for name, text in _turns(folder / "example.srt")]
    assert found == expected


def test_podcast_as_vtt_gives_the_same_turns_and_times(realdata: Path, tmp_path: Path) -> None:
    srt = pytest.importorskip("srt")
    webvtt = pytest.importorskip("webvtt")
    path = realdata / "transcripts" / "podcast" / "example.srt"
    rewritten = webvtt.WebVTT()
    for cue in srt.parse(path.read_text(encoding="utf-8")):
        start, end = (
            srt.timedelta_to_srt_timestamp(time).replace(",", ".") for time in (cue.start, cue.end)
        )
        rewritten.captions.append(webvtt.Caption(start, end, cue.content.split("\n")))
    rewritten.save(str(tmp_path / "example.vtt"))

    def plain(case: ParsedCase) -> list[tuple[str, str, float | None, float | None]]:
        return [(s.speaker, s.text, s.start_s, s.end_s) for s in case.segments]

    assert plain(_read(tmp_path / "example.vtt")) == plain(_read(path))


def test_voice_tags_that_are_never_closed(realdata: Path) -> None:
    case = _read(realdata / "transcripts" / "podcast" / "example.vtt")
    assert [s.speaker for s in case.segments] == ["Sarah", "Gillian"]
    assert "Q&A" in case.segments[0].text
    assert (case.segments[0].start_s, case.segments[0].end_s) == (0.0, 18.63)


PARLIAMENT: Mapping[str, tuple[list[str], str]] = {
    "hc331_2008_young_carers_Q20.txt": (["Annette Brooke", "Kathy Evans"], "Annette Brooke"),
    "hc359i_2008_children_young_persons_bill_angle_brackets.txt": (
        ["Chairman", "Kevin Brennan", "Chairman"],
        "Chairman",
    ),
    "hc75ii_2003_ministerial_review_Q101.txt": (
        ["Chairman", "Margaret Hodge", "Chairman"],
        "Chairman",
    ),
}


@pytest.mark.parametrize("name", PARLIAMENT)
def test_parliament_excerpts_give_their_speakers(realdata: Path, name: str) -> None:
    speakers, asks = PARLIAMENT[name]
    source = read_transcript(realdata / "transcripts/parliament" / name, TranscriptOptions())
    case = _case(source)
    assert [s.speaker for s in case.segments] == speakers
    assert {s.speaker for s in case.segments if s.role == "interviewer"} == {asks}
    assert "Examination" in source.front_matter or "Witness" in source.front_matter
    assert not any(s.text.startswith(("Q", "<", ":")) for s in case.segments)


def test_parts_set_aside_follow_the_case(realdata: Path) -> None:
    path = realdata / "awkward" / "subtitles" / "invalid_timeframe.vtt"
    source = read_transcript(path, TranscriptOptions())
    _, rejection = list(source.items)
    assert isinstance(rejection, Rejection)
    assert rejection.place == "cue 2, line 6"
    assert any("1 set aside" in note for note in source.notes)


# --- further ways in which transcripts come --------------------------------------------------


def test_teams_export_to_word(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("Meeting in May\n3 May 2024, 10:02")
    document.add_paragraph("Jo Hill   0:03\nHow was it?")
    document.add_paragraph("Kerry Dale   0:08\nHard. At 10:30 it was: hard.\nReally: hard.")
    document.add_paragraph("Jo Hill   1:02:03\nAnd now?")
    document.save(str(tmp_path / "a.docx"))
    case = _read(tmp_path / "a.docx")
    assert [(s.speaker, s.text, s.start_s) for s in case.segments] == [
        ("Jo Hill", "How was it?", 3.0),
        ("Kerry Dale", "Hard. At 10:30 it was: hard.\nReally: hard.", 8.0),
        ("Jo Hill", "And now?", 3723.0),
    ]


def test_turns_in_one_paragraph_of_word_parted_by_line_breaks(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("I: How was it?\nM: Hard.\nI: And now?\nM: Fine.")
    document.save(str(tmp_path / "a.docx"))
    assert _turns(tmp_path / "a.docx") == [
        ("I", "How was it?"),
        ("M", "Hard."),
        ("I", "And now?"),
        ("M", "Fine."),
    ]


def test_headings_lists_and_emphasis_of_markdown(tmp_path: Path) -> None:
    text = (
        "# Interview\n\n- UFRN: F1001\n- Date: 3 May\n\n**I:** How *was* it?\n\n"
        "**M:** It was **hard**:\n- long\n- cold\n\n## Part two\n\n**I:** And?\n\n**M:** Fine."
    )
    source = read_transcript(_write(tmp_path, "a.md", text), TranscriptOptions())
    assert source.front_matter == "Interview\n- UFRN: F1001\n- Date: 3 May"
    assert _case(source).ufrn == "F1001"
    assert [(s.speaker, s.text, s.label) for s in _case(source).segments] == [
        ("I", "How *was* it?", ""),
        ("M", "It was **hard**:\n- long\n- cold", ""),
        ("I", "And?", "Part two"),
        ("M", "Fine.", "Part two"),
    ]


def test_comments_and_footnotes_of_word_are_no_words_of_a_turn(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("I: How was it?")
    paragraph = document.add_paragraph("M: Hard.")
    if not hasattr(document, "add_comment"):
        pytest.skip("this python-docx writes no comments")
    document.add_comment(paragraph.runs, text="Check: this", author="A", initials="A")
    document.add_paragraph("I: And?")
    document.add_paragraph("M: Fine.")
    document.save(str(tmp_path / "a.docx"))
    source = read_transcript(tmp_path / "a.docx", TranscriptOptions())
    assert [s.text for s in _case(source).segments] == ["How was it?", "Hard.", "And?", "Fine."]
    assert "1 comment of the margin left out" in source.notes


def test_case_lines_go_to_their_own_reader(tmp_path: Path) -> None:
    case = {
        "id": "i1",
        "kind": "interview",
        "segments": [{"n": 1, "speaker": "Jo", "role": "parent", "text": "Yes."}],
    }
    found = _read(_write(tmp_path, "a.jsonl", json.dumps(case) + "\n"))
    assert (found.case_id, found.segments[0].speaker) == ("i1", "Jo")


LABELS = st.sampled_from(["Interviewer", "Mum", "Kerry Dale", "He said", "Note", "I", ""])
SAID = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=0, max_size=30
)


@given(
    st.lists(st.tuples(LABELS, SAID), min_size=1, max_size=8), st.sampled_from([": ", " - ", "\t"])
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_text_gives_its_words_or_a_clear_error(
    tmp_path: Path, rows: list[tuple[str, str]], sign: str
) -> None:
    path = _write(tmp_path, "a.txt", "\n".join(f"{name}{sign}{said}" for name, said in rows))
    try:
        source = read_transcript(path, TranscriptOptions())
    except QualkitError:
        return
    case = _case(source)
    assert [s.n for s in case.segments] == list(range(1, len(case.segments) + 1))
    whole = path.read_text(encoding="utf-8")
    for segment in case.segments:
        assert segment.text == segment.text.strip() != ""
        # Every line of a turn stands in the file as it is.
        assert all(line in whole for line in segment.text.split("\n"))


def test_a_very_long_line_is_no_trouble(tmp_path: Path) -> None:
    long = "word , - | " * 20_000
    path = _write(tmp_path, "a.txt", f"Interviewer: How?\nMum: {long}\n{long}\nInterviewer: So.")
    assert len(_turns(path)) == 3


@pytest.mark.parametrize(
    "line",
    ["UFRN F2345", "Family: F2345", "family_ref: F2345", "UFRN (family reference): F2345"],
)
def test_reference_in_further_spellings_of_its_line(tmp_path: Path, line: str) -> None:
    assert _read(_write(tmp_path, "a.txt", f"{line}\n\n{PLAIN}")).ufrn == "F2345"


def test_reference_in_a_comment_above_the_first_cue(tmp_path: Path) -> None:
    cue = "00:00:01.000 --> 00:00:02.000\n<v Kerry>Hard."
    path = _write(tmp_path, "a.vtt", f"WEBVTT\n\nNOTE\nInterview\nUFRN: F2345\n\n{cue}\n")
    assert _read(path).ufrn == "F2345"
    assert _turns(path) == [("Kerry", "Hard.")]


def test_speakers_without_a_space_after_the_colon(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt", "Interviewer:How was it?\nKerry:Hard.\nKerry:Very.\n")
    assert _turns(path) == [("Interviewer", "How was it?"), ("Kerry", "Hard."), ("Kerry", "Very.")]


def test_time_behind_the_colon_is_the_turns_time(tmp_path: Path) -> None:
    path = _write(tmp_path, "a.txt", "Interviewer: [00:01:10] How?\nKerry: (01:15) Hard.\n")
    assert _turns(path) == [("Interviewer", "How?"), ("Kerry", "Hard.")]
    assert [segment.start_s for segment in _read(path).segments] == [70.0, 75.0]


def test_speakers_named_once_each_in_a_short_subtitle_file(tmp_path: Path) -> None:
    said = ["Ann: How was it?", "Tell me.", "Kerry: Hard.", "Very hard."]
    cues = [f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n" for n, text in enumerate(said, 1)]
    path = _write(tmp_path, "a.srt", "\n".join(cues))
    assert _turns(path) == [("Ann", "How was it? Tell me."), ("Kerry", "Hard. Very hard.")]
