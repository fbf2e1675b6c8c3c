"""What terms mean: an elementwise function on plain values."""

from __future__ import annotations

from collections.abc import Sequence

from rasp.errors import EvaluationError
from rasp.graph.interpreter import apply
from rasp.graph.sops import Elementwise
from rasp.words import Atom


def call(function: Elementwise, point: Sequence[Atom]) -> Atom | None:
    """The elementwise function at one combination of values; None where the interpreter raises."""
    try:
        value: Atom = apply(function, tuple(point))
    except EvaluationError:
        return None
    return value
