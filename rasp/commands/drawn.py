"""What a drawing is told of the model that is made of the same program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasp.drawing import Compiled
from rasp.errors import CompileError
from rasp.graph.sops import SOp
from rasp.words import Atom

if TYPE_CHECKING:
    from runtime.weights import Config, Weights

QUICK = 100
"""Tokens of a vocabulary over which most programs are compiled in less than a second."""


def compiled(config: Config, weights: Weights) -> Compiled:
    """The heads of a model, and the s-ops that several of them share."""
    shared = dict.fromkeys(column.part_of for column in config.columns if column.part_of)
    return Compiled(
        tuple(len(layer.w_q) for layer in weights.layers),
        tuple(shared),
        len(config.vocab),
        config.max_length,
    )


def quickly_compiled(sop: SOp, vocab: list[Atom], max_length: int, causal: bool) -> Compiled | None:
    """What the model of an s-op has; none without a vocabulary, with one so large that a drawing should not
    wait for the model, and where there is no model.
    """
    if not 0 < len(vocab) <= QUICK:
        return None
    from compiler.pipeline import attempt
    from compiler.request import request

    try:
        made, certificate = attempt(sop, request(vocab, max_length, causal))
    except CompileError:
        return None
    return compiled(made.stored.config, made.stored.weights) if certificate.certified else None
