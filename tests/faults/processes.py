"""Real qualkit processes on a project of some thousand cases, and what is in a project."""

from __future__ import annotations

import csv
import fcntl
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from qualkit.project import Project

_INSTALLED = Path(sys.executable).parent / "qualkit"
QUALKIT = (
    [str(_INSTALLED)]
    if _INSTALLED.is_file()
    else [sys.executable, "-c", "from qualkit.cli.main import run; run()"]
)
_WAL_WRITE_LOCK = 120
"""Byte of the -shm file that a writing process locks (SQLite's WAL format)."""

_CODED = ["debts", "arrears", "lonely", "friends", "landlord", "garden"]
_OTHER = ["school", "bus", "money", "walk", "home", "job", "week", "after", "they", "went"]

CODEBOOK = """
codebook: small
version: "{version}"
category: barrier
checks: []
codes:
  - id: isolation
    name: Isolation
    about: any
    patterns: ["=lonely", "{more}"]
  - id: debt
    name: Debt
    about: any
    patterns: ["=debts", "=arrears"]
  - id: housing
    name: Housing
    about: any
    patterns: ["=landlord"]
"""


def write_narratives(path: Path, n_cases: int, version: int = 1) -> None:
    """Write a table of narratives; version 2 changes a third, leaves out and adds a tenth."""
    chance = random.Random(5)
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        questions = ["What changed?", "Why?", "Relevance: Education and learning"]
        rows.writerow(["Case ID", "UFRN", "Quarter", *questions])
        for number in range(n_cases + (n_cases // 10 if version == 2 else 0)):
            first, second = (chance.choices(_OTHER, k=90) for _ in range(2))
            first[number % 80] = chance.choice(_CODED)
            second[number % 70] = chance.choice(_CODED)
            if version == 2 and number % 3 == 0:
                first.insert(3, "later")
            if version == 2 and number % 10 == 7:
                continue
            level = ("very", "fairly", "not")[number % 3]
            texts = [" ".join(words) + "." for words in (first, second)]
            rows.writerow([f"n{number:05}", f"F{number % 500}", f"Q{number % 4}", *texts, level])


def write_codebook(path: Path, version: int = 1) -> None:
    """Write a small codebook; version 2 finds another word as well."""
    text = CODEBOOK.format(version=version, more="=friends" if version == 1 else "=garden")
    path.write_text(text, encoding="utf-8")


def start(*arguments: str | Path, cwd: Path, **options: object) -> subprocess.Popen[str]:
    """Start `qualkit` with these arguments, as a user would."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [*QUALKIT, *map(str, arguments)],
        cwd=cwd,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def run(*arguments: str | Path, cwd: Path, **options: object) -> tuple[int, str, str]:
    """Run `qualkit` to its end; return its exit code and what it printed."""
    process = start(*arguments, cwd=cwd, **options)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def is_writing(project: Path) -> bool:
    """Say whether another process has a write transaction open, without touching the project."""
    try:
        handle = os.open(project.with_name(project.name + "-shm"), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        asked = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _WAL_WRITE_LOCK, 1, 0)
        kind = struct.unpack("hhqqi4x", fcntl.fcntl(handle, fcntl.F_GETLK, asked))[0]
    finally:
        os.close(handle)
    return bool(kind != fcntl.F_UNLCK)


def wait_until_writing(process: subprocess.Popen[str], project: Path) -> bool:
    """Wait for a write transaction of a process; False when it ended without one being seen."""
    while process.poll() is None:
        if is_writing(project):
            return True
        time.sleep(0.001)
    return False


def wait_until_written(process: subprocess.Popen[str], project: Path) -> None:
    """Wait until a process has no write transaction open."""
    while process.poll() is None and is_writing(project):
        time.sleep(0.0005)


def halt(process: subprocess.Popen[str]) -> bool:
    """Stop a process where it is; False if it had ended."""
    if process.poll() is not None:
        return False
    os.kill(process.pid, signal.SIGSTOP)
    state = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return state is not None and state.si_code == os.CLD_STOPPED


def halt_while_writing(process: subprocess.Popen[str], project: Path) -> bool:
    """Stop a process with a write transaction open; False if it ended before that was had."""
    while wait_until_writing(process, project) and halt(process):
        # It may have written the last between the look and the stop.
        if is_writing(project):
            return True
        os.kill(process.pid, signal.SIGCONT)
    return False


def kill(process: subprocess.Popen[str], project: Path) -> tuple[bool, int] | None:
    """Kill a process; None if it had ended.

    It is stopped first, so that the answer holds for the very moment of its death:
    whether a write transaction was open, and how many bytes the log held.
    """
    if not halt(process):
        process.communicate()
        return None
    writing = is_writing(project)
    log = project.with_name(project.name + "-wal")
    logged = log.stat().st_size if log.exists() else 0
    process.kill()
    process.communicate()
    return writing, logged


_DUMP = (
    "SELECT s.name, v.version, v.content_hash, v.n_cases, v.n_segments, v.n_rejected"
    " FROM source_versions v JOIN sources s ON s.id = v.source_key",
    "SELECT c.case_id, c.kind, c.ufrn, f.ufrn, c.withdrawn, c.has_text, c.declared, c.place"
    " FROM cases c LEFT JOIN families f ON f.id = c.family_key",
    "SELECT c.case_id, a.key, a.value FROM case_attributes a JOIN cases c ON c.id = a.case_key",
    "SELECT c.case_id, r.domain, r.level FROM case_relevance r JOIN cases c ON c.id = r.case_key",
    "SELECT c.case_id, s.n, s.label, s.role, s.place, s.text FROM segments s"
    " JOIN cases c ON c.id = s.case_key",
    "SELECT b.name, v.version, v.content_hash FROM codebook_versions v"
    " JOIN codebooks b ON b.id = v.codebook_key",
    "SELECT c.case_id, s.n, k.category, k.code, g.start_char, g.end_char, g.quote, g.score,"
    " p.name, g.rule, g.status, g.flagged FROM codings g JOIN cases c ON c.id = g.case_key"
    " JOIN segments s ON s.id = g.segment_key JOIN codes k ON k.id = g.code_key"
    " JOIN coders p ON p.id = g.coder_key",
    "SELECT b.name, c.case_id FROM coded_cases d JOIN codebooks b ON b.id = d.codebook_key"
    " JOIN cases c ON c.id = d.case_key",
    "SELECT c.case_id, s.n, k.code, d.start_char, d.end_char, p.name, d.verdict FROM decisions d"
    " JOIN segments s ON s.id = d.segment_key JOIN cases c ON c.id = s.case_key"
    " JOIN codes k ON k.id = d.code_key JOIN coders p ON p.id = d.coder_key",
    "SELECT c.case_id, u.n, k.code, u.quote, u.status FROM unplaced_codings u"
    " JOIN cases c ON c.id = u.case_key JOIN codes k ON k.id = u.code_key",
)


def dump(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    """Return all that a project holds, ordered, without row numbers, runs and times."""
    found = []
    for query in _DUMP:
        n_columns = len(connection.execute(f"{query} LIMIT 0").description)
        order = ", ".join(str(number + 1) for number in range(n_columns))
        found.append(connection.execute(f"{query} ORDER BY {order}").fetchall())
    return found


def n_runs(connection: sqlite3.Connection) -> int:
    """Return how many runs the project knows."""
    return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def check_sound(path: Path) -> None:
    """Fail unless SQLite finds the file, its references and its full-text index whole."""
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        assert opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert opened.execute("PRAGMA foreign_key_check").fetchall() == []
        # Rank 1: the index is compared with the segments' texts as well.
        opened.execute(
            "INSERT INTO segments_fts (segments_fts, rank) VALUES ('integrity-check', 1)"
        )


def copy_project(project: Path, folder: Path) -> Path:
    """Copy a closed project into a new folder."""
    folder.mkdir()
    return Path(shutil.copy(project, folder / project.name))


def decide_some(project: Project) -> None:
    """Accept a tenth and reject a tenth of the machine's codings, add one of a person's own."""
    ids = [key for (key,) in project.connection.execute("SELECT id FROM codings ORDER BY id")]
    for key in ids[:400:10]:
        project.decide(key, "accept", "Ann")
    for key in ids[5:400:10]:
        project.decide(key, "reject", "Ann")
    project.add_coding("n00001", 1, "debt", 0, 5, "Ann")
