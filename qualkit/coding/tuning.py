"""Fine-tuning of the sentence encoder: small additions to its weights, learned with torch.

lessons -> low-rank changes of every matrix -> plain arrays, used without torch

References
----------
Hu, E. J., et al. (2022). LoRA: Low-rank adaptation of large language models,
section 4.1, equation 3.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.encoder import Encoder, TextReader, Window, apply_change
from qualkit.coding.lessons import UNKNOWN, Lesson, truth_of
from qualkit.errors import ModelMissingError
from qualkit.model import CodeKey

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]
    Tensor: TypeAlias = Any

RANK = 16
EPOCHS = 4
RATE = 5e-4
HEAD_RATE = 2e-3
SHARPNESS = 20.0
"""Sentence vectors have length 1; the scores of a code are multiplied by this."""
_BATCH = 32
_BATCH_TOKENS = 4096
_NEVER = -9.0
"""Log-odds of a code without an example."""


def tuning_installed() -> bool:
    """Say whether torch is there, without importing it."""
    return find_spec("torch") is not None


def tune_encoder(
    folder: Path,
    config: Mapping[str, Any],
    lessons: Sequence[Lesson],
    codes: Sequence[CodeKey],
    *,
    start: Mapping[str, Array] | None = None,
    epochs: int = EPOCHS,
    rank: int = RANK,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Array]:
    """Learn changes of the encoder's weights that tell codes apart.

    Each code has a direction of its own, learned along, and the loss is the
    cross-entropy of every code that is known to be there or not.

    Parameters
    ----------
    folder : Path
        Where the encoder's files are.
    config : mapping
        Its config.json.
    lessons, codes
        What to learn from, and which codes.
    start : mapping of str to array, optional
        Changes to set out from, instead of none.
    epochs, rank, seed : int
        How often the lessons are read, how small the changes are kept, and the
        start of all chance.

    Returns
    -------
    dict of str to array of float16
        See `apply_change`; about 1.3 MB for six layers of 384 at rank 16.

    Raises
    ------
    ModelMissingError
        torch is not installed.
    """
    if not tuning_installed():
        raise ModelMissingError(
            "fine-tuning needs torch, which is not installed",
            to_do="pip install 'qualkit[semantic]', or learn without it: --no-tune",
        )
    # Threads that spin while they wait bring each other to a crawl where other programs run;
    # this is read when torch is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import numpy
    import torch
    from safetensors.numpy import load_file

    from qualkit.coding.torchnet import Net

    torch.manual_seed(seed)
    # By itself torch leaves out the second thread of a core.
    torch.set_num_threads(os.cpu_count() or 1)
    random = numpy.random.default_rng(seed)
    reader = TextReader(folder / "tokenizer.json")
    net = Net(load_file(folder / "model.safetensors"), config, rank, start)
    truth = truth_of(lessons, codes)
    windows = _rows(reader.windows([lesson.passage for lesson in lessons]), lessons)
    known = truth != UNKNOWN
    head = torch.nn.Linear(int(config["hidden_size"]), len(codes))
    directions, offsets = _first_directions(folder, lessons, truth)
    head.weight.data = torch.tensor(directions / SHARPNESS, dtype=torch.float32)
    head.bias.data = torch.tensor(offsets / SHARPNESS, dtype=torch.float32)
    small = [p for p in net.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": small}, {"params": head.parameters()}], lr=RATE, weight_decay=0.01
    )
    batches = [batch for _ in range(epochs) for batch in _shuffled(windows, random)]
    n_steps = len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [RATE, HEAD_RATE], total_steps=n_steps + 1, pct_start=0.1
    )
    net.train()
    for done, batch in enumerate(batches, start=1):
        vectors = net(*_tensors([window for window, _ in batch]))
        rows = [row for _, own in batch for row in own]
        scores = head(vectors) * SHARPNESS
        target = torch.tensor(truth[rows], dtype=torch.float32)
        weight = torch.tensor(known[rows], dtype=torch.float32)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            scores, target.clamp(min=0), weight=weight, reduction="sum"
        ) / weight.sum().clamp(min=1)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(small, 1.0)
        optimizer.step()
        schedule.step()
        if progress:
            progress(done, n_steps)
    return net.changes()


def _first_directions(folder: Path, lessons: Sequence[Lesson], truth: Array) -> tuple[Array, Array]:
    """Return each code's direction among the vectors as they are before tuning.

    Setting out from nothing, the first steps would undo what the encoder knows.
    """
    import numpy
    from sklearn.linear_model import LogisticRegression

    encoder = Encoder(folder, folder.name)
    vectors = numpy.concatenate(encoder.encode([lesson.passage for lesson in lessons]))
    directions = numpy.zeros((truth.shape[1], encoder.size))
    offsets = numpy.full(truth.shape[1], _NEVER)
    for column in range(truth.shape[1]):
        rows = truth[:, column] != UNKNOWN
        own = truth[rows, column]
        if (own == 1).sum() > 1 and (own == 0).any():
            machine = LogisticRegression(C=20.0, solver="liblinear").fit(vectors[rows], own)
            directions[column], offsets[column] = machine.coef_[0], machine.intercept_[0]
    return directions, offsets


def held_out_scores(
    folder: Path,
    config: Mapping[str, Any],
    lessons: Sequence[Lesson],
    codes: Sequence[CodeKey],
    tuned: frozenset[str],
    *,
    folds: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Array:
    """Return scores by meaning of natural stretches, each by an encoder not tuned on its case.

    Parameters
    ----------
    lessons, codes
        Of one bench.
    tuned : frozenset of str
        Categories that the encoder is tuned for.
    folds : int
        How often it is tuned, each time without a part of the cases.

    Returns
    -------
    array, shape (n_stretches, n_codes)
        nan for stretches that were not held out, and codes of other categories.
    """
    import numpy
    from sklearn.model_selection import GroupKFold

    from qualkit.coding.learner import fit_kernel

    truth = truth_of(lessons, codes)
    columns = [i for i, (category, _) in enumerate(codes) if category in tuned]
    own_codes = [codes[i] for i in columns]
    first = numpy.cumsum([0, *(len(lesson.passage.spans) for lesson in lessons)])
    scores = numpy.full(truth.shape, numpy.nan, numpy.float32)
    useful = [
        i
        for i, lesson in enumerate(lessons)
        if (truth[first[i] : first[i + 1]][:, columns] != UNKNOWN).any()
    ]
    natural = [i for i in useful if lessons[i].natural]
    groups = [lessons[i].group for i in natural]
    split = GroupKFold(min(folds, len(set(groups)))).split(natural, groups=groups)
    for number, (_, held) in enumerate(split):
        out = {natural[i] for i in held}
        kept = [i for i in useful if i not in out]

        def tell(done: int, total: int, number: int = number) -> None:
            if progress:
                progress(number * total + done, folds * total)

        change = tune_encoder(
            folder, config, [lessons[i] for i in kept], own_codes, seed=seed, progress=tell
        )
        encoder = Encoder(folder, folder.name, _adding(change))
        parts = [
            numpy.concatenate(encoder.encode([lessons[i].passage for i in rows]))
            for rows in (kept, sorted(out))
        ]
        at = [
            numpy.concatenate([numpy.arange(first[i], first[i + 1]) for i in rows])
            for rows in (kept, sorted(out))
        ]
        kernel = fit_kernel(parts[0], truth[at[0]][:, columns], seed)
        scores[at[1][:, None], numpy.array(columns)] = kernel.scores(parts[1])
    return scores


def _adding(change: Mapping[str, Array]) -> Callable[[dict[str, Any]], None]:
    return lambda weights: apply_change(weights, change)


def _rows(
    windows: Sequence[Sequence[Window]], lessons: Sequence[Lesson]
) -> list[tuple[Window, list[int]]]:
    """Return each window with the rows of the truth that its stretches are."""
    found = []
    first = 0
    for lesson, own in zip(lessons, windows, strict=True):
        found += [(window, [first + k for k, _, _ in window.pools]) for window in own]
        first += len(lesson.passage.spans)
    return found


def _shuffled(
    windows: Sequence[tuple[Window, list[int]]], random: numpy.random.Generator
) -> list[list[tuple[Window, list[int]]]]:
    """Return batches in a new order, each of windows of much the same length.

    A batch has at most 32 windows and 4,096 tokens, so that memory stays low.
    """
    order = random.permutation(len(windows)).tolist()
    reach = _BATCH * 16
    batches: list[list[int]] = []
    for start in range(0, len(order), reach):
        batch: list[int] = []
        for i in sorted(order[start : start + reach], key=lambda i: len(windows[i][0].ids)):
            length = len(windows[i][0].ids)
            if batch and (len(batch) == _BATCH or length * (len(batch) + 1) > _BATCH_TOKENS):
                batches.append(batch)
                batch = []
            batch.append(i)
        batches.append(batch)
    return [[windows[i] for i in batches[k]] for k in random.permutation(len(batches))]


def _tensors(windows: Sequence[Window]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    import torch

    length = max(len(window.ids) for window in windows)
    ids = torch.zeros(len(windows), length, dtype=torch.long)
    mask = torch.zeros(len(windows), length, dtype=torch.bool)
    owner = [row for row, window in enumerate(windows) for _ in window.pools]
    pool = torch.zeros(len(owner), length)
    k = 0
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = torch.tensor(window.ids)
        mask[row, : len(window.ids)] = True
        for _, first, last in window.pools:
            pool[k, first:last] = 1.0
            k += 1
    return ids, mask, pool, torch.tensor(owner)
