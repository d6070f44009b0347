"""A bench as plain arrays and settings, and back."""

from __future__ import annotations

import json

import numpy
import pytest

from qualkit.coding.keeping import bench_arrays, bench_settings, read_bench, read_benches
from qualkit.coding.learned import METHODS, Bench, Kernel
from qualkit.coding.passages import Passage
from qualkit.coding.words import N_FEATURES, WordFeatures

CODES = (("barrier", "debt"), ("outcome", "calm"))
TEXTS = ("They owed rent.", "He slept well, and felt calm.", "A blue bus.")
PASSAGES = [Passage("How?", text, ((0, len(text)),), "parent") for text in TEXTS]


def make_bench(seed: int = 0, *, whole: bool = False, meaning: bool = True) -> Bench:
    """A bench of chance numbers, planes in every thousandth column and those of the texts."""
    random = numpy.random.default_rng(seed)

    def numbers(*shape: int) -> numpy.ndarray:
        return random.normal(size=shape).astype(numpy.float32)

    features = WordFeatures(numpy.ones(N_FEATURES, numpy.float32))
    used = features.transform(PASSAGES).indices
    words = numpy.zeros((N_FEATURES, 2), numpy.float32)
    words[::1000] = numbers(len(words[::1000]), 2)
    words[used] = numbers(len(used), 2)
    return Bench(
        whole,
        CODES,
        features,
        words,
        numbers(2),
        Kernel(vectors(seed + 1, 6), numbers(6, 2), numbers(2)) if meaning else None,
        {method: numbers(5, 2) for method in METHODS},
        {method: numbers(2, 2) for method in METHODS},
        {"model": numpy.array([0.5, numpy.inf]), "both": numpy.array([0.25, 0.75])},
    )


def vectors(seed: int, n: int) -> numpy.ndarray:
    made = numpy.random.default_rng(seed).normal(size=(n, 8)).astype(numpy.float32)
    return made / numpy.linalg.norm(made, axis=1, keepdims=True)


def kept_and_read(bench: Bench) -> Bench:
    """The bench after its settings went through JSON and its arrays through bytes."""
    arrays = {
        name: numpy.frombuffer(a.tobytes(), a.dtype).reshape(a.shape)
        for name, a in bench_arrays(bench).items()
    }
    return read_bench(json.loads(json.dumps(bench_settings(bench))), arrays)


def probabilities(bench: Bench, method: str) -> numpy.ndarray:
    words, meaning = bench.evidence(PASSAGES, vectors(5, 3) if bench.kernel else None)
    rules = numpy.array([[0.0, 0.8]] * 3, numpy.float32)
    return bench.probability(method, bench.log_odds(method, words, meaning, rules))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("meaning", [True, False], ids=["vectors", "words alone"])
def test_probabilities_are_the_same_within_half_precision(method: str, meaning: bool) -> None:
    bench = make_bench(meaning=meaning)
    # Half precision keeps 11 bits: numbers of about 1 to within 2^-11, weighed and added.
    expected = probabilities(bench, method)
    assert probabilities(kept_and_read(bench), method) == pytest.approx(expected, abs=0.01)


def test_codes_and_thresholds_come_back_as_they_were() -> None:
    bench = make_bench(whole=True)
    read = kept_and_read(bench)
    assert (read.whole, read.codes) == (True, CODES)
    for method in METHODS:
        assert read.thresholds[method].tolist() == bench.thresholds[method].tolist()
        assert (read.mixes[method] == bench.mixes[method]).all()


def test_planes_are_kept_only_where_a_feature_counts() -> None:
    bench = make_bench()
    arrays = bench_arrays(bench)
    counting = numpy.flatnonzero(bench.words.any(axis=1))
    assert arrays["rows"].tolist() == counting.tolist()
    assert arrays["words"].shape == (len(counting), 2)
    assert len(counting) < N_FEATURES / 100


def test_bench_without_vectors_has_no_kernel_to_keep() -> None:
    bench = make_bench(meaning=False)
    assert not {"basis", "kernel_weights", "kernel_offsets"} & set(bench_arrays(bench))
    assert kept_and_read(bench).kernel is None


def test_keeping_what_was_read_changes_nothing_more() -> None:
    once = bench_arrays(kept_and_read(make_bench()))
    twice = bench_arrays(kept_and_read(kept_and_read(make_bench())))
    assert {n: a.tobytes() for n, a in once.items()} == {n: a.tobytes() for n, a in twice.items()}


def test_arrays_of_several_benches_are_told_apart_by_number() -> None:
    # Eleven, so that "1." must not take what is of "10." or "11.".
    benches = [make_bench(seed, meaning=seed % 2 == 0) for seed in range(11)]
    arrays = {
        f"{number}.{name}": a
        for number, bench in enumerate(benches)
        for name, a in bench_arrays(bench).items()
    }
    read = read_benches([bench_settings(bench) for bench in benches], arrays)
    assert [own.words_offset.tolist() for own in read] == [
        own.words_offset.tolist() for own in benches
    ]
    assert [own.kernel is None for own in read] == [seed % 2 == 1 for seed in range(11)]
