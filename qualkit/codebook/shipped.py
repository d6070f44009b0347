"""Where the files lie that come with qualkit."""

from __future__ import annotations

from pathlib import Path


def shipped_folder() -> Path:
    """Return the folder of the shipped codebooks: in the package, else beside it."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_shipped" / "codebooks"
    return installed if installed.is_dir() else package.parent / "codebooks"
