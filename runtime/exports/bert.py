"""BERT: a folder that stock `BertForTokenClassification` opens, for models that look both ways."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runtime.exports import huggingface
from runtime.exports.mirror import NORM_EPSILON, Mirrored, mirror
from runtime.exports.report import Export, ExportError
from runtime.model import Model
from runtime.weights import Array, LabelOutput

ARCHITECTURE = "BertForTokenClassification"


def build(model: Model) -> Export:
    """The folder's files; ExportError if the model is causal or not in float32."""
    huggingface.require_float32(model, "bert")
    if model.config.causal:
        raise ExportError(
            "bert looks at all positions, but this model is causal",
            hint="export to gpt2, llama or onnx instead",
        )
    mirrored = mirror(model.weights)
    files = huggingface.folder_files(model, config(model, mirrored), tensors(mirrored), padding_side="right")
    return Export(files, ARCHITECTURE, usage(model), front_matter={"pipeline_tag": "token-classification"})


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The exported folder's logits, with transformers."""
    return huggingface.run(folder, model, inputs, ARCHITECTURE)


def tensors(mirrored: Mirrored) -> dict[str, Array]:
    """Every tensor by its name in transformers; all matrices are [out, in].

    BERT's norms stand after each sublayer, on the residual itself. So C comes off there, and goes on again
    with the next sublayer's bias, except for columns that the next sublayer rounds: these keep it.
    """
    width = mirrored.sizes.width
    named: dict[str, Array] = {
        "bert.embeddings.word_embeddings.weight": np.concatenate(
            [mirrored.tokens, np.zeros((1, width), np.float32)]
        )
        + mirrored.carried,
        "bert.embeddings.position_embeddings.weight": mirrored.positions,
        "bert.embeddings.token_type_embeddings.weight": np.zeros((2, width), np.float32),
        **norm(mirrored, 0, "bert.embeddings.LayerNorm"),
        "classifier.weight": mirrored.unembedding.T,
        "classifier.bias": mirrored.bias,
    }
    for number, layer in enumerate(mirrored.layers):
        name = f"bert.encoder.layer.{number}"
        attention, neurons = 2 * number + 1, 2 * number + 2
        for part, weight, bias in zip(("query", "key", "value"), layer.w_qkv, layer.b_qkv, strict=True):
            named |= linear(f"{name}.attention.self.{part}", weight, bias)
        added = layer.b_o + carried_again(mirrored, attention)
        named |= linear(f"{name}.attention.output.dense", layer.w_o, added)
        named |= norm(mirrored, attention, f"{name}.attention.output.LayerNorm")
        named |= linear(f"{name}.intermediate.dense", layer.w_in, layer.b_in)
        named |= linear(f"{name}.output.dense", layer.w_out, layer.b_out + carried_again(mirrored, neurons))
        named |= norm(mirrored, neurons, f"{name}.output.LayerNorm")
    return named


def carried_again(mirrored: Mirrored, sublayer: int) -> Array:
    """C for the columns that the norm before this sublayer took it from."""
    return np.where(mirrored.rounded_by == sublayer, 0, mirrored.carried)


def norm(mirrored: Mirrored, sublayer: int, name: str) -> dict[str, Array]:
    """The layer norm after a sublayer (0: the embeddings): takes C off, but not where it is needed next."""
    bias = np.where(mirrored.rounded_by == sublayer + 1, 0, -mirrored.carried)
    return {f"{name}.weight": mirrored.norm_weight, f"{name}.bias": bias}


def linear(name: str, weight: Array, bias: Array) -> dict[str, Array]:
    """A linear layer from its [in, out] matrix."""
    return {f"{name}.weight": weight.T, f"{name}.bias": bias}


def config(model: Model, mirrored: Mirrored) -> dict[str, Any]:
    """config.json without what all Hugging Face exports share."""
    dropouts = ("hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout")
    return {
        "architectures": [ARCHITECTURE],
        "model_type": "bert",
        "hidden_size": mirrored.sizes.width,
        "num_hidden_layers": len(mirrored.layers),
        "num_attention_heads": mirrored.sizes.heads,
        "intermediate_size": mirrored.sizes.neurons,
        "hidden_act": "relu",
        "layer_norm_eps": NORM_EPSILON,
        "max_position_embeddings": 1 + model.config.max_length,
        "type_vocab_size": 2,
        **dict.fromkeys(dropouts, 0.0),
        **huggingface.label_config(model),
    }


def usage(model: Model) -> str:
    """Three lines that use the folder."""
    text = huggingface.example(model)
    if text is None or not isinstance(model.config.output, LabelOutput):
        return huggingface.usage_of_classifier(model, ARCHITECTURE)
    return (
        "from transformers import pipeline\n"
        'classify = pipeline("token-classification", model=".", ignore_labels=[])\n'
        f"print([answer['entity'] for answer in classify({text!r})])"
    )
