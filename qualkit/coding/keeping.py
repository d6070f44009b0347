"""A bench as plain arrays and settings, and back: no pickled objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.learned import METHODS, Bench, Kernel
from qualkit.coding.words import N_FEATURES, WordFeatures

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]


def bench_arrays(bench: Bench) -> dict[str, Array]:
    """Return the arrays of a bench; planes only where a feature counts, in half precision."""
    import numpy

    rows = numpy.flatnonzero(numpy.abs(bench.words).max(axis=1) > 0)
    arrays = {
        "idf": bench.features.weights,
        "rows": rows.astype(numpy.int32),
        "words": bench.words[rows].astype(numpy.float16),
        "words_offset": bench.words_offset,
    }
    if bench.kernel is not None:
        arrays["basis"] = bench.kernel.basis.astype(numpy.float16)
        arrays["kernel_weights"] = bench.kernel.weights
        arrays["kernel_offsets"] = bench.kernel.offsets
    if bench.untried is not None:
        arrays["untried"] = bench.untried.astype(numpy.int8)
    for method in METHODS:
        arrays[f"mix_{method}"] = bench.mixes[method]
        arrays[f"calibration_{method}"] = bench.calibrations[method]
        arrays[f"threshold_{method}"] = bench.thresholds[method]
    return arrays


def bench_settings(bench: Bench) -> dict[str, Any]:
    """Return what of a bench is no array."""
    return {"whole": bench.whole, "codes": [list(code) for code in bench.codes]}


def read_benches(settings: Sequence[Mapping[str, Any]], arrays: Mapping[str, Array]) -> list[Bench]:
    """Return benches whose arrays are named `number.name`, in order of their settings."""
    return [
        read_bench(
            own,
            {
                name.removeprefix(f"{number}."): array
                for name, array in arrays.items()
                if name.startswith(f"{number}.")
            },
        )
        for number, own in enumerate(settings)
    ]


def read_bench(settings: Mapping[str, Any], arrays: Mapping[str, Array]) -> Bench:
    """Return the bench that `bench_arrays` and `bench_settings` describe."""
    import numpy

    codes = tuple((category, code) for category, code in settings["codes"])
    words = numpy.zeros((N_FEATURES, len(codes)), numpy.float32)
    words[arrays["rows"]] = arrays["words"]
    kernel = None
    if "basis" in arrays:
        kernel = Kernel(
            arrays["basis"].astype(numpy.float32),
            arrays["kernel_weights"],
            arrays["kernel_offsets"],
        )
    return Bench(
        whole=bool(settings["whole"]),
        codes=codes,
        features=WordFeatures(arrays["idf"]),
        words=words,
        words_offset=arrays["words_offset"],
        kernel=kernel,
        mixes={method: arrays[f"mix_{method}"] for method in METHODS},
        calibrations={method: arrays[f"calibration_{method}"] for method in METHODS},
        thresholds={method: arrays[f"threshold_{method}"] for method in METHODS},
        untried=arrays["untried"].astype(bool) if "untried" in arrays else None,
    )
