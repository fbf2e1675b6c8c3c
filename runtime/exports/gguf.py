"""GGUF for llama.cpp: the GPT-2 form under llama.cpp's names.

Its GPT-2 graph has GELU where we need ReLU: for large K, gelu(K x) / K is relu(x) to within 0.3 / K.
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from runtime.exports import gpt2, huggingface
from runtime.exports.mirror import NORM_EPSILON, Mirrored
from runtime.exports.report import Export, ExportError
from runtime.exports.vocabulary import Texts, texts
from runtime.model import Model
from runtime.transformer import tokens
from runtime.weights import Array, LabelOutput, Weights

GAIN = np.float32(2.0**20)
GUARD = np.float32(2.0**20)
"""A number that float16 does not reach."""
FILE = "model.gguf"
BLANK = "\u2581"
"""What stands for a blank in a SentencePiece vocabulary."""

NAMES = {
    "ln_1": "attn_norm",
    "attn.c_attn": "attn_qkv",
    "attn.c_proj": "attn_output",
    "ln_2": "ffn_norm",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}


def build(model: Model) -> Export:
    """The file; ExportError without the package gguf, or if llama.cpp cannot run the model: it has to be a
    causal language model with layers."""
    huggingface.require_causal(model, "gguf")
    if not huggingface.speaks_its_own_vocabulary(model):
        raise ExportError(
            "gguf holds language models, but this model's outputs are not tokens of its vocabulary"
            + stranger(model),
            hint="export to gpt2 or onnx instead",
        )
    package = huggingface.need("gguf", "gguf")
    mirrored = gpt2.mirrored_model(replace(model, weights=guarded(model.weights)))
    notes = (SETTINGS,) if has_text(texts(model.config.vocab)) else (SETTINGS, NO_TEXT)
    return Export({FILE: written(package, model, mirrored)}, "llama.cpp gpt2", usage(model), notes)


def stranger(model: Model) -> str:
    """The first output that is no token, in words for a refusal."""
    output = model.config.output
    labels = output.labels if isinstance(output, LabelOutput) else ()
    return next((f" ({label!r} is none)" for label in labels if model.token_id(label) is None), "")


def guarded(weights: Weights) -> Weights:
    """The same model with one more head in its first layer, whose keys and values are `GUARD`; its queries
    are 0, and nothing reads what it gives.

    llama.cpp keeps keys and values in float16 unless told otherwise, which would give wrong answers. There
    `GUARD` is infinite, 0 times it is no number, and so every answer visibly fails. Heads of size 1 it cannot
    run.
    """
    if not weights.layers:
        raise ExportError("llama.cpp runs no model without layers", hint="export to gpt2 or onnx instead")
    first, *rest = weights.layers
    heads, _, size = first.w_q.shape
    wider = max(2, size)

    def with_head(matrix: Array) -> Array:
        """One more head, and both `wider` numbers in each: [H, ..., h] -> [H + 1, ..., wider]."""
        pad = [(0, 1), *[(0, 0)] * (matrix.ndim - 2), (0, wider - size)]
        return np.pad(matrix, pad)

    b_k, b_v = with_head(first.b_k), with_head(first.b_v)
    b_k[heads, 0] = b_v[heads, 0] = GUARD
    changed = replace(
        first,
        w_q=with_head(first.w_q),
        b_q=with_head(first.b_q),
        w_k=with_head(first.w_k),
        b_k=b_k,
        w_v=with_head(first.w_v),
        b_v=b_v,
        w_o=with_head(first.w_o.swapaxes(1, 2)).swapaxes(1, 2),
    )
    return replace(weights, layers=(changed, *rest))


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
        add_tokenizer(package, writer, texts(model.config.vocab))
        for name, tensor in tensors(model, mirrored).items():
            writer.add_tensor(name, np.ascontiguousarray(tensor, np.float32))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def add_tokenizer(package: Any, writer: Any, given: Texts) -> None:
    """The vocabulary: as text where every token is one character, else as bare ids.

    It is written as a SentencePiece one without pieces of several characters, so that none can be merged and
    text with an unknown character is an error there. Without an end of its own, its ids would be taken for
    their defaults: the padding, which is never an answer, is the end.
    """
    writer.add_vocab_size(given.count)
    if not has_text(given):
        writer.add_tokenizer_model("none")
        return
    normal, control = package.TokenType.NORMAL, package.TokenType.CONTROL
    words = [word.replace(" ", BLANK) for word in given.words]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([given.bos, *words, given.pad])
    writer.add_token_scores([0.0] * given.count)
    writer.add_token_types([control, *[normal] * len(words), control])
    writer.add_bos_token_id(given.bos_id)
    writer.add_eos_token_id(given.pad_id)
    writer.add_unk_token_id(given.pad_id)
    writer.add_pad_token_id(given.pad_id)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)


def has_text(given: Texts) -> bool:
    """Whether the file has a text vocabulary: its strings end at a NUL, and show a blank as `BLANK`."""
    return given.style == "characters" and "\0" not in given.words and BLANK not in given.words


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
    """The logits of llama.cpp, with keys and values in float32; ExportError without its Python package."""
    try:
        llama_cpp: Any = importlib.import_module("llama_cpp")
    except ImportError:
        raise ExportError(
            f"{FILE} is written, but to check it needs llama.cpp, which is not installed",
            hint="pip install llama-cpp-python (which compiles it, for ten minutes or more)",
        ) from None
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


def usage(model: Model) -> str:
    """A few lines that generate, or without a text vocabulary give the answers to some ids."""
    given, longest = texts(model.config.vocab), model.config.max_length
    if not has_text(given):
        return IDS_USAGE.format(context=1 + longest, ids=huggingface.example_ids(model))
    prompt = given.join(model.config.vocab[: min(3, longest)])
    return TEXT_USAGE.format(context=1 + longest, prompt=prompt, steps=max(1, min(4, longest - 3)))


IDS_USAGE = """from llama_cpp import Llama, GGML_TYPE_F32
exact = dict(type_k=GGML_TYPE_F32, type_v=GGML_TYPE_F32, flash_attn=False, verbose=False)
llama = Llama("model.gguf", n_ctx={context}, logits_all=True, **exact)
llama.eval({ids})  # ids: 0 is the beginning, 1 the first token of the vocabulary
print(llama.scores[: llama.n_tokens].argmax(-1))"""

TEXT_USAGE = """from llama_cpp import Llama, GGML_TYPE_F32
exact = dict(type_k=GGML_TYPE_F32, type_v=GGML_TYPE_F32, flash_attn=False, verbose=False)
llama = Llama("model.gguf", n_ctx={context}, **exact)
print(llama({prompt!r}, max_tokens={steps}, temperature=0, repeat_penalty=1)["choices"][0]["text"])"""

SETTINGS = """Keys and values have to be kept in float32, and flash attention has to be off, which is not what
llama.cpp does unasked: `-ctk f32 -ctv f32 -fa off` for `llama-completion -no-cnv --temp 0` and for
`llama-server`. In float16 every logit comes out as NaN, on purpose, since some would be wrong: tools that
cannot set this cannot run the model. Text with a character that is no token, or longer than the model takes,
ends llama.cpp with an error."""

NO_TEXT = """The file has no text vocabulary, as its tokens are not all single characters: give ids, as listed
below."""
