"""The ONNX graph of a BERT sentence encoder, made from its weights without torch.

weights -> embeddings, layers, mean over the words, length 1 -> graph for onnxruntime

References
----------
Devlin, J., et al. (2019). BERT: Pre-training of deep bidirectional transformers.
Reimers, N. and Gurevych, I. (2019). Sentence-BERT, section 3 (mean pooling).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy

    Weights: TypeAlias = Mapping[str, numpy.ndarray[Any, Any]]

OPSET = 17
"""LayerNormalization stands in the operator set since 17."""

_LEAST = 1e-9


def build_graph(weights: Weights, config: Mapping[str, Any]) -> bytes:
    """Return a serialised ONNX model that turns token ids into sentence vectors.

    Parameters
    ----------
    weights : mapping of str to array
        A BertModel's tensors by their names in a safetensors file; matrices as
        torch keeps them, shape (out, in).
    config : mapping
        The model's config.json: num_hidden_layers, num_attention_heads,
        hidden_size, layer_norm_eps, hidden_act (must be gelu).

    Returns
    -------
    bytes
        Inputs `ids` and `mask`, int64, shape (n, length), `mask` 1 for tokens
        and 0 for padding; `pool`, float32, shape (n_stretches, length), 1 for the
        tokens of a stretch; `owner`, int64, shape (n_stretches,), the text that each
        stretch is of. Output `vectors`, float32, shape (n_stretches, hidden_size),
        each of Euclidean length 1.

    Raises
    ------
    KeyError
        A tensor is missing.
    ValueError
        The activation is not gelu.
    """
    if config.get("hidden_act", "gelu") != "gelu":
        raise ValueError(f"activation {config['hidden_act']!r}")
    graph = _Graph(weights, config)
    state = graph.embeddings()
    blocked = graph.blocked()
    for layer in range(int(config["num_hidden_layers"])):
        state = graph.layer(state, blocked, f"encoder.layer.{layer}.")
    graph.pool(state)
    return graph.serialised()


class _Graph:
    """Nodes and weights as they are put together; each step returns its output's name."""

    def __init__(self, weights: Weights, config: Mapping[str, Any]) -> None:
        self._weights = weights
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))
        self._size = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def embeddings(self) -> str:
        """Look up words, positions and the one text type, and normalise their sum."""
        import numpy

        prefix = "embeddings."
        types = self._weights[prefix + "token_type_embeddings.weight"][0]
        positions = self._weights[prefix + "position_embeddings.weight"] + types
        self._constant("positions", positions.astype(numpy.float32))
        words = self._node("Gather", self._weight(prefix + "word_embeddings.weight"), "ids")
        length = self._node(
            "Slice",
            self._node("Shape", "ids"),
            self._numbers("one", [1]),
            self._numbers("two", [2]),
        )
        placed = self._node("Slice", "positions", self._numbers("zero", [0]), length)
        return self._normalised(self._node("Add", words, placed), prefix + "LayerNorm.")

    def blocked(self) -> str:
        """Return what is added to attention scores: 0 for tokens, very little for padding."""
        import numpy

        mask = self._node("Cast", "mask", to=1)
        self._constant("all", numpy.float32(1.0))
        self._constant("never", numpy.float32(-1e9))
        missing = self._node("Mul", self._node("Sub", "all", mask), "never")
        return self._node("Unsqueeze", missing, self._numbers("inner", [1, 2]))

    def layer(self, state: str, blocked: str, prefix: str) -> str:
        """Let every word attend to every other, then work on each alone."""
        import numpy

        own = prefix + "attention.self."
        query, key, value = (
            self._by_head(self._linear(state, own + name + "."))
            for name in ("query", "key", "value")
        )
        self._constant("scale", numpy.float32(1 / math.sqrt(self._size / self._heads)))
        turned = self._node("Transpose", key, perm=[0, 1, 3, 2])
        scores = self._node("Mul", self._node("MatMul", query, turned), "scale")
        shares = self._node("Softmax", self._node("Add", scores, blocked), axis=-1)
        mixed = self._node("Transpose", self._node("MatMul", shares, value), perm=[0, 2, 1, 3])
        mixed = self._node("Reshape", mixed, self._numbers("joined", [0, 0, self._size]))
        mixed = self._linear(mixed, prefix + "attention.output.dense.")
        state = self._normalised(
            self._node("Add", mixed, state), prefix + "attention.output.LayerNorm."
        )
        worked = self._gelu(self._linear(state, prefix + "intermediate.dense."))
        worked = self._linear(worked, prefix + "output.dense.")
        return self._normalised(self._node("Add", worked, state), prefix + "output.LayerNorm.")

    def pool(self, state: str) -> None:
        """Take the mean over the words of each stretch, and bring it to length 1."""
        import numpy

        # Rows of texts, repeated for each of their stretches: (n_stretches, length, size).
        words = self._node("Gather", state, "owner", axis=0)
        shares = self._node("Unsqueeze", "pool", self._numbers("middle", [1]))
        total = self._node(
            "Squeeze", self._node("MatMul", shares, words), self._numbers("middle", [1])
        )
        count = self._node("ReduceSum", "pool", self._numbers("middle", [1]), keepdims=1)
        self._constant("least", numpy.float32(_LEAST))
        mean = self._node("Div", total, self._node("Max", count, "least"))
        length = self._node("ReduceL2", mean, axes=[1], keepdims=1)
        self._node("Div", mean, self._node("Max", length, "least"), output="vectors")

    def serialised(self) -> bytes:
        """Return the finished model."""
        from onnx import TensorProto, helper, numpy_helper

        shape = ["n", "length"]
        inputs = [
            helper.make_tensor_value_info("ids", TensorProto.INT64, shape),
            helper.make_tensor_value_info("mask", TensorProto.INT64, shape),
            helper.make_tensor_value_info("pool", TensorProto.FLOAT, ["stretches", "length"]),
            helper.make_tensor_value_info("owner", TensorProto.INT64, ["stretches"]),
        ]
        graph = helper.make_graph(
            self._nodes,
            "sentence-encoder",
            inputs,
            [
                helper.make_tensor_value_info(
                    "vectors", TensorProto.FLOAT, ["stretches", self._size]
                )
            ],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
        # The oldest form that holds this operator set, for older runtimes.
        model.ir_version = 8
        return bytes(model.SerializeToString())

    # --- pieces -------------------------------------------------------------------

    def _node(self, kind: str, *inputs: str, output: str = "", **settings: Any) -> str:
        from onnx import helper

        name = output or f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def _constant(self, name: str, value: Any) -> str:
        import numpy

        self._constants.setdefault(name, numpy.ascontiguousarray(value))
        return name

    def _numbers(self, name: str, values: list[int]) -> str:
        import numpy

        return self._constant(name, numpy.array(values, dtype=numpy.int64))

    def _weight(self, name: str, *, turned: bool = False) -> str:
        import numpy

        value = self._weights[name].astype(numpy.float32)
        return self._constant(name, value.T if turned else value)

    def _linear(self, state: str, prefix: str) -> str:
        product = self._node("MatMul", state, self._weight(prefix + "weight", turned=True))
        return self._node("Add", product, self._weight(prefix + "bias"))

    def _normalised(self, state: str, prefix: str) -> str:
        return self._node(
            "LayerNormalization",
            state,
            self._weight(prefix + "weight"),
            self._weight(prefix + "bias"),
            epsilon=self._epsilon,
        )

    def _by_head(self, state: str) -> str:
        shape = self._numbers("heads", [0, 0, self._heads, self._size // self._heads])
        return self._node("Transpose", self._node("Reshape", state, shape), perm=[0, 2, 1, 3])

    def _gelu(self, state: str) -> str:
        import numpy

        self._constant("root", numpy.float32(1 / math.sqrt(2)))
        self._constant("half", numpy.float32(0.5))
        error = self._node("Erf", self._node("Mul", state, "root"))
        share = self._node("Mul", self._node("Add", error, "all"), "half")
        return self._node("Mul", state, share)
