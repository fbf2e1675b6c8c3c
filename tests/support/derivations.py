"""Terms from text, as they stand, and the statements about them."""

from __future__ import annotations

from typing import cast

import rasp
from compiler.certificate.derived import Derived
from compiler.certificate.derived_json import from_data, to_data
from compiler.certificate.deriving import derived_of, spoken_of
from compiler.graph.terms import Graph, Term
from compiler.rechecking.claimed import Claimed
from compiler.rechecking.derivation.equations import Equations
from compiler.rechecking.derivation.known import Known
from compiler.rechecking.derivation.text import Derivation, derived
from compiler.request import Request
from compiler.values.settling import Settled
from rasp.graph.sops import SOp

ASKED = Request(("a", "b", "c"), 4)


def term(graph: Graph, text: str, preamble: str = "") -> Term:
    """An s-op or a selector without any simplification. `preamble`: functions that its text calls."""
    made = cast(SOp, rasp.parse(f"{preamble}made = {text};")["made"])
    if text.isdigit() or text in ("True", "False"):
        return graph.const({"True": True, "False": False}[text] if text[0] in "TF" else int(text))
    return derived(made, {}, graph, Derivation(graph, [{}], lambda one, other: False))[1]


def known(graph: Graph, asked: Request = ASKED) -> Known:
    """What is known of the s-ops of a graph."""
    return Known(nothing_claimed(graph, asked))


def claimed_of(settled: Settled) -> Claimed:
    """What a certificate claims of a program's s-ops."""
    derived = from_data(to_data(derived_of(settled)))
    return Claimed(derived, spoken_of(settled), settled.domains.asked)


def nothing_claimed(graph: Graph, asked: Request = ASKED) -> Claimed:
    """What is known of s-ops of which nothing is claimed."""
    return Claimed(Derived((), 0, ({},), {}), [graph.const(0)], asked)


def hold(row: str, causal: bool = False) -> bool:
    """Whether the statements show `this -> that`."""
    graph = Graph(causal)
    before, after = (term(graph, side) for side in row.split(" -> "))
    asked = Request(ASKED.vocab, ASKED.max_length, causal)
    return Equations(graph, known(graph, asked)).hold(before, after)
