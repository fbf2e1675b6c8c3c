"""Exported folders proved: the arrays of the file are the export of a model that is proved.

Three steps, each of which can fail. A model is read off the file's arrays, by no matter which guess. Exported
again, it gives the very files of the folder, so that it is what the file holds. It is proved from its weights
as any other. What the way through the target's own operators needs besides is said, and it is refused where
the target is known not to have it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compiler.rechecking.proof import recheck
from compiler.rechecking.report import Recheck
from compiler.underway import Told
from rasp.errors import ModelError
from runtime.exports import reading

MIRROR = "layer norms that find a mean of 0 of numbers and their negatives, and a variance lost beside 2^80"
TARGETS = {
    "gpt2": f"float32 and {MIRROR}",
    "bert": f"float32 and {MIRROR}",
    "gguf": f"keys and values in float32, no flash attention, GELU(2^20 x) near 2^20 relu(x), {MIRROR}",
    "onnx": "a bias that is not moved into a product",
    "safetensors": "the order of operations in its README",
    "transformer-lens": "scores and sums in float32",
    "llama": (
        "norms whose variance is lost beside 2^80, rotations by less than 2^-60, no flash attention, and"
        " shares of 1/(i + 1) that err by at most 16 roundings, to find out positions"
    ),
}
"""What each target's own operators have to keep to."""

DIVIDES_FIRST = frozenset({"gpt2", "bert", "gguf", "llama", "transformer-lens"})
"""Targets whose attention divides before it adds up."""


def recheck_export(folder: Path, progress: Told | None = None) -> Recheck:
    """Prove from the arrays of an exported folder that they answer as its program, or say which assumption is
    not met. `progress` is called at each step, with an `Underway`.
    """
    try:
        found = reading.read(folder)
    except ModelError as error:
        return Recheck((), f"export: {error.message}")
    differs = reading.is_the_export(folder, found)
    if differs is not None:
        return Recheck((), f"export: {differs}")
    proved = recheck(found.model, progress=progress)
    if proved.needs is None:
        return proved
    if proved.needs.divides_last and found.target in DIVIDES_FIRST:
        unmet = f"{found.target} divides before it adds up, and several values are read as one"
        return replace(proved, problem=f"export: an assumption is not met: {unmet}", needs=None)
    return replace(proved, besides=TARGETS[found.target])
