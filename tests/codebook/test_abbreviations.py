"""Abbreviations and misspellings: the file, the variants of forms, texts written out."""

from __future__ import annotations

import pytest

from qualkit.codebook.abbreviations import (
    abbreviations_beside,
    endings,
    load_abbreviations,
    load_shipped_abbreviations,
)
from qualkit.codebook.compile import compile_codebook
from qualkit.codebook.load import load_codebook, shipped_codebooks
from qualkit.codebook.variants import Variants
from qualkit.errors import CodebookError

BOOK = """\
codebook: notes
category: enabler
codes:
  - id: health
    patterns:
      - match: "health visitor"
        needs: ["appointment"]
"""


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("hv", "health visitor"),
        ("chn", "children"),
        ("yp", "young person"),
        ("ref'd", "referred"),
        ("appt", "appointment"),
        ("dv", "domestic violence"),
        ("sw", "social worker"),
        ("ctax", "council tax"),
        ("wk", "week"),
        ("=SALT", "speech and language therapy"),
        ("recieve", "receive"),
        ("definately", "definitely"),
    ],
)
def test_shipped_file_holds_what_notes_write(short, long):
    assert load_shipped_abbreviations()[short] == long


def test_shipped_file_is_no_codebook_and_of_the_size_meant():
    assert "abbreviations" not in {path.stem for path in shipped_codebooks()}
    assert 150 <= len(load_shipped_abbreviations()) <= 250


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("yp", "young person", {("yp", "young person"), ("yps", "young people")}),
        ("ref'd", "referred", {("ref'd", "referred")}),
        ("w/", "with", {("w/", "with")}),
        ("boundry", "boundary", {("boundry", "boundary"), ("boundries", "boundaries")}),
    ],
)
def test_endings_follow_by_themselves(short, long, expected):
    assert expected <= set(endings(short, long))


FAULTY = """\
hv: health visitor
J: child
will: a will
SALT: speech therapy
=salt: speech therapy
two words: two
dv: Domestic violence!
hv: home visit
tac: [a, b]
wk: wk
"""


def test_every_fault_is_reported_with_its_line(write):
    with pytest.raises(CodebookError) as caught:
        load_abbreviations(write(FAULTY, "abbreviations.yaml"))
    assert [problem.line for problem in caught.value.problems] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    told = " ".join(problem.text for problem in caught.value.problems)
    for words in ("one letter", "=WILL", "=SALT", "one word", "small letters", "twice", "itself"):
        assert words in told


def test_faults_of_codebook_and_abbreviations_come_together(write):
    write("J: child\n", "abbreviations.yaml")
    with pytest.raises(CodebookError) as caught:
        load_codebook(write(BOOK + "titel: x\n"), {}, {})
    files = [problem.file.rpartition("/")[2] for problem in caught.value.problems]
    assert files == ["book.yaml", "abbreviations.yaml"]


def test_own_file_adds_overrides_and_takes_out(write):
    write("hv: home visit\ndv:\nfoo: family support\n", "abbreviations.yaml")
    known = abbreviations_beside(write(BOOK), {"hv": "health visitor", "dv": "violence"})
    assert known == {"hv": "home visit", "foo": "family support"}


def test_hash_changes_with_the_abbreviations(write):
    path = write(BOOK)
    first = load_codebook(path, {}, {"hv": "health visitor"}).content_hash
    assert load_codebook(path, {}, {"hv": "health visitor"}).content_hash == first
    assert load_codebook(path, {}, {"hv": "home visit"}).content_hash != first
    write("foo: family support\n", "abbreviations.yaml")
    assert load_codebook(path, {}, {"hv": "health visitor"}).content_hash != first


def test_rules_get_short_forms_in_parts_and_conditions(write):
    compiled = compile_codebook(load_codebook(write(BOOK), {}))
    (rule,) = compiled.rules
    assert {"health visitor", "hv", "hvs"} <= set(rule.parts[0])
    assert {"appointment", "appt", "appts"} <= set(rule.needs)
    (plain,) = compile_codebook(load_codebook(write(BOOK), {}), {}).rules
    assert "hv" not in plain.parts[0]


def test_variants_stand_at_every_place_and_keep_the_owner():
    variants = Variants({"hv": "health visitor", "chn": "children", "w/": "with"})
    assert variants.of_forms(["health visitor with children"]) == {
        "hv with children", "hv w/ children", "hv with chn", "hv w/ chn",
        "health visitor w/ children", "health visitor with chn", "health visitor w/ chn",
    }  # fmt: skip
    assert variants.of_forms(["health visitor's"]) == {"hv's"}
    assert variants.of_forms(["visitor", "health"]) == set()


def test_short_forms_with_capitals_stand_alone():
    variants = Variants({"=OT": "occupational therapist"})
    assert variants.of_forms(["occupational therapist"]) == {"OT"}
    assert variants.of_forms(["saw occupational therapist"]) == set()


def test_forms_stay_within_the_limit():
    variants = Variants({"hv": "health visitor"})
    forms = ("health visitor", "midwife")
    assert variants.added(forms, 3) == ("health visitor", "hv", "midwife")
    assert variants.added(forms, 2) == forms
