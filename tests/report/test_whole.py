from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from qualkit.errors import QualkitError
from qualkit.report.files import export_rows
from qualkit.report.whole import replace_whole, write_whole

ENDINGS = [".csv", ".tsv", ".json", ".jsonl", ".xlsx"]


def _write(path: Path, text: str = "new") -> None:
    write_whole(path, lambda out: out.write(text))


@pytest.mark.parametrize("ending", ENDINGS)
def test_only_the_owner_may_read_what_is_written(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    path.write_text("old")
    path.chmod(0o644)
    export_rows(path, ["text"], [{"text": "words"}])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ENDINGS)
def test_error_on_the_way_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    path.write_text("old")

    def rows():
        yield {"text": "one"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_rows(path, ["text"], rows())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_file_is_on_the_disk_before_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append("sync"), sync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda a, b: (order.append("move"), replace(a, b))[1])
    _write(tmp_path / "out.csv")
    assert order[:2] == ["sync", "move"]


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: path.mkdir(), "a folder of that name"),
        (lambda path: os.mkfifo(path), "no file"),
        (lambda path: path.symlink_to(path.parent / "none" / "x"), "no folder"),
    ],
)
def test_target_that_is_no_file_is_refused(
    tmp_path: Path, make: Callable[[Path], None], found: str
) -> None:
    path = tmp_path / "out.csv"
    make(path)
    with pytest.raises(QualkitError, match="cannot be written") as caught:
        _write(path)
    assert found in caught.value.found
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(QualkitError) as caught:
        _write(tmp_path / "none" / "out.csv")
    assert caught.value.found == f"no folder '{tmp_path / 'none'}'"


def test_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    link.symlink_to(real)
    _write(link)
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_full_disk_says_how_much_is_free(tmp_path: Path) -> None:
    def fail(out: IO[str]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(QualkitError) as caught:
        write_whole(tmp_path / "out.csv", fail)
    assert caught.value.found.startswith("No space left on device (")
    assert "MB free" in caught.value.found
    assert list(tmp_path.iterdir()) == []


def test_other_errors_are_not_taken_for_the_disks(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace_whole(tmp_path / "out.csv", fail)
    assert list(tmp_path.iterdir()) == []


LIMITED = """
import resource, signal, sys
from pathlib import Path
from qualkit.errors import QualkitError
from qualkit.report.files import export_rows
import lxml.etree, openpyxl
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
rows = ({"text": "%032x" % (7 ** i % 2 ** 128) * 8} for i in range(3000))
try:
    export_rows(Path(sys.argv[1]), ["text"], rows)
except QualkitError as error:
    print(error.message)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits of Linux")
@pytest.mark.parametrize("ending", ENDINGS)
def test_file_that_the_disk_cannot_hold_is_one_clear_error(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("the file cannot be written\n")
    assert "to do: free some space" in done.stdout
    assert done.stderr == ""
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


FULL = """
import sys
from pathlib import Path
from qualkit.errors import QualkitError
from qualkit.report.files import export_rows
rows = ({"text": "%032x" % (7 ** i % 2 ** 128) * 8} for i in range(9000))
try:
    export_rows(Path(sys.argv[1]), ["text"], rows)
except QualkitError as error:
    print(error.found)
"""


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_drive_that_is_full_is_one_clear_error(tmp_path: Path, ending: str) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(tmp_path)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs to be allowed to mount a small drive")
    try:
        path = tmp_path / f"out{ending}"
        path.write_text("old")
        done = subprocess.run(
            [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("No space left on device (0 MB free")
        assert done.stderr == ""
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


PROTECTED = """
import os, sys
from pathlib import Path
from qualkit.errors import QualkitError
from qualkit.report.files import export_rows
if os.geteuid() == 0:
    os.setuid(65534)
for name in ("folder/out.csv", "file.csv"):
    try:
        export_rows(Path(sys.argv[1], name), ["text"], [{"text": "words"}])
    except QualkitError as error:
        print(error.found)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_protected_folder_and_file_are_refused() -> None:
    # Outside pytest's folders, which another user may not enter.
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "folder").mkdir(mode=0o555)
        (top / "file.csv").write_text("old")
        (top / "file.csv").chmod(0o444)
        top.chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", PROTECTED, name], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines() == [
            "Permission denied",
            "a file that is protected against writing",
        ]
        assert (top / "file.csv").read_text() == "old"
        assert list((top / "folder").iterdir()) == []
