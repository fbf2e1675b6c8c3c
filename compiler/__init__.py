"""RASP programs compiled to transformer weights, and the comparison of one with the other.

Each name is loaded when it is first asked for: the passes need no JAX.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from compiler.generation.generator import ByMeaning, by_meaning
    from compiler.lab.compressing import Compression, Squeezed, compress
    from compiler.pipeline import STAGES, compile, emit
    from compiler.rechecking.proof import recheck
    from compiler.rechecking.report import Recheck
    from compiler.underway import Underway
    from compiler.verification.comparison import Progress, verify
    from compiler.verification.report import Mismatch, Report

_HOMES = {
    "compiler.generation.generator": ("ByMeaning", "by_meaning"),
    "compiler.lab.compressing": ("Compression", "Squeezed", "compress"),
    "compiler.pipeline": ("STAGES", "compile", "emit"),
    "compiler.rechecking.proof": ("recheck",),
    "compiler.rechecking.report": ("Recheck",),
    "compiler.underway": ("Underway",),
    "compiler.verification.comparison": ("Progress", "verify"),
    "compiler.verification.report": ("Mismatch", "Report"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'compiler' has no attribute {name!r}")


__all__ = [
    "STAGES",
    "ByMeaning",
    "Compression",
    "Mismatch",
    "Progress",
    "Recheck",
    "Report",
    "Squeezed",
    "Underway",
    "by_meaning",
    "compile",
    "compress",
    "emit",
    "recheck",
    "verify",
]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
