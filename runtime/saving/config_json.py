"""A model's configuration as JSON, exactly: fractions as "1/3", strings and bools and ints as they are."""

from __future__ import annotations

import json
from dataclasses import dataclass

from rasp.errors import ModelError
from rasp.records import damaged, from_data, part, to_data
from runtime.weights import (
    EXACT_NUMBERS,
    FORMAT_VERSION,
    Config,
    LayerShape,
    Weights,
    check_config,
    expected_shapes,
    layer_shape,
    logit_count,
)

FILE = "config.json"


@dataclass(frozen=True)
class Declared:
    """What config.json says: the configuration, and the shape of every array that the weights must hold."""

    config: Config
    shapes: dict[str, tuple[int, ...]]


def dumps(config: Config, weights: Weights) -> str:
    """config.json's text; the same model gives the same bytes."""
    layers = [to_data(LayerShape(*layer_shape(layer))) for layer in weights.layers]
    data = {**to_data(config), "layers": layers}
    return json.dumps(data, sort_keys=True, indent=1, allow_nan=False) + "\n"


def loads(text: str) -> Declared:
    """The configuration in config.json's text; ModelError if it is damaged or describes no model."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(FILE, str(error)) from None
    version = part(data, "format_version", int, FILE)
    if version != FORMAT_VERSION:
        raise ModelError(f"the model has format version {version}, but this program reads {FORMAT_VERSION}")
    config: Config = from_data(Config, data, FILE)
    if not all(abs(number) <= 2**53 for kept in config.kept for row in kept.numbers for number in row):
        raise damaged(FILE, EXACT_NUMBERS)
    check_config(config)
    layers: tuple[LayerShape, ...] = part(data, "layers", tuple[LayerShape, ...], FILE)
    if any(min(shape.heads, shape.d_head, shape.d_mlp) < 0 for shape in layers):
        raise damaged(FILE, "a layer has a negative size")
    return Declared(config, expected_shapes(config, config.width, logit_count(config.output), layers))
