"""RASP programs compiled to transformer weights, and the comparison of one with the other."""

from compiler.pipeline import STAGES, compile, emit
from compiler.recheck_report import Recheck
from compiler.rechecking import recheck
from compiler.report import Mismatch, Report
from compiler.verification import Progress, verify

__all__ = ["STAGES", "Mismatch", "Progress", "Recheck", "Report", "compile", "emit", "recheck", "verify"]
