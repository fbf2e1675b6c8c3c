"""The passes, top to bottom: from an s-op to a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from compiler.assemble import assemble
from compiler.domains import Domains
from compiler.graph import Graph, Term
from compiler.lower import lower
from compiler.ops import Lowered
from compiler.parts import separate
from compiler.simplify import build
from rasp.sops import Atom, SOp
from runtime.weights import Config, Weights


@dataclass(frozen=True, eq=False)
class Compiled:
    """Every stage of one compilation."""

    graph: Graph
    root: Term
    domains: Domains
    lowered: Lowered
    config: Config
    weights: Weights


def run(
    sop: SOp,
    vocab: Sequence[Atom],
    max_length: int,
    causal: bool = False,
    optimize: bool = True,
    dtype: Literal["float32", "float64"] = "float32",
) -> Compiled:
    """All passes."""
    graph = Graph(causal)
    root = build(graph, sop, optimize)
    domains = Domains(root, vocab, max_length, causal)
    root = separate(graph, root, domains)
    domains = Domains(root, vocab, max_length, causal)
    lowered = lower(root, domains)
    config, weights = assemble(lowered, vocab, max_length, causal, dtype)
    return Compiled(graph, root, domains, lowered, config, weights)
