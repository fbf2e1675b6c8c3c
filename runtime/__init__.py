"""The transformer at work: its weights, forward pass, generation, saving, tracing and exports.

Each name is loaded when it is first asked for: what a model is (`runtime.weights`) needs no JAX.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runtime.exports import ExportError, ExportReport, export
    from runtime.inspection.trace import Trace
    from runtime.model import Model, load
    from runtime.saving.certificate import Certificate
    from runtime.weights import Column, Config, LabelOutput, Layer, NumberOutput, Size, Weights

_HOMES = {
    "runtime.exports": ("ExportError", "ExportReport", "export"),
    "runtime.inspection.trace": ("Trace",),
    "runtime.model": ("Model", "load"),
    "runtime.saving.certificate": ("Certificate",),
    "runtime.weights": ("Column", "Config", "LabelOutput", "Layer", "NumberOutput", "Size", "Weights"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'runtime' has no attribute {name!r}")


__all__ = [
    "Certificate",
    "Column",
    "Config",
    "ExportError",
    "ExportReport",
    "LabelOutput",
    "Layer",
    "Model",
    "NumberOutput",
    "Size",
    "Trace",
    "Weights",
    "export",
    "load",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
