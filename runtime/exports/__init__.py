"""Models for other people's tools: `export` writes a folder that a target's own package opens."""

from __future__ import annotations

from runtime.exports.report import Comparison, Export, ExportError, ExportReport
from runtime.exports.targets import TARGETS, compare, export

__all__ = ["TARGETS", "Comparison", "Export", "ExportError", "ExportReport", "compare", "export"]
