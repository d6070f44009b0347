"""Measures with their intervals, as cells and columns of a table."""

from __future__ import annotations

from collections.abc import Iterable

from qualkit.analysis.scores import Measure
from qualkit.model import Column


def measure_cells(result: object, keys: Iterable[str]) -> dict[str, float | None]:
    """Return the measures of a result that are named, each with `_low` and `_high`."""
    cells: dict[str, float | None] = {}
    for key in keys:
        measure: Measure = getattr(result, key)
        cells |= {key: measure.value, f"{key}_low": measure.low, f"{key}_high": measure.high}
    return cells


def written_interval(measure: Measure) -> str:
    """Return an interval in words, as in `0.20 to 0.61`; empty where there is none."""
    if measure.low is None or measure.high is None:
        return ""
    # Adding 0 makes -0.00 into 0.00.
    return f"{round(measure.low, 2) + 0:.2f} to {round(measure.high, 2) + 0:.2f}"


def with_interval(key: str, label: str, spare: int, form: str = "score") -> tuple[Column, ...]:
    """Return the columns of a measure and its interval, whose ends stand in CSV and JSON alone."""
    return (
        Column(key, label, form, spare=spare),
        Column(f"{key}_low", f"{label}, low", form, detail=True),
        Column(f"{key}_high", f"{label}, high", form, detail=True),
    )
