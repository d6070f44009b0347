"""Sentence vectors by the encoder in onnxruntime, beside the same model run in torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

from qualkit.coding.encoder import (
    LONGEST,
    LONGEST_QUESTION,
    Encoder,
    TextReader,
    apply_change,
    find_encoder,
    semantic_installed,
    text_hash,
)
from qualkit.coding.lessons import Lesson
from qualkit.coding.passages import Passage, sentences
from qualkit.errors import ModelMissingError
from qualkit.model import CodeKey

pytestmark = [
    pytest.mark.semantic,
    pytest.mark.skipif(not semantic_installed(), reason="needs the extra qualkit[semantic]"),
]

LONG = " ".join(f"In month {n} the rent of number {n} was paid late again." for n in range(180))
"""About 2,000 words, 180 sentences."""
TEXTS = (
    "They owed rent.",
    "He slept well. Then the bailiffs came, and he lay awake. Now he's calm!",
    "Ça va, naïve café — £3.50 … 漢字?",
    "One.",
    " ".join(f"Sentence {n} is about debts and arrears." for n in range(30)),
)


def passage(text: str, question: str = "") -> Passage:
    return Passage(question, text, sentences(text))


PASSAGES = [passage(text, question) for text in TEXTS for question in ("", "What changed?")]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """The encoder that the extra brings."""
    return Encoder(find_encoder(), "own")


@pytest.fixture(scope="module")
def reader(encoder: Encoder) -> TextReader:
    """Turns passages into tokens of that encoder."""
    return TextReader(encoder.folder / "tokenizer.json")


# --- vectors --------------------------------------------------------------------------------


def test_every_sentence_has_a_vector_of_length_one(encoder: Encoder) -> None:
    found = encoder.encode(PASSAGES)
    assert [own.shape for own in found] == [(len(p.spans), encoder.size) for p in PASSAGES]
    lengths = numpy.linalg.norm(numpy.concatenate(found), axis=1)
    assert lengths == pytest.approx(numpy.ones(len(lengths)), abs=1e-5)


def test_nothing_to_read_gives_nothing(encoder: Encoder) -> None:
    assert encoder.encode([]) == []


def test_like_sentences_have_nearer_vectors_than_unlike_ones(encoder: Encoder) -> None:
    texts = ("They owe rent.", "They are behind with the rent.", "The cat sleeps on the roof.")
    debt, arrears, cat = (own[0] for own in encoder.encode([passage(text) for text in texts]))
    assert debt @ arrears > debt @ cat + 0.2


def test_order_and_company_of_passages_change_nothing(encoder: Encoder) -> None:
    together = encoder.encode(PASSAGES)
    backwards = encoder.encode(PASSAGES[::-1])[::-1]
    alone = [encoder.encode([own])[0] for own in PASSAGES]
    for one, two, three in zip(together, backwards, alone, strict=True):
        assert two == pytest.approx(one, abs=1e-5)
        assert three == pytest.approx(one, abs=1e-5)


def test_same_words_by_sentence_and_as_a_whole_cost_one_reading(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = encoder._opened()
    rows_read: list[int] = []

    class Counting:
        def run(self, outputs: None, feed: dict[str, Any]) -> Any:
            rows_read.append(len(feed["ids"]))
            return session.run(outputs, feed)

    monkeypatch.setattr(encoder, "_session", Counting())
    text = TEXTS[1]
    spans = sentences(text)
    whole = Passage("", text, ((0, len(text)),))
    asked = Passage("What changed?", text, spans)
    together = encoder.encode([Passage("", text, spans), whole, asked, whole])
    # The same question and words four times, once with a question: two readings.
    assert sum(rows_read) == 2
    alone = [encoder.encode([own])[0] for own in (Passage("", text, spans), whole, asked, whole)]
    for one, two in zip(together, alone, strict=True):
        assert two == pytest.approx(one, abs=1e-5)


def test_question_and_neighbours_are_read_too(encoder: Encoder) -> None:
    alone, asked, beside = encoder.encode(
        [passage("No."), passage("No.", "Do you owe rent?"), passage("No. We owe no rent.")]
    )
    assert numpy.abs(alone[0] - asked[0]).max() > 0.01
    assert numpy.abs(alone[0] - beside[0]).max() > 0.01


@pytest.mark.parametrize(
    "text",
    [LONG, LONG.replace(".", ""), "x" * 9000, "a" + "\n" * 600 + "b", "漢" * 3000],
    ids=["sentences", "no stop", "one word", "blank lines", "no blanks"],
)
def test_long_text_has_a_finite_vector_for_every_sentence(encoder: Encoder, text: str) -> None:
    own = passage(text, "And then? " * 200)
    (found,) = encoder.encode([own])
    assert numpy.isfinite(found).all()
    assert numpy.linalg.norm(found, axis=1) == pytest.approx(numpy.ones(len(own.spans)), abs=1e-5)


def test_stretch_longer_than_a_window_is_the_mean_of_its_parts_by_tokens(
    encoder: Encoder, reader: TextReader
) -> None:
    # Each word is a token. 254 of them and the marks at both ends fill a window of 256.
    parts = ["rent " * 254, "cat " * 254, "moon " * 92]
    (windows,) = reader.windows([one_stretch("".join(parts))])
    assert [len(window.ids) for window in windows] == [256, 256, 94]
    whole = encoder.encode([one_stretch("".join(parts))])[0][0]
    vectors = [own[0] for own in encoder.encode([one_stretch(part) for part in parts])]
    mean = (254 * vectors[0] + 254 * vectors[1] + 92 * vectors[2]) / 600
    assert whole == pytest.approx(mean / numpy.linalg.norm(mean), abs=1e-5)


def one_stretch(text: str) -> Passage:
    return Passage("", text, ((0, len(text)),))


def test_progress_ends_at_all_windows(encoder: Encoder) -> None:
    told: list[tuple[int, int]] = []
    encoder.encode(PASSAGES, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)


# --- windows ----------------------------------------------------------------------------------


def test_every_stretch_stands_in_one_window_of_bounded_length(reader: TextReader) -> None:
    own = passage(LONG, "And then? " * 200)
    (windows,) = reader.windows([own])
    assert len(windows) > 5
    assert [k for window in windows for k, _, _ in window.pools] == list(range(len(own.spans)))
    assert max(len(window.ids) for window in windows) <= LONGEST
    for window in windows:
        # One mark, the question's end, one mark, then words, then one mark.
        assert all(LONGEST_QUESTION + 2 <= a < b < len(window.ids) for _, a, b in window.pools)


def test_pooled_are_the_sentences_own_tokens(encoder: Encoder, reader: TextReader) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder.folder / "tokenizer.json"))
    tokenizer.no_padding()
    (windows,) = reader.windows([passage("They owed rent. He slept.", "How?")])
    (window,) = windows
    for (_, first, last), text in zip(window.pools, ("They owed rent.", "He slept."), strict=True):
        expected = tokenizer.encode(text, add_special_tokens=False).ids
        assert list(window.ids[first:last]) == expected


# --- the same in torch --------------------------------------------------------------------------


def run_in_torch(encoder: Encoder, reader: TextReader, own: Passage, weights: Any) -> Any:
    """The vectors of a passage of one window by torch's own transformer layers."""
    torch = pytest.importorskip("torch")
    config = encoder.config
    size, n_heads = config["hidden_size"], config["num_attention_heads"]

    def tensor(name: str) -> Any:
        return torch.tensor(weights[name])

    epsilon = config["layer_norm_eps"]
    ((window,),) = reader.windows([own])
    ids = torch.tensor(window.ids)
    table = "embeddings.{}_embeddings.weight"
    x = tensor(table.format("word"))[ids] + tensor(table.format("token_type"))[0]
    x = (x + tensor(table.format("position"))[: len(ids)])[None]
    names = ("embeddings.LayerNorm.weight", "embeddings.LayerNorm.bias")
    x = torch.nn.functional.layer_norm(x, (size,), *map(tensor, names), eps=epsilon)
    for number in range(config["num_hidden_layers"]):
        layer = torch.nn.TransformerEncoderLayer(
            size,
            n_heads,
            config["intermediate_size"],
            dropout=0.0,
            activation="gelu",
            layer_norm_eps=epsilon,
            batch_first=True,
        ).eval()
        own_names = {
            "self_attn.out_proj": "attention.output.dense",
            "linear1": "intermediate.dense",
            "linear2": "output.dense",
            "norm1": "attention.output.LayerNorm",
            "norm2": "output.LayerNorm",
        }
        state = {}
        for end in ("weight", "bias"):
            prefix = f"encoder.layer.{number}."
            for theirs, name in own_names.items():
                state[f"{theirs}.{end}"] = tensor(f"{prefix}{name}.{end}")
            parts = [
                tensor(f"{prefix}attention.self.{name}.{end}") for name in ("query", "key", "value")
            ]
            state[f"self_attn.in_proj_{end}"] = torch.cat(parts)
        layer.load_state_dict(state)
        with torch.no_grad():
            x = layer(x)
    pooled = torch.stack([x[0, first:last].mean(dim=0) for _, first, last in window.pools])
    return torch.nn.functional.normalize(pooled, dim=1).numpy()


@pytest.mark.parametrize("number", [0, 3, 4])
def test_vectors_are_those_of_torchs_layers(encoder: Encoder, reader, number: int) -> None:
    from safetensors.numpy import load_file

    weights = load_file(encoder.folder / "model.safetensors")
    expected = run_in_torch(encoder, reader, PASSAGES[number], weights)
    assert encoder.encode([PASSAGES[number]])[0] == pytest.approx(expected, abs=1e-5)


def make_change(encoder: Encoder, rank: int = 2) -> dict[str, numpy.ndarray]:
    """A change of every matrix by small chance numbers."""
    from safetensors.numpy import load_file

    random = numpy.random.default_rng(4)
    change = {}
    for key, matrix in load_file(encoder.folder / "model.safetensors").items():
        name = key.removesuffix(".weight")
        if key.startswith("encoder.") and name.endswith(("dense", "query", "key", "value")):
            if key == name:
                continue
            down = random.normal(size=(rank, matrix.shape[1])) / 20
            up = random.normal(size=(matrix.shape[0], rank)) / 20
            change[f"{name}.down"] = down.astype(numpy.float16)
            change[f"{name}.up"] = up.astype(numpy.float16)
    return change


def test_changed_encoder_is_the_changed_net_in_torch(encoder: Encoder) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.numpy import load_file

    from qualkit.coding.torchnet import Net
    from qualkit.coding.tuning import _tensors

    change = make_change(encoder)
    changed = Encoder(encoder.folder, "own", lambda weights: apply_change(weights, change), "x")
    own = PASSAGES[3]
    net = Net(load_file(encoder.folder / "model.safetensors"), encoder.config, 2, change).eval()
    ((window,),) = TextReader(encoder.folder / "tokenizer.json").windows([own])
    with torch.no_grad():
        expected = net(*_tensors([window])).numpy()
    found = changed.encode([own])[0]
    assert found == pytest.approx(expected, abs=1e-5)
    assert numpy.abs(found - encoder.encode([own])[0]).max() > 0.01
    assert changed.id == "own+x"


# --- fine-tuning --------------------------------------------------------------------------------


def test_change_is_added_by_hand() -> None:
    # up times down is [[3, 6], [4, 8]]; twice that, and the matrix as it was.
    weights = {"a.weight": numpy.array([[1.0, 0.0], [0.0, 1.0]]), "a.bias": numpy.ones(2)}
    change = {"a.down": numpy.array([[1.0, 2.0]]), "a.up": numpy.array([[3.0], [4.0]])}
    apply_change(weights, change)
    assert weights["a.weight"].tolist() == [[7.0, 12.0], [8.0, 17.0]]
    assert weights["a.bias"].tolist() == [1.0, 1.0]


DEBT: CodeKey = ("story", "debt")
CALM: CodeKey = ("story", "calm")


def ten_lessons() -> list[Lesson]:
    found = []
    for n in range(10):
        own = passage(f"He owed rent in month {n}." if n % 2 else f"She felt calm on day {n}.")
        code = frozenset({DEBT if n % 2 else CALM})
        found.append(Lesson(own, (code,), (frozenset(),), frozenset({"story"}), str(n), True))
    return found


def test_tuning_gives_small_matrices_and_the_same_ones_again(encoder: Encoder) -> None:
    pytest.importorskip("torch")
    from qualkit.coding.tuning import tune_encoder

    one, two = (
        tune_encoder(
            encoder.folder, encoder.config, ten_lessons(), [DEBT, CALM], epochs=1, rank=4, seed=9
        )
        for _ in range(2)
    )
    config = encoder.config
    # Six matrices a layer, two small ones each.
    assert len(one) == 12 * config["num_hidden_layers"]
    wide, size = config["intermediate_size"], config["hidden_size"]
    prefix = "encoder.layer.0.intermediate.dense"
    assert one[f"{prefix}.down"].shape == (4, size)
    assert one[f"{prefix}.up"].shape == (wide, 4)
    assert {a.dtype for a in one.values()} == {numpy.dtype("float16")}
    assert any(one[name].any() for name in one if name.endswith(".up"))
    assert {name: a.tobytes() for name, a in one.items()} == {
        name: a.tobytes() for name, a in two.items()
    }


# --- no encoder -----------------------------------------------------------------------------------


def test_empty_folder_is_no_encoder_and_the_way_out_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        Encoder(tmp_path, "mine")
    assert caught.value.where == str(tmp_path)
    assert caught.value.found == "no config.json"
    assert caught.value.to_do


def test_model_of_another_sort_is_named(tmp_path: Path) -> None:
    for name in ("model.safetensors", "tokenizer.json"):
        (tmp_path / name).touch()
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}), encoding="utf-8")
    with pytest.raises(ModelMissingError, match="a model of type t5"):
        Encoder(tmp_path, "mine")


def test_folder_is_an_encoder_of_its_own(tmp_path: Path) -> None:
    assert find_encoder(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("name", ["no-such-encoder", "no/such/folder", "json"])
def test_unknown_encoder_is_named_with_what_is_expected(name: str) -> None:
    with pytest.raises(ModelMissingError, match=f"no sentence encoder '{name}'") as caught:
        find_encoder(name)
    assert caught.value.expected


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_damaged_file_of_an_encoder_is_told(encoder: Encoder, tmp_path: Path, name: str) -> None:
    for own in ("config.json", "tokenizer.json"):
        (tmp_path / own).write_bytes((encoder.folder / own).read_bytes())
    (tmp_path / "model.safetensors").touch()
    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(ModelMissingError):
        Encoder(tmp_path, "mine").encode(PASSAGES)


# --- what vectors are kept under ------------------------------------------------------------------


def test_question_text_and_stretches_tell_texts_apart() -> None:
    first = Passage("a", "b. c.", ((0, 2), (3, 5)))
    others = [
        Passage("", "b. c.", ((0, 2), (3, 5))),
        Passage("a", "b. d.", ((0, 2), (3, 5))),
        Passage("a", "b. c.", ((0, 5),)),
    ]
    assert len({text_hash(own) for own in [first, *others]}) == 4


def test_segment_and_role_do_not_tell_texts_apart() -> None:
    one, two = (Passage("a", "b.", ((0, 2),), role, n) for role, n in (("", 0), ("parent", 7)))
    assert text_hash(one) == text_hash(two)


def test_runtime_keeps_no_events_to_send(tmp_path: Path) -> None:
    """Builds of onnxruntime for Linux note what runs in the home folder, and send it on."""
    script = (
        "from qualkit.coding.encoder import DEFAULT, Encoder, find_encoder\n"
        "from qualkit.coding.passages import Passage\n"
        "Encoder(find_encoder(), DEFAULT).encode([Passage('', 'A home.', ((0, 7),))])\n"
    )
    # Where it sees that tests run it is silent of itself.
    seen = {"CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS"}
    clean = {name: value for name, value in os.environ.items() if name not in seen}
    clean |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", script], env=clean, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
