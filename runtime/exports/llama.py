"""Llama: a folder that stock `LlamaForCausalLM` opens (`LlamaForTokenClassification` for other outputs).

Llama has no position embeddings, and its rotations are switched off by an endless wavelength. So two layers
in front find out the position: the first attends evenly to everything before, of which 1/(i + 1) is the
beginning, and turns that into steps s_j = (i >= j); the second adds the position embedding's differences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.exports import huggingface
from runtime.exports.circuits import CIRCUIT, NOTE, circuit_json
from runtime.exports.lifting import ROUNDING
from runtime.exports.mirror import NORM_EPSILON, NORM_WEIGHT, with_constant
from runtime.exports.report import Export
from runtime.exports.spacing import Half, Sublayer, padded_layer, power_of_four, shift, spaced
from runtime.exports.vocabulary import texts
from runtime.model import Model
from runtime.weights import Array, Layer, Weights

LANGUAGE_MODEL, CLASSIFIER = "LlamaForCausalLM", "LlamaForTokenClassification"
ENDLESS = 1e30


def build(model: Model) -> Export:
    """The folder's files; ExportError if the model is not causal or not in float32."""
    huggingface.require_causal(model, "llama")
    language = huggingface.speaks_its_own_vocabulary(model)
    architecture = LANGUAGE_MODEL if language else CLASSIFIER
    weights = model.weights
    if language:
        unembedding, bias = huggingface.token_logits(model, texts(model.config.vocab))
        weights = with_constant(replace(weights, unembedding=unembedding, unembedding_bias=bias))
    weights = without_positions(weights)
    sizes = Sizes(weights)
    files = huggingface.folder_files(
        model, config(model, sizes, architecture), tensors(weights, sizes, language), padding_side="left"
    )
    files[CIRCUIT] = circuit_json(model.config.columns, weights)
    note = (
        "The model finds out positions by attending to the beginning token: it must stand in front of every "
        "input, once."
    )
    describe = huggingface.usage_of_language_model if language else huggingface.usage_of_classifier
    task = "text-generation" if language else "token-classification"
    return Export(files, architecture, describe(model, architecture), (note, NOTE), {"pipeline_tag": task})


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The exported folder's logits, with transformers."""
    language = huggingface.speaks_its_own_vocabulary(model)
    return huggingface.run(folder, model, inputs, LANGUAGE_MODEL if language else CLASSIFIER)


def without_positions(weights: Weights) -> Weights:
    """The same model in spaced form, with its positions computed; `position_embedding` is then all zero."""
    differences = np.diff(weights.position_embedding, axis=0)
    moving = np.flatnonzero(differences.any(axis=1)) + 1
    d = weights.token_embedding.shape[1]
    still = replace(
        weights,
        token_embedding=weights.token_embedding + weights.position_embedding[0],
        position_embedding=np.zeros_like(weights.position_embedding),
    )
    if not len(moving):
        return spaced(still).weights
    wide = widen(still, 2 + len(moving))
    wide.token_embedding[0, d] = 1  # is the beginning
    width = wide.token_embedding.shape[1]
    before = (*find_position(d, moving, width), add_positions(d, differences[moving - 1], width))
    result = spaced(wide, before).weights
    result.token_embedding[:, d + 2 :] = ROUNDING  # for the steps, until their shift
    return result


def widen(weights: Weights, more: int) -> Weights:
    """The model with further residual columns that nothing uses yet."""

    def pad(array: Array, axis: int) -> Array:
        widths = [(0, 0)] * array.ndim
        widths[axis] = (0, more)
        return np.pad(array, widths)

    axes = {"w_q": 1, "w_k": 1, "w_v": 1, "w_o": 2, "b_o": 0, "w_in": 0, "w_out": 1, "b_out": 0}
    return replace(
        weights,
        token_embedding=pad(weights.token_embedding, 1),
        position_embedding=pad(weights.position_embedding, 1),
        layers=tuple(
            replace(layer, **{name: pad(getattr(layer, name), axis) for name, axis in axes.items()})
            for layer in weights.layers
        ),
        unembedding=pad(weights.unembedding, 0),
    )


def find_position(d: int, moving: NDArray[np.integer], width: int) -> tuple[Sublayer, ...]:
    """Column d + 1 becomes t = 1/(i + 1); columns from d + 2 on become the steps s_j = (i >= j), exactly.

    With u = 2j(j+1)(m - t), m half-way between 1/j and 1/(j+1), s_j is relu(u) - relu(u - 1); its rounding
    noise, below 1/2 by far, is rounded away by the C that the columns carry until the shift.
    """
    none, from_beginning = np.zeros((1, width, 1), np.float32), np.zeros((1, width, 1), np.float32)
    to_share, no_bias = np.zeros((1, 1, width), np.float32), np.zeros((1, 1), np.float32)
    from_beginning[0, d, 0] = to_share[0, 0, d + 1] = 1
    attention: Half = {
        **dict.fromkeys(("w_q", "w_k"), none),
        **dict.fromkeys(("b_q", "b_k", "b_v"), no_bias),
        "w_v": from_beginning,
        "w_o": to_share,
        "b_o": np.zeros(width, np.float32),
    }
    steep = 2.0 * moving * (moving + 1)
    middle = (1 / moving + 1 / (moving + 1)) / 2
    count = len(moving)
    w_in, w_out = np.zeros((width, 2 * count), np.float32), np.zeros((2 * count, width), np.float32)
    w_in[d + 1] = -np.tile(steep, 2)
    w_out[:count, d + 2 :] = np.eye(count)
    w_out[count:, d + 2 :] = -np.eye(count)
    b_in = np.concatenate([steep * middle, steep * middle - 1]).astype(np.float32)
    mlp = {"w_in": w_in, "b_in": b_in, "w_out": w_out, "b_out": np.zeros(width, np.float32)}
    off = np.zeros(width, np.float32)
    off[d + 2 :] = -ROUNDING
    return Sublayer("attention", attention), Sublayer("mlp", mlp), shift(off)


def add_positions(d: int, differences: Array, width: int) -> Sublayer:
    """Add the position embedding's differences for every step that is taken."""
    count = len(differences)
    w_in, w_out = np.zeros((width, count), np.float32), np.zeros((count, width), np.float32)
    w_in[d + 2 :] = np.eye(count)
    w_out[:, :d] = differences
    b_in, b_out = np.zeros(count, np.float32), np.zeros(width, np.float32)
    return Sublayer("mlp", {"w_in": w_in, "b_in": b_in, "w_out": w_out, "b_out": b_out})


class Sizes:
    """Sizes that every layer is padded to; the head size is a power of four, so that its root is exact."""

    def __init__(self, weights: Weights) -> None:
        used = [layer for layer in weights.layers if layer.w_q.shape[0]]
        self.layers = len(weights.layers)
        self.heads = max([1, *(layer.w_q.shape[0] for layer in used)])
        largest = max([1, *(layer.w_q.shape[2] for layer in used)])
        self.head_size = power_of_four(max(4, largest))  # rotations need an even one
        self.neurons = max([1, *(layer.w_in.shape[1] for layer in weights.layers)])
        d = weights.token_embedding.shape[1]
        self.width = -(-d // self.heads) * self.heads


def tensors(weights: Weights, sizes: Sizes, language: bool) -> dict[str, Array]:
    """Every tensor by its name in transformers; all matrices are [out, in]."""
    weights = widen(weights, sizes.width - weights.token_embedding.shape[1])
    norm = np.full(sizes.width, NORM_WEIGHT, np.float32)
    pad = np.zeros((1, sizes.width), np.float32)
    named = {
        "model.embed_tokens.weight": np.concatenate([weights.token_embedding, pad]),
        "model.norm.weight": norm,
        ("lm_head" if language else "score") + ".weight": weights.unembedding.T,
    }
    if not language:
        named["score.bias"] = weights.unembedding_bias
    for number, layer in enumerate(weights.layers):
        name = f"model.layers.{number}"
        parts = layer_tensors(padded_layer(layer, sizes.heads, sizes.head_size, sizes.neurons), sizes)
        named |= {f"{name}.{part}": tensor for part, tensor in parts.items()}
        named |= {f"{name}.{part}.weight": norm for part in ("input_layernorm", "post_attention_layernorm")}
    return named


def layer_tensors(layer: Layer, sizes: Sizes) -> dict[str, Array]:
    """One padded layer's linear maps."""
    root = np.float32(sizes.head_size**0.5)
    columns = {
        "q": (layer.w_q * root, layer.b_q * root),
        "k": (layer.w_k, layer.b_k),
        "v": (layer.w_v, layer.b_v),
    }
    named: dict[str, Array] = {}
    for part, (weight, bias) in columns.items():
        named[f"self_attn.{part}_proj.weight"] = weight.transpose(0, 2, 1).reshape(-1, sizes.width)
        named[f"self_attn.{part}_proj.bias"] = bias.reshape(-1)
    return named | {
        "self_attn.o_proj.weight": layer.w_o.reshape(-1, sizes.width).T,
        "self_attn.o_proj.bias": layer.b_o,
        "mlp.gate_proj.weight": layer.w_in.T,
        "mlp.gate_proj.bias": layer.b_in,
        "mlp.up_proj.weight": np.zeros_like(layer.w_in.T),
        "mlp.up_proj.bias": np.ones_like(layer.b_in),
        "mlp.down_proj.weight": layer.w_out.T,
        "mlp.down_proj.bias": layer.b_out,
    }


def config(model: Model, sizes: Sizes, architecture: str) -> dict[str, Any]:
    """config.json without what all Hugging Face exports share."""
    endless = {"rope_type": "linear", "factor": ENDLESS}
    labels = {} if architecture == LANGUAGE_MODEL else huggingface.label_config(model)
    return {
        "architectures": [architecture],
        "model_type": "llama",
        "hidden_size": sizes.width,
        "intermediate_size": sizes.neurons,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.heads,
        "head_dim": sizes.head_size,
        "hidden_act": "relu",
        "max_position_embeddings": 1 + model.config.max_length,
        "rms_norm_eps": NORM_EPSILON,
        "attention_bias": True,
        "mlp_bias": True,
        "attention_dropout": 0.0,
        "classifier_dropout": 0.0,
        "rope_parameters": {**endless, "rope_theta": 10000.0},
        "rope_scaling": endless,
        "rope_theta": 10000.0,
        "tie_word_embeddings": False,
        "use_cache": True,
        "eos_token_id": None,
        **labels,
    }
