"""The transformer at work: its weights, forward pass, generation, saving, tracing and exports."""

from runtime.exports import ExportError, ExportReport, export
from runtime.inspection.trace import Trace
from runtime.model import Model, load
from runtime.saving.certificate import Certificate
from runtime.weights import Column, Config, LabelOutput, Layer, NumberOutput, Size, Weights

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
