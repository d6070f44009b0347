"""qualkit: qualitative evidence, from files to ranked, linked and traceable tables.

from qualkit import Project
Project("qualkit.db").top("barrier", domain="physical-health").to_frame()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualkit.project import Project

__version__ = "0.4.0"
__all__ = ["Project", "__version__"]


def __getattr__(name: str) -> Any:
    """Load `Project` when it is asked for, so that `import qualkit` is quick."""
    if name == "Project":
        from qualkit.project import Project

        return Project
    raise AttributeError(f"module 'qualkit' has no attribute {name!r}")
