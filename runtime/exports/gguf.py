"""GGUF for llama.cpp: the GPT-2 form under llama.cpp's names.

Its GPT-2 graph has GELU where we need ReLU: for large K, gelu(K x) / K is relu(x) to within 0.3 / K.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from runtime import tokens
from runtime.exports import gpt2, huggingface
from runtime.exports.mirror import NORM_EPSILON, Mirrored
from runtime.exports.report import Export, ExportError
from runtime.exports.vocabulary import texts
from runtime.session import Model
from runtime.weights import Array

GAIN = np.float32(2.0**20)
FILE = "model.gguf"
NAMES = {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}


def build(model: Model) -> Export:
    """The file; ExportError without the package gguf, or if the model is no causal language model."""
    huggingface.require_causal(model, "gguf")
    if not huggingface.speaks_its_own_vocabulary(model):
        raise ExportError(
            "gguf holds language models, but this model's outputs are not tokens of its vocabulary",
            hint="export to gpt2 or onnx instead",
        )
    package = huggingface.need("gguf", "gguf")
    mirrored = gpt2.mirrored_model(model)
    return Export({FILE: written(package, model, mirrored)}, "llama.cpp gpt2", USAGE, (NOTE,))


def written(package: Any, model: Model, mirrored: Mirrored) -> bytes:
    """The file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        writer = package.GGUFWriter(str(path), "gpt2")
        writer.add_context_length(1 + model.config.max_length)
        writer.add_embedding_length(mirrored.sizes.width)
        writer.add_feed_forward_length(mirrored.sizes.neurons)
        writer.add_block_count(len(mirrored.layers))
        writer.add_head_count(mirrored.sizes.heads)
        writer.add_layer_norm_eps(NORM_EPSILON)
        writer.add_file_type(0)  # all float32
        writer.add_vocab_size(texts(model.config.vocab).count)
        writer.add_tokenizer_model("none")
        for name, tensor in tensors(model, mirrored).items():
            writer.add_tensor(name, np.ascontiguousarray(tensor, np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def tensors(model: Model, mirrored: Mirrored) -> dict[str, Array]:
    """The GPT-2 tensors under llama.cpp's names, matrices as [out, in], the MLP with its gain."""
    named: dict[str, Array] = {}
    for name, tensor in gpt2.tensors(model, mirrored).items():
        if name.endswith(("mlp.c_fc.weight", "mlp.c_fc.bias")):
            tensor = tensor * GAIN
        if name.endswith("mlp.c_proj.weight"):
            tensor = tensor / GAIN
        parts = name.split(".")
        if parts[:2] == ["transformer", "h"]:
            layer, part, kind = parts[2], ".".join(parts[3:-1]), parts[-1]
            named[f"blk.{layer}.{NAMES[part]}.{kind}"] = tensor.T if tensor.ndim == 2 else tensor
        else:
            named[OUTER[name]] = tensor
    return named


OUTER = {
    "transformer.wte.weight": "token_embd.weight",
    "transformer.wpe.weight": "position_embd.weight",
    "transformer.ln_f.weight": "output_norm.weight",
    "transformer.ln_f.bias": "output_norm.bias",
    "lm_head.weight": "output.weight",
}


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The logits of llama.cpp, with keys and values in float32."""
    llama_cpp = huggingface.need("llama_cpp", "gguf")
    llama = llama_cpp.Llama(
        str(folder / FILE),
        n_ctx=1 + model.config.max_length,
        logits_all=True,
        type_k=llama_cpp.GGML_TYPE_F32,
        type_v=llama_cpp.GGML_TYPE_F32,
        flash_attn=False,
        verbose=False,
    )
    ids = huggingface.label_ids(model)
    results = []
    for one in inputs:
        llama.reset()
        llama.eval([tokens.BOS, *model.encode(one)])
        results.append(np.array(llama.scores[1 : 1 + len(one)])[:, ids])
    return results


USAGE = """from llama_cpp import Llama, GGML_TYPE_F32
llama = Llama("model.gguf", logits_all=True, type_k=GGML_TYPE_F32, type_v=GGML_TYPE_F32, flash_attn=False)
llama.eval([0, 1, 2])  # ids: 0 is the beginning, 1 the first token of the vocabulary
print(llama.scores[:3].argmax(-1))"""

NOTE = """Keys and values have to be in float32 and flash attention off, or scores lose the digits that they
need. The file has no text vocabulary: give ids, as listed below."""
