"""What every store module must know of the schema, beside its SQL."""

from __future__ import annotations

from qualkit.model import Relevance

VERSION = 8
"""Number of migrations a current project has; kept in PRAGMA user_version."""

APPLICATION_ID = 0x714B6974
"""'qKit': marks the file as a qualkit project (PRAGMA application_id)."""

MACHINE_KEY = 1
"""Row of the one machine coder, `qualkit`."""

CONSENSUS = "consensus"
"""The rule of a coding that was added as what coders agreed on: nobody's blind work."""

LEVELS = {Relevance.NOT: 0, Relevance.FAIRLY: 1, Relevance.VERY: 2}
"""How declared relevance is kept."""
