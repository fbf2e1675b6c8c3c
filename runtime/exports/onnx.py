"""ONNX: the forward pass as a graph of plain operators, exactly as our runtime computes it.

`model.onnx` takes input_ids and attention_mask [batch, length] (both of any size, padded on the right) and
gives logits [batch, length, L]. `onnx/model.onnx`, where transformers.js looks, is the same for classifiers;
for language models it also takes and gives keys and values, so that a step costs one token. Where answers are
tokens there is `loop.onnx`, too (see `runtime.exports.onnx_loop`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runtime.exports import huggingface
from runtime.exports.onnx_graph import Graph
from runtime.exports.onnx_layers import embedded, layered, plain_positions
from runtime.exports.onnx_loop import loop_graph
from runtime.exports.report import Export
from runtime.exports.spacing import padded_layer
from runtime.exports.vocabulary import dumps, texts, tokenizer_files
from runtime.model import Model
from runtime.transformer import tokens
from runtime.weights import Array, LabelOutput, Layer


def build(model: Model) -> Export:
    """The folder's files; ExportError without the package onnx, or for more than 2 GB of weights."""
    onnx = huggingface.need("onnx", "onnx")
    language = is_language_model(model)
    plain = forward_graph(onnx, model, cached=False)
    given = texts(model.config.vocab)
    files = {
        "model.onnx": plain,
        "onnx/model.onnx": forward_graph(onnx, model, cached=True) if language else plain,
        "config.json": dumps(config(model)),
        **tokenizer_files(given, model.config.max_length, "left" if language else "right"),
    }
    if model.loop.tokens:
        files["loop.onnx"] = loop_graph(onnx, model)
    if language:
        special = {"bos_token_id": given.bos_id, "pad_token_id": given.pad_id}
        files["generation_config.json"] = dumps({**special, "do_sample": False})
    return Export(files, "ONNX opset 17", usage(model), notes(model))


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The exported graph's logits, with onnxruntime."""
    encoded = [model.encode(one) for one in inputs]
    ids, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    present = np.arange(ids.shape[1])[None] <= lengths[:, None]
    session = open_session(folder / "model.onnx")
    (logits,) = session.run(
        ["logits"], {"input_ids": ids.astype(np.int64), "attention_mask": present.astype(np.int64)}
    )
    if is_language_model(model):
        logits = logits[..., huggingface.label_ids(model)]
    return [row[1 : 1 + length] for row, length in zip(logits, lengths.tolist(), strict=True)]


def open_session(path: Path) -> Any:
    """An onnxruntime session on the CPU."""
    onnxruntime = huggingface.need("onnxruntime", "onnx")
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def is_language_model(model: Model) -> bool:
    """Whether the export can generate: causal, with tokens for outputs."""
    return model.config.causal and huggingface.speaks_its_own_vocabulary(model)


def forward_graph(onnx: Any, model: Model, cached: bool) -> bytes:
    """The serialized graph."""
    graph = Graph(onnx, model.config.dtype)
    ids = graph.input("input_ids", ["batch", "length"])
    mask = graph.input("attention_mask", ["batch", "total" if cached else "length"])
    positions, visible = (cached_positions if cached else plain_positions)(
        graph, ids, mask, model.config.causal
    )
    weights = model.weights
    x = embedded(graph, weights, ids, positions)
    x = layered(graph, x, cache_layers(model) if cached else weights.layers, visible, cached)
    unembedding, bias = weights.unembedding, weights.unembedding_bias
    if is_language_model(model):
        unembedding, bias = huggingface.token_logits(model, texts(model.config.vocab))
    unembedding, bias = unembedding.astype(model.config.dtype), bias.astype(model.config.dtype)
    logits = graph.add(graph.matmul(x, unembedding), graph.constant(bias))
    graph.output("logits", logits, ["batch", "length", len(bias)], first=True)
    return graph.serialized()


def cache_layers(model: Model) -> list[Layer]:
    """Layers padded to equal heads and head sizes, as transformers.js sizes its cache."""
    size = model.size
    return [
        padded_layer(layer, max(1, size.heads), max(1, size.d_head), layer.w_in.shape[1])
        for layer in model.weights.layers
    ]


def cached_positions(graph: Graph, ids: str, mask: str, _causal: bool) -> tuple[str, str]:
    """The same for the last `length` of `total` positions, counting from the first that is not masked."""
    one, zero = graph.constant(np.array(1)), graph.constant(np.array(0))
    length = graph.node("Gather", graph.node("Shape", ids), one)
    total = graph.node("Gather", graph.node("Shape", mask), one)
    counted = graph.node("Sub", graph.node("CumSum", mask, one), one)
    past = graph.node("Sub", total, length)
    ends = [graph.unsqueeze(number, 0) for number in (past, total)]
    recent = graph.node("Slice", counted, *ends, graph.constant(np.array([1])))
    positions = graph.node("Max", recent, zero)
    places = graph.node("Range", zero, total, one)
    queries = graph.node("Slice", places, *ends, graph.constant(np.array([0])))
    earlier = graph.node("LessOrEqual", graph.unsqueeze(places, 0), graph.unsqueeze(queries, 1))
    present = graph.node("Cast", graph.unsqueeze(mask, 1, 2), to=graph.boolean)
    return positions, graph.node("And", present, graph.unsqueeze(earlier, 0, 1))


def config(model: Model) -> dict[str, Any]:
    """What transformers.js wants to know."""
    given, size = texts(model.config.vocab), model.size
    shared = {"bos_token_id": given.bos_id, "pad_token_id": given.pad_id, "vocab_size": given.count}
    if not is_language_model(model):
        return {
            "architectures": ["BertForTokenClassification"],
            "model_type": "bert",
            "max_position_embeddings": 1 + model.config.max_length,
            **shared,
            **huggingface.label_config(model),
        }
    heads, head_size = max(1, size.heads), max(1, size.d_head)
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "n_positions": 1 + model.config.max_length,
        "n_embd": heads * head_size,
        "n_head": heads,
        "n_layer": size.layers,
        "eos_token_id": None,
        **shared,
    }


def usage(model: Model) -> str:
    """A few lines that print the answers to an input."""
    output = model.config.output
    if is_language_model(model):
        result = "logits[0, 1:].argmax(-1)"  # ids again
    elif isinstance(output, LabelOutput):
        names = 'json.loads(pathlib.Path("config.json").read_text())["id2label"]'
        result = f"[{names}[str(number)] for number in logits[0, 1:].argmax(-1)]"
    else:
        result = f"logits[0, 1:, 0] * {float(output.scale)}"
    return (
        f"import {'json, pathlib, ' if 'json' in result else ''}numpy, onnxruntime\n"
        f"ids = numpy.array([{huggingface.example_ids(model)}])  # 0 is the beginning, 1 the first token\n"
        'inputs = {"input_ids": ids, "attention_mask": ids * 0 + 1}\n'
        'logits = onnxruntime.InferenceSession("model.onnx").run(["logits"], inputs)[0]\n'
        f"print({result})"
    )


def notes(model: Model) -> tuple[str, ...]:
    """On the two graphs."""
    kind = "text-generation" if is_language_model(model) else "token-classification"
    return (
        f"`onnx/model.onnx` is for transformers.js: `pipeline('{kind}', folder, {{dtype: 'fp32'}})` with "
        "`env.allowRemoteModels = false`.",
    )
