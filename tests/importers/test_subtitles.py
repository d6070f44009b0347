"""Subtitle files: cues, times, markup, and what a user sees of faulty ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualkit.errors import SourceFormatError
from qualkit.importers.cueturns import turns_of_cues
from qualkit.importers.subtitles import (
    Cue,
    parse_subtitles,
    read_subtitles,
    strip_tags,
    to_seconds,
    voice_spans,
)


@pytest.fixture(scope="session")
def awkward(realdata: Path) -> Path:
    return realdata / "awkward" / "subtitles"


# Every sample file: the numbers that its cues carry as text (#1, #2 ...), the places set aside.
NUMBERED: dict[str, tuple[list[int], list[str]]] = {
    "captions_with_bom.vtt": ([1, 2, 3, 4], []),
    "invalid.vtt": ([1, 2, 3, 4, 5, 6, 7], []),
    "invalid_timeframe.sbv": ([1, 2, 4, 5], ["cue 3, line 7"]),
    "invalid_timeframe.srt": ([1, 2, 3, 4, 5], []),
    "invalid_timeframe.vtt": ([1, 3, 4, 5, 6, 7], ["cue 2, line 6"]),
    "invalid_timeframe_in_cue_text.vtt": ([1, 2, 3], []),
    "metadata_headers.vtt": ([1, 2], []),
    "metadata_headers_multiline.vtt": ([1, 2], []),
    "missing_caption_text.sbv": ([1, 3, 4, 5], []),
    "missing_caption_text.srt": ([1, 3, 4, 5], []),
    "missing_caption_text.vtt": ([1, 3, 4, 5], []),
    "missing_timeframe.sbv": ([1, 3, 4, 5], ["line 4"]),
    "missing_timeframe.srt": ([1, 3, 4, 5], ["line 5"]),
    "missing_timeframe.vtt": ([1, 3, 4, 5, 6, 7], ["line 6"]),
    "one_caption.srt": ([1], []),
    "one_caption.vtt": ([1], []),
    "sample.sbv": ([1, 2, 3, 4, 5], []),
    "sample.srt": ([1, 2, 3, 4, 5], []),
    "sample.vtt": (list(range(1, 17)), []),
    "two_captions.sbv": ([1, 2], []),
    "using_identifiers.vtt": ([1, 2, 3, 4, 5, 6], []),
}
# Samples that a strict reader reads in full, with markup, comments and styles.
SOUND = ["comments.vtt", "cue_tags.vtt", "styles.vtt", "sample.vtt", "using_identifiers.vtt"]
REFUSED = [
    "empty.vtt",
    "invalid_format.sbv",
    "invalid_format1.srt",
    "invalid_format2.srt",
    "invalid_format3.srt",
    "invalid_format4.srt",
    "no_captions.vtt",
]
LONG = "netflix_chicas_del_cable.vtt"
ROLLING = "youtube_dl.vtt"


@pytest.mark.parametrize("name", NUMBERED)
def test_sample_files_give_their_words(awkward: Path, name: str) -> None:
    numbers, places = NUMBERED[name]
    found = read_subtitles(awkward / name)
    texts = [strip_tags(cue.text) for cue in found.cues]
    assert [int(re.findall(r"#(\d+)", text)[0]) for text in texts] == numbers
    assert not any("-->" in text or text[0].isdigit() for text in texts)
    assert [rejection.place for rejection in found.rejections] == places


@pytest.mark.parametrize("name", REFUSED)
def test_sample_files_without_subtitles_are_refused(awkward: Path, name: str) -> None:
    with pytest.raises(SourceFormatError) as caught:
        read_subtitles(awkward / name)
    assert caught.value.to_do
    assert "text" not in caught.value.found


def test_every_sample_file_is_decided(awkward: Path) -> None:
    names = {path.name for path in awkward.iterdir() if path.name != "LICENSE"}
    assert names == {*NUMBERED, *SOUND, *REFUSED, LONG, ROLLING}


def test_a_film_keeps_its_cues_and_remarks(awkward: Path) -> None:
    found = read_subtitles(awkward / LONG)
    assert len(found.cues) == (awkward / LONG).read_text(encoding="utf-8").count("-->")
    assert strip_tags(found.cues[0].text).startswith("[Alba] ")
    assert not any("<" in strip_tags(cue.text) for cue in found.cues)
    # A name in brackets now and then is no way of writing every speaker.
    assert {turn.speaker for turn in turns_of_cues(found.cues).items} == {""}


def test_rolling_captions_say_each_line_once(awkward: Path) -> None:
    found = read_subtitles(awkward / ROLLING)
    # Four cues of one, two, one and one lines; the first line of the second and
    # the line of the fourth repeat the line before.
    assert [len(cue.text.split("\n")) for cue in found.cues] == [1, 1, 1]
    assert [cue.start_s for cue in found.cues] == [286.07, 286.47, 304.08]
    assert found.notes == ["2 lines that rolling captions repeat left out"]


def test_what_is_set_aside_keeps_its_words_and_not_in_the_reason() -> None:
    found = parse_subtitles("WEBVTT\n\n00:0x --> 00:02.000\nPrivate words\n", ".vtt")
    (rejection,) = found.rejections
    assert rejection.fields == {"time": "00:0x --> 00:02.000", "text": "Private words"}
    assert "Private" not in rejection.reason


def test_notes_say_what_was_left_out(awkward: Path) -> None:
    assert read_subtitles(awkward / "missing_caption_text.vtt").notes == [
        "1 cue without words left out"
    ]
    assert "WEBVTT is missing" in read_subtitles(awkward / "invalid.vtt").notes[0]
    assert read_subtitles(awkward / "comments.vtt").notes == ["2 comments (NOTE) left out"]


def test_header_is_kept(awkward: Path) -> None:
    assert read_subtitles(awkward / "metadata_headers.vtt").header == "Kind: captions\nLanguage: en"


def test_words_that_look_like_numbers_and_times_stay_words() -> None:
    time_line = "00:00:0{0},000 --> 00:00:0{0},900"
    words = "Bus\n5\n10.12.2017 it came\n\n12:30:15 it left"
    lines = ["1", time_line.format(1), words, "", "2", time_line.format(2), "Yes"]
    found = parse_subtitles("\n".join(lines), ".srt")
    assert [cue.text for cue in found.cues] == [
        "Bus\n5\n10.12.2017 it came\n12:30:15 it left",
        "Yes",
    ]
    found = parse_subtitles("0:00:01.000,0:00:02.000\nthis --> that", ".sbv")
    assert [cue.text for cue in found.cues] == ["this --> that"]


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("00:00:01.500", 1.5),
        ("00:00:01,500", 1.5),
        ("01:00.250", 60.25),
        ("1:02:03.004", 3723.004),
        ("100:00:00.000", 360000.0),
        ("0:03", 3.0),
        ("00:00:01.5", 1.5),
        # Teams wrote thousandths without their zeros.
        ("0:0:10.20", 10.02),
        ("0:0:0.0", 0.0),
        ("0:1:2.110", 62.11),
        ("0:0:-6.-820", None),
        ("00:00:75.000", None),
        ("00:61:00.000", None),
    ],
)
def test_times(stamp: str, seconds: float | None) -> None:
    assert to_seconds(stamp) == seconds


@given(st.integers(0, 10**9))
def test_times_come_back_to_the_thousandth(milliseconds: int) -> None:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, hours = seconds // 60 % 60, seconds // 3600
    for point in ".,":
        stamp = f"{hours:02}:{minutes:02}:{seconds % 60:02}{point}{thousandths:03}"
        assert to_seconds(stamp) == milliseconds / 1000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<b>Yes</b> &amp; <i.loud>no</i>", "Yes & no"),
        ("a <00:17.500>b<00:00:19.000><c> c</c>", "a b c"),
        ("{\\an8}Up here", "Up here"),
        ("1 &lt; 2 and 2 < 3", "1 < 2 and 2 < 3"),
        ('<font color="red">Red</font>', "Red"),
        (" a \n b ", "a\nb"),
    ],
)
def test_markup_is_removed_and_entities_decoded(text: str, words: str) -> None:
    assert strip_tags(text) == words


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("<v Jo Hill>Hello.</v>", [("Jo Hill", "Hello.")]),
        ("<v Jo>Hello.", [("Jo", "Hello.")]),
        ("<v.loud.first Jo>Hello.</v>", [("Jo", "Hello.")]),
        ("<v Jo>Hello.</v> <v Ann>Hi.</v>", [("Jo", "Hello."), ("Ann", "Hi.")]),
        ("<v A &amp; B>Hello.", [("A & B", "Hello.")]),
        ("Hm. <v Jo>Hello.", [(None, "Hm."), ("Jo", "Hello.")]),
        ("Hello.", [(None, "Hello.")]),
    ],
)
def test_voice_tags_name_the_speaker(text: str, spans: list[tuple[str | None, str]]) -> None:
    assert list(voice_spans(text)) == spans


# --- turns -----------------------------------------------------------------------------


def _turns(*texts: str) -> list[tuple[str, str]]:
    cues = [Cue(text, f"cue {n}", "", float(n), n + 0.5) for n, text in enumerate(texts)]
    return [(turn.speaker, turn.text) for turn in turns_of_cues(cues).items]


def test_consecutive_cues_of_a_speaker_merge_with_a_space() -> None:
    cues = [Cue("<v Jo>One", "cue 1", "", 1.0, 2.0), Cue("<v Jo>two\nthree", "cue 2", "", 2.0, 3.5)]
    (turn,) = turns_of_cues(cues).items
    assert (turn.speaker, turn.text, turn.start_s, turn.end_s) == ("Jo", "One two three", 1.0, 3.5)


def test_a_name_on_the_first_cue_of_a_run_carries_on() -> None:
    texts = ("Jo: One", "two", "three", "Ann: Four", "five", "Jo: Six", "seven", "Ann: Eight", "n")
    assert _turns(*texts) == [
        ("Jo", "One two three"),
        ("Ann", "Four five"),
        ("Jo", "Six seven"),
        ("Ann", "Eight n"),
    ]


def test_a_cue_without_a_name_is_somebody_else_where_every_cue_has_one() -> None:
    texts = ("Jo: One", "Jo: two", "Jo: three", "Hm", "Ann: Four", "Ann: five")
    assert _turns(*texts) == [("Jo", "One two three"), ("", "Hm"), ("Ann", "Four five")]


def test_two_speakers_in_one_cue_are_two_turns() -> None:
    assert _turns("Jo: One?\nAnn: Two.", "Jo: Three?\nAnn: Four.") == [
        ("Jo", "One?"),
        ("Ann", "Two."),
        ("Jo", "Three?"),
        ("Ann", "Four."),
    ]


def test_without_any_speaker_every_cue_is_a_turn() -> None:
    assert _turns("One", "two") == [("", "One"), ("", "two")]


def test_a_colon_within_the_words_of_a_cue_is_no_speaker() -> None:
    assert _turns("He said: no.", "Note: this", "Then: that") == [
        ("", "He said: no."),
        ("", "Note: this"),
        ("", "Then: that"),
    ]


WORD = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


@given(
    st.lists(
        st.tuples(st.sampled_from(["Jo", "Ann Hill", ""]), st.lists(WORD, min_size=1, max_size=4)),
        min_size=1,
        max_size=6,
    )
)
def test_vtt_and_srt_of_the_same_cues_give_the_same_turns(
    cues: list[tuple[str, list[str]]],
) -> None:
    vtt, srt = ["WEBVTT\n"], []
    for n, (speaker, words) in enumerate(cues):
        said = (f"{speaker}: " if speaker else "") + "\n".join(words)
        vtt.append(f"00:00:{n:02}.000 --> 00:00:{n:02}.900\n{said}\n")
        srt.append(f"{n + 1}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{said}\n")
    one = turns_of_cues(parse_subtitles("\n".join(vtt), ".vtt").cues)
    two = turns_of_cues(parse_subtitles("\n".join(srt), ".srt").cues)

    def plain(turns: object) -> list[tuple[object, ...]]:
        return [(t.speaker, t.text, t.start_s, t.end_s) for t in turns.items]  # type: ignore[attr-defined]

    assert plain(one) == plain(two)


@pytest.mark.parametrize("name", SOUND)
def test_cues_are_those_of_webvtt_py(awkward: Path, name: str) -> None:
    webvtt = pytest.importorskip("webvtt")
    expected = [
        (caption.start_in_seconds, [line.strip() for line in caption.text.split("\n")])
        for caption in webvtt.read(str(awkward / name))
    ]
    found = read_subtitles(awkward / name).cues
    # webvtt-py gives whole seconds.
    assert [(int(cue.start_s or 0), strip_tags(cue.text).split("\n")) for cue in found] == expected


def test_cues_are_those_of_srt(realdata: Path) -> None:
    srt = pytest.importorskip("srt")
    path = realdata / "transcripts" / "podcast" / "example.srt"
    expected = [
        (cue.start.total_seconds(), cue.end.total_seconds(), cue.content)
        for cue in srt.parse(path.read_text(encoding="utf-8"))
    ]
    found = read_subtitles(path).cues
    assert [(cue.start_s, cue.end_s, cue.text) for cue in found] == expected


PIECES = st.sampled_from(
    [
        "WEBVTT",
        "NOTE x",
        "",
        "1",
        "00:00:01.000 --> 00:00:02.000",
        "00:00:01,000 --> 00:00:02,000",
        "0:00:01.000,0:00:02.000",
        "0:0:-6.-820 --> 0:0:8.970",
        "x --> y",
        "<v Jo>word",
        "Jo: word",
        "word word",
        "<c",
    ]
)


@given(st.lists(PIECES, max_size=14), st.sampled_from([".vtt", ".srt", ".sbv"]))
def test_no_line_is_lost_unseen(lines: list[str], ending: str) -> None:
    found = parse_subtitles("\n".join(lines), ending)
    kept = "\n".join(
        [cue.text for cue in found.cues]
        + [text for rejection in found.rejections for text in rejection.fields.values()]
        + [cue.ident for cue in found.cues]
        + [found.header]
    )
    assert kept.count("word word") >= _said(lines, ending)
    turns_of_cues(found.cues)


def _said(lines: list[str], ending: str) -> int:
    """Count the lines of words, but for those in comments and beside the ids of cues."""
    if ending == ".vtt" and "NOTE x" in lines:
        return 0
    times = {n for n, line in enumerate(lines) if "-->" in line or ",0:" in line}
    # A line alone before a time is the cue's id.
    return sum(line == "word word" and n + 1 not in times for n, line in enumerate(lines))
