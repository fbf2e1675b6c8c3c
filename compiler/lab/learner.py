"""An ordinary transformer that learns: normalized before each sublayer, GELU, BOS in front of every input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from runtime.weights import Array


@dataclass(frozen=True)
class Shape:
    """How large a transformer is: `layers` of so many `heads`, on a stream of `width` numbers, with
    `neurons` in each MLP. `sinusoidal`: positions are waves, rather than learned.
    """

    layers: int
    heads: int
    width: int = 64
    neurons: int = 256
    sinusoidal: bool = False


def begun(shape: Shape, tokens: int, length: int, labels: int, key: Any) -> dict[str, Any]:
    """Random parameters for a vocabulary of so many tokens, inputs up to a length, and so many labels."""
    d, size = shape.width, shape.width // shape.heads
    keys = iter(jax.random.split(key, 3 + 6 * shape.layers))

    def drawn(*sides: int, spread: float) -> Any:
        return spread * jax.random.normal(next(keys), sides)

    def layer() -> dict[str, Any]:
        return {
            "before_heads": jnp.ones(d),
            **{name: drawn(shape.heads, d, size, spread=d**-0.5) for name in ("query", "key", "value")},
            "write": drawn(shape.heads, size, d, spread=d**-0.5),
            "before_neurons": jnp.ones(d),
            "into": drawn(d, shape.neurons, spread=d**-0.5),
            "into_bias": jnp.zeros(shape.neurons),
            "out": drawn(shape.neurons, d, spread=shape.neurons**-0.5),
            "out_bias": jnp.zeros(d),
        }

    made = {
        "tokens": drawn(1 + tokens, d, spread=0.5),
        "layers": [layer() for _ in range(shape.layers)],
        "before_labels": jnp.ones(d),
        "labels": drawn(d, labels, spread=d**-0.5),
        "labels_bias": jnp.zeros(labels),
    }
    return made if shape.sinusoidal else made | {"positions": drawn(1 + length, d, spread=0.5)}


def waves(positions: int, width: int) -> Array:
    """Positions as sines and cosines, [positions, width]."""
    rates = 10_000.0 ** (-2 * (np.arange(width) // 2) / width)
    angles = np.arange(positions)[:, None] * rates[None]
    found: Array = np.where(np.arange(width) % 2, np.cos(angles), np.sin(angles)).astype(np.float32)
    return found


def normalized(x: Any, scale: Any) -> Any:
    """Mean 0 and variance 1 at each position, then scaled."""
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5) * scale[None, None]


def apply(parameters: dict[str, Any], ids: Any, visible: Any) -> tuple[Any, list[Any]]:
    """Logits [B, T - 1, L], and each layer's attention [B, H, T, T]. `visible` [B, 1, T, T]: which keys."""
    table = parameters["tokens"]
    positions = parameters.get("positions", jnp.asarray(waves(ids.shape[1], table.shape[1])))
    x = table[ids] + positions[None, : ids.shape[1]]
    patterns = []
    for layer in parameters["layers"]:
        read = normalized(x, layer["before_heads"])
        q, k, v = (jnp.einsum("btd,hde->bhte", read, layer[name]) for name in ("query", "key", "value"))
        scores = jnp.einsum("bhqe,bhke->bhqk", q, k) * (q.shape[-1] ** -0.5)
        pattern = jax.nn.softmax(jnp.where(visible, scores, -1e9), -1)
        patterns.append(pattern)
        x = x + jnp.einsum("bhqk,bhke,hed->bqd", pattern, v, layer["write"])
        read = normalized(x, layer["before_neurons"])
        hidden = jax.nn.gelu(read @ layer["into"] + layer["into_bias"][None, None])
        x = x + (hidden @ layer["out"] + layer["out_bias"][None, None])
    read = normalized(x, parameters["before_labels"])[:, 1:]
    return read @ parameters["labels"] + parameters["labels_bias"][None, None], patterns
