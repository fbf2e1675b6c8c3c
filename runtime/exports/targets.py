"""The way from a model to an exported, and if asked compared, folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from random import Random

import numpy as np

from rasp.graph.atoms import shown
from rasp.inputs import random_inputs
from rasp.paths import as_path
from runtime.exports.card import model_card
from runtime.exports.report import Comparison, Export, ExportError, ExportReport
from runtime.model import Model
from runtime.saving.config_json import dumps as config_dumps
from runtime.saving.folders import replace_folder
from runtime.saving.storage import EXPORTED
from runtime.transformer import tokens
from runtime.weights import Array, Atom


@dataclass(frozen=True)
class Target:
    """A module of this package that builds the export and runs it, and the package that opens it.

    The package is called as it is installed, which need not be how it is imported.
    """

    module: str
    package: str

    def build(self, model: Model) -> Export:
        """The export's files; ExportError if the target cannot hold the model."""
        builder: Callable[[Model], Export] = importlib.import_module(self.module).build
        return builder(model)

    def run(self, folder: Path, model: Model, inputs: Sequence[Sequence[Atom]]) -> list[Array]:
        """The logits [n, L] that the target's package computes; ExportError if it is not installed."""
        runner: Callable[..., list[Array]] = importlib.import_module(self.module).run
        return runner(folder, model, inputs)


TARGETS = {
    "gpt2": Target("runtime.exports.gpt2", "transformers"),
    "bert": Target("runtime.exports.bert", "transformers"),
    "llama": Target("runtime.exports.llama", "transformers"),
    "onnx": Target("runtime.exports.onnx", "onnxruntime"),
    "transformer-lens": Target("runtime.exports.transformer_lens", "transformer-lens"),
    "safetensors": Target("runtime.exports.arrays", "safetensors"),
    "gguf": Target("runtime.exports.gguf", "llama-cpp-python"),
}
"""Every target by its name."""

CHECKED_INPUTS = 100
WRITTEN = frozenset(
    {"README.md", "certificate.json", "circuit.json", "columns.json", "config.json", "generation_config.json"}
    | {"hooked_circuit.json", "hooked_config.json"}
    | {"hooked_transformer.safetensors", "loop.onnx", "model.gguf", "model.onnx", "model.safetensors", "onnx"}
    | {"program.rasp", EXPORTED, "tokenizer.json", "tokenizer_config.json"}
)
"""What exports write at the top of their folder, and a later export may replace."""


def export(model: Model, target: str, folder: str | Path, check: bool = False) -> ExportReport:
    """Write `model` as `target` (see `TARGETS`) to `folder`, which is replaced if it holds such an export.

    With `check` the folder is then opened with the target's own package and compared with the model on
    random inputs. Raises ExportError if the target cannot hold the model or its package is missing, and
    ModelError if the folder cannot be written.
    """
    if not isinstance(target, str) or target not in TARGETS:
        raise ExportError(f"there is no export to {target!r}; there are {', '.join(TARGETS)}")
    if not isinstance(model, Model):
        raise ExportError(f"what is exported is a compiled model, not {shown(model)}")
    path = as_path(folder)
    model = model.apart
    built = TARGETS[target].build(model)
    title = path.resolve().name
    files = {
        **built.files,
        "README.md": model_card(model, built, title).encode("utf-8", "replace"),
        "program.rasp": model.program.encode("utf-8", "surrogatepass"),
        EXPORTED: config_dumps(model.config, model.weights).encode(),
    }
    if model.certificate.claims:
        files["certificate.json"] = model.certificate.to_json().encode()
    replace_folder(path, files, EXPORTED, WRITTEN)
    comparison = compare(model, target, path) if check else None
    return ExportReport(target, path, built.architecture, tuple(sorted(files)), comparison)


def compare(
    model: Model, target: str, folder: Path, count: int = CHECKED_INPUTS, seed: int = 0
) -> Comparison:
    """Run an exported folder and the model on the same random inputs; ExportError without the package."""
    inputs = random_inputs(Random(seed), model.config.vocab, model.config.max_length, count)
    ours = model.batch_logits(inputs)
    theirs = TARGETS[target].run(folder, model, inputs)
    equal, difference = 0, 0.0
    for one, other in zip(ours, theirs, strict=True):
        finite = bool(np.isfinite(other).all())
        difference = max(difference, float(np.abs(one - other).max()) if finite else float("inf"))
        output = model.config.output
        equal += finite and tokens.decode(output, one) == tokens.decode(output, other)
    package = TARGETS[target].package
    return Comparison(f"{package} {version(package)}", len(inputs), equal, difference)
