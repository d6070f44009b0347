"""What the tests of commands share: how a command is run, and what a clear error is."""

from __future__ import annotations

from collections.abc import Callable

Run = Callable[..., tuple[int, str, str]]
"""Runs qualkit with these words; gives (exit code, out, err)."""


def clear(err: str, *said: str) -> bool:
    """Say whether an error is one message, without a traceback, that says these things."""
    return err.startswith("qualkit: ") and "Traceback" not in err and all(s in err for s in said)
