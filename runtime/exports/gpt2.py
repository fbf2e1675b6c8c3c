"""GPT-2: a folder that stock `GPT2LMHeadModel` opens, or `GPT2ForTokenClassification` for other outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from runtime.exports import huggingface
from runtime.exports.circuits import CIRCUIT, NOTE, mirrored_json
from runtime.exports.mirror import NORM_EPSILON, Mirrored, mirror, with_constant
from runtime.exports.report import Export
from runtime.exports.vocabulary import texts
from runtime.model import Model
from runtime.weights import Array

LANGUAGE_MODEL, CLASSIFIER = "GPT2LMHeadModel", "GPT2ForTokenClassification"


def build(model: Model) -> Export:
    """The folder's files; ExportError if the model is not causal or not in float32."""
    huggingface.require_causal(model, "gpt2")
    architecture = LANGUAGE_MODEL if huggingface.speaks_its_own_vocabulary(model) else CLASSIFIER
    mirrored = mirrored_model(model)
    files = huggingface.folder_files(
        model, config(model, mirrored, architecture), tensors(model, mirrored), padding_side="left"
    )
    files[CIRCUIT] = mirrored_json(model.config.columns, mirrored)
    language = architecture == LANGUAGE_MODEL
    describe = huggingface.usage_of_language_model if language else huggingface.usage_of_classifier
    task = "text-generation" if language else "token-classification"
    return Export(files, architecture, describe(model, architecture), (NOTE,), {"pipeline_tag": task})


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The exported folder's logits, with transformers."""
    language = huggingface.speaks_its_own_vocabulary(model)
    return huggingface.run(folder, model, inputs, LANGUAGE_MODEL if language else CLASSIFIER)


def mirrored_model(model: Model) -> Mirrored:
    """The mirrored form; a language model's logits are over all token ids, and their bias is a column."""
    if not huggingface.speaks_its_own_vocabulary(model):
        return mirror(model.weights)
    unembedding, bias = huggingface.token_logits(model, texts(model.config.vocab))
    weights = replace(model.weights, unembedding=unembedding, unembedding_bias=bias)
    return mirror(with_constant(weights))


def tensors(model: Model, mirrored: Mirrored) -> dict[str, Array]:
    """Every tensor by its name in transformers; `Conv1D` weights are [in, out], linear ones [out, in]."""
    pad = np.zeros((1, mirrored.sizes.width), np.float32)
    norm = {"weight": mirrored.norm_weight, "bias": -mirrored.carried}
    named: dict[str, Array] = {
        "transformer.wte.weight": np.concatenate([mirrored.tokens, pad]) + mirrored.carried,
        "transformer.wpe.weight": mirrored.positions,
    }
    for number, layer in enumerate(mirrored.layers):
        parts: Mapping[str, Array] = {
            "attn.c_attn.weight": np.concatenate(layer.w_qkv, axis=1),
            "attn.c_attn.bias": np.concatenate(layer.b_qkv),
            "attn.c_proj.weight": layer.w_o,
            "attn.c_proj.bias": layer.b_o,
            "mlp.c_fc.weight": layer.w_in,
            "mlp.c_fc.bias": layer.b_in,
            "mlp.c_proj.weight": layer.w_out,
            "mlp.c_proj.bias": layer.b_out,
            **{f"{name}.{kind}": norm[kind] for name in ("ln_1", "ln_2") for kind in norm},
        }
        named |= {f"transformer.h.{number}.{name}": tensor for name, tensor in parts.items()}
    named |= {f"transformer.ln_f.{kind}": tensor for kind, tensor in norm.items()}
    if huggingface.speaks_its_own_vocabulary(model):
        return {**named, "lm_head.weight": mirrored.unembedding.T}
    return {**named, "classifier.weight": mirrored.unembedding.T, "classifier.bias": mirrored.bias}


def config(model: Model, mirrored: Mirrored, architecture: str) -> dict[str, Any]:
    """config.json without what all Hugging Face exports share."""
    labels = {} if architecture == LANGUAGE_MODEL else huggingface.label_config(model)
    dropouts = dict.fromkeys(("resid_pdrop", "embd_pdrop", "attn_pdrop", "classifier_dropout"), 0.0)
    return {
        "architectures": [architecture],
        "model_type": "gpt2",
        "n_positions": 1 + model.config.max_length,
        "n_embd": mirrored.sizes.width,
        "n_layer": len(mirrored.layers),
        "n_head": mirrored.sizes.heads,
        "n_inner": mirrored.sizes.neurons,
        "activation_function": "relu",
        "layer_norm_epsilon": NORM_EPSILON,
        "scale_attn_weights": True,
        "scale_attn_by_inverse_layer_idx": False,
        "tie_word_embeddings": False,
        "use_cache": True,
        "eos_token_id": None,
        **dropouts,
        **labels,
    }
