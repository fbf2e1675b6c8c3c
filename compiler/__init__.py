"""RASP programs compiled to transformer weights, and the comparison of one with the other."""

from compiler.pipeline import STAGES, compile, emit
from compiler.verification import Mismatch, Report, verify

__all__ = ["STAGES", "Mismatch", "Report", "compile", "emit", "verify"]
