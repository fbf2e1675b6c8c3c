"""What a model is: its configuration and its weights, as immutable numpy records.

Shapes use V = vocabulary size, N = longest input, d = places of the residual stream, and per layer H
heads of size h and m neurons. Row 0 of both embeddings belongs to BOS, which stands in front of every input.
Layers may differ in H, h and m (also 0), so nothing is padded in storage.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rasp.errors import ModelError
from rasp.records import LEFT_OUT, MAY_BE_MISSING, wrong
from runtime.statements import Statement, fits

Atom = int | bool | str | Fraction
Array = NDArray[np.floating]

FORMAT_VERSION = 1

EXACT_NUMBERS = '"kept" must hold lists of ints that floats hold exactly'
NUMBERS_OF_PLACES = '"places" must hold numbers of places'
DTYPES = "dtype must be float32 or float64"


@dataclass(frozen=True)
class LabelOutput:
    """The answer at a position is `labels[argmax(logits)]`; `kind` is always "labels"."""

    labels: tuple[Atom, ...]
    kind: Literal["labels"] = "labels"


@dataclass(frozen=True)
class NumberOutput:
    """The answer is the one logit, taken to the nearest fraction with a denominator of at most
    `max_denominator` (which is how a mean over that many positions is recovered exactly), times `scale`.
    `kind` is always "number".
    """

    max_denominator: int
    scale: Fraction = Fraction(1)
    kind: Literal["number"] = "number"


Output = LabelOutput | NumberOutput


@dataclass(frozen=True)
class Column:
    """One residual column, for people and tools: its `name`, its `meaning` in words, and
    how to decode it.

    The value carried is the number there plus `rest`, times `scale`; where `labels` is given, the number plus
    `rest` is an index into it. `rest` is what a read is where nothing is selected: its heads bring 0 there,
    and whatever reads the column adds it. `written` is the sublayer after which the column holds its value:
    0 = embedding, 2l-1 = attention of layer l, 2l = MLP of layer l (l from 1). Before that it may hold the
    negative rounding constant (see `Layer`), or what another column holds whose place it takes over (see
    `runtime.places`). `sop` is the s-op that it belongs to, by the name or expression that the program has
    for it; empty if it belongs to none. `of` tells s-ops apart: columns belong to the same s-op if they have
    the same number, whatever they are called. Where several heads compute one read, each a digit of an order
    or some of the positions, `part_of` is the read's name: all columns that have it add up to the read, and
    `labels` and `rest` are the sum's.
    """

    name: str
    meaning: str
    written: int
    scale: Fraction = Fraction(1)
    labels: tuple[Atom, ...] | None = field(default=None, metadata=MAY_BE_MISSING)
    sop: str = field(default="", metadata=MAY_BE_MISSING)
    of: int | None = field(default=None, metadata=LEFT_OUT)
    part_of: str = field(default="", metadata=LEFT_OUT)
    rest: Fraction = field(default=Fraction(0), metadata=LEFT_OUT)


@dataclass(frozen=True)
class Kept:
    """An s-op whose value can be replaced: `numbers[v][c]` is what its column number `columns[c]` holds for
    its value `values[v]`.
    """

    name: str
    values: tuple[Atom, ...]
    columns: tuple[int, ...] = field(metadata=wrong(EXACT_NUMBERS))
    numbers: tuple[tuple[int, ...], ...] = field(metadata=wrong(EXACT_NUMBERS))


@dataclass(frozen=True)
class Grid:
    """How a page shows an input as a picture: in so many `columns` and `rows`, row after row. `sets`: a token
    is a set of numbers, 2^d for d + 1 each.
    """

    columns: int
    rows: int
    sets: bool = field(default=False, metadata=LEFT_OUT)


@dataclass(frozen=True)
class Config:
    """Everything about a model that is not a weight.

    `vocab`: the tokens, by id less 1 (0 is BOS); `max_length`: how many of them an input has at most, BOS not
    counted; `causal`: whether a position sees only those up to its own; `output`: how logits become answers;
    `columns`: what the residual stream carries; `dtype`: the number format of the weights; `format_version`:
    that of saved folders; `kept`: the s-ops that interventions may replace.

    `places` says where in the residual stream each column lies; some may share a place, one after the other
    (see `runtime.places`). Without it every column has its own, in this order. `statements` ties the columns
    to the program's text. `style` tells what the weights are for: an exact model's are right, and may be
    certified so; a soft model's are small, so that it can be trained and turned, and has been tried only.
    `grid` is how a page shows an input, if the program says so.
    """

    vocab: tuple[Atom, ...]
    max_length: int
    causal: bool
    output: Output
    columns: tuple[Column, ...] = field(repr=False)
    dtype: Literal["float32", "float64"] = field(default="float32", metadata=wrong(DTYPES))
    format_version: int = FORMAT_VERSION
    kept: tuple[Kept, ...] = ()
    places: tuple[int, ...] = field(default=(), metadata={**LEFT_OUT, **wrong(NUMBERS_OF_PLACES)})
    statements: tuple[Statement, ...] = field(default=(), repr=False, metadata=LEFT_OUT)
    style: Literal["exact", "soft"] = field(default="exact", metadata=LEFT_OUT)
    grid: Grid | None = field(default=None, metadata=LEFT_OUT)

    @property
    def width(self) -> int:
        """How many places the residual stream has: d."""
        return 1 + max(self.places) if self.places else len(self.columns)

    def place(self, column: int) -> int:
        """Where the `column` of this number lies in the residual stream."""
        return self.places[column] if self.places else column


@dataclass(frozen=True)
class Layer:
    """One layer: attention (softmax of plain q.k, no 1/sqrt(h)), then a ReLU MLP, both added to the residual.

    Of H heads of size h, m neurons and d places: `w_q`, `w_k` and `w_v` are [H, d, h], `b_q`, `b_k` and `b_v`
    [H, h], `w_o` [H, h, d], `b_o` [d]; `w_in` is [d, m], `b_in` [m], `w_out` [m, d], `b_out` [d].

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
    """All stored entries of a model of V tokens, inputs of up to N of them, d places and L logits.

    `token_embedding` is [1 + V, d] and `position_embedding` [1 + N, d], BOS first; then come the `layers`;
    `unembedding` is [d, L] and `unembedding_bias` [L].
    """

    token_embedding: Array  # [1 + V, d]
    position_embedding: Array  # [1 + N, d]
    layers: tuple[Layer, ...]
    unembedding: Array  # [d, number of logits]
    unembedding_bias: Array  # [number of logits]


@dataclass(frozen=True)
class Size:
    """How large a model is: its `layers`, and the `heads`, `d_head` and `d_mlp` (neurons) of the largest of
    them.

    `d_model` counts the places of the residual stream, which are fewer than the columns where some share one;
    `parameters` counts every stored entry, `nonzeros` those that are not 0.
    """

    layers: int
    heads: int
    d_model: int
    d_head: int
    d_mlp: int
    parameters: int
    nonzeros: int


LAYER_ARRAYS = tuple(entry.name for entry in fields(Layer))


def named_arrays(weights: Weights) -> dict[str, Array]:
    """Every stored array by name, a layer's as "layers.0.w_q" and so on."""
    arrays = {entry.name: getattr(weights, entry.name) for entry in fields(Weights) if entry.name != "layers"}
    for number, layer in enumerate(weights.layers):
        arrays |= {f"layers.{number}.{name}": getattr(layer, name) for name in LAYER_ARRAYS}
    return arrays


def size(weights: Weights) -> Size:
    """Count layers, heads, columns and entries."""
    arrays = named_arrays(weights).values()
    return Size(
        layers=len(weights.layers),
        heads=max((layer.w_q.shape[0] for layer in weights.layers), default=0),
        d_model=weights.token_embedding.shape[1],
        d_head=max((layer.w_q.shape[2] for layer in weights.layers if layer.w_q.shape[0]), default=0),
        d_mlp=max((layer.w_in.shape[1] for layer in weights.layers), default=0),
        parameters=sum(array.size for array in arrays),
        nonzeros=sum(int(np.count_nonzero(array)) for array in arrays),
    )


@dataclass(frozen=True)
class LayerShape:
    """One layer's heads, the size of each, and its neurons."""

    heads: int
    d_head: int
    d_mlp: int


def expected_shapes(
    config: Config, d_model: int, logits: int, layers: tuple[LayerShape, ...]
) -> dict[str, tuple[int, ...]]:
    """The shape that each array of `named_arrays` must have."""
    shapes: dict[str, tuple[int, ...]] = {
        "token_embedding": (1 + len(config.vocab), d_model),
        "position_embedding": (1 + config.max_length, d_model),
        "unembedding": (d_model, logits),
        "unembedding_bias": (logits,),
    }
    for number, layer in enumerate(layers):
        parts: dict[str, tuple[int, ...]] = {
            **dict.fromkeys(("w_q", "w_k", "w_v"), (layer.heads, d_model, layer.d_head)),
            **dict.fromkeys(("b_q", "b_k", "b_v"), (layer.heads, layer.d_head)),
            **dict.fromkeys(("b_o", "b_out"), (d_model,)),
            "w_o": (layer.heads, layer.d_head, d_model),
            "w_in": (d_model, layer.d_mlp),
            "b_in": (layer.d_mlp,),
            "w_out": (layer.d_mlp, d_model),
        }
        shapes |= {f"layers.{number}.{name}": shape for name, shape in parts.items()}
    return shapes


def logit_count(output: Output) -> int:
    """How many logits a model with this output has."""
    return len(output.labels) if isinstance(output, LabelOutput) else 1


def check(config: Config, weights: Weights) -> None:
    """Raise ModelError unless configuration and weights fit each other and every entry is finite."""
    check_config(config)
    for column in config.columns:
        if not 0 <= column.written <= 2 * len(weights.layers):
            raise ModelError(f"{column.name!r} is said to be written by a sublayer that does not exist")
    layers = tuple(LayerShape(*layer_shape(layer)) for layer in weights.layers)
    shapes = expected_shapes(config, config.width, logit_count(config.output), layers)
    for name, array in named_arrays(weights).items():
        if array.shape != shapes[name]:
            raise ModelError(f"{name} has shape {array.shape}, but the configuration needs {shapes[name]}")
        if array.dtype != config.dtype:
            raise ModelError(f"{name} holds {array.dtype}, but the configuration says {config.dtype}")
        if not np.isfinite(array).all():
            raise ModelError(f"{name} holds entries that are not finite")


def layer_shape(layer: Layer) -> tuple[int, int, int]:
    """Heads, their size and neurons, as far as the arrays' ranks allow to tell."""
    if layer.w_q.ndim != 3 or layer.w_in.ndim != 2:
        raise ModelError("w_q needs three dimensions (heads, places, size) and w_in two (places, neurons)")
    return layer.w_q.shape[0], layer.w_q.shape[2], layer.w_in.shape[1]


def check_config(config: Config) -> None:
    """Raise ModelError if the configuration describes no model."""
    if config.format_version != FORMAT_VERSION:
        raise ModelError(
            f"the model has format version {config.format_version}, this program reads {FORMAT_VERSION}"
        )
    if config.max_length < 1:
        raise ModelError(f"max_length must be at least 1, not {config.max_length}")
    if config.dtype not in ("float32", "float64"):
        raise ModelError(f"{DTYPES}, not {config.dtype}")
    if config.grid is not None and min(config.grid.columns, config.grid.rows) < 1:
        raise ModelError("a grid has at least one column and one row")
    if not config.vocab or len({(type(atom), atom) for atom in config.vocab}) < len(config.vocab):
        raise ModelError("the vocabulary must hold at least one token, and each only once")
    if isinstance(config.output, LabelOutput) and not config.output.labels:
        raise ModelError("the output needs at least one label")
    if isinstance(config.output, NumberOutput) and config.output.max_denominator < 1:
        raise ModelError("max_denominator must be at least 1")
    if isinstance(config.output, NumberOutput) and not config.output.scale:
        raise ModelError("the scale of the output must not be 0")
    for column in config.columns:
        if column.labels == ():
            raise ModelError(f"the column {column.name!r} has no labels")
    if config.places and len(config.places) != len(config.columns):
        raise ModelError("every column needs a place")
    if {*config.places} != {*range(len({*config.places}))}:
        raise ModelError("the places of the columns must be numbered from 0 without gaps")
    if not fits(config.statements):
        raise ModelError("the statements of the program are not numbered as they come")
    for kept in config.kept:
        shapes = {len(row) for row in kept.numbers} | {len(kept.columns)}
        if len(shapes) > 1 or len(kept.values) != len(kept.numbers) or not kept.columns:
            raise ModelError(f"the numbers of {kept.name!r} do not fit its values and columns")
        if not all(0 <= place < len(config.columns) for place in kept.columns):
            raise ModelError(f"{kept.name!r} is said to lie in columns that the model does not have")
