"""TransformerLens: the GPT-2 folder for `TransformerBridge`, and a state dict for `HookedTransformer`.

Both name residual columns in columns.json. The state dict's residual is ours, except that a column which is
to be rounded carries C until the block after has taken it off; GPT-2's holds each column twice (see there).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from rasp.records import to_data
from runtime.exports import circuits, gpt2, huggingface
from runtime.exports.circuits import CIRCUIT, circuit_json
from runtime.exports.lifting import lift
from runtime.exports.report import Export
from runtime.exports.spacing import Spaced, padded_layer, power_of_four, spaced
from runtime.exports.vocabulary import dumps
from runtime.model import Model
from runtime.transformer import tokens
from runtime.weights import Array

HOOKED, HOOKED_CONFIG, COLUMNS = "hooked_transformer.safetensors", "hooked_config.json", "columns.json"
HOOKED_CIRCUIT = "hooked_circuit.json"


def build(model: Model) -> Export:
    """The folder's files; ExportError if the model is not in float32."""
    huggingface.require_float32(model, "transformer-lens")
    form = spaced(model.weights)
    files = {
        HOOKED: huggingface.contiguous(state_dict(form)),
        HOOKED_CONFIG: dumps(config(model, form)),
        COLUMNS: dumps(columns(model, form)),
    }
    hooked_circuit = circuit_json(model.config.columns, form.weights)
    if not (model.config.causal and huggingface.speaks_its_own_vocabulary(model)):
        files[CIRCUIT] = hooked_circuit
        return Export(files, "HookedTransformer", usage(model), (NEWER, NOTE, circuits.NOTE))
    files |= {**gpt2.build(model).files, HOOKED_CIRCUIT: hooked_circuit}
    older = f"The state dict:\n\n```python\n{usage(model)}\n```"
    notes = (older, NEWER, NOTE, circuits.NOTE, f"`{HOOKED_CIRCUIT}` is that of the state dict.")
    return Export(files, "HookedTransformer and TransformerBridge", usage_of_bridge(model), notes)


def run(folder: Path, model: Model, inputs: Sequence[Sequence[Any]]) -> list[Array]:
    """The logits of the state dict in TransformerLens."""
    opened, torch = open_state_dict(folder), huggingface.need("torch", "lens")
    results = []
    with torch.no_grad():
        for one in inputs:
            ids = torch.tensor([[tokens.BOS, *model.encode(one)]])
            results.append(opened(ids, return_type="logits")[0, 1:].numpy())
    return results


def open_state_dict(folder: Path) -> Any:
    """The state dict as a model of the installed TransformerLens; ExportError if there is none."""
    lens, torch = huggingface.need("transformer_lens", "lens"), huggingface.need("torch", "lens")
    old = int(version("transformer_lens").split(".")[0]) < 4
    return open_hooked(lens, torch, folder) if old else open_native(torch, folder)


def open_hooked(lens: Any, torch: Any, folder: Path) -> Any:
    """A `HookedTransformer` (TransformerLens up to 3) of the folder's state dict."""
    given = json.loads((folder / HOOKED_CONFIG).read_text())
    hooked = lens.HookedTransformer(lens.HookedTransformerConfig(**given, device="cpu"), move_to_device=False)
    arrays = safetensors.numpy.load_file(folder / HOOKED)
    hooked.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, strict=False)
    return hooked.eval()


def open_native(torch: Any, folder: Path) -> Any:
    """A native `TransformerBridge` (TransformerLens from 4 on) of the folder's state dict.

    It always divides scores by sqrt(d_head), which the queries must undo.
    """
    bridges = huggingface.need("transformer_lens.model_bridge", "lens")
    configs = huggingface.need("transformer_lens.config", "lens")
    given = json.loads((folder / HOOKED_CONFIG).read_text())
    del given["use_attn_scale"]
    bridge = bridges.TransformerBridge.boot_native(
        configs.TransformerBridgeConfig(**given, init_weights=False)
    )
    arrays = native_arrays(safetensors.numpy.load_file(folder / HOOKED), given["d_head"] ** 0.5)
    with torch.no_grad():
        for name, tensor in bridge.state_dict().items():
            tensor.copy_(torch.from_numpy(arrays[name]))
    return bridge.eval()


def native_arrays(arrays: Mapping[str, Array], root: float) -> dict[str, Array]:
    """`HookedTransformer`'s arrays under the names and in the shapes of a native bridge."""
    d = arrays["embed.W_E"].shape[1]
    named = {
        "embed.weight": arrays["embed.W_E"],
        "pos_embed.weight": arrays["pos_embed.W_pos"],
        "unembed.weight": arrays["unembed.W_U"].T,
        "unembed.bias": arrays["unembed.b_U"],
    }
    for number in range(sum(name.endswith("attn.W_Q") for name in arrays)):
        block = f"blocks.{number}"
        for part, factor in (("Q", root), ("K", 1), ("V", 1)):
            weight = arrays[f"{block}.attn.W_{part}"].transpose(0, 2, 1).reshape(-1, d)
            named[f"{block}.attn.{part.lower()}.weight"] = weight * np.float32(factor)
            named[f"{block}.attn.{part.lower()}.bias"] = arrays[f"{block}.attn.b_{part}"].reshape(
                -1
            ) * np.float32(factor)
        named[f"{block}.attn.o.weight"] = arrays[f"{block}.attn.W_O"].reshape(-1, d).T
        named[f"{block}.attn.o.bias"] = arrays[f"{block}.attn.b_O"]
        for part in ("in", "out"):
            named[f"{block}.mlp.{part}.weight"] = arrays[f"{block}.mlp.W_{part}"].T
            named[f"{block}.mlp.{part}.bias"] = arrays[f"{block}.mlp.b_{part}"]
    return {name: np.ascontiguousarray(array) for name, array in named.items()}


def state_dict(form: Spaced) -> dict[str, Array]:
    """Every array by its name in `HookedTransformer`: our own shapes, heads padded to equal sizes."""
    weights, sizes = form.weights, Padding(form)
    arrays = {
        "embed.W_E": weights.token_embedding,
        "pos_embed.W_pos": weights.position_embedding,
        "unembed.W_U": weights.unembedding,
        "unembed.b_U": weights.unembedding_bias,
    }
    names = {"W_Q": "w_q", "b_Q": "b_q", "W_K": "w_k", "b_K": "b_k", "W_V": "w_v", "b_V": "b_v"}
    names |= {"W_O": "w_o", "b_O": "b_o"}
    for number, layer in enumerate(weights.layers):
        padded = padded_layer(layer, sizes.heads, sizes.head_size, sizes.neurons)
        arrays |= {f"blocks.{number}.attn.{name}": getattr(padded, field) for name, field in names.items()}
        for name in ("W_in", "b_in", "W_out", "b_out"):
            arrays[f"blocks.{number}.mlp.{name}"] = getattr(padded, name.lower())
    return arrays


class Padding:
    """Sizes that every layer is padded to; native bridges divide by the root of the head size."""

    def __init__(self, form: Spaced) -> None:
        layers = form.weights.layers
        self.heads = max([1, *(layer.w_q.shape[0] for layer in layers)])
        largest = max([1, *(layer.w_q.shape[2] for layer in layers if layer.w_q.shape[0])])
        self.head_size = power_of_four(largest)
        self.neurons = max([1, *(layer.w_in.shape[1] for layer in layers)])


def config(model: Model, form: Spaced) -> dict[str, Any]:
    """The arguments of `HookedTransformerConfig`."""
    sizes = Padding(form)
    ids, d = form.weights.token_embedding.shape
    return {
        "n_layers": len(form.weights.layers),
        "d_model": d,
        "n_ctx": 1 + model.config.max_length,
        "d_head": sizes.head_size,
        "n_heads": sizes.heads,
        "d_mlp": sizes.neurons,
        "d_vocab": ids,
        "d_vocab_out": form.weights.unembedding.shape[1],
        "act_fn": "relu",
        "normalization_type": None,
        "attention_dir": "causal" if model.config.causal else "bidirectional",
        "use_attn_scale": False,
    }


def columns(model: Model, form: Spaced) -> dict[str, Any]:
    """What each residual column means, where it is, and which block holds each sublayer of the program."""
    lifted = lift(model.weights, integers=False)
    everything = lift(model.weights, integers=True)
    named = [
        {
            **to_data(column),
            "index": index,
            "gpt2_indices": [2 * index, 2 * index + 1],
            "carries": float(lifted.carried[index]),
            "gpt2_carries": float(everything.carried[index]),
        }
        for index, column in enumerate(model.config.columns)
    ]
    places = [
        None if place is None else {"block": place // 2, "mlp": bool(place % 2)} for place in form.places
    ]
    return {"columns": named, "sublayers": places}


def usage(model: Model) -> str:
    """A few lines that run the state dict, which TransformerLens opens up to version 3."""
    return (
        "import json, safetensors.torch, torch, transformer_lens  # TransformerLens up to version 3\n"
        f'model = transformer_lens.HookedTransformer(json.load(open("{HOOKED_CONFIG}")))\n'
        f'model.load_state_dict(safetensors.torch.load_file("{HOOKED}"), strict=False)\n'
        f"logits, cache = model.run_with_cache({given(model)})\n"
        "print(logits[0, 1:])  # one number for each answer"
    )


def usage_of_bridge(model: Model) -> str:
    """A few lines that run the GPT-2 folder, in versions 3.9 and newer."""
    return (
        "import torch\n"
        "from transformer_lens.model_bridge import TransformerBridge  # TransformerLens 3.9 and newer\n"
        'model = TransformerBridge.boot_transformers(".")\n'
        f"logits, cache = model.run_with_cache({given(model)})\n"
        "print(logits[0, 1:].argmax(-1))  # ids again"
    )


def given(model: Model) -> str:
    """A short input; 0 is the beginning."""
    return f"torch.tensor([{huggingface.example_ids(model)}])"


NEWER = """From version 4 on, TransformerLens opens state dicts no more, but rasp-compiler does with it:
`runtime.exports.transformer_lens.open_state_dict(folder)` gives a bridge."""

NOTE = """`columns.json` names the residual columns. Column `index` of `blocks.i.hook_resid_*` in the state
dict's form, plus `rest` where it has one, times `scale`, is the value named, from the sublayer `written` on
(0: embedding, 2l-1: attention and 2l: MLP of the program's layer l; `sublayers` says which block holds each).
A column with `carries` holds that much more until it has been written and a further sublayer has taken it
off. In the GPT-2 form the column is `gpt2_indices[0]`, its negative `gpt2_indices[1]`, and `gpt2_carries` is
always on top of it."""
