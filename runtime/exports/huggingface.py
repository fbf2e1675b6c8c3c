"""What the GPT-2, BERT and Llama exports share: refusals, files, and running a folder with transformers."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from runtime.exports.report import ExportError
from runtime.exports.vocabulary import Texts, dumps, texts, tokenizer_files, unique_texts
from runtime.model import Model
from runtime.transformer import tokens
from runtime.weights import Array, LabelOutput

NEVER = -(2.0**100)
"""The logit of what must never be predicted."""


def need(package: str, extra: str) -> Any:
    """Import a package that only an extra installs; ExportError says which."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise ExportError(
            f"this needs the package {package}, which is not installed",
            hint=f"pip install 'rasp-compiler[{extra}]'",
        ) from None


def require_float32(model: Model, target: str) -> None:
    """Refuse models in double precision."""
    if model.config.dtype != "float32":
        raise ExportError(
            f"{target} holds float32 weights, but this model is {model.config.dtype}",
            hint="export to onnx or safetensors instead",
        )


def require_causal(model: Model, target: str) -> None:
    """Refuse models that look at later positions."""
    require_float32(model, target)
    if not model.config.causal:
        raise ExportError(
            f"{target} is a causal architecture, but this model also looks at later positions",
            hint="export to bert or onnx instead, or compile with causal=True",
        )


def speaks_its_own_vocabulary(model: Model) -> bool:
    """Whether every output is a token, so that a language model can hold it."""
    output = model.config.output
    return isinstance(output, LabelOutput) and all(
        model.token_id(label) is not None for label in output.labels
    )


def token_logits(model: Model, given: Texts) -> tuple[Array, Array]:
    """The unembedding [d, ids] and its bias [ids] over all token ids; what is no output never wins."""
    unembedding = np.zeros((model.size.d_model, given.count), np.float32)
    bias = np.full(given.count, NEVER, np.float32)
    ids = label_ids(model)
    unembedding[:, ids] = model.weights.unembedding
    bias[ids] = model.weights.unembedding_bias
    return unembedding, bias


def label_ids(model: Model) -> list[int]:
    """The token id of each output label."""
    assert isinstance(model.config.output, LabelOutput)
    return [number for label in model.config.output.labels if (number := model.token_id(label)) is not None]


def label_config(model: Model) -> dict[str, Any]:
    """The config entries that name the labels of a classifier; a single number needs none."""
    output = model.config.output
    if not isinstance(output, LabelOutput):
        return {"num_labels": 1, "problem_type": "regression"}
    names = unique_texts(output.labels)
    return {
        "num_labels": len(names),
        "id2label": {str(number): name for number, name in enumerate(names)},
        "label2id": {name: number for number, name in enumerate(names)},
    }


def example(model: Model) -> str | None:
    """A short input as text, if there is a tokenizer for it."""
    given = texts(model.config.vocab)
    return given.join(model.config.vocab[: min(3, model.config.max_length)]) if given.style else None


def example_ids(model: Model) -> list[int]:
    """The ids of a short input, with the beginning."""
    return [0, *range(1, 1 + min(3, len(model.config.vocab), model.config.max_length))]


def usage_by_class(model: Model, architecture: str, result: str) -> str:
    """A few lines that open a folder with its class; `result` is what to print of `model` and `logits`."""
    text = example(model)
    given = (
        f'AutoTokenizer.from_pretrained(".")({text!r}, return_tensors="pt").input_ids'
        if text is not None
        else f"torch.tensor([{example_ids(model)}])"
    )
    imports = "AutoTokenizer, " if text is not None else ""
    return (
        ("" if text is not None else "import torch  # ids: 0 is the beginning, 1 the first token\n")
        + f"from transformers import {imports}{architecture}\n"
        + f'model = {architecture}.from_pretrained(".")\n'
        + f"logits = model({given}).logits\n"
        + f"print({result})"
    )


def usage_of_classifier(model: Model, architecture: str) -> str:
    """A few lines that print the answers of a classifier, without the beginning's."""
    output = model.config.output
    labels = "[model.config.id2label[int(number)] for number in logits[0, 1:].argmax(-1)]"
    numbers = "" if isinstance(output, LabelOutput) else f"logits[0, 1:, 0] * {float(output.scale)}"
    return usage_by_class(model, architecture, numbers or labels)


def usage_of_language_model(model: Model, architecture: str) -> str:
    """Three lines that generate."""
    text = example(model)
    if text is None:
        return usage_by_class(model, architecture, "logits[0, -1].argmax()")
    steps = max(1, min(4, model.config.max_length - 3))
    return (
        "from transformers import pipeline\n"
        'generate = pipeline("text-generation", model=".")\n'
        f"print(generate({text!r}, max_new_tokens={steps}, do_sample=False))"
    )


def contiguous(tensors: Mapping[str, Array]) -> bytes:
    """A safetensors file; its writer stores wrong values for arrays that are not contiguous."""
    arrays = {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in tensors.items()}
    return bytes(safetensors.numpy.save(arrays, metadata={"format": "pt"}))


def folder_files(
    model: Model, config: dict[str, Any], tensors: Mapping[str, Array], padding_side: str
) -> dict[str, bytes]:
    """The files that `from_pretrained` reads."""
    given = texts(model.config.vocab)
    special = {"bos_token_id": given.bos_id, "pad_token_id": given.pad_id}
    files = {
        "config.json": dumps({**config, **special, "vocab_size": given.count, "dtype": "float32"}),
        "model.safetensors": contiguous(tensors),
        **tokenizer_files(given, model.config.max_length, padding_side),
    }
    if config["architectures"][0].endswith("LMHeadModel") or config["architectures"][0].endswith("CausalLM"):
        files["generation_config.json"] = dumps({**special, "do_sample": False})
    return files


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]], architecture: str) -> list[Array]:
    """The logits of an exported folder on some inputs, padded on the right in one batch, as ours [n, L]."""
    torch, transformers = need("torch", "hf"), need("transformers", "hf")
    opened = getattr(transformers, architecture).from_pretrained(str(folder), dtype=torch.float32)
    opened.eval()
    encoded = [model.encode(one) for one in inputs]
    ids, lengths = tokens.padded(encoded, len(encoded), 1 + max(map(len, encoded)))
    padding = np.arange(ids.shape[1])[None] > lengths[:, None]
    ids[padding] = texts(model.config.vocab).pad_id
    with torch.no_grad():
        result = opened(
            input_ids=torch.from_numpy(ids.astype(np.int64)), attention_mask=torch.from_numpy(~padding).long()
        )
    logits = result.logits.numpy()
    if architecture.endswith(("LMHeadModel", "CausalLM")):
        logits = logits[..., label_ids(model)]
    return [row[1 : 1 + length] for row, length in zip(logits, lengths.tolist(), strict=True)]
