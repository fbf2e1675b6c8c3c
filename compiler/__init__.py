"""RASP programs compiled to transformer weights, and the comparison of one with the other."""

from compiler.pipeline import STAGES, compile, emit
from compiler.rechecking.proof import recheck
from compiler.rechecking.report import Recheck
from compiler.verification.comparison import Progress, verify
from compiler.verification.report import Mismatch, Report

__all__ = ["STAGES", "Mismatch", "Progress", "Recheck", "Report", "compile", "emit", "recheck", "verify"]
