"""Segments in, proposed codings out: rules, the checks around their hits, and the engine."""

from __future__ import annotations

from qualkit.coding.engine import Judged, RuleCoder

__all__ = ["Judged", "RuleCoder"]
