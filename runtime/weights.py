"""What a model is: its configuration and its weights, as immutable numpy records.

Shapes use V = vocabulary size, N = longest input, d = residual columns, and per layer H heads of
size h and m neurons. Row 0 of both embeddings belongs to BOS, which stands in front of every input.
Layers may differ in H, h and m (also 0), so nothing is padded in storage.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Atom = int | bool | str | Fraction
Array = NDArray[np.floating]

FORMAT_VERSION = 1


@dataclass(frozen=True)
class LabelOutput:
    """The answer at a position is `labels[argmax(logits)]`."""

    labels: tuple[Atom, ...]
    kind: Literal["labels"] = "labels"


@dataclass(frozen=True)
class NumberOutput:
    """The answer is the one logit, times `scale`, taken to the nearest fraction with a denominator of at
    most `max_denominator` (which is how a mean over that many positions is recovered exactly).
    """

    max_denominator: int
    scale: Fraction = Fraction(1)
    kind: Literal["number"] = "number"


Output = LabelOutput | NumberOutput


@dataclass(frozen=True)
class Column:
    """One residual column, for people and tools: its name, what it means, and how to decode it.

    The value carried is `x * scale`; where `labels` is given, that number is an index into it. `written` is
    the sublayer after which the column holds its value: 0 = embedding, 2l-1 = attention of layer l,
    2l = MLP of layer l (l from 1). Before that it may hold the negative rounding constant (see `Layer`).
    """

    name: str
    meaning: str
    written: int
    scale: Fraction = Fraction(1)
    labels: tuple[Atom, ...] | None = None


@dataclass(frozen=True)
class Config:
    """Everything about a model that is not a weight."""

    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool
    output: Output
    columns: tuple[Column, ...]
    dtype: Literal["float32", "float64"] = "float32"
    format_version: int = FORMAT_VERSION


@dataclass(frozen=True)
class Layer:
    """One layer: attention (softmax of plain q.k, no 1/sqrt(h)), then a ReLU MLP, both added to the residual.

    Both sublayers compute `x + ((heads @ W_O) + b_o)` in this order: the product first, then the bias in an
    addition of its own, then the residual. Columns that carry integers rely on it: they are preloaded with
    -C, C = 1.5 * 2**23, and `b_o` (or `b_out`) holds +C, so that adding the bias rounds to the nearest
    integer and adding the residual takes C away again.
    """

    w_q: Array  # [H, d, h]
    b_q: Array  # [H, h]
    w_k: Array  # [H, d, h]
    b_k: Array  # [H, h]
    w_v: Array  # [H, d, h]
    b_v: Array  # [H, h]
    w_o: Array  # [H, h, d]
    b_o: Array  # [d]
    w_in: Array  # [d, m]
    b_in: Array  # [m]
    w_out: Array  # [m, d]
    b_out: Array  # [d]


@dataclass(frozen=True)
class Weights:
    """All stored entries of a model."""

    token_embedding: Array  # [1 + V, d]
    position_embedding: Array  # [1 + N, d]
    layers: tuple[Layer, ...]
    unembedding: Array  # [d, number of logits]
    unembedding_bias: Array  # [number of logits]
