"""What the running command was told about publishing; read where results are shown."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options --limit and --round of a command with --publish."""

    limit: int
    round_to: int


PUBLISHING: ContextVar[Wanted | None] = ContextVar("publishing", default=None)
"""None unless the command was given --publish."""
