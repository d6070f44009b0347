"""The sentence encoder as a torch module of which only small added matrices learn.

Imported only to fine-tune; what it learned is used without torch (see `encoder`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch import nn
from torch.nn import functional

from qualkit.coding.encoder import STRENGTH

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, Any]
    Tensor: TypeAlias = Any
    Weights: TypeAlias = Mapping[str, Array]

DROPOUT = 0.1
_MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


class Matrix(nn.Module):
    """A matrix that stays, and the product of two small ones that learns."""

    def __init__(self, weights: Weights, name: str, rank: int, start: Weights | None) -> None:
        super().__init__()
        self.name = name
        self.register_buffer("weight", torch.tensor(weights[f"{name}.weight"]))
        self.register_buffer("bias", torch.tensor(weights[f"{name}.bias"]))
        n_out, n_in = self.weight.shape
        if start:
            down, up = (
                torch.tensor(start[f"{name}.{end}"].astype("float32")) for end in ("down", "up")
            )
        else:
            down, up = torch.randn(rank, n_in) / math.sqrt(n_in), torch.zeros(n_out, rank)
        self.down, self.up = nn.Parameter(down), nn.Parameter(up)

    def forward(self, x: Tensor) -> Tensor:
        """Return the product with both."""
        small = functional.linear(functional.linear(x, self.down), self.up)
        return functional.linear(x, self.weight, self.bias) + STRENGTH * small


class Layer(nn.Module):
    """One layer: every word attends to every other, then is worked on alone."""

    def __init__(
        self,
        weights: Weights,
        config: Mapping[str, Any],
        prefix: str,
        rank: int,
        start: Weights | None,
    ) -> None:
        super().__init__()
        self.heads = int(config["num_attention_heads"])
        self.matrices = nn.ModuleList(
            Matrix(weights, prefix + name, rank, start) for name in _MATRICES
        )
        self.norms = nn.ModuleList(_norm(weights, config, prefix + name) for name in _NORMS)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the words' next states; `mask` is true for words, false for padding."""
        query, key, value, out, wide, narrow = self.matrices
        n, length, _ = x.shape

        def by_head(y: Tensor) -> Tensor:
            return y.view(n, length, self.heads, -1).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(
            by_head(query(x)),
            by_head(key(x)),
            by_head(value(x)),
            attn_mask=mask[:, None, None, :],
            dropout_p=DROPOUT if self.training else 0.0,
        )
        mixed = out(mixed.transpose(1, 2).reshape(n, length, -1))
        x = self.norms[0](x + self.drop(mixed))
        return self.norms[1](x + self.drop(narrow(functional.gelu(wide(x)))))


class Net(nn.Module):
    """The whole encoder.

    Parameters
    ----------
    weights : mapping of str to array
        See `bertgraph.build_graph`.
    config : mapping
        The model's config.json.
    rank : int
        Of the small matrices.
    start : mapping of str to array, optional
        What `changes` of an earlier one gave, to go on from.
    """

    def __init__(
        self, weights: Weights, config: Mapping[str, Any], rank: int, start: Weights | None
    ) -> None:
        super().__init__()
        prefix = "embeddings."
        self.register_buffer("words", torch.tensor(weights[prefix + "word_embeddings.weight"]))
        positions = torch.tensor(weights[prefix + "position_embeddings.weight"])
        kinds = torch.tensor(weights[prefix + "token_type_embeddings.weight"])
        self.register_buffer("positions", positions + kinds[0])
        self.norm = _norm(weights, config, prefix + "LayerNorm")
        self.layers = nn.ModuleList(
            Layer(weights, config, f"encoder.layer.{i}.", rank, start)
            for i in range(int(config["num_hidden_layers"]))
        )
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, ids: Tensor, mask: Tensor, pool: Tensor, owner: Tensor) -> Tensor:
        """Return one vector of length 1 a stretch; inputs as of `bertgraph.build_graph`."""
        x = self.words[ids] + self.positions[: ids.shape[1]]
        x = self.drop(self.norm(x))
        for layer in self.layers:
            x = layer(x, mask)
        mean = (pool[:, None, :] @ x[owner])[:, 0] / pool.sum(dim=1, keepdim=True).clamp(min=1)
        return functional.normalize(mean, dim=1)

    def changes(self) -> dict[str, Array]:
        """Return the small matrices as arrays of half precision; see `encoder.apply_change`."""
        found = {}
        for module in self.modules():
            if isinstance(module, Matrix):
                for end in ("down", "up"):
                    values = getattr(module, end).detach().numpy()
                    found[f"{module.name}.{end}"] = values.astype("float16")
        return found


def _norm(weights: Weights, config: Mapping[str, Any], name: str) -> Any:
    epsilon = float(config.get("layer_norm_eps", 1e-12))
    layer = nn.LayerNorm(int(config["hidden_size"]), eps=epsilon)
    layer.weight.data = torch.tensor(weights[f"{name}.weight"])
    layer.bias.data = torch.tensor(weights[f"{name}.bias"])
    return layer.requires_grad_(False)
