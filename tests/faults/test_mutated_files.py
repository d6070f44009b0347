"""No mutated file hurts: 3,000 of every format end in rows, set-aside rows or a clear refusal."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults.file_bases import COMMANDS, real_files, sound_files
from faults.file_mutations import mutate
from faults.file_runs import MOST_SECONDS, Outcome, judge, new_project, run_all

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the watchdog needs Linux's limits and signals"
)

N_FILES = 3_000
SEED = 20_240_501
GOOD = ("rows", "set aside", "refused")
REALDATA = Path(__file__).resolve().parents[3] / "shared" / "realdata" / "awkward"


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """Put the signal's handler back, which `judge` needs."""

    def ring(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"more than {MOST_SECONDS} s")

    before = signal.signal(signal.SIGPROF, ring)
    yield
    signal.signal(signal.SIGPROF, before)


def _table(outcomes: list[Outcome]) -> str:
    counts = Counter((each.ending, each.how) for each in outcomes)
    hows = [*GOOD, *sorted({each.how for each in outcomes} - set(GOOD))]
    lines = ["ending  " + "  ".join(f"{how:>9}" for how in hows)]
    for ending in sorted({each.ending for each in outcomes}):
        lines.append(f"{ending:7} " + "  ".join(f"{counts[ending, how]:9}" for how in hows))
    slowest = max(outcomes, key=lambda each: each.seconds)
    return "\n".join([*lines, f"slowest: {slowest.seconds:.1f} s (file {slowest.seed})"])


def test_sound_files_are_read_by_some_command(tmp_path: Path) -> None:
    # Otherwise mutations would only show that what is refused stays refused.
    template = new_project(tmp_path)
    for base in sound_files():
        path = tmp_path / f"F1001 visit{base.ending}"
        path.write_bytes(base.data)
        ends = [judge(template, command, path).how for command in COMMANDS[base.ending]]
        assert "rows" in ends or (base.ending, ends[0]) == (".xlsx", "set aside"), base.ending


def test_real_files_end_well_by_every_command(realdata: Path, tmp_path: Path) -> None:
    template = new_project(tmp_path)
    bases = real_files(realdata / "awkward")
    assert len(bases) > 60
    for n, base in enumerate(bases):
        path = tmp_path / f"{n}{base.ending}"
        path.write_bytes(base.data)
        for command in COMMANDS[base.ending]:
            outcome = judge(template, command, path)
            assert outcome.how in GOOD, (n, outcome)


def test_one_number_gives_one_file() -> None:
    bases = sound_files()
    assert {base.ending for base in bases} == set(COMMANDS)
    assert [mutate(n, bases) for n in range(40)] == [mutate(n, bases) for n in range(40)]


def test_watchdog_notices_what_it_is_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = new_project(tmp_path)
    path = tmp_path / "a.txt"
    path.write_text("words")

    def end_in(act: object) -> str:
        monkeypatch.setattr("faults.file_runs.run_import", act)
        return judge(template, "document", path).how

    def defect(*_: object) -> None:
        raise KeyError("a defect")

    def grow(*_: object) -> None:
        bytearray(2_000_000_000)

    def write(project: object, *_: object) -> None:
        project.connection.execute("DELETE FROM segments")  # type: ignore[attr-defined]
        project.import_document(path.with_name("none.txt"))  # type: ignore[attr-defined]

    assert end_in(defect) == "error"
    assert end_in(grow) == "memory"
    assert end_in(write) == "harm"


def test_mutated_files_end_in_rows_or_a_clear_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = new_project(tmp_path)
    realdata = REALDATA if REALDATA.is_dir() else None
    outcomes = list(run_all(range(SEED, SEED + N_FILES), template, realdata))
    with capsys.disabled():
        print("\n" + _table(outcomes))  # noqa: T201 (what CI is to show)
    faults = [each for each in outcomes if each.how not in GOOD]
    shown = "\n\n".join(
        f"file {each.seed}, import {each.command}, {each.ending}: {each.how}\n{each.what}"
        for each in faults[:5]
    )
    assert not faults, f"{len(faults)} of {len(outcomes)}\n{shown}"
    assert len(outcomes) == N_FILES
    # Every format is both read and refused, so neither is all that the importers do.
    for ending in COMMANDS:
        ends = {each.how for each in outcomes if each.ending == ending}
        assert "refused" in ends, ending
        assert ends & {"rows", "set aside"}, ending
