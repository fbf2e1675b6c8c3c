"""Exported folders read back: a guess at the model whose export they are.

It need not be trusted. Whoever wants to know exports what is found once more: if the same files come out,
bit for bit, then they are the export of that model (`is_the_export`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from rasp.errors import ModelError
from runtime.exports import gguf, huggingface, transformer_lens
from runtime.exports.lifting import ROUNDING
from runtime.exports.report import ExportError
from runtime.exports.targets import TARGETS
from runtime.exports.unspacing import halves, layers_of_lens, layers_of_llama, unspaced, with_positions
from runtime.model import Model
from runtime.saving.certificate import Certificate
from runtime.saving.config_json import loads
from runtime.saving.storage import EXPORTED, read_weights
from runtime.weights import LAYER_ARRAYS, Array, Config, LabelOutput, Layer, Weights

CONFIG, CERTIFICATE, PROGRAM = EXPORTED, "certificate.json", "program.rasp"
BESIDES = frozenset({CONFIG, CERTIFICATE, PROGRAM, "README.md"})
"""What stands beside the target's own files."""

NOT_FOUND = "the files are not what this version exports"

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Exported:
    """A target, and the model that a folder seems to be its export of."""

    target: str
    model: Model


def is_export(folder: Path) -> bool:
    """Whether a folder was written by `export`."""
    return (folder / CONFIG).is_file()


def read(folder: Path) -> Exported:
    """What a folder seems to be the export of; ModelError if it cannot be told."""
    target = target_of(folder)
    if target not in READERS:
        raise ModelError(f"what is exported to {target} cannot be read back")
    try:
        config = loads((folder / CONFIG).read_text("utf-8")).config
        program = (folder / PROGRAM).read_bytes().decode("utf-8", "surrogatepass")
        if not (folder / CERTIFICATE).is_file():
            raise ModelError(f"{folder} holds no certificate: export the model again")
        certificate = Certificate.from_json((folder / CERTIFICATE).read_text("utf-8"))
        weights = trimmed(READERS[target](folder, config))
        return Exported(target, Model(config, weights, certificate, program))
    except (OSError, ValueError, KeyError, IndexError, TypeError, safetensors.SafetensorError) as error:
        raise ModelError(f"{NOT_FOUND}: {error!r}") from None


def is_the_export(folder: Path, found: Exported) -> str | None:
    """None if exporting the model again gives the folder's files and no other (a target may load what lies
    there besides, such as an adapter); else the first that differs. Hidden files and folders are let be.
    """
    try:
        files = TARGETS[found.target].build(found.model).files
    except ExportError as error:
        return error.message
    for name, data in files.items():
        if not ((folder / name).is_file() and (folder / name).read_bytes() == data):
            return f"{name} is not the {found.target} export of a model that is found in it"
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in {*files, *BESIDES} and not path.name.startswith("."):
            return f"{path.name} is no part of the {found.target} export: take it out of the folder"
    return None


def target_of(folder: Path) -> str:
    """The target by the files that there are."""
    for name, target in (
        ("model.gguf", "gguf"),
        ("model.onnx", "onnx"),
        ("hooked_config.json", "transformer-lens"),
    ):
        if (folder / name).is_file():
            return target
    if not (folder / "config.json").is_file():
        return "safetensors"
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8"))["model_type"])
    except (ValueError, KeyError, TypeError):
        raise ModelError("config.json says nothing of a kind of model") from None


def from_safetensors(folder: Path, _config: Config) -> Weights:
    """The arrays are the model's own."""
    return read_weights((folder / "model.safetensors").read_bytes())


def from_gpt2(folder: Path, config: Config) -> Weights:
    """The mirrored form."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    return of_gpt2(safetensors.numpy.load_file(folder / "model.safetensors"), told["n_head"], config)


def of_gpt2(named: Arrays, heads: int, config: Config) -> Weights:
    """The mirrored form by the names that transformers has."""
    d = len(config.columns)
    carried = -written(named["transformer.ln_f.bias"], d)
    layers: list[Layer] = []
    while (name := f"transformer.h.{len(layers)}.") + "attn.c_attn.weight" in named:
        part = {key.removeprefix(name): array for key, array in named.items() if key.startswith(name)}
        weights = np.split(part["attn.c_attn.weight"], 3, axis=1)
        biases = np.split(part["attn.c_attn.bias"], 3)
        layers.append(
            Layer(
                **heads_of(weights, biases, heads, d),
                w_o=split(part["attn.c_proj.weight"], heads, d),
                b_o=written(part["attn.c_proj.bias"], d),
                w_in=of_read(part["mlp.c_fc.weight"], d),
                b_in=part["mlp.c_fc.bias"],
                w_out=written(part["mlp.c_proj.weight"], d),
                b_out=written(part["mlp.c_proj.bias"], d),
            )
        )
    tokens = written(named["transformer.wte.weight"][: 1 + len(config.vocab)], d) - carried
    if "lm_head.weight" in named:
        every = 2 * written(named["lm_head.weight"], d + 1)[label_ids(config)].T
        ends = every[:-1], every[-1]
    else:
        ends = of_read(named["classifier.weight"].T, d), named["classifier.bias"]
    return settled(
        config, carried, Weights(tokens, written(named["transformer.wpe.weight"], d), tuple(layers), *ends)
    )


def from_bert(folder: Path, config: Config) -> Weights:
    """The mirrored form, whose norms stand behind the sublayers: C is on and off in turn."""
    named = safetensors.numpy.load_file(folder / "model.safetensors")
    told = json.loads((folder / "config.json").read_text("utf-8"))
    d, heads, count = len(config.columns), told["num_attention_heads"], told["num_hidden_layers"]
    last = f"bert.encoder.layer.{count - 1}.output" if count else "bert.embeddings"
    carried = -written(named[f"{last}.LayerNorm.bias"], d)
    when = np.array([column.written for column in config.columns])

    def bias(name: str, sublayer: int) -> Array:
        again: Array = np.where((when == sublayer) & (carried != 0), 0, carried)
        return written(named[f"{name}.bias"], d) - again

    layers = []
    for number in range(count):
        name = f"bert.encoder.layer.{number}"
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        weights = [named[f"{part}.weight"].T for part in parts]
        biases = [named[f"{part}.bias"] for part in parts]
        layers.append(
            Layer(
                **heads_of(weights, biases, heads, d),
                w_o=split(named[f"{name}.attention.output.dense.weight"].T, heads, d),
                b_o=bias(f"{name}.attention.output.dense", 2 * number + 1),
                w_in=of_read(named[f"{name}.intermediate.dense.weight"].T, d),
                b_in=named[f"{name}.intermediate.dense.bias"],
                w_out=written(named[f"{name}.output.dense.weight"].T, d),
                b_out=bias(f"{name}.output.dense", 2 * number + 2),
            )
        )
    words = "bert.embeddings.word_embeddings.weight"
    tokens = written(named[words][: 1 + len(config.vocab)], d) - carried
    positions = written(named["bert.embeddings.position_embeddings.weight"], d)
    ends = of_read(named["classifier.weight"].T, d), named["classifier.bias"]
    return settled(config, carried, Weights(tokens, positions, tuple(layers), *ends))


def from_gguf(folder: Path, config: Config) -> Weights:
    """The mirrored form under llama.cpp's names, with a head that guards."""
    package = huggingface.need("gguf", "gguf")
    reader = package.GGUFReader(str(folder / gguf.FILE))
    heads = int(reader.fields["gpt2.attention.head_count"].contents())
    inner = {value: key for key, value in gguf.NAMES.items()}
    outer = {value: key for key, value in gguf.OUTER.items()}
    named: dict[str, Array] = {}
    for tensor in reader.tensors:
        array = np.array(tensor.data, np.float32)
        if tensor.name in outer:
            named[outer[tensor.name]] = array
            continue
        _, layer, part, kind = tensor.name.split(".")
        array = array * gguf.GAIN if (part, kind) == ("ffn_down", "weight") else array
        array = array / gguf.GAIN if part == "ffn_up" else array
        named[f"transformer.h.{layer}.{inner[part]}.{kind}"] = array.T if array.ndim == 2 else array
    weights = of_gpt2(named, heads, config)
    first = weights.layers[0]
    guard = int(np.flatnonzero((first.b_k == gguf.GUARD).any(axis=1))[-1])
    few = ("w_q", "b_q", "w_k", "b_k", "w_v", "b_v", "w_o")
    without = replace(first, **{name: np.delete(getattr(first, name), guard, 0) for name in few})
    return replace(weights, layers=(without, *weights.layers[1:]))


def from_onnx(folder: Path, config: Config) -> Weights:
    """The constants of the graph, in the order of the operators that read them."""
    onnx = huggingface.need("onnx", "onnx")
    broken = huggingface.need("google.protobuf.message", "onnx").DecodeError
    try:
        graph = onnx.load(str(folder / "model.onnx")).graph
    except broken as error:
        raise ValueError(f"model.onnx: {error}") from None
    constants = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
    tables = [constants[n.input[0]] for n in graph.node if n.op_type == "Gather" and n.input[0] in constants]
    shapes = [constants[n.input[1]] for n in graph.node if n.op_type == "Reshape"]
    sizes = [(int(s[2]), int(s[3])) for s in shapes if len(s) == 4][::3]
    read = [
        (node.op_type, constants[node.input[1]])
        for node in graph.node
        if node.op_type in ("MatMul", "Add", "Sum") and node.input[1] in constants
    ]
    d = len(config.columns)
    layers: list[dict[str, Array]] = []
    while len(read) > 2:
        if [kind for kind, _ in read[:8]] == ["MatMul", "Add"] * 3 + ["MatMul", "Sum"]:
            heads, size = sizes[len([each for each in layers if "w_q" in each])]
            layers.append(_attention([array for _, array in read[:8]], heads, size, d))
            read = read[8:]
        else:
            if not layers or "w_in" in layers[-1]:
                layers.append({})
            names = ("w_in", "b_in", "w_out", "b_out")
            layers[-1] |= {name: array for name, (_, array) in zip(names, read[:4], strict=True)}
            read = read[4:]
    (_, unembedding), (_, bias) = read
    if config.causal and (ids := label_ids(config, known=False)):
        unembedding, bias = unembedding[:, ids], bias[ids]
    dtype = np.dtype(config.dtype)
    found = tuple(
        Layer(**{name: each.get(name, _none(name, d, dtype)) for name in LAYER_ARRAYS}) for each in layers
    )
    return Weights(tables[0][:-1], tables[1], found, unembedding, bias)


def from_lens(folder: Path, config: Config) -> Weights:
    """The spaced form by TransformerLens' names, or the GPT-2 folder beside it, which has the same model."""
    if (folder / "model.safetensors").is_file():
        return from_gpt2(folder, config)
    named = safetensors.numpy.load_file(folder / transformer_lens.HOOKED)
    starts, ends = (
        (named["embed.W_E"], named["pos_embed.W_pos"]),
        (named["unembed.W_U"], named["unembed.b_U"]),
    )
    told = json.loads((folder / transformer_lens.COLUMNS).read_text("utf-8"))
    found = halves(list(layers_of_lens(named)))
    return unspaced(config, Weights(*starts, (), *ends), found, least=len(told["sublayers"]) // 2)


def from_llama(folder: Path, config: Config) -> Weights:
    """The spaced form by Llama's names, behind layers that find out the position."""
    told = json.loads((folder / "config.json").read_text("utf-8"))
    named = safetensors.numpy.load_file(folder / "model.safetensors")
    d, length = len(config.columns), config.max_length
    found = halves(list(layers_of_llama(named, told["num_attention_heads"])))
    tokens = named["model.embed_tokens.weight"][: 1 + len(config.vocab)]
    positions = np.zeros((1 + length, d), np.float32)
    if "lm_head.weight" in named:
        every = named["lm_head.weight"][label_ids(config)].T
        ends, inner = (every[:d], every[d]), d + 1  # a column that is always 1 stands for the bias
    else:
        ends, inner = (named["score.weight"].T[:d], named["score.bias"]), d
    if tokens.shape[1] > inner and tokens[0, inner] == 1:  # marks the beginning, for positions
        tokens, positions = with_positions(tokens, found[:3], inner, length)
        found = found[3:]
    starts = tokens[:, :d], positions[:, :d]
    return unspaced(config, Weights(*starts, (), *ends), found)


def _attention(arrays: Sequence[Array], heads: int, size: int, d: int) -> dict[str, Array]:
    named: dict[str, Array] = {"w_o": arrays[6].reshape(heads, size, d), "b_o": arrays[7]}
    for name, weight, bias in zip("qkv", arrays[:6:2], arrays[1:6:2], strict=True):
        named[f"w_{name}"] = weight.reshape(d, heads, size).transpose(1, 0, 2)
        named[f"b_{name}"] = bias.reshape(heads, size)
    return named


def _none(name: str, d: int, dtype: np.dtype[Any]) -> Array:
    """An array of a sublayer that there is not."""
    shapes = {"w_o": (0, 0, d), "b_o": (d,), "w_in": (d, 0), "b_in": (0,), "w_out": (0, d), "b_out": (d,)}
    return np.zeros(shapes.get(name, (0, d, 0) if name.startswith("w") else (0, 0)), dtype)


READERS: dict[str, Callable[[Path, Config], Weights]] = {
    "gpt2": from_gpt2,
    "bert": from_bert,
    "gguf": from_gguf,
    "onnx": from_onnx,
    "safetensors": from_safetensors,
    "llama": from_llama,
    "transformer-lens": from_lens,
}
"""By target."""


def written(wide: Array, d: int) -> Array:
    """What is written to a mirrored residual: every other dimension."""
    return wide[..., 0 : 2 * d : 2]


def of_read(wide: Array, d: int) -> Array:
    """What reads a mirrored residual [D, k]: half of each number and half of its negative."""
    return wide[0 : 2 * d : 2] * np.float32(2)


def heads_of(weights: Sequence[Array], biases: Sequence[Array], heads: int, d: int) -> dict[str, Array]:
    """w_q, b_q, w_k, ... of matrices that read the mirrored residual, heads side by side."""
    found: dict[str, Array] = {}
    for name, weight, bias in zip("qkv", weights, biases, strict=True):
        size = weight.shape[1] // heads
        root = np.float32(size**0.5 if name == "q" else 1)
        found[f"w_{name}"] = of_read(weight, d).reshape(d, heads, size).transpose(1, 0, 2) / root
        found[f"b_{name}"] = bias.reshape(heads, size) / root
    return found


def split(wide: Array, heads: int, d: int) -> Array:
    """w_o of a matrix [heads * size, D] that writes the mirrored residual."""
    return written(wide, d).reshape(heads, -1, d)


def label_ids(config: Config, known: bool = True) -> list[int]:
    """The id of every label; none if there are labels that are no tokens (`known`: there are not)."""
    labels = config.output.labels if isinstance(config.output, LabelOutput) else ()
    ids = {(type(token), token): number for number, token in enumerate(config.vocab, start=1)}
    if not known and not all((type(label), label) in ids for label in labels):
        return []
    return [ids[type(label), label] for label in labels]


def settled(config: Config, carried: Array, weights: Weights) -> Weights:
    """Rounding back where our runtime has it: a column that is written begins at -C and gets C later."""
    when = np.array([column.written for column in config.columns])
    rounded = (carried != 0) & (when > 0)
    layers = tuple(
        replace(
            layer,
            b_o=layer.b_o + np.where(rounded & (when == 2 * number - 1), np.float32(ROUNDING), np.float32(0)),
            b_out=layer.b_out + np.where(rounded & (when == 2 * number), np.float32(ROUNDING), np.float32(0)),
        )
        for number, layer in enumerate(weights.layers, start=1)
    )
    start = np.where(rounded, np.float32(-ROUNDING), weights.token_embedding)
    return replace(weights, token_embedding=start, layers=layers)


def trimmed(weights: Weights) -> Weights:
    """Without the zeros that heads, their sizes and neurons were filled up with."""
    return Weights(
        np.ascontiguousarray(weights.token_embedding),
        np.ascontiguousarray(weights.position_embedding),
        tuple(map(_trimmed, weights.layers)),
        np.ascontiguousarray(weights.unembedding),
        np.ascontiguousarray(weights.unembedding_bias),
    )


def _trimmed(layer: Layer) -> Layer:
    in_head = {"w_q": 2, "b_q": 1, "w_k": 2, "b_k": 1, "w_v": 2, "b_v": 1, "w_o": 1}
    used = [np.moveaxis(getattr(layer, name), axis, -1) != 0 for name, axis in in_head.items()]
    heads = max(
        [0, *(1 + int(np.flatnonzero(u.any(axis=tuple(range(1, u.ndim))))[-1]) for u in used if u.any())]
    )
    size = max(
        [0, *(1 + int(np.flatnonzero(u.any(axis=tuple(range(u.ndim - 1))))[-1]) for u in used if u.any())]
    )
    awake = layer.w_in.any(axis=0) | (layer.b_in != 0) | layer.w_out.any(axis=1)
    neurons = 1 + int(np.flatnonzero(awake)[-1]) if awake.any() else 0
    few = {
        name: np.ascontiguousarray(np.take(getattr(layer, name)[:heads], range(size), axis=axis))
        for name, axis in in_head.items()
    }
    return replace(
        layer, **few, w_in=layer.w_in[:, :neurons], b_in=layer.b_in[:neurons], w_out=layer.w_out[:neurons]
    )
